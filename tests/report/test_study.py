"""The figures, the page and the folder of a study."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from fem_wlp.errors import ResourceError, SolveError
from fem_wlp.package import Package, loads, resolved_toml, template
from fem_wlp.report import folder
from fem_wlp.report.study_figures import curves_of_study, plot_bounds, plot_study, study_pictures
from fem_wlp.report.study_folder import ENTRIES, write_study
from fem_wlp.report.words import number as number_of
from fem_wlp.study import Answers, run, study_of

KEYS = ("decoupling.figure", "joint.resistance.electrical")
GRID = {
    "second_layer.thickness": "20 um..140 um:4",
    "materials.adhesive.E": "1 MPa..10 GPa:log 3",
    "array.pitch": "0.5 mm, 0.52 mm, 0.54 mm",
}


def spring(package: Package, keys: Sequence[str]) -> dict[str, float | None]:
    """One compliant layer in shear against one spring: D = 1 / (1 + E / (100 MPa · t / mm)), in closed form."""
    assert package.second_layer is not None
    assert package.cylinder is not None
    modulus = package.cylinder.material.elasticity.E(298.15)  # type: ignore[union-attr]
    if modulus > 5e3 and package.second_layer.thickness > 0.13:
        raise SolveError("S502", "the residual is <too large>")
    stiffness = modulus / (1e4 * package.second_layer.thickness)
    return {KEYS[0]: 1.0 / (1.0 + stiffness), KEYS[1]: 300.0 * package.second_layer.thickness * package.array.pitch}


def answered(vary: dict[str, str] = GRID, sample: str = "grid") -> Answers:
    return run(study_of(loads(template("compliant")), vary, KEYS, sample), spring)


@pytest.fixture(scope="module")
def grid() -> Answers:
    return answered()


def test_curves_run_along_the_first_parameter_and_tell_the_second_one_apart(grid: Answers) -> None:
    """Against the closed form; of the third parameter the middle value; a failed point is a gap."""
    curves = curves_of_study(grid, KEYS[0])
    assert curves is not None
    assert curves.beside is not None
    assert (curves.across.name, curves.beside.name) == ("second_layer.thickness", "materials.adhesive.E")
    assert [(axis.name, value) for axis, value in curves.held] == [("array.pitch", "0.52 mm")]
    assert [word for word, _, _ in curves.drawn] == ["1 MPa", "100 MPa", "10000 MPa"]
    for modulus, (_, microns, figures) in zip((1.0, 100.0, 1e4), curves.drawn, strict=True):
        np.testing.assert_array_equal(microns, [20.0, 60.0, 100.0, 140.0])
        expected = 1.0 / (1.0 + modulus / (10.0 * microns))
        np.testing.assert_allclose(figures[:3], expected[:3], rtol=1e-12)
        assert np.isnan(figures[3]) == (modulus > 5e3)
    resistance = curves_of_study(grid, KEYS[1])
    assert resistance is not None
    np.testing.assert_allclose(resistance.drawn[0][2], 0.3 * resistance.drawn[0][1] * 0.52, rtol=1e-12)


def test_curves_are_drawn_where_points_are_answered() -> None:
    """The middle thickness of three fails with every modulus, so a neighbour's is taken."""
    vary = {
        "materials.adhesive.E": "6 GPa..9 GPa:3",
        "array.pitch": "0.5 mm, 0.52 mm",
        "second_layer.thickness": "20 um, 100 um, 140 um, 141 um",
    }
    curves = curves_of_study(answered(vary), KEYS[0])
    assert curves is not None
    assert [value for _, value in curves.held] == ["100 um"]
    assert all(np.isfinite(figures).all() for _, _, figures in curves.drawn)


def test_coupling_is_drawn_on_a_logarithmic_axis_and_is_one_less_the_figure(grid: Answers) -> None:
    figure = Figure()
    above, below = figure.subplots(2)
    plot_study(grid, above)
    plot_study(grid, below, "decoupling.coupling")
    assert (above.get_yscale(), below.get_yscale()) == ("linear", "log")
    for one, other in zip(above.get_lines(), below.get_lines(), strict=True):
        total = np.asarray(one.get_ydata()) + np.asarray(other.get_ydata())
        np.testing.assert_allclose(total[np.isfinite(total)], 1.0, rtol=1e-12)
        assert np.isfinite(total).sum() >= 3
    legend = above.get_legend()
    assert legend is not None
    assert [entry.get_text() for entry in legend.get_texts()] == ["1 MPa", "100 MPa", "10 GPa"]
    assert (above.get_xlabel(), below.get_ylabel()) == ("second layer thickness [µm]", "1 − D [-]")


