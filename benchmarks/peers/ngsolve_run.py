"""NGSolve: quadratic hexahedra, curved by a deformation of the mesh, or tetrahedra; sparse Cholesky.

    python ngsolve_run.py PROBLEM.npz ANSWER.npz

Needs NGSolve (``pip install ngsolve``). Its quadratic space on a hexahedron is that of the 27 nodes, in another basis.
"""

from __future__ import annotations

from typing import NamedTuple

import netgen.meshing
import ngsolve as ng
import numpy as np
from exchange import EDGES, Problem, Run, read

HEXAHEDRON = np.array(
    [(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0), (0, 0, 2), (2, 0, 2), (2, 2, 2), (0, 2, 2)]
)  # corners in NGSolve's order, on our grid
TETRAHEDRON = np.array([(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)])


class Nodes(NamedTuple):
    """How NGSolve's coefficients of a scalar field and our values at the nodes belong together.

    Parameters
    ----------
    numbers
        Coefficients of each element, (m, k).
    cells
        Nodes of each element, (m, k).
    shape
        Functions at the nodes, (k, k): node, function.
    """

    numbers: np.ndarray
    cells: np.ndarray
    shape: np.ndarray

    def coefficients(self, values: np.ndarray) -> np.ndarray:
        """Return the coefficients of the field that has these values at the nodes."""
        c = np.empty(self.numbers.max() + 1)
        c[self.numbers] = values[self.cells] @ np.linalg.inv(self.shape).T
        return c

    def numbers_at(self, chosen: np.ndarray) -> list[int]:
        """Return the coefficients of the functions that have their peak at the chosen nodes, a mask."""
        peaks = self.cells[:, np.abs(self.shape).argmax(axis=0)]
        return np.unique(self.numbers[chosen[peaks]]).tolist()

    def values(self, coefficients: np.ndarray) -> np.ndarray:
        """Return a field's values at the nodes."""
        values = np.empty(self.cells.max() + 1)
        values[self.cells] = coefficients[self.numbers] @ self.shape.T
        return values


def main() -> None:
    """Solve one problem."""
    run = Run(__doc__, methods=("cholesky",))
    with run.phase("read"):
        problem = read(run.problem)
        mesh = straight(problem)
        nodes = nodes_of(mesh, problem)
        space = ng.VectorH1(mesh, order=2)
        curve(mesh, problem, nodes)
    with ng.TaskManager():
        with run.phase("assemble"):
            K, f = assembled(problem, space, nodes)
        with run.phase("solve"):
            u = ng.GridFunction(space)
            solve(K, f, u)
        with run.phase("recover"):
            stresses(problem, mesh, u)
    facts = {
        "program": "NGSolve",
        "versions": {"NGSolve": ng.__version__},
        "threads": "all",
    }
    coefficients = np.asarray(u.vec).reshape(3, -1)
    run.finish(np.column_stack([nodes.values(part) for part in coefficients]), facts)


def straight(problem: Problem) -> ng.Mesh:
    """Return the mesh of the elements' corners, region by region."""
    cells = corners_of(problem)
    used = np.unique(cells)
    mesh = netgen.meshing.Mesh(dim=3)
    mesh.AddPoints(np.ascontiguousarray(problem.points[used]))
    numbers = np.searchsorted(used, cells).astype(np.int32)
    for region in range(len(problem.E)):
        mine = np.ascontiguousarray(numbers[problem.regions == region])
        if len(mine):
            mesh.AddElements(dim=3, index=region + 1, data=mine, base=0)
    return ng.Mesh(mesh)


def by_region(problem: Problem) -> np.ndarray:
    """Return the elements in the order in which they go to NGSolve."""
    return np.argsort(problem.regions, kind="stable")


def corners_of(problem: Problem) -> np.ndarray:
    """Return the corners of each element, in NGSolve's order."""
    return problem.cells[:, HEXAHEDRON @ (1, 3, 9)] if problem.hexahedra else problem.cells[:, :4]


