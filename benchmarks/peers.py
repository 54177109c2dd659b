"""The 3D solver against its peers: identical meshes, the same residual, every answer checked.

    python benchmarks/peers.py [--sides 3 6 12] [--template paste] [--only fem_wlp dolfinx ...]
                               [--rounds 3 2 1] [--pythons ~/ngsolve/bin/python ...] [--folder DIR]

A quarter of n x n joints of a template is written once, and every program that is installed solves it in a process of
its own, one after the other and round after round. Where elements differ, the outermost joint's shift tells how far off
each is: we solve it on a mesh refined by ``--finer`` too. ``peers.json`` has versions, wall and processor seconds,
phases, peak memory, iterations and how far the answers are apart; ``peers.png`` the plot. Interpreters that have a
peer are given by ``--pythons`` or in the environment variable PEER_PYTHONS, separated by colons.

With ``--folder`` problems, answers and reports are kept there, and a run that is in it is not done again: hours of runs
can be taken in pieces, ``--minutes`` long, whenever a machine is quiet.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

import exchange  # noqa: E402
from problems import TOLERANCE, Case, completed, hexahedra, inverted, tetrahedra  # noqa: E402
from programs import CORES, NEEDED, WAYS, Limits, Way, installed, run  # noqa: E402

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
    limits
        When a run is ended.
    folder
        For problems, answers and reports.
    until
        When no further run is begun, on the clock of `time.monotonic` [s].
    """

    template: str
    ways: list[Way]
    found: dict[str, str]
    finer: float
    limits: Limits
    folder: Path
    until: float

    def file(self, side: int, name: str) -> Path:
        """Return the path of a file that belongs to one size."""
        return self.folder / f"{side}-{re.sub('[^a-z0-9]+', '-', name.lower())}.npz"


def main() -> None:
    """Run all and write record and plot."""
    options = arguments()
    if options.plot:
        plot(json.loads(options.output.read_text(encoding="utf-8"))["runs"], options.output.with_suffix(".png"))
        return
    found = installed([*options.pythons, *filter(None, os.environ.get("PEER_PYTHONS", "").split(":"))])
    for program in NEEDED:
        print(f"{program}: {found.get(program, 'not found')}", flush=True)
    ways = [way for way in WAYS if way.program in found and way.program in (options.only or NEEDED)]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        limits, until = Limits(options.patience, 1e3 * options.memory), time.monotonic() + 60 * options.minutes
        comparison = Comparison(options.template, ways, found, options.finer, limits, folder, until)
        for number, side in enumerate(options.sides):
            rounds = options.rounds[min(number, len(options.rounds) - 1)]
            size = measured(comparison, side, rounds, warm=number == 0 and not options.folder)
            if options.runs_only:
                continue
            rows += compared(comparison, size)
            options.output.write_text(json.dumps(record(options, rows), indent=1) + "\n", encoding="utf-8")
    if rows:
        plot(rows, options.output.with_suffix(".png"))


