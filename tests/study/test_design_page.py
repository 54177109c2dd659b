"""The page on designs does what it prints."""

import re
import shlex
from pathlib import Path

import pytest

from fem_wlp.cli import main
from fem_wlp.study.limits import MEASURES

from ..pages import blocks

PAGE = (Path(__file__).parents[2] / "docs" / "design.md").read_text("utf-8")


@pytest.mark.long
def test_the_commands_work_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In an empty folder; the design's folder holds what the table says, and its package file is solved."""
    monkeypatch.chdir(tmp_path)
    commands = [shlex.split(line)[1:] for block in blocks(PAGE, "sh") for line in block.splitlines()]
    assert [command[0] for command in commands] == ["new", "design", "map", "tolerance"]
    for command in commands:
        assert main(command) == 0, capsys.readouterr().err
    entries = re.findall(r"^\| `([a-z.]+)/?` \|", PAGE.split("## What is asked")[0], re.MULTILINE)
    assert {*entries} == {path.name for path in (tmp_path / "device-design").iterdir()}
    assert main(["check", "device-design/design.toml"]) == 0
    assert {path.name for path in (tmp_path / "device-map").iterdir()} == {
        "map.csv",
        "map.png",
        "map.svg",
        "package.toml",
        "run.json",
    }
    tolerance = re.findall(r"`([a-z.]+)`", PAGE.split("## Tolerances")[1].split("The folder holds")[1].split("\n\n")[0])
    assert len(tolerance) == 6
    assert {path.name for path in (tmp_path / "device-tolerance").iterdir()} == {*tolerance}


@pytest.mark.long
def test_the_lines_of_python_work(capsys: pytest.CaptureFixture[str]) -> None:
    (snippet,) = blocks(PAGE, "python")
    exec(compile(snippet, "design.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "compliant: feasible" in printed
    assert float(printed.splitlines()[-1]) == pytest.approx(0.92, abs=0.005)


def test_the_table_lists_every_limit() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.split("| limit | of what |")[1].split("\n\n")[0], re.MULTILINE)
    assert rows == list(MEASURES)
