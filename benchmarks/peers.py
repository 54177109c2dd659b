"""The 3D solver against its peers: identical meshes, the same residual, every answer checked.

    python benchmarks/peers.py [--sides 3 6 12] [--template paste] [--only fem_wlp dolfinx ...]
                               [--rounds 3 2 1] [--pythons ~/ngsolve/bin/python ...]

A quarter of n x n joints of a template is written once, and every program that is installed solves it in a process of
its own, one after the other and round after round. Where elements differ, the outermost joint's shift tells how far off
each is: we solve it on a mesh refined by ``--finer`` too. ``peers.json`` has versions, wall and processor seconds,
phases, peak memory, iterations and how far the answers are apart; ``peers.png`` the plot. Interpreters that have a
peer are given by ``--pythons`` or in the environment variable PEER_PYTHONS, separated by colons.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

import exchange  # noqa: E402
from problems import TOLERANCE, Case, completed, hexahedra, inverted, tetrahedra  # noqa: E402
from programs import CORES, NEEDED, WAYS, Way, installed, run  # noqa: E402

APART = 1e-5
"""Largest difference between answers of one discrete problem that passes, relative to the largest displacement [-]."""


MOST_UNKNOWNS = 2e6
"""Of the mesh that says how far off a shift is [-]."""


class Comparison(NamedTuple):
    """What is compared.

    Parameters
    ----------
    template
        Whose array.
    ways
        To solve it.
    found
        Interpreter of every program.
    finer
        By which the mesh is refined that says how far off a shift is; 1 for none.
    patience
        Seconds after which a run is ended.
    folder
        For problems and answers.
    """

    template: str
    ways: list[Way]
    found: dict[str, str]
    finer: float
    patience: float
    folder: Path


def main() -> None:
    """Run all and write record and plot."""
    options = arguments()
    found = installed([*options.pythons, *filter(None, os.environ.get("PEER_PYTHONS", "").split(":"))])
    for program in NEEDED:
        print(f"{program}: {found.get(program, 'not found')}", flush=True)
    ways = [way for way in WAYS if way.program in found and way.program in (options.only or NEEDED)]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(options.template, ways, found, options.finer, options.patience, Path(folder))
        for number, side in enumerate(options.sides):
            rounds = options.rounds[min(number, len(options.rounds) - 1)]
            rows += one_size(comparison, side, rounds, warm=number == 0)
            options.output.write_text(json.dumps(record(options.template, rows), indent=1) + "\n", encoding="utf-8")
    plot(rows, options.output.with_suffix(".png"))


def arguments() -> argparse.Namespace:
    """Return what was asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--template", default="paste")
    parser.add_argument("--sides", type=int, nargs="+", default=[3, 6, 12], help="joints along the whole array's side")
    parser.add_argument("--rounds", type=int, nargs="+", default=[3, 2, 1], help="runs at every size")
    parser.add_argument("--only", nargs="+", choices=NEEDED)
    parser.add_argument("--pythons", nargs="+", default=[], help="interpreters to look for peers in")
    parser.add_argument("--patience", type=float, default=3600.0, help="seconds after which a run is ended")
    parser.add_argument(
        "--finer", type=float, default=1.5, help="refinement of the mesh for the shift's error; 1: none"
    )
    parser.add_argument("--output", type=Path, default=HERE / "peers.json")
    return parser.parse_args()


def one_size(comparison: Comparison, side: int, rounds: int, warm: bool) -> list[dict[str, Any]]:
    """Run every way on one size, and compare the answers; warm: after a lap that is not counted, which compiles."""
    case = hexahedra(comparison.template, side)
    cases = {"hexahedra": case, "tetrahedra": tetrahedra(case)}
    files = {name: comparison.folder / f"{name}.npz" for name in cases}
    for name, path in files.items():
        exchange.write(path, cases[name].problem)
    unknowns = case.problem.points.size
    print(f"{side} x {side} joints, {unknowns} unknowns, meshed in {case.mesh_seconds:.1f} s", flush=True)
    ways = [way for way in comparison.ways if unknowns <= way.largest]
    if inverted(cases["tetrahedra"].problem):
        print("  straight tetrahedra of this mesh are inverted: left out")
        ways = [way for way in ways if way.elements != "tetrahedra"]
    answers = {way: comparison.folder / f"answer-{number}.npz" for number, way in enumerate(ways)}
    reports: dict[Way, list[dict[str, Any]]] = {way: [] for way in ways}
    for lap in range(-int(warm), rounds):
        for way in ways:
            report = run(way, comparison.found[way.program], files[way.elements], answers[way], comparison.patience)
            print(f"  {way.label:62s} {report.get('wall', report.get('failed'))}", flush=True)
            if lap >= 0 or "failed" in report:
                reports[way].append(report)
        ways = [way for way in ways if not any("failed" in report for report in reports[way])]
    converged = converged_shift(comparison, side)
    rows = []
    for way, made in reports.items():
        row = summary(way, made) | {"side": side, "mesh_unknowns": unknowns, "mesh_seconds": case.mesh_seconds}
        if "failed" not in row:
            row |= judged(way, cases[way.elements], answers)
            if converged:
                row["shift_error"] = row["shift_um"] / converged - 1
        rows.append(row)
    return rows


