"""SfePy: 10-node tetrahedra, with MUMPS (through PETSc) or SuperLU.

    python3 sfepy_run.py PROBLEM.npz ANSWER.npz [--method mumps|superlu]

Needs SfePy (Debian: ``apt-get install python3-sfepy python3-petsc4py-real``), which knows no curved elements.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sfepy
from exchange import Problem, Run, read
from scipy import sparse
from scipy.spatial import cKDTree
from sfepy.base.base import Struct, output
from sfepy.discrete import Equation, Equations, FieldVariable, Function, Integral, Material
from sfepy.discrete import Problem as Model
from sfepy.discrete.fem import FEDomain, Field, Mesh
from sfepy.solvers import Solver
from sfepy.terms import Term

SOLVERS = {
    "mumps": {"kind": "ls.petsc", "method": "preonly", "precond": "cholesky", "pc_factor_mat_solver_type": "mumps"},
    "superlu": {"kind": "ls.scipy_direct", "method": "superlu"},
}


def main() -> None:
    """Solve one problem."""
    run = Run(__doc__, methods=tuple(SOLVERS))
    output.set_output(quiet=True)
    with run.phase("read"):
        problem = read(run.problem)
        if problem.hexahedra:
            raise SystemExit("SfePy's hexahedra are not curved: give it tetrahedra")
        model, displacement = modelled(problem)
    with run.phase("assemble"):
        K, f = system(model)
        nodes = cKDTree(problem.points).query(displacement.field.get_coor())[1]
        free = np.flatnonzero(~problem.fixed[nodes].ravel())
        K, f = K[free][:, free], f[free]
    with run.phase("solve"):
        x = np.zeros(3 * len(nodes))
        x[free] = Solver.any_from_conf(Struct(name="direct", **SOLVERS[run.method]), mtx=K)(f)
    with run.phase("recover"):
        displacement.set_data(x)
        model.evaluate("ev_cauchy_stress.2.Omega(m.D, u)", u=displacement, mode="qp", copy_materials=False)
    u = np.empty_like(problem.points)
    u[nodes] = x.reshape(-1, 3)
    facts = {
        "program": "SfePy",
        "versions": {"SfePy": sfepy.__version__},
        "residual": float(np.linalg.norm(K @ x[free] - f) / np.linalg.norm(f)),
    }
    run.finish(u, facts)


def modelled(problem: Problem) -> tuple[Model, FieldVariable]:
    """Return SfePy's problem, without supports, and its unknown."""
    corners = problem.cells[:, :4]
    used = np.unique(corners)
    mesh = Mesh.from_data(
        "mesh", problem.points[used], None, [np.searchsorted(used, corners)], [problem.regions], ["3_4"]
    )
    omega = FEDomain("domain", mesh).create_region("Omega", "all")
    field = Field.from_args("displacement", np.float64, "vector", omega, approx_order=2)
    u = FieldVariable("u", "unknown", field)
    v = FieldVariable("v", "test", field, primary_var_name="u")
    m = Material("m", function=Function("constants", constants(problem)))
    integral = Integral("2", order=2)
    stiffness = Term.new("dw_lin_elastic(m.D, v, u)", integral, omega, m=m, v=v, u=u)
    heating = Term.new("dw_lin_prestress(m.stress, v)", integral, omega, m=m, v=v)
    model = Model("model", equations=Equations([Equation("balance", stiffness - heating)]))
    return model, u


def constants(problem: Problem) -> Any:
    """Return SfePy's function of material constants: at the quadrature points, element by element."""
    D = problem.tensors  # in another order of the shear components, which does not matter to isotropy
    stress = np.outer(problem.thermal_stress, (1, 1, 1, 0, 0, 0))[:, :, None]

    def at_points(ts: Any, coors: np.ndarray, mode: str | None = None, **others: Any) -> dict[str, np.ndarray] | None:
        if mode != "qp":
            return None
        regions = np.repeat(problem.regions, len(coors) // len(problem.regions))
        return {"D": D[regions], "stress": stress[regions]}

    return at_points


def system(model: Model) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Return stiffness and load."""
    model.time_update()
    model.update_materials()
    evaluator = model.get_evaluator()
    zero = model.create_state()()
    return evaluator.eval_tangent_matrix(zero, is_full=True), -evaluator.eval_residual(zero, is_full=True)


if __name__ == "__main__":
    main()
