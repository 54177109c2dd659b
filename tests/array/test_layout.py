"""The array's mesh: copies of one cell, plates with holes and edges, and the same whole from every part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from fem_wlp.array.blocks import Fineness
from fem_wlp.array.layout import ArrayLayout, Extent, array_mesh
from fem_wlp.errors import ConfigError
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.revolve import jacobians
from fem_wlp.mesh.solid import SolidMesh
from fem_wlp.package import Package, loads, template
from fem_wlp.verification.packages import CASES
from fem_wlp.verification.packages import package as case_of

from ..mesh.solids import faces, volumes

PARTS = {"full": 1, "quarter": 4, "eighth": 8}
"""Extent → how many of it make the whole."""

COARSE = Fineness(tip=0.03, growth=2.0)

FULL = ["OOOO"] * 4
RING = ["OOOO", "O..O", "O..O", "OOOO"]
ODD = ["OOO", "O.O", "OOO"]
CROSS = [".O.", "OOO", ".O."]
STAIRS = ["O..", "OO.", "OOO"]
WIDE = ["OOO", "OOO"]


def package_of(rows: list[str], changes: Mapping[str, object] | None = None, name: str = "conventional") -> Package:
    across, down = (count * 0.5 for count in (len(rows[0]), len(rows)))
    sizes = {
        "array": {"pitch": "0.5 mm", "map": "\n".join(rows)},
        "chip.width": f"{across + 0.2} mm",
        "chip.length": f"{down + 0.2} mm",
        "board.width": f"{across + 1.0} mm",
        "board.length": f"{down + 1.0} mm",
        "interconnect.line": "none",
        "chip.pads": "none",
    }
    return loads(template(name), {**sizes, **(changes or {})})


def layout_of(package: Package, extent: Extent) -> ArrayLayout:
    return array_mesh(package, joint_section(package), extent, COARSE)


def test_all_templates_mesh_in_all_extents() -> None:
    """Elements are upright, all joints of the array are accounted for, and places number the joints meshed."""
    for name in ("compliant", "conventional", "paste", "micro-smd"):
        package = loads(template(name))
        for extent in ("cell", "strip", "eighth", "quarter"):
            layout = layout_of(package, extent)
            mesh = layout.mesh
            first = np.unique(mesh.twins)
            assert jacobians(mesh.points[mesh.cells[first]]).min() > 0
            assert np.unique(mesh.places).tolist() == [*([-1] if extent != "cell" else []), *range(len(layout.joints))]
            if extent in PARTS:
                assert sum(layout.images) == len(package.array.joints)


@pytest.mark.parametrize("rows", [FULL, RING, ODD, CROSS], ids=["full", "ring", "odd", "cross"])
@pytest.mark.parametrize("changes", [{}, {"second_layer": "none"}], ids=["margin", "same"])
def test_parts_make_the_whole(rows: list[str], changes: dict[str, object]) -> None:
    """Volumes of all regions of a quarter, four times, and of an eighth, eight times, are those of the full array."""
    package = package_of(rows, name="paste" if not changes else "conventional")
    whole = volumes(layout_of(package, "full").mesh)
    for extent, count in PARTS.items():
        found = volumes(layout_of(package, extent).mesh)
        assert {name: count * volume for name, volume in found.items()} == pytest.approx(whole, rel=1e-10)


def test_plates_have_their_volumes_and_joints_theirs_a_time() -> None:
    """Chip, layers and board are boxes, holes and margins included; every joint has the ball of the cell."""
    package = package_of(RING, name="paste")
    found, one = volumes(layout_of(package, "full").mesh), volumes(layout_of(package, "cell").mesh)
    chip, board = package.chip, package.board
    assert found["chip"] == pytest.approx(chip.width * chip.length * chip.thickness, rel=1e-10)
    assert found["first_layer"] == pytest.approx(chip.width * chip.length * package.first_layer.thickness, rel=1e-10)
    assert found["board"] == pytest.approx(board.width * board.length * board.thickness, rel=1e-10)
    for name in ("ball", "land", "cylinder", "base_region"):
        assert found[name] == pytest.approx(12 * one[name], rel=1e-10)
    layer = package.second_layer
    assert layer is not None
    beneath = chip.width * chip.length * layer.thickness - 12 * (one["cylinder"] + one["base_region"])
    assert found["second_layer"] == pytest.approx(beneath, rel=1e-10)


EDGES: dict[str, Mapping[str, object]] = {
    "margin of chip": {},
    "chip ends with the last pitch": {"chip.width": "2 mm", "chip.length": "2 mm"},
    "chip ends before the last pitch": {"chip.width": "1.85 mm", "chip.length": "1.85 mm"},
    "board ends with the chip": {"board.width": "2.2 mm", "board.length": "2.2 mm"},
    "both end before the last pitch": {
        **{f"{part}.{side}": "1.9 mm" for part in ("chip", "board") for side in ("width", "length")},
    },
}


@pytest.mark.parametrize("extent", ["full", "quarter", "eighth", "strip"])
@pytest.mark.parametrize("edge", EDGES)
def test_a_mesh_has_neither_crack_nor_overlap(edge: str, extent: Extent) -> None:
    """Every face belongs to one or two elements, no two nodes lie at one place, and outer faces lie where they may.

    An outer vertical face of a plate is on the package's outline or on a mirror plane, or the air between.
    """
    package = package_of(FULL, EDGES[edge])
    layout = layout_of(package, extent)
    mesh = layout.mesh
    nodes, count, bits = faces(mesh)
    assert set(count.tolist()) == {1, 2}
    order = np.lexsort(np.round(mesh.points / 1e-7).T)
    assert np.linalg.norm(np.diff(mesh.points[order], axis=0), axis=1).min() > 1e-6
    for name, half in (("chip", layout.chip), ("board", layout.board)):
        outer = mesh.points[nodes[(count == 1) & (bits == 1 << mesh.names.index(name))]]
        if extent == "eighth":
            outer = outer[(outer[..., 0] > outer[..., 1] + 1e-9).any(axis=1)]  # not steps beyond the plane x = y
        for axis, plane in ((0, "x"), (1, "y")):
            flat = outer[np.ptp(outer[..., axis], axis=1) < 1e-9][:, 0, axis]
            low = 0.0 if plane in layout.planes or (extent == "strip" and axis == 1) else -half[axis]
            ends = [low, half[axis]] if extent != "eighth" else [(half[0], 0.0)[axis]]
            assert sorted(set(np.round(flat, 6))) == pytest.approx(ends, abs=1e-9)


def test_twins_are_translated_copies() -> None:
    """Each element is its twin, moved: nodes agree to round-off; a full array of one kind has few distinct elements."""
    mesh = layout_of(package_of(FULL, name="paste"), "full").mesh
    here, there = mesh.points[mesh.cells], mesh.points[mesh.cells[mesh.twins]]
    shift = here - there
    assert np.abs(shift - shift[:, :1]).max() < 1e-12
    assert np.abs(shift[:, 0, 2]).max() == 0.0
    assert np.all(mesh.regions == mesh.regions[mesh.twins])
    assert len(np.unique(mesh.twins)) < len(mesh.twins) / 8


def test_cells_stand_around_their_joints() -> None:
    """An element's place is the joint whose axis is nearest, by half a pitch at most; beyond there is none."""
    package = package_of(RING)
    layout = layout_of(package, "full")
    centres = layout.mesh.points[layout.mesh.cells].mean(axis=1)[:, :2]
    axes = np.array([[joint.x, joint.y] for joint in layout.joints])
    own = layout.mesh.places >= 0
    assert np.abs(centres[own] - axes[layout.mesh.places[own]]).max() < 0.25
    distance = np.abs(centres[~own][:, None] - axes).max(axis=2).min(axis=1)
    assert distance.min() > 0.25


