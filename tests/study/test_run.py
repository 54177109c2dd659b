"""The loop of a study: every point answered or failed with its reason, whatever happens to who computes it."""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from fem_wlp.analysis import forecast_of
from fem_wlp.errors import ConfigError, ResourceError
from fem_wlp.package import loads, template
from fem_wlp.study import Answer, Journal, Study, conduct, run, run_batches, study_of, sweep
from fem_wlp.study.conduct import workers_for
from fem_wlp.study.crews import crew_of
from fem_wlp.study.journal import opened

from .packages import KEYS, Deadly, Hanging, compliant, expected, failing_at_75, product_of, twelve_points


def test_every_point_is_answered_in_the_plans_order() -> None:
    """Against the closed form; an undefined number stays undefined."""
    seen: list[tuple[int, int]] = []
    answers = run(twelve_points(), product_of, progress=lambda done, failed: seen.append((done, failed)))
    np.testing.assert_allclose(answers.column("decoupling.figure"), expected(), rtol=1e-12)
    assert np.isnan(answers.column("joint.height")).all()
    assert np.sum(seen, axis=0).tolist() == [12, 0]


def test_a_point_that_cannot_be_answered_says_why_and_the_others_go_on() -> None:
    """A certificate that fails, a fault of the program, and a combination that is no package."""
    vary = {"second_layer.thickness": "25 um..100 um:4", "array.pitch": "0.5 mm, 0.29 mm"}
    answers = run(study_of(compliant(), vary, KEYS), failing_at_75)
    assert [answer.code for answer in answers.rows] == ["", "G111", "", "G111", "S502", "G111", "internal", "G111"]
    assert "overlap" in answers.rows[1].reason
    assert answers.rows[6].reason == "ZeroDivisionError: somebody divided by zero"
    assert answers.reasons() == {"G111": 4, "S502": 1, "internal": 1}
    assert "4 points failed, G111" in str(answers)


def test_points_that_are_alike_or_answered_before_are_not_computed_again(tmp_path: Path) -> None:
    """One call for two alike; on the second run only what failed for want of something is tried again."""
    study = study_of(compliant(), {"array.pitch": "0.5 mm, 0.45 mm, 0.5 mm, 0.55 mm"}, KEYS)
    calls: Counter[float] = Counter()

    def counted(package, keys):
        calls[package.array.pitch] += 1
        if package.array.pitch == 0.45 and calls[0.45] == 1:
            raise ResourceError("R301", "not enough memory")
        return product_of(package, keys)

    first = sweep(study, tmp_path, evaluator=counted)
    assert [answer.code for answer in first.rows] == ["", "R301", "", ""]
    again = sweep(study, tmp_path, evaluator=counted)
    assert not again.failures
    assert calls == {0.5: 1, 0.45: 2, 0.55: 1}
    assert again.rows[0] == again.rows[2]


def test_processes_answer_what_one_process_answers() -> None:
    """Another order of completion, the same table to the last bit."""
    study = twelve_points()
    with crew_of(2) as crew:
        several = run(study, product_of, crew)
    assert several.csv() == run(study, product_of).csv()


@pytest.mark.long
def test_a_process_that_ends_costs_nothing_and_a_point_that_ends_every_process_is_given_up(tmp_path: Path) -> None:
    """Killed once: all twelve are answered. Killed always: that one says so, its neighbour in flight is answered."""
    study = twelve_points()
    for always in (False, True):
        tally = tmp_path / str(always)
        with crew_of(2) as crew:
            answers = run(study, Deadly(tally, 0.05, 0.5, always), crew)
        assert list(answers.failures) == ([4] if always else [])
        begun = Counter(tally.read_text().splitlines())
        assert begun["(0.05, 0.5)"] == (3 if always else 2)
        assert sum(begun.values()) - len(begun) <= (4 if always else 2)  # the neighbour in flight once more
        assert all(answer.code == "R313" for answer in answers.failures.values())


@pytest.mark.long
def test_a_process_that_ends_while_it_waits_is_replaced() -> None:
    """Killed between two points: nobody was at any, and nothing is given up."""
    study = twelve_points()
    with crew_of(2) as crew:
        process = crew.executor.submit(os.getpid).result()
        os.kill(process, signal.SIGKILL)
        time.sleep(1.0)
        assert run(study, product_of, crew).csv() == run(study, product_of).csv()


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2])
def test_points_that_hang_are_given_up_in_time_and_the_others_are_answered(tmp_path: Path, workers: int) -> None:
    """In compiled code that holds Python's lock. Two at once end together; each is known for late when it is alone.

    The study's own process is never ended: with a limit one worker is a process of its own.
    """
    study, tally = twelve_points(), tmp_path / "tally"
    late = ((0.05, 0.45), (0.05, 0.5))
    begin = time.monotonic()
    answers = sweep(study, tmp_path, workers, evaluator=Hanging(tally, *late), timeout=2.0)
    assert time.monotonic() - begin > 4.0
    assert {number: answer.code for number, answer in answers.failures.items()} == {3: "R314", 4: "R314"}
    assert answers.rows[4].reason == "it was not answered within 2 s, and the process that computed it was ended"
    found = np.delete(answers.column("decoupling.figure"), [3, 4])
    np.testing.assert_allclose(found, np.delete(expected(), [3, 4]), rtol=1e-12)
    begun = Counter(tally.read_text().splitlines())
    assert [begun[str(point)] for point in late] == [workers, workers]
    assert not answers.rows[4].lasting


