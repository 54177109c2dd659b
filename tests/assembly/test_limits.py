"""The assembly where closed forms know the answer."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fem_wlp import assembly, limits
from fem_wlp.assembly import CondensedPlate, Film, Plate, PlateMesh

from .models import (
    BOARD,
    BOARD_STRAIN,
    CHIP,
    CHIP_STRAIN,
    FR4,
    HEIGHT,
    NO_SYMMETRY,
    PITCH,
    SILICON,
    array,
    grid,
    isotropic,
    layered,
    mid_plane_spring,
    plates,
    post,
    solve_pair,
)

SEVERED = post(0.0, 0.0, 0.0)
MISMATCH = BOARD_STRAIN - CHIP_STRAIN

FULL = grid(5, 4)
LOPSIDED = np.delete(grid(5, 4), [0, 7, 13], axis=0)


@pytest.mark.parametrize(
    "places", [FULL, LOPSIDED, FULL + np.array([0.3, -0.2])], ids=["full", "lopsided", "off centre"]
)
def test_severed_plates_expand_by_their_own_coefficients(places: np.ndarray) -> None:
    """delta0 = (alpha_b - alpha_c) dT (r - mean r): linear fields are in the space, so 1e-10 is round-off."""
    condensed = plates(places, (3.2, 2.7), overhang=0.6)
    free = assembly.severed(*condensed, [SEVERED])
    expected = MISMATCH * (places - places.mean(axis=0))
    np.testing.assert_allclose(free.shift, expected, rtol=0, atol=1e-10 * np.abs(expected).max())
    np.testing.assert_allclose(free.pad_to_pad, expected, rtol=0, atol=1e-10 * np.abs(expected).max())
    assert np.abs(free.shear_force).max() == np.abs(free.axial_force).max() == 0
    assert abs(free.chip_shape.warpage) < 1e-15
    assert abs(free.board_shape.warpage) < 1e-15


def test_plates_of_one_expansion_load_no_joint() -> None:
    """Equal free strains: no shift, no force (against the force that blocks them, 1e-12), no warpage."""
    solution = assembly.assemble(*plates(LOPSIDED, (3.2, 2.7), strains=(-1e-3, -1e-3)), [post(3000.0)])
    assert np.abs(solution.shear_force).max() < 1e-12 * 3000.0 * 1e-3
    assert np.abs(solution.shift).max() < 1e-15
    assert abs(solution.chip_shape.warpage) < 1e-15


@pytest.mark.parametrize("coordinate", range(6))
def test_a_post_costs_nothing_when_everything_moves_as_one_body(coordinate: int) -> None:
    """Three shifts and three rotations about the chip's centre, on the lateral and axial stiffness: round-off."""
    shift, turn = np.eye(6)[coordinate].reshape(2, 3)
    joint, r = post(3000.0, 14000.0, 40.0), np.array([0.7, -0.4])
    z = np.array([HEIGHT + (CHIP + BOARD) / 2, 0.0])
    lines = [shift + np.cross(turn, [*r, height]) for height in z]
    x = [lines[0][0], turn[1], lines[1][0], turn[1]]
    y = [lines[0][1], -turn[0], lines[1][1], -turn[0]]
    w = [lines[0][2], 0, 0, lines[1][2], 0, 0]
    for stiffness, motion in ((joint.lateral, x), (joint.lateral, y), (joint.axial, w)):
        assert np.abs(stiffness @ motion).max() < 1e-12 * np.abs(stiffness).max()
    ends = joint.footprint @ x
    assert ends[2] - ends[0] + HEIGHT * (ends[1] + ends[3]) / 2 == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("k", [100.0, 1e4, 1e6])
def test_one_joint_between_straight_plates_is_two_springs(k: float) -> None:
    """One joint a half: D = D_F = k_a/(k_a + k_j) with k_a = F_rigid/delta0; exact, 1e-5 as "rigid" is 1e10 N/mm."""
    condensed = array(2, 1)
    solution, D = solve_pair(condensed, mid_plane_spring(k))
    rigid = assembly.assemble(*condensed, [mid_plane_spring(1e10)]).shear_force[1, 0]
    free = MISMATCH * PITCH / 2
    shift, force = limits.two_springs(free, rigid / free, k)
    assert D[1] == pytest.approx(shift / free, rel=1e-5)
    assert solution.shear_force[1, 0] == pytest.approx(force, rel=1e-5)
    assert 1 - solution.shear_force[1, 0] / rigid == pytest.approx(D[1], abs=1e-5)


def membrane_compliance(narrow: bool) -> float:
    """1/(E1 t1) + 1/(E2 t2) of strips, or with plane moduli."""
    plane = [1.0 if narrow else 1 - nu**2 for _, nu in (SILICON, FR4)]
    return plane[0] / (SILICON[0] * CHIP) + plane[1] / (FR4[0] * BOARD)


