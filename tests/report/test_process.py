"""How a package is made, as it is seen: every step once, only what is there, bent to one scale, with signs."""

from collections.abc import Callable
from dataclasses import replace
from math import hypot

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from fem_wlp.joint.section import joint_section
from fem_wlp.package import Package, loads, replace_all, template
from fem_wlp.package.templates import process_template_names
from fem_wlp.report.figures import WHOLE, _process, drawings
from fem_wlp.report.page import render
from fem_wlp.report.process_charts import parts_of, plot_bow, plot_part_stress, plot_reflow, thicknesses
from fem_wlp.report.process_drawing import exaggerations, faint, plot_process, strip_height
from fem_wlp.report.process_panels import Panel, panels
from fem_wlp.report.process_tables import compared_with_one_step
from fem_wlp.report.style import CONTRAST, INK, PART_COLOURS, part_colour
from fem_wlp.results import Result

from .test_page import PIXEL, read
from .test_plots import require_readable

Make = Callable[[Package], Result]


def strip(result: Result) -> Axes:
    return plot_process(result, Figure(figsize=(WHOLE, strip_height(result, WHOLE))).add_axes((0, 0, 1, 1)))


def service(at: str) -> dict[str, object]:
    return {"process.13.condition": None, "process.13.service": at}


VARIANTS: dict[str, dict[str, object]] = {
    "as it stands": {},
    "one temperature": service("25 degC"),
    "thin wafer": {"wafer.thickness": "0.3 mm", "wafer.diameter": "100 mm"},
    "oblong, fine pitch": {"chip.length": "2.4 mm", "array.rows": 4, "array.pitch": "0.45 mm"},
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", process_template_names())
def test_no_two_labels_overlap_and_none_is_cut_off(name: str, variant: str, make_process: Make) -> None:
    result = make_process(replace_all(loads(template(name)), VARIANTS[variant]))
    assert result.process is not None
    seen = [draw() for draw in _process(result, result.process)]
    assert len(seen) == 5
    for drawing in seen:
        require_readable(drawing)


def roundabout() -> Package:
    """Opened after its cure, with a gap at the wall; lands plated beforehand; ground in two steps."""
    head, *steps = template("paste-process").split("[[process]]\n")
    apply, opened, cure, fill, place = steps[4:9]
    land = 'step = "plate"\npart = "land"\ntemperature = "60 degC"\n'
    grind = 'step = "grind"\nthickness = "0.5 mm"\n'
    order = [*steps[:4], apply, cure, opened, land, fill, place, grind, *steps[9:]]
    package = loads(head + "\n".join(f"[[process]]\n{step.rstrip()}\n" for step in order))
    wall = {"second_layer.wall": "gap", "second_layer.gap": "8 um", "ball.cylinder_side.diameter": "180 um"}
    return replace_all(package, wall)


def test_a_roundabout_process_is_drawn_too(make_process: Make) -> None:
    """Closed until it is opened; the plated land stands on its board, waits, and is there again in mounting."""
    result = make_process(roundabout())
    shown = panels(result)
    assert [panel.numbers for panel in shown[2:6]] == ["5–6", "7", "8", "9–10"]
    assert [panel.opened for panel in shown[2:4]] == [False, True]
    assert shown[4].solid == {"board", "land"}
    assert [panel.last for panel in shown if "land" in panel.solid] == [8, 15, 16, 16]
    assert [group[-1].stage.thickness for group in thicknesses(result)] == [0.725, 0.5, 0.3]
    assert result.process is not None
    for drawing in (draw() for draw in _process(result, result.process)):
        require_readable(drawing)


@pytest.mark.parametrize("name", process_template_names())
def test_every_step_is_shown_once_and_in_order(name: str, make_process: Make) -> None:
    """But for the cycle, which is shown at each of its temperatures."""
    result = make_process(loads(template(name)))
    shown = panels(result)
    numbers = [number for panel in shown for number in range(panel.first, panel.last + 1)]
    assert numbers == [*range(1, 15), 14]
    assert [panel.stage.temperature for panel in shown[-2:]] == list(result.package.temperatures.points)


def test_a_package_without_a_process_has_no_panels(compliant_result: Result) -> None:
    assert panels(compliant_result) == ()
    assert not any(drawing.name.startswith("process") for drawing in drawings(compliant_result))


def test_what_carries_nothing_yet_is_faint_and_what_is_not_there_is_not_drawn(process_result: Result) -> None:
    """The paste is filled in before it is cured; the land is there from mounting on."""
    ax, shown = strip(process_result), panels(process_result)
    faces = [to_hex(patch.get_facecolor()) for patch in ax.findobj(PathPatch)]
    materials = joint_section(process_result.package).materials
    cylinder, land = (part_colour(name, materials[name]) for name in ("cylinder", "land"))
    assert faces.count(land) == sum("land" in panel.solid for panel in shown) == 3
    assert faces.count(cylinder) == sum("cylinder" in panel.solid for panel in shown) == 6
    assert faces.count(faint(cylinder)) == sum("cylinder" in panel.soft for panel in shown) == 1


def test_each_part_is_emphasised_where_it_is_born(process_result: Result) -> None:
    """A strong edge for every newly solid region of the strip, none for others; a ring cut open shows two sides."""
    ax = strip(process_result)
    strong = [patch for patch in ax.findobj(PathPatch) if to_hex(patch.get_edgecolor()) == CONTRAST]
    born = [region for panel in panels(process_result) for region in panel.born]
    assert len(strong) == len(born)
    assert set(born) == set(joint_section(process_result.package).names) - {"chip"}


def test_on_the_wafer_the_joints_are_up_and_on_the_board_down(process_result: Result) -> None:
    """The core of the ball lies above the silicon, then below it."""
    ax = strip(process_result)
    figure = ax.get_figure(root=True)
    assert figure is not None

    def heights(colour: str) -> list[tuple[float, float]]:
        """Column and row of the middles of what is painted in a colour, on the paper."""
        found = []
        for patch in ax.findobj(PathPatch):
            if to_hex(patch.get_facecolor()) == colour:
                box = patch.get_path().get_extents(patch.get_patch_transform() + patch.get_data_transform())
                found.append((box.x0 + box.x1, box.y0 + box.y1))
        return found

    cores, chips = heights(PART_COLOURS["core"]), heights(PART_COLOURS["chip"])
    shown = panels(process_result)
    holders = [chip for chip, panel in zip(chips, shown, strict=True) if "core" in panel.solid]
    over = [core[1] > chip[1] for core, chip in zip(cores, holders, strict=True)]
    assert over == [panel.stage.body == "wafer" for panel in shown if "core" in panel.solid]
    assert {True, False} == set(over)


def arcs(ax: Axes) -> list[float]:
    """Heights of the centres of the thick dark curves over their rims [inch]."""
    curves = [
        np.asarray(line.get_ydata()) for line in ax.lines if line.get_linewidth() > 2.0 and line.get_color() == INK
    ]
    return [float(y[len(y) // 2] - y[0]) for y in curves]


def test_wafers_are_bent_to_one_scale_and_chips_to_another(process_result: Result) -> None:
    """With their signs: below the rim where films pull."""
    drawn, shown = arcs(strip(process_result)), panels(process_result)

    def value(panel: Panel) -> float:
        found = panel.found.bow if panel.found is not None and panel.found.bow is not None else panel.chip
        assert found is not None
        return found

    for on_wafer in (True, False):
        of_kind = [
            (height, value(p)) for height, p in zip(drawn, shown, strict=True) if (p.stage.body == "wafer") == on_wafer
        ]
        scales = [height / amount for height, amount in of_kind if abs(amount) > 1e-9]
        assert scales == pytest.approx([scales[0]] * len(scales), rel=1e-9)
        assert scales[0] > 0.0


def test_the_exaggeration_that_is_told_is_that_of_the_drawing(process_result: Result) -> None:
    """Height over width on paper, over height over diameter of the wafer."""
    ax = strip(process_result)
    first = next(panel for panel in panels(process_result) if panel.found is not None and panel.found.bow)
    place = panels(process_result).index(first)
    curve = [line for line in ax.lines if line.get_linewidth() > 2.0 and line.get_color() == INK][place]
    x, height = np.asarray(curve.get_xdata()), arcs(ax)[place]
    assert first.found is not None
    assert first.found.bow is not None
    assert process_result.process is not None
    real = first.found.bow / process_result.process.wafer_diameter
    assert exaggerations(process_result, WHOLE)[0] == pytest.approx(height / (x[-1] - x[0]) / real, rel=1e-9)


def test_the_bow_is_drawn_for_each_thickness_on_a_scale_of_its_own(process_result: Result) -> None:
    """The ground wafer beside the last step before; in micrometres, in order."""
    groups = thicknesses(process_result)
    assert [[panel.last for panel in group] for group in groups] == [[3, 4, 7, 9, 10], [10, 11]]
    for group in groups:
        ax = plot_bow(process_result, Figure().add_subplot(), group)
        at_room, at_step = (list(line.get_ydata()) for line in ax.lines[1:])
        found = [panel.found for panel in group if panel.found is not None]
        assert at_room == pytest.approx([1e3 * step.bow_at_room for step in found if step.bow_at_room is not None])
        assert at_step == pytest.approx([1e3 * step.bow for step in found if step.bow is not None])


def test_warpage_is_drawn_in_micrometres_against_degrees_celsius(process_result: Result) -> None:
    ax = plot_reflow(process_result, Figure().add_subplot())
    single, mounted = ax.lines[1:]
    assert process_result.process is not None
    assert np.asarray(single.get_xdata())[0] == pytest.approx(25.0)
    assert list(single.get_ydata()) == pytest.approx([1e3 * point.chip for point in process_result.process.reflow])
    assert list(mounted.get_xdata()) == pytest.approx([-40.0, 125.0])
    for axis in (ax.xaxis, ax.yaxis):
        assert "[" in axis.get_label_text()


def test_the_table_of_stress_has_every_part_of_every_step(process_result: Result) -> None:
    """A number for each, and an empty place where the part is not there yet."""
    ax = plot_part_stress(process_result, Figure(figsize=(9, 4)).add_subplot(), "in_plane")
    steps = [panel.found for panel in panels(process_result) if panel.found is not None]
    written = {tuple(text.get_position()): text.get_text() for text in ax.texts if text.get_text() != "after step"}
    assert len(written) == sum(len(step.parts) for step in steps)
    for column, step in enumerate(steps):
        for row, name in enumerate(parts_of(process_result)):
            if name in step.parts:
                shown = float(written[column, row].replace("−", "-"))
                assert shown == pytest.approx(step.parts[name].in_plane, abs=0.5 if abs(shown) >= 10 else 0.05)


def page(result: Result) -> str:
    names = ("section", "array", "limits", "shift_budget", "energy_budget", "critical_joint", "map_decoupling")
    names += ("map_shear_force", "curve_one", "process", "process_bow", "process_warpage")
    names += ("process_stress_in_plane", "process_stress_von_mises")
    return read(render(result, [replace(PIXEL, name=name) for name in names])).text


def test_the_page_tells_how_the_package_is_made(process_result: Result) -> None:
    text = page(process_result)
    assert "How it is made 14 steps from the bare wafer to service on the board." in text
    assert "after step 11 (grind the wafer to 300 µm)" in text
    assert "JESD22-B112" in text
    assert "Shifts and forces count from the state of mounting at 217 °C" in text
    assert "None" not in text


def test_a_page_without_a_process_says_nothing_of_one(compliant_result: Result) -> None:
    text = page(compliant_result)
    assert "How it is made" not in text
    assert "mounting" not in text


def test_the_process_stands_beside_one_step(process_result: Result) -> None:
    """D by its difference, the force by the share that it differs."""
    figure, force, *others = compared_with_one_step(process_result)
    d = process_result.decoupling
    assert process_result.process is not None
    one = process_result.process.one_step
    assert float(figure.difference.replace("−", "-")) == pytest.approx(d.figure - one.figure, rel=0.05)
    place = d.critical_joint
    joint = next(j for j in process_result.joints if (j.row, j.column) == (place.row, place.column))
    share = 100.0 * (hypot(*joint.shear_force) / one.shear_force - 1.0)
    assert float(force.difference.split()[0].replace("−", "-").replace("\u00a0%", "")) == pytest.approx(share, rel=0.05)
    assert {row.one_step for row in others} == {"–"}


def test_one_service_temperature_has_one_column(make_process: Make) -> None:
    result = make_process(replace_all(loads(template("paste-process")), service("25 degC")))
    assert all(len(row.at) == 1 for row in compared_with_one_step(result))
    assert "By process" in page(result)


def test_a_printed_result_says_what_the_process_did(process_result: Result, compliant_result: Result) -> None:
    """Largest bow with its step, the single chip, and one step beside it."""
    printed = str(process_result)
    assert "after step 11 (grind the wafer to 300 um)" in printed
    assert "temperatures of birth alone: D = 0.8500, shear force 0.62 N" in printed
    assert printed.startswith(str(replace(process_result, process=None)))
    assert "wafer" not in str(compliant_result)
