"""Closed forms against published figures, elastic tables and integrations of their own differential equations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special

from fem_wlp import limits
from fem_wlp.limits import Plate

SILICON = (131e3, 0.28)
SOLDER = (43e3, 0.36)
COPPER = (117e3, 0.34)
CORE = (4.8e3, 0.36)
POLYIMIDE = (3.3e3, 0.34)
ADHESIVE = (200.0, 0.45)
SILICONE = (2.0, 0.49)

DISC_ON_DISC = (Plate(131e3, 0.28, 0.3, 0.0), Plate(22e3, 0.28, 1.0, 1.54e-3))


def beam(parts: list[tuple[tuple[float, float], float]], diameter: float) -> limits.Sections:
    """Round post of several materials, from below: ((E, nu), height)."""
    return limits.stack_sections(
        [
            limits.beam_sections(limits.cylinder_profile(h, diameter / 2, diameter / 2), [E], [nu])
            for (E, nu), h in parts
        ]
    )


def ball(
    radii: list[float],
    materials: list[tuple[float, float]],
    distance: tuple[float, float],
    contacts: tuple[float, float] | None = None,
) -> limits.Sections:
    """Ball of shells; fillets of the outermost material."""
    E, nu = zip(*materials, materials[-1], materials[-1], strict=True)
    return limits.beam_sections(limits.ball_profile(radii, distance, contacts), E, nu)


# posts and balls ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slenderness", "nu", "printed"),
    [(0.5, 0.30, 0.7959), (0.5, 0.49, 0.8172), (1.0, 0.30, 0.6094), (1.0, 0.49, 0.6413)],
)
def test_a_guided_post_is_timoshenko_with_cowpers_coefficient(slenderness: float, nu: float, printed: float) -> None:
    """K h/(G A) to its printed digits; a shear coefficient of 1 misses them."""
    area = np.pi / 4
    stiffness = limits.guided_post_stiffness(1.0, nu, 1.0, slenderness)
    assert stiffness * slenderness / (float(limits.shear_modulus(1.0, nu)) * area) == pytest.approx(printed, abs=5e-5)
    plain = 1 / (slenderness**2 * 16 / (12 * 2 * (1 + nu)) + 1.0)
    assert plain != pytest.approx(printed, rel=0.02)


@pytest.mark.parametrize(
    ("slenderness", "nu", "elastic"), [(0.5, 0.3, 0.829), (0.5, 0.49, 0.870), (1.0, 0.3, 0.632), (1.0, 0.49, 0.700)]
)
def test_bonded_ends_make_a_post_stiffer_than_the_beam(slenderness: float, nu: float, elastic: float) -> None:
    """Elastic values of posts bonded to rigid plates lie 4-10 % (nu 0.3) and 6-11 % (nu 0.49) above the beam."""
    area = np.pi / 4
    stiffness = limits.guided_post_stiffness(1.0, nu, 1.0, slenderness)
    excess = elastic / (stiffness * slenderness / (float(limits.shear_modulus(1.0, nu)) * area)) - 1
    assert (0.035 if nu < 0.4 else 0.06) < excess < (0.10 if nu < 0.4 else 0.11)


def test_a_beam_of_one_section_is_the_guided_post() -> None:
    """The integral over equal sections is the formula (1e-12), its moment vanishes at mid-height."""
    answer = limits.guided_beam(beam([(SOLDER, 0.10), (SOLDER, 0.07)], 0.2))
    assert answer.lateral == pytest.approx(limits.guided_post_stiffness(*SOLDER, 0.2, 0.17), rel=1e-12)
    assert answer.inflection == pytest.approx(0.085, rel=1e-12)


def timoshenko_element(E: float, nu: float, diameter: float, length: float) -> np.ndarray:
    """Stiffness of a Timoshenko beam element, (w, theta) at both ends (Przemieniecki 1968)."""
    bending = E * np.pi * diameter**4 / 64
    shear = float(limits.cowper_coefficient(nu) * limits.shear_modulus(E, nu)) * np.pi * diameter**2 / 4
    phi = 12 * bending / (shear * length**2)
    a, b = 6 * length, length**2
    return (bending / (length**3 * (1 + phi))) * np.array(
        [
            [12, a, -12, a],
            [a, (4 + phi) * b, -a, (2 - phi) * b],
            [-12, -a, 12, -a],
            [a, (2 - phi) * b, -a, (4 + phi) * b],
        ]
    )


@pytest.mark.parametrize("springs", [(0.0, 0.0), (4e-3, 1e-2)])
def test_a_beam_of_two_materials_equals_two_beam_elements(springs: tuple[float, float]) -> None:
    """Soft post on a stiff one, ends clamped or on rotational springs, against assembled elements (1e-10).

    Clamped pieces in series, the usual mistake, are 40 % too stiff here: they put a moment's zero in each.
    """
    parts, diameter = [(ADHESIVE, 0.10), (POLYIMIDE, 0.25)], 0.15
    K = np.zeros((6, 6))
    for i, (material, length) in enumerate(parts):
        K[2 * i : 2 * i + 4, 2 * i : 2 * i + 4] += timoshenko_element(*material, diameter, length)
    rigid = 1e-14
    K[1, 1] += 1 / max(springs[0], rigid)
    K[5, 5] += 1 / max(springs[1], rigid)
    free = [1, 2, 3, 5]
    condensed = K[4, 4] - K[4, free] @ np.linalg.solve(K[np.ix_(free, free)], K[free, 4])
    answer = limits.guided_beam(beam(parts, diameter), springs)
    assert answer.lateral == pytest.approx(condensed, rel=1e-10 if springs[0] else 1e-8)
    pieces = 1 / sum(1 / limits.guided_post_stiffness(*material, diameter, length) for material, length in parts)
    assert pieces != pytest.approx(condensed, rel=0.05)


@pytest.mark.parametrize(
    ("radii", "materials", "lateral", "axial", "excess"),
    [
        ([0.15], [SOLDER], 3452, 14090, (0.12, 0.14)),
        ([0.15], [CORE], 385, 1573, (0.12, 0.14)),
        ([0.115, 0.125, 0.15], [CORE, COPPER, SOLDER], 1752, 7180, (0.50, 0.80)),
    ],
)
def test_a_ball_as_a_beam_is_too_stiff_by_its_stated_band(
    radii: list[float], materials: list[tuple[float, float]], lateral: float, axial: float, excess: tuple[float, float]
) -> None:
    """Truncated balls of 0.30 mm between flat lands of 0.24 mm, against elastic values (two codes to 0.1 %)."""
    half = float(np.sqrt(0.15**2 - 0.12**2))
    sections = ball(radii, materials, (half, half))
    assert sections.height == pytest.approx(0.18, rel=1e-12)
    assert excess[0] < limits.guided_beam(sections).lateral / lateral - 1 < excess[1]
    assert 0.0 < limits.axial_stiffness(sections) / axial - 1 < excess[1]


def test_a_coat_of_the_cores_material_changes_nothing() -> None:
    """A ball cut into shells of one material is the solid ball, quadrature included (1e-6: other intervals)."""
    solid = ball([0.15], [SOLDER], (0.09, 0.1))
    shells = ball([0.05, 0.12, 0.15], [SOLDER] * 3, (0.09, 0.1))
    assert limits.guided_beam(shells).lateral == pytest.approx(limits.guided_beam(solid).lateral, rel=1e-6)
    assert limits.axial_stiffness(shells) == pytest.approx(limits.axial_stiffness(solid), rel=1e-6)


@pytest.mark.parametrize(
    ("height", "nu", "elastic"),
    [
        (0.25, 0.30, 1.211),
        (0.25, 0.49, 2.634),
        (0.25, 0.499, 2.918),
        (0.25, 0.4999, 2.952),
        (1.0, 0.30, 1.054),
        (1.0, 0.49, 1.185),
        (1.0, 0.499, 1.195),
    ],
)
def test_the_bonded_disc_bounds_the_elastic_one_from_above(height: float, nu: float, elastic: float) -> None:
    """Minimised energy lies above the elastic value: 2-4 % at nu = 0.3, 8-11 % towards incompressibility."""
    factor = limits.bonded_disc_factor(nu, limits.shape_factor(1.0, height))
    assert (0.02 if nu < 0.4 else 0.08) < factor / elastic - 1 < (0.04 if nu < 0.4 else 0.11)


def test_flat_bonded_discs_tend_to_the_confined_modulus() -> None:
    """S = 1000 at nu = 0.45: no free edge left to bulge (1e-5); a silicone of nu -> 1/2 follows Gent and Lindley."""
    assert limits.bonded_disc_factor(0.45, 1000.0) == pytest.approx(limits.confined_modulus(1.0, 0.45), rel=1e-5)
    assert limits.bonded_disc_factor(0.4999999, 3.0) == pytest.approx(limits.gent_lindley_factor(3.0), rel=0.03)
    assert limits.gent_lindley_factor(limits.shape_factor(1.0, 0.25)) == pytest.approx(2.952, rel=0.02)


def test_a_pads_give_is_mindlins_and_boussinesqs() -> None:
    """Isotropic half space: (2 - nu)/(8 G a), (1 - nu)/(4 G a), 3 (1 - nu)/(8 G a^3) to 1e-12."""
    E, nu, a = 131e3, 0.28, 0.1
    G = E / (2 * (1 + nu))
    stiffness = np.diag([2 * G] * 3 + [G] * 3)
    stiffness[:3, :3] += 2 * G * nu / (1 - 2 * nu)
    give = limits.circular_pad_give(stiffness, a)
    assert give == pytest.approx(
        ((2 - nu) / (8 * G * a), (1 - nu) / (4 * G * a), 3 * (1 - nu) / (8 * G * a**3)), rel=1e-12
    )


def test_a_softer_direction_gives_more_that_way() -> None:
    """Half the modulus along z: the axial give grows most, between the isotropic values of the two moduli."""

    def stiffness(along: float) -> np.ndarray:
        compliance = np.diag([1.0, 1.0, 1 / along, 2.6, 2.6, 2.6])
        compliance[0, 1] = compliance[1, 0] = -0.3
        compliance[0, 2] = compliance[2, 0] = compliance[1, 2] = compliance[2, 1] = -0.3
        return np.linalg.inv(compliance)

    stiff, soft = (np.array(limits.circular_pad_give(stiffness(E), 0.1)) for E in (1.0, 0.5))
    assert (soft / stiff > 1.0).all()
    assert (soft / stiff < 2.0).all()
    assert np.argmax(soft / stiff) > 0


@pytest.mark.parametrize(
    ("post", "diameter", "height", "layer", "lateral"),
    [
        (ADHESIVE, 0.20, 0.10, (2.0, 0.49), 19.14),
        (ADHESIVE, 0.20, 0.05, (200.0, 0.42), 75.5),
        ((5000.0, 0.36), 0.24, 0.072, (200.0, 0.42), 1105),
        (SOLDER, 0.20, 0.10, (3000.0, 0.34), 4905),
    ],
)
def test_a_bonded_layer_props_a_post(
    post: tuple[float, float], diameter: float, height: float, layer: tuple[float, float], lateral: float
) -> None:
    """Against axisymmetric elastic cells of 0.28 mm radius, base and cap rigid, to the stated -10 ... +3 %."""
    factor = limits.embedded_post(*post, diameter, height, *layer)
    sections = limits.stiffened(beam([(post, height)], diameter), factor.bending, factor.shear, factor.axial)
    assert -0.10 < limits.guided_beam(sections).lateral / lateral - 1 < 0.03


def test_a_layer_of_the_posts_own_material_is_a_pad_on_a_stratum() -> None:
    """Rigid disc on a layer on rock, k = 8 G a/(2 - nu) (1 + a/2h) (Gazetas 1983), to 10 % as both are fits."""
    E, nu, a = 200.0, 0.42, 0.1
    for height in (0.05, 0.1):
        factor = limits.embedded_post(E, nu, 2 * a, height, E, nu)
        sections = limits.stiffened(beam([((E, nu), height)], 2 * a), factor.bending, factor.shear, factor.axial)
        stratum = 8 * float(limits.shear_modulus(E, nu)) * a / (2 - nu) * (1 + a / (2 * height))
        assert limits.guided_beam(sections).lateral == pytest.approx(stratum, rel=0.10)
    none = limits.embedded_post(E, nu, 0.2, 0.1, 1e-9, 0.3)
    assert (none.shear, none.bending, none.axial) == pytest.approx((1.0, 1.0, 1.0), rel=1e-6)


# conductors -----------------------------------------------------------------------------------------------------


def test_a_cone_conducts_between_its_two_bounds() -> None:
    """Sections at one potential, h/(k pi a b), and straight lines, (1 + slope^2/2) times that (1e-9)."""
    lower, upper = limits.conductor_resistance(limits.cylinder_profile(0.3, 0.1, 0.2), [50.0])
    assert lower == pytest.approx(0.3 / (50.0 * np.pi * 0.1 * 0.2), rel=1e-9)
    assert upper == pytest.approx(lower * (1 + (0.1 / 0.3) ** 2 / 2), rel=1e-9)


def test_a_hollow_ball_conducts_as_its_skin() -> None:
    """Thin coat on an insulator between parallels of 45 degrees: R = ln cot(22.5 deg) / (pi t k), upper value (1 %)."""
    radius, thickness = 0.15, 0.001
    half = (radius - thickness / 2) / np.sqrt(2)
    profile = limits.ball_profile([radius - thickness, radius], (half, half))
    lower, upper = limits.conductor_resistance(profile, [0.0, 40.0, 0.0, 0.0])
    assert upper == pytest.approx(np.log(1 / np.tan(np.pi / 8)) / (np.pi * thickness * 40.0), rel=1e-2)
    assert lower == pytest.approx(2 * half / (40.0 * np.pi * thickness * (2 * radius - thickness)), rel=1e-6)
    assert limits.conductor_resistance(profile, [0.0, 0.0, 0.0, 0.0]) == (np.inf, np.inf)


def test_a_fillet_closes_the_wedge_between_ball_and_contact() -> None:
    """Whole ball on a bond line: volumes of sphere plus tangent cones, by the profile and by elementary formulas."""
    radius, bond, contact = 0.15, 0.005, 0.10
    distance = radius + bond
    profile = limits.ball_profile([radius], (distance, distance), (contact, contact))
    volume = np.pi * profile.weight @ profile.radii[-1] ** 2
    angle = np.arctan2(contact, distance) + np.arccos(radius / np.hypot(contact, distance))
    touch, foot = radius * np.sin(angle), radius * np.cos(angle)
    frustum = np.pi * (distance - foot) / 3 * (touch**2 + touch * contact + contact**2)
    zone = 2 * np.pi * (radius**2 * foot - foot**3 / 3)
    assert volume == pytest.approx(zone + 2 * frustum, rel=1e-6)
    assert (np.diff(profile.radii, axis=0) >= 0).all()
    wide = limits.ball_profile([radius], (distance, distance), (0.2, 0.2))  # wider than the ball: cones to its equator
    cones = 2 * np.pi * distance / 3 * (0.2**2 + 0.2 * radius + radius**2)
    assert np.pi * wide.weight @ wide.radii[-1] ** 2 == pytest.approx(cones, rel=1e-9)
    bare = limits.ball_profile([radius], (0.09, 0.09), (0.12, 0.12))
    assert bare.radii[-1] == pytest.approx(bare.radii[0], rel=1e-9)  # a truncated ball has no wedge to fill


def test_a_film_under_a_ball_is_columns_side_by_side() -> None:
    """Integrals of dA/g and r^2 dA/g by quadrature (1e-8), as stiffness in shear and bending and as resistance."""
    radius, distance, contact, E, nu = 0.15, 0.155, 0.10, 200.0, 0.0
    film = limits.film_section(radius, distance, contact, E, nu)
    gap = distance - np.sqrt(radius**2 - contact**2)
    assert film.height == pytest.approx(gap, rel=1e-12)

    def integral(power: int) -> float:
        value, _ = integrate.quad(
            lambda r: 2 * np.pi * r ** (1 + power) / (distance - np.sqrt(radius**2 - r**2)), 0, contact, epsabs=1e-14
        )
        return float(value)

    assert film.shear[0] / gap == pytest.approx(E / 2 * integral(0), rel=1e-8)
    factor = limits.bonded_disc_factor(nu, limits.shape_factor(2 * contact, gap))
    assert film.bending[0] / gap == pytest.approx(factor * E * integral(2) / 2, rel=1e-8)
    assert limits.film_resistance(radius, distance, contact, 50.0) == pytest.approx(1 / (50 * integral(0)), rel=1e-8)
    assert limits.film_resistance(radius, distance, contact, 0.0) == np.inf


def test_a_contact_as_wide_as_its_body_constricts_nothing() -> None:
    """And a small one gives half of Holm's 1/(2 k a): the spreading on one side."""
    assert limits.constriction_resistance(0.1, 0.1, 3.0) == 0.0
    assert limits.constriction_resistance(1e-6, 1.0, 3.0) == pytest.approx(1 / (4 * 3.0 * 1e-6), rel=1e-5)
    assert limits.constriction_resistance(0.05, 0.1, 0.0) == np.inf


