"""What the README tells people to type works as it stands there."""

import re
import shlex
from pathlib import Path

import pytest

import fem_wlp
from fem_wlp.cli import main

from .pages import blocks

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text()


COMMANDS = [line for block in blocks(README, "sh") for line in block.splitlines()]


def test_the_two_commands_stand_at_the_top_and_the_program_has_them() -> None:
    """`.ci/run` runs them in a fresh clone; here: they are the first block, under one picture, and in CI's script."""
    first, second = blocks(README, "sh")[0].splitlines()
    assert README.index("](docs/images/") < README.index(first)
    assert (first, second) == ("python3 bootstrap.py solve", "python3 bootstrap.py test")
    continuous = (CHECKOUT / ".ci" / "run").read_text()
    for command in (first, second):
        assert f'"$python" {command.removeprefix("python3 ")}' in continuous


def test_pictures_and_pages_that_the_readme_refers_to_exist() -> None:
    for target in re.findall(r"\]\(([^):]+)\)", README):
        assert (CHECKOUT / target).exists(), target


def test_the_table_beside_the_measurement_is_what_the_program_answers() -> None:
    """Printed to 1 nm, so it holds to 1 nm."""
    rows = dict(re.findall(r"^\| ([^|]+?) *\|([ 0-9|]+)\|$", README, re.MULTILINE))
    package = fem_wlp.loads(fem_wlp.template("micro-smd"))
    joints = [joint for joint in fem_wlp.solve(package).joints if joint.row == 3 and joint.column >= 4]
    pads = [1e6 * abs(joint.pad_to_pad[0]) for joint in joints]
    deformed = [1e6 * abs(joint.shift[0]) for joint in joints]
    tilt = [pad - own for pad, own in zip(pads, deformed, strict=True)]
    for name, computed in (("pad to pad", pads), ("tilt", tilt), ("the joint deforms", deformed)):
        printed = next(row for title, row in rows.items() if title.endswith(name) and "measured" not in title)
        assert [float(cell) for cell in printed.split("|")] == pytest.approx(computed, abs=1.0)


@pytest.mark.long
def test_the_verbs_work_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In an empty folder, in the order of the page."""
    monkeypatch.chdir(tmp_path)
    verbs = [shlex.split(line)[1:] for line in COMMANDS if line.startswith("fem-wlp ")]
    assert {arguments[0] for arguments in verbs} == {"new", "check", "estimate", "solve", "materials", "schema"}
    for arguments in verbs:
        assert main(arguments) == 0, capsys.readouterr().err
    assert (tmp_path / "thin" / "report.html").exists()


@pytest.mark.long
def test_the_python_lines_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the page's `fem-wlp new device`."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "device"]) == 0
    for snippet in blocks(README, "python"):
        exec(compile(snippet, "README.md", "exec"), {})
