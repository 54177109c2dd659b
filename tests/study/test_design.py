"""Designs of a package that is known in closed form: one case for each status word, intervals, and the front."""

import json
from dataclasses import replace

import numpy as np
import pytest

from fem_wlp.analysis import solve
from fem_wlp.errors import ConfigError, SolveError, TargetError
from fem_wlp.package import loads, resolved_toml, template
from fem_wlp.study.aim import aim_of
from fem_wlp.study.design import Design, as_data, find, require_reached

from .springs import (
    MODULUS,
    THICKNESS,
    compliant,
    figure_of,
    modulus_for,
    quick,
    resistance_of,
    springs,
    strain_of,
    thickness_for,
)


def designed(target: float = 0.9, model=None, package=None, evaluator=springs, **asked) -> Design:
    aim = aim_of(package or compliant(), target, asked.get("objective"), asked.get("vary"), asked.get("limits"))
    return find(aim, model_for=model or quick(), evaluator=evaluator)


def value(design: Design, name: str) -> float:
    return next(interval.present for interval in design.intervals if interval.range.name == name)


def test_the_thinnest_layer_is_that_of_the_closed_form() -> None:
    """Within the slack of 2e-4 in D, of which the thickness changes by 2e-4 / (D (1 − D)) of itself."""
    for target in (0.85, 0.9, 0.93):
        design = designed(target)
        assert design.status == "feasible" and design.binding == ("target",) and design.solves == 1
        assert target <= design.figures.figure <= target + 4e-4
        assert value(design, THICKNESS) == pytest.approx(thickness_for(target, 200.0), rel=4e-3)
        assert design.package.second_layer.thickness == pytest.approx(value(design, THICKNESS), rel=1e-6)
        assert str(loads(resolved_toml(design.package))) == str(design.package)


def test_the_stiffest_cylinder_is_that_of_the_closed_form() -> None:
    design = designed(0.95, objective="stiffest")
    assert design.status == "feasible"
    assert value(design, MODULUS) == pytest.approx(modulus_for(0.95, 0.075), rel=6e-3)


@pytest.mark.parametrize(("bias", "factor"), [(0.02, 0.9), (-0.03, 1.1)])
def test_a_wrong_model_is_corrected_by_full_solves(bias: float, factor: float) -> None:
    """The design is that of the full solve: target and limit are met by it, whatever the model said."""
    design = designed(0.9, quick(bias, factor), limits={"interconnect_strain": "0.2 %"})
    assert design.status == "feasible" and 1 < design.solves <= 6
    assert 0.9 <= design.figures.figure <= 0.9005
    assert design.modelled - design.figures.figure == pytest.approx(bias, abs=1e-9)


def test_two_free_parameters_find_the_corner_of_both() -> None:
    """The thinnest layer with a free modulus has the softest cylinder: both are known."""
    vary = {THICKNESS: "20 um..300 um", MODULUS: "150 MPa..2 GPa:log"}
    design = designed(0.9, vary=vary)
    assert design.status == "feasible"
    assert value(design, MODULUS) == pytest.approx(150.0, rel=2e-3)
    assert value(design, THICKNESS) == pytest.approx(thickness_for(0.9, 150.0), rel=6e-3)
    assert {"target", f"low end of {MODULUS}"} <= {*design.binding}


def test_of_designs_alike_in_the_objective_the_most_decoupled_one_is_taken() -> None:
    """Every thickness from 100 um admits the stiffest cylinder of the range: the thickest decouples most."""
    vary = {THICKNESS: "20 um..300 um", MODULUS: "100 MPa..200 MPa"}
    design = designed(0.9, objective="stiffest", vary=vary)
    assert value(design, MODULUS) == pytest.approx(200.0)
    assert value(design, THICKNESS) == pytest.approx(0.3, rel=1e-2)


def test_three_free_parameters_are_searched_too() -> None:
    """The third has no effect; the corner is the same."""
    vary = {THICKNESS: "20 um..300 um", MODULUS: "150 MPa..2 GPa:log", "materials.polymer-core.E": "1..9 GPa"}
    design = designed(0.9, vary=vary)
    assert value(design, THICKNESS) == pytest.approx(thickness_for(0.9, 150.0), rel=6e-3)


