"""How the cost of a resolved array grows with its joints, and how far each phase is from what the machine allows.

    python benchmarks/scaling.py [--template conventional] [--sides 2 3 4 5 7 10] [--rounds 1]

A quarter of n x n joints is meshed, assembled, solved (thermal load, residual 1e-9) and its stresses are recovered,
each size in a process of its own. ``scaling.json`` holds seconds, peak memory and iterations, ``scaling.png`` the plot
with the exponent of the cost in the number of joints; ``--plot`` draws it again.

Two limits: no phase is faster than memory streams the bytes that it must touch (a triad on all cores), nor than dense
products of large matrices run (BLAS on all cores, in the phase's precision). What is counted is written in `work_of`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np

import fem_wlp
from fem_wlp.array.blocks import Fineness
from fem_wlp.array.layout import array_mesh
from fem_wlp.array.model import materials_at
from fem_wlp.joint.section import joint_section
from fem_wlp.solid.operator import Operator, operator, strains_of, stresses_of, thermal_load
from fem_wlp.solid.product import ElementMatrices
from fem_wlp.solid.solve import Solver, solver

HERE = Path(__file__).parent
PHASES = ("mesh", "assemble", "set-up", "solve", "stresses")


def main() -> None:
    """Run every size and write record and plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--template", default="conventional")
    parser.add_argument("--sides", type=int, nargs="+", default=[2, 3, 4, 5, 7, 10])
    parser.add_argument("--rounds", type=int, default=1, help="runs of every size, of which the fastest counts")
    parser.add_argument("--one", type=int, help="run this size here and print it")
    parser.add_argument("--plot", action="store_true", help="only draw the plot of the record that is there")
    options = parser.parse_args()
    path = HERE / "scaling.json"
    if options.plot:
        data = json.loads(path.read_text(encoding="utf-8"))
        plot(data["sizes"], data["exponent_of_seconds_in_joints"])
        return
    if options.one:
        print(json.dumps(one(options.template, options.one)))
        return
    in_its_own_process(options.template, options.sides[0])  # compiles
    rows = [
        min((in_its_own_process(options.template, side) for _ in range(options.rounds)), key=lambda row: row["total"])
        for side in options.sides
    ]
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": processor(),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("numpy", "scipy", "numba", "pyamg", "scikit-fem", "gmsh")},
        "python": platform.python_version(),
        "template": options.template,
        "exponent_of_seconds_in_joints": exponent(rows),
        "exponent_of_the_largest_three": exponent(rows[-3:]),
        "sizes": rows,
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    plot(rows, record["exponent_of_seconds_in_joints"])
    for row in rows:
        print(row)
    print("cost ~ joints ^", record["exponent_of_seconds_in_joints"])


