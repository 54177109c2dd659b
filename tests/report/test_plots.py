"""Each picture says what the result says, to scale, with units, and can be read."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import EllipseCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from fem_wlp import report
from fem_wlp.package import Package, loads, replace_all, template, template_names
from fem_wlp.report.critical_joint import _chains, clipping_stress, deformation_factor
from fem_wlp.report.figures import drawings
from fem_wlp.report.pictures import Drawing, section_picture
from fem_wlp.report.style import PART_COLOURS, SOLDER_COLOUR
from fem_wlp.results import Result

PLOTS: dict[str, Callable[[Result, Axes], Axes]] = {
    "draw_section": lambda result, ax: report.draw_section(result.package, ax),
    "draw_array": lambda result, ax: report.draw_array(result.package, ax),
    "plot_limits": report.plot_limits,
    "plot_shift_budget": report.plot_budget,
    "plot_energy_budget": lambda result, ax: report.plot_budget(result, ax, "energy"),
    "plot_decoupling_map": report.plot_array_map,
    "plot_force_map": lambda result, ax: report.plot_array_map(result, ax, "shear_force"),
    "plot_critical": report.plot_critical,
    "plot_curve": lambda result, ax: report.plot_curve(result.curves[0], ax),
    "plot_coupling_curve": lambda result, ax: report.plot_curve(result.curves[0], ax, "coupling"),
}

Make = Callable[[Package], Result]

WITHOUT_AXES = {"draw_section", "draw_array", "plot_decoupling_map", "plot_force_map"}


def package(name: str) -> Package:
    return loads(template(name))


@pytest.fixture(params=PLOTS)
def plot(request: pytest.FixtureRequest) -> Callable[[Result, Axes], Axes]:
    return PLOTS[request.param]


def test_a_plot_returns_its_axes_and_leaves_the_settings_of_matplotlib_alone(
    plot: Callable[[Result, Axes], Axes], compliant_result: Result
) -> None:
    before = dict(mpl.rcParams)
    ax = Figure(figsize=(5, 6)).add_subplot()
    assert plot(compliant_result, ax) is ax
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", sorted(set(PLOTS) - WITHOUT_AXES))
def test_every_axis_with_a_scale_names_its_unit(name: str, compliant_result: Result) -> None:
    """Lengths in maps and drawings are dimensions or the pitch; everything else is labelled [unit]."""
    ax = PLOTS[name](compliant_result, Figure(figsize=(5, 5)).add_subplot())
    for axis in (ax.xaxis, ax.yaxis):
        names_parts = any(re.search("[a-z]", tick.get_text()) for tick in axis.get_ticklabels())
        if len(axis.get_ticklocs()) and not names_parts:
            assert re.search(r"\[.+\]", axis.get_label_text()), axis


def read_texts(drawing: Drawing) -> Iterator[tuple[str, Bbox]]:
    """Texts that can be seen, with the boxes they fill on the paper."""
    canvas = FigureCanvasAgg(drawing.figure)
    canvas.draw()
    hidden: set[Text] = set()
    for ax in [each for parent in drawing.figure.axes for each in (parent, *parent.child_axes)]:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not ax.axison or not low <= tick.get_loc() <= high:
                    hidden |= {tick.label1, tick.label2}
    for text in drawing.figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in hidden:
            yield text.get_text(), text.get_window_extent(canvas.get_renderer())


def require_readable(drawing: Drawing) -> None:
    """Check that no text is cut off or lies on another; half a pixel is left for rounding."""
    paper = drawing.figure.bbox
    texts = list(read_texts(drawing))
    for words, box in texts:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= paper.x1 and box.y1 <= paper.y1
        assert inside, f"{words!r} is cut off on {drawing.name}"
    for (one, a), (other, b) in itertools.combinations(texts, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        tall = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across < 0.5 or tall < 0.5, f"{one!r} overlaps {other!r} on {drawing.name}"


ODD = {
    "second_layer.wall": "gap",
    "second_layer.gap": "12 um",
    "opening.free_end_diameter": "230 um",
    "ball.cylinder_side.diameter": "150 um",
    "interconnect.line.direction": "30 deg",
    "temperatures.condition": None,
    "temperatures.service": "25 degC",
    "chip.length": "2.4 mm",
    "array.rows": None,
    "array.columns": None,
    "array.map": "OOO.OOOO\nOO.OOOOO\nOOO..O.O\nO......O\n",
}
"""A gap, a tapered opening, one temperature, an oblong chip, holes in the array."""

PACKAGES: dict[str, tuple[str, dict[str, object]]] = {name: (name, {}) for name in template_names()}
PACKAGES |= {
    "odd": ("compliant", ODD),
    "one joint": ("conventional", {"array.rows": 1, "array.columns": 1, "chip.width": "0.8 mm"}),
    "thin layers": ("compliant", {"first_layer.thickness": "2 um", "interconnect.thickness": "1 um"}),
    "fine pitch": ("micro-smd", {"array.rows": 1, "array.columns": 7, "chip.width": "4 mm", "board.width": "6 mm"}),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_no_two_labels_overlap_and_none_is_cut_off(name: str, make: Make) -> None:
    """On every figure of templates and unusual packages."""
    from_template, changes = PACKAGES[name]
    for drawing in drawings(make(replace_all(package(from_template), changes))):
        require_readable(drawing)


def painted_size(ax: Axes, colour: str) -> tuple[float, float]:
    """Width and height on the paper of the first thing painted in a colour, which is the one in the whole section."""
    patch = next(each for each in ax.findobj(PathPatch) if to_hex(each.get_facecolor()) == colour)
    box = patch.get_path().get_extents(patch.get_patch_transform() + patch.get_data_transform() - ax.transData)
    return box.width, box.height


def test_the_section_is_drawn_to_scale() -> None:
    """Ball and land have on paper the proportions of the file, in width, in height and against each other."""
    p = package("conventional")
    ax = report.draw_section(p, Figure(figsize=(4.6, 6)).add_axes((0, 0, 1, 1)))
    land, ball = painted_size(ax, PART_COLOURS["land"]), painted_size(ax, SOLDER_COLOUR)
    assert ball[0] / land[0] == pytest.approx(p.ball.diameter / p.land.diameter, rel=1e-3)
    assert land[1] / land[0] == pytest.approx(p.land.thickness / p.land.diameter, rel=1e-9)
    cut = sum(np.sqrt(p.ball.diameter**2 - side.diameter**2) / 2 for side in (p.ball.cylinder_side, p.ball.land_side))
    assert ball[1] / land[1] == pytest.approx(cut / p.land.thickness, rel=1e-9)


def test_every_part_is_named_and_every_dimension_printed() -> None:
    p = package("compliant")
    ax = report.draw_section(p, Figure(figsize=(4.6, 6)).add_axes((0, 0, 1, 1)))
    words = " | ".join(text.get_text().lower() for text in ax.texts)
    for part in ("chip", "first layer", "base region", "second insulating layer", "cylinder", "fillet at the cylinder"):
        assert part in words
    for part in ("ball core", "coat 1", "coat 2", "coat 3", "fillet at the land", "land", "board"):
        assert part in words
    for value in ("8 µm", "5 µm", "75 µm", "200 µm", "240 µm", "300 µm", "500 µm", "25 µm", "1 mm", "10 µm", "2 µm"):
        assert value in words


def test_a_gap_at_the_wall_is_shown() -> None:
    gap = {"second_layer.wall": "gap", "second_layer.gap": "8 um", "ball.cylinder_side.diameter": "180 um"}
    p = replace_all(package("compliant"), gap)
    ax = report.draw_section(p, Figure(figsize=(4.6, 6)).add_axes((0, 0, 1, 1)))
    assert any("gap 8 µm" in text.get_text() for text in ax.texts)
    assert any(patch.get_facecolor() == (1, 1, 1, 1) for patch in ax.findobj(PathPatch))


def test_bars_of_a_budget_are_its_shares(compliant_result: Result) -> None:
    """They sum to 100 %, from the chip at the top down to the board."""
    ax = report.plot_budget(compliant_result, Figure().add_subplot())
    bars = [bar.get_width() for bar in ax.patches]
    assert sum(bars) == pytest.approx(100.0)
    assert bars == pytest.approx([100.0 * s for s in compliant_result.decoupling.shift_budget.values()])
    assert [label.get_text() for label in ax.get_yticklabels()][:2] == ["chip", "first insulating layer"]


def test_a_curve_marks_the_packages_own_value(compliant_result: Result) -> None:
    curve = compliant_result.curves[0]
    for quantity, height in (("decoupling", 1 - 10 / 90), ("coupling", 10 / 90)):
        ax = report.plot_curve(curve, Figure().add_subplot(), quantity)  # type: ignore[arg-type]
        marker = next(line for line in ax.lines if line.get_marker() == "D")
        assert marker.get_xdata() == [80.0]
        assert marker.get_ydata()[0] == pytest.approx(height, rel=2e-2)  # between two points of the curve


def test_a_joint_without_a_figure_is_drawn_empty(make: Make) -> None:
    """Seven joints a side have one at the centre, which does not move."""
    result = make(replace_all(package("conventional"), {"array.rows": 7, "array.columns": 7}))
    ax = report.plot_array_map(result, Figure(figsize=(6, 6)).add_subplot())
    assert [text.get_text() for text in ax.texts].count("–") == 1


@pytest.mark.parametrize("side", [1, 2, 30])
def test_arrays_of_any_size_are_drawn(side: int, make: Make) -> None:
    """Every joint has its disc in its place, and every warning on the way to paper is an error."""
    size = f"{max(1.0, 0.6 * side)} mm"
    changes = dict.fromkeys(("chip.width", "chip.length", "board.width", "board.length"), size)
    p = replace_all(package("conventional"), {**changes, "array.rows": side, "array.columns": side})
    result = make(p)
    for plot in ("draw_array", "plot_decoupling_map", "plot_force_map"):
        ax = PLOTS[plot](result, Figure().add_subplot())
        FigureCanvasAgg(ax.get_figure(root=True)).draw()
        drawn = np.concatenate([np.asarray(discs.get_offsets()) for discs in ax.findobj(EllipseCollection)])
        assert {(x, y) for x, y in drawn} == {(joint.x, joint.y) for joint in p.array.joints}
        assert len(drawn) == side**2


def test_colours_of_stress_end_at_the_percentile_by_volume(compliant_result: Result) -> None:
    """An element of 2 % of the volume counts, however high the stress in one of 0.5 % is."""
    field = compliant_result.field
    count = len(field.volume)
    volume = np.full(count, 0.975 / (count - 2))
    stress = np.full((2, count, 6), 10.0)
    volume[0], volume[1] = 0.005, 0.02
    stress[:, 0], stress[:, 1] = 1000.0, 50.0
    clipped = replace(field, volume=volume, von_mises=stress)
    assert clipping_stress(clipped) == pytest.approx(50.0)


def test_deformation_is_enlarged_by_a_round_factor(compliant_result: Result) -> None:
    """1, 2 or 5 times a power of ten, so that it is seen but does not tear the picture."""
    field = compliant_result.field
    elements = np.arange(len(field.volume))
    for size in (1e-6, 3e-5, 7e-4, 2e-2):
        moved = replace(field, displacement=size * field.displacement / np.abs(field.displacement).max())
        factor = deformation_factor(moved, elements, pitch=0.5)
        assert re.fullmatch("[125]e[+-][0-9]+", f"{factor:.0e}")
        assert 0.02 * 0.5 < factor * size < 0.2 * 0.5
    still = replace(field, displacement=np.zeros_like(field.displacement))
    assert deformation_factor(still, elements, pitch=0.5) == 1.0


def test_chains_of_edges_use_every_edge_once() -> None:
    """An open line of three edges, a closed one of four, and a fork."""
    edges = np.array([[0, 10, 1], [2, 11, 1], [2, 12, 3], [4, 13, 5], [5, 14, 6], [6, 15, 7], [7, 16, 4], [3, 17, 8]])
    chains = _chains(edges)
    middles = sorted(int(node) for chain in chains for node in chain[1::2])
    assert middles == list(range(10, 18))
    assert sorted(len(chain) for chain in chains) == [9, 9]


def test_the_section_of_a_package_needs_no_result() -> None:
    picture = section_picture(package("paste"))
    assert picture.png.startswith(b"\x89PNG")
    assert b"<svg" in picture.svg


def test_the_same_result_gives_the_same_picture() -> None:
    """Byte for byte: a report can be compared with an earlier one."""
    first, second = section_picture(package("compliant")), section_picture(package("compliant"))
    assert first == second