def arguments() -> argparse.Namespace:
    """Return what was asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--template", default="paste")
    parser.add_argument("--sides", type=int, nargs="+", default=[3, 6, 12], help="joints along the whole array's side")
    parser.add_argument("--rounds", type=int, nargs="+", default=[3, 2, 1], help="runs at every size")
    parser.add_argument("--only", nargs="+", choices=NEEDED)
    parser.add_argument("--pythons", nargs="+", default=[], help="interpreters to look for peers in")
    parser.add_argument("--patience", type=float, default=600.0, help="seconds after which a run is ended")
    parser.add_argument("--memory", type=float, default=18.0, help="gigabytes beyond which a run is ended")
    parser.add_argument("--folder", type=Path, help="where problems, answers and reports are kept and looked for")
    parser.add_argument("--minutes", type=float, default=1e9, help="after which no further run is begun")
    parser.add_argument(
        "--finer", type=float, default=1.5, help="refinement of the mesh for the shift's error; 1: none"
    )
    parser.add_argument("--output", type=Path, default=HERE / "peers.json")
    parser.add_argument("--runs-only", action="store_true", help="fill --folder; compare and record another time")
    parser.add_argument("--plot", action="store_true", help="only draw the plot of the record that is there")
    return parser.parse_args()


class Size(NamedTuple):
    """What the runs of one size gave.

    Parameters
    ----------
    side
        Joints along the whole array's side.
    cases
        The problem on every kind of elements.
    reports
        Of every way that was run, one for each round.
    """

    side: int
    cases: dict[str, Case]
    reports: dict[Way, list[dict[str, Any]]]


def measured(comparison: Comparison, side: int, rounds: int, warm: bool) -> Size:
    """Run every way on one size; warm: after a lap that is not counted, which compiles."""
    case = hexahedra(comparison.template, side)
    cases = {"hexahedra": case, "tetrahedra": tetrahedra(case)}
    for name, one in cases.items():
        exchange.write(comparison.file(side, name), one.problem)
    unknowns = case.problem.points.size
    print(f"{side} x {side} joints, {unknowns} unknowns, meshed in {case.mesh_seconds:.1f} s", flush=True)
    ways = [way for way in comparison.ways if unknowns <= way.largest]
    if inverted(cases["tetrahedra"].problem):
        print("  straight tetrahedra of this mesh are inverted: left out")
        ways = [way for way in ways if way.elements != "tetrahedra"]
    reports: dict[Way, list[dict[str, Any]]] = {way: [] for way in ways}
    for lap in range(-int(warm), rounds):
        for way in ways:
            if any("failed" in report for report in reports[way]):
                continue
            report = one_run(comparison, side, way, lap)
            if report and (lap >= 0 or "failed" in report):
                reports[way].append(report)
    return Size(side, cases, {way: made for way, made in reports.items() if made})


def compared(comparison: Comparison, size: Size) -> list[dict[str, Any]]:
    """Return a row for every way: medians, and how far its answer is from ours and from the converged one."""
    case = size.cases["hexahedra"]
    answers = {way: comparison.file(size.side, way.label) for way in size.reports}
    converged = converged_shift(comparison, size.side) if answers else None
    rows = []
    for way, reports in size.reports.items():
        row = summary(way, reports)
        row |= {"side": size.side, "mesh_unknowns": case.problem.points.size}
        row["mesh_seconds"] = round(case.mesh_seconds, 2)
        if "failed" not in row:
            row |= judged(way, size.cases[way.elements], answers)
            if converged:
                row["shift_error"] = row["shift_um"] / converged - 1
        rows.append(row)
    return rows


def one_run(comparison: Comparison, side: int, way: Way, lap: int) -> dict[str, Any] | None:
    """Return the report of one run, made now or before; None where the time for it is over."""
    kept = comparison.file(side, f"{way.label}, {lap}").with_suffix(".report.json")
    if kept.exists():
        return dict(json.loads(kept.read_text(encoding="utf-8")))
    if time.monotonic() > comparison.until:
        return None
    answer, problem = comparison.file(side, way.label), comparison.file(side, way.elements)
    report = run(way, comparison.found[way.program], problem, answer, comparison.limits)
    kept.write_text(json.dumps(report), encoding="utf-8")
    print(f"  {way.label:62s} {report.get('wall', report.get('failed'))}", flush=True)
    return report


def converged_shift(comparison: Comparison, side: int) -> float | None:
    """Return the shift of the outermost joint on a finer mesh [um]; None where that is too large."""
    if comparison.finer <= 1.0:
        return None
    case = hexahedra(comparison.template, side, comparison.finer)
    if case.problem.points.size > MOST_UNKNOWNS:
        return None
    problem, solution = (comparison.file(side, name) for name in ("finer", "finer answer"))
    if not solution.exists():
        exchange.write(problem, case.problem)
        report = run(WAYS[0], comparison.found["fem_wlp"], problem, solution, comparison.limits)
        if "failed" in report:
            return None
    return 1e3 * case.shift(answer(solution))


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


def record(options: argparse.Namespace, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is kept."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": machine(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "scipy", "numba")},
        "template": options.template,
        "tolerance": TOLERANCE,
        "limits": {"seconds": options.patience, "memory_GB": options.memory},
        "runs": rows,
    }


def machine() -> dict[str, Any]:
    """Return processor, cores and memory."""
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"processor": name, "cores": os.cpu_count(), "cores_used": CORES, "memory_GB": round(memory, 1)}


SHOWN = {
    "fem_wlp, projected hexahedra": ("fem_wlp, 27-node bricks", "C0o-"),
    "fem_wlp, plain tetrahedra": ("fem_wlp, 10-node tetrahedra", "C0o:"),
    "DOLFINx, GAMG, projected hexahedra, 2 processes": ("DOLFINx, GAMG, 27-node bricks", "C1s-"),
    "DOLFINx, two levels and GAMG, projected hexahedra, 2 processes": ("the same under linear elements", "C1s--"),
    "DOLFINx, two levels and MUMPS, projected hexahedra, 2 processes": ("MUMPS under linear elements", "C1^--"),
    "DOLFINx, MUMPS of low rank, projected hexahedra, 2 processes": ("MUMPS of low rank", "C1v:"),
    "NGSolve, Cholesky, plain hexahedra": ("NGSolve, Cholesky, 27-node bricks", "C2D-"),
    "CalculiX, 20-node bricks, plain hexahedra": ("CalculiX, SPOOLES, 20-node bricks", "C3P-"),
    "CalculiX, SPOOLES, plain tetrahedra": ("CalculiX, 10-node tetrahedra", "C3P:"),
    "SfePy, MUMPS, plain tetrahedra": ("SfePy, MUMPS, 10-node tetrahedra", "C4X:"),
}
"""What the plot shows, with label and style; the record has the rest."""


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw wall time of the whole process and peak memory against the mesh's unknowns."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.4), layout="constrained", sharex=True)
    for name, (label, style) in SHOWN.items():
        mine = [row for row in rows if row["name"] == name and "failed" not in row]
        for axis, key, scale in ((axes[0], "wall", 1.0), (axes[1], "memory", 1 / 1024)):
            unknowns, values = [row["mesh_unknowns"] for row in mine], [scale * row[key] for row in mine]
            width = 2.4 if name.startswith("fem_wlp, projected") else 1.1
            axis.loglog(unknowns, values, style, ms=5, lw=width, label=label)
    axes[0].set(title="Wall time of the whole process", ylabel="[s]")
    axes[1].set(title="Peak memory", ylabel="[GB]")
    for axis in axes:
        axis.set_xlabel("unknowns of the mesh [-]")
        axis.grid(True, which="both", lw=0.3)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right center", frameon=False, fontsize=9)
    figure.savefig(path, dpi=130)


if __name__ == "__main__":
    main()
