"""Killed at random moments, verbs leave whole results or none, and a study goes on to the same table.

``benchmarks/kill.py`` does the same more often, and is what is run here.
"""

from pathlib import Path
from types import ModuleType

import pytest

from ..scripts import benchmark


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The benchmark as a module."""
    return benchmark("kill")


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2])
def test_three_kills_lose_nothing_and_cost_at_most_the_points_in_flight(
    script: ModuleType, tmp_path: Path, workers: int
) -> None:
    """The table is the same to the last bit: what the journal holds is what was computed."""
    found = script.killed(tmp_path, 60, workers, kills=3, seed=workers)
    assert found["kills"] == 3
    assert found["same_table"]
    assert 0 <= found["computed_again"] <= 3 * workers


def test_a_study_without_a_kill_computes_every_point_once(script: ModuleType, tmp_path: Path) -> None:
    """The count of what was begun bites: a point that is struck out of the journal is begun again."""
    found = script.killed(tmp_path, 6, 1, kills=0, seed=0)
    assert found["computed_again"] == 0
    journal = tmp_path / "killed" / script.NAME
    journal.write_text("".join(f"{line}\n" for line in script.lines(journal)[:-1]))
    script.answered(tmp_path / "killed", 6, 1)
    assert len(script.lines(tmp_path / "killed" / "tally")) == 7


@pytest.mark.long
@pytest.mark.parametrize("verb", ["solve", "sweep", "verify"])
def test_six_kills_of_a_verb_leave_whole_results_or_what_does_not_claim_to_be_one(
    script: ModuleType, tmp_path: Path, verb: str
) -> None:
    """At any moment, while files are written, and while they are moved in; every kill is judged by the script."""
    found = script.verb_killed(verb, tmp_path, kills=6, seed=3)
    assert sum(found["left"].values()) == 6
    assert found["settled"].keys() <= {"nothing", "whole"}


def test_the_judge_of_what_a_kill_left_bites(script: ModuleType, tmp_path: Path) -> None:
    """Entries of two questions, a sign too early and a file without its end are all noticed."""
    one = {"results.json": b'{"name": "first"}', "report.html": b"<html>first</html>\n"}
    other = {"results.json": b'{"name": "second"}', "report.html": b"<html>second</html>\n"}
    for there, message in (
        ({"results.json": one["results.json"], "report.html": other["report.html"]}, "two questions"),
        ({"results.json": one["results.json"]}, "stands beside"),
        ({"report.html": b"<html>first"}, "torn"),
        ({"results.json": b'{"name": "fir'}, "torn"),
    ):
        folder = tmp_path / message
        folder.mkdir(exist_ok=True)
        for name, content in there.items():
            (folder / name).write_bytes(content)
        with pytest.raises(RuntimeError, match=message):
            script.judged("solve", folder, (one, other))
