"""What must hold between the points of a study, whatever the package: theorems as such, bounds as bounds.

The packages are drawn at random; the long tests draw more of them. What the relations say of single packages is tested
in ``tests/analysis`` and ``tests/assembly``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fem_wlp.analysis.figures import figures
from fem_wlp.analysis.response import cell_states, respond, respond_severed, surroundings
from fem_wlp.decoupling import decoupling_figures
from fem_wlp.joint import recover, section
from fem_wlp.joint.condense import cell_model, condense, rigid_state, softened_state
from fem_wlp.joint.section import cell_section, grading_of
from fem_wlp.package import Package, replace_all
from fem_wlp.study import Answers, run, study_of, sweep
from fem_wlp.study.parameters import parameter_of

from .drawn import BALL, CONSTANT, MATERIALS, moduli, of, packages
from .packages import KEYS, compliant, product_of

Floats = NDArray[np.float64]

FIGURE, FORCE = "decoupling.figure", "joints.0.shear_force.0"

LENGTHS = (
    *("chip.width", "chip.length", "chip.thickness", "chip.pads.size", "chip.pads.opening"),
    *("board.width", "board.length", "board.thickness", "first_layer.thickness", "second_layer.thickness"),
    *("interconnect.thickness", "interconnect.base_region.diameter", "interconnect.line.width"),
    *("interconnect.line.length", "opening.diameter", "opening.free_end_diameter", "land.diameter", "land.thickness"),
    *("ball.diameter", "ball.cylinder_side.diameter", "ball.cylinder_side.bond_line", "ball.land_side.diameter"),
    *("ball.land_side.bond_line", "array.pitch"),
)

PARTS = ("copper", "solder", "silicone-photopatternable", "film", "silicon-131", "FR4-Lau")
"""Materials of the joint's cell: interconnect and land, fillet, layers, chip and board."""

ADHESIVE = {"cylinder.material": "adhesive", "cylinder.stress_free": "150 degC"}


def swept(package: Package, vary: dict[str, str], *keys: str, full: bool = True, workers: int = 1) -> Answers:
    """Return a study, all of whose points have answers."""
    answers = sweep(study_of(package, vary, keys or (FIGURE,)), workers=workers, full=full)
    assert not answers.failures, answers
    return answers


def bounds_of(answers: Answers) -> Floats:
    """Return how far D may be from a full solve on the same mesh, shape (points,)."""
    return np.array([answer.bound or 0.0 for answer in answers.rows])


def tried(few: int, many: int) -> pytest.MarkDecorator:
    """Try a relation on a few packages, if any, and on many in a long test."""
    return pytest.mark.parametrize("examples", [*[few] * (few > 0), pytest.param(many, marks=pytest.mark.long)])


def holds(examples: int, relation: Callable[..., None], *drawn: st.SearchStrategy[object]) -> None:
    """Hold a relation against what is drawn."""
    of(examples)(given(*drawn)(relation))()


# Theorems of linear elasticity


@tried(1, 6)
def test_temperature_changes_scale_forces_and_leave_the_decoupling(examples: int) -> None:
    """Constant properties and one stress-free temperature, of either sign, a quarter as the whole: round-off 1e-9."""

    def relation(package: Package, service: int) -> None:
        vary = {"temperatures.service": f"25 degC, {service} degC", "model.symmetry": "auto, whole"}
        answers = swept(package, vary, FIGURE, FORCE, "warpage.chip")
        scale = np.repeat([1.0, (service - 125.0) / (25.0 - 125.0)], 2)
        figures = answers.column(FIGURE)
        np.testing.assert_allclose(figures, figures[0], rtol=0, atol=1e-9)
        for key in (FORCE, "warpage.chip"):
            np.testing.assert_allclose(answers.column(key) / scale, answers.column(key)[0], rtol=1e-8)

    services = st.integers(-40, 200).filter(lambda service: abs(service - 125) > 10)
    holds(examples, relation, packages(CONSTANT), services)


