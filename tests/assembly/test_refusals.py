"""What the assembly refuses, and how it says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fem_wlp import assembly
from fem_wlp.assembly import Plate, PlateMesh, Symmetry
from fem_wlp.assembly.slabs import Slabs
from fem_wlp.assembly.solve import _efforts
from fem_wlp.assembly.system import build_system
from fem_wlp.errors import ConfigError, MaterialError, SolveError

from .models import (
    BOARD,
    BOARD_STRAIN,
    CHIP,
    CHIP_STRAIN,
    NO_SYMMETRY,
    PITCH,
    SILICON,
    array,
    grid,
    isotropic,
    mid_plane_spring,
    plates,
    post,
)

BOTH = Symmetry(x=True, y=True)
OFF_CENTRE = np.array([0.1, 0.2])


def test_symmetry_of_a_map_names_its_mirrors() -> None:
    assert assembly.symmetry_of(grid(3, 2)) == BOTH
    assert assembly.symmetry_of(np.delete(grid(3, 2), 0, axis=0)) == NO_SYMMETRY
    assert assembly.symmetry_of(np.delete(grid(3, 2), [0, 2], axis=0)) == Symmetry(x=True, y=False)
    assert str(Symmetry(x=True, y=False)) == "x = 0"


def test_a_mirror_that_the_map_has_not_is_refused() -> None:
    """The message says which mirrors it has."""
    with pytest.raises(ConfigError, match="x = 0 and y = 0") as refusal:
        plates(np.delete(grid(3, 2), [0, 2], axis=0), (1.5, 1.0), symmetry=BOTH)
    assert refusal.value.code == "G138"
    assert "x = 0;" in refusal.value.hint


def test_joints_that_differ_from_their_images_are_refused() -> None:
    """One stiffer joint, or one free edge, breaks the mirrors that the map has."""
    condensed = array(2, 2)
    with pytest.raises(ConfigError, match="differ") as refusal:
        assembly.assemble(*condensed, [post(1.0), post(2.0), post(2.0), post(2.0)])
    assert refusal.value.code == "G138"
    edges = np.zeros((4, 4))
    edges[0, 1] = 1
    with pytest.raises(ConfigError, match="differ"):
        assembly.assemble(*condensed, [post(1.0)], edges)


@pytest.mark.parametrize(
    ("joint", "motion"),
    [(post(0.0), "(shift|rotation) .*(x|y)"), (post(300.0, 0.0, 0.0), "shift along z"), (post(0.0, 0.0, 0.0), "shift")],
)
def test_a_chip_that_nothing_holds_is_refused_with_its_motion(joint: object, motion: str) -> None:
    """The free rigid motion is named."""
    with pytest.raises(SolveError, match=f"free to move: {motion}") as refusal:
        assembly.assemble(*array(2, 2, symmetry=NO_SYMMETRY), [joint])  # type: ignore[list-item]
    assert refusal.value.code == "S505"


def test_joints_outside_the_plate_or_too_near_are_refused() -> None:
    with pytest.raises(ConfigError, match="outline") as refusal:
        assembly.joint_cells((1.0, 1.0), grid(3, 1), PITCH)
    assert refusal.value.code == "G135"
    with pytest.raises(ConfigError, match="pitch") as refusal:
        assembly.joint_cells((3.0, 3.0), grid(3, 1), 1.01 * PITCH)
    assert refusal.value.code == "G130"


def test_a_stiffness_that_is_no_orthotropic_solid_is_refused() -> None:
    plate = array(2, 1)[0].plate
    for entry, value in (((0, 5), 1e3), ((0, 1), 1e6)):
        C = plate.stiffness.copy()
        C[entry] = C[entry[::-1]] = value
        with pytest.raises(MaterialError) as refusal:
            assembly.condense_plate(replace(plate, stiffness=C), grid(2, 1), PITCH, BOTH, PlateMesh())
        assert refusal.value.code == "M106"


def test_plates_and_joints_that_do_not_fit_are_refused() -> None:
    """Another height, another map, another number of joints, other moduli: mistakes of the caller."""
    chip, board = array(2, 1)
    with pytest.raises(ValueError, match="gap"):
        assembly.assemble(chip, board, [assembly.post_element(1.0, 1.0, 1.0, 0.1, (CHIP, BOARD))])
    with pytest.raises(ValueError, match="same places"):
        assembly.assemble(chip, array(1, 2)[1], [post(1.0)])
    with pytest.raises(ValueError, match="3 joint elements"):
        assembly.assemble(chip, board, [post(1.0)] * 3)
    with pytest.raises(ValueError, match="condensation"):
        assembly.with_plate(chip, replace(chip.plate, thickness=0.2))
    with pytest.raises(ValueError, match="severed"):
        assembly.severed(chip, board, [post(1.0)])


def test_a_plate_that_is_all_round_off_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """S502; no plate is exact to the last bit."""
    monkeypatch.setattr("fem_wlp.assembly.plate.LARGEST_ROUNDOFF", 1e-30)
    with pytest.raises(SolveError, match="round-off reaches") as refusal:
        plates(grid(2, 2), (1.2, 1.0))
    assert refusal.value.code == "S502"


def test_cells_tile_the_chip() -> None:
    """Joint cells and bare cells cover the outline once, wherever the chip ends and whichever joints are missing."""
    for outline in ((3.1, 2.2), (1.8, 1.4), (2.0, 1.5)):
        cells = assembly.joint_cells(outline, np.delete(grid(4, 3), [0, 5], axis=0), PITCH)
        both = np.concatenate([cells, assembly.bare_cells(outline, cells)])
        area = ((both[:, 1] - both[:, 0]) * (both[:, 3] - both[:, 2])).sum()
        assert area == pytest.approx(outline[0] * outline[1], rel=1e-12)


def test_a_solution_says_what_was_found() -> None:
    text = str(assembly.assemble(*array(2, 2), [post(300.0)]))
    assert "4 joints" in text
    assert " N at " in text
    assert "residual" in text


@pytest.mark.parametrize("places", [grid(1, 1), grid(1, 1) + OFF_CENTRE, grid(3, 1) + OFF_CENTRE])
def test_one_joint_or_one_row_is_an_array_too(places: np.ndarray) -> None:
    """Their severed state leaves rotations undetermined that move no joint: shifts are those of free expansion."""
    condensed = plates(places, (2.0, 1.0))
    free = assembly.severed(*condensed, [post(0.0, 0.0, 0.0)])
    expected = (BOARD_STRAIN - CHIP_STRAIN) * (places - places.mean(axis=0))
    np.testing.assert_allclose(free.shift, expected, atol=1e-14)
    solution = assembly.assemble(*condensed, [post(300.0)])
    assert np.abs(solution.shift).max() <= np.abs(expected).max() + 1e-12


def test_a_joint_that_resists_rigid_motion_is_refused() -> None:
    """A spring between the mid-planes has no moment to go with its force: no round-off."""
    chip, board = array(2, 1)
    with pytest.raises(SolveError, match="resists rigid motion") as refusal:
        assembly.balanced(mid_plane_spring(1.0), chip.plate, board.plate)
    assert refusal.value.code == "S503"


def test_a_plate_too_thin_for_its_width_is_refused() -> None:
    """1 nm of silicon over a centimetre: bending stiffness is lost in what membranes leave of sixteen digits."""
    foil = Plate(10.0, 10.0, 1e-6, isotropic(*SILICON), np.zeros(3), 0.0)
    with pytest.raises(SolveError) as refusal:
        assembly.condense_plate(foil, grid(2, 2), PITCH, assembly.symmetry_of(grid(2, 2)), PlateMesh())
    assert refusal.value.code in {"S501", "S502"}


def test_a_matrix_that_is_not_positive_definite_is_refused() -> None:
    """In whichever of its blocks: 1, 0, -1 on the diagonal."""
    with pytest.raises(SolveError, match="not positive definite") as refusal:
        Slabs(lambda row, column: np.array([[(1.0 - row) * (row == column)]]), np.arange(3))
    assert refusal.value.code == "S501"


def test_efforts_that_are_no_numbers_are_refused() -> None:
    """S508: one stiffness of a joint that is none."""
    system = build_system(*array(2, 2), [post(300.0)], None, None)
    assert np.isfinite(_efforts(system, system.q_T)[0]).all()
    spoiled = replace(system, D=np.where(np.arange(len(system.D)) == 1, np.nan, system.D))
    with pytest.raises(SolveError, match="not finite") as refusal:
        _efforts(spoiled, system.q_T)
    assert refusal.value.code == "S508"
