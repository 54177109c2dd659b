"""The assembly of condensed joints against a package in which everything is resolved by hexahedra.

The reference (`benchmarks/reference_3d.py`: stock forms on 27-node hexahedra, nothing condensed) shares no line with
the package; its committed answers are read here, and the long test runs it anew.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from fem_wlp.analysis import FINE
from fem_wlp.analysis.response import PLATES
from fem_wlp.assembly.plate import PlateMesh
from fem_wlp.decoupling import decoupling_figures
from fem_wlp.mesh.section import Floats
from fem_wlp.verification.packages import OVERHANG, package, responses

from ..scripts import BENCHMARKS, benchmark

Run = dict[str, Any]


def committed() -> list[Run]:
    """The finest run of every case and board."""
    runs: dict[tuple[str, str], Run] = {}
    for run in json.loads((BENCHMARKS / "reference_3d.json").read_text())["runs"]:
        place = run["case"], run["board"]
        if place not in runs or runs[place]["unknowns"] < run["unknowns"]:
            runs[place] = run
    return list(runs.values())


RUNS = committed()
NAMES = [f"{run['case']} {run['board']}" for run in RUNS]


@cache
def condensed(case: str, board: str, plates: PlateMesh = PLATES) -> dict[str, Floats]:
    """Places, D, pad to pad, forces and moments of all joints by the condensed model on its default mesh."""
    joined, free = responses(package(case, OVERHANG if board == "overhang" else {}), grading=FINE, plates=plates)
    return {
        "places": joined.solutions[0].places,
        "D": decoupling_figures(joined.shift, free.shift),
        "raw": decoupling_figures(joined.change("pad_to_pad"), free.change("pad_to_pad")),
        "free": free.shift,
        "shear": joined.change("shear_force"),
        "axial": joined.change("axial_force"),
        "moment": joined.change("moment"),
        "warpage": np.array([joined.solutions[0].chip_shape.warpage, joined.solutions[0].board_shape.warpage]),
    }


def resolved(run: Run, places: Floats) -> dict[str, Floats]:
    """The same of the reference, which knows the quarter x, y > 0; in the order of the places."""
    here = [min(run["joints"], key=lambda joint, at=at: np.hypot(*(np.abs(at) - joint["x"]))) for at in places]
    side = np.sign(places)
    force = np.array([joint["force"] for joint in here])
    bending = side * np.array([joint["moment_mid_height"] for joint in here])  # as du/dz
    return {
        "D": np.array([joint["D"] for joint in here]),
        "raw": np.array([joint["D_pad_to_pad"] for joint in here]),
        "free": side * np.array([joint["free"] for joint in here]),
        "shear": side * force[:, :2],
        "axial": -force[:, 2],
        "moment": np.column_stack([-bending[:, 1], bending[:, 0]]),
    }


def force_error(found: Floats, known: Floats) -> float:
    """Largest error of a joint's shear force, relative to its amount [-]."""
    return float((np.linalg.norm(found - known, axis=1) / np.linalg.norm(known, axis=1)).max())


@pytest.mark.parametrize("run", RUNS, ids=NAMES)
def test_decoupling_and_shear_forces_are_those_of_the_resolved_package(run: Run) -> None:
    """D of every joint within 0.015, shear forces within 5 %, though boards end half a pitch past the last joint."""
    found = condensed(run["case"], run["board"])
    known = resolved(run, found["places"])
    assert np.abs(found["D"] - known["D"]).max() < 0.015
    assert np.abs(found["raw"] - known["raw"]).max() < 0.015
    assert force_error(found["shear"], known["shear"]) < 0.05


@pytest.mark.parametrize("run", RUNS, ids=NAMES)
def test_the_free_mismatch_is_that_of_the_resolved_package(run: Run) -> None:
    """The bow of the layers takes 2 % (conventional) to 20 % (paste) off it; to 0.1 % soft, 1.2 % stiff layers."""
    found = condensed(run["case"], run["board"])
    known = resolved(run, found["places"])
    allowed = 1.2e-2 if run["case"] in ("stiff-layer", "paste") else 1e-3
    assert np.abs(found["free"] - known["free"]).max() < allowed * np.abs(known["free"]).max()


@pytest.mark.parametrize("run", RUNS, ids=NAMES)
def test_axial_forces_and_moments_have_the_sign_and_size_of_the_resolved_package(run: Run) -> None:
    """Tension positive, moments of the lower on the upper half: within a quarter of the largest of each.

    Axial forces are small differences of the plates' bow; moments are compared with force times height, which they
    are left over from.
    """
    found = condensed(run["case"], run["board"])
    known = resolved(run, found["places"])
    assert np.abs(found["axial"] - known["axial"]).max() < 0.25 * np.abs(known["axial"]).max()
    largest = run["height"] / 2 * np.linalg.norm(known["shear"], axis=1).max()
    assert np.abs(found["moment"] - known["moment"]).max() < 0.05 * largest


@pytest.mark.parametrize("case", [pytest.param("solder", marks=pytest.mark.long), "soft"])
def test_refining_the_plates_changes_no_figure(case: str) -> None:
    """Twice as many elements along, across and through both plates change D by less than 0.002, warpage by 1 %."""
    fine = PlateMesh(per_pitch=4, slenderness=2.0, through=4, growth=1.4)
    coarse, refined = (condensed(case, "overhang", mesh) for mesh in (PLATES, fine))
    assert np.abs(coarse["D"] - refined["D"]).max() < 0.002
    assert coarse["warpage"] == pytest.approx(refined["warpage"], rel=0.01)


@pytest.mark.parametrize("run", [run for run in RUNS if run["board"] == "flush"], ids=lambda run: run["case"])
def test_chip_and_flush_board_bow_as_in_the_resolved_package(run: Run) -> None:
    """Centre against corner of both mid-planes, positive for a dome; to 8 % of the chip's bow."""
    chip, board = condensed(run["case"], "flush")["warpage"]
    assert chip == pytest.approx(run["warpage_chip"], rel=0.08)
    assert board == pytest.approx(run["warpage_board"], abs=0.08 * run["warpage_chip"])


@pytest.mark.long
@pytest.mark.parametrize("case", ["soft"])
def test_the_reference_says_so_today(case: str) -> None:
    """The same run anew on its quick level, whose own error in force is 2 %: D within 0.02, forces within 6 %."""
    run = benchmark("reference_3d").reference(case, True, "quick")
    found = condensed(case, "overhang")
    known = resolved(run, found["places"])
    assert np.abs(found["D"] - known["D"]).max() < 0.02
    assert force_error(found["shear"], known["shear"]) < 0.06
