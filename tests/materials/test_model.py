"""Stiffness and free strain of materials against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fem_wlp.errors import MaterialError
from fem_wlp.materials.library import material
from fem_wlp.materials.model import (
    Expansion,
    FloatArray,
    Isotropic,
    Material,
    Orthotropic,
    Property,
    is_temperature_dependent,
    isotropic,
    plane_constants,
    scaled,
    stiffness,
    temperature_range,
    thermal_strain,
    transverse_average,
)

VOIGT = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)]


def full_tensor(C: FloatArray) -> FloatArray:
    """Return the (3, 3, 3, 3) tensor of a Voigt stiffness."""
    tensor = np.zeros((3, 3, 3, 3))
    for row, (i, j) in enumerate(VOIGT):
        for column, (k, m) in enumerate(VOIGT):
            for a, b in {(i, j), (j, i)}:
                for c, d in {(k, m), (m, k)}:
                    tensor[a, b, c, d] = C[row, column]
    return tensor


def rotated(C: FloatArray, angle: float) -> FloatArray:
    """Return a Voigt stiffness turned about z [rad], by its tensor."""
    c, s = np.cos(angle), np.sin(angle)
    R = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    turned = np.einsum("ia,jb,kc,ld,abcd->ijkl", R, R, R, R, full_tensor(C))
    return np.array([[turned[i, j, k, m] for k, m in VOIGT] for i, j in VOIGT])


def with_expansion(alpha: Property, reference: float | None = None) -> Material:
    elasticity = Isotropic(Property((1e3,)), Property((0.3,)))
    return Material("test", elasticity, Expansion(alpha, alpha, alpha, reference), "test")


def test_isotropic_stiffness_is_lames() -> None:
    """C = lambda 1 x 1 + 2 mu I with engineering shear strains."""
    E, nu = 117e3, 0.34
    lame, mu = E * nu / ((1 + nu) * (1 - 2 * nu)), E / (2 * (1 + nu))
    expected = np.diag([2 * mu] * 3 + [mu] * 3)
    expected[:3, :3] += lame
    np.testing.assert_allclose(stiffness(isotropic("Cu", E, nu, 0.0), 300.0), expected, rtol=1e-13)


def test_stiffness_of_silicon_110_is_the_cubic_crystal_turned_by_45_degrees() -> None:
    """C11 165.7, C12 63.9, C44 79.6 GPa (Hopcroft, Nix and Kenny 2010).

    Engineering constants are printed to 0.1 GPa and 0.001, which is worth 0.3 % of the smallest entries.
    """
    cubic = np.diag([165.7e3] * 3 + [79.6e3] * 3)
    cubic[:3, :3] += 63.9e3 * (1 - np.eye(3))
    found = stiffness(material("silicon-110"), 298.15)
    np.testing.assert_allclose(found, rotated(cubic, np.pi / 4), rtol=4e-3, atol=60.0)
    assert not np.allclose(found, cubic, rtol=4e-3, atol=60.0)


def test_transverse_average_is_the_mean_over_all_rotations_about_the_normal() -> None:
    """Entries are trigonometric polynomials of degree 4: eight equal angles integrate them exactly."""
    random = np.random.default_rng(1)
    half = random.normal(size=(6, 6))
    for C in (half @ half.T, stiffness(material("FR4-J"), 298.15)):
        mean = np.mean([rotated(C, angle) for angle in 2 * np.pi * np.arange(8) / 8], axis=0)
        found = transverse_average(C)
        np.testing.assert_allclose(found, mean, atol=1e-12 * np.abs(C).max())
        np.testing.assert_allclose(rotated(found, 0.7), found, atol=1e-12 * np.abs(C).max())


def test_an_isotropic_material_is_its_own_transverse_average() -> None:
    """So its constants in the plane are E and nu."""
    copper = isotropic("Cu", 117e3, 0.34, 17e-6)
    assert plane_constants(copper, 300.0) == pytest.approx((117e3, 0.34), rel=1e-12)


def test_poissons_ratios_follow_the_stress_that_causes_them() -> None:
    """A stress along x alone contracts y by nu_xy and z by nu_xz times the strain along x."""
    strain = np.linalg.solve(stiffness(material("FR4-J"), 298.15), [1.0, 0, 0, 0, 0, 0])
    assert strain[0] == pytest.approx(1 / 24.8e3, rel=1e-12)
    assert -strain[1] / strain[0] == pytest.approx(0.11, rel=1e-10)
    assert -strain[2] / strain[0] == pytest.approx(0.39, rel=1e-10)


def test_scaling_multiplies_the_whole_stiffness_and_nothing_else() -> None:
    """All moduli times c and the same Poisson's ratios: C times c."""
    for name in ("copper", "FR4-D", "FR4-J"):
        soft = scaled(material(name), 1e-9)
        np.testing.assert_allclose(stiffness(soft, 298.15), 1e-9 * stiffness(material(name), 298.15), rtol=1e-9)
        np.testing.assert_array_equal(thermal_strain(soft, 250, 350), thermal_strain(material(name), 250, 350))


def test_only_tables_change_with_temperature() -> None:
    """Constants do not; FR4-D's moduli fall."""
    assert not is_temperature_dependent(material("copper"))
    assert is_temperature_dependent(material("FR4-D"))
    assert stiffness(material("FR4-D"), 398.15)[0, 0] < stiffness(material("FR4-D"), 233.15)[0, 0]