@pytest.mark.parametrize("rows", [FULL, ODD, CROSS], ids=["full", "odd", "cross"])
def test_an_eighth_ties_each_node_beyond_the_plane_to_its_image(rows: list[str]) -> None:
    """Masters are the images in x = y and free themselves; nodes on the plane have its frame; no other is tied."""
    mesh = layout_of(package_of(rows), "eighth").mesh
    ties = mesh.ties
    assert ties is not None
    x, y, _ = mesh.points.T
    beyond = y > x + 1e-9
    image = mesh.points[ties.master]
    assert np.abs(image[beyond] - mesh.points[beyond][:, [1, 0, 2]]).max() < 1e-12
    assert np.all(ties.master[~beyond] == np.flatnonzero(~beyond))
    assert np.all(ties.master[ties.master] == ties.master)
    assert np.all(ties.frame == np.where(beyond, 1, np.where(np.abs(y - x) < 1e-9, 2, 0)))
    for frame in ties.frames:
        assert frame @ frame.T == pytest.approx(np.eye(3), abs=1e-15)
    across = ties.frames[2][:, 1]
    assert across == pytest.approx([-(0.5**0.5), 0.5**0.5, 0.0])
    straddling = mesh.shares < 1
    assert np.all(beyond[mesh.cells[straddling]].any(axis=1))
    assert not beyond[mesh.cells[~straddling]].any()