# concentric bodies ----------------------------------------------------------------------------------------------


def test_a_coated_sphere_carries_its_published_pressure_and_hoop() -> None:
    """Core 4.8 GPa in 10 um copper, +100 K: printed digits; one and many coats agree with the one-coat formula."""
    core, shell = (*CORE, 40e-4), (*COPPER, 17e-4)
    ball = limits.concentric_spheres([0.10, 0.11], *zip(core, shell, strict=True))
    assert ball.pressure[0] == pytest.approx(25.663, abs=5e-4)
    assert ball.hoop[1] == pytest.approx([129.13, 116.30], abs=5e-3)
    assert ball.expansion / 100 == pytest.approx(23.56e-6, abs=5e-9)
    f = (0.10 / 0.11) ** 3
    K_core, K_shell = limits.bulk_modulus(*CORE), limits.bulk_modulus(*COPPER)
    give = 1 / (3 * K_core) + f / (1 - f) * (1 / (3 * K_shell) + 1 / (4 * limits.shear_modulus(*COPPER) * f))
    assert ball.pressure[0] == pytest.approx(23e-4 / give, rel=1e-12)
    assert ball.pressure[0] != pytest.approx(2 * 23e-4 / give, rel=1e-2)


def test_a_coat_split_in_two_is_the_same_coat() -> None:
    """Stresses and expansion unchanged (1e-12), and stress vanishes where all parts expand alike."""
    whole = limits.concentric_spheres([0.10, 0.11, 0.13], [4.8e3, 117e3, 43e3], [0.36, 0.34, 0.36], [4e-3, 2e-3, 3e-3])
    radii = [0.10, 0.103, 0.11, 0.13]
    split = limits.concentric_spheres(
        radii, [4.8e3, 117e3, 117e3, 43e3], [0.36, 0.34, 0.34, 0.36], [4e-3, 2e-3, 2e-3, 3e-3]
    )
    assert split.expansion == pytest.approx(whole.expansion, rel=1e-12)
    assert split.hoop[[0, 3]] == pytest.approx(whole.hoop[[0, 2]], rel=1e-11)
    free = limits.concentric_spheres(radii, [4.8e3, 117e3, 117e3, 43e3], [0.36, 0.34, 0.34, 0.36], [2e-3] * 4)
    assert free.expansion == pytest.approx(2e-3, rel=1e-12)
    assert np.abs(free.hoop).max() < 1e-9


