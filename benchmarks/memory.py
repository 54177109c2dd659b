"""Memory that was foretold of whole commands, beside what they took.

    python benchmarks/memory.py [--only NAME ...]

Each case is ``fem-wlp solve`` or another verb in a process of its own, with its report; its peak is the kernel's
(``VmHWM``), its forecast what ``fem-wlp check`` tells and R301 goes by. All templates at several finenesses and array
sizes, in two and three dimensions, packages drawn at random, and verbs that ask about variants. ``memory.json`` holds
all of it and the range of the ratios, foretold over taken: 0.6 … 1.7 is what is promised. Seconds are those of a
machine that does other work as well.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import fem_wlp
from fem_wlp.analysis import forecast_of
from fem_wlp.analysis.levels import levels_forecast
from fem_wlp.errors import ConfigError
from fem_wlp.package import Package, loads, template

HERE = Path(__file__).parent

PROGRAM = Path(fem_wlp.__file__).parents[1]
"""Where the program is that runs here."""

PROMISED = (0.6, 1.7)
"""Foretold over taken [-]."""

TEMPLATES = ("compliant", "conventional", "micro-smd", "paste")

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

Changes = dict[str, Any]


class Case(NamedTuple):
    """A command, and what is changed in a template for it."""

    name: str
    template: str
    changes: Changes
    verb: tuple[str, ...] = ("solve",)


def cases() -> Iterator[Case]:
    """Return all cases, each under a name."""
    for name in TEMPLATES:
        for fineness in (0.5, 1.0, 2.0):
            yield Case(f"{name} {fineness:g}", name, {"model.fineness": fineness})
    for joints in (2, 4, 20, 30):
        yield Case(f"compliant {joints} x {joints}", "compliant", array(joints))
    yield Case(
        "compliant one temperature", "compliant", {"temperatures": {"assembly": "217 degC", "service": "25 degC"}}
    )
    for name in TEMPLATES:
        yield Case(f"{name} strip", name, solid("strip", 0.4))
    for extent, fineness in (("eighth", 0.4), ("quarter", 0.3), ("eighth", 0.7), ("strip", 1.0)):
        yield Case(f"conventional {extent} {fineness:g}", "conventional", solid(extent, fineness))
    yield Case("compliant quarter 4 x 4", "compliant", {**array(4), **solid("quarter", 0.5)})
    draw = random.Random(1)
    for number in range(RANDOM):
        yield drawn(f"random {number}", draw, {})
    for number in range(RANDOM // 3):
        yield drawn(f"random {number} in 3D", draw, solid("strip", 0.4))
    thicknesses = "second_layer.thickness=40 um..120 um:3"
    yield Case("sweep, reduced model", "compliant", {}, ("sweep", "--workers", "1", "--vary", thicknesses))
    yield Case("sweep, full", "compliant", {}, ("sweep", "--full", "--workers", "1", "--vary", thicknesses))
    yield Case("design", "compliant", {}, ("design", "--target", "0.9"))
    yield Case("converge", "compliant", {**array(2), "model.fineness": 0.5}, ("converge",))


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


def foretold(case: Case, package: Package) -> Any:
    """Return what is told of a case before it begins."""
    return levels_forecast(package) if case.verb[0] == "converge" else forecast_of(package)


def measured(case: Case, folder: Path) -> dict[str, Any]:
    """Return what was foretold of a case, and what it took."""
    package = loads(template(case.template), case.changes)
    file = folder / "device.toml"
    file.write_text(fem_wlp.resolved_toml(package), "utf-8")
    before = foretold(case, package)
    verb, *rest = case.verb
    command = [sys.executable, "-c", PEAK, verb, str(file), *rest, "--quiet", "--out", str(folder / "out")]
    paths = os.pathsep.join([str(PROGRAM), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    )
    code, peak, seconds = run.stdout.split()[-3:]
    if run.returncode or code != "0":
        raise RuntimeError(f"{case.name}: {run.stderr[-2000:]}")
    taken = 1.024e-3 * float(peak)
    return {
        "name": case.name,
        "size": {name: value for name, value in vars(before).items() if name in ("unknowns", "joints", "distinct")},
        "temperatures": len(package.temperatures.points),
        "foretold_MB": round(before.memory),
        "taken_MB": round(taken),
        "ratio": round(before.memory / taken, 3),
        "foretold_s": round(before.seconds, 1),
        "taken_s": round(float(seconds), 1),
    }


def main() -> None:
    """Measure all and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="cases whose names begin so; no record")
    options = parser.parse_args()
    rows = []
    for case in cases():
        if options.only and not case.name.startswith(tuple(options.only)):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            rows.append(measured(case, Path(scratch)))
        print(json.dumps(rows[-1]), flush=True)
    ratios = [row["ratio"] for row in rows]
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "scipy", "scikit-fem", "numba", "gmsh")},
        "promised": PROMISED,
        "ratios": [min(ratios), max(ratios)],
        "kept": all(PROMISED[0] <= ratio <= PROMISED[1] for ratio in ratios),
        "cases": rows,
    }
    if not options.only:
        (HERE / "memory.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: record[name] for name in ("ratios", "kept")}))


if __name__ == "__main__":
    main()