@pytest.mark.parametrize(
    ("vary", "sample"),
    [
        ({"array.pitch": "0.5 mm..0.6 mm:3"}, "grid"),
        ({"array.pitch": "0.5 mm"}, "grid"),
        ({"land.material": "copper, SAC305"}, "grid"),
        ({"land.material": "copper, SAC305", "array.pitch": "0.5 mm..0.6 mm:3"}, "grid"),
        ({"materials.adhesive.E": "x 0.1..10:log 12", "land.material": "copper, SAC305"}, "grid"),
        ({"array.pitch": "0.5 mm..0.6 mm:2", "second_layer.thickness": "20 um..120 um:30"}, "grid"),
        ({"array.pitch": "0.5 mm..0.6 mm"}, "lhs:7"),
        ({"materials.adhesive.E": "1 MPa..10 GPa:log", "array.pitch": "0.5 mm..0.6 mm"}, "sobol:16"),
    ],
)
def test_every_kind_of_study_has_its_figures(vary: dict[str, str], sample: str) -> None:
    """Of one point, of words, of factors, of more values than curves are told apart, of samples: all are drawn."""
    pictures = study_pictures(answered(vary, sample))
    assert [picture.name for picture in pictures] == ["decoupling", "joint_resistance_electrical"]
    for picture in pictures:
        assert picture.png.startswith(b"\x89PNG")
        assert ElementTree.fromstring(picture.svg).tag.endswith("svg")


def test_the_folder_of_a_study_is_whole_and_its_page_says_all(grid: Answers, tmp_path: Path) -> None:
    """The journal beside it is left alone; the page is well-formed and names every point that failed."""
    (tmp_path / "journal.jsonl").write_text("kept")
    page = write_study(grid, tmp_path).read_text("utf-8")
    assert {path.name for path in tmp_path.iterdir()} | {"study.nc", "reference.toml"} == {*ENTRIES, "journal.jsonl"}
    assert (tmp_path / "journal.jsonl").read_text() == "kept"
    assert (tmp_path / "study.csv").read_text("utf-8") == grid.csv()
    assert loads((tmp_path / "package.toml").read_text("utf-8")) == grid.study.package
    assert 'src="data:image/svg+xml' in page
    assert not re.search(r'(src|href)="http', page)
    assert page.count("the residual is &lt;too large&gt;") == 1 + len(grid.failures)
    for tag in ("table", "section", "details", "tr", "td", "th"):
        assert len(re.findall(rf"<{tag}\b", page)) == page.count(f"</{tag}>"), tag


def test_a_study_by_the_reduced_model_shows_bounds_and_who_answered(grid: Answers, tmp_path: Path) -> None:
    """Every point's on the page and in the figure, how many of each kind, and the mesh's own error beside."""
    rows = list(grid.rows)
    for number, answer in enumerate(rows):
        if not answer.code and number % 3:
            rows[number] = replace(answer, bound=1e-5 * number, certified=number % 3 == 1)
    rows[5] = replace(rows[5], mesh_error=0.0013)
    reduced = replace(grid, rows=tuple(rows))
    figure = Figure()
    ax = plot_bounds(reduced, figure.subplots())
    drawn = {str(line.get_label()).partition(",")[0]: np.asarray(line.get_xydata()) for line in ax.get_lines()}
    for way in ("certified", "estimated"):
        expected = [(a.values[KEYS[0]], a.bound) for a in rows if a.answered_by == way]
        np.testing.assert_array_equal(drawn[way], expected)
    assert len(drawn["solved in full"]) == reduced.ways()["solved"]
    assert set(drawn["the mesh's own error"][:, 1]) == {0.0013}
    page = write_study(reduced, tmp_path).read_text("utf-8")
    assert (tmp_path / "figures" / "bounds.svg").exists()
    for way, words in (("certified", "reduced model, certified"), ("estimated", "reduced model, estimated")):
        bounds = [answer.bound for answer in rows if answer.answered_by == way]
        told = f"<th>{words}</th><td>{len(bounds)}</td><td>{number_of(max(bounds), 2)}</td>"
        assert told in page
        assert page.count(f"<td>{way}</td>") == len(bounds)
    assert page.count("<td>solved</td>") == reduced.ways()["solved"]
    assert "<th>the mesh itself</th><td></td><td>0.0013</td>" in page
    assert "a full solve of point 5" in page
    assert "trusted" not in write_study(grid, tmp_path).read_text("utf-8")
    assert not (tmp_path / "figures" / "bounds.svg").exists()


def test_a_study_of_which_nothing_is_answered_still_has_its_table_and_page(tmp_path: Path) -> None:
    vary = {"materials.adhesive.E": "6 GPa, 8 GPa", "second_layer.thickness": "140 um"}
    page = write_study(answered(vary), tmp_path).read_text("utf-8")
    assert "S502" in page
    assert (tmp_path / "study.csv").read_text("utf-8").count("failed") == 2


def test_a_study_does_not_make_another_package_of_it(tmp_path: Path) -> None:
    """A result folder is replaced by the results of the same package, whatever was asked of its variants since."""
    study = '{ vary = { "array.pitch" = "0.5 mm" } }'
    asked, file = loads(template("compliant"), {"study": study}), tmp_path / "package.toml"
    file.write_text(resolved_toml(loads(template("compliant"))), "utf-8")
    assert folder._same_package(asked, file)
    assert not folder._same_package(asked.replace("chip.thickness", "0.2 mm"), file)


def test_a_fault_while_writing_leaves_the_study_that_was_there(
    grid: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_study(grid, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def full(self: Answers) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Answers, "csv", full)
    with pytest.raises(ResourceError) as refused:
        write_study(grid, tmp_path)
    assert refused.value.code == "R305"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
