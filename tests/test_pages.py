"""Pages of the docs do what they print: their commands, one after the other, in an empty folder."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from fem_wlp.cli import main
from fem_wlp.verification.packages import COMMON, DECOUPLED

from .pages import blocks

DOCS = Path(__file__).parents[1] / "docs"

SMALL = (
    DECOUPLED % ("soft_layer", "soft_adhesive")
    + COMMON.replace("rows = 4, columns = 4", "rows = 2, columns = 2").replace('width = "2 mm"', 'width = "1 mm"')
    % "polymer"
)
"""A package of 2 x 2 joints, for commands that name a file that the reader has."""


def commands(page: str) -> list[list[str]]:
    """The lines of a page that begin with fem-wlp, fenced or indented, without the program's name and comments."""
    text = (DOCS / page).read_text("utf-8")
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    lines += re.findall(r"^    (fem-wlp .*)$", text, re.MULTILINE)
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.mark.long
def test_a_run_is_repeated_as_the_page_on_provenance_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the drift that the page shows is what is printed."""
    monkeypatch.chdir(tmp_path)
    for command in commands("provenance.md"):
        assert main(command) == 0, capsys.readouterr().err
    assert "tolerance 1e-09: the same." in capsys.readouterr().out


@pytest.mark.long
def test_the_commands_of_the_page_on_convergence_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a small package and, in three dimensions, on the coarsest mesh: all give a verdict and a folder."""
    monkeypatch.chdir(tmp_path)
    Path("device.toml").write_text(SMALL, "utf-8")
    for number, command in enumerate(commands("convergence.md")):
        coarse = ["--fineness", "0.25"] if "3d" in command else []
        assert main([*command, *coarse, "--out", f"out-{number}"]) == 0, capsys.readouterr().err
        assert "as solved; " in capsys.readouterr().out
        assert Path(f"out-{number}/converge.json").exists()


@pytest.mark.parametrize("page", ["provenance.md", "convergence.md", "verification.md"])
def test_the_commands_of_a_page_are_ones_of_the_program(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Also those that take minutes, such as the whole dossier: the verb's help knows every option."""
    found = commands(page)
    assert found
    for verb, *rest in found:
        with pytest.raises(SystemExit) as left:
            main([verb, "--help"])
        assert left.value.code == 0
        known = capsys.readouterr().out
        assert all(option in known for option in rest if option.startswith("--"))


def test_what_the_page_on_limits_says_draws_its_picture_is_there() -> None:
    """The script, its numbers and its picture; the laws that it names are in the dossier."""
    from fem_wlp.verification.dossier import LAWS

    text = (DOCS / "limits.md").read_text("utf-8")
    places = re.findall(r"`(?:python )?(benchmarks/[\w.]+)`", text)
    assert len(places) == 2
    assert all((DOCS.parent / place).exists() for place in places)
    assert all((DOCS / place).exists() for place in re.findall(r"\((images/[\w.]+)\)", text))
    laws = re.findall(r"\*([a-z-]+)\*", text)
    assert laws and {*laws} <= {*LAWS}
