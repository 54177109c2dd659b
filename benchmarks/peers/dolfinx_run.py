"""DOLFINx with PETSc: the same elements, 27-node hexahedra or 10-node tetrahedra, solved by GAMG or MUMPS.

    mpirun -n 2 python dolfinx_run.py PROBLEM.npz ANSWER.npz [--method gamg|mumps|pmg] [--form plain|projected]
                                      [--options "PETSc's options"]

Needs DOLFINx 0.11 (``pip install dolfinx-solver-real`` under Python 3.12; its mpirun stands beside its python).
"""

from __future__ import annotations

import dolfinx_solver  # noqa: F401  (loads MPI, before all that need it)

# isort: split
import basix
import basix.ufl
import dolfinx
import numpy as np
import ufl
from dolfinx import fem, la, mesh
from dolfinx.fem import petsc
from exchange import EDGES, Problem, Run, peak_memory, processor_seconds, read
from mpi4py import MPI
from petsc4py import PETSc

COMPILER = {"cffi_extra_compile_args": ["-O3", "-march=native"]}
"""How the kernels of the forms are compiled."""

OPTIONS = {
    "gamg": "-ksp_type cg -pc_type gamg",
    "pmg": "-ksp_type cg",
    "mumps": "-ksp_type preonly -pc_type cholesky -pc_factor_mat_solver_type mumps",
}
"""PETSc's options of every method."""


def main() -> None:
    """Solve one problem."""
    run = Run(__doc__, methods=tuple(OPTIONS), forms=("plain", "projected"))
    comm = MPI.COMM_WORLD
    with run.phase("read"):
        problem = read(run.problem)
        space, nodes, regions = distributed(problem, comm)
        held = problem.fixed[nodes]
    with run.phase("assemble"):
        K, load = assembled(problem, space, regions, held, run.form)
    with run.phase("solve"):
        u = fem.Function(space)
        solver = solver_of(run.method, K, space, held, problem.tolerance, run.options)
        solver.solve(load, u.x.petsc_vec)
        u.x.scatter_forward()
    with run.phase("recover"):
        stresses(problem, u, regions)
    residual = load - K * u.x.petsc_vec
    answer = gathered(comm, nodes, u, len(problem.points))
    facts = {
        "program": "DOLFINx",
        "versions": {"DOLFINx": dolfinx.__version__, "PETSc": ".".join(map(str, PETSc.Sys.getVersion()))},
        "processes": comm.size,
        "options": f"{OPTIONS[run.method]} {run.options}".strip(),
        "iterations": solver.getIterationNumber(),
        "residual": residual.norm() / load.norm(),
        "cpu": comm.allreduce(processor_seconds()),
        "memory": comm.allreduce(peak_memory()),
    }
    if comm.rank == 0:
        run.finish(answer, facts)


def distributed(problem: Problem, comm: MPI.Comm) -> tuple[fem.FunctionSpace, np.ndarray, np.ndarray]:
    """Deal the mesh over the processes.

    Returns the space of displacements, the node of each of its local degrees of freedom, and the local cells' regions.
    """
    count = problem.cells.shape[1]
    element = basix.ufl.element("Lagrange", "hexahedron" if count == 27 else "tetrahedron", 2, shape=(3,))
    order = nearest(element.basix_element.points, places(count))
    first = comm.rank == 0
    cells = problem.cells[:, order] if first else np.empty((0, count), dtype=np.int64)
    points = problem.points if first else np.empty((0, 3))
    domain = mesh.create_mesh(comm, cells, ufl.Mesh(element), points)
    space = fem.functionspace(domain, ("Lagrange", 2, (3,)))
    nodes = np.empty(len(space.tabulate_dof_coordinates()), dtype=np.int64)
    nodes[space.dofmap.list] = domain.geometry.input_global_indices[domain.geometry.dofmaps[0]]
    return space, nodes, problem.regions[domain.topology.original_cell_index]


def places(count: int) -> np.ndarray:
    """Return our nodes on basix's reference cell."""
    if count == 27:
        return np.array([(i, j, k) for k in range(3) for j in range(3) for i in range(3)]) / 2
    corners = np.concatenate([np.zeros((1, 3)), np.eye(3)])
    return np.concatenate([corners, [(corners[a] + corners[b]) / 2 for a, b in EDGES]])