def test_a_cylinder_in_a_ring_has_its_published_wall_stress() -> None:
    """Zero net axial force, free outside, -100 K: printed digits of both published pairs."""
    post = limits.concentric_cylinders([0.10, 0.25], [200, 2000], [0.45, 0.40], [-100e-4, -60e-4])
    assert post.radial[0] == pytest.approx(3.6559, abs=5e-5)
    assert post.axial == pytest.approx([4.0685, -0.7750], abs=5e-5)
    assert post.axial_strain == pytest.approx(-6.10893e-3, abs=5e-9)
    assert post.surface_shift == pytest.approx(-1.63534e-3, abs=5e-9)
    assert post.axial @ [0.10**2, 0.25**2 - 0.10**2] == pytest.approx(0.0, abs=1e-12)
    solder = limits.concentric_cylinders([0.10, 0.25], [43e3, 3.3e3], [0.36, 0.34], [-21.5e-4, -35e-4])
    assert solder.radial[0] == pytest.approx(-3.5139, abs=5e-5)
    doubled = limits.concentric_cylinders([0.10, 0.25], [43e3, 3.3e3], [0.36, 0.34], [-43e-4, -35e-4])
    assert doubled.radial[0] != pytest.approx(-3.5139, rel=0.05)


def test_a_confined_layer_obeys_hookes_law_without_lateral_strain() -> None:
    """Invert the compliance for e_xx = e_yy = 0: modulus, and thickness growth under a free expansion (1e-12)."""
    E, nu, alpha = 3.3e3, 0.34, 35e-6
    compliance = (np.eye(3) * (1 + nu) - nu) / E
    stiffness = np.linalg.inv(compliance)
    assert limits.confined_modulus(E, nu) == pytest.approx(stiffness[2, 2], rel=1e-12)
    held = stiffness @ [-alpha, -alpha, 0.0]  # in-plane expansion suppressed
    growth = alpha - held[2] / stiffness[2, 2]
    assert limits.confined_expansion(alpha, nu) == pytest.approx(growth, rel=1e-12)