@tried(1, 6)
def test_units_changed_together_change_nothing(examples: int) -> None:
    """All lengths twice as long, all moduli times a factor: D stays, the rest goes as its unit does; round-off 1e-9.

    The volumes over which means are taken are physical lengths, round which the mesh is made: they are doubled, too.
    """

    def relation(package: Package, modulus: float) -> None:
        coats = [f"ball.coats.{number}.thickness" for number in range(len(package.ball.coats))]
        gap = ["second_layer.gap"] if package.second_layer.wall == "gap" else []  # type: ignore[union-attr]
        lengths = ", ".join([*LENGTHS, *coats, *gap])
        moduli = ", ".join(f"materials.{name}.E" for name in (*MATERIALS, "adhesive"))
        units = {
            FIGURE: (0, 0),
            "joint.stiffness.lateral": (1, 1),
            FORCE: (1, 2),
            "warpage.chip": (0, 1),
            "joint.resistance.electrical": (0, -1),
        }
        one = swept(package, {moduli: f"x 1, {modulus}"}, *units)
        with pytest.MonkeyPatch.context() as patch:
            for name, own in (("CHIP_DEPTH", section.CHIP_DEPTH), ("RING_WIDTH", section.RING_WIDTH)):
                for module in (section, recover):
                    patch.setattr(module, name, 2.0 * own)
            other = swept(package, {lengths: "x 2"}, *units)
        for key, (power, length) in units.items():
            first, stiffer, larger = *one.column(key), *other.column(key)
            assert stiffer == pytest.approx(modulus**power * first, rel=1e-8), key
            assert larger == pytest.approx(2.0**length * first, rel=1e-8), key

    holds(examples, relation, packages(CONSTANT), st.sampled_from([0.5, 0.8, 3.0]))


@tried(1, 6)
def test_an_expansion_common_to_all_materials_decouples_nothing(examples: int) -> None:
    """More of it in every material of constant properties leaves D and forces: round-off 1e-9."""

    def relation(package: Package, more: float) -> None:
        expansions = {name: expansion for name, (_, expansion) in MATERIALS.items()} | {"adhesive": 150.0}
        changes = {f"materials.{name}.CTE": f"{value + more!r} ppm/K" for name, value in expansions.items()}
        other = replace_all(package, changes)
        before, after = (figures(each, (FIGURE, FORCE)) for each in (package, other))
        assert after[FIGURE] == pytest.approx(before[FIGURE], abs=1e-9)
        assert after[FORCE] == pytest.approx(before[FORCE], rel=1e-8)

    holds(examples, relation, packages(CONSTANT), st.sampled_from([-2.0, 1.0, 7.0]))


@tried(2, 10)
def test_a_stiffer_part_never_lowers_what_drives_the_joint_nor_raises_the_decoupling_of_one(examples: int) -> None:
    """On one mesh, by the quadratic form of the chip's and the board's motions.

    Round-off: 1e-12 of what is stiffest in the system, chip or board.
    """

    def relation(package: Package, name: str, factor: float) -> None:
        model = cell_model(cell_section(package), grading_of(package))
        stiffened = replace_all(package, {f"materials.{name}.E": f"{factor * MATERIALS[name][0]} MPa"})
        softer, stiffer = (
            condense(model, cell_states(replace(model, section=cell_section(each)), each)[0])[0]
            for each in (package, stiffened)
        )
        stiffest = factor * MATERIALS["nickel"][0] * package.array.pitch
        for form in ("lateral", "axial", "planar"):
            one, other = getattr(softer, form), getattr(stiffer, form)
            assert np.linalg.eigvalsh(other - one).min() >= -1e-12 * stiffest, form

    holds(examples, relation, packages(CONSTANT), st.sampled_from(PARTS), st.sampled_from([1.1, 2.0, 30.0]))


