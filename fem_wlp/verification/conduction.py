"""Resistance of a joint between two equipotential faces, where a formula knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import log, pi

from ..joint.condense import CellModel, cell_model
from ..joint.resistance import electrical_resistance, thermal_resistance
from ..joint.section import JointSection, Levels
from ..materials.model import Material, isotropic
from ..mesh.outline import HalfDisc, Outline, Painted, rectangle
from ..mesh.section import Grading
from .law import Law, Quantity, near

Parts = Mapping[str, tuple[Outline, Material]]

COPPER, TIN, PASTE = 17.2e-6, 130e-6, 2e-3
"""Resistivities [Ohm mm]."""

RADIUS, CELL, PLATE = 0.1, 0.3, 0.2
"""Radius of a joint and of its cell, thickness of chip and board [mm]."""


def conducting(name: str, resistivity: float | None, conductivity: float | None) -> Material:
    """Return a solid that conducts; resistivity in Ohm mm, None for an insulator, conductivity in mW/(mm K)."""
    solid = isotropic(name, 1e4, 0.3, 1e-5)
    through = None if conductivity is None else (conductivity, conductivity)
    return replace(solid, resistivity=resistivity, conductivity=through)


COPPERY, TINNY = conducting("coppery", COPPER, 390.0), conducting("tinny", TIN, 58.0)
PASTY, PLASTIC = conducting("pasty", PASTE, 3.0), conducting("plastic", None, 0.3)


def joint(parts: Parts, top: float) -> CellModel:
    """Return a joint of parts in painting order, whose faces are where base region and land touch what insulates.

    Parameters
    ----------
    parts
        Outlines and materials by the names of regions.
    top
        Height of the chip's lower face [mm].
    """
    levels = Levels(-PLATE, 0.25 * top, 0.5 * top, 0.75 * top, top, top, top, top + PLATE)
    section = JointSection(
        tuple(Painted(name, outline) for name, (outline, _) in parts.items()),
        {name: material for name, (_, material) in parts.items()},
        dict.fromkeys(parts, 300.0),
        levels,
        CELL,
        RADIUS,
        RADIUS,
        (RADIUS, RADIUS),
        (RADIUS, RADIUS),
    )
    return cell_model(section, Grading())


def disc(radius: float, low: float, high: float) -> Outline:
    """Return the section of a disc about the axis [mm]."""
    return rectangle((0.0, radius), (low, high))


def _standing(parts: Parts) -> CellModel:
    """Parts of 0.19 mm in height that stand on a board and carry a chip."""
    plates = {
        "chip": (disc(CELL, 0.2, 0.4), PLASTIC),
        "first_layer": (disc(CELL, 0.19, 0.2), PLASTIC),
        "board": (disc(CELL, -PLATE, 0.0), PLASTIC),
    }
    return joint({**plates, **parts}, 0.2)


def _series(paste: Material) -> tuple[Quantity, ...]:
    discs = {
        "land": (0.0, 0.02, COPPERY),
        "ball": (0.02, 0.12, TINNY),
        "cylinder": (0.12, 0.18, paste),
        "base_region": (0.18, 0.19, COPPERY),
    }
    model = _standing({name: (disc(RADIUS, low, high), material) for name, (low, high, material) in discs.items()})
    area = pi * RADIUS**2
    ohm = (0.03 * COPPER + 0.1 * TIN + 0.06 * PASTE) / area
    kelvin = (0.03 / 390.0 + 0.1 / 58.0 + 0.06 / 3.0) / area
    return (
        near("discs in series", electrical_resistance(model) or 0.0, 1e3 * ohm, 1e-9, "mOhm"),
        near("discs in series, heat", thermal_resistance(model) or 0.0, 1e3 * kelvin, 1e-9, "K/W"),
    )


def _coated(paste: Material) -> tuple[Quantity, ...]:
    """Ends that conduct ten million times better keep the faces of core and coat at one potential."""
    inner, length = 0.07, 0.188
    perfect = conducting("perfect", 1e-7 * TIN, 58e7)
    model = _standing(
        {
            "land": (disc(RADIUS, 0.0, 1e-3), perfect),
            "coat_1": (disc(RADIUS, 1e-3, 0.189), TINNY),
            "core": (disc(inner, 1e-3, 0.189), paste),
            "base_region": (disc(RADIUS, 0.189, 0.19), perfect),
        }
    )
    core, coat = pi * inner**2, pi * (RADIUS**2 - inner**2)
    ohm, kelvin = length / (coat / TIN + core / PASTE), length / (coat * 58.0 + core * 3.0)
    return (
        near("core and coat side by side", electrical_resistance(model) or 0.0, 1e3 * ohm, 1e-5, "mOhm"),
        near("core and coat side by side, heat", thermal_resistance(model) or 0.0, 1e3 * kelvin, 1e-5, "K/W"),
    )


def _outward(paste: Material) -> tuple[Quantity, ...]:
    """From an inner face through two rings, and through two shells of a sphere, to what surrounds them."""
    a, m, b, height = 0.04, 0.08, 0.16, 0.1
    regions = (("board", CELL, PLASTIC), ("land", b, paste), ("base_region", m, TINNY), ("first_layer", a, PLASTIC))
    rings = joint({name: (disc(radius, 0.0, height), material) for name, radius, material in regions}, height)
    shells = joint({name: (HalfDisc(0.0, radius), material) for name, radius, material in regions}, height)
    by_rings = (TIN * log(m / a) + PASTE * log(b / m)) / (2 * pi * height)
    by_shells = (TIN * (1 / a - 1 / m) + PASTE * (1 / m - 1 / b)) / (4 * pi)
    heat = ((1 / a - 1 / m) / 58.0 + (1 / m - 1 / b) / 3.0) / (4 * pi)
    return (
        near("rings, outward", electrical_resistance(rings) or 0.0, 1e3 * by_rings, 1e-5, "mOhm"),
        near("shells of a sphere", electrical_resistance(shells) or 0.0, 1e3 * by_shells, 1e-3, "mOhm"),
        near("shells of a sphere, heat", thermal_resistance(shells) or 0.0, 1e3 * heat, 1e-3, "K/W"),
    )


def _resistance(broken: bool) -> tuple[Quantity, ...]:
    paste = conducting("pasty", 1.01 * PASTE, 3.0) if broken else PASTY
    return (*_series(paste), *_coated(paste), *_outward(paste))


CONDUCTION = (
    Law(
        "resistance",
        "A joint resists currents of charge and heat as discs, coats, rings and shells do",
        "R = h/(sigma A) in series; 1/R = sum of sigma A/h; ln(b/a)/(2 pi sigma h); (1/a - 1/b)/(4 pi sigma)",
        "H. S. Carslaw and J. C. Jaeger, Conduction of Heat in Solids (1959)",
        "the resistivity of one part 1 % too high",
        _resistance,
    ),
)
"""Laws of the resistance of one joint."""