# laminates ------------------------------------------------------------------------------------------------------

BOARD, DIE = 22e3 / 0.72, 131e3 / 0.72


def test_silicon_on_board_bows_by_its_published_curvature() -> None:
    """FR4 1.0 mm under silicon 0.3 mm, -100 K: printed digits, by layers and by the bimetal formula alike."""
    plate = limits.layered_plate([1.0, 0.3], [BOARD, DIE], [-18e-4, -2.6e-4])
    assert plate.curvature == pytest.approx(1.745786e-3, abs=5e-10)
    assert plate.stress == pytest.approx(np.array([[-18.733, 34.610], [-74.107, 21.184]]), abs=5e-4)
    bimetal = limits.bimetal_curvature((1.0, 0.3), (BOARD, DIE), (-18e-4, -2.6e-4))
    assert bimetal == pytest.approx(plate.curvature, rel=1e-12)
    swapped = limits.bimetal_curvature((0.3, 1.0), (BOARD, DIE), (-18e-4, -2.6e-4))
    assert swapped != pytest.approx(plate.curvature, rel=0.05)


def test_three_layers_bow_by_their_published_curvature() -> None:
    """Silicon, polyimide, buffer, -150 K: curvature to its digits, mean film stresses to 0.001 MPa."""
    alpha = np.array([2.6e-6, 35e-6, 60e-6])
    plate = limits.layered_plate([0.3, 0.010, 0.050], [DIE, 3.3e3 / 0.66, 2.0e3 / 0.60], -150 * alpha)
    assert plate.curvature == pytest.approx(-7.253591e-4, abs=5e-11)
    assert plate.stress[1:].mean(axis=1) == pytest.approx([23.587, 28.152], abs=1e-3)


