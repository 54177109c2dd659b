"""The desired level of decoupling: solved for, estimated, or not asked."""

import dataclasses
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from fem_wlp import claims, estimate, loads, solve, template
from fem_wlp.claim import decoupled
from fem_wlp.claim.record import Finding
from fem_wlp.errors import ConfigError
from fem_wlp.estimation import Band
from fem_wlp.package.model import Package
from fem_wlp.results import Result

SMALL = {"model.fineness": 0.5, "array.rows": 2, "array.columns": 2}


def with_target(target: float, **changes: object) -> Package:
    return loads(template("compliant"), {**SMALL, "design.target": target, **changes})


def found(package: Package, estimated: bool = False) -> Finding:
    return claims(package, estimated)["D13"].finding


def test_without_a_target_there_is_nothing_to_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is solved or estimated for it."""
    monkeypatch.delattr(decoupled, "solve")
    monkeypatch.delattr(decoupled, "estimate")
    finding = found(loads(template("compliant")))
    assert finding.verdict == "not applicable" and "design.target=0.9" in finding.hint


def test_the_figure_is_that_of_a_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit; what was chosen stands beside it, as in the file."""
    results, steps = [], list[str]()

    def kept(package: Package, progress: Callable[[str], None] | None) -> Result:
        results.append(solve(package, progress))
        return results[-1]

    monkeypatch.setattr(decoupled, "solve", kept)
    finding = claims(with_target(0.5), progress=steps.append)["D13"].finding
    (result,) = results
    figures = {figure.words: figure.value for figure in finding.figures}
    assert finding.verdict == "met" and finding.reason == "solved" and steps
    assert figures["D"] == result.decoupling.figure
    assert figures["error by the mesh"] == result.certificates.discretisation_error.figure
    assert figures["E of the cylinder"] == pytest.approx(200.0, rel=1e-12) and figures["second layer"] == 0.075


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [(0.9, "met"), (0.8951, "met"), (0.8949, "not met"), (1.1049, "met"), (1.1051, "not met"), (-0.1, "not met")],
)
def test_a_target_is_reached_as_a_design_is_confirmed(
    figure: float, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missed by 0.005 at most; joints driven the other way couple as much."""
    error = SimpleNamespace(discretisation_error=SimpleNamespace(figure=1e-3))
    answer = SimpleNamespace(decoupling=SimpleNamespace(figure=figure), certificates=error)
    monkeypatch.setattr(decoupled, "solve", lambda package, progress: answer)
    finding = found(with_target(0.9))
    assert finding.verdict == verdict and bool(finding.hint) == (verdict == "not met")


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.91, 0.95, "met"),
        (0.85, 0.95, "not applicable"),
        (0.80, 0.85, "not met"),
        (0.95, 1.05, "met"),
        (0.95, 1.15, "not applicable"),
        (0.80, 1.20, "not applicable"),
        (1.15, 1.20, "not met"),
    ],
)
def test_closed_forms_decide_only_where_their_whole_band_does(
    low: float, high: float, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And they say that they are closed forms."""
    monkeypatch.delattr(decoupled, "solve")
    package = with_target(0.9)
    answer = dataclasses.replace(estimate(package), decoupling=Band((low + high) / 2, low, high))
    monkeypatch.setattr(decoupled, "estimate", lambda package: answer)
    finding = found(package, estimated=True)
    assert finding.verdict == verdict and "estimated by closed forms" in finding.reason


def test_a_joint_on_the_neutral_point_has_nothing_to_decouple() -> None:
    single = with_target(0.9, **{"array.rows": 1, "array.columns": 1})
    assert found(single, estimated=True).verdict == "not applicable"


def test_a_target_that_no_package_could_reach_is_refused() -> None:
    """Before anything is solved."""
    with pytest.raises(ConfigError) as refused:
        found(with_target(1.0))
    assert refused.value.code == "D101"
