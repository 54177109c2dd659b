"""Pictures of the resolved array say what the result says, and can be read."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from math import hypot

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from fem_wlp import report
from fem_wlp.errors import ConfigError
from fem_wlp.mesh.kinds import kind_of
from fem_wlp.package import loads, replace_all, template
from fem_wlp.report import solid_drawing, solid_view
from fem_wlp.report.raster import Camera, Floats, Frame, Scene, Skin, seen
from fem_wlp.report.shading import edges, hollows, lit
from fem_wlp.report.solid_stage import FOLDED, FOLDED_SHARE, Colours, cell_of, deformation_factor, stage_of
from fem_wlp.results import ArrayField, Result

MakeResolved = Callable[..., Result]

SMALL = {"array.rows": 4, "array.columns": 4, "chip.width": "2.2 mm", "board.width": "4 mm"}


@pytest.fixture(autouse=True)
def coarse_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested doesn't depend on the number of pixels."""
    monkeypatch.setattr(solid_view, "RESOLUTION", 60)
    monkeypatch.setattr(solid_drawing, "RESOLUTION", 60)


def field_of(result: Result) -> ArrayField:
    assert isinstance(result.field, ArrayField)
    return result.field


def whole_sheet(width: float, height: float) -> Axes:
    return Figure(figsize=(width, height)).add_axes((0.0, 0.0, 1.0, 1.0))


def deformed(result: Result, colours: Colours = "part") -> Axes:
    width = 9.4
    sheet = whole_sheet(width, solid_drawing.deformed_height(result, width, colours))
    return report.plot_deformed(result, sheet, colours)


def joint(result: Result) -> Axes:
    return report.plot_critical(result, whole_sheet(6.6, solid_drawing.joint_height(result, 6.6)))


