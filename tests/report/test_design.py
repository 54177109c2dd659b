"""The figures and folders of designs and maps."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from fem_wlp.errors import ResourceError
from fem_wlp.package import load, loads, template
from fem_wlp.report import design_folder, map_folder
from fem_wlp.report.design_figures import design_pictures, plot_front, plot_interval
from fem_wlp.report.map_figure import levels_of, map_picture, plot_map
from fem_wlp.study.aim import aim_of
from fem_wlp.study.design import Design, find
from fem_wlp.study.map import Map, map_of

from ..study.springs import compliant, quick, springs


@pytest.fixture(scope="module")
def design() -> Design:
    aim = aim_of(compliant(), 0.9, limits={"interconnect_strain": "0.2 %", "electrical_resistance": "60 mOhm"})
    return find(aim, model_for=quick(), evaluator=springs)


@pytest.fixture(scope="module")
def drawn() -> Map:
    limits = {"interconnect_strain": "0.2 %", "total_height": "0.7 mm", "electrical_resistance": "500 mOhm"}
    return map_of(compliant(), limits=limits, target=0.9, points=15, model_for=quick())


def test_a_design_is_read_back_from_its_folder(design: Design, tmp_path: Path) -> None:
    """The package file is that of the design, the data are JSON, the figures are there."""
    path = design_folder.write_design(design, tmp_path / "new")
    assert load(path) == design.package
    assert json.loads((path.parent / "design.json").read_text())["status"] == "feasible"
    assert {entry.name for entry in (path.parent / "figures").iterdir()} == {
        f"{name}.{kind}" for name in ("parameters", "front") for kind in ("png", "svg")
    }
    table = np.genfromtxt(path.parent / "front.csv", delimiter=",", skip_header=1)
    np.testing.assert_allclose(table[:, 1], design.front.figure)


def test_the_reference_package_stands_beside_the_design(design: Design, tmp_path: Path) -> None:
    """A package that names its reference package is read back with it, and both are vouched for."""
    named = replace(design, package=design.package.model_copy(update={"reference": loads(template("conventional"))}))
    path = design_folder.write_design(named, tmp_path)
    assert load(path) == named.package
    assert {"design.toml", "reference.toml"} <= json.loads((tmp_path / "run.json").read_text())["files"].keys()
    design_folder.write_design(design, tmp_path)
    assert not (tmp_path / "reference.toml").exists()


def test_what_cannot_be_drawn_leaves_the_folder_as_it_was(
    design: Design, drawn: Map, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written whole or not at all."""

    def failing(*arguments: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "write_bytes", failing)  # of the pictures, after texts have been written
    for write, found in ((design_folder.write_design, design), (map_folder.write_map, drawn)):
        with pytest.raises(ResourceError) as refused:
            write(found, tmp_path / "a")
        assert refused.value.code == "R305"
        assert not (tmp_path / "a").exists()


def test_a_map_is_a_table_and_two_pictures(drawn: Map, tmp_path: Path) -> None:
    path = map_folder.write_map(drawn, tmp_path)
    assert path.read_bytes().startswith(b"\x89PNG")
    ElementTree.fromstring((tmp_path / "map.svg").read_text("utf-8"))
    assert (tmp_path / "map.csv").read_text("utf-8") == drawn.csv()
    assert load(tmp_path / "package.toml") == drawn.package


def test_the_map_names_target_limits_and_the_present_design(drawn: Map) -> None:
    """In its legend; a limit that is kept everywhere says so."""
    ax = plot_map(drawn, Figure(figsize=(7.4, 4.6)).add_axes((0.1, 0.1, 0.6, 0.8)))
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == [
        "D = 0.9, wanted",
        "interconnect strain\n≤ 0.2 %",
        "electrical resistance\n≤ 500 mΩ\n(kept everywhere)",
        "height on the board\n≤ 700 µm",
        "present design",
    ]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    (mark,) = [line for line in ax.get_lines() if line.get_label() == "present design"]
    np.testing.assert_allclose(mark.get_xydata(), [[75.0, 200.0]])
    assert map_picture(drawn).png.startswith(b"\x89PNG")


def test_isolines_are_round_and_never_few() -> None:
    assert levels_of(np.array([0.3, np.nan, 0.999])) == [
        *(0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998)
    ]
    assert len(levels_of(np.array([0.901, 0.909]))) >= 3


def test_a_figure_of_one_parameter_shows_target_interval_and_design(design: Design) -> None:
    interval = design.intervals[0]
    ax = plot_interval(design, interval, Figure().add_subplot())
    curve, mark = ax.get_lines()[1], ax.get_lines()[2]
    np.testing.assert_allclose(curve.get_ydata(), interval.figure)
    np.testing.assert_allclose(mark.get_xydata(), [[1e3 * interval.present, design.figures.figure]])
    assert "admissible" in ax.get_title(loc="left")
    front = plot_front(design, design.front, Figure().add_subplot())
    np.testing.assert_allclose(front.get_lines()[1].get_xdata(), design.front.resistance)
    assert [picture.name for picture in design_pictures(design)] == ["parameters", "front"]
