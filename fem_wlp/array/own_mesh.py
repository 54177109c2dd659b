"""A user's own three-dimensional mesh: which part of a package it is, and whether it agrees with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError
from ..joint.section import JointSection, joint_section
from ..mesh.gmsh_files import read_solid
from ..mesh.solid import SolidMesh
from ..package.geometry import middle_row
from ..package.model import JointPlace, Package
from .layout import ArrayLayout, Extent, Plane, refuse_asymmetry, shares_of, tied_on_diagonal
from .sector import Sector
from .surfaces import level_surface

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OPTIONAL = ("line", "pad")
"""Regions that a mesh may have beside those of the joint."""

NEAR = 1e-6
"""Places nearer to each other than this share of the mesh's extent are one [-]."""

FOOTPRINT = 0.05
"""By which share a joint's footprint in the mesh may differ in area from the package's circle [-]: polygons do."""

BEYOND = 0.01
"""By which share of the radius points of it may lie beyond that circle [-]."""

PLATES = ("chip", "first_layer", "second_layer", "board")
"""Regions that go on beyond the joints."""

PLANES: dict[Extent, tuple[Plane, ...]] = {
    "cell": (),
    "strip": ("x",),
    "eighth": ("x", "y", "diagonal"),
    "quarter": ("x", "y"),
    "full": (),
}


class Box(NamedTuple):
    """Where a plate begins and ends [mm]."""

    x_min: float
    x_max: float
    y_min: float
    y_max: float

    def __str__(self) -> str:
        return f"x = {self.x_min:.7g} … {self.x_max:.7g}, y = {self.y_min:.7g} … {self.y_max:.7g} mm"


def read_own_mesh(package: Package, path: Path) -> ArrayLayout:
    """Read a user's mesh of a part of a package's array.

    Parameters
    ----------
    package
        The package.
    path
        Gmsh's file with hexahedra of 27 nodes or tetrahedra of 10 and a physical volume for each region.

    Raises
    ------
    ConfigError
        G138: the package does not have the symmetry that this part needs.
    MeshError
        What `fem_wlp.mesh.gmsh_files.read_solid` refuses; E403, E414: a mesh that does not fit the package.
    """
    section = joint_section(package)
    mesh = read_solid(path, section.names, OPTIONAL)
    try:
        return own_layout(package, section, mesh)
    except MeshError as fault:
        raise fault.at(str(path)) from None


def own_layout(package: Package, section: JointSection, mesh: SolidMesh) -> ArrayLayout:
    """Return which part of a package a mesh stands for.

    Its outlines tell: from the neutral point to the edges of chip and board it is a quarter, or an eighth where
    nothing lies beyond x = y but halves of elements; both are also a strip's outlines where it is half a pitch wide.

    Parameters
    ----------
    package, section
        The package and its joint.
    mesh
        Whose regions have the names of the joint's.

    Raises
    ------
    ConfigError
        G138: the package does not have the symmetry that this part needs.
    MeshError
        E414: outlines, heights, joints or footprints are not those of the package, or an eighth's elements astride
        x = y not their own mirror images; E403: no joint has a footprint.
    """
    near = NEAR * float(np.ptp(mesh.points, axis=0).max())
    plates = {name: mesh.points[np.unique(mesh.cells[mesh.within(name)])] for name in ("chip", "board")}
    _refuse_other_heights(section, plates, near)
    extent = _extent(package, mesh, plates, near)
    refuse_asymmetry(package, extent)
    joints = _joints(package, extent, near)
    mesh = replace(mesh, places=_places(mesh, joints, package.array.pitch))
    _refuse_missing_parts(mesh, joints)
    shares = shares_of(joints, extent, PLANES[extent], package.array.pitch)
    layout = ArrayLayout(
        tied_on_diagonal(mesh, near) if extent == "eighth" else mesh,
        section,
        extent,
        joints,
        *shares,
        PLANES[extent],
        *((float(plates[name][:, 0].max()), float(plates[name][:, 1].max())) for name in ("chip", "board")),
    )
    _refuse_other_footprints(layout)
    return layout