def test_layers_that_expand_alike_stay_flat_and_free_of_stress() -> None:
    """The joint-free limit: no curvature, no stress (1e-9 MPa)."""
    plate = limits.layered_plate([1.0, 0.3, 0.05], [BOARD, DIE, 5e3], [2e-3] * 3)
    assert abs(plate.curvature) < 1e-15
    assert np.abs(plate.stress).max() < 1e-9


def test_stoney_is_the_limit_of_a_thin_film() -> None:
    """Error falls with the film's thickness, linearly: at 1e-4 of the substrate below 1e-3."""
    errors = []
    for film in (3e-4, 3e-5):
        plate = limits.layered_plate([0.3, film], [DIE, 5e3], [0.0, -5e-3])
        stress = limits.stoney_stress(-plate.curvature, DIE, 0.3, film)
        errors.append(abs(stress / plate.stress[1].mean() - 1))
    assert errors[1] < 1e-3
    assert errors[0] / errors[1] == pytest.approx(10.0, rel=0.05)


# chip on board --------------------------------------------------------------------------------------------------


def test_two_springs_share_the_mismatch() -> None:
    """Series springs: the two forces are equal and the shifts add up to the free mismatch (1e-14)."""
    shift, force = limits.two_springs(2e-3, 300.0, 700.0)
    assert force == pytest.approx(300.0 * (2e-3 - shift), rel=1e-14)
    assert force == pytest.approx(700.0 * shift, rel=1e-14)
    assert shift / 2e-3 == pytest.approx(0.3, rel=1e-14)


def test_bessel_functions_agree_with_scipy() -> None:
    """Relative 1e-12 from zero to 3000."""
    x = np.array([1e-6, 0.1, 1.0, 5.0, 20.0, 300.0, 3000.0])
    for order in (0, 1):
        assert limits.scaled_bessel(order, x) == pytest.approx(special.ive(order, x), rel=1e-10)


def test_a_straight_strip_decouples_as_tanh() -> None:
    """Series 1 - x^2/3 + 2 x^4/15 for weak joints, 1/x for strong ones; the lag adds both plates' give."""
    x = np.array([0.0, 0.1, 50.0])
    assert limits.strip_decoupling(x) == pytest.approx([1.0, 1 - 0.01 / 3 + 2e-4 / 15, 0.02], rel=1e-6)
    beta = limits.strip_lag(limits.foundation(40.0, 0.5), (131e3 * 0.3, 22e3 * 1.0))
    assert beta**2 == pytest.approx(160.0 * (1 / 39300 + 1 / 22000), rel=1e-12)


@pytest.mark.parametrize(("beta_radius", "printed"), [(0.522, 0.95), (0.763, 0.90), (1.162, 0.80), (2.514, 0.50)])
def test_a_flat_disc_decouples_as_published(beta_radius: float, printed: float) -> None:
    """With nu = 0.28, to the digits that beta R was printed with; nu = 0.18 misses them."""
    assert limits.disc_decoupling(beta_radius, 0.28) == pytest.approx(printed, abs=1e-4)
    assert limits.disc_decoupling(beta_radius, 0.18) != pytest.approx(printed, abs=1e-3)


def test_a_flat_disc_has_its_limits() -> None:
    """1 without joints and (1 + nu)/x for rigid ones (0.2 % at x = 1000)."""
    assert limits.disc_decoupling(0.0, 0.28) == 1.0
    assert limits.disc_decoupling(1000.0, 0.28) == pytest.approx(1.28e-3, rel=2e-3)


@pytest.mark.parametrize(
    ("shear_modulus", "raw", "tilt_off"),
    [(1000, 0.348, 0.191), (300, 0.474, 0.347), (100, 0.647, 0.561), (30, 0.833, 0.792), (10, 0.933, 0.917)],
)
def test_a_bending_disc_decouples_as_plate_theory_says(shear_modulus: float, raw: float, tilt_off: float) -> None:
    """Rim of a 5 mm disc on a layer of 0.2 mm, published plate theory, one unit of the last printed digit."""
    rim = limits.bent_disc(DISC_ON_DISC, shear_modulus / 0.2, 0.2, 5.0, (5.0, 5.0), [5.0])
    assert rim.raw_decoupling[0] == pytest.approx(raw, abs=1e-3)
    assert rim.decoupling[0] == pytest.approx(tilt_off, abs=1e-3)
    half = limits.bent_disc(DISC_ON_DISC, shear_modulus / 0.4, 0.2, 5.0, (5.0, 5.0), [5.0])
    assert half.decoupling[0] != pytest.approx(tilt_off, abs=1e-2)