def converged_shift(comparison: Comparison, side: int) -> float | None:
    """Return the shift of the outermost joint on a finer mesh [um]; None where that is too large."""
    if comparison.finer <= 1.0:
        return None
    case = hexahedra(comparison.template, side, comparison.finer)
    if case.problem.points.size > MOST_UNKNOWNS:
        return None
    problem, solution = comparison.folder / "finer.npz", comparison.folder / "finer-answer.npz"
    exchange.write(problem, case.problem)
    report = run(WAYS[0], comparison.found["fem_wlp"], problem, solution, comparison.patience)
    return None if "failed" in report else 1e3 * case.shift(answer(solution))


def summary(way: Way, reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians over the rounds."""
    named = {"name": way.label, "program": way.program, "elements": way.elements, "form": way.form}
    if "failed" in reports[-1]:
        return named | reports[-1]
    last = reports[-1]
    medians = {key: round(statistics.median(report[key] for report in reports), 2) for key in ("wall", "cpu")}
    phases = {
        phase: round(statistics.median(report["seconds"][phase] for report in reports), 3) for phase in last["seconds"]
    }
    walls = [report["wall"] for report in reports]
    return last | named | medians | {"seconds": phases, "wall_range": [min(walls), max(walls)], "rounds": len(reports)}


def judged(way: Way, case: Case, answers: dict[Way, Path]) -> dict[str, Any]:
    """Return how far an answer is from ours on the same discrete problem, its true residual, and its joint's shift."""
    u = answer(answers[way])
    if not np.isfinite(u).all():  # another element: only what it says of the joint compares
        return {"shift_um": 1e3 * case.shift(completed(u, case.problem))}
    rows: dict[str, Any] = {
        "true_residual": case.residual(u, projected=way.form == "projected"),
        "shift_um": 1e3 * case.shift(u),
    }
    ours = [other for other in answers if other[1:4] == ("fem_wlp", way.elements, way.form)]
    if ours and answers[ours[0]].exists():
        reference = answer(answers[ours[0]])
        rows["apart"] = float(np.abs(u - reference).max() / np.abs(reference).max())
        rows["agrees"] = rows["apart"] < APART
    return rows


def answer(path: Path) -> np.ndarray:
    """Return a displacement."""
    with np.load(path) as data:
        return np.asarray(data["u"])


def record(template: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is kept."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": machine(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "scipy", "numba")},
        "template": template,
        "tolerance": TOLERANCE,
        "runs": rows,
    }


def machine() -> dict[str, Any]:
    """Return processor, cores and memory."""
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"processor": name, "cores": os.cpu_count(), "cores_used": CORES, "memory_GB": round(memory, 1)}


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw wall time and memory against unknowns."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    done = [row for row in rows if "failed" not in row]
    marks = {"projected hexahedra": "o-", "plain hexahedra": "s--", "plain tetrahedra": "^:"}
    programs = {program: f"C{number}" for number, program in enumerate(NEEDED)}
    for name in dict.fromkeys(row["name"] for row in done):
        mine = [row for row in done if row["name"] == name]
        style = marks[f"{mine[0]['form']} {mine[0]['elements']}"]
        unknowns = [row["mesh_unknowns"] for row in mine]
        for axis, key, scale in ((axes[0], "wall", 1.0), (axes[1], "memory", 1 / 1024)):
            values = [scale * row[key] for row in mine]
            axis.loglog(unknowns, values, style, color=programs[mine[0]["program"]], ms=4, lw=1.2, label=name)
    axes[0].set(xlabel="unknowns [-]", ylabel="whole process, wall time [s]")
    axes[1].set(xlabel="unknowns [-]", ylabel="peak memory [GB]")
    for axis in axes:
        axis.grid(True, which="both", lw=0.3)
    axes[0].legend(frameon=False, fontsize=6)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