def test_a_target_that_every_package_meets_says_so() -> None:
    design = designed(0.5)
    assert design.status == "met_everywhere" and design.reached
    assert design.binding == (f"low end of {THICKNESS}", "layer_ratio") or "low end" in " ".join(design.binding)
    assert design.values[THICKNESS] == "32 um"


def test_a_target_out_of_reach_says_so_with_the_best_value_and_the_bound() -> None:
    design = designed(0.99)
    assert design.status == "infeasible" and not design.reached
    assert design.figures.figure == pytest.approx(figure_of(0.25, 200.0), abs=1e-9)
    assert design.binding == (f"high end of {THICKNESS}",)
    modulus = next(one for one in design.intervals if one.range.name == MODULUS)
    assert modulus.high == pytest.approx(modulus_for(0.99, 0.25), rel=1e-3)  # what would reach it
    with pytest.raises(TargetError, match="out of reach") as refusal:
        require_reached(design)
    assert refusal.value.code == "D105"


@pytest.mark.parametrize(
    ("name", "limit", "needed"),
    [
        ("interconnect_strain", "0.08 %", strain_of(thickness_for(0.9, 200.0))),
        ("electrical_resistance", "25 mOhm", resistance_of(thickness_for(0.9, 200.0))),
        ("total_height", "0.69 mm", 0.3 + 0.33 + thickness_for(0.9, 200.0)),
    ],
)
def test_a_limit_in_the_way_is_named_with_what_it_would_have_to_be(name: str, limit: str, needed: float) -> None:
    design = designed(0.9, limits={name: limit})
    assert design.status == f"limited_by_{name}" and name in design.binding
    assert design.needed[name] == pytest.approx(needed, rel=3e-3)
    assert design.figures.figure < 0.9
    with pytest.raises(TargetError) as refusal:
        require_reached(design)
    assert refusal.value.code == "D106"


def test_limits_in_the_way_together_say_so() -> None:
    """Each of two is too low for the target by itself, so taking away one of them does not help."""
    design = designed(0.9, limits={"interconnect_strain": "0.08 %", "electrical_resistance": "25 mOhm"})
    assert design.status == "limited_by_several" and not design.needed


def test_limits_that_no_package_keeps_say_so() -> None:
    """The ratio of the layers asks for 32 um, the resistance for less than 30 um."""
    design = designed(0.9, limits={"electrical_resistance": "18 mOhm"}, vary={THICKNESS: "20 um..300 um"})
    assert design.status == "limits_conflict" and {*design.binding} & {"layer_ratio", "electrical_resistance"}
    with pytest.raises(TargetError) as refusal:
        require_reached(design)
    assert refusal.value.code == "D107"


def test_a_design_that_its_full_solve_does_not_confirm_says_so() -> None:
    """A full solve that never reaches what the model promises, however often that is corrected."""

    def constant(package, keys):
        return springs(package, keys) | {"decoupling.figure": 0.894}

    design = designed(0.9, evaluator=constant)
    assert design.status == "unconfirmed"
    with pytest.raises(SolveError) as refusal:
        require_reached(design)
    assert refusal.value.code == "D108"


def test_a_joint_driven_the_other_way_is_no_more_decoupled() -> None:
    """D rises beyond 1 with the thickness: the target is reached up to 2 − D only, and the front ends at 1."""

    def over(package, keys):
        found = springs(package, keys)
        return found | {"decoupling.figure": found["decoupling.figure"] + package.second_layer.thickness}

    class Over:
        def __init__(self, package, ranges, names):
            self.quick, self.ranges, self.kind = quick()(package, ranges, names), tuple(ranges), "reduced"

        def readings(self, values, names=(), bounds=False):
            found = self.quick.readings(values, names)
            by = {axis.name: values[:, number] for number, axis in enumerate(self.ranges)}
            layer = by.get(THICKNESS, self.quick.package.second_layer.thickness)
            return replace(found, figure=found.figure + layer)

    design = designed(0.97, Over, evaluator=over)
    thickness = next(one for one in design.intervals if one.range.name == THICKNESS)
    assert design.status == "feasible" and thickness.high_by == "target"
    assert figure_of(thickness.high, 200.0) + thickness.high == pytest.approx(1.03, abs=1e-4)
    assert design.front.figure.max() <= 1.0 + 1e-2


