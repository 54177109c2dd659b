"""Memory that was foretold of whole commands, beside what they took.

    python benchmarks/memory.py [--only NAME ...] [--keep]

Each case is ``fem-wlp solve`` or another verb in a process of its own, with its report; its peak is the kernel's
(``VmHWM``), or what it has together with the second process beside it, if that is more; its forecast what
``fem-wlp check`` tells and R301 goes by. All templates at several finenesses and array sizes, in two and three
dimensions, packages drawn at random, and verbs that ask about variants. ``memory.json`` holds all of it and the range
of the ratios, foretold over taken: 0.6 … 1.7 is what is promised. With ``--keep``, cases that the record has are not
measured again, but what is foretold of them is told anew. Seconds are those of a machine that does other work as well.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import fem_wlp
from fem_wlp.analysis import forecast_of
from fem_wlp.analysis.levels import levels_forecast
from fem_wlp.errors import ConfigError
from fem_wlp.package import Package, loads, template
from fem_wlp.reduced.forecast import reduced_memory

HERE = Path(__file__).parent

PROGRAM = Path(fem_wlp.__file__).parents[1]
"""Where the program is that runs here."""

PROMISED = (0.6, 1.7)
"""Foretold over taken [-]."""

TEMPLATES = ("compliant", "conventional", "micro-smd", "paste")
PROCESSES = ("adhesive-process", "paste-process")

RANDOM = 10
"""Packages drawn at random in 2D; a third as many in 3D [-]."""

PEAK = """
import sys, time
from fem_wlp.cli import main
begin = time.perf_counter()
code = main(sys.argv[1:])
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(code, peak, time.perf_counter() - begin)
"""
"""A command, and the peak of its memory in kB; getrusage would count what the process was forked from."""

REDUCED = {"reduced, thickness": 6, "reduced, modulus": 1, "reduced, map": 6, "design": 6, "design 0.5": 6}
"""Cases that a reduced model answers, and its thicknesses; their numbers but for one do not matter [-]."""

Changes = dict[str, Any]


class Case(NamedTuple):
    """A command, and what is changed in a template for it."""

    name: str
    template: str
    changes: Changes
    verb: tuple[str, ...] = ("solve",)


def cases() -> Iterator[Case]:
    """Return all cases, each under a name."""
    for name in (*TEMPLATES, *PROCESSES):
        for fineness in (0.5, 1.0, 2.0):
            yield Case(f"{name} {fineness:g}", name, {"model.fineness": fineness})
    yield Case("paste-process 10 x 10", "paste-process", array(10))
    for joints in (2, 4, 20, 30):
        yield Case(f"compliant {joints} x {joints}", "compliant", array(joints))
    for joints in (10, 20):
        yield Case(f"thin chip, {joints} x {joints}", "conventional", {**array(joints), "chip.thickness": "30 um"})
    yield Case(
        "compliant one temperature", "compliant", {"temperatures": {"assembly": "217 degC", "service": "25 degC"}}
    )
    draw = random.Random(1)
    for number in range(RANDOM):
        yield drawn(f"random {number}", draw, {})
    thicknesses = "second_layer.thickness=40 um..120 um:3"
    modulus, moduli = (f"materials.adhesive.E=1 MPa..1 GPa:log {count}" for count in (9, 30))
    one = ("sweep", "--workers", "1", "--vary")
    yield Case("reduced, thickness", "compliant", {}, (*one, modulus, "--vary", f"{thicknesses[:-1]}9"))
    yield Case("reduced, modulus", "compliant", {}, (*one, moduli))
    yield Case("reduced, map", "compliant", {**array(14), "model.fineness": 0.5}, ("map", "--points", "5"))
    yield Case("sweep, full", "compliant", {}, (*one, thicknesses, "--full"))
    yield Case("sweep of micro-smd, full", "micro-smd", {}, (*one, "land.thickness=20 um, 25 um", "--full"))
    yield Case("design 0.5", "compliant", {"model.fineness": 0.5}, ("design", "--target", "0.9"))
    yield Case("design", "compliant", {}, ("design", "--target", "0.9"))
    yield Case("converge", "compliant", {**array(2), "model.fineness": 0.5}, ("converge",))
    for name in TEMPLATES:
        yield Case(f"{name} strip", name, solid("strip", 0.4))
    for extent, fineness in (("eighth", 0.4), ("quarter", 0.3), ("eighth", 0.7), ("strip", 1.0)):
        yield Case(f"conventional {extent} {fineness:g}", "conventional", solid(extent, fineness))
    yield Case("compliant quarter 4 x 4", "compliant", {**array(4), **solid("quarter", 0.5)})
    for number in range(RANDOM // 3):
        yield drawn(f"random {number} in 3D", draw, solid("strip", 0.4))


def array(joints: int) -> Changes:
    """So many joints along each side, and chip and board with room for them."""
    return {
        "array.rows": joints,
        "array.columns": joints,
        "chip.width": f"{0.5 * joints + 0.4:g} mm",
        "board.width": f"{0.5 * joints + 4.0:g} mm",
    }


def solid(extent: str, fineness: float) -> Changes:
    """Every joint resolved."""
    return {"model.kind": "3d", "model.extent": extent, "model.fineness": fineness}


def drawn(name: str, draw: random.Random, changes: Changes) -> Case:
    """Return a package that can be, with sizes drawn at random."""
    while True:
        base = draw.choice(TEMPLATES)
        factors = {path: draw.uniform(0.6, 1.6) for path in ("chip.thickness", "board.thickness", "array.pitch")}
        package = loads(template(base))
        sizes = {"chip.thickness": package.chip.thickness, "board.thickness": package.board.thickness}
        sizes["array.pitch"] = package.array.pitch
        some: Changes = {path: f"{factor * sizes[path]:.4g} mm" for path, factor in factors.items()}
        some["model.fineness"] = round(draw.uniform(0.4, 1.6), 2)
        if base == "compliant":
            some["second_layer.thickness"] = f"{draw.uniform(30.0, 140.0):.3g} um"
        some |= changes
        try:
            forecast_of(loads(template(base), some))
        except ConfigError:
            continue
        return Case(name, base, some)


class Foretold(NamedTuple):
    """Peak of the process [MB], seconds, and the size that they are told by."""

    memory: float
    seconds: float | None
    size: Mapping[str, int]


def foretold(case: Case, package: Package) -> Foretold:
    """Return what is foretold of a case before it begins."""
    one = levels_forecast(package) if case.verb[0] == "converge" else forecast_of(package)
    size = {name: value for name, value in vars(one).items() if name in ("unknowns", "joints", "distinct")}
    if case.verb[-1:] == ("--full",):
        return Foretold(forecast_of(package).alone, one.seconds, size)
    if case.name in REDUCED:
        return Foretold(reduced_memory(package, REDUCED[case.name]), None, size)
    return Foretold(one.memory, one.seconds, size)


def measured(case: Case, folder: Path) -> dict[str, Any]:
    """Return what was foretold of a case, and what it took."""
    package = package_of(case)
    file = folder / "device.toml"
    file.write_text(fem_wlp.resolved_toml(package), "utf-8")
    verb, *rest = case.verb
    command = [sys.executable, "-c", PEAK, verb, str(file), *rest, "--quiet", "--out", str(folder / "out")]
    paths = os.pathsep.join([str(PROGRAM), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    together = 0.0
    told, faults = folder / "told", folder / "faults"
    with told.open("w") as output, faults.open("w") as errors:
        run = subprocess.Popen(command, stdout=output, stderr=errors, env=environment)
        while run.poll() is None:
            together = max(together, sum(resident(process) for process in (run.pid, *children(run.pid))))
            time.sleep(0.05)
    words = told.read_text().split()
    if run.returncode or words[-3:-2] != ["0"]:
        raise RuntimeError(f"{case.name}: {faults.read_text()[-2000:]}")
    peak, seconds = (float(word) for word in words[-2:])
    return compared(case, 1.024e-3 * max(peak, together), seconds, datetime.now(UTC).date().isoformat())


def children(process: int) -> list[int]:
    """Return the processes that a process has begun."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    with contextlib.suppress(OSError):  # it has ended
        return [int(number) for file in lists for number in file.read_text().split()]
    return []


