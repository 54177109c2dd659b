"""The decoupling figure where theory knows it: rigid joints, vanishing joints, severed joints, two springs."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from fem_wlp.analysis.response import Response
from fem_wlp.decoupling import decoupling_figures, reduction
from fem_wlp.joint.condense import CellModel, CellState, rigid_state, softened_state
from fem_wlp.verification.models import ALIKE, two_joints
from fem_wlp.verification.packages import CASES, OVERHANG, figures, package, responses


def softened(model: CellModel, state: CellState, temperature: float) -> CellState:
    return softened_state(model, state, 1e-9)


@cache
def with_rigid_joints(case: str) -> tuple[Response, Response]:
    return responses(package(case, OVERHANG), rigid_state)


@pytest.mark.parametrize("case", ["conventional", "solder", "paste"])
def test_rigid_joints_have_no_decoupling_though_the_assembly_bows(case: str) -> None:
    """D = 0 within 1e-3 (found: 1e-5, a ten-thousandth of its stiffness); left in, the tilt reads as 0.3 to 0.5."""
    joined, free = with_rigid_joints(case)
    raw = decoupling_figures(joined.change("pad_to_pad"), free.change("pad_to_pad"))
    assert np.abs(decoupling_figures(joined.shift, free.shift)).max() < 1e-3
    assert raw.min() > 0.2


@pytest.mark.parametrize("case", CASES)
def test_joints_of_a_billionth_of_their_modulus_are_severed(case: str) -> None:
    """D = 1 within 1e-6, whatever the layers beside them do: their free edge must not read as a force of the joint."""
    assert figures(package(case, OVERHANG), softened) == pytest.approx(1.0, abs=1e-6)


def test_severed_homogeneous_bodies_expand_as_their_materials() -> None:
    """delta0 = (alpha_b - alpha_c) dT r to 1e-10, no warpage, no force: all on the chip expands as the chip does."""
    one = package("paste", {**ALIKE, "land.material": "laminate"})
    free = responses(one)[1]
    expected = (16e-6 - 2.6e-6) * -100.0 * np.array([[joint.x, joint.y] for joint in one.array.joints])
    assert np.abs(free.shift - expected).max() < 1e-10 * np.abs(expected).max()
    (solution,) = free.solutions
    for shape in (solution.chip_shape, solution.board_shape):
        assert np.abs(shape.deflection).max() < 1e-10 * np.abs(expected).max()
    assert np.abs(solution.shear_force).max() == np.abs(solution.axial_force).max() == 0.0


def test_the_severed_law_bites() -> None:
    """One layer of another expansion bends the chip and shows in the mismatch, a thousand million times above 1e-10."""
    one = package("paste", {**ALIKE, "materials.stiff_layer.CTE": "60 ppm/K"})
    free = responses(one)[1]
    expected = (16e-6 - 2.6e-6) * -100.0 * np.array([[joint.x, joint.y] for joint in one.array.joints])
    assert np.abs(free.shift - expected).max() > 0.1 * np.abs(expected).max()


def test_the_force_based_figure_is_the_decoupling_of_two_joints() -> None:
    """D = D_F = k_a/(k_a + k_j) where one joint a side stands between bodies that stay straight; rigid to 1e-9."""
    stiffness = two_joints(1.0, 1e13)[2]
    for k in (0.1 * stiffness, stiffness, 10.0 * stiffness):
        figure, by_force, _ = two_joints(k, 1e13)
        assert figure == pytest.approx(stiffness / (stiffness + k), abs=1e-7)
        assert by_force == pytest.approx(figure, abs=1e-7)
    assert abs(two_joints(stiffness, 100.0 * stiffness)[1] - 0.5) > 1e-3  # a joint that isn't rigid is no reference


def test_in_an_array_the_force_based_figure_is_larger() -> None:
    """Joints farther in take load off the critical one when it yields: D_F > D, both between 0 and 1."""
    joined, free = responses(package("solder", OVERHANG))
    rigid = with_rigid_joints("solder")[0]
    D = decoupling_figures(joined.shift, free.shift)[0]
    force, rigid_force = (float(np.linalg.norm(each.change("shear_force")[0])) for each in (joined, rigid))
    assert 0.0 < D < reduction(force, rigid_force) < 1.0
