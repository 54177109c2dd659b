"""A lone joint with its line and pad: they have their volumes, where they are, and leave no crack."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest

from fem_wlp.array.blocks import Fineness
from fem_wlp.array.layout import array_mesh, array_size
from fem_wlp.errors import MeshError
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.solid import SolidMesh
from fem_wlp.package import Package, loads, template

from ..mesh.solids import faces, volumes

COARSE = Fineness(tip=0.03, growth=2.0)

Changes = Mapping[str, object]


def package_of(name: str = "conventional", changes: Changes | None = None) -> Package:
    return loads(template(name), dict(changes or {}))


def cell_of(package: Package) -> SolidMesh:
    return array_mesh(package, joint_section(package), "cell", COARSE).mesh


def strip_beyond_rim(radius: float, width: float, length: float) -> float:
    """Area of a strip from the axis, as far as it lies outside a circle."""
    half = width / 2
    covered = half * math.sqrt(radius**2 - half**2) + radius**2 * math.asin(half / radius)
    return width * length - covered


@pytest.mark.parametrize("name", ["conventional", "paste", "compliant"])
def test_line_and_pad_take_their_volumes_from_the_layers(name: str) -> None:
    """A strip from the rim to the pad's metal, and a square post in the opening; what is left is the layers.

    The rim is of 24 parabolas: 1e-5 of the base region's area is 1e-4 of the line's.
    """
    package = package_of(name)
    found = volumes(cell_of(package))
    pads, line, first, metal = package.chip.pads, package.interconnect.line, package.first_layer, package.interconnect
    assert pads is not None and line is not None
    beside = strip_beyond_rim(metal.base_region.diameter / 2, line.width, line.length - pads.size / 2)
    assert found["line"] == pytest.approx(metal.thickness * (beside + pads.size**2), rel=2e-4)
    assert found["pad"] == pytest.approx(first.thickness * pads.opening**2, rel=1e-9)
    assert found["first_layer"] + found["pad"] == pytest.approx(first.thickness * package.array.pitch**2, rel=1e-9)
    assert found["chip"] == pytest.approx(package.chip.thickness * package.array.pitch**2, rel=1e-9)
    assert found["board"] == pytest.approx(package.board.thickness * package.array.pitch**2, rel=1e-9)
    if package.second_layer is not None:
        assert package.opening is not None
        filled = found["second_layer"] + found["line"] + found["base_region"] + found["cylinder"]
        assert filled == pytest.approx(package.second_layer.thickness * package.array.pitch**2, rel=1e-9)


@pytest.mark.parametrize("direction", ["outward", "30 deg", "100 deg", "225 deg"])
def test_a_line_leads_where_it_should(direction: str) -> None:
    """The line's and the pad's centres of volume lie on its direction; a lone joint has +x for outward."""
    package = package_of(changes={"interconnect.line.direction": direction})
    mesh = cell_of(package)
    angle = 0.0 if direction == "outward" else math.radians(float(direction.split()[0]))
    pad = mesh.points[np.unique(mesh.cells[mesh.within("pad")])]
    centre = (pad.min(axis=0) + pad.max(axis=0)) / 2
    assert centre[:2] == pytest.approx([0.2 * math.cos(angle), 0.2 * math.sin(angle)], abs=1e-9)
    assert np.ptp(pad, axis=0)[:2] == pytest.approx([0.06, 0.06], rel=1e-9)
    line = mesh.points[np.unique(mesh.cells[mesh.within("line")])]
    along = line[:, :2] @ (math.cos(angle), math.sin(angle))
    across = line[:, :2] @ (-math.sin(angle), math.cos(angle))
    neck = along < 0.14
    assert np.abs(across[neck]).max() == pytest.approx(0.015, rel=1e-9)
    assert along.min() == pytest.approx(math.sqrt(0.12**2 - 0.015**2), rel=1e-9)


def test_a_pad_lies_where_it_is_placed() -> None:
    """A pad beside the line's end, as far as the line still ends on it."""
    changes = {"chip.pads.place": ["190 um", "20 um"], "array": {"pitch": "0.5 mm", "rows": 1, "columns": 1}}
    mesh = cell_of(package_of(changes=changes))
    pad = mesh.points[np.unique(mesh.cells[mesh.within("pad")])]
    assert ((pad.min(axis=0) + pad.max(axis=0)) / 2)[:2] == pytest.approx([0.19, 0.02], abs=1e-9)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"interconnect.line.direction": "37 deg"},
        {"interconnect.line.length": "0.25 mm"},
        {"interconnect.line.length": "0.4 mm", "array.pitch": "0.4 mm", "chip.width": "4.2 mm"},
        {"chip.pads": "none"},
    ],
    ids=["along x", "aslant", "pad over the side", "pad beyond the side", "without pad"],
)
def test_a_cell_with_a_line_has_neither_crack_nor_overlap(changes: Changes) -> None:
    """Every face belongs to one or two elements, no two nodes lie at one place; no region is empty.

    Where the pad is outside of the cell, the line goes on to its side.
    """
    mesh = cell_of(package_of("conventional", changes))
    _, count, _ = faces(mesh)
    assert set(count.tolist()) == {1, 2}
    order = np.lexsort(np.round(mesh.points / 1e-7).T)
    assert np.linalg.norm(np.diff(mesh.points[order], axis=0), axis=1).min() > 1e-6
    assert np.bincount(mesh.regions, minlength=len(mesh.names)).min() > 0
    beyond = "chip.pads" in changes or changes.get("interconnect.line.length") == "0.4 mm"
    assert ("pad" in mesh.names) != beyond


def test_a_cell_is_counted_as_it_is_made() -> None:
    """Elements, those that are no copies, and nodes."""
    package = package_of()
    mesh = cell_of(package)
    size = (len(mesh.cells), len(np.unique(mesh.twins)), len(mesh.points))
    assert array_size(package, joint_section(package), "cell", COARSE) == size


def test_without_a_line_beyond_the_base_region_a_cell_is_the_array_s() -> None:
    """No line, or one that ends within the base region: as many elements as a joint of the array has."""
    plain = cell_of(package_of(changes={"interconnect.line": "none", "chip.pads": "none"}))
    short = cell_of(package_of(changes={"interconnect.line.length": "0.1 mm", "chip.pads": "none"}))
    assert short.names == plain.names == joint_section(package_of()).names
    assert len(short.cells) == len(plain.cells)


@pytest.mark.parametrize(
    ("changes", "words", "where"),
    [
        ({"interconnect.line.width": "200 um"}, "200 um wide takes too much", "interconnect.line.width"),
        ({"interconnect.line.length": "0.15 mm"}, "the pad reaches up to 110 um", "chip.pads"),
        ({"opening.free_end_diameter": "0.3 mm"}, "300 um at its free end", "opening.free_end_diameter"),
        ({"opening.diameter": "240 um", "opening.free_end_diameter": "220 um"}, "220 um", "opening.free_end_diameter"),
    ],
)
def test_a_line_that_cannot_be_resolved_is_refused(changes: Changes, words: str, where: str) -> None:
    """E409 with place and cure."""
    with pytest.raises(MeshError, match=words) as refused:
        cell_of(package_of("compliant", changes))
    assert (refused.value.code, refused.value.where) == ("E409", where)
    assert refused.value.hint
