"""The page on how a package is made does what it prints."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from fem_wlp.analysis import solve
from fem_wlp.cli import main
from fem_wlp.package import Package, loads, replace_all, template
from fem_wlp.results import as_data

from ..pages import blocks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "process.md").read_text("utf-8")


def as_one_step(package: Package) -> Package:
    """The same package, with the temperatures of birth given as such."""
    given = {
        f"{part}.stress_free": f"{value.stress_free} K"
        for part in ("first_layer", "interconnect", "second_layer", "cylinder")
        if (value := getattr(package, part)).stress_free is not None
    }
    service = {"assembly": f"{package.temperatures.assembly} K", "condition": package.temperatures.condition}
    return replace_all(package, {"process": None, "wafer": None, "temperatures": service, **given})


def figures(result: dict[str, Any]) -> list[float]:
    """What the table tells, as the page prints it; the bow where there is one."""
    place, at = result["decoupling"]["critical_joint"], result["decoupling"]["at"]
    joint = next(j for j in result["joints"] if (j["row"], j["column"]) == (place["row"], place["column"]))
    x, y = joint["shear_force"]
    told = [
        result["decoupling"]["figure"],
        (x * x + y * y) ** 0.5,
        1e6 * result["interconnect"]["strain"],
        *(each["shear_force"] for each in at),
        *(1e3 * each["warpage_chip"] for each in at),
    ]
    if result["process"] is not None:
        bows = [step["bow_at_room"] for step in result["process"]["steps"] if step["bow_at_room"] is not None]
        told.append(1e3 * max(bows, key=abs))
    return told


@pytest.mark.long
def test_the_commands_work_and_the_table_is_what_they_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To the last digit that is printed; results of one step are those of a package without a process."""
    monkeypatch.chdir(tmp_path)
    for block in blocks(PAGE, "sh"):
        for line in block.splitlines():
            assert main(shlex.split(line)[1:]) == 0, capsys.readouterr().err
    rows = [
        [cell.strip().replace("−", "-") for cell in row.split("|")[2:-1]]
        for row in PAGE.split("| one step |\n")[1].split("\n\n")[0].splitlines()[1:]
    ]
    for column, name, source in ((0, "cured", "adhesive-process"), (2, "remelted", "paste-process")):
        folder = tmp_path / f"{name}-results"
        made = json.loads((folder / "results.json").read_text("utf-8"))
        alone = as_data(solve(as_one_step(loads(template(source)))))
        for place, told in ((column, figures(made)), (column + 1, figures(alone))):
            printed = [row[place] for row in rows if row[place]]
            for cell, value in zip(printed, told, strict=True):
                digit = 10.0 ** -len(cell.partition(".")[2])
                assert value == pytest.approx(float(cell), abs=1.01 * digit)
        assert made["process"]["one_step"]["figure"] == pytest.approx(alone["decoupling"]["figure"], abs=1e-9)
        assert "How it is made" in (folder / "report.html").read_text("utf-8")
        assert (folder / "figures" / "process.svg").exists()


@pytest.mark.long
def test_the_lines_of_python_work(capsys: pytest.CaptureFixture[str]) -> None:
    (snippet,) = blocks(PAGE, "python")
    exec(compile(snippet, "process.md", "exec"), {})
    assert "11 grind the wafer to 300 um" in capsys.readouterr().out


def test_pictures_and_pages_that_it_refers_to_exist() -> None:
    for target in re.findall(r"\]\(([^):#]+)(?:#[^)]*)?\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
