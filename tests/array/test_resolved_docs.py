"""The page on the resolved array runs as it is printed."""

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "resolved.md"


@pytest.mark.long
def test_the_page_on_the_resolved_array_does_what_it_prints() -> None:
    """All examples in order, outputs to the digits shown."""
    failed, attempted = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert attempted > 8
    assert failed == 0
