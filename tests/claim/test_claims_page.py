"""The page on claims: every claim, and what it says stands for it, is there."""

import re
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from fem_wlp import claims, loads, template
from fem_wlp.cli import main
from fem_wlp.package.model import Package
from fem_wlp.study.recorded import UNITS

from ..pages import blocks

PAGE = (Path(__file__).parents[2] / "docs" / "claims.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"^\| [DM]\d+ \|.*$", PAGE, re.MULTILINE)]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def models(annotation: Any) -> list[type[BaseModel]]:
    """The tables that an annotation holds, through optional ones and lists."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [each for inner in get_args(annotation) for each in models(inner)]


def test_each_claim_has_its_row_with_its_sentence() -> None:
    found = claims(loads(template("compliant"))).claims
    assert [(row[0], row[1]) for row in ROWS] == [(claim.id, claim.text) for claim in found]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_keys_code_and_results_of_a_claim_are_there(row: list[str]) -> None:
    """A claim without a key of the file or without code would be represented by nothing."""
    _, _, keys, code, results = row
    assert named(keys) and named(code)
    for key in named(keys):
        tables: list[type[BaseModel]] = [Package]
        for name in key.split("."):
            field = next((table.model_fields[name] for table in tables if name in table.model_fields), None)
            assert field is not None, key
            tables = models(field.annotation)
    for path in named(code):
        module, _, name = f"fem_wlp.{path}".rpartition(".")
        assert hasattr(import_module(module), name), path
    assert set(named(results)) <= set(UNITS)


@pytest.mark.long
def test_the_commands_work_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in [shlex.split(line)[1:] for block in blocks(PAGE, "sh") for line in block.splitlines()]:
        assert main(command) == 0, capsys.readouterr().err


def test_the_lines_of_python_work(capsys: pytest.CaptureFixture[str]) -> None:
    (snippet,) = blocks(PAGE, "python")
    exec(compile(snippet, "claims.md", "exec"), {})
    assert capsys.readouterr().out.endswith("[] 9.375\n")
