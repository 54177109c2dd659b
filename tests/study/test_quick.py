"""Studies that the reduced model answers as far as it can, and full solves otherwise."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fem_wlp.package import loads, template
from fem_wlp.study import Answer, Study, conduct, study_of, sweep
from fem_wlp.study.evaluators import figures_of, name_of
from fem_wlp.study.journal import opened
from fem_wlp.study.quick import QUICK_DEFAULT, quick_of, quickened
from fem_wlp.study.recorded import DEFAULT

from .springs import MODULUS, THICKNESS, compliant, figure_of, springs

VARY = {THICKNESS: "40 um..100 um:5", MODULUS: "10 MPa..1 GPa:log 6"}
KEYS = ("decoupling.figure", "decoupling.coupling")


class EveryOther:
    """Answers every other point by the closed form, with a bound; the rest is left."""

    def answers(self, study: Study, numbers):
        """Answer, or leave."""
        thickness, modulus = study.plan.inside()[list(numbers)].T
        figures = figure_of(thickness, modulus)
        return [
            None
            if number % 2
            else Answer({KEYS[0]: float(figure), KEYS[1]: 1.0 - float(figure)}, bound=1e-4, certified=number % 4 == 0)
            for number, figure in zip(numbers, figures, strict=True)
        ]


def solved(package, keys):
    return {**springs(package, KEYS), KEYS[1]: 1.0 - springs(package, KEYS)[KEYS[0]]}


@pytest.fixture
def halved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conduct, "quick_of", lambda study, stage: EveryOther())
    monkeypatch.setattr(conduct, "figures_of", solved)


def test_what_the_model_leaves_is_solved_and_every_point_says_how_it_was_answered(halved: None) -> None:
    """The same closed form either way; every point is told once."""
    study = study_of(compliant(), VARY, KEYS)
    told: list[tuple[int, int]] = []
    answers = sweep(study, evaluator=solved, progress=lambda done, failed: told.append((done, failed)))
    thickness, modulus = study.plan.inside().T
    np.testing.assert_allclose(answers.column(KEYS[0]), figure_of(thickness, modulus), rtol=1e-9)
    assert [answer.answered_by for answer in answers.rows[:4]] == ["certified", "solved", "estimated", "solved"]
    assert np.sum(told, axis=0).tolist() == [30, 0]
    head, first, second = answers.csv().splitlines()[:3]
    assert head.endswith("decoupling.figure.bound [1],answered_by,status,code,reason")
    assert first.endswith(",0.0001,certified,done,,") and second.endswith(",,solved,done,,")
    assert "8 certified, 7 estimated, 15 solved" in str(answers)
    assert answers.dataset()["answered_by"].shape == (5, 6)


def test_a_bound_is_kept_in_the_journal_and_full_solves_replace_it(halved: None, tmp_path: Path) -> None:
    """What was answered is the same after a restart; --full answers the others anew."""
    study = study_of(compliant(), VARY, KEYS)
    first = sweep(study, tmp_path, evaluator=solved)
    assert sweep(study, tmp_path, evaluator=solved) == first
    with opened(tmp_path, study, evaluator=name_of(solved)) as journal:
        assert journal.answers[0] == first.rows[0]
    full = sweep(study, tmp_path, evaluator=solved, full=True)
    assert {answer.answered_by for answer in full.rows} == {"solved"}


def test_the_error_of_the_mesh_is_estimated_once_where_it_shows_most(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At the point whose D is nearest to a half; kept in the journal, told beside the bounds."""
    asked: list[float] = []

    def with_error(package, keys):
        asked.append(package.second_layer.thickness)
        return {**solved(package, keys), conduct.ERROR: 0.0017}

    monkeypatch.setattr(conduct, "quick_of", lambda study, stage: EveryOther())
    monkeypatch.setattr(conduct, "figures_of", with_error)
    study, stages = study_of(compliant(), VARY, KEYS), []
    answers = sweep(study, tmp_path, evaluator=with_error, stage=stages.append)
    number = int(np.abs(answers.column(KEYS[0]) - 0.5).argmin())
    assert answers.mesh_error == (number, 0.0017)
    assert len(asked) == 16
    assert asked[-1] == pytest.approx(study.plan.inside()[number, 0])
    assert stages == ["the mesh's own error, by a full solve"]
    assert f"the mesh itself: D within 1.7e-03, estimated by a full solve of point {number}" in str(answers)
    again = sweep(study, tmp_path, evaluator=with_error)
    assert again == answers
    assert len(asked) == 16