def nearest(these: np.ndarray, those: np.ndarray) -> np.ndarray:
    """Return which of those each of these is."""
    return np.abs(these[:, None] - those).sum(axis=2).argmin(axis=1)


def by_region(domain: mesh.Mesh, values: np.ndarray) -> fem.Function:
    """Return a function that is constant in each cell."""
    function = fem.Function(fem.functionspace(domain, ("DG", 0)))
    function.x.array[:] = values
    return function


def strain(u: ufl.core.expr.Expr) -> ufl.core.expr.Expr:
    """Return eps(u)."""
    return ufl.sym(ufl.grad(u))


def assembled(
    problem: Problem, space: fem.FunctionSpace, regions: np.ndarray, held: np.ndarray, form: str
) -> tuple[PETSc.Mat, PETSc.Vec]:
    """Return stiffness and thermal load, held components replaced by the identity.

    a(u, v) = integral of 2 mu eps(u) : eps(v) + lambda div u div v          plain
    a(u, v) = integral of 2 mu dev eps(u) : dev eps(v) + p div v,            projected: discontinuous linear pressure p,
              with div u - p / kappa = 0 tested by q                         eliminated in each element
    """
    u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
    degree = 5 if problem.cells.shape[1] == 27 else 2  # 3 Gauss points a direction, or 4 in the tetrahedron
    dx = ufl.Measure("dx", space.mesh, metadata={"quadrature_degree": degree})
    lam, mu = (by_region(space.mesh, values[regions]) for values in problem.lame)
    stress = by_region(space.mesh, problem.thermal_stress[regions])
    if form == "plain":
        K = matrix((2 * mu * ufl.inner(strain(u), strain(v)) + lam * ufl.div(u) * ufl.div(v)) * dx)
    else:
        kappa = by_region(space.mesh, problem.bulk[regions])
        K = matrix(2 * mu * ufl.inner(ufl.dev(strain(u)), ufl.dev(strain(v))) * dx)
        K.axpy(1.0, dilatation(space, kappa, dx), structure=PETSc.Mat.Structure.SUBSET_NONZERO_PATTERN)
    load = petsc.assemble_vector(fem.form(stress * ufl.div(v) * dx, jit_options=COMPILER))
    load.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    rows = np.flatnonzero(held[: space.dofmap.index_map.size_local]).astype(np.int32)
    load.array[rows] = 0.0
    K.zeroRowsColumns(rows + K.getOwnershipRange()[0], diag=float(problem.E.max()))
    K.setNearNullSpace(rigid_modes(space))
    K.setOption(PETSc.Mat.Option.SPD, True)
    return K, load


def matrix(form: ufl.Form) -> PETSc.Mat:
    """Return a form's matrix."""
    K = petsc.assemble_matrix(fem.form(form, jit_options=COMPILER))
    K.assemble()
    return K


def dilatation(space: fem.FunctionSpace, kappa: fem.Function, dx: ufl.Measure) -> PETSc.Mat:
    """Return B^T M^-1 B, B = integral of q div v, M = integral of p q / kappa, p and q linear on the reference cell."""
    hexahedra = space.mesh.topology.cell_name() == "hexahedron"
    element = (
        basix.ufl.element("DPC", "hexahedron", 1, dpc_variant=basix.DPCVariant.legendre)
        if hexahedra
        else basix.ufl.element("DG", "tetrahedron", 0)
    )
    pressures = fem.functionspace(space.mesh, element)
    p, q = ufl.TrialFunction(pressures), ufl.TestFunction(pressures)
    B = matrix(q * ufl.div(ufl.TrialFunction(space)) * dx)
    M = matrix(p * q / kappa * dx)
    starts, columns, values = M.getValuesCSR()
    blocks = values.reshape(-1, element.dim, element.dim)  # a cell's functions are numbered in a row
    if np.ptp(columns.reshape(blocks.shape), axis=1).any():
        raise RuntimeError("the pressures are not numbered cell by cell")
    M.setValuesCSR(starts, columns, np.linalg.inv(blocks).ravel())
    M.assemble()
    return B.transposeMatMult(M.matMult(B))


