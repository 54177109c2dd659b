"""The list of mutations that ``benchmarks/mutations.py`` tries is one of the present source."""

import json
from types import ModuleType

import pytest

from ..scripts import BENCHMARKS, benchmark

SCRIPT = BENCHMARKS / "mutations.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The benchmark as a module."""
    return benchmark("mutations")


def test_every_mutation_breaks_one_place_of_the_source(script: ModuleType) -> None:
    """What it replaces stands there once, and what it leaves is other Python."""
    for mutation in script.MUTATIONS:
        text = (script.PACKAGE / mutation.file).read_text("utf-8")
        assert text.count(mutation.before) == 1, mutation.name
        assert mutation.before != mutation.after, mutation.name
        compile(text.replace(mutation.before, mutation.after), mutation.file, "exec")


def test_the_record_is_of_these_mutations_and_each_was_noticed(script: ModuleType) -> None:
    """By a law of the dossier, not by a program that does not run."""
    record = json.loads(SCRIPT.with_suffix(".json").read_text("utf-8"))
    tried = {row["name"]: row for row in record["mutations"]}
    assert tried.keys() == {mutation.name for mutation in script.MUTATIONS}
    for mutation in script.MUTATIONS:
        row = tried[mutation.name]
        assert (row["file"], row["before"], row["after"]) == (mutation.file, mutation.before, mutation.after)
        assert row["red"] and "the program itself" not in row["red"], mutation.name
