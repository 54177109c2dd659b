"""How far answers on the default meshes are from those on converged ones: energy, displacement, forces.

    python benchmarks/accuracy.py                 # templates and ten random packages, 2D and 3D: writes accuracy.json
    python benchmarks/accuracy.py --kind 2d micro-smd random-3      # some of them, printed

2D: joint cell and assembly. The converged answer is extrapolated from two meshes of each family, as
v(f, f) + [v(f, f) - v(1, f)] / (2^2 - 1) + [v(f, f) - v(f, 1)] / (1.5^3.5 - 1), v(cell, plates): the fine cell has half
the element size (a quarter at its singular points), fine plates have two thirds of it in all directions; 2 and 3.5 are
the orders that `fem-wlp converge` observes. 3D: one joint's cell, sheared, fineness 1 against the limit of 1 and 2, of
one family, at the slowest order that `convergence.py` observes.
Random packages are drawn by Hypothesis from `tests/study/drawn.py` with a fixed seed.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from hypothesis import Phase, given, seed, settings
from threadpoolctl import threadpool_limits

from fem_wlp.analysis import FINE
from fem_wlp.analysis.figures import figures
from fem_wlp.analysis.levels import plates_of
from fem_wlp.analysis.response import (
    PLATES,
    Cells,
    Surroundings,
    cell_states,
    condensed_cells,
    figure_of,
    respond,
    respond_severed,
    surroundings,
)
from fem_wlp.array.blocks import Fineness
from fem_wlp.decoupling import critical_joint
from fem_wlp.joint.condense import cell_model
from fem_wlp.joint.section import cell_section
from fem_wlp.package import Package, loads, template, template_names

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from convergence import BARE, sheared_package  # noqa: E402

from tests.study.drawn import packages  # noqa: E402

RANDOM, SEED = 10, 20261122
CELL_FACTOR, CELL_ORDER, PLATE_LEVEL, PLATE_ORDER, ARRAY_ORDER = 2.0, 2.0, 2, 3.5, 1.6
ALLOWED = {
    "2d": {"energy": 0.002, "displacement": 0.003, "force": 0.002},
    "3d": {"energy": 0.01, "displacement": 0.015, "force": 0.01},
}
"""Aims, relative [-]."""

Answers = Mapping[str, np.ndarray]


def drawn() -> list[Package]:
    """Ten random packages on their default meshes."""
    found: list[Package] = []

    @seed(SEED)
    @settings(max_examples=RANDOM, phases=[Phase.generate], database=None, deadline=None)
    @given(packages({"model.fineness": 1.0}))
    def draw(package: Package) -> None:
        found.append(package)

    draw()
    return found[:RANDOM]


def all_packages() -> dict[str, Package]:
    """Templates and random packages by name."""
    return {name: loads(template(name)) for name in template_names()} | {
        f"random-{number}": package for number, package in enumerate(drawn(), start=1)
    }


def replaced(package: Package, changes: Mapping[str, str]) -> Package:
    """Return the package with some keys changed."""
    for key, value in changes.items():
        package = package.replace(key, value)
    return package


def answers(package: Package, cells: Cells, around: Surroundings) -> Answers:
    """Return what is compared.

    energy: of each joint's shear, moment and axial force, changes over a cycle [N mm]; displacement: joints' shift
    [mm]; warpage: of chip and board [mm]; force: joints' shear forces [N].
    """
    response = respond(around, package, cells.model.section, cells.elements)
    chip, board, element = response.change("chip"), response.change("board"), cells.elements[-1]
    x, y = (np.hstack([chip[:, list(part)], board[:, list(part)]]) for part in ((0, 1), (2, 3)))
    lateral = sum(np.einsum("na,ab,nb->n", q, element.lateral, q) for q in (x, y))
    shapes = response.solutions[-1].chip_shape, response.solutions[-1].board_shape
    return {
        "energy": 0.5 * (lateral + response.change("axial_force") ** 2 / element.axial[3, 3]),
        "displacement": response.shift,
        "warpage": np.array([shape.warpage for shape in shapes]),
        "force": response.change("shear_force"),
    }


def compared_2d(package: Package) -> dict[str, float]:
    """Return the errors of the default meshes, relative."""
    start = time.process_time()
    section, joint = cell_section(package), critical_joint(package.array.joints)
    cells = [condensed_cells(cell_model(section, FINE.refined(factor)), package) for factor in (1.0, CELL_FACTOR)]
    arounds = [surroundings(package, section, mesh=mesh) for mesh in (PLATES, plates_of(PLATE_LEVEL))]
    default, rough_cell, rough_plates, best = (
        answers(package, cells[cell], arounds[plates]) for cell, plates in ((0, 0), (0, 1), (1, 0), (1, 1))
    )
    by_cell, by_plates = 1.0 / (CELL_FACTOR**CELL_ORDER - 1.0), 1.0 / (1.5**PLATE_ORDER - 1.0)
    limit, left = {}, {}
    for key, value in best.items():
        steps = by_cell * (value - rough_cell[key]), by_plates * (value - rough_plates[key])
        limit[key], left[key] = value + sum(steps), sum(abs(step) for step in steps)

    def share(key: str, one: np.ndarray) -> float:
        """Of all joints, as the root of the sum of squares."""
        return float(np.linalg.norm(one) / np.linalg.norm(limit[key]))

    own, true = (float(np.linalg.norm(each["force"][joint])) for each in (default, limit))
    shifts = [float(np.linalg.norm(each["displacement"][joint])) for each in (default, limit)]
    states = cell_states(cells[0].model, package)
    solved = [
        figure_of(
            respond(around, package, section, cell.elements),
            respond_severed(around, package, cells[0].model, states),
            joint,
        )
        for cell, around in ((cells[0], arounds[0]), (cells[1], arounds[1]))
    ]
    stated = [f"certificates.discretisation_error.{name}" for name in ("figure", "shear_force")]
    told = figures(package, stated)
    return {
        "D": solved[0],
        "D_error": solved[0] - solved[1],
        "D_error_stated": float(told[stated[0]] or 0.0),
        "energy": float(default["energy"].sum() / limit["energy"].sum() - 1.0),
        "displacement": shifts[0] / shifts[1] - 1.0,
        "displacement_of_all": share("displacement", default["displacement"] - limit["displacement"]),
        "warpage_chip": float(default["warpage"][0] / limit["warpage"][0] - 1.0),
        "warpage_board": float((default["warpage"][1] - limit["warpage"][1]) / np.abs(limit["warpage"]).max()),
        "force": own / true - 1.0,
        "force_of_all": share("force", default["force"] - limit["force"]),
        "force_error_stated": float(told[stated[1]] or 0.0),
        "fine_from_its_limit": share("force", left["force"]),
        "processor_seconds": time.process_time() - start,
    }


def compared_3d(package: Package) -> dict[str, float]:
    """Return the errors of one joint's cell on the default hexahedra, relative."""
    start = time.process_time()
    rows = [sheared_package(package, Fineness.of(1.0, factor)) for factor in (1.0, 2.0)]
    errors: dict[str, float] = {}
    for name, key in (("energy", "joint_energy"), ("displacement", "joint_shift"), ("force", "stiffness")):
        value = [float(row[key]) for row in rows]
        limit = value[1] + (value[1] - value[0]) / (2.0**ARRAY_ORDER - 1.0)
        errors[name], errors[f"{name}_of_the_finer"] = value[0] / limit - 1.0, value[1] / limit - 1.0
    return {**errors, "unknowns": float(rows[0]["unknowns"]), "processor_seconds": time.process_time() - start}