def test_a_model_is_made_when_the_first_point_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is told of then: a study that is all answered makes none."""
    from fem_wlp.study import quick as module

    from .springs import QuickSprings

    told: list[object] = []
    monkeypatch.setattr(
        module,
        "ReducedModel",
        lambda package, ranges, names, listed: told.append(listed) or QuickSprings(package, ranges),
    )
    for vary in (VARY, {**VARY, THICKNESS: "x 0.6, 0.8, 1, 1.2, 1.4"}):
        study = study_of(compliant(second_layer__thickness="80 um"), vary, KEYS)
        model = quick_of(study, told.append)
        assert told == []
        model.answers(study, range(4))
        model.answers(study, range(4, 9))
        words, listed = told
        assert words == "making the reduced model"
        assert listed == pytest.approx(
            [0.04, 0.055, 0.07, 0.085, 0.1] if vary is VARY else 0.08 * np.arange(0.6, 1.5, 0.2)
        )
        told.clear()


def test_only_moduli_and_the_second_layers_thickness_are_for_the_reduced_model() -> None:
    package = compliant()
    for vary, keys in (
        ({"array.pitch": "0.45..0.6 mm:30"}, KEYS),
        ({"materials.adhesive.nu": "0.3..0.4:30"}, KEYS),
        ({THICKNESS: "40 um..100 um:30"}, ("warpage.chip",)),
        ({THICKNESS: "40 um..100 um:23"}, KEYS),
        ({"ball.material": "SAC305, copper", MODULUS: "1..9 MPa:20"}, KEYS),
    ):
        assert quick_of(study_of(package, vary, keys)) is None
    listed = {THICKNESS: "60 um..90 um:30"}
    assert quick_of(study_of(package, listed, KEYS)) is not None
    assert quick_of(study_of(loads(template("adhesive-process")), listed, KEYS)) is None  # what came before counts


def test_what_is_recorded_unasked_is_what_the_reduced_model_knows() -> None:
    """Where it answers; else as ever."""
    assert quickened(study_of(compliant(), VARY)).record == QUICK_DEFAULT
    assert quickened(study_of(compliant(), {"array.pitch": "0.45..0.6 mm:30"})).record == DEFAULT
    asked = study_of(compliant(), VARY, KEYS)
    assert quickened(asked) == asked


@pytest.mark.long
def test_the_reduced_model_answers_what_full_solves_answer() -> None:
    """Five listed thicknesses, so all bounds are proven.

    What differs is the mesh, fitted to each package instead of stretched: within four times the error of 0.001 that
    full solves tell of theirs.
    """
    package = compliant(array__rows=2, array__columns=2, model__fineness=0.5)
    keys = ("decoupling.figure", "joint.resistance.electrical", "interconnect.strain")
    study = study_of(package, VARY, keys)
    quick = sweep(study)
    assert {answer.answered_by for answer in quick.rows} == {"certified"}
    for number in (0, 13, 29):
        full = figures_of(study.variant(number), keys)
        assert quick.rows[number].values[keys[0]] == pytest.approx(full[keys[0]], abs=4e-3)
        assert quick.rows[number].values[keys[1]] == pytest.approx(full[keys[1]], rel=5e-3)
        assert quick.rows[number].values[keys[2]] == pytest.approx(full[keys[2]], rel=2e-2)
    by_factor = study_of(package, {THICKNESS: "40 um..100 um:5", MODULUS: "x 0.05..5:log 6"}, keys)
    again = sweep(by_factor)
    np.testing.assert_allclose(again.column(keys[0]), quick.column(keys[0]), atol=1e-5)


def test_bounds_that_are_too_wide_are_left_to_full_solves(monkeypatch: pytest.MonkeyPatch) -> None:
    from fem_wlp.study import quick as module

    from .springs import QuickSprings

    class Wide(QuickSprings):
        def readings(self, values, names=(), bounds=False):
            found = super().readings(values, names, bounds)
            return replace(found, bound=np.where(values[:, 0] > 0.06, 0.01, 1e-4))

    monkeypatch.setattr(module, "ReducedModel", lambda package, ranges, names, listed: Wide(package, ranges))
    study = study_of(compliant(), VARY, KEYS)
    answers = quick_of(study).answers(study, range(30))
    thickness = study.plan.inside()[:, 0]
    assert [answer is None for answer in answers] == (thickness > 0.06).tolist()