def test_instantaneous_and_mean_expansion_of_one_solid_give_one_strain() -> None:
    """With alpha = a + b T the strain is a (T2 - T1) + b (T2² - T1²) / 2, whichever way it is stated.

    The mean from T0 is a + b (T + T0) / 2, itself a straight line; so both tables are exact.
    """
    a, b, T0, start, end = 13.8e-6, 9.44e-9, 293.15, 490.0, 233.15
    ends = (200.0, 600.0)
    instantaneous = with_expansion(Property(tuple(a + b * T for T in ends), ends))
    mean = with_expansion(Property(tuple(a + b * (T + T0) / 2 for T in ends), ends), reference=T0)
    exact = a * (end - start) + b * (end**2 - start**2) / 2
    np.testing.assert_allclose(thermal_strain(instantaneous, start, end), exact, rtol=1e-12)
    np.testing.assert_allclose(thermal_strain(mean, start, end), exact, rtol=1e-12)


def test_a_mean_expansion_must_be_rebased() -> None:
    """Used as if its reference were the stress-free temperature it is wrong by several per cent: the check bites."""
    mean = with_expansion(Property((10e-6, 30e-6), (200.0, 600.0)), reference=293.15)
    strain = thermal_strain(mean, 490.0, 233.15)[0]
    not_rebased = mean.expansion.x(233.15) * (233.15 - 490.0)
    assert abs(not_rebased / strain - 1) > 0.05


@given(st.lists(st.floats(200.2, 775.0), min_size=3, max_size=3))
def test_free_strain_adds_up_along_any_path(temperatures: list[float]) -> None:
    """∫ from a to c = ∫ from a to b + ∫ from b to c; bends of the table lie anywhere between."""
    a, b, c = temperatures
    silicon = material("silicon")
    whole = thermal_strain(silicon, a, c)
    np.testing.assert_allclose(whole, thermal_strain(silicon, a, b) + thermal_strain(silicon, b, c), atol=1e-15)


def test_silicon_expands_as_okada_and_tokumaru_measured() -> None:
    """α = (3.725 (1 − exp(−5.88e-3 (T − 124))) + 5.548e-4 T) ppm/K, J. Appl. Phys. 56, 314 (1984); ± 0.2 ppm/K there.

    The strain from 25 °C by quadrature of the formula; the table below 500 K is another one, hence 2 %.
    """
    from scipy.integrate import quad

    def alpha(T: float) -> float:
        return (3.725 * (1 - np.exp(-5.88e-3 * (T - 124))) + 5.548e-4 * T) * 1e-6

    for end in (233.15, 398.15, 490.15, 648.15):
        exact = quad(alpha, 298.15, end)[0]
        assert thermal_strain(material("silicon"), 298.15, end)[0] == pytest.approx(exact, rel=0.02)


def test_a_table_is_not_used_outside_its_range() -> None:
    """M108 names the property and the range; extrapolate holds the last value."""
    table = Property((1e3, 5e2), (250.0, 400.0))
    for elasticity in (Isotropic(table, Property((0.3,))),):
        solid = Material("gel", elasticity, Expansion(*[Property((1e-6,))] * 3))
        with pytest.raises(MaterialError, match="E of gel is known for") as caught:
            stiffness(solid, 450.0)
        assert caught.value.code == "M108"
    held = Property((1e3, 5e2), (250.0, 400.0), extrapolate=True)
    assert held(450.0) == 5e2
    assert held.integral(400.0, 450.0) == pytest.approx(50 * 5e2)
    with pytest.raises(MaterialError, match="thermal expansion of test"):
        thermal_strain(with_expansion(Property((1e-6, 2e-6), (250.0, 400.0))), 300.0, 450.0)


def test_constants_that_set_energy_free_are_refused_with_the_eigenvalue() -> None:
    """Equal moduli with all Poisson's ratios 0.6: hydrostatic compliance 1 - 2 nu = -0.2."""
    one, ratio = Property((1e3,)), Property((0.6,))
    solid = Material(
        "no solid",
        Orthotropic(one, one, one, ratio, ratio, ratio, one, one, one),
        Expansion(*[Property((1e-6,))] * 3),
    )
    with pytest.raises(MaterialError, match=r"lowest eigenvalue.* -0\.2\b") as caught:
        stiffness(solid, 300.0)
    assert caught.value.code == "M106"


@pytest.mark.parametrize(
    ("E", "nu", "code"), [(0.0, 0.3, "M102"), (-1.0, 0.3, "M102"), (1.0, 0.5, "M101"), (1.0, -1.0, "M101")]
)
def test_isotropic_constants_of_no_solid_are_refused(E: float, nu: float, code: str) -> None:
    """E > 0 and -1 < nu < 0.5."""
    with pytest.raises(MaterialError) as caught:
        isotropic("x", E, nu, 0.0)
    assert caught.value.code == code


def test_the_range_of_a_property_is_told_where_it_has_one() -> None:
    assert temperature_range(Property((1e3,))) == "any temperature"
    assert temperature_range(Property((1e3, 5e2), (250.0, 400.0), extrapolate=True)) == "any temperature"
    assert temperature_range(Property((1e3, 5e2), (273.15, 373.15))) == "0 degC … 100 degC"
