"""Which parameters a reduced model knows, and what they do."""

from __future__ import annotations

import numpy as np
import pytest

from fem_wlp.package import Package
from fem_wlp.reduced.axes import IN_SEQUENCE, Axis, Effect, Parameters, effect_of, parameters_of

from .cases import modulus, small, thickness


def along(package: Package, path: str, low: float, high: float, unit: str) -> Axis:
    return Axis(path, low, high, lambda value: package.replace(path, f"{float(value)!r} {unit}".strip()))


def test_a_modulus_moves_every_region_of_its_material() -> None:
    package = small("compliant")
    assert effect_of(package, modulus(package, "adhesive", 1.0, 5e4)) == Effect(
        "modulus", frozenset({"cylinder", "cylinder_fillet"}), pytest.approx(1 / 200.0)
    )


def test_a_modulus_whose_range_ends_where_the_package_stands_is_known_too() -> None:
    package = small("compliant")
    found = effect_of(package, modulus(package, "adhesive", 200.0, 400.0))
    assert found is not None
    assert found.regions == {"cylinder", "cylinder_fillet"}


def test_a_parameter_may_be_a_factor() -> None:
    package = small("compliant")
    axis = Axis("x", 0.5, 2.0, lambda factor: package.replace("materials.adhesive.E", f"{200 * factor!r} MPa"))
    found = effect_of(package, axis)
    assert found is not None
    assert found.slope == pytest.approx(1.0)


def test_the_second_layers_thickness_is_told_from_the_first_layers() -> None:
    package = small("compliant")
    found = effect_of(package, thickness(package, 0.04, 0.12))
    assert found is not None
    assert found.is_thickness
    assert found.slope == pytest.approx(1.0)
    assert effect_of(package, along(package, "first_layer.thickness", 5.0, 12.0, "um")) is None


@pytest.mark.parametrize(
    ("path", "low", "high", "unit"),
    [
        ("opening.diameter", 180.0, 210.0, "um"),
        ("array.pitch", 0.45, 0.5, "mm"),
        ("materials.adhesive.nu", 0.3, 0.45, ""),
        ("chip.thickness", 0.2, 0.4, "mm"),
        ("temperatures.assembly", 150.0, 217.0, "degC"),
        ("ball.diameter", 290.0, 310.0, "um"),
    ],
)
def test_what_is_no_modulus_no_expansion_and_not_that_thickness_is_left_to_full_solves(
    path: str, low: float, high: float, unit: str
) -> None:
    package = small("compliant")
    axis = along(package, path, low, high, unit)
    assert effect_of(package, axis) is None
    with pytest.raises(ValueError, match="is no modulus or expansion of the joint"):
        parameters_of(package, [axis])


def test_an_expansion_scales_loads_and_leaves_moduli_alone() -> None:
    package = small("compliant")
    axis = along(package, "materials.adhesive.CTE", 50.0, 120.0, "ppm/K")
    own = 150.0  # ppm/K, in the template
    assert effect_of(package, axis) == Effect(
        "expansion", frozenset({"cylinder", "cylinder_fillet"}), pytest.approx(1 / own)
    )
    parameters, groups = parameters_of(package, [axis, modulus(package, "adhesive", 100.0, 400.0)])
    growth = parameters.growth(np.array([[own, 200.0], [own + 70.0, 200.0]]))
    assert growth == pytest.approx(np.array([[1.0, 0.0], [1.0, 1.0]]), abs=1e-9)
    assert parameters.theta(np.array([[2 * own, 200.0]])) == pytest.approx(np.ones((1, len(groups.regions))))


def test_what_free_strain_is_not_linear_in_is_left_to_full_solves() -> None:
    """Up to a part's own stress-free temperature it follows silicon, whose expansion varies with temperature."""
    package = small("compliant")
    assert effect_of(package, along(package, "cylinder.stress_free", 100.0, 200.0, "degC")) is None


def test_groups_multiply_the_factors_of_all_parameters_that_act_on_them() -> None:
    package = small("compliant")
    adhesive = modulus(package, "adhesive", 1.0, 5e4)
    parameters, groups = parameters_of(package, [adhesive, thickness(package, 0.04, 0.12)])
    assert set(groups.regions[groups.upper :]) == {("land", "board")}
    theta = parameters.theta(np.array([[400.0, 0.1], [200.0, 0.05]]))
    moved = [number for number, names in enumerate(groups.regions) if "cylinder" in names]
    assert theta[0, moved] == pytest.approx(2.0)
    assert np.delete(theta[0], moved) == pytest.approx(1.0)
    assert theta[1] == pytest.approx(1.0)
    assert parameters.thickness(np.array([[400.0, 0.1]])) == pytest.approx(0.1)


def test_a_thickness_that_is_not_in_proportion_is_left_to_full_solves() -> None:
    package = small("compliant")
    more = Axis("more", 0.02, 0.06, lambda value: package.replace("second_layer.thickness", f"{value + 0.04!r} mm"))
    assert effect_of(package, more) is None


def test_a_thickness_that_takes_something_else_along_is_left_to_full_solves() -> None:
    package = small("compliant")

    def at(value: float) -> Package:
        return package.replace("second_layer.thickness", f"{value!r} mm").replace(
            "land.diameter", f"{value + 0.2!r} mm"
        )

    assert effect_of(package, Axis("both", 0.04, 0.08, at)) is None


def test_what_moves_modulus_and_expansion_at_once_is_left_to_full_solves() -> None:
    package = small("compliant")

    def at(value: float) -> Package:
        stiffer = package.replace("materials.adhesive.E", f"{value!r} MPa")
        return stiffer.replace("materials.adhesive.CTE", f"{0.5 * value!r} ppm/K")

    assert effect_of(package, Axis("both", 100.0, 300.0, at)) is None


def test_many_moduli_are_trained_at_points_spread_over_their_whole_box() -> None:
    """Its two ends, and the rest so that halves of every axis, in logarithms, have as many points each."""
    package, (low, high) = small("compliant"), (1.0, 5e4)
    axes = tuple(Axis(name, low, high, lambda _: package) for name in ("first", "second"))
    effects = tuple(Effect("modulus", frozenset([axis.name]), 1 / 200.0) for axis in axes)
    training = Parameters(axes, effects, np.eye(2), 0.1).training(0.1)
    assert training.shape == (IN_SEQUENCE, 2)
    assert training[:2] == pytest.approx(np.array([[low, low], [high, high]]))
    assert (training > np.sqrt(low * high)).sum(axis=0) == pytest.approx([IN_SEQUENCE / 2] * 2, abs=1)
