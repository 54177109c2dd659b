"""The guide to the joint cell runs as it is printed."""

import doctest
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "joint-cell.md"


def test_the_guide_to_the_joint_cell_does_what_it_prints() -> None:
    """All examples in order, outputs to the digits shown."""
    failed, attempted = doctest.testfile(str(GUIDE), module_relative=False)
    assert attempted > 15
    assert failed == 0