def rigid_modes(space: fem.FunctionSpace) -> PETSc.NullSpace:
    """Return the six rigid modes, orthonormal."""
    x = space.tabulate_dof_coordinates()
    modes = [fem.Function(space) for _ in range(6)]
    for i in range(3):
        modes[i].x.array[i::3] = 1.0
        j, k = (i + 1) % 3, (i + 2) % 3
        modes[3 + i].x.array[j::3] = -x[:, k]
        modes[3 + i].x.array[k::3] = x[:, j]
    vectors = [mode.x for mode in modes]
    la.orthonormalize(vectors)
    return PETSc.NullSpace().create(vectors=[mode.x.petsc_vec for mode in modes], comm=space.mesh.comm)


def solver_of(
    method: str, K: PETSc.Mat, space: fem.FunctionSpace, held: np.ndarray, tolerance: float, options: str
) -> PETSc.KSP:
    """Return the solver, set up."""
    PETSc.Options().insertString(f"{OPTIONS[method]} {options}")
    solver = PETSc.KSP().create(space.mesh.comm)
    solver.setOperators(K)
    solver.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
    solver.setTolerances(rtol=tolerance, max_it=2000)
    solver.setErrorIfNotConverged(True)
    if method == "pmg":
        two_levels(solver.getPC(), K, space, held)
    solver.setFromOptions()
    solver.setUp()
    return solver


def two_levels(preconditioner: PETSc.PC, K: PETSc.Mat, space: fem.FunctionSpace, held: np.ndarray) -> None:
    """Make PETSc's multigrid out of the quadratic elements and, below, the linear ones of the same mesh by GAMG."""
    linear = fem.functionspace(space.mesh, ("Lagrange", 1, (3,)))
    P = petsc.interpolation_matrix(linear, space)
    P.assemble()
    corners = np.empty(len(linear.tabulate_dof_coordinates()), dtype=np.int64)  # their numbers among the quadratic ones
    corners[linear.dofmap.list] = space.dofmap.list[:, : linear.dofmap.list.shape[1]]
    free = [fem.Function(V) for V in (linear, space)]
    free[0].x.array[:] = ~held[corners].ravel()
    free[1].x.array[:] = ~held.ravel()
    P.diagonalScale(free[1].x.petsc_vec, free[0].x.petsc_vec)
    below = K.ptap(P)
    rows = np.flatnonzero(free[0].x.array[: 3 * linear.dofmap.index_map.size_local] == 0).astype(np.int32)
    below.zeroRowsColumns(rows + below.getOwnershipRange()[0], diag=below.getDiagonal().max()[1])
    below.setBlockSize(3)
    below.setNearNullSpace(rigid_modes(linear))
    preconditioner.setType(PETSc.PC.Type.MG)
    preconditioner.setMGLevels(2)
    preconditioner.setMGInterpolation(1, P)
    coarse = preconditioner.getMGCoarseSolve()
    coarse.setOperators(below)
    coarse.setType(PETSc.KSP.Type.PREONLY)
    coarse.getPC().setType(PETSc.PC.Type.GAMG)


def stresses(problem: Problem, u: fem.Function, regions: np.ndarray) -> np.ndarray:
    """Return the stresses at the quadrature points of the local cells, (cells, points, 9) [MPa]."""
    domain = u.function_space.mesh
    cell = basix.CellType.hexahedron if problem.cells.shape[1] == 27 else basix.CellType.tetrahedron
    points, _ = basix.make_quadrature(cell, 5 if problem.cells.shape[1] == 27 else 2)
    lam, mu = (by_region(domain, values[regions]) for values in problem.lame)
    free = by_region(domain, problem.thermal_stress[regions])
    stress = 2 * mu * strain(u) + (lam * ufl.div(u) - free) * ufl.Identity(3)
    return fem.Expression(stress, points, jit_options=COMPILER).eval(domain, np.arange(len(regions), dtype=np.int32))


def gathered(comm: MPI.Comm, nodes: np.ndarray, u: fem.Function, count: int) -> np.ndarray:
    """Return the displacement of all nodes on the first process, (n, 3) [mm]."""
    owned = u.function_space.dofmap.index_map.size_local
    pieces = comm.gather((nodes[:owned], u.x.array.reshape(-1, 3)[:owned]))
    answer = np.full((count, 3), np.nan)
    for numbers, values in pieces or ():
        answer[numbers] = values
    return answer


if __name__ == "__main__":
    main()
