"""The reduced package against full solves on its own meshes."""

from __future__ import annotations

import numpy as np
import pytest

from fem_wlp.joint.resistance import electrical_resistance
from fem_wlp.package import Package
from fem_wlp.reduced.axes import Axis
from fem_wlp.reduced.package import ReducedPackage

from .cases import Full, expansion, modulus, small, spread, thickness

COPPER = (
    ("materials.plated.based_on", "copper"), ("materials.plated.E", "117 GPa"), ("materials.plated.source", "a test"),
    ("interconnect.material", "plated"), ("land.material", "plated"),
)  # fmt: skip

LAYER = (
    ("materials.layer.based_on", "silicone-photopatternable"), ("materials.layer.CTE", "200 ppm/K"),
    ("materials.layer.source", "a test"), ("second_layer.material", "layer"),
)  # fmt: skip

COAT = (
    ("materials.coat.based_on", "nickel"), ("materials.coat.CTE", "13 ppm/K"), ("materials.coat.source", "a test"),
    ("ball.coats.1.material", "coat"),
)  # fmt: skip

LOPSIDED = "OO.O\nOOOO\n..OO\nO..."


def axes_of(package: Package) -> list[Axis]:
    return [thickness(package, 0.02, 0.15), modulus(package, "adhesive", 1.0, 5e4)]


@pytest.fixture(scope="module")
def package() -> Package:
    return small("compliant")


@pytest.fixture(scope="module")
def model(package: Package) -> ReducedPackage:
    return ReducedPackage(package, axes_of(package), quantities=True)


@pytest.mark.long
def test_where_it_was_condensed_the_bound_is_proven_and_holds(package: Package, model: ReducedPackage) -> None:
    values = spread(axes_of(package), 6)
    values[:, 0] = model.nodes[[0, 1, 2, 3, 4, 5]]
    answers = model.answers(values)
    assert answers.certified.all()
    for number, one in enumerate(values):
        error = abs(Full(package, axes_of(package), one).figure - answers.figure[number])
        assert error <= answers.bound[number] + 1e-12
    assert answers.bound.max() < 2e-3


@pytest.mark.long
def test_between_thicknesses_the_bound_is_an_estimate_and_holds(package: Package, model: ReducedPackage) -> None:
    values = spread(axes_of(package), 8, seed=1)
    answers = model.answers(values)
    assert not answers.certified.any()
    errors = [
        abs(Full(package, axes_of(package), one).figure - figure)
        for one, figure in zip(values, answers.figure, strict=True)
    ]
    assert np.all(errors <= answers.bound)
    assert max(errors) < 2e-4
    assert np.median(answers.bound / errors) < 40.0


@pytest.mark.long
def test_expansions_are_exact_whatever_the_moduli() -> None:
    """Of the layer, which grows at its free edge too, and of the ball's stiffest coat, whose stress is read."""
    package = small("compliant", *LAYER, *COAT)
    axes = [
        modulus(package, "adhesive", 20.0, 2e3),
        expansion(package, "coat", 5.0, 25.0),
        expansion(package, "layer", 30.0, 500.0),
    ]
    model, values = ReducedPackage(package, axes, quantities=True), spread(axes, 3, seed=5)
    answers = model.answers(values, quantities=True)
    assert answers.certified.all()
    for number, one in enumerate(values):
        full = Full(package, axes, one)
        assert abs(full.figure - answers.figure[number]) <= answers.bound[number] + 1e-11
        assert answers.quantities["ball_stress"][number] == pytest.approx(
            max(full.local.ball_stress().values()), rel=1e-3
        )
    assert answers.bound.max() < 1e-3
    assert np.ptp(answers.figure) > 10 * answers.bound.max()


def test_force_shift_and_free_mismatch_are_those_of_the_full_solve(package: Package, model: ReducedPackage) -> None:
    (values,) = spread(axes_of(package), 1, seed=2)
    values[0] = model.nodes[2]
    answers, full = model.answers(values), Full(package, axes_of(package), values)
    for found, known in (
        (answers.shift, full.response.shift),
        (answers.free, full.free.shift),
        (answers.shear_force, full.response.change("shear_force")),
    ):
        assert found[0] == pytest.approx(known[full.joint], rel=1e-4)


def test_what_designs_are_limited_by_is_read_as_in_full(package: Package, model: ReducedPackage) -> None:
    (values,) = spread(axes_of(package), 1, seed=3)
    found, full = model.answers(values, quantities=True).quantities, Full(package, axes_of(package), values)
    local = full.local
    assert found["interconnect_strain"][0] == pytest.approx(local.interconnect_strain(), rel=1e-3)
    assert found["cylinder_shear_strain"][0] == pytest.approx(local.cylinder_shear_strain(), rel=1e-3)
    assert found["ball_stress"][0] == pytest.approx(max(local.ball_stress().values()), rel=1e-3)
    assert found["electrical_resistance"][0] == pytest.approx(electrical_resistance(full.model), rel=1e-3)
    assert found["height"][0] == pytest.approx(full.model.section.levels.chip, rel=1e-12)


def test_an_answer_does_not_depend_on_its_company(package: Package, model: ReducedPackage) -> None:
    values = spread(axes_of(package), 1200, seed=4)
    together, alone = model.answers(values), model.answers(values[700])
    assert together.figure[700] == pytest.approx(alone.figure[0], rel=1e-11)
    assert together.bound[700] == pytest.approx(alone.bound[0], rel=1e-6)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "changes", "material"),
    [
        ("compliant", (("array.rows", None), ("array.columns", None), ("array.map", LOPSIDED)), "adhesive"),
        ("compliant", (("model.symmetry", "whole"),), "adhesive"),
        ("compliant", (("second_layer.wall", "gap"), ("second_layer.gap", "5 um")), "adhesive"),
        ("compliant", (("temperatures.condition", None), ("temperatures.service", "25 degC")), "adhesive"),
    ],
)  # fmt: skip
def test_any_map_wall_and_temperature(name: str, changes: tuple[tuple[str, object], ...], material: str) -> None:
    package = small(name, *changes)
    axes = [modulus(package, material, 20.0, 2e3)]
    model, values = ReducedPackage(package, axes), np.array([[33.0], [700.0]])
    answers = model.answers(values)
    assert answers.certified.all()
    for one, figure, bound in zip(values, answers.figure, answers.bound, strict=True):
        assert abs(Full(package, axes, one).figure - figure) <= bound + 1e-11
    assert answers.bound.max() < 1e-3


def test_a_material_that_only_touches_chip_and_board_may_vary() -> None:
    """Base region and land are of copper: their group has nodes of both plates, and nothing of the plates' means."""
    package = small("compliant", *COPPER)
    axes = [modulus(package, "plated", 5e4, 2e5)]
    model, values = ReducedPackage(package, axes), np.array([[6e4], [1.7e5]])
    answers = model.answers(values)
    assert answers.certified.all()
    for one, figure, bound in zip(values, answers.figure, answers.bound, strict=True):
        assert abs(Full(package, axes, one).figure - figure) <= bound + 1e-11


def test_a_listed_thickness_is_proven_and_another_is_not(package: Package) -> None:
    model = ReducedPackage(package, [thickness(package, 0.05, 0.1)], listed=[0.05, 0.075, 0.1])
    answers = model.answers(np.array([[0.05], [0.06], [0.1]]))
    assert answers.certified.tolist() == [True, False, True]
