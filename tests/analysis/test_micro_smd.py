"""A real package that was measured: micro-SMD, cooled from 100 to 25 degC under a moire interferometer.

Xiao et al., InterPACK 2005, IPACK2005-73239: the pads of joints 1, 2, 3 from the centre along a row shifted against
each other by 102, 404 and 577 nm (mean of ten); with creep of the solder their finite elements found 101, 380, 574.
"""

from __future__ import annotations

import numpy as np
import pytest

from fem_wlp.package import loads, template
from fem_wlp.results import JointResult, Result

from .packages import solved

MEASURED = np.array([102.0, 404.0, 577.0])  # [nm]


@pytest.fixture(scope="module")
def micro_smd() -> Result:
    return solved(loads(template("micro-smd")))


def row_of(result: Result) -> list[JointResult]:
    """Joints 1, 2, 3 from the centre along the row next to the centre line."""
    return [joint for joint in result.joints if joint.row == 3 and joint.x > 0.0]


def along_the_row(joints: list[JointResult], name: str) -> np.ndarray:
    """A displacement of the chip's pads against the board's, positive outwards: the board contracts more [nm]."""
    return np.array([-1e6 * getattr(joint, name)[0] for joint in joints])


def test_pads_shift_as_moire_saw_it_less_what_solder_creeps(micro_smd: Result) -> None:
    """Rising outward, and 0.3 to 0.9 of the measured shifts: an elastic solder is too stiff, and creep is missing."""
    raw = along_the_row(row_of(micro_smd), "pad_to_pad")
    assert np.all(np.diff(raw) > 0)
    assert np.all((0.3 * MEASURED < raw) & (raw < 0.9 * MEASURED))


def test_most_of_what_moire_sees_is_tilt(micro_smd: Result) -> None:
    """More than half of the raw shift is rigid tilt with the bowed assembly; the joints deform by the rest."""
    joints = row_of(micro_smd)
    raw, own = (along_the_row(joints, name) for name in ("pad_to_pad", "shift"))
    assert np.all(np.diff(own) > 0)
    assert np.all((0.5 * raw < raw - own) & (raw - own < 0.7 * raw))


def test_the_trend_bites(micro_smd: Result) -> None:
    """Severed joints would shift by more than was measured, and rigid ones not rise to 0.3 of it without their tilt."""
    free = along_the_row(row_of(micro_smd), "free")
    own = along_the_row(row_of(micro_smd), "shift")
    assert np.all(free > 1.5 * MEASURED)
    assert np.any(own < 0.3 * MEASURED)


def test_its_assembly_bows_as_a_dome(micro_smd: Result) -> None:
    """The board contracts more under the chip: the centres of both stand up; warpage is positive for both."""
    assert micro_smd.warpage.chip > micro_smd.warpage.board > 0.0