def test_rigid_joints_leave_only_the_tilt() -> None:
    """As k -> infinity: D = 0 with the tilt off, and the raw value is the bonded plates' common bow times the gap.

    The bow is that of the layers with a gap of no stiffness along itself: Timoshenko's argument with the arm c.
    """
    rim = limits.bent_disc(DISC_ON_DISC, 1e12, 0.2, 5.0, (5.0, 5.0), [5.0])
    assert rim.decoupling[0] == pytest.approx(0.0, abs=1e-4)
    spacer = limits.layered_plate([1.0, 0.2, 0.3], [BOARD, 1e-6, DIE], [1.54e-3, 0.0, 0.0])
    assert rim.slope[0] == pytest.approx(-spacer.curvature * 5.0, rel=1e-4)
    assert rim.raw_decoupling[0] == pytest.approx(0.199, abs=0.01)


def integrated_disc(
    plates: tuple[Plate, Plate], stiffness: float, gap: float, radius: float, outer: tuple[float, float]
) -> tuple[float, float]:
    """Shift and slope at the rim by collocation: displacements and edge forces of every ring, joints or not."""
    chip, board = plates
    arm = (chip.thickness + board.thickness + 2 * gap) / 2
    rigidity = [chip.membrane, board.membrane, chip.bending + board.bending]
    nu = [chip.nu, board.nu, (chip.nu * chip.bending + board.nu * board.bending) / rigidity[2]]
    free = [chip.strain, board.strain, 0.0]
    rings = [(chip, outer[0], chip.membrane), (board, outer[1], board.membrane)]
    rings += [(chip, outer[0], chip.bending), (board, outer[1], board.bending)]

    def edge(plate: Plate, outside: float, stiff: float, strain: float) -> float:
        """Edge force per u/r of a ring, integrated outwards from its inner edge as a boundary value problem."""
        if outside <= radius:
            return 0.0

        def rates(r: np.ndarray, y: np.ndarray) -> np.ndarray:
            return np.array([y[1], y[0] / r**2 - y[1] / r])

        def ends(inner: np.ndarray, outer_: np.ndarray) -> np.ndarray:
            return np.array([inner[0] - radius, outer_[1] + plate.nu * outer_[0] / outside])

        grid = np.linspace(radius, outside, 200)
        found = integrate.solve_bvp(rates, ends, grid, np.array([grid, np.ones_like(grid)]), tol=1e-9)
        return -stiff * (found.y[1, 0] + plate.nu)

    hold = [edge(*ring, 0.0) for ring in rings]
    spring = [hold[0], hold[1], hold[2] + hold[3]]

    def rates(r: np.ndarray, y: np.ndarray) -> np.ndarray:
        load = stiffness * (y[2] - y[0] - arm * y[4]) * np.array([[-1.0], [1.0], [-arm]])
        out = np.empty_like(y)
        for i in range(3):
            out[2 * i] = y[2 * i + 1]
            out[2 * i + 1] = y[2 * i] / r**2 - y[2 * i + 1] / r + load[i] / rigidity[i]
        return out

    start = 1e-3 * radius

    def ends(centre: np.ndarray, rim: np.ndarray) -> np.ndarray:
        at_centre = [centre[2 * i] - start * centre[2 * i + 1] for i in range(3)]
        at_rim = [
            rigidity[i] * (rim[2 * i + 1] + nu[i] * rim[2 * i] / radius - (1 + nu[i]) * free[i])
            + spring[i] * (rim[2 * i] / radius - free[i])
            for i in range(3)
        ]
        return np.array([*at_centre, *(np.array(at_rim) / rigidity)])

    grid = np.linspace(start, radius, 400)
    guess = np.zeros((6, 400))
    found = integrate.solve_bvp(rates, ends, grid, guess, tol=1e-8, max_nodes=20000)
    assert found.success
    y = found.y[:, -1]
    return float(y[2] - y[0] - arm * y[4]), float(y[4])


def test_a_bending_disc_solves_its_own_equations() -> None:
    """Unlike Poisson's ratios and a board that reaches past the joints, against collocation (1e-5)."""
    plates = Plate(163e3, 0.20, 0.25, -3e-4), Plate(24e3, 0.38, 1.2, -1.9e-3)
    rim = limits.bent_disc(plates, 300.0, 0.3, 2.0, (2.3, 7.0), [2.0])
    shift, slope = integrated_disc(plates, 300.0, 0.3, 2.0, (2.3, 7.0))
    assert rim.shift[0] == pytest.approx(shift, rel=1e-5)
    assert rim.slope[0] == pytest.approx(slope, rel=1e-5)
    assert rim.free[0] == pytest.approx(-1.6e-3 * 2.0, rel=1e-12)


def test_joints_that_do_not_stretch_give_suhirs_common_deflection() -> None:
    """As q -> infinity: the shift tends to the bent disc's (1e-4), the slope outside an edge zone of (D/q)^(1/4)."""
    plates = Plate(163e3, 0.20, 0.25, -3e-4), Plate(24e3, 0.38, 1.2, -1.9e-3)
    suhir = limits.bent_disc(plates, 300.0, 0.3, 2.0, (2.3, 7.0), [1.0, 2.0])
    stiff = limits.jointed_disc(plates, (300.0, 1e10), 0.3, 2.0, (2.3, 7.0), [1.0, 2.0])
    assert stiff.shift == pytest.approx(suhir.shift, rel=1e-4)
    assert stiff.slope == pytest.approx(suhir.slope, rel=5e-3)


