"""Sections and stacks in the meridian plane: regular meshes by hand, curved ones by the mesher, posts, balls."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..joint.cell import CellLoad, JointCell, Region
from ..materials.model import Material, isotropic
from ..mesh.outline import VOID, HalfDisc, Outline, Painted, Polygon, rectangle
from ..mesh.section import Floats, Grading, Integers, SectionMesh, mesh_section

ROUGH = Grading(tip=0.02, growth=0.8, largest=0.25)
COARSE = Grading(tip=0.01, growth=0.7, largest=0.2, slender=6.0)
EVERYTHING = CellLoad(temperature_change=-100.0, axial=1e-3, lateral=2e-3, rocking=3e-3)

SILICON = isotropic("silicon", 131e3, 0.28, 2.6e-6)
FR4 = isotropic("FR4", 22e3, 0.28, 18e-6)
COPPER = isotropic("copper", 117e3, 0.34, 17e-6)
SOLDER = isotropic("solder", 43e3, 0.36, 21.5e-6)
POLYMER = isotropic("polymer", 4800.0, 0.36, 40e-6)
POLYIMIDE = isotropic("polyimide", 3300.0, 0.34, 35e-6)
ADHESIVE = isotropic("adhesive", 200.0, 0.45, 100e-6)
SILICONE = isotropic("silicone", 2.0, 0.499, 290e-6)


def curved() -> SectionMesh:
    """Return a ball with a coat in a block: curved edges inside, straight ones outside, and an axis."""
    return mesh_section(
        [
            Painted("block", rectangle((0.0, 1.0), (-0.7, 0.9))),
            Painted("coat", HalfDisc(0.1, 0.5)),
            Painted("core", HalfDisc(0.1, 0.4)),
        ],
        ROUGH,
    )


def regular(count: int, inner: float = 0.0) -> SectionMesh:
    """Return the square inner <= r <= inner + 1, 0 <= z <= 1 as count x count squares of two triangles."""
    line = np.linspace(0.0, 1.0, count + 1)
    return grid(inner + line, line)


def grid(r: Floats, z: Floats) -> SectionMesh:
    """Return rectangles between given lines, each of two triangles; ``moved`` maps them to any shape."""
    fine = [np.interp(np.arange(2 * len(line) - 1) / 2, np.arange(len(line)), line) for line in (r, z)]
    places = np.stack(np.meshgrid(*fine, indexing="ij"), axis=-1)
    number = np.arange(places[..., 0].size).reshape(places.shape[:2])
    triangles = []
    for i in range(0, 2 * len(r) - 2, 2):
        for j in range(0, 2 * len(z) - 2, 2):
            n = number[i : i + 3, j : j + 3]
            triangles.append([n[0, 0], n[2, 0], n[2, 2], n[1, 0], n[2, 1], n[1, 1]])
            triangles.append([n[0, 0], n[2, 2], n[0, 2], n[1, 1], n[1, 2], n[0, 1]])
    region = np.zeros(len(triangles), dtype=np.int64)
    return SectionMesh(places.reshape(-1, 2), np.array(triangles), region, ("square",))


def border(mesh: SectionMesh) -> Integers:
    """Return the numbers of the nodes on the outer faces: edges of one triangle, known by their middle nodes."""
    edges = mesh.triangles[:, [[0, 1, 3], [1, 2, 4], [2, 0, 5]]].reshape(-1, 3)
    _, first, triangles = np.unique(edges[:, 2], return_index=True, return_counts=True)
    return np.unique(edges[first[triangles == 1]])


def post(diameter: float, height: float, material: Material, grading: Grading | None = None, **held: str) -> JointCell:
    """Return a round post."""
    region = Region("post", rectangle((0.0, diameter / 2), (0.0, height)), material)
    return JointCell((region,), grading=grading or Grading(), **held)  # type: ignore[arg-type]


def ball(
    shells: Mapping[str, tuple[float, Material]], half: float = math.inf, grading: Grading | None = None, **held: str
) -> JointCell:
    """Return a ball of shells, outer radius and material from outside in, cut off at z = -half and half."""
    regions = (Region(name, HalfDisc(0.0, r, -half, half), material) for name, (r, material) in shells.items())
    return JointCell(tuple(regions), grading=grading or Grading(), **held)  # type: ignore[arg-type]


def device(wide: bool = True) -> tuple[Region, ...]:
    """Return a coated truncated ball on a land, under a cylinder in a layer with a gap, under a chip."""
    r_chip, foot = (0.3, 0.03) if wide else (0.2, 0.03)
    half = math.sqrt(0.15**2 - 0.12**2)
    centre, top = foot + half, foot + 2 * half
    parts: list[tuple[str, Outline, Material | None]] = [
        ("board", rectangle((0.0, 0.3), (-0.4, 0.0)), FR4),
        ("land", rectangle((0.0, 0.12), (0.0, foot)), COPPER),
        ("coat", HalfDisc(centre, 0.15, foot, top), SOLDER),
        ("core", HalfDisc(centre, 0.125, foot, top), POLYMER),
        ("layer", rectangle((0.0, r_chip), (top, top + 0.1)), SILICONE),
        (VOID, rectangle((0.0, 0.125), (top, top + 0.09)), None),
        ("cylinder", Polygon(((0.0, top), (0.12, top), (0.1, top + 0.1), (0.0, top + 0.1))), ADHESIVE),
        ("first layer", rectangle((0.0, r_chip), (top + 0.1, top + 0.106)), POLYIMIDE),
        ("chip", rectangle((0.0, r_chip), (top + 0.106, top + 0.3)), SILICON),
    ]
    return tuple(Region(*part) for part in parts)
