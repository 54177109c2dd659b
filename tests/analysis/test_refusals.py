"""What a solve refuses, and that it then returns nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from fem_wlp.analysis import job, resolved, response, trust
from fem_wlp.assembly import Symmetry
from fem_wlp.assembly.solve import AssemblySolution
from fem_wlp.errors import ConfigError, MaterialError, SolveError, WlpError
from fem_wlp.joint import condense
from fem_wlp.materials.model import Material
from fem_wlp.package import loads, template
from fem_wlp.verification.packages import Changes, package

from .packages import solved

ALIKE: Changes = {
    f"materials.{name}.CTE": "10 ppm/K" for name in ("die", "laminate", "dielectric", "metal", "solder", "stiff_layer")
}


def refused(solve: Callable[[], object], kind: type[WlpError], code: str) -> WlpError:
    """The refusal, which says what, and what to do."""
    with pytest.raises(kind) as found:
        solve()
    assert found.value.code == code
    assert found.value.hint
    assert str(found.value)
    return found.value


def test_chip_and_board_that_expand_alike_have_no_decoupling() -> None:
    """T103: with one expansion everywhere all displacements against each other are round-off, and D is undefined."""
    refused(lambda: solved(package("paste", ALIKE)), ConfigError, "T103")


def test_a_joint_on_the_neutral_point_has_no_decoupling() -> None:
    """G130: one joint in the centre is never sheared."""
    error = refused(lambda: solved(package("paste", {"array.rows": 1, "array.columns": 1})), ConfigError, "G130")
    assert "neutral point" in str(error)


def test_joints_near_the_neutral_point_have_none_of_their_own() -> None:
    """In an odd array the centre joint has no D, the others have."""
    result = solved(package("conventional", {"array.rows": 3, "array.columns": 3}))
    without = [(joint.row, joint.column) for joint in result.joints if joint.decoupling is None]
    assert without == [(2, 2)]
    assert result.decoupling.critical_joint.row == result.decoupling.critical_joint.column == 1


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [("equilibrium", "forces", "S503"), ("moments", "moments", "S503"), ("energy", "energies", "S504")],
)
def test_forces_moments_or_energies_that_do_not_balance_are_no_result(
    name: str, said: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A millionth of imbalance in one solution of the assembly, and the whole solve is refused."""
    known = response.assemble

    def unbalanced(*arguments: object) -> AssemblySolution:
        solution = known(*arguments)  # type: ignore[arg-type]
        return replace(solution, certificates=replace(solution.certificates, **{name: 1e-6}))

    monkeypatch.setattr(response, "assemble", unbalanced)
    error = refused(lambda: solved(package("conventional")), SolveError, code)
    assert f"{said} of the assembly" in str(error) and "1.0e-06" in str(error)


def test_a_force_that_does_not_pass_its_section_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """S503: the corners' axial forces off by 1e-5 of the largest shear force, so that no resultant tells."""
    known = response.assemble

    def off(*arguments: object) -> AssemblySolution:
        solution = known(*arguments)  # type: ignore[arg-type]
        force = solution.axial_force.copy()
        force[[0, 3, 12, 15]] += 1e-5 * np.abs(solution.shear_force).max() * np.array([1.0, -1.0, -1.0, 1.0])
        return replace(solution, axial_force=force)

    monkeypatch.setattr(response, "assemble", off)
    assert "sections" in str(refused(lambda: solved(package("conventional")), SolveError, "S503"))


