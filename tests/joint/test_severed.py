"""What a cut joint takes over from itself with another history, and what it must not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fem_wlp.joint.condense import CellModel, CellState, cell_model, cell_state, softened_state
from fem_wlp.joint.element import JointElement
from fem_wlp.joint.section import joint_section
from fem_wlp.joint.severed import chip_side, severed_joints
from fem_wlp.package import loads, template

from .sections import COARSE

ASSEMBLY, SERVICE = 490.0, 233.0


@pytest.fixture(scope="module")
def cut() -> tuple[CellModel, CellState]:
    """The joint of the compliant package, cold."""
    model = cell_model(joint_section(loads(template("compliant"))), COARSE)
    return model, cell_state(model, ASSEMBLY, SERVICE)


def differences(one: JointElement, other: JointElement) -> dict[str, float]:
    """Largest difference of every part that a severed joint has, relative."""
    names = ("axial", "axial_load", "planar", "footprint", "edge_footprint")
    pairs = {name: (np.asarray(getattr(one, name)), np.asarray(getattr(other, name))) for name in names}
    return {name: float(np.abs(a - b).max() / np.abs(b).max()) for name, (a, b) in pairs.items()}


def test_another_history_changes_loads_and_takes_the_fields_over(cut: tuple[CellModel, CellState]) -> None:
    """A joint born strained and at another temperature: what it takes over leaves no more than round-off, 1e-10."""
    model, state = cut
    rng = np.random.default_rng(7)
    before = 1e-6 * rng.standard_normal((len(state.free), 18))
    other = replace(state, free=0.3 * state.free, since_birth=before, relieved=np.array([3.0, -2.0]))
    (known,) = severed_joints(model, [state])
    (quick,), (anew,) = severed_joints(model, [other], [known]), severed_joints(model, [other])
    assert quick.chip.fields is known.chip.fields
    assert quick.board.fields is known.board.fields
    assert max(differences(quick.element, anew.element).values()) < 1e-10
    moved = differences(anew.element, known.element)
    assert min(moved[name] for name in ("axial_load", "edge_footprint")) > 1e-2


def test_where_the_footprint_moves_is_found_when_it_is_asked_for(cut: tuple[CellModel, CellState]) -> None:
    """A side that doesn't tell gives its other fields only to one that isn't asked either."""
    model, state = cut
    silent = chip_side(model, state, footprint=False)
    assert np.isnan(silent.moved).all()
    assert chip_side(model, state, [silent], footprint=False).fields is silent.fields
    (full,) = severed_joints(model, [state])
    told = chip_side(model, state, [silent])
    np.testing.assert_array_equal(told.moved, full.chip.moved)
    np.testing.assert_array_equal(silent.fields.axial, told.fields.axial)
    assert chip_side(model, state, [full.chip], footprint=False).fields is full.chip.fields


def test_fields_of_another_elasticity_are_not_taken_over(cut: tuple[CellModel, CellState]) -> None:
    """Half as stiff a joint on the same chip and board."""
    model, state = cut
    soft = softened_state(model, state, 0.5)
    (known,) = severed_joints(model, [state])
    (quick,), (anew,) = severed_joints(model, [soft], [known]), severed_joints(model, [soft])
    assert max(differences(quick.element, anew.element).values()) == 0.0
    assert differences(quick.element, known.element)["axial"] > 1e-2