def in_its_own_process(template: str, side: int) -> dict[str, Any]:
    """Run one size and return what it printed."""
    command = [sys.executable, __file__, "--template", template, "--one", str(side)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def one(template: str, side: int) -> dict[str, Any]:
    """Mesh, assemble, solve and recover a quarter of side x side joints."""
    package = enlarged(template, 2 * side)
    section = joint_section(package)
    seconds = {}
    start = time.perf_counter()

    def lap(phase: str) -> None:
        nonlocal start
        now = time.perf_counter()
        seconds[phase] = round(now - start, 3)
        start = now

    mesh = array_mesh(package, section, "quarter", Fineness()).mesh
    lap("mesh")
    state = materials_at(section, mesh.names, package.temperatures.assembly, package.temperatures.points[0])
    stiff = operator(mesh, state.tensors)
    load = thermal_load(stiff, state.free)
    lap("assemble")
    fixed = np.zeros(mesh.points.shape, dtype=bool)
    fixed[:, :2] = np.abs(mesh.points[:, :2]) < 1e-9
    lowest = np.argmin(np.abs(mesh.points - [0.0, 0.0, mesh.points[:, 2].min()]).sum(axis=1))
    fixed[lowest, 2] = True
    ready = solver(stiff, fixed, "multigrid")
    lap("set-up")
    answer = ready.solve(load)
    lap("solve")
    stresses_of(stiff, strains_of(stiff, answer.u)[0], state.free)
    lap("stresses")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {
        "joints": side**2,
        "unknowns": stiff.size,
        "elements": len(mesh.cells),
        "distinct_matrices": len(stiff.stiffness.matrices),
        "iterations": answer.iterations,
        "residual": answer.residual,
        "levels": answer.levels,
        "seconds": seconds,
        "total": round(sum(seconds.values()), 2),
        "memory_MB": round(memory),
        "limits": limits(work_of(stiff, ready, answer.iterations), seconds),
    }


def enlarged(template: str, count: int) -> Any:
    """Return a template's package with count x count joints; chip and board grow with them."""
    given = fem_wlp.loads(fem_wlp.template(template))
    pitch = given.array.pitch
    chip = count * pitch + given.chip.width - given.array.columns * pitch
    board = chip + given.board.width - given.chip.width
    changes = {
        "array.rows": count,
        "array.columns": count,
        "chip.width": f"{chip} mm",
        "board.width": f"{board} mm",
    }
    return fem_wlp.loads(fem_wlp.template(template), overrides=changes)


class Work(NamedTuple):
    """What a phase must do.

    Parameters
    ----------
    bytes
        That it must touch.
    operations
        Multiplications and additions of its dense products and inversions.
    single
        Whether most of them are in single precision.
    """

    bytes: float
    operations: float
    single: bool


def product_of(matrices: ElementMatrices) -> Work:
    """Return the work of one product with a sum of element matrices.

    Nodes and vector are read, the elements' contributions are written and read again, every distinct matrix is read
    once and the sums at the nodes are written.
    """
    m, n, item = len(matrices.kinds), matrices.connectivity.size, matrices.matrices.itemsize
    distinct, size, _ = matrices.matrices.shape
    touched = 4 * m * size // 3 + item * (2 * m * size + distinct * size**2 + 2 * 3 * n)
    return Work(touched, 2 * m * size**2, item == 4)


def work_of(stiff: Operator, ready: Solver, iterations: int) -> dict[str, Work]:
    """Return the work of the phases.

    assemble: cells and nodes read, lists of nodes and places and every distinct matrix written; 27 products B^T C B a
    matrix. set-up: matrices read, their single-precision copies and inverses written; twelve steps of the power
    iteration on both levels, each inverse 2 f^3. solve: in an iteration one product in double precision, ten vectors of
    conjugate gradients, four products with matrices and four with inverses on each level, both interpolations twice,
    the factors of the coarsest level once. stresses: cells and displacements read, six components of strain and of
    stress written at 27 points.
    """
    finest = ready.inverse.finest
    levels = (finest, finest.coarser)
    inverses = [level.smoother.inverses.matrices for level in levels]
    products = [product_of(part) for level in levels for part in (level.smoother.stiffness, level.smoother.inverses)]
    touched, operations = (sum(part[number] for part in products) for number in (0, 1))
    interpolations = finest.restrict.__self__.matrix.nnz + finest.coarser.coarser.matrix.nnz
    factors = finest.coarser.coarser.solve.__self__.nnz
    exact = product_of(stiff.stiffness)
    (m, k), n = stiff.mesh.cells.shape, len(stiff.mesh.points)
    matrices, points = stiff.stiffness.matrices, stiff.element.weights.size
    f = 3 * k
    return {
        "assemble": Work(
            8 * m * k + 24 * n + 12 * m * k + matrices.nbytes, 2 * points * 6 * f**2 * len(matrices), False
        ),
        "set-up": Work(
            1.5 * matrices.nbytes + sum(part.nbytes for part in inverses) + 12 * touched,
            sum(2 * len(part) * part.shape[1] ** 3 for part in inverses) + 12 * operations,
            False,
        ),
        "solve": Work(
            iterations * (exact.bytes + 10 * 24 * n + 4 * touched + 16 * interpolations + 12 * factors),
            iterations * (exact.operations + 4 * operations),
            True,
        ),
        "stresses": Work(8 * m * k + 24 * n + 2 * 8 * 6 * points * m, 2 * m * points * (6 * f + 36), False),
    }


def limits(work: dict[str, Work], seconds: dict[str, float]) -> dict[str, Any]:
    """Return what the machine can, what every phase must do, and how many times longer it took than either allows."""
    stream, single, double = bandwidth(), dense(np.float32), dense(np.float64)
    phases = {}
    for phase, must in work.items():
        rate = single if must.single else double
        phases[phase] = {
            "GB": round(must.bytes / 1e9, 3),
            "GFlop": round(must.operations / 1e9, 1),
            "times_memory_limit": round(seconds[phase] / (must.bytes / stream), 1),
            "times_arithmetic_limit": round(seconds[phase] / (must.operations / rate), 1),
        }
    return {
        "stream_GB_per_s": round(stream / 1e9, 1),
        "single_GFlop_per_s": round(single / 1e9),
        "double_GFlop_per_s": round(double / 1e9),
        "phases": phases,
    }


@numba.njit(parallel=True)
def triad(a: Any, b: Any, c: Any) -> None:
    """Fill ``a`` with b + 3 c."""
    for i in numba.prange(len(a)):
        a[i] = b[i] + 3.0 * c[i]


def fastest(function: Callable[[], object]) -> float:
    """Return the least of five times, the first call not counted [s]."""
    times = []
    for _ in range(6):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times[1:])


def bandwidth() -> float:
    """Return what a triad streams on all cores, as STREAM counts it [B/s]."""
    a, b, c = (np.ones(50_000_000) for _ in range(3))
    return 3 * a.nbytes / fastest(lambda: triad(a, b, c))


def dense(kind: type) -> float:
    """Return what products of large matrices do on all cores [1/s]."""
    a = np.ones((3000, 3000), dtype=kind)
    return 2 * len(a) ** 3 / fastest(lambda: a @ a)


def exponent(rows: list[dict[str, Any]]) -> float:
    """Return p of the least-squares fit total ~ joints^p."""
    joints, seconds = (np.log([row[key] for row in rows]) for key in ("joints", "total"))
    return round(float(np.polyfit(joints, seconds, 1)[0]), 3)


def plot(rows: list[dict[str, Any]], power: float) -> None:
    """Draw seconds against joints, phase by phase."""
    import matplotlib.pyplot as plt

    joints = [row["joints"] for row in rows]
    figure, axes = plt.subplots(figsize=(7.4, 4.2), layout="constrained")
    for phase in PHASES:
        axes.loglog(joints, [row["seconds"][phase] for row in rows], "o-", ms=4, lw=1, label=phase)
    axes.loglog(joints, [row["total"] for row in rows], "ko-", ms=5, lw=2, label=f"all, joints$^{{{power:.2f}}}$")
    axes.set(xlabel="joints resolved (a quarter of the array) [-]", ylabel="wall time [s]")
    for row in rows:
        axes.annotate(
            f"{row['unknowns'] / 1e6:.2g} M", (row["joints"], row["total"]), (0, 6), textcoords="offset points",
            ha="center", fontsize=8,
        )  # fmt: skip
    axes.grid(True, which="both", lw=0.3)
    axes.set_title("above the points: unknowns", fontsize=9, loc="left")
    figure.legend(loc="outside right center", frameon=False)
    figure.savefig(HERE / "scaling.png", dpi=150)


def processor() -> str:
    """Return the processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))


if __name__ == "__main__":
    main()
