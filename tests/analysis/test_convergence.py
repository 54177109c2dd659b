"""A small package on three meshes: what is refined, what is read, and whether a wrong level shows."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from fem_wlp.analysis import levels, solve
from fem_wlp.analysis.convergence import (
    FIGURE,
    FORCE,
    WITHIN,
    WITHOUT_ORDER,
    Convergence,
    Stated,
    as_data,
    compared,
    quantity_of,
)
from fem_wlp.analysis.corners import singular_corners
from fem_wlp.analysis.extrapolation import Limit
from fem_wlp.analysis.levels import converge, levels_forecast, plate_unknowns
from fem_wlp.analysis.resolved import solve_resolved
from fem_wlp.decoupling import critical_joint
from fem_wlp.errors import ConfigError, ResourceError
from fem_wlp.joint import forecast as joint_forecast
from fem_wlp.joint.condense import cell_model
from fem_wlp.joint.section import cell_section, grading_of
from fem_wlp.limits.corners import singular_exponents
from fem_wlp.materials.model import plane_constants
from fem_wlp.package import Package, loads, template
from fem_wlp.verification.packages import package

from .packages import solved

SMALL = {"model.fineness": 0.4, "chip.width": "1 mm", "board.width": "1 mm", "array.rows": 2, "array.columns": 2}


def small() -> Package:
    return package("soft", SMALL)


@pytest.fixture(scope="module")
def found() -> Convergence:
    return converge(small())


def test_the_first_level_is_what_solve_solves(found: Convergence) -> None:
    """The same mesh and the same functions, so that the error found is that of a solve: the same digits."""
    result = solved(small(), grading_of(small()))
    own = result.joints[critical_joint(small().array.joints)]
    assert found.quantity(FORCE).together[0] == pytest.approx(math.hypot(*own.shear_force), rel=1e-9)
    assert found.quantity("critical_joint.shift").together[0] == pytest.approx(math.hypot(*own.shift), rel=1e-9)
    assert found.quantity("interconnect.strain").together[0] == pytest.approx(result.interconnect.strain, rel=1e-9)
    assert found.stated[0].value == pytest.approx(result.decoupling.figure, rel=1e-9)
    assert found.stated[0].stated == pytest.approx(result.certificates.discretisation_error.figure, rel=1e-6)


def test_both_families_become_finer_as_their_levels_say(found: Convergence) -> None:
    """Plates: finer^3 boxes, which share their faces; a graded section somewhat less than factor^2 triangles."""
    cell, plates = found.families
    assert cell.sizes == (1.0, 1 / 2, 1 / 3)
    assert plates.sizes == (1.0, 2 / 3, 1 / 2)
    for place, (level, factor) in enumerate(zip(found.levels, plates.factors, strict=True)):
        assert factor**2.4 <= plates.unknowns[place] / plates.unknowns[0] <= factor**3
        assert sum(plate_unknowns(small(), level)) * 2.0 == pytest.approx(plates.unknowns[place], rel=0.25)
        if level > 1:
            assert level < cell.unknowns[place] / cell.unknowns[0] < level**2.5


def test_the_joint_energy_and_its_stiffness_converge_at_a_plausible_order(found: Convergence) -> None:
    """No less in the cell than a crack would leave; the plates are at their limit, which they approach from above."""
    energy = found.quantity("critical_joint.energy")
    assert energy.limits["plates"].verdict in {"settled", "asymptotic"}
    first, second, third = energy.series["plates"]
    assert 0.0 < second - third < 0.5 * (first - second)
    assert 1.2 < (energy.limits["joint cell"].order or 0.0) < 4.5
    assert found.quantity("joint.stiffness.lateral").limits["plates"].verdict == "settled"


def test_elements_of_displacements_are_too_stiff_and_become_softer(found: Convergence) -> None:
    """A joint's stiffness is bounded by its energy: every mesh answers too much, the finer the less."""
    for name in ("axial", "lateral", "rocking", "torsion"):
        quantity = found.quantity(f"joint.stiffness.{name}")
        assert quantity.together[0] > quantity.together[1] > quantity.together[2] > quantity.limit.value - 1e-9


def test_budgets_of_the_limits_still_sum_to_one(found: Convergence) -> None:
    for budget in ("shift", "energy"):
        shares = [one.limit for one in found.quantities if one.key.startswith(f"decoupling.{budget}_budget")]
        assert sum(one.value for one in shares) == pytest.approx(1.0, abs=sum(one.error for one in shares) + 1e-9)


