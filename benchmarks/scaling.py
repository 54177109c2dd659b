"""How the cost of a resolved array grows with its joints, and how far each phase is from what memory allows.

    python benchmarks/scaling.py [--template conventional] [--sides 2 3 4 6 8 10]

A quarter of n x n joints is meshed, assembled, solved (thermal load, residual 1e-9) and its stresses are recovered,
each size in a process of its own. ``scaling.json`` holds seconds, peak memory and iterations, ``scaling.png`` the plot
with the exponent of the cost in the number of joints.

The limit: a phase cannot be faster than memory streams the bytes that it must touch once (measured by a triad on all
cores). What the bytes are is written beside each phase below.
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
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PHASES = ("mesh", "assemble", "set-up", "solve", "stresses")


def main() -> None:
    """Run every size and write record and plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--template", default="conventional")
    parser.add_argument("--sides", type=int, nargs="+", default=[2, 3, 4, 6, 8, 10])
    parser.add_argument("--one", type=int, help="run this size here and print it")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.template, options.one)))
        return
    rows = [in_its_own_process(options.template, side) for side in (options.sides[0], *options.sides)][1:]
    # the first run compiles and is not counted
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": processor(),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("numpy", "scipy", "numba", "pyamg", "scikit-fem", "gmsh")},
        "python": platform.python_version(),
        "template": options.template,
        "memory_stream_GB_per_s": rows[-1]["stream"],
        "exponent_of_seconds_in_joints": exponent(rows),
        "sizes": rows,
    }
    (HERE / "scaling.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
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
    import numpy as np

    from fem_wlp.array.blocks import Fineness
    from fem_wlp.array.layout import array_mesh
    from fem_wlp.array.model import materials_at
    from fem_wlp.joint.section import joint_section
    from fem_wlp.solid.operator import operator, strains_of, stresses_of, thermal_load
    from fem_wlp.solid.solve import solver

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
    m, kinds = len(mesh.cells), len(stiff.stiffness.matrices)
    touched = limits(m, len(mesh.points), kinds, answer.iterations)
    stream = bandwidth()
    return {
        "joints": side**2,
        "unknowns": stiff.size,
        "elements": m,
        "distinct_matrices": kinds,
        "iterations": answer.iterations,
        "residual": answer.residual,
        "levels": answer.levels,
        "seconds": seconds,
        "total": round(sum(seconds.values()), 2),
        "memory_MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
        "stream": round(stream / 1e9, 1),
        "times_above_memory_limit": {phase: round(seconds[phase] / (touched[phase] / stream), 1) for phase in touched},
    }


def enlarged(template: str, count: int) -> Any:
    """Return a template's package with count x count joints; chip and board grow with them."""
    import fem_wlp

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


def limits(m: int, n: int, kinds: int, iterations: int) -> dict[str, float]:
    """Return the bytes that the phases must touch at least once.

    assemble: nodes and every distinct matrix written. solve: a product reads the element nodes and the vector, writes
    and reads the elements' contributions, reads the distinct matrices; an iteration has one in double, eight in single
    precision. stresses: displacements read, six components at 27 points written.
    """
    single = m * (27 * 4 * 2 + 81 * 4 * 2) + n * 24 + kinds * 81**2 * 4
    double = m * (27 * 4 * 2 + 81 * 8 * 2) + n * 48 + kinds * 81**2 * 8
    return {
        "assemble": kinds * 81**2 * 8 + m * 27 * 8 + n * 24,
        "solve": iterations * (8 * single + double),
        "stresses": m * 27 * 6 * 8 * 2 + n * 24,
    }


def bandwidth() -> float:
    """Return what a triad a = b + s c streams on all cores [B/s]."""
    import numba
    import numpy as np

    @numba.njit(parallel=True)
    def triad(a: Any, b: Any, c: Any) -> None:
        for i in numba.prange(len(a)):
            a[i] = b[i] + 3.0 * c[i]

    a, b, c = (np.ones(20_000_000) for _ in range(3))
    triad(a, b, c)
    best = np.inf
    for _ in range(5):
        start = time.perf_counter()
        triad(a, b, c)
        best = min(best, time.perf_counter() - start)
    return 3 * a.nbytes / best


def exponent(rows: list[dict[str, Any]]) -> float:
    """Return p of the least-squares fit total ~ joints^p."""
    import numpy as np

    joints, seconds = (np.log([row[key] for row in rows]) for key in ("joints", "total"))
    return round(float(np.polyfit(joints, seconds, 1)[0]), 3)


def plot(rows: list[dict[str, Any]], power: float) -> None:
    """Draw seconds against joints, phase by phase."""
    import matplotlib.pyplot as plt

    joints = [row["joints"] for row in rows]
    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
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
    axes.legend(frameon=False)
    figure.savefig(HERE / "scaling.png", dpi=150)


def processor() -> str:
    """Return the processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))


if __name__ == "__main__":
    main()
