"""Our assembly against stock scikit-fem's: stiffness and thermal load on the same mesh of 27-node hexahedra.

    python benchmarks/stock_assembly.py [--sides 3 6] [--template paste] [--rounds 1]

Stock: the plain form as `BilinearForm` on `ElementVector(ElementHex2)` over the curved `MeshHex2`, of isotropic
materials, to a CSR matrix. Ours: the same form, and the projected one that is our default, with the copies of an array
recognised and with every element taken for an original. Each runs in a process of its own, the first time to compile.
``stock_assembly.json`` holds wall and processor seconds, memory and how far x K x of both matrices are
apart; shares are of processor seconds, so that a machine need not be quiet.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

import exchange  # noqa: E402

CORNERS = [26, 8, 20, 24, 2, 6, 18, 0]
"""Our numbers of the corners in scikit-fem's order."""

WAYS = ("stock", "plain, no copies", "plain", "projected")


def main() -> None:
    """Run every way on every size and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--template", default="paste")
    parser.add_argument("--sides", type=int, nargs="+", default=[3, 6], help="joints along the whole array's side")
    parser.add_argument("--rounds", type=int, default=1, help="runs of every way, of which the fastest counts")
    parser.add_argument("--one", nargs=2, metavar=("PROBLEM", "WAY"), help="run this one here and print it")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(exchange.read(Path(options.one[0])), options.one[1])))
        return
    from problems import hexahedra

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for side in options.sides:
            path = Path(folder, f"{side}.npz")
            problem = hexahedra(options.template, side).problem
            exchange.write(path, problem)
            row = {"side": side, "unknowns": problem.points.size, "elements": len(problem.cells)}
            row |= {way: fastest(path, way, options.rounds) for way in WAYS}
            for way in WAYS[1:]:
                row[way]["share_of_stock"] = round(row[way]["cpu"] / row["stock"]["cpu"], 4)
            row["apart"] = abs(row["plain"]["product"] / row["stock"]["product"] - 1.0)
            for way in WAYS:
                del row[way]["product"]
            rows.append(row)
            print(json.dumps(row), flush=True)
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "scipy", "numba", "scikit-fem")},
        "template": options.template,
        "sizes": rows,
    }
    (HERE / "stock_assembly.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def fastest(problem: Path, way: str, rounds: int) -> dict[str, Any]:
    """Return the fastest of some runs, each in a process of its own."""
    command = [sys.executable, __file__, "--one", str(problem), way]
    made = [json.loads(subprocess.check_output(command, text=True).splitlines()[-1]) for _ in range(rounds)]
    return dict(min(made, key=lambda run: run["cpu"]))


def one(problem: exchange.Problem, way: str) -> dict[str, Any]:
    """Assemble, and return seconds, memory and x K x for a vector x that both ways know."""
    assemble = stock if way == "stock" else ours
    start, used = time.perf_counter(), time.process_time()
    multiply = assemble(problem, way)
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    x = np.sin(3.0 * problem.points[:, [1, 2, 0]]) + problem.points**2
    product = float(np.vdot(x, multiply(x)))
    return {"wall": round(seconds, 3), "cpu": round(cpu, 3), "memory_MB": round(memory), "product": product}


def ours(problem: exchange.Problem, way: str) -> Any:
    """Return our product with the assembled stiffness."""
    from fem_wlp_run import solid_mesh

    from fem_wlp.solid.operator import operator, thermal_load

    mesh = solid_mesh(problem)
    if way == "plain, no copies":
        mesh = replace(mesh, twins=np.arange(len(mesh.cells)))
    stiff = operator(mesh, problem.tensors, projected=way == "projected")
    thermal_load(stiff, problem.free_strains)
    return lambda x: stiff.stiffness @ x


def stock(problem: exchange.Problem, way: str) -> Any:
    """Return the product with stock scikit-fem's stiffness, for values at our nodes."""
    import skfem
    from skfem.helpers import div
    from skfem.models.elasticity import linear_elasticity

    corners, cells = np.unique(problem.cells[:, CORNERS], return_inverse=True)
    linear = skfem.MeshHex(problem.points[corners].T, cells.reshape(len(problem.cells), -1).T)
    mesh = skfem.MeshHex2.from_mesh(linear)
    places = np.rint(2 * skfem.ElementHex2.doflocs).astype(np.int64) @ (1, 3, 9)
    nodes = problem.cells[:, places]
    doflocs = np.empty((3, len(problem.points)))
    doflocs[:, mesh.dofs.element_dofs.T] = problem.points[nodes].transpose(2, 0, 1)
    basis = skfem.Basis(replace(mesh, doflocs=doflocs), skfem.ElementVector(skfem.ElementHex2()), intorder=5)
    at_points = np.ones((1, basis.quadrature[1].size))
    lam, mu = (values[problem.regions][:, None] * at_points for values in problem.lame)
    stress = problem.thermal_stress[problem.regions][:, None] * at_points
    K = linear_elasticity(lam, mu).assemble(basis)
    skfem.LinearForm(lambda v, w: stress * div(v)).assemble(basis)
    numbers = np.empty(basis.N, dtype=np.int64)
    numbers[basis.element_dofs.T] = (3 * nodes[:, :, None] + np.arange(3)).reshape(len(nodes), -1)

    def product(x: np.ndarray) -> np.ndarray:
        y = np.empty(x.size)
        y[numbers] = K @ x.ravel()[numbers]
        return y.reshape(x.shape)

    return product


if __name__ == "__main__":
    main()