@pytest.mark.parametrize("extent", ["quarter", "eighth", "strip"])
def test_fractions_and_images_of_joints(extent: Extent) -> None:
    """What is meshed of all joints, times their images, is the whole array; in a strip, half of its row."""
    package = package_of(ODD, {}) if extent != "strip" else package_of(["OOO"] * 3)
    layout = layout_of(package, extent)
    mesh = layout.mesh
    lands = mesh.within("land")
    from_elements = [
        sum(volumes(restricted(layout, lands & (mesh.places == place))).values()) for place in range(len(layout.joints))
    ]
    one = volumes(layout_of(package, "cell").mesh)["land"]
    assert from_elements == pytest.approx([fraction * one for fraction in layout.fractions], rel=1e-9)
    assert sum(layout.images) == (3 if extent == "strip" else 8)


def restricted(layout: ArrayLayout, elements: np.ndarray) -> SolidMesh:
    mesh = layout.mesh
    numbers = np.cumsum(elements) - 1
    return replace(
        mesh,
        cells=mesh.cells[elements],
        regions=mesh.regions[elements],
        twins=numbers[np.flatnonzero(elements)],
        shares=mesh.shares[elements],
    )


def test_a_strip_follows_the_middle_row() -> None:
    """Half a pitch wide from the joints' axis, from the neutral point to the edges of chip and board."""
    package = package_of(FULL)
    layout = layout_of(package, "strip")
    low, high = layout.mesh.points.min(axis=0), layout.mesh.points.max(axis=0)
    assert low[:2] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert high[:2] == pytest.approx([1.5, 0.25], rel=1e-12)
    assert [(joint.x, joint.y) for joint in layout.joints] == [(0.25, 0.0), (0.75, 0.0)]


@pytest.mark.parametrize(
    ("rows", "changes", "extent", "words"),
    [
        (
            STAIRS,
            {},
            "quarter",
            "a quarter needs mirror symmetry about x = 0 and y = 0; this package has it about x = y",
        ),
        (WIDE, {}, "eighth", "has it about x = 0 and y = 0"),
        (FULL, {"chip.length": "2.3 mm"}, "eighth", "has it about x = 0 and y = 0"),
        (STAIRS, {}, "strip", "this row is not its own mirror image"),
    ],
)
def test_missing_symmetry_is_refused_by_name(
    rows: list[str], changes: dict[str, object], extent: Extent, words: str
) -> None:
    """G138 says which symmetry there is."""
    with pytest.raises(ConfigError, match=words) as refused:
        layout_of(package_of(rows, changes), extent)
    assert refused.value.code == "G138"
    assert refused.value.hint


@pytest.mark.parametrize("case", CASES)
def test_elements_are_small_at_a_rim_only_where_a_stiff_ball_bears_on_it_over_a_soft_cylinder(case: str) -> None:
    """Cylinder, layer and ball meet in one line in all cases but the first; it is a stiff one in one of them."""
    package = case_of(case)
    mesh = array_mesh(package, joint_section(package), "cell", COARSE).mesh
    corners = mesh.points[mesh.cells[:, [0, 2, 6, 8, 18, 20, 24, 26]]]
    edges = np.concatenate([corners[:, a] - corners[:, b] for a, b in ((0, 1), (0, 2), (0, 4))])
    shortest = np.linalg.norm(edges, axis=1).min() / (COARSE.tip * package.array.pitch)
    assert shortest < 0.1 if case == "stiff-layer" else shortest > 0.2