def _refuse_other_heights(section: JointSection, plates: dict[str, Floats], near: float) -> None:
    levels = section.levels
    wanted = {"chip": (levels.chip, levels.chip_top), "board": (levels.board_bottom, 0.0)}
    for name, ends in wanted.items():
        heights = plates[name][:, 2]
        found = (float(heights.min()), float(heights.max()))
        if max(abs(a - b) for a, b in zip(found, ends, strict=True)) > near:
            raise MeshError(
                "E414",
                f"the {name} of the mesh lies at z = {found[0]:.7g} … {found[1]:.7g} mm, the package's at "
                f"{ends[0]:.7g} … {ends[1]:.7g} mm",
                hint=_unit_hint(found[1] - found[0], ends[1] - ends[0])
                or "z = 0 is the board's upper face, the chip stands above; change the mesh or the package's lengths",
            )


def _unit_hint(found: float, wanted: float) -> str:
    for factor, unit in ((1e-3, "metres"), (1e3, "micrometres")):
        if abs(found / wanted - factor) < 1e-3 * factor:
            return f"the mesh is in {unit}: lengths are in millimetres"
    return ""


def _boxes(package: Package) -> dict[Extent, tuple[Box, Box]]:
    """Outlines of chip and board in every part of a package."""
    chip, board = ((part.width / 2, part.length / 2) for part in (package.chip, package.board))
    half = package.array.pitch / 2
    cell = Box(-half, half, -half, half)
    return {
        "full": (Box(-chip[0], chip[0], -chip[1], chip[1]), Box(-board[0], board[0], -board[1], board[1])),
        "quarter": (Box(0.0, chip[0], 0.0, chip[1]), Box(0.0, board[0], 0.0, board[1])),
        "strip": (Box(0.0, chip[0], 0.0, half), Box(0.0, board[0], 0.0, half)),
        "cell": (cell, cell),
    }


def _extent(package: Package, mesh: SolidMesh, plates: dict[str, Floats], near: float) -> Extent:
    found = [
        Box(*(float(end(plates[name][:, axis])) for axis in (0, 1) for end in (np.min, np.max)))
        for name in ("chip", "board")
    ]
    boxes = _boxes(package)
    apart = {
        extent: max(abs(a - b) for pair in zip(found, wanted, strict=True) for a, b in zip(*pair, strict=True))
        for extent, wanted in boxes.items()
    }
    fitting = [extent for extent, distance in apart.items() if distance < near]
    if not fitting:
        nearest = min(apart, key=apart.__getitem__)
        plate, has, wants = next(
            (name, a, b)
            for name, a, b in zip(("chip", "board"), found, boxes[nearest], strict=True)
            if max(abs(np.subtract(a, b))) >= near
        )
        raise MeshError(
            "E414",
            f"the {plate} of the mesh covers {has}; in the nearest part of the package, a {nearest}, {wants}",
            hint="x = y = 0 is the chip's centre; a quarter begins there, a strip is half a pitch wide, a cell has "
            "its joint in the centre",
        )
    asked = package.model.extent
    if "quarter" in fitting and _ends_at_diagonal(mesh, near):
        fitting[fitting.index("quarter")] = "eighth"
    extent = asked if asked in fitting else fitting[0]
    alone = ("strip", "cell")  # the others stand for the same whole
    if extent != asked and (extent in alone or asked in alone):
        raise MeshError(
            "E414",
            f"the mesh is a {extent}, and the package's model asks for another part",
            value=asked,
            hint="one pitch of chip and board around one joint is loaded: fem-wlp mesh FILE --model 3d --extent cell"
            if asked == "cell"
            else f'model.extent = "{extent}"',
        )
    return extent


def _ends_at_diagonal(mesh: SolidMesh, near: float) -> bool:
    """Return whether nothing lies beyond x = y but halves of elements astride it, as the program's own eighths have."""
    across = (mesh.points[:, 1] - mesh.points[:, 0])[mesh.cells]
    return bool(((across.max(axis=1) < near) | (np.abs(across.mean(axis=1)) < near)).all())


def _joints(package: Package, extent: Extent, near: float) -> tuple[JointPlace, ...]:
    """Joints of a part of a package, whole or cut, by rows along +y."""
    if extent == "cell":
        return (JointPlace(1, 1, 0.0, 0.0),)
    joints = tuple(sorted(package.array.joints, key=lambda joint: (-joint.row, joint.column)))
    if extent == "full":
        return joints
    right = [joint for joint in joints if joint.x > -near]
    if extent == "strip":
        return tuple(joint._replace(y=0.0) for joint in right if joint.row == middle_row(package.array))
    return tuple(joint for joint in right if joint.y > -near and (extent == "quarter" or joint.y < joint.x + near))


