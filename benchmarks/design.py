"""Designs of random packages, each read back from the file that was found and solved in full.

    python benchmarks/design.py [--packages 20] [--seed 4]

A design that is called reached must reach its target within 0.005 and keep its limits; where a target is called out of
reach, full solves along the objective's range must not reach it either. ``design.json`` holds every package with its
target, status, figures and seconds.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import fem_wlp as wlp
from fem_wlp.package import replace_all
from fem_wlp.study.aim import THICKNESS, Aim, aim_of
from fem_wlp.study.confirmed import decoupled, margin_of, solved
from fem_wlp.study.design import CONFIRMED, Design, find

HERE = Path(__file__).parent
PROBES = 7
"""Full solves along the objective's range of a target that is called out of reach [-]."""


def main() -> None:
    """Design all packages and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=int, default=20)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    generator = np.random.default_rng(options.seed)
    found: list[dict[str, Any]] = []
    for number in range(options.packages):
        aim = random_aim(generator, number)
        start = time.perf_counter()
        design = find(aim)
        seconds = time.perf_counter() - start
        found.append(checked(aim, design) | {"seconds": round(seconds, 1)})
        print(json.dumps(found[-1], ensure_ascii=False), flush=True)
    statuses = [one["status"] for one in found]
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "scipy")},
        "seed": options.seed,
        "statuses": {status: statuses.count(status) for status in sorted(set(statuses))},
        "confirmed": sum(one["confirmed"] for one in found),
        "packages": found,
    }
    (HERE / "design.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{record['confirmed']} of {len(found)} confirmed: {record['statuses']}")


def random_package(generator: np.random.Generator, number: int) -> wlp.Package:
    """Return a package of one of the four pairings, with sizes and moduli drawn at random until they fit together."""
    while True:
        pitch = generator.uniform(0.42, 0.65)
        rows = int(generator.integers(2, 6))
        opening = generator.uniform(0.14, 0.2)
        side = f"{rows * pitch + 0.4:.3f} mm"
        changes: dict[str, object] = {
            "name": f"random {number}",
            "model.fineness": 0.5,
            "array.pitch": f"{pitch:.3f} mm",
            "array.rows": rows,
            "array.columns": rows,
            "chip.width": side,
            "chip.thickness": f"{generator.uniform(0.15, 0.5):.3f} mm",
            "board.thickness": f"{generator.uniform(0.6, 1.6):.3f} mm",
            "board.width": f"{rows * pitch + 4.0:.3f} mm",
            "first_layer.thickness": f"{generator.uniform(4.0, 10.0):.1f} um",
            "second_layer.thickness": f"{generator.uniform(40.0, 120.0):.0f} um",
            "opening.diameter": f"{opening:.3f} mm",
            "opening.free_end_diameter": f"{opening * generator.uniform(0.95, 1.05):.3f} mm",
            "ball.cylinder_side.diameter": f"{0.94 * opening:.3f} mm",
            "interconnect.base_region.diameter": f"{opening + 0.05:.3f} mm",
            "materials.adhesive.E": f"{np.exp(generator.uniform(np.log(10.0), np.log(3000.0))):.3g} MPa",
            "materials.adhesive.nu": f"{generator.uniform(0.35, 0.48):.2f}",
        }
        if generator.random() < 0.3:
            changes |= {"second_layer.wall": "gap", "second_layer.gap": "5 um"}
        if generator.random() < 0.4:
            changes |= {"ball.material": "SAC305", "ball.coats": "[]"}
        try:
            return wlp.loads(wlp.template("compliant"), changes)
        except wlp.ConfigError:
            continue


def random_aim(generator: np.random.Generator, number: int) -> Aim:
    """Return a target for a random package: objective, limits and what is free at random, too."""
    package = random_package(generator, number)
    limits = {}
    if generator.random() < 0.4:
        limits["interconnect_strain"] = f"{generator.uniform(0.1, 0.4):.3f} %"
    if generator.random() < 0.4:
        limits["electrical_resistance"] = f"{generator.uniform(25.0, 100.0):.1f} mOhm"
    objective = str(generator.choice(["thinnest", "stiffest"]))
    vary = {
        "thinnest": {THICKNESS: "40 um..120 um"},
        "stiffest": {"materials.adhesive.E": "500 MPa..20 GPa:log"},
        "default": None,
        "both": {THICKNESS: "40 um..200 um", "materials.adhesive.E": "20 MPa..5 GPa:log"},
    }[str(generator.choice([objective, "default", "both"]))]
    target = float(generator.choice([0.7, 0.8, 0.85, 0.9, 0.95, 0.98]))
    return aim_of(package, target, objective, vary, limits)


def checked(aim: Aim, design: Design) -> dict[str, Any]:
    """Return what a design is, and whether full solves confirm what it says."""
    again = wlp.loads(wlp.resolved_toml(design.package))
    figure = wlp.solve(again).decoupling.figure
    kept = all(margin_of(limit, design.figures.quantities[limit.name]) >= -1e-3 for limit in aim.limits)
    if design.reached:
        confirmed = bool(decoupled(figure) >= aim.target - CONFIRMED) and kept
        reached_elsewhere = None
    else:
        reached_elsewhere = [probe for probe in probes(aim) if probe["reaches"]]
        confirmed = not reached_elsewhere
    return {
        "package": aim.package.name,
        "joints": len(aim.package.array.joints),
        "objective": f"{'max' if aim.largest else 'min'} {aim.objective.name}",
        "free": [axis.name for axis in aim.free],
        "limits": [str(limit) for limit in aim.limits],
        "target": aim.target,
        "status": design.status,
        "binding": list(design.binding),
        "design": dict(design.values),
        "figure": design.figures.figure,
        "figure_solved_from_its_file": figure,
        "modelled": design.modelled,
        "full_solves": design.solves,
        "confirmed": confirmed,
        **({} if reached_elsewhere is None else {"reached_elsewhere": reached_elsewhere}),
    }


def probes(aim: Aim) -> list[dict[str, Any]]:
    """Return full solves spread over the free ranges, and whether they reach the target within the limits."""
    shares = np.linspace(0.0, 1.0, PROBES)
    found = []
    names = tuple(limit.name for limit in aim.limits)
    for place, share in enumerate(shares):
        settings: dict[str, object] = {}
        for number, axis in enumerate(aim.free):
            at = shares[(place * (2 * number + 1) + number) % PROBES] if number else share
            settings |= axis.settings(float(axis.values(np.asarray(at))))
        figures = solved(replace_all(aim.package, settings), names)
        kept = all(margin_of(limit, figures.quantities[limit.name]) >= 0.0 for limit in aim.limits)
        reaches = bool(decoupled(figures.figure) >= aim.target + 1e-3) and kept
        found.append(
            {"settings": {k: str(v) for k, v in settings.items()}, "figure": figures.figure, "reaches": reaches}
        )
    return found


if __name__ == "__main__":
    main()
