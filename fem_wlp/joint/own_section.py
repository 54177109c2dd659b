"""A user's own mesh of a joint's half section, checked against the package that it is to stand for."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ..errors import MeshError, WlpError
from ..mesh import faces
from ..mesh.gmsh_files import read_section
from ..mesh.section import SectionMesh
from .condense import CellModel, model_on
from .recover import base_ring, chip_disc
from .section import CHIP_DEPTH, RING_WIDTH, JointSection

NEAR = 1e-6
"""Places nearer to each other than this share of the section's extent are one [-]."""

SAME = 1e-3
"""Areas and volumes that differ by less than this share are the same [-]."""


def read_own_section(section: JointSection, path: Path) -> CellModel:
    """Read a user's mesh of a package's joint with its cell of chip and board.

    Parameters
    ----------
    section
        Of the package's joint.
    path
        Gmsh's file with triangles of 6 nodes and a physical surface for each region: x is r, y is z.

    Raises
    ------
    MeshError
        What `fem_wlp.mesh.gmsh_files.read_section` refuses; E403: parts that do not touch; E414: a mesh that does not
        fit the package.
    """
    mesh = read_section(path, section.names)
    try:
        return own_cell_model(section, mesh)
    except WlpError as fault:
        raise fault.at(str(path)) from None


def own_cell_model(section: JointSection, mesh: SectionMesh) -> CellModel:
    """Return the model of a joint on a mesh that was not made from its section.

    Inside, the mesh may have any shape; what the assembly joins on to, and what means are taken over, must be there:
    wall, heights of chip and board, both footprints, the disc in the chip and the ring of the base region.

    Raises
    ------
    MeshError
        E403: parts that do not touch; E414: a mesh that does not fit the package.
    SolveError
        S507: a region that is attached to nothing.
    """
    near = NEAR * mesh.extent
    levels = section.levels
    for name, low, high in (("chip", levels.chip, levels.chip_top), ("board", levels.board_bottom, 0.0)):
        r, z = mesh.points[np.unique(mesh.triangles[mesh.elements(name)])].T
        for what, found, wanted in (
            ("begins at z", z.min(), low),
            ("ends at z", z.max(), high),
            ("ends at r", r.max(), section.radius),
        ):
            if abs(found - wanted) > near:
                raise MeshError(
                    "E414",
                    f"the {name} of the mesh {what} = {found:.9g} mm, the package's at {wanted:.9g} mm",
                    hint="z = 0 is the board's upper face; the cell's radius is pitch / sqrt(pi); lengths are in mm",
                )
    model = model_on(section, mesh)
    _refuse_other_circles(model)
    return model


def _refuse_other_circles(model: CellModel) -> None:
    """Raise where a line of the mesh is missing that bounds a footprint or a volume over which a mean is taken."""
    section, mesh, volume = model.section, model.mesh, model.space.volume
    base, land = section.base_radius, section.land_radius
    inside = max(base - RING_WIDTH, 0.0)
    thickness = section.levels.first_layer - section.levels.base_region
    line = "draw a line at {} through the {}: a mean is taken up to it"
    for what, found, wanted, hint in (
        (
            "area of the base region's footprint on the chip",
            faces.interface(mesh, "chip", "first_layer", within=base).area,
            math.pi * base**2,
            line.format(f"r = {base:.9g} mm", "chip's lower face"),
        ),
        (
            "area of the land's footprint on the board",
            faces.interface(mesh, "land", "board", within=land).area,
            math.pi * land**2,
            line.format(f"r = {land:.9g} mm", "board's upper face"),
        ),
        (
            "volume of the disc in the chip",
            float(volume[chip_disc(model)].sum()),
            math.pi * base**2 * CHIP_DEPTH,
            line.format(f"z = {section.levels.chip + CHIP_DEPTH:.9g} mm up to r = {base:.9g} mm", "chip"),
        ),
        (
            "volume of the ring of the base region",
            float(volume[base_ring(model)].sum()),
            math.pi * (base**2 - inside**2) * thickness,
            line.format(f"r = {inside:.9g} mm", "base region"),
        ),
    ):
        if abs(found - wanted) > SAME * wanted:
            raise MeshError("E414", f"the {what} is {found:.6g} in the mesh, {wanted:.6g} in the package", hint=hint)