def test_where_model_and_full_solve_never_agree_the_best_confirmed_design_is_taken() -> None:
    """A full solve that jumps over the target: what is thinner misses it by far, what is thicker exceeds it."""

    def jumping(package, keys):
        figure = 0.93 if package.second_layer.thickness > 0.09 else 0.87
        return springs(package, keys) | {"decoupling.figure": figure}

    design = designed(0.9, evaluator=jumping)
    assert design.status == "feasible" and design.figures.figure == 0.93 and design.solves == 6
    assert value(design, THICKNESS) > 0.09


def test_the_ratio_of_the_layers_holds_unless_it_is_taken_away() -> None:
    """The claim's four times the first layer, 32 um; without it the layer may be thinner."""
    vary = {THICKNESS: "12 um..300 um"}
    held = designed(0.7, vary=vary)
    assert held.values[THICKNESS] == "32 um" and "layer_ratio" in held.binding
    free = designed(0.7, vary=vary, limits={"layer_ratio": "none"})
    assert value(free, THICKNESS) == pytest.approx(thickness_for(0.7, 200.0), rel=3e-3)


def test_intervals_end_where_target_or_limit_is_met_exactly() -> None:
    """Of the modulus at the target, of the thickness at the strain's limit."""
    design = designed(0.9, limits={"interconnect_strain": "0.2 %"})
    thickness, modulus = (
        next(one for one in design.intervals if one.range.name == name) for name in (THICKNESS, MODULUS)
    )
    assert thickness.low == pytest.approx(thickness_for(0.9, 200.0), rel=1e-4) and thickness.low_by == "target"
    assert thickness.high == pytest.approx(0.15, rel=1e-4) and thickness.high_by == "interconnect_strain"
    assert modulus.high == pytest.approx(modulus_for(0.9, thickness.present), rel=1e-4)
    assert modulus.low == pytest.approx(1.0) and (modulus.low_by, modulus.high_by) == ("range", "target")


def test_the_front_is_the_curve_of_both_closed_forms() -> None:
    """Resistance and D both rise with the thickness: every point is on the front, and none is better in both."""
    design = designed(0.9)
    front = design.front
    t = front.values[:, 0]
    np.testing.assert_allclose(front.resistance, resistance_of(t), rtol=1e-9)
    np.testing.assert_allclose(front.figure, figure_of(t, 200.0), atol=1e-9)
    assert (np.diff(front.resistance) > 0).all() and (np.diff(front.figure) > 0).all()
    assert front.resistance[0] == pytest.approx(resistance_of(0.032)) and len(front.figure) == 40


def test_the_front_of_a_modulus_is_that_of_the_thickness_beside_it() -> None:
    """A modulus changes no resistance."""
    assert designed(0.95, objective="stiffest").front.ranges[0].name == THICKNESS


def test_what_no_package_can_be_is_not_searched() -> None:
    """An opening wider than the base region is refused: the range ends there, and says why."""
    aim = aim_of(compliant(), 0.9, "min opening.diameter", {"opening.diameter": "100 um..400 um"})
    (axis,) = aim.free
    assert axis.high == pytest.approx(0.24, rel=1e-4) and axis.cut


def test_plain_data_is_json() -> None:
    for target in (0.9, 0.99):
        data = json.loads(json.dumps(as_data(designed(target, limits={"interconnect_strain": "1 %"})), allow_nan=False))
        assert data["target"] == target and data["decoupling"]["figure"] > 0.8
        assert data["quantities"]["interconnect_strain"]["limit"] == 0.01


@pytest.mark.parametrize("target", ["0", "1", 1.5, "much", "-0.1"])
def test_a_target_that_is_no_decoupling_figure_is_refused(target) -> None:
    with pytest.raises(ConfigError) as refusal:
        aim_of(compliant(), target)
    assert refusal.value.code == "D101"


def test_no_target_is_refused() -> None:
    with pytest.raises(ConfigError) as refusal:
        aim_of(compliant())
    assert refusal.value.code == "D101"


