"""Sections whose growth has a closed form: a ball that lies loose beside a wafer."""

from __future__ import annotations

from fem_wlp.joint.condense import CellModel
from fem_wlp.joint.section import Levels
from fem_wlp.materials.model import isotropic
from fem_wlp.mesh.outline import HalfDisc, Painted
from fem_wlp.verification.growth import COPPER, POLYIMIDE, SILICON, meshed

POLYMER = isotropic("polymer", E=4.8e3, nu=0.36, alpha=40e-6)


def ball_on_wafer(radius: float, coat: float) -> CellModel:
    """A coated ball that touches nothing, under a wafer with one film [mm]."""
    outer = radius + coat
    low = 2.0 * outer + 0.05
    levels = Levels(-0.1, 0.0, outer, low, low, low, low + 0.01, low + 0.2)
    parts = {"chip": (levels.chip, levels.chip_top, SILICON), "first_layer": (low, levels.chip, POLYIMIDE)}
    ball = {
        Painted("coat_1", HalfDisc(outer, outer, -1.0, 1.0), COPPER.name): COPPER,
        Painted("core", HalfDisc(outer, radius, -1.0, 1.0), POLYMER.name): POLYMER,
    }
    return meshed(levels, parts, ball)
