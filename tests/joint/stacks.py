"""Stacks that the tests of the joint cell share."""

import math
from collections.abc import Mapping
from dataclasses import replace

from fem_wlp.joint.cell import CellLoad, JointCell, Region
from fem_wlp.materials.model import Material, isotropic
from fem_wlp.mesh.outline import VOID, HalfDisc, Outline, Polygon, rectangle
from fem_wlp.mesh.section import Grading

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


def with_materials(regions: tuple[Region, ...], changed: object) -> tuple[Region, ...]:
    """Return the regions with every material changed by a function."""
    return tuple(r if r.material is None else replace(r, material=changed(r.material)) for r in regions)  # type: ignore[operator]


def with_outlines(regions: tuple[Region, ...], place: object) -> tuple[Region, ...]:
    """Return the regions with every height and radius changed by a function (r, z) -> (r, z) that keeps discs round."""

    def moved(outline: Outline) -> Outline:
        if isinstance(outline, Polygon):
            return Polygon(tuple(place(*corner) for corner in outline.corners))  # type: ignore[operator]
        centre, radius = place(0.0, outline.centre)[1], place(outline.radius, 0.0)[0]  # type: ignore[operator]
        cuts = sorted(place(0.0, z)[1] for z in (outline.below, outline.above))  # type: ignore[operator]
        return HalfDisc(centre, radius, *cuts)

    return tuple(replace(region, outline=moved(region.outline)) for region in regions)
