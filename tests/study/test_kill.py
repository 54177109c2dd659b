"""Killed at three random moments, a study goes on and ends with the table of an uninterrupted one.

``benchmarks/study_kill.py`` does the same with twenty, and is what is run here.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "study_kill.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The benchmark as a module."""
    specification = importlib.util.spec_from_file_location("study_kill", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["study_kill"] = module
    specification.loader.exec_module(module)
    return module


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