@pytest.mark.parametrize("objective", ["thin", "least second_layer.thickness", "min", "min array.pitch"])
def test_an_objective_that_says_nothing_or_has_no_range_is_refused(objective: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        aim_of(compliant(), 0.9, objective)
    assert refusal.value.code == "D102"


def test_a_package_without_second_layer_has_no_thinnest_one() -> None:
    for objective in ("thinnest", "stiffest"):
        with pytest.raises(ConfigError) as refusal:
            aim_of(loads(template("conventional")), 0.5, objective)
        assert refusal.value.code == "D102"


@pytest.mark.parametrize(
    "vary",
    [
        {"second_layer.thickness": "50 um, 75 um"},
        {"array.rows": "4..8:5"},
        {"ball.material": "copper, SAC305"},
        {"array.pitch": "0.1 mm..0.2 mm"},
    ],
)
def test_a_range_in_which_nothing_can_be_looked_for_is_refused(vary) -> None:
    with pytest.raises(ConfigError) as refusal:
        aim_of(compliant(), 0.9, vary=vary)
    assert refusal.value.code == "D103"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"strain": "1 %"}, "D104"),
        ({"interconnect_strain": "-1 %"}, "D104"),
        ({"ball_stress": "100"}, "U102"),
        ({"electrical_resistance": "3 mm"}, "U106"),
    ],
)
def test_a_limit_that_cannot_be_used_is_refused(limits, code: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        aim_of(compliant(), 0.9, limits=limits)
    assert refusal.value.code == code and refusal.value.where


def test_what_the_file_asks_for_is_asked_where_nothing_else_is_said() -> None:
    """A table [design] in the file; the command line replaces what it says."""
    table = (
        '[design]\ntarget = 0.85\nobjective = "stiffest"\nlimits.interconnect_strain = "0.4 %"\n'
        'vary.second_layer.thickness = "50 um..100 um"\n'
    )
    package = loads(f"{template('compliant')}\n{table}")
    aim = aim_of(package)
    assert aim.target == 0.85 and aim.largest and aim.objective.name == MODULUS
    assert [axis.name for axis in aim.free] == [THICKNESS, MODULUS]
    assert [limit.name for limit in aim.limits] == ["interconnect_strain", "layer_ratio"]
    assert aim_of(package, 0.9, "thinnest").target == 0.9 and not aim_of(package, 0.9, "thinnest").largest


@pytest.mark.long
@pytest.mark.parametrize("limits", [{}, {"interconnect_strain": "0.3 %", "ball_stress": "2 GPa"}])
def test_a_real_design_solved_from_its_file_reaches_its_target(limits: dict[str, str]) -> None:
    """Two by two joints on a coarse mesh: the file that was found, read and solved, meets target and limits."""
    package = compliant(array__rows=2, array__columns=2, model__fineness=0.5)
    design = find(aim_of(package, 0.93, limits=limits))
    assert design.status == "feasible" and design.model == "reduced"
    result = solve(loads(resolved_toml(design.package)))
    assert 0.93 <= result.decoupling.figure <= 0.932
    assert result.decoupling.figure == pytest.approx(design.figures.figure, abs=1e-9)
    assert result.joint.resistance.electrical == pytest.approx(design.figures.quantities["electrical_resistance"])
    if limits:
        assert result.interconnect.strain == pytest.approx(design.figures.quantities["interconnect_strain"])
        assert max(result.parts.ball_stress.values()) == pytest.approx(design.figures.quantities["ball_stress"])
        assert result.interconnect.strain <= 0.003


@pytest.mark.long
def test_what_is_not_affine_is_designed_by_full_solves() -> None:
    """The least Poisson's ratio that reaches the target: interpolated between full solves, and confirmed by one."""
    package = compliant(array__rows=2, array__columns=2, model__fineness=0.5)
    design = find(aim_of(package, 0.923, "min materials.adhesive.nu", {"materials.adhesive.nu": "0.3..0.45"}))
    assert (design.model, design.status) == ("interpolated", "feasible")
    assert 0.923 <= design.figures.figure <= 0.9236
    assert 0.3 < value(design, "materials.adhesive.nu") < 0.45