def plates_by_polynomials(
    plates: tuple[Plate, Plate], stiffness: tuple[float, float], gap: float, radius: float, outer: tuple[float, float]
) -> float:
    """Shift at the rim of the joined region by least energy over polynomials (Ritz), both plates, all of u and w."""
    node, weight = np.polynomial.legendre.leggauss(40)
    powers = np.arange(14)
    K, F = np.zeros((56, 56)), np.zeros(56)
    for side, (plate, end) in enumerate(zip(plates, outer, strict=True)):
        for low, high in ((0.0, radius), (radius, end)):
            r = (low + high) / 2 + (high - low) / 2 * node
            w = weight * (high - low) / 2 * r
            odd = (r[:, None] / end) ** (2 * powers + 1)
            slope = (2 * powers + 1) * (r[:, None] / end) ** (2 * powers) / end
            hoop = odd / r[:, None]
            stretch = np.einsum("q,qi,qj->ij", w, slope, slope) + np.einsum("q,qi,qj->ij", w, hoop, hoop)
            cross = np.einsum("q,qi,qj->ij", w, slope, hoop)
            one = stretch + plate.nu * (cross + cross.T)
            u, phi = slice(28 * side, 28 * side + 14), slice(28 * side + 14, 28 * side + 28)
            K[u, u] += plate.membrane * one
            K[phi, phi] += plate.bending * one
            F[u] += plate.membrane * (1 + plate.nu) * plate.strain * ((slope + hoop).T @ w)
    r = radius / 2 * (1 + node)
    w = weight * radius / 2 * r
    rows = np.zeros((2, len(r), 56))
    for side, (plate, end, sign) in enumerate(zip(plates, outer, (-1, 1), strict=True)):
        odd = (r[:, None] / end) ** (2 * powers + 1)
        rows[0, :, 28 * side : 28 * side + 14] = sign * odd
        rows[0, :, 28 * side + 14 : 28 * side + 28] = -(plate.thickness + gap) / 2 * odd
        deflection = end * (r[:, None] / end) ** (2 * powers + 2) / (2 * powers + 2)
        rows[1, :, 28 * side + 14 : 28 * side + 28] = sign * deflection
    lift = np.column_stack([rows[1], np.ones(len(r))])  # and a relative motion as a whole
    whole = np.zeros((57, 57))
    whole[:56, :56] = K + stiffness[0] * np.einsum("q,qi,qj->ij", w, rows[0], rows[0])
    whole += stiffness[1] * np.einsum("q,qi,qj->ij", w, lift, lift)
    scale = 1 / np.sqrt(np.diag(whole))
    solution = scale * np.linalg.lstsq(whole * np.outer(scale, scale), scale * np.append(F, 0.0), rcond=1e-14)[0]
    odd = (radius / np.repeat(outer, 14)) ** np.tile(2 * powers + 1, 2)
    rim = np.zeros(57)
    for side, (plate, sign) in enumerate(zip(plates, (-1, 1), strict=True)):
        values = odd[14 * side : 14 * side + 14]
        rim[28 * side : 28 * side + 14] = sign * values
        rim[28 * side + 14 : 28 * side + 28] = -(plate.thickness + gap) / 2 * values
    return float(rim @ solution)


def test_a_jointed_disc_has_the_least_energy() -> None:
    """Bessel functions against polynomials minimising the energy of two plates on joints that also stretch (1e-3).

    Without the stretch (q a million times as large) the shift differs by 10 %: the term is needed.
    """
    plates = Plate(163e3, 0.20, 0.25, -3e-4), Plate(24e3, 0.38, 1.2, -1.9e-3)
    stiffness = (2000.0, 6000.0)
    rim = limits.jointed_disc(plates, stiffness, 0.3, 2.0, (2.0, 2.0), [2.0])
    assert rim.shift[0] == pytest.approx(plates_by_polynomials(plates, stiffness, 0.3, 2.0, (2.0, 2.0)), rel=1e-3)
    overhung = limits.jointed_disc(plates, stiffness, 0.3, 2.0, (2.2, 2.6), [2.0])
    by_energy = plates_by_polynomials(plates, stiffness, 0.3, 2.0, (2.2, 2.6))
    assert overhung.shift[0] == pytest.approx(by_energy, rel=5e-3)
    common = limits.bent_disc(plates, 2000.0, 0.3, 2.0, (2.0, 2.0), [2.0])
    assert common.shift[0] != pytest.approx(rim.shift[0], rel=0.03)


def test_a_stiff_overhang_is_a_larger_disc_where_nothing_is_joined() -> None:
    """No overhang at all and one of no width agree; an endless board hardens the rim (D rises)."""

    def rim(outer: float) -> float:
        return float(limits.bent_disc(DISC_ON_DISC, 500.0, 0.2, 5.0, (5.0, outer), [5.0]).decoupling[0])

    assert rim(5.0 + 1e-9) == pytest.approx(rim(5.0), rel=1e-8)
    assert rim(5.0) < rim(7.0) < rim(1e4)


