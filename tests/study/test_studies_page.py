"""The page on studies does what it prints."""

import re
import shlex
from pathlib import Path

import pytest

from fem_wlp.cli import main
from fem_wlp.package import loads, template
from fem_wlp.study import study_of

from ..pages import blocks

PAGE = (Path(__file__).parents[2] / "docs" / "studies.md").read_text("utf-8")


@pytest.mark.long
def test_the_commands_work_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In an empty folder; the first one's folder holds what the table says."""
    monkeypatch.chdir(tmp_path)
    commands = [shlex.split(line)[1:] for block in blocks(PAGE, "sh") for line in block.splitlines()]
    assert [command[0] for command in commands] == ["new", "sweep", "sweep", "sweep"]
    for command in commands:
        assert main(command) == 0, capsys.readouterr().err
    entries = re.findall(r"^\| `([a-z.]+)/?` \|", PAGE.split("## What is varied")[0], re.MULTILINE)
    there = {path.name for path in (tmp_path / "device-study").iterdir()}
    assert {*entries} - {"study.nc"} == there - {"study.nc"}
    assert len((tmp_path / "sample" / "study.csv").read_text().splitlines()) == 5


@pytest.mark.long
def test_the_lines_of_python_work(capsys: pytest.CaptureFixture[str]) -> None:
    (snippet,) = blocks(PAGE, "python")
    exec(compile(snippet, "studies.md", "exec"), {})
    assert "4 of 4 points answered" in capsys.readouterr().out


def test_the_study_that_stands_in_a_file_is_one() -> None:
    (table,) = blocks(PAGE, "toml")
    assert len(study_of(loads(f"{template('compliant')}\n{table}")).plan) == 96


def test_the_study_in_the_template_is_one_without_its_comment_signs() -> None:
    before, table = template("compliant").split("# [study]")
    assert len(study_of(loads(f"{before}[study]{table.replace('# ', '')}")).plan) == 48


def test_every_way_to_write_values_is_read() -> None:
    """The table's examples, each for a key that it fits."""
    keys = ("second_layer.thickness", "materials.adhesive.E", "array.pitch", "land.material", "materials.copper.E")
    rows = re.findall(
        r"^\| [a-z][^|]* \| (`.*`) \|$", PAGE.split("| values | written |")[1].split("\n\n")[0], re.MULTILINE
    )
    assert len(rows) == len(keys)
    for key, cell in zip(keys, rows, strict=True):
        for written in re.findall("`([^`]+)`", cell):
            assert len(study_of(loads(template("compliant")), {key: written}).plan) > 1