def nodes_of(mesh: ng.Mesh, problem: Problem) -> Nodes:
    """Relate coefficients and nodes."""
    order = by_region(problem)
    space = ng.H1(mesh, order=2)
    elements = [ng.ElementId(ng.VOL, number) for number in range(mesh.ne)]
    numbers = np.array([space.GetDofNrs(element) for element in elements])
    corners = corners_of(problem)[order]
    given = np.searchsorted(np.unique(corners), corners)
    if (numbers[:, : given.shape[1]] != given).any():
        raise RuntimeError("NGSolve has renumbered the corners")
    function = space.GetFE(elements[0])
    if problem.hexahedra:
        places = np.array([(i, j, k) for k in range(3) for j in range(3) for i in range(3)]) / 2
    else:
        places = np.concatenate([TETRAHEDRON, [(TETRAHEDRON[a] + TETRAHEDRON[b]) / 2 for a, b in EDGES]])
    shape = np.array([list(function.CalcShape(*map(float, place))) for place in places])
    return Nodes(numbers, problem.cells[order], shape)


def curve(mesh: ng.Mesh, problem: Problem, nodes: Nodes) -> None:
    """Move the nodes of the straight mesh to their places."""
    if not problem.hexahedra:
        return
    deformation = ng.GridFunction(ng.VectorH1(mesh, order=2))
    parts = [nodes.coefficients(x) for x in problem.points.T]
    for part in parts:
        part[: mesh.nv] = 0.0  # the coefficients of the corners are what the straight mesh has
    deformation.vec.FV().NumPy()[:] = np.concatenate(parts)
    mesh.SetDeformation(deformation)


def assembled(problem: Problem, space: ng.VectorH1, nodes: Nodes) -> tuple[ng.BilinearForm, ng.LinearForm]:
    """Return stiffness and load; the functions inside an element are eliminated."""
    for component in range(3):
        for number in nodes.numbers_at(problem.fixed[:, component]):
            for coupling in (False, True):
                space.FreeDofs(coupling)[component * len(problem.points) + number] = False
    u, v = space.TnT()
    lam, mu, thermal = constants(problem)
    rule = ng.IntegrationRule(ng.HEX, 5) if problem.hexahedra else ng.IntegrationRule(ng.TET, 2)
    dx = ng.dx(intrules={ng.HEX: rule} if problem.hexahedra else {ng.TET: rule})
    K = ng.BilinearForm(space, symmetric=True, condense=True)
    K += (2 * mu * ng.InnerProduct(ng.Sym(ng.Grad(u)), ng.Sym(ng.Grad(v))) + lam * ng.div(u) * ng.div(v)) * dx
    f = ng.LinearForm(thermal * ng.div(v) * dx)
    K.Assemble()
    f.Assemble()
    return K, f


def constants(problem: Problem) -> list[ng.CoefficientFunction]:
    """Return lambda, mu and the thermal stress of the regions that have elements."""
    lam, mu = problem.lame
    return [ng.CoefficientFunction([float(value) for value in values]) for values in (lam, mu, problem.thermal_stress)]


def solve(K: ng.BilinearForm, f: ng.LinearForm, u: ng.GridFunction) -> None:
    """Solve for what is not eliminated, then for the rest."""
    f.vec.data += K.harmonic_extension_trans * f.vec
    u.vec.data = K.mat.Inverse(u.space.FreeDofs(True), inverse="sparsecholesky") * f.vec
    u.vec.data += K.inner_solve * f.vec
    u.vec.data += K.harmonic_extension * u.vec


def stresses(problem: Problem, mesh: ng.Mesh, u: ng.GridFunction) -> np.ndarray:
    """Return the stresses at the quadrature points, (points, 9) [MPa]."""
    lam, mu, thermal = constants(problem)
    stress = 2 * mu * ng.Sym(ng.Grad(u)) + (lam * ng.Trace(ng.Grad(u)) - thermal) * ng.Id(3)
    points = ng.comp.IntegrationRuleSpace(mesh, order=5 if problem.hexahedra else 2)
    values = ng.GridFunction(ng.MatrixValued(points))
    values.Interpolate(stress)
    return np.asarray(values.vec)


if __name__ == "__main__":
    main()