@pytest.mark.parametrize(("beta_length", "wrong", "agrees"), [(0.5, 1, True), (2.0, 1, True), (2.0, 1.02, False)])
def test_a_row_of_joints_is_the_shear_lag_strip(beta_length: float, wrong: float, agrees: bool) -> None:
    """D(x) = sinh(beta x)/(beta x cosh(beta l)) (Chen & Nelson 1979).

    40 joints differ from a smeared layer by (beta p)^2/24, here 4e-4; a stiffness 2 % off is seen.
    """
    places = grid(40, 1)
    half = 20 * PITCH
    beta = beta_length / half
    k = wrong * beta**2 * PITCH**2 / membrane_compliance(narrow=True)
    _, D = solve_pair(array(40, 1), mid_plane_spring(k))
    x = places[:, 0]
    expected = np.sinh(beta * x) / (beta * x * np.cosh(beta_length))
    assert np.allclose(D, expected, rtol=1e-3, atol=0) == agrees
    ends = limits.strip_decoupling(beta_length)
    assert float(D[0]) == pytest.approx(float(ends), rel=0.04 if agrees else 0.1)


@cache
def round_map(across: int, radius: float) -> tuple[tuple[CondensedPlate, CondensedPlate], float, float]:
    """Joints within a circle on a square chip: plates, and radii of the discs of equal area, joined and whole."""
    places = grid(across, across)
    places = places[np.hypot(*places.T) < radius]
    side = across * PITCH
    return plates(places, (side, side)), float(np.sqrt(len(places) / np.pi)) * PITCH, side / float(np.sqrt(np.pi))


@pytest.mark.parametrize(("k", "bends", "within"), [(30, False, 0.002), (300, False, 0.01), (1000, False, 0.02),
                                                    (30, True, 0.01), (100, True, 0.025)])  # fmt: skip
def test_a_round_map_is_the_disc(k: float, bends: bool, within: float) -> None:
    """Suhir's disc with a ring beyond the joints, of the square chip's area.

    164 joints; plate theory itself is off by 0.3 % at D = 0.9 and more below.
    """
    condensed, radius, outer = round_map(16, 3.6)
    _, D = solve_pair(condensed, post(k, 1e5, 1.0) if bends else mid_plane_spring(k))
    chip = limits.Plate(*SILICON, CHIP, CHIP_STRAIN)
    board = limits.Plate(*FR4, BOARD, BOARD_STRAIN)
    gap = HEIGHT if bends else -(CHIP + BOARD) / 2  # no lever: no bending
    r = np.hypot(*condensed[0].places.T)
    disc = limits.bent_disc((chip, board), limits.foundation(k, PITCH), gap, radius, (outer, outer), r)
    rim = r > r.max() - 1e-9
    assert D[rim].mean() == pytest.approx(disc.decoupling[rim].mean(), rel=within)


@cache
def tied_everywhere() -> assembly.AssemblySolution:
    height = 1e-6
    return assembly.assemble(*array(12, 12, height=height), [post(1e7, 1e7, 1e4, height)])


@pytest.mark.parametrize(("factor", "agrees"), [(1.0, True), (2.0, False)])
def test_plates_tied_everywhere_bow_like_a_bimetal(factor: float, agrees: bool) -> None:
    """Timoshenko's curvature in the middle of a 12 x 12 array of stiff, flat joints.

    0.1 %: the edges' influence has died away there; with one expansion doubled it is not met.
    """
    solution = tied_everywhere()
    biaxial = [E / (1 - nu) for E, nu in (FR4, SILICON)]
    kappa = limits.bimetal_curvature((BOARD, CHIP), (biaxial[0], biaxial[1]), (factor * BOARD_STRAIN, CHIP_STRAIN))
    middle = np.argmin(np.hypot(*solution.places.T))
    measured = [solution.chip[middle, 6], solution.board[middle, 6]]
    assert np.allclose(measured, kappa, rtol=1e-3, atol=0) == agrees
    # a dome: its corners lie kappa r^2/2 below its centre
    corner = kappa * (12 * PITCH) ** 2 / 4
    warpages = [solution.chip_shape.warpage, solution.board_shape.warpage]
    assert np.allclose(warpages, corner, rtol=1e-2, atol=0) == agrees


@pytest.mark.parametrize("k", [3000.0, 20.0])
def test_rigid_joints_have_no_shift_and_vanishing_ones_all_of_it(k: float) -> None:
    """D = 0 within 1e-3 on an assembly that bows, at 1e4 times any real stiffness; D = 1 within 1e-6 at 1e-9 times."""
    condensed = array(6, 6, overhang=0.5)
    rigid, D = solve_pair(condensed, post(3000 * 1e4, 1e8, 1e5))
    assert np.abs(D).max() < 1e-3
    assert abs(rigid.pad_to_pad / rigid.places / MISMATCH).max() > 0.1
    assert max(rigid.certificates.residual, rigid.certificates.equilibrium, rigid.certificates.energy) < 1e-10
    soft, D = solve_pair(condensed, post(k * 1e-9, 1e-5, 1e-8))
    assert np.abs(D - 1).max() < 1e-6
    np.testing.assert_allclose(soft.shear_force, k * 1e-9 * soft.shift, rtol=1e-6)
    assert max(soft.certificates.residual, soft.certificates.equilibrium, soft.certificates.energy) < 1e-10