@pytest.mark.parametrize(("others", "said"), [((), "moments of the assembly"), ((2,), "moments through the joints")])
def test_a_moment_that_is_one_per_cent_off_is_no_result(
    others: tuple[int, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S503: of one joint, which unbalances the board; and taken off another, so that only their sections tell."""
    known = response.assemble

    def off(*arguments: object) -> AssemblySolution:
        solution = known(*arguments)  # type: ignore[arg-type]
        moment = solution.moment.copy()
        change = 0.01 * moment[1]
        moment[1] += change
        moment[list(others)] -= change
        return replace(solution, moment=moment)

    monkeypatch.setattr(response, "assemble", off)
    assert said in str(refused(lambda: solved(package("conventional")), SolveError, "S503"))


@pytest.mark.parametrize("place", [0, 1])
def test_an_error_that_is_no_number_is_the_largest_of_all(place: int) -> None:
    """S503, wherever it stands among errors that pass."""
    gaps = [(1e-12, 1e-12), (1e-12, 1e-12)]
    gaps[place] = (float("nan"), 1e-12)
    refused(lambda: trust.require_sections(gaps), SolveError, "S503")


def test_an_imbalance_of_an_array_that_is_no_number_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """S503: of its second field, after one that is balanced."""
    balances = {1: (1e-12, 1e-12), 2: (float("nan"), 1e-12)}
    left, passes = left_of(balances, dict.fromkeys(balances, (1e-12, 1e-12)), monkeypatch)
    refused(lambda: trust.require_balanced("array", left, passes, "what to do"), SolveError, "S503")


def left_of(
    balances: Mapping[int, tuple[float, float]],
    lost: Mapping[int, tuple[float, float]],
    monkeypatch: pytest.MonkeyPatch,
    amounts: Mapping[int, tuple[float, float]] | None = None,
) -> tuple[trust.Balance, trust.Balance]:
    """What is left of an array's fields, and what passes, by the imbalances of each and its round-off."""
    monkeypatch.setattr(resolved, "imbalance", lambda gauges, field, face: balances[field])
    monkeypatch.setattr(resolved, "round_off", lambda gauges, field: lost[field])
    monkeypatch.setattr(resolved, "passed", lambda gauges, field: (amounts or {}).get(field, (1.0, 1.0)))
    monkeypatch.setattr(resolved, "energy_mismatch", lambda field: 0.0)
    array, fields = SimpleNamespace(gauges=None, face=None), SimpleNamespace(fields=tuple(balances))
    return resolved._left(array, fields)  # type: ignore[arg-type]


def test_imbalance_counts_against_what_joints_pass_where_they_pass_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package 4 K from its assembly passes a thirtieth of what it does 120 K from it; the soak's seed 15 in 3D."""
    balances = {1: (4.3e-7, 4.2e-6), 2: (2.4e-8, 2.3e-7)}
    amounts = {1: (3.0e-4, 3.0e-5), 2: (1.0e-2, 1.0e-3)}
    left, passes = left_of(balances, balances, monkeypatch, amounts)
    assert left[:2] == pytest.approx((2.4e-8, 2.3e-7))
    assert passes == (1e-6,) * 3
    alike, _ = left_of(balances, balances, monkeypatch)
    assert alike[:2] == pytest.approx((4.3e-7, 4.2e-6))


def test_round_off_at_one_temperature_excuses_no_imbalance_at_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that is off by four millionths, beside one that double precision cannot tell to five."""
    balances, lost = {1: (4e-6, 0.0), 2: (1e-7, 0.0)}, {1: (2e-7, 0.0), 2: (5e-6, 0.0)}
    left, passes = left_of(balances, lost, monkeypatch)
    assert (left[0], passes[0]) == (4e-6, 1e-6)
    refused(lambda: trust.require_balanced("array", left, passes, "what to do"), SolveError, "S503")
    left, passes = left_of(balances, {1: lost[2], 2: lost[1]}, monkeypatch)
    assert (left[0], passes[0]) == (4e-6, 5e-6)


@pytest.mark.parametrize(("lost", "passes"), [(1e-7, 1e-6), (5e-5, 5e-5), (0.5, 1e-3)])
def test_round_off_passes_as_far_as_forces_are_still_known(
    lost: float, passes: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To a thousandth: what is less exact is no result."""
    left, most = left_of({1: (0.2, 0.0)}, {1: (lost, 0.0)}, monkeypatch)
    assert most == (passes, 1e-6, 1e-6)
    refused(lambda: trust.require_balanced("array", left, most, "what to do"), SolveError, "S503")


def test_nothing_that_has_moved_passes_its_sections() -> None:
    """A cycle that comes back to where the joints were made: no forces, and no error of them."""
    result = solved(
        package("conventional", {"temperatures.service": "none", "temperatures.cycle": ["25 degC", "125 degC"]})
    )
    assert result.package.temperatures.assembly in result.package.temperatures.points
    assert 0.0 <= result.certificates.section_forces < 1e-6


def test_a_cell_that_moves_otherwise_than_its_assembly_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """S503: a cell's fields of another stiffness than that which was assembled, 0.1 % off."""
    known = condense.condense

    def softer(*arguments: object) -> object:
        element, fields = known(*arguments)  # type: ignore[arg-type]
        return replace(element, lateral=0.999 * element.lateral), fields

    monkeypatch.setattr(response, "condense", softer)
    refused(lambda: solved(package("conventional")), SolveError, "S503")


def test_a_field_that_does_not_solve_its_equations_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """S502: forces of 1e-9 of the load along the axis are left at the free unknowns of the cell."""
    known = response.condense

    def left_over(*arguments: object) -> object:
        element, fields = known(*arguments)  # type: ignore[arg-type]
        balance = fields.axial.balance
        spoiled = replace(balance, left=balance.left + 1e-9 * balance.driving)
        return element, replace(fields, axial=replace(fields.axial, balance=spoiled))

    monkeypatch.setattr(response, "condense", left_over)
    refused(lambda: solved(package("conventional")), SolveError, "S502")


def test_the_certificate_is_a_number_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for less than round-off, an honest solution fails."""
    monkeypatch.setattr(trust, "CERTIFIED", 0.0)
    refused(lambda: solved(package("soft")), SolveError, "S503")


def test_a_cell_that_is_no_solid_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """S501: a layer that gives energy away makes the matrix indefinite; told from the worker thread that finds it."""
    known = condense.axial_order

    def repelling(material: Material, temperature: float) -> np.ndarray:
        return known(material, temperature) * (-1.0 if material.name == "dielectric" else 1.0)

    monkeypatch.setattr(condense, "axial_order", repelling)
    refused(lambda: solved(package("conventional")), SolveError, "S501")


def test_constants_outside_their_range_are_refused_before_anything_is_meshed(monkeypatch: pytest.MonkeyPatch) -> None:
    """M108 comes from the package file's check, not from the solve."""
    monkeypatch.setattr(job, "cell_model", lambda *_: pytest.fail("meshed"))
    with pytest.raises((ConfigError, MaterialError)) as found:
        job.solve(loads(template("micro-smd"), {"temperatures.service": "-120 degC"}))
    assert "M108" in str(found.value)


def test_quarter_symmetry_of_a_map_without_it_is_refused() -> None:
    """G138, and the message says which symmetry there is."""
    array = '{ pitch = "0.5 mm", map = "OO.\\nOOO\\nOOO" }'
    with pytest.raises(ConfigError) as found:
        package("conventional", {"array": array, "model.symmetry": "quarter"})
    assert "G138" in str(found.value)


def test_quarter_symmetry_is_refused_of_joints_without_it() -> None:
    """G138 where joints are placed, however the package came to be."""
    quarter = package("conventional", {"model.symmetry": "quarter"})
    places = np.array([[joint.x, joint.y] for joint in quarter.array.joints])
    assert response._symmetry(quarter, places) == Symmetry(x=True, y=True)
    error = refused(lambda: response._symmetry(quarter, places[1:]), ConfigError, "G138")
    assert 'symmetry = "auto"' in str(error.hint)


class Repeated:
    """An array whose fields balance the better the smaller the residual that is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refused_below: float = 0.0) -> None:
        self.asked: list[float] = []
        self.refused_below = refused_below
        monkeypatch.setattr(resolved, "_states", lambda *_: ())
        monkeypatch.setattr(resolved, "_excess", lambda array, solved: 1e3 * solved.residual / resolved.TOLERANCE)
        monkeypatch.setattr(resolved, "solve_states", lambda sector, states, how, face: self.solve(how))

    def solve(self, how: float) -> SimpleNamespace:
        """Attain half of what is asked."""
        self.asked.append(how)
        if how < self.refused_below:
            raise SolveError("S502", "it does not converge", hint="")
        return SimpleNamespace(residual=0.5 * how)

    def solved(self) -> SimpleNamespace:
        """The answer that the array ends with."""
        array = SimpleNamespace(gauges=SimpleNamespace(sector=None), face=None)
        step = SimpleNamespace(
            begin=lambda name: None, how=lambda package, name, tolerance=resolved.TOLERANCE: tolerance
        )
        return resolved._joined(array, None, step, "joined", None)  # type: ignore[arg-type, return-value]


def test_forces_that_do_not_balance_yet_are_solved_more_accurately(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once more, for as much as is missing of what was attained, with something to spare."""
    array = Repeated(monkeypatch)
    assert array.solved().residual < 1e-3 * resolved.TOLERANCE
    first, second = array.asked
    assert first == resolved.TOLERANCE
    assert second == pytest.approx(0.3 * (0.5 * first) / 500.0)


def test_what_was_solved_less_accurately_remains_where_more_is_not_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its certificate decides; and no one asks for less than double precision has."""
    array = Repeated(monkeypatch, refused_below=0.9 * resolved.TOLERANCE)
    assert array.solved().residual == 0.5 * resolved.TOLERANCE
    assert len(array.asked) == 2
    endless = Repeated(monkeypatch)
    monkeypatch.setattr(resolved, "_excess", lambda array, solved: 1e6)
    endless.solved()
    assert endless.asked[-1] == resolved.LEAST_TOLERANCE and len(endless.asked) == 2


def test_a_package_that_is_its_own_reference_has_none_beside_it() -> None:
    """The conventional package: nothing is solved for the comparison."""
    step = SimpleNamespace(begin=lambda name: pytest.fail(name))
    assert resolved._reference(package("conventional"), 1.0, 1.0, step) is None  # type: ignore[arg-type]