@tried(1, 8)
def test_rigid_joints_do_not_decouple_and_vanishing_ones_do_wholly(examples: int) -> None:
    """D = 0 within 1e-3 for a finite stiffness of 10^4 times; D = 1 within 1e-6 for a ten-millionth of every modulus.

    A billionth of the softest joints is round-off of the chip's own stiffness, and refused then (S501).
    """

    def relation(package: Package) -> None:
        cut = cell_section(package)
        around, model = surroundings(package, cut), cell_model(cut, grading_of(package))
        points = list(zip(cell_states(model, package), around.temperatures, strict=True))
        moved = np.array([joint.dnp > 0.0 for joint in package.array.joints])  # one in the centre has no figure
        rigid = [rigid_state(model, *point) for point in points]
        soft = [softened_state(model, state, 1e-7) for state, _ in points]
        for states, figure, tolerance in ((rigid, 0.0, 1e-3), (soft, 1.0, 1e-6)):
            joined = respond(around, package, cut, [condense(model, state)[0] for state in states])
            free = respond_severed(around, package, model, states)
            found = decoupling_figures(joined.shift, free.shift)
            assert found[moved] == pytest.approx(figure, abs=tolerance)

    holds(examples, relation, packages())


# What is asked of an assembly, where nothing is a theorem


@tried(1, 6)
def test_a_cylinder_or_ball_twice_as_stiff_never_raises_the_decoupling_by_more_than_a_hundredth(examples: int) -> None:
    """Between the points of one table, whose factors are powers of two; beyond the bounds of the two points."""

    def relation(package: Package) -> None:
        cylinder = package.cylinder.material.name  # type: ignore[union-attr]
        ball = ", ".join(f"materials.{name}.E" for name in BALL)
        vary = {f"materials.{cylinder}.E": "x 0.125, 0.25, 0.5, 1, 2, 4", ball: "x 0.25, 0.5, 1, 2"}
        answers = swept(package, vary, full=False)
        assert answers.reduced
        shape = answers.study.plan.shape
        figure, bound = answers.column(FIGURE).reshape(shape), bounds_of(answers).reshape(shape)
        for axis in range(2):
            sure = np.diff(figure, axis=axis) - 2.0 * bound.max()
            assert sure.max() < 0.01, sure

    holds(examples, relation, packages())


@tried(1, 6)
def test_a_thicker_soft_layer_decouples_more_where_the_cylinder_is_soft_enough(examples: int) -> None:
    """Layer up to 10 MPa, cylinder up to 1 GPa: along every row of one table, beyond the bounds of its points."""

    def relation(package: Package, layer: str) -> None:
        package = package.replace("materials.silicone-photopatternable.E", layer)
        vary = {"second_layer.thickness": "40 um, 60 um, 120 um", "materials.adhesive.E": "1 MPa..1 GPa:log 8"}
        answers = swept(package, vary, full=False)
        assert answers.reduced
        shape = answers.study.plan.shape
        rise = np.diff(answers.column(FIGURE).reshape(shape), axis=0)
        doubt = 2.0 * bounds_of(answers).max()
        assert np.all(rise > -doubt)
        assert np.all(rise[:, -1] > 10.0 * doubt)  # where there is something to decouple, beyond any doubt

    holds(examples, relation, packages(ADHESIVE), moduli(0.5, 10.0))


# Points of different tables


def by_values(answers: Answers) -> dict[tuple[tuple[str, float], ...], tuple[float | None, ...]]:
    """Return what was recorded of each point, by the values of its parameters whatever their order."""
    names = [parameter.name for parameter in answers.study.plan.parameters]
    values = answers.study.plan.inside().tolist()
    return {
        tuple(sorted(zip(names, row, strict=True))): tuple(answer.values.values())
        for row, answer in zip(values, answers.rows, strict=True)
    }


@given(
    st.lists(st.integers(20, 150), min_size=1, max_size=3, unique=True),
    st.lists(st.integers(450, 550), min_size=1, max_size=3, unique=True),
    st.randoms(use_true_random=False),
    st.integers(1, 2),
)
@of(10)
def test_neither_the_order_of_a_study_nor_its_parts_change_its_table(
    thicknesses: list[int], pitches: list[int], shuffled: Random, cut: int
) -> None:
    """Points and parameters in another order, and one study in two: each point's answer is the same to the last bit."""

    def table(thicknesses: Sequence[int], pitches: Sequence[int], swapped: bool = False) -> object:
        vary = {
            name: ", ".join(f"{value} um" for value in values)
            for name, values in (("second_layer.thickness", thicknesses), ("array.pitch", pitches))
        }
        order = reversed(vary) if swapped else iter(vary)
        return by_values(run(study_of(compliant(), {name: vary[name] for name in order}, KEYS), product_of))

    whole = table(thicknesses, pitches)
    assert len(whole) == len(thicknesses) * len(pitches)
    assert table(shuffled.sample(thicknesses, len(thicknesses)), pitches[::-1], swapped=True) == whole
    parts = [table(part, pitches) for part in (thicknesses[:cut], thicknesses[cut:]) if part]
    assert {point: answer for part in parts for point, answer in part.items()} == whole