PICTURES: dict[str, Callable[[Result], Axes]] = {
    "part": deformed,
    "von_mises": lambda result: deformed(result, "von_mises"),
    "displacement": lambda result: deformed(result, "displacement"),
    "joint": joint,
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_leaves_the_settings_of_matplotlib_alone(name: str, resolved_result: Result) -> None:
    before = dict(mpl.rcParams)
    ax = PICTURES[name](resolved_result)
    assert dict(mpl.rcParams) == before
    assert len(ax.images) == 1


@pytest.mark.parametrize("name", ["part", "von_mises", "joint"])
@pytest.mark.parametrize(
    ("template_name", "extent"),
    [("compliant", "quarter"), ("conventional", "eighth"), ("paste", "strip"), ("micro-smd", "full")],
)
def test_no_two_labels_overlap_and_none_is_cut_off(
    name: str, template_name: str, extent: str, make_resolved: MakeResolved
) -> None:
    """Half a pixel is left for rounding; slanted words are left out, their boxes are larger than they."""
    p = loads(template(template_name))
    small = {} if template_name == "micro-smd" else SMALL
    figure = PICTURES[name](make_resolved(replace_all(p, small), extent, 0.3)).get_figure(root=True)
    assert figure is not None
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    axes = [each for parent in figure.axes for each in (parent, *parent.child_axes)]
    texts = [text for ax in axes for text in (*ax.texts, ax.yaxis.label) if text.get_text()]
    boxes = [(text, text.get_window_extent(canvas.get_renderer())) for text in texts]
    for text, box in boxes:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
        assert inside, f"{text.get_text()!r} is cut off"
    level = [(text.get_text(), box) for text, box in boxes if text.get_rotation() in (0.0, 90.0)]
    for (one, a), (other, b) in itertools.combinations(level, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        tall = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across < 0.5 or tall < 0.5, f"{one!r} overlaps {other!r}"


def words_on(ax: Axes) -> str:
    axes = (ax, *ax.child_axes)
    return " | ".join(text.get_text() for each in axes for text in (*each.texts, each.yaxis.label))


def test_the_parts_of_the_joint_are_named_and_the_stress_has_its_unit(resolved_result: Result) -> None:
    words = words_on(joint(resolved_result))
    for part in ("Chip", "First insulating layer", "Base region", "Second insulating layer", "Cylinder", "Coat 1"):
        assert part in words
    for part in ("Fillet at the cylinder", "Ball core", "Coat 3", "Fillet at the land", "Land", "Board"):
        assert part in words
    assert "row 1, column 1 at 125 °C" in words
    assert "von Mises stress [MPa]" in words
    assert "99th percentile by volume" in words
    assert re.search(r"deformation × [125]0*", words)


def test_the_array_names_its_parts_its_critical_joint_and_its_scale(resolved_result: Result) -> None:
    words = words_on(deformed(resolved_result))
    for part in ("Chip", "Second insulating layer", "Base region", "Cylinder", "Ball core", "Land", "Board"):
        assert part in words
    assert "critical joint: row 1, column 1" in words
    assert re.search(r"deformation × [125]0*", words)
    assert re.search(r"\d (µm|mm)", words)


def test_condensed_joints_cannot_be_drawn_deformed(compliant_result: Result) -> None:
    with pytest.raises(ConfigError) as refused:
        report.plot_deformed(compliant_result, whole_sheet(9.0, 6.0))
    assert refused.value.code == "C206"


def test_the_critical_joint_stands_in_front_on_the_right(resolved_result: Result) -> None:
    """Wherever it is in the ball map; the row in front is cut along its axes, so that nothing stands before it."""
    result = resolved_result
    for row, column in ((1, 1), (1, 4), (4, 1), (4, 4)):
        dnp = result.decoupling.critical_joint.dnp
        place = replace(result.decoupling.critical_joint, row=row, column=column, dnp=dnp)
        stage = stage_of(replace(result, decoupling=replace(result.decoupling, critical_joint=place)))
        assert np.allclose(stage.critical, (0.75, -0.75), atol=1e-9)
        low, high = stage.corners[0], stage.corners[-1]
        assert low[1] == pytest.approx(-0.75, abs=1e-9)
        assert high[1] >= 1.1


def test_the_load_points_to_the_right_in_the_picture_of_the_joint(resolved_result: Result) -> None:
    """The cut goes through the joint's axis along its shear force, and faces the eye."""
    stage = stage_of(resolved_result)
    cell = cell_of(stage)
    axis = stage.field.axes[stage.field.critical]
    force = next(
        each.shear_force for each in resolved_result.joints if hypot(each.x - axis[0], each.y - axis[1]) < 1e-9
    )
    assert np.allclose(cell.along[:2], np.array(force) / hypot(*force), atol=1e-12)
    assert cell.plane.beyond(np.array([[*axis, 0.3]])) == pytest.approx(0.0, abs=1e-12)
    right, _, towards = cell.camera.axes
    assert right @ cell.along > 0.8
    assert towards @ cell.plane.normal > 0.8


@pytest.mark.parametrize("size", [1e-6, 3e-5, 7e-4])
def test_deformation_is_enlarged_by_a_round_factor(size: float, resolved_result: Result) -> None:
    """The largest lateral displacement is between 2/5 of the wanted length and all of it."""
    field = field_of(resolved_result)
    mesh, everything = field.mesh, np.arange(len(field.mesh.cells))
    lateral = np.linalg.norm(field.displacement[:, :2], axis=1).max()
    factor = deformation_factor(mesh, size / lateral * field.displacement, everything, reach=0.05)
    assert re.fullmatch("[125]e[+-][0-9]+", f"{factor:.0e}")
    assert 0.4 * 0.05 - 1e-9 <= factor * size <= 0.05 + 1e-9


def test_what_would_fold_is_enlarged_less(resolved_result: Result) -> None:
    """A layer that shrinks across its thickness must not be drawn inside out."""
    field = field_of(resolved_result)
    mesh, everything = field.mesh, np.arange(len(field.mesh.cells))
    x, y, z = mesh.points.T
    squeezed = np.column_stack([1e-4 * x, 0.0 * y, -0.3 * z])
    factor = deformation_factor(mesh, squeezed, everything, reach=0.15)
    kind = kind_of(mesh.cells)
    share = kind.jacobians(mesh.points + factor * squeezed, mesh.cells).mean(1) / kind.jacobians(
        mesh.points, mesh.cells
    ).mean(1)
    assert (share < FOLDED).mean() <= FOLDED_SHARE
    assert factor == 2.0


def test_a_still_array_is_drawn_at_rest(resolved_result: Result) -> None:
    field = field_of(resolved_result)
    still = replace(resolved_result, field=replace(field, displacement=0.0 * field.displacement))
    assert "deformation × 1," in words_on(deformed(still))


# --- light and lines --------------------------------------------------------------------------------------------------


def scene_of(*squares: tuple[Floats, Floats, Floats, int]) -> Scene:
    """Squares by corner and two sides, each a part, seen from above in 100 by 100 pixels of 0.02 mm."""
    points, normals, triangles, parts = [], [], [], []
    for number, (corner, one, two, part) in enumerate(squares):
        points += [corner, corner + one, corner + one + two, corner + two]
        normals += 4 * [np.cross(one, two)]
        triangles += [np.array([0, 1, 2]) + 4 * number, np.array([0, 2, 3]) + 4 * number]
        parts += [part, part]
    skin = Skin(
        np.array(points), np.array(normals), np.zeros(len(points)), np.array(triangles), np.array(parts),
        np.repeat(np.arange(len(squares)), 2),
    )  # fmt: skip
    return seen(skin, Camera(0.0, np.pi / 2), Frame((-1.0, -1.0), 50.0, (100, 100)))


X, Y, Z = np.eye(3)
FLOOR = (np.array([-1.0, -1.0, 0.0]), 2 * X, 2 * Y, 0)


def test_a_tilted_plane_has_no_hollows_and_a_valley_has() -> None:
    """Far from the picture's rim, where the plane ends."""
    tilted = scene_of((np.array([-1.0, -1.0, 0.0]), 2 * X + Z, 2 * Y, 0))
    middle = (slice(30, 70), slice(30, 70))
    assert hollows(tilted.depth, 15.0)[middle].max() < 1e-3
    left = (np.array([-1.0, -1.0, 1.0]), X - Z, 2 * Y, 0)
    right = (np.array([0.0, -1.0, 0.0]), X + Z, 2 * Y, 0)
    dark = hollows(scene_of(left, right).depth, 15.0)
    assert dark[50, 49:51].min() > 0.2
    assert dark[50, 25] < 0.05


def test_what_stands_between_lamp_and_floor_casts_a_shadow() -> None:
    """The lamp stands on the left behind: the floor is darker right of and before a raised square, not left of it."""
    plate = (np.array([-0.2, -0.2, 0.4]), 0.4 * X, 0.4 * Y, 1)
    scene = scene_of(FLOOR, plate)
    white = np.ones((*scene.sparse.shape, 3), dtype=np.float32)
    none = np.zeros(scene.sparse.shape, dtype=np.float32)
    light = lit(scene, 0.5 * white, none, 1.0, 1e-3, np.array([0.0, 0.0, 1.0]))[..., 0]
    assert light[15, 31] < 0.85 * light[25, 5]
    assert light[25, 12] == pytest.approx(light[25, 5], abs=0.02)


def test_lines_run_round_parts_and_what_stands_out() -> None:
    """Two parts in one plane have one line between them; a raised square has its rim; one plane in two has none."""
    half = (np.array([-1.0, -1.0, 0.0]), X, 2 * Y, 0)
    rest = (np.array([0.0, -1.0, 0.0]), X, 2 * Y, 1)
    rims, creases = edges(scene_of(half, rest), 2.0)
    assert rims[10:90, 49].all()
    assert rims[10:90, 10:49].sum() == rims[10:90, 50:90].sum() == creases.sum() == 0
    same = (rest[0], rest[1], rest[2], 0)
    rims, creases = edges(scene_of(half, same), 2.0)
    assert not rims[10:90, 10:90].any()
    assert not creases.any()
    plate = (np.array([-0.4, -0.4, 0.3]), 0.8 * X, 0.8 * Y, 0)
    rims, _ = edges(scene_of(FLOOR, plate), 2.0)
    assert rims[10:90, 10:90].sum() == pytest.approx(4 * 40, abs=4)


def test_a_roof_has_a_crease() -> None:
    """Both sides of a ridge of 90 degrees; it is one part and its depth does not jump."""
    left = (np.array([-1.0, -1.0, 0.0]), X + Z, 2 * Y, 0)
    right = (np.array([0.0, -1.0, 1.0]), X - Z, 2 * Y, 0)
    rims, creases = edges(scene_of(left, right), 2.0)
    assert creases[10:90, 49].all()
    assert not rims[10:90, 10:90].any()
