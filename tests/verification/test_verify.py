"""The verb verify: its exit codes, what it prints and writes, and what a kill leaves."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fem_wlp.cli import main
from fem_wlp.verification import dossier
from fem_wlp.verification.dossier import FAMILIES, LAWS
from fem_wlp.verification.law import Quantity

DOCS = Path(__file__).parents[2] / "docs" / "verification.md"


def test_one_law_is_verified_on_this_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Table on standard output, both files in the folder, exit code 0."""
    assert main(["verify", "--only", "torsion", "--output", str(tmp_path), "--quiet"]) == 0
    printed, told = capsys.readouterr()
    assert "torsion" in printed and "holds" in printed and "noticed" in printed and told == ""
    assert "1 of 1 laws hold, 1 of 1 broken controls were noticed" in printed
    assert "This is a part of the dossier: torsion." in printed
    assert json.loads((tmp_path / "verification.json").read_text("utf-8"))["selection"] == "torsion"
    assert (tmp_path / "verification.html").exists()


def test_json_is_all_that_standard_output_gets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And no folder is written unless one is named."""
    monkeypatch.chdir(tmp_path)
    assert main(["verify", "--only", "torsion", "--json", "--quiet", "--workers", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["believed"] is True
    assert list(tmp_path.iterdir()) == []


def broken_too(right: bool) -> tuple[Quantity, ...]:
    """Torsion as its broken control has it, law or control."""
    return LAWS["torsion"].measure(True)


def blind(broken: bool) -> tuple[Quantity, ...]:
    """Torsion as it should be, law or control."""
    return LAWS["torsion"].measure(False)


@pytest.mark.parametrize(("measure", "code"), [(broken_too, "S510"), (blind, "S511")])
def test_a_broken_law_turns_the_exit_code_and_the_table_is_there(
    measure: object, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A term dropped in the law itself, or a control that is none."""
    bad = replace(LAWS["torsion"], measure=measure)  # type: ignore[arg-type]
    monkeypatch.setattr(dossier, "chosen", lambda quick, only: (bad,))
    assert main(["verify", "--out", str(tmp_path), "--workers", "1", "--quiet"]) == 4
    assert f"error[{code}]" in capsys.readouterr().err
    assert json.loads((tmp_path / "verification.json").read_text("utf-8"))["believed"] is False


def test_an_unknown_law_is_refused_before_anything_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--only", "torsoin", "--out", str(tmp_path / "folder")]) == 2
    assert "error[C202]" in capsys.readouterr().err
    assert not (tmp_path / "folder").exists()


def test_a_killed_verify_leaves_no_table(tmp_path: Path) -> None:
    """SIGKILL while laws are computed: no file of the dossier is there, and its processes end by themselves."""
    command = [sys.executable, "-m", "fem_wlp", "verify", "--quick", "--workers", "2", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(4.0)
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "out").exists()


def test_the_page_of_the_docs_lists_every_law() -> None:
    """By family, in order, each with what it holds, where from, and what is wrong in its control."""
    text = DOCS.read_text("utf-8")
    rows = re.findall(
        r"^\| `([\w-]+)`( \(whole\))? \| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", text, re.MULTILINE
    )
    expected = [
        (law.name, "" if law.quick else " (whole)", law.title, law.statement, law.source, law.control)
        for law in LAWS.values()
    ]
    assert rows == expected
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert headings == list(FAMILIES)