def _places(mesh: SolidMesh, joints: Sequence[JointPlace], pitch: float) -> Ints:
    """Number the joint in whose pitch cell the centre of each element lies, -1 where there is none."""
    axes = np.array([[joint.x, joint.y] for joint in joints])
    origin = axes.min(axis=0)
    steps = np.rint((axes - origin) / pitch).astype(np.int64)
    lattice = np.full(steps.max(axis=0) + 3, -1, dtype=np.int64)  # nobody stands on its rim
    lattice[tuple(steps.T + 1)] = np.arange(len(joints))
    centres = mesh.points[mesh.cells].mean(axis=1)[:, :2]
    found = np.rint((centres - origin) / pitch).astype(np.int64) + 1
    return np.asarray(lattice[tuple(np.clip(found, 0, np.array(lattice.shape) - 1).T)])


def _refuse_missing_parts(mesh: SolidMesh, joints: Sequence[JointPlace]) -> None:
    """Raise where a joint lacks a part, or a part stands where no joint is."""
    for number, name in enumerate(mesh.names):
        if name in (*PLATES, *OPTIONAL):
            continue
        own = mesh.regions == number
        lost = np.flatnonzero(own & (mesh.places < 0))
        if len(lost):
            x, y, _ = mesh.points[mesh.cells[lost[0]]].mean(axis=0)
            raise MeshError(
                "E414",
                f"the mesh has an element of region {name!r} at x = {x:.6g}, y = {y:.6g} mm, where the package has no "
                "joint",
                hint="pitch, ball map and mesh must agree",
            )
        there = np.bincount(mesh.places[own], minlength=len(joints))
        if not there.all():
            joint = joints[int(there.argmin())]
            raise MeshError(
                "E414",
                f"the joint at x = {joint.x:.6g}, y = {joint.y:.6g} mm has no element of region {name!r}",
                hint="pitch, ball map and mesh must agree",
            )


def _refuse_other_footprints(layout: ArrayLayout) -> None:
    """Raise where no lines of the mesh bound the circles on chip and board over which the shift is averaged.

    What lies in a circle and fills it is round, of its radius, and in its place; polygons in a circle nearly fill it.
    """
    section = layout.section
    for plate, level, radius, part in (
        ("chip", section.levels.chip, section.base_radius, "base region"),
        ("board", 0.0, section.land_radius, "land"),
    ):
        areas, reach = _footprints_at(layout, plate, level, radius, part)
        off = areas / (np.pi * radius**2 * np.array(layout.fractions)) - 1.0
        beyond = reach / radius - 1.0
        worst = int(np.maximum(np.abs(off) / FOOTPRINT, beyond / BEYOND).argmax())
        joint = layout.joints[worst]
        if not abs(off[worst]) < FOOTPRINT:
            fault = f"are {100 * off[worst]:+.3g} % off the circle of radius {radius:.6g} mm"
        elif not beyond[worst] < BEYOND:
            fault = f"reach {100 * beyond[worst]:.3g} % beyond the circle of radius {radius:.6g} mm"
        else:
            continue
        raise MeshError(
            "E414",
            f"the faces of the {plate} over the {part} at x = {joint.x:.6g}, y = {joint.y:.6g} mm {fault}",
            hint=f"draw that circle on the {plate}, so that the mesh has its line",
        )


def _footprints_at(layout: ArrayLayout, plate: str, level: float, radius: float, part: str) -> tuple[Floats, Floats]:
    """For every joint the area of the faces over which its shift is averaged [mm2], and how far they reach [mm]."""
    mesh, axes = layout.mesh, np.array([[joint.x, joint.y] for joint in layout.joints])
    sector = Sector(mesh, layout.section, axes, np.eye(3)[None])
    surface = level_surface(sector, mesh.within(plate), level, radius, f"the {part}s' footprints")
    place = mesh.places[surface.elements]
    areas = np.zeros(len(axes))
    np.add.at(areas, place, surface.areas.sum(axis=1))
    reach = np.zeros(len(axes))
    np.maximum.at(reach, place, np.linalg.norm(surface.points[..., :2] - axes[place][:, None], axis=2).max(axis=1))
    return areas, reach