def resident(process: int) -> float:
    """Return the memory of a process, its share of what it has in common with others [kB]."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return next((float(line.split()[1]) for line in lines if line.startswith("Pss:")), 0.0)
    return 0.0


def package_of(case: Case) -> Package:
    """Return the package of a case."""
    return loads(template(case.template), case.changes)


def compared(case: Case, taken: float, seconds: float, date: str) -> dict[str, Any]:
    """Return what is foretold of a case, beside the memory [MB] and seconds that it took on some day."""
    package = package_of(case)
    before = foretold(case, package)
    return {
        "name": case.name,
        "size": dict(before.size),
        "temperatures": len(package.temperatures.points),
        "foretold_MB": round(before.memory),
        "taken_MB": round(taken),
        "ratio": round(before.memory / taken, 3),
        "foretold_s": None if before.seconds is None else round(before.seconds, 1),
        "taken_s": round(seconds, 1),
        "date": date,
    }


def main() -> None:
    """Measure all and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="cases whose names begin so; no record")
    parser.add_argument("--keep", action="store_true", help="measure only what the record does not have")
    options = parser.parse_args()
    record = HERE / "memory.json"
    there = json.loads(record.read_text("utf-8"))["cases"] if options.keep else []
    taken = {row["name"]: (row["taken_MB"], row["taken_s"], row["date"]) for row in there}
    rows = []
    for case in cases():
        if options.only and not case.name.startswith(tuple(options.only)):
            continue
        if case.name in taken:
            rows.append(compared(case, *taken[case.name]))
        else:
            with tempfile.TemporaryDirectory() as scratch:
                rows.append(measured(case, Path(scratch)))
        print(json.dumps(rows[-1]), flush=True)
        if not options.only:  # what is measured is kept, whenever this is ended
            record.write_text(json.dumps(recorded(rows), indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: recorded(rows)[name] for name in ("ratios", "kept")}))


def recorded(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the record of some cases."""
    ratios = [row["ratio"] for row in rows]
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "scipy", "scikit-fem", "numba", "gmsh")},
        "promised": PROMISED,
        "ratios": [min(ratios), max(ratios)],
        "kept": all(PROMISED[0] <= ratio <= PROMISED[1] for ratio in ratios),
        "cases": rows,
    }


if __name__ == "__main__":
    main()