def main() -> None:
    """Compare what is asked for; write the file where that is everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--kind", choices=["2d", "3d"])
    options = parser.parse_args()
    chosen = all_packages()
    if options.names:
        chosen = {name: chosen[name] for name in options.names}
    path = HERE / "accuracy.json"
    data = json.loads(path.read_text()) if path.exists() else {}
    for kind, compared in (("2d", compared_2d), ("3d", compared_3d)):
        if options.kind not in (None, kind):
            continue
        rows: dict[str, dict[str, float]] = {}
        for name, package in chosen.items():
            with threadpool_limits(limits=1):
                one = package if kind == "2d" else replaced(package, BARE)
                rows[name] = {key: float(f"{value:.4g}") for key, value in compared(one).items()}
            within = all(abs(rows[name][key]) <= allowed for key, allowed in ALLOWED[kind].items())
            print(kind, name, "within" if within else "BEYOND", json.dumps(rows[name]), flush=True)
        if not options.names:
            data[kind] = {"date": datetime.now(UTC).isoformat(timespec="minutes"), "packages": rows}
            data |= {
                "allowed": ALLOWED,
                "python": platform.python_version(),
                "seed": SEED,
                "versions": {name: version(name) for name in ("numpy", "scipy", "scikit-fem", "gmsh", "hypothesis")},
            }
            for stale in set(data) - {"2d", "3d", "allowed", "python", "seed", "versions"}:
                del data[stale]
            path.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