def test_a_bending_strip_is_suhirs_assembly() -> None:
    """D = tanh(x)/x with the bending compliance inside x; stiff plates reduce to Chen and Nelson (1e-9)."""
    strip = limits.bent_strip(DISC_ON_DISC, 500.0, 0.2, 5.0, [2.0, 5.0])
    bending = (0.3 + 1.0 + 0.4) ** 2 / (4 * sum(plate.bending for plate in DISC_ON_DISC))
    assert limits.bending_compliance(DISC_ON_DISC, 0.2) == pytest.approx(bending, rel=1e-12)
    beta = np.sqrt(500.0 * (bending + sum(1 / plate.membrane for plate in DISC_ON_DISC)))
    assert strip.decoupling[1] == pytest.approx(np.tanh(5 * beta) / (5 * beta), rel=1e-9)
    assert strip.shift[0] / strip.shift[1] == pytest.approx(np.sinh(2 * beta) / np.sinh(5 * beta), rel=1e-9)
    assert strip.pad_to_pad[1] > strip.shift[1]


# corners --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stiff", "soft", "edge", "on_half_plane"),
    [
        (SILICON, POLYIMIDE, 0.713, [0.675]),
        (SILICON, SOLDER, 0.896, [0.590, 0.978]),
        (COPPER, ADHESIVE, 0.624, [0.621]),
        (SILICON, SILICONE, 0.600, [0.600]),
    ],
)
def test_bimaterial_corners_have_their_published_exponents(
    stiff: tuple[float, float], soft: tuple[float, float], edge: float, on_half_plane: list[float]
) -> None:
    """Bogy's free edge (90/90) and a soft right angle on a stiff half plane, to the printed 0.001.

    A root within 1e-3 of 1, nearly a bounded stress, is not printed in the table.
    """
    moduli, ratios = zip(stiff, soft, strict=True)
    free_edge = limits.singular_exponents(moduli, ratios, (90.0, 90.0))
    assert [root.real for root in free_edge] == pytest.approx([edge], abs=1e-3)
    foot = limits.singular_exponents(moduli, ratios, (180.0, 90.0))
    assert [root.real for root in foot if root.real < 0.999] == pytest.approx(on_half_plane, abs=1e-3)
    assert all(root.imag == 0.0 for root in (*free_edge, *foot))


def test_one_materials_corners_are_williams() -> None:
    """Re-entrant right angle 0.54448 and 0.90853, crack 1/2, convex corner none (1e-5), wherever the cut is drawn."""
    for angle in ((90.0, 180.0), (135.0, 135.0)):
        roots = limits.singular_exponents((5.0, 5.0), (0.4, 0.4), angle)
        assert [root.real for root in roots] == pytest.approx([0.544484, 0.908529], abs=1e-5)
    crack = limits.singular_exponents((5.0, 5.0), (0.2, 0.2), (180.0, 180.0))
    assert crack == (pytest.approx(0.5, abs=1e-5),)
    assert limits.singular_exponents((5.0, 5.0), (0.2, 0.2), (70.0, 80.0)) == ()


def test_an_interface_crack_oscillates() -> None:
    """Root 1/2 + i eps, eps = ln[(1 - beta)/(1 + beta)]/(2 pi) by Dundurs' beta (Williams 1959), 1e-6."""
    E, nu = (117e3, 3.3e3), (0.34, 0.40)
    _, beta = limits.dundurs_parameters(E, nu)
    (root,) = limits.singular_exponents(E, nu, (180.0, 180.0))
    assert root.real == pytest.approx(0.5, abs=1e-6)
    assert root.imag == pytest.approx(abs(np.log((1 - beta) / (1 + beta))) / (2 * np.pi), abs=1e-6)


def test_exponents_depend_on_dundurs_parameters_alone() -> None:
    """Another pair of the same alpha and beta has the same exponents (1e-6); a third pair hasn't."""
    E, nu = (131e3, 43e3), (0.28, 0.36)
    alpha, beta = limits.dundurs_parameters(E, nu)
    # m = 4 (1 - nu): alpha fixes G_1 m_2/(G_2 m_1), then beta fixes m_1 for any m_2
    ratio, second = (1 + alpha) / (1 - alpha), 0.33
    m_2, G_2 = 4 * (1 - second), 1.0
    m_1 = 2 / (beta * (ratio + 1) - ratio * (m_2 - 2) / m_2 + 1)
    G_1, first = ratio * G_2 * m_1 / m_2, 1 - m_1 / 4
    other = ((2 * G_1 * (1 + first), 2 * G_2 * (1 + second)), (first, second))
    assert limits.dundurs_parameters(*other) == pytest.approx((alpha, beta), rel=1e-9)
    for angle in ((90.0, 90.0), (180.0, 90.0)):
        ours = [root.real for root in limits.singular_exponents(E, nu, angle)]
        theirs = [root.real for root in limits.singular_exponents(*other, angle)]
        assert theirs == pytest.approx(ours, abs=1e-6)
    assert limits.singular_exponents(E, (0.28, 0.45), (90.0, 90.0)) != limits.singular_exponents(E, nu, (90.0, 90.0))


def test_a_fillet_as_wide_as_its_ball_makes_half_of_it_a_cylinder() -> None:
    """Volume and height in closed form: the lower half is filled up to the equator's radius."""
    radius, up = 0.15, 0.1
    profile = limits.ball_profile([radius], (radius, up), (radius, 0.0))
    assert profile.height == pytest.approx(radius + up, rel=1e-12)
    outer = np.pi * profile.radii[-1] ** 2
    upper = np.pi * (radius**2 * up - up**3 / 3)
    assert outer @ profile.weight == pytest.approx(np.pi * radius**3 + upper, rel=1e-9)
