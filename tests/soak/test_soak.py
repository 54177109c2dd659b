"""A sample of the soak (``benchmarks/soak.py``): random valid packages mesh and solve, and what is red is noticed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem_wlp.analysis import mesh_of
from fem_wlp.errors import SolveError
from fem_wlp.package import Package, load, loads, template
from fem_wlp.results import Result

from . import outcome
from .drawn import Kind, drawn
from .outcome import ASKED, outcome_of, red

SAMPLE: list[tuple[Kind, int]] = [
    *(("2d", seed) for seed in (
        105, 74, 118, 96, 15, 120, 71, 10, 86, 27, 128, 42, 147, 126, 108, 14, 48, 122, 2, 94, 58, 81, 149, 72, 29, 111,
        138, 133, 87, 117,
    )),
    *(("3d", seed) for seed in (15, 24, 34)),
]  # fmt: skip
"""Seeds of the soak that take the least time."""

FAILED = sorted((Path(__file__).parent / "packages").glob("*.toml"))
"""Packages that a soak found to fail."""


@pytest.mark.long
@pytest.mark.parametrize(("kind", "seed"), SAMPLE)
def test_a_package_of_the_sample_is_green(kind: Kind, seed: int) -> None:
    """All certificates hold and all numbers are finite."""
    found = outcome_of(drawn(seed, kind).package)
    assert found.verdict == "green", found


@pytest.mark.long
@pytest.mark.parametrize("file", FAILED, ids=lambda file: file.stem)
def test_a_package_that_failed_is_green(file: Path) -> None:
    """Round-off of rigid joints refused two of them, an element bulging into a thin gap the third; one did not end."""
    assert outcome_of(load(file)).verdict == "green"


def test_a_gap_of_a_hair_under_a_ball_is_meshed() -> None:
    """56 nm between a sphere of 0.2 mm and its contact plane: no curved edge bulges through, at any fineness."""
    package = load(next(file for file in FAILED if "gap" in file.stem))
    for fineness in (0.3, 1.0):
        mesh = mesh_of(package.replace("model.fineness", fineness))
        assert len(mesh.names) > 5


@pytest.mark.long
def test_joints_that_carry_little_are_solved_until_their_forces_balance() -> None:
    """Four soft joints under a chip that is much larger: 1e-9 of the loads is more than 1e-6 of their forces.

    Their moments keep 3e-6 whatever the residual: if such a package is no result, it is for them, and by its code.
    """
    few = {"array.rows": 2, "array.columns": 2, "model.kind": "3d", "model.fineness": 0.5}
    found = outcome_of(loads(template("compliant"), few))
    assert found.verdict == "green" or (found.code == "S503" and "moments of the array" in found.told), found


@pytest.fixture(scope="module")
def result() -> Result:
    """The result of a package that takes two seconds."""
    from fem_wlp.analysis import solve

    return solve(drawn(105).package)


@pytest.mark.parametrize("name", ASKED["2d"])
@pytest.mark.parametrize("value", [1e-3, math.nan, math.inf])
def test_a_certificate_that_is_red_is_noticed(name: str, value: float, result: Result) -> None:
    """By its name; the result as it is is green."""
    assert red(result) == []
    assert red(replace(result, certificates=replace(result.certificates, **{name: value}))) == [name]


def test_a_number_that_is_none_is_noticed(result: Result) -> None:
    """A figure that is not finite, and a joint without stiffness."""
    decoupling, joint = result.decoupling, result.joint
    assert red(replace(result, decoupling=replace(decoupling, figure=math.nan))) == ["figure is nan"]
    without = replace(joint, stiffness=replace(joint.stiffness, lateral=-1.0))
    assert red(replace(result, joint=without)) == ["lateral stiffness is not positive"]


@pytest.mark.parametrize(
    ("fault", "verdict", "code"),
    [
        (SolveError("S502", "too large"), "refused", "S502"),
        (SolveError("S599", "no such code"), "failed", "no code"),
        (ZeroDivisionError("division by zero"), "failed", "ZeroDivisionError"),
        (np.linalg.LinAlgError("singular"), "failed", "LinAlgError"),
    ],
)
def test_what_the_program_raises_is_told_apart(
    fault: Exception, verdict: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal has a code of the catalogue; all else is a failure."""

    def solve(package: Package) -> Result:
        raise fault

    monkeypatch.setattr(outcome, "solve", solve)
    found = outcome_of(drawn(1).package)
    assert (found.verdict, found.code) == (verdict, code)


FEATURES: dict[str, Callable[[Package], Any]] = {
    "no second layer": lambda package: package.second_layer is None,
    "gap": lambda package: package.second_layer and package.second_layer.wall == "gap",
    "taper": lambda package: package.opening and package.opening.diameter != package.opening.free_end_diameter,
    "paste": lambda package: package.cylinder and package.cylinder.material.melts,
    "adhesive": lambda package: package.cylinder and not package.cylinder.material.melts,
    "fillet of the cylinder": lambda package: (
        package.cylinder and package.ball.cylinder_side.fillet == package.cylinder.material
    ),
    "dip": lambda package: package.ball.cylinder_side.dip,
    "truncated": lambda package: package.ball.truncated,
    "solid ball": lambda package: not package.ball.coats and not package.ball.truncated,
    "three coats": lambda package: len(package.ball.coats) == 3,
    "map": lambda package: package.array.map,
    "one row": lambda package: package.array.rows == 1,
    "more than a hundred joints": lambda package: len(package.array.joints) > 100,
    "oblong chip": lambda package: package.chip.width != package.chip.length,
    "flush board": lambda package: package.board.width == package.chip.width,
    "orthotropic board": lambda package: (
        package.board.material.name.startswith("board")
        and package.board.material.expansion.x != package.board.material.expansion.y
    ),
    "one temperature": lambda package: len(package.temperatures.points) == 1,
    "cycle": lambda package: package.temperatures.cycle,
    "condition": lambda package: package.temperatures.condition,
    "stress-free temperature": lambda package: package.first_layer.stress_free is not None,
    "reference": lambda package: package.reference,
    "pads": lambda package: package.chip.pads,
    "whole": lambda package: package.model.symmetry == "whole",
    "chip of 50 um": lambda package: package.chip.thickness < 0.05,
    "film of a micron": lambda package: package.first_layer.thickness < 1e-3,
}
"""What is drawn → whether a package has it."""


def test_all_that_a_package_can_be_is_drawn() -> None:
    """Each in at least three of three hundred packages; the same seed draws the same."""
    packages = [drawn(seed).package for seed in range(1, 301)]
    counts = {name: sum(map(bool, map(has, packages))) for name, has in FEATURES.items()}
    assert min(counts.values()) >= 3, counts
    assert drawn(17).files == drawn(17).files
    assert drawn(17).files != drawn(18).files
