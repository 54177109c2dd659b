"""Sections whose condensed joint has a closed form: a straight post between two plates that don't give."""

from __future__ import annotations

from fem_wlp.joint.condense import CellModel, CellState, cell_model, cell_state
from fem_wlp.joint.section import JointSection, Levels
from fem_wlp.materials.model import Material, isotropic
from fem_wlp.mesh.outline import Painted, rectangle
from fem_wlp.mesh.section import Grading

COARSE = Grading().refined(0.5)

PLATE, FILM, RADIUS = 0.4, 0.004, 0.5
"""Thickness of chip and board and of the first layer, radius of the cell [mm]."""

STRESS_FREE, SERVICE = 400.0, 300.0  # [K]

RIGID = isotropic("rigid", E=1e9, nu=0.3, alpha=5e-6)
POST = isotropic("post", E=1000.0, nu=0.3, alpha=20e-6)


def post_section(
    diameter: float, height: float, post: Material = POST, plates: tuple[Material, Material] = (RIGID, RIGID)
) -> JointSection:
    """A post of base region, ball, and land, all straight and alike, under a first layer of the chip's material."""
    radius, thin = diameter / 2, 0.1 * height
    chip, board = plates
    levels = Levels(-PLATE, thin, height / 2, height - thin, height, height, height + FILM, height + FILM + PLATE)
    parts = {
        "chip": (RADIUS, levels.chip, levels.chip_top, chip),
        "first_layer": (RADIUS, levels.first_layer, levels.chip, chip),
        "base_region": (radius, levels.free_end, levels.base_region, post),
        "ball": (radius, levels.land, levels.free_end, post),
        "land": (radius, 0.0, levels.land, post),
        "board": (RADIUS, levels.board_bottom, 0.0, board),
    }
    return JointSection(
        painting=tuple(
            Painted(name, rectangle((0.0, r), (low, high)), material.name)
            for name, (r, low, high, material) in parts.items()
        ),
        materials={name: material for name, (_, _, _, material) in parts.items()},
        stress_free=dict.fromkeys(parts, STRESS_FREE),
        levels=levels,
        radius=RADIUS,
        base_radius=radius,
        land_radius=radius,
        cylinder_radii=(radius, radius),
        contact_radii=(radius, radius),
    )


def meshed(section: JointSection, grading: Grading = COARSE) -> tuple[CellModel, CellState]:
    """The section's cell and its materials, cooled from `STRESS_FREE` to `SERVICE`."""
    model = cell_model(section, grading)
    return model, cell_state(model, STRESS_FREE, SERVICE)