@pytest.mark.parametrize("labels", [(1.0, 0.98, 1 / 3), (1.0, 1 / 2, 0.49)])
@pytest.mark.parametrize("family", ["joint cell", "plates"])
def test_a_mislabelled_level_is_not_asymptotic(found: Convergence, family: str, labels: tuple[float, ...]) -> None:
    """Control: the package's own answers under the labels of other meshes."""
    energy = found.quantity("critical_joint.energy")
    sizes = {each.name: each.sizes for each in found.families}
    right = quantity_of(energy.key, sizes, energy.together, energy.series, energy.scale)
    wrong = quantity_of(energy.key, {family: labels}, energy.together, {family: energy.series[family]}, 1e-9)
    assert right.limit == energy.limit
    assert right.limit.known and not wrong.limit.known


def test_levels_in_the_wrong_order_are_not_asymptotic(found: Convergence) -> None:
    energy = found.quantity("critical_joint.energy")
    for family, (first, second, third) in energy.series.items():
        sizes = {family: found.family(family).sizes}
        wrong = quantity_of(energy.key, sizes, energy.together, {family: (first, third, second)}, 1e-9)
        assert "swing" in wrong.limit.reason


def test_corners_are_named_where_the_section_has_them() -> None:
    """Micro-SMD: the rims of base region, ball and land; each pair's exponents by Airy's function."""
    one = loads(template("micro-smd"))
    section, temperature = cell_section(one), one.temperatures.points[0]
    corners = singular_corners(section, cell_model(section, grading_of(one).refined(0.5)).mesh, temperature)
    by_name = {corner.regions: corner for corner in corners}
    places = {
        ("first_layer", "base_region"): (section.base_radius, section.levels.first_layer),
        ("base_region", "ball"): (section.contact_radii[0], section.levels.base_region),
        ("ball", "land"): (section.contact_radii[1], section.levels.land),
        ("land", "board"): (section.land_radius, 0.0),
    }
    assert set(by_name) == set(places)
    for regions, place in places.items():
        corner = by_name[regions]
        assert (corner.r, corner.z) == pytest.approx(place, abs=1e-9)
        E, nu = zip(*(plane_constants(section.materials[name], temperature) for name in regions), strict=True)
        assert corner.exponents == pytest.approx(singular_exponents(E, nu, corner.angles), abs=1e-6)
        assert corner.kind == "interface at a surface" and not corner.closed
    assert by_name["first_layer", "base_region"].angles == pytest.approx((180.0, 90.0), abs=1e-6)


def test_a_closed_corner_and_a_re_entrant_one_are_told_apart() -> None:
    """Compliant: the cylinder's free end turns inwards, its layer turns round the base region."""
    one = loads(template("compliant"))
    section = cell_section(one)
    mesh = cell_model(section, grading_of(one).refined(0.5)).mesh
    kinds = {corner.regions: corner for corner in singular_corners(section, mesh, one.temperatures.points[0])}
    assert kinds["cylinder",].kind == "re-entrant corner" and sum(kinds["cylinder",].angles) > 180.0
    turned = kinds["second_layer", "base_region"]
    assert turned.kind == "kink of an interface" and turned.closed
    assert turned.angles == pytest.approx((270.0, 90.0), abs=1e-6)


def test_what_was_found_is_plain_data(found: Convergence) -> None:
    data = json.loads(json.dumps(as_data(found), allow_nan=False))
    assert data["levels"] == [1, 2, 3] and data["verdict"] == found.verdict
    assert data["quantities"][0]["key"] == FIGURE
    assert {family["name"] for family in data["families"]} == {"joint cell", "plates"}
    assert len(data["corners"]) == len(found.corners) > 0
    assert all(len(one["series"]["plates"]["values"]) == 3 for one in data["quantities"])


def test_what_was_found_is_printed(found: Convergence) -> None:
    printed = str(found)
    assert found.verdict in printed
    assert all(quantity.key in printed for quantity in found.quantities)
    assert f"Singular corners ({len(found.corners)})" in printed and "λ = " in printed
    assert "Singular corners" not in str(replace(found, corners=()))


# Stated and found, from numbers


