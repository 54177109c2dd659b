"""fem_wlp itself, in a process of its own like its peers.

python fem_wlp_run.py PROBLEM.npz ANSWER.npz [--method multigrid|direct] [--form projected|plain]
"""

from __future__ import annotations

import os
from importlib.metadata import version

import numpy as np
from exchange import Problem, Run, read

from fem_wlp.mesh.solid import SolidMesh
from fem_wlp.solid.operator import operator, strains_of, stresses_of, thermal_load
from fem_wlp.solid.solve import solver


def main() -> None:
    """Solve one problem."""
    run = Run(__doc__, methods=("multigrid", "direct"), forms=("projected", "plain"))
    with run.phase("read"):
        problem = read(run.problem)
        mesh = solid_mesh(problem)
    with run.phase("assemble"):
        stiff = operator(mesh, problem.tensors, projected=run.form == "projected")
        load = thermal_load(stiff, problem.free_strains)
    with run.phase("setup"):
        ready = solver(stiff, problem.fixed, run.method)
    with run.phase("solve"):
        solved = ready.solve(load, tolerance=problem.tolerance)
    with run.phase("recover"):
        strains, _ = strains_of(stiff, solved.u)
        stresses_of(stiff, strains, problem.free_strains)
    facts = {
        "program": "fem_wlp",
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "numba")},
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "iterations": solved.iterations,
        "levels": solved.levels,
        "residual": solved.residual,
    }
    run.finish(solved.u, facts)


def solid_mesh(problem: Problem) -> SolidMesh:
    """Return the mesh."""
    count = len(problem.cells)
    return SolidMesh(
        points=problem.points,
        cells=problem.cells,
        regions=problem.regions,
        names=tuple(f"region {number}" for number in range(len(problem.E))),
        places=np.full(count, -1),
        twins=problem.twins,
        shares=np.ones(count),
    )


if __name__ == "__main__":
    main()
