"""Sections whose growth has a closed form: films that cover the wafer, and a ball that lies loose."""

from __future__ import annotations

from fem_wlp.elasticity.harmonic import HarmonicSpace
from fem_wlp.joint.condense import CellModel
from fem_wlp.joint.section import JointSection, Levels
from fem_wlp.materials.model import Material, isotropic
from fem_wlp.mesh.outline import HalfDisc, Painted, rectangle
from fem_wlp.mesh.section import Grading, mesh_section

SILICON = isotropic("silicon", E=131e3, nu=0.28, alpha=2.6e-6)
POLYIMIDE = isotropic("polyimide", E=3.3e3, nu=0.34, alpha=35e-6)
COPPER = isotropic("copper", E=117e3, nu=0.34, alpha=17e-6)
POLYMER = isotropic("polymer", E=4.8e3, nu=0.36, alpha=40e-6)

RADIUS = 0.25
"""Of the cell [mm]."""

COARSE = Grading().refined(0.4)


def covered_wafer(
    films: tuple[float, float], chip: float, materials: tuple[Material, Material] = (POLYIMIDE, COPPER)
) -> CellModel:
    """A cell of a wafer under two films that cover it all, of given thicknesses [mm]; ``chip`` of silicon in it."""
    first, second = films
    top = first + second
    levels = Levels(-0.1, 0.0, 0.0, 0.0, 0.0, second, top, top + chip)
    return _meshed(
        levels,
        {
            "chip": (levels.chip, levels.chip_top, SILICON),
            "first_layer": (second, top, materials[0]),
            "second_layer": (0.0, second, materials[1]),
        },
        (),
    )


def ball_on_wafer(radius: float, coat: float) -> CellModel:
    """A coated ball that touches nothing, under a wafer with one film [mm]."""
    outer = radius + coat
    low = 2.0 * outer + 0.05
    levels = Levels(-0.1, 0.0, outer, low, low, low, low + 0.01, low + 0.2)
    ball = (
        Painted("coat_1", HalfDisc(outer, outer, -1.0, 1.0), COPPER.name),
        Painted("core", HalfDisc(outer, radius, -1.0, 1.0), POLYMER.name),
    )
    parts = {"chip": (levels.chip, levels.chip_top, SILICON), "first_layer": (low, levels.chip, POLYIMIDE)}
    return _meshed(levels, parts, ball)


def _meshed(levels: Levels, parts: dict[str, tuple[float, float, Material]], ball: tuple[Painted, ...]) -> CellModel:
    painting = tuple(
        Painted(name, rectangle((0.0, RADIUS), (low, high)), material.name)
        for name, (low, high, material) in parts.items()
    )
    materials = {name: material for name, (_, _, material) in parts.items()}
    if ball:
        materials |= {"coat_1": COPPER, "core": POLYMER}
    small = 0.4 * RADIUS
    section = JointSection(
        painting=painting + ball,
        materials=materials,
        stress_free=dict.fromkeys(materials, 300.0),
        levels=levels,
        radius=RADIUS,
        base_radius=small,
        land_radius=small,
        cylinder_radii=(small, small),
        contact_radii=(small, small),
    )
    # no `cell_model`, which refuses a ball that is attached to nothing
    return CellModel(section, HarmonicSpace(mesh_section(section.painting, COARSE, wall=RADIUS)))