def test_a_point_within_its_time_is_answered_as_without_a_limit() -> None:
    """The limit of the file, which the command line's replaces; one that nothing can keep is refused."""
    study = twelve_points()
    with crew_of(1, limit=60.0) as crew:
        assert run(study, product_of, crew).csv() == run(study, product_of).csv()
    in_file = study_of(loads(template("compliant") + '[study]\nvary.array.pitch = "0.5 mm"\ntimeout = "90 s"\n'))
    assert conduct.limit_of(in_file, None) == 90.0
    assert conduct.limit_of(in_file, 5.0) == 5.0
    assert conduct.limit_of(study, None) is None
    with pytest.raises(ConfigError) as refused:
        sweep(study, timeout=0.5)
    assert (refused.value.code, refused.value.where) == ("F119", "--timeout")


class Products:
    """A reduced model stands behind the same protocol: all points at once, from their numbers."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def answers(self, study: Study, numbers: Sequence[int]) -> list[Answer]:
        """Return thickness times pitch."""
        self.asked += numbers
        products = study.plan.inside()[list(numbers)].prod(axis=1)
        return [Answer({"decoupling.figure": float(each), "joint.height": None}) for each in products]


def test_a_batch_evaluator_answers_what_the_journal_has_not(tmp_path: Path) -> None:
    study, model = twelve_points(), Products()
    with opened(tmp_path, study) as journal:
        journal.add([(5, Answer({"decoupling.figure": -1.0, "joint.height": None}))])
        answers = run_batches(study, model, journal)
    assert sorted(model.asked) == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    first, second = study.plan.inside()[model.asked].T
    assert (np.diff(second) >= 0.0).all(), "the first parameter changes first"
    assert (np.diff(first)[np.diff(second) == 0.0] > 0.0).all()
    np.testing.assert_allclose(np.delete(answers.column("decoupling.figure"), 5), np.delete(expected(), 5), rtol=1e-12)
    assert answers.rows[5].values["decoupling.figure"] == -1.0
    assert run_batches(study, model, Journal({n: answers.rows[n] for n in range(12)})).rows == answers.rows


def test_more_workers_than_memory_holds_are_refused_and_as_many_as_fit_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker's need is what a solve is foretold to take, without a report and a second process."""
    study = twelve_points()
    each = 1e6 * forecast_of(study.package).alone
    monkeypatch.setattr(conduct, "available_memory", lambda: int(2.5 * each))
    with pytest.raises(ResourceError) as refused:
        workers_for(study, 8)
    assert (refused.value.code, refused.value.hint) == ("R301", "--workers 2")
    assert 1 <= workers_for(study, None) <= 2
    assert workers_for(study, 1) == 1


def test_what_the_extra_brings_is_refused_where_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it; everything else works without."""
    answers = run(twelve_points(), product_of)
    for library, ask in (
        ("distributed", lambda: sweep(twelve_points(), scheduler="tcp://127.0.0.1:1")),
        ("xarray", answers.dataset),
    ):
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(ResourceError) as refused:
            ask()
        assert refused.value.code == "R311"
        assert ".[study]" in refused.value.hint


def test_the_table_has_units_in_its_header_and_every_point_with_its_reason() -> None:
    lines = run(twelve_points(), failing_at_75).csv().splitlines()
    assert lines[0] == (
        "point,second_layer.thickness [um],array.pitch [mm],decoupling.figure [1],joint.height [mm],status,code,reason"
    )
    assert lines[1].split(",")[:3] == ["0", "25.0", "0.45"]
    assert lines[7] == "6,75.0,0.45,,,failed,S502,the residual is too large"
    assert len(lines) == 13


def test_the_dataset_has_one_dimension_a_parameter_and_units(tmp_path: Path) -> None:
    """Also after a way through a file."""
    xarray = pytest.importorskip("xarray", reason="no xarray: the extra study has it")
    answers = run(twelve_points(), failing_at_75)
    answers.dataset().to_netcdf(tmp_path / "study.nc", engine="scipy")
    with xarray.open_dataset(tmp_path / "study.nc", engine="scipy") as read:
        figure = read["decoupling.figure"]
        assert figure.dims == ("second_layer.thickness", "array.pitch")
        assert (figure.attrs["units"], read["array.pitch"].attrs["units"]) == ("1", "mm")
        np.testing.assert_array_equal(figure.values.ravel(), answers.column("decoupling.figure"))
        assert float(figure.sel({"second_layer.thickness": 50.0, "array.pitch": 0.45})) == pytest.approx(0.0225)
        assert read["code"].values[2].tolist() == ["S502"] * 3
    sample = study_of(compliant(), {"array.pitch": "0.45..0.5 mm", "land.material": "copper, SAC305"}, KEYS, "lhs:4")
    dataset = run(sample, product_of).dataset()
    assert dataset["decoupling.figure"].dims == ("point",)
    assert sorted(dataset["land.material"].values) == ["SAC305", "SAC305", "copper", "copper"]