COMPLIANT = compliant()


@given(st.integers(1, 4), st.integers(20, 60), st.integers(70, 150), st.booleans(), st.integers(1, 4))
def test_a_range_holds_the_points_of_a_coarser_one_and_is_the_list_of_its_values(
    steps: int, low: int, high: int, logarithmic: bool, finer: int
) -> None:
    """To the last digit that is written of a value, 1e-11; and its steps are even."""

    def values(written: str) -> tuple[str, ...]:
        return parameter_of(COMPLIANT, "second_layer.thickness", written).values

    how = "log " if logarithmic else ""
    coarse, fine = (values(f"{low} um..{high} um:{how}{count + 1}") for count in (steps, steps * finer))
    numbers = [[float(value.split()[0]) for value in written] for written in (coarse, fine[::finer])]
    np.testing.assert_allclose(*numbers, rtol=1e-11)
    steps_between = np.diff(np.log(numbers[0]) if logarithmic else numbers[0])
    np.testing.assert_allclose(steps_between, steps_between[0], rtol=1e-8)
    assert values(", ".join(fine)) == fine


@tried(0, 6)
def test_a_full_solve_answers_a_point_alike_in_whatever_study(examples: int) -> None:
    """In another order, in other processes, by a factor, of a package that stands elsewhere: to the last bit."""

    def relation(package: Package, thickness: int) -> None:
        package = replace_all(package, {"materials.copper.E": "120 GPa", "second_layer.thickness": "80 um"})
        copper, layer = "materials.copper.E", "second_layer.thickness"
        whole = swept(package, {layer: f"80 um, {thickness} um", copper: "120 GPa, 60 GPa"}).column(FIGURE)
        other = replace_all(package, {copper: "60 GPa", layer: f"{thickness} um"})
        again = swept(other, {copper: "x 1, 2", layer: f"{thickness} um, 80 um"}, workers=2).column(FIGURE)
        assert again.reshape(2, 2).T[::-1, ::-1].ravel().tolist() == whole.tolist()

    holds(examples, relation, packages(), st.integers(50, 110).filter(lambda thickness: thickness != 80))


@tried(0, 6)
def test_tables_of_the_reduced_model_agree_where_they_share_points(examples: int) -> None:
    """Over E and over 2 E, as a range and as a list, in other orders: within both bounds, and those of full solves."""

    def relation(package: Package, number: int) -> None:
        cylinder, solder = "materials.adhesive.E", "materials.solder.E"
        moduli = [f"{10 * 2**power} MPa" for power in range(9)]
        one = swept(package, {cylinder: "10 MPa..1280 MPa:log 8", solder: "20 GPa, 40 GPa, 80 GPa"}, full=False)
        stiffer = package.replace(cylinder, "2 GPa")
        other = swept(stiffer, {solder: "20 GPa..80 GPa:log 3", cylinder: ", ".join(moduli[:0:-1])}, full=False)
        assert {answer.answered_by for answer in (*one.rows, *other.rows)} == {"certified"}
        found, again = one.column(FIGURE).reshape(8, 3)[1:], other.column(FIGURE).reshape(3, 8).T[:0:-1]
        bound, own = bounds_of(one).reshape(8, 3)[1:], bounds_of(other).reshape(3, 8).T[:0:-1]
        assert np.all(np.abs(found - again) <= bound + own + 1e-12)
        full = figures(one.study.variant(number), (FIGURE,))[FIGURE]
        assert one.column(FIGURE)[number] == pytest.approx(full, rel=0, abs=bounds_of(one)[number] + 1e-11)

    holds(examples, relation, packages(ADHESIVE), st.integers(0, 23))