@pytest.mark.parametrize(
    ("stated", "uncertainty", "confirmed", "words"),
    [
        (1.0e-3, 1e-5, True, "confirmed"),
        (0.6e-3, 1e-5, True, "confirmed"),
        (0.4e-3, 1e-5, False, "NOT confirmed"),
        (0.4e-3, 5e-4, None, "cannot tell"),
        (1.0e-2, 1e-5, True, "safe side"),
    ],
)
def test_an_estimate_is_confirmed_within_a_factor_of_two(
    stated: float, uncertainty: float, confirmed: bool | None, words: str
) -> None:
    one = compared(FIGURE, 0.901, stated, Limit(0.900, uncertainty, 2.0, "asymptotic"), relative=False)
    assert one.found == pytest.approx(1e-3)
    assert one.ratio == pytest.approx(stated / 1e-3)
    assert one.confirmed is confirmed
    assert words in one.words
    assert WITHIN == 2.0


def test_without_an_order_the_spread_counts_threefold() -> None:
    limit = Limit(2.0, 0.01, None, "not asymptotic", "the answers swing about their limit")
    one = compared(FORCE, 2.1, 0.05, limit, relative=True)
    assert one.uncertainty == pytest.approx(WITHOUT_ORDER * 0.01 / 2.0)
    assert one.found == pytest.approx(0.05)


def test_no_error_at_all_is_no_division_by_zero() -> None:
    assert Stated(FIGURE, 0.5, 1e-3, 0.0, 0.0).ratio == math.inf


# Refusals


@pytest.mark.parametrize("count", [0, 2, 7])
def test_too_few_and_too_many_levels_are_refused(count: int) -> None:
    with pytest.raises(ConfigError, match="3 to 6") as refusal:
        converge(small(), count)
    assert refusal.value.code == "C210"


def test_a_resolved_array_beyond_the_finest_mesh_is_refused() -> None:
    with pytest.raises(ConfigError, match="fineness 6") as refusal:
        converge(package("soft", {**SMALL, "model.kind": "3d", "model.fineness": 2.0}))
    assert refusal.value.code == "C210" and "--fineness 1.3" in refusal.value.hint


@pytest.mark.parametrize("kind", ["2d", "3d"])
def test_levels_that_do_not_fit_into_the_memory_are_refused_before_anything_is_meshed(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the first level would fit."""
    from fem_wlp import environment

    one = package("soft", {"model.kind": kind, "model.fineness": 0.3})
    left = int(1e6 * 0.9 * levels_forecast(one).memory)
    for module in (environment, joint_forecast):
        monkeypatch.setattr(module, "available_memory", lambda: left)
    monkeypatch.setattr(levels, "_condensed", None)
    monkeypatch.setattr(levels, "_resolved", None)
    with pytest.raises(ResourceError) as refusal:
        converge(one)
    assert refusal.value.code == "R301"
    if kind == "2d":
        with pytest.raises(ResourceError, match="--levels 3"):
            converge(one, 4)


def test_a_single_joint_has_no_figure_to_converge() -> None:
    with pytest.raises(ConfigError) as refusal:
        converge(package("soft", {**SMALL, "array.rows": 1, "array.columns": 1}))
    assert refusal.value.code == "G130"


@pytest.mark.long
def test_levels_of_a_resolved_array_are_meshes_of_every_joint() -> None:
    """The first is what is solved; D of the last one is nearer to that of joint cell and assembly than is claimed."""
    solid = package("soft", {**SMALL, "model.kind": "3d", "model.fineness": 0.25})
    told: list[str] = []
    found = converge(solid, progress=told.append)
    (family,) = found.families
    assert family.unknowns[0] < family.unknowns[1] < family.unknowns[2]
    figure = found.quantity(FIGURE)
    first = solve_resolved(solid)
    assert figure.together[0] == first.decoupling.figure
    assert found.stated[0].stated == first.certificates.discretisation_error.figure
    assert figure.together[-1] == pytest.approx(solve(small()).decoupling.figure, abs=0.02)
    assert "level 3 of 3: mesh" in told
    assert found.verdict in str(found)
    assert found._repr_html_().startswith(f"<pre>{solid.name}: D = ")


def test_a_figure_without_a_limit_says_why(found: Convergence) -> None:
    """Its answers swing: no converged value is claimed, and no share of what was stated."""
    figure = found.quantity(FIGURE)
    limit = Limit(0.9, 0.02, None, "not asymptotic", "the answers swing about their limit")
    swinging = replace(figure, limits={**figure.limits, "joint cell": limit})
    quantities = tuple(swinging if one is figure else one for one in found.quantities)
    verdict = replace(found, quantities=quantities).verdict
    assert "not asymptotic (joint cell: the answers swing about their limit)" in verdict
    assert "converged it is" in found.verdict and "converged it is" not in verdict