LAYERS = (Film(0.010, -0.155, isotropic(3.3e3, 0.34), np.full(3, -35e-6 * 150)),
          Film(0.050, -0.185, isotropic(2.0e3, 0.40), np.full(3, -60e-6 * 150)))  # fmt: skip


@pytest.mark.parametrize(
    ("places", "outline"),
    [
        (grid(3, 2), (1.5, 1.0)),
        (grid(3, 2), (2.3, 1.25)),
        (grid(3, 2), (1.3, 0.85)),
        (np.delete(grid(4, 3), 5, axis=0), (2.1, 1.9)),
    ],
    ids=["covered", "margin", "cut", "missing joint"],
)
@pytest.mark.parametrize("symmetric", [True, False])
def test_layers_all_over_the_chip_bow_it_as_a_laminate(
    places: np.ndarray, outline: tuple[float, float], symmetric: bool
) -> None:
    """Layers in joint cells, margins and empty sites add up to whole ones: Hsueh's laminate in every cell.

    Constant strain and curvature are in the space, so it is exact (1e-8): 7.2536e-4 /mm, upward.
    """
    chip, board = plates(places, outline, symmetry=None if symmetric else NO_SYMMETRY)
    strain = np.full(3, -2.6e-6 * 150)
    chip = assembly.with_plate(chip, replace(chip.plate, thermal_strain=strain))
    film = assembly.laminate_film(LAYERS)
    free = assembly.severed(chip, board, [layered(SEVERED, film)], film=film)
    moduli = [2.0e3 / 0.60, 3.3e3 / 0.66, SILICON[0] / (1 - SILICON[1])]
    laminate = limits.layered_plate([0.050, 0.010, 0.3], moduli, [-60e-6 * 150, -35e-6 * 150, -2.6e-6 * 150])
    assert abs(laminate.curvature) == pytest.approx(7.253591e-4, rel=1e-6)
    np.testing.assert_allclose(free.chip[:, 6], laminate.curvature, rtol=1e-8)
    np.testing.assert_allclose(free.chip[:, 5], laminate.bottom_strain + laminate.curvature * 0.21, rtol=1e-8)
    np.testing.assert_allclose(free.chip[:, 7:], 0, atol=1e-10)
    corner = laminate.curvature * (outline[0] ** 2 + outline[1] ** 2) / 8
    assert free.chip_shape.warpage == pytest.approx(corner, rel=1e-6)


def orthotropic() -> np.ndarray:
    """A woven board: different moduli in x and y."""
    compliance = np.zeros((6, 6))
    E, nu = (25e3, 18e3, 9e3), (0.16, 0.35, 0.33)  # xy, xz, yz
    compliance[:3, :3] = [
        [1 / E[0], -nu[0] / E[0], -nu[1] / E[0]],
        [-nu[0] / E[0], 1 / E[1], -nu[2] / E[1]],
        [-nu[1] / E[0], -nu[2] / E[1], 1 / E[2]],
    ]
    compliance[3:, 3:] = np.diag([1 / 3e3, 1 / 4e3, 1 / 5e3])
    return np.linalg.inv(compliance)


def test_a_pulled_orthotropic_strip_has_its_own_modulus() -> None:
    """Two joints pull a strip apart: half way e + d1 = F/(E_x A), e - d1 = -nu_xy F/(E_x A).

    0.1 % ten widths from either load (Saint-Venant).
    """
    places = grid(21, 1)
    mesh, width = PlateMesh(), PITCH
    plate = Plate(21 * PITCH, width, BOARD, orthotropic(), np.zeros(3), 0.0)
    condensed = assembly.condense_plate(plate, places, PITCH, NO_SYMMETRY, mesh)
    forces = np.zeros(len(condensed.flexibility))
    first, last, middle = (int(np.argmin(np.abs(places[condensed.joints.first, 0] - x))) for x in (-5.0, 5.0, 0.0))
    forces[[11 * first, 11 * last]] = [-1.0, 1.0]
    q = (condensed.flexibility @ forces).reshape(-1, 11)[middle]
    assert q[5] + q[7] == pytest.approx(1 / (25e3 * width * BOARD), rel=1e-3)
    assert q[5] - q[7] == pytest.approx(-0.16 / (25e3 * width * BOARD), rel=2e-3)
