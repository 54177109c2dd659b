"""From a package to the section of one joint: painted regions, their materials and hosts, and the levels in z.

z = 0 is the board's upper face; the joint stands on it, the chip above.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..materials.model import Material, thermal_strain
from ..mesh.outline import VOID, HalfDisc, Painted, Polygon, rectangle
from ..mesh.section import Grading
from ..package.geometry import contact_distance, cylinder_height, shell_radii
from ..package.model import Contact, Package

Floats = NDArray[np.float64]

WETTING_SHARE = 0.9
"""Where a fillet meets the ball, as a share of the angle to the point of tangency: the ball is met at a small angle."""

FINE = Grading(sharpness=4.0).refined(0.8)
"""Element sizes of a joint whose answers are reported."""

BOARD_SIDE = ("land", "board")

MADE_OF = {"line": "base_region", "pad": "base_region"}
"""Regions of three dimensions whose material is that of another: the whole interconnect is of one metal."""

CHIP_DEPTH = 5e-3
"""Depth of the disc in the chip over which stress is averaged [mm]."""

REACH = 1.0
"""Depth of chip and board that the joint cell holds, at most, as a share of the pitch [-]."""

DECIMALS = 12
"""Decimals of the ends of that part of a plate, which do not depend on the joint's height but for round-off [mm]."""

RING_WIDTH = 25e-3
"""Width of the base region's ring over which strain is averaged [mm]."""


@dataclass(frozen=True)
class Levels:
    """Heights of the faces of a joint, from the board's upper face [mm]."""

    board_bottom: float
    land: float
    ball_centre: float
    free_end: float
    base_region: float
    first_layer: float
    chip: float
    chip_top: float


@dataclass(frozen=True)
class JointSection:
    """The meridian section of one joint with its cell of chip, layers and board.

    Parameters
    ----------
    painting
        Regions in painting order.
    materials
        Material of each region.
    stress_free
        Temperature at which each region is unstressed on its host [K].
    levels
        Heights of the faces.
    radius
        Radius of the cell of the pitch's area [mm].
    base_radius, land_radius
        Radii of the two footprints [mm].
    cylinder_radii
        Radii of the cylinder at the base region and at its free end [mm]; of the contact where there is no cylinder.
    contact_radii
        Radii of the ball's contacts on cylinder and land [mm].
    """

    painting: tuple[Painted, ...]
    materials: Mapping[str, Material]
    stress_free: Mapping[str, float]
    levels: Levels
    radius: float
    base_radius: float
    land_radius: float
    cylinder_radii: tuple[float, float]
    contact_radii: tuple[float, float]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the regions, each once."""
        return tuple(self.materials)

    @property
    def board_side(self) -> tuple[str, ...]:
        """Regions that stay with the board when the joint is severed at its land."""
        return tuple(name for name in self.names if name in BOARD_SIDE)

    @property
    def chip_side(self) -> tuple[str, ...]:
        """Regions that stay with the chip when the joint is severed at its land."""
        return tuple(name for name in self.names if name not in BOARD_SIDE)

    @property
    def ball_parts(self) -> tuple[str, ...]:
        """Core, coats and fillets."""
        return tuple(name for name in self.names if name.startswith(("ball", "core", "coat_")) or "fillet" in name)

    def free_strain(self, name: str, assembly: float, temperature: float) -> Floats:
        """Return the stress-free strain of a region at a temperature, along x, y, z, shape (3,) [-].

        Chip and board are free of stress at the assembly temperature. Another part is unstressed at its own T_i on its
        host (the chip, for the land the board): its strain is its own from T_i on and its host's up to T_i.
        """
        own = self.stress_free[name]
        host = "board" if name in BOARD_SIDE else "chip"
        return thermal_strain(self.materials[name], own, temperature) + thermal_strain(
            self.materials[host], assembly, own
        )


def joint_section(package: Package, depth: float = math.inf) -> JointSection:
    """Return the section of a package's joint.

    Parameters
    ----------
    package
        The package.
    depth
        How much of chip and board belongs to the section, at most [mm].
    """
    levels = _levels(package, depth)
    radius = package.array.pitch / math.sqrt(math.pi)
    base = package.interconnect.base_region.diameter / 2
    inside = max(base - RING_WIDTH, 0.0)
    land = package.land.diameter / 2
    painting = [
        Painted("chip", rectangle((0.0, radius), (levels.chip, levels.chip_top))),
        # some parts are painted twice: faces of the mesh then bound the volumes over which means are taken
        Painted("chip", rectangle((0.0, base), (levels.chip, levels.chip + CHIP_DEPTH))),
        Painted("first_layer", rectangle((0.0, radius), (levels.first_layer, levels.chip))),
        Painted("first_layer", rectangle((0.0, base), (levels.first_layer, levels.chip))),
        *_layer_and_cylinder(package, levels, radius),
        Painted("base_region", rectangle((0.0, base), (levels.base_region, levels.first_layer))),
        Painted("base_region", rectangle((inside, base), (levels.base_region, levels.first_layer))),
        Painted("land", rectangle((0.0, land), (0.0, levels.land))),
        Painted("board", rectangle((0.0, radius), (levels.board_bottom, 0.0))),
        *_ball(package, levels),
    ]
    materials, stress_free = _materials(package)
    painted = dict.fromkeys(item.name for item in painting if item.name != VOID)
    painting = [item if item.name == VOID else replace(item, material=materials[item.name].name) for item in painting]
    contacts = (package.ball.cylinder_side.diameter / 2, package.ball.land_side.diameter / 2)
    return JointSection(
        tuple(painting),
        {name: materials[name] for name in painted},
        {name: stress_free[name] for name in painted},
        levels,
        radius,
        base,
        land,
        _cylinder_radii(package) if package.opening is not None else (contacts[0], contacts[0]),
        contacts,
    )


def grading_of(package: Package) -> Grading:
    """Return the element sizes of a package's joint; those of a 3D model are its array's alone."""
    return sizes_of(package.model.fineness) if package.model.kind == "2d" else FINE


def sizes_of(fineness: float) -> Grading:
    """Return the element sizes of a joint at a fineness, 1 for `FINE` [-].

    Coarse meshes are blunt at singular points, too: what the rest of them misses is more than is gained there.
    """
    return replace(FINE, sharpness=max(FINE.sharpness * min(fineness**2, 1.0), 1.0)).refined(fineness)


def cell_section(package: Package) -> JointSection:
    """Return the section of the joint cell, with as much of chip and board as the joint's load reaches."""
    return joint_section(package, REACH * package.array.pitch)


def thicker_second_layer(section: JointSection, points: Floats, growth: float) -> tuple[JointSection, Floats]:
    """Return the levels and mesh points of a joint whose second layer and cylinder are ``growth`` [mm] higher.

    The band between the free end (or the top of a ball that dips in) and the base region is stretched, what stands
    above it moves up as a whole: no new mesh, and results that change smoothly with the thickness.
    """
    balls = [item.outline for item in section.painting if isinstance(item.outline, HalfDisc)]
    sphere_top = max(min(disc.centre + disc.radius, disc.above) for disc in balls)
    levels = section.levels
    low, high = max(levels.free_end, sphere_top), levels.base_region
    moved = points.copy()
    moved[:, 1] += growth * np.clip((points[:, 1] - low) / (high - low), 0.0, 1.0)
    above = {name: getattr(levels, name) + growth for name in ("base_region", "first_layer", "chip", "chip_top")}
    return replace(section, levels=replace(levels, **above)), moved


def with_materials(section: JointSection, materials: Mapping[str, Material]) -> JointSection:
    """Return the section with other materials for some regions."""
    return replace(section, materials={**section.materials, **materials})


def _levels(package: Package, depth: float) -> Levels:
    ball, land = package.ball, package.land.thickness
    centre = land + contact_distance(ball, ball.land_side)
    free_end = centre + contact_distance(ball, ball.cylinder_side)
    base = free_end + cylinder_height(package)
    first = base + package.interconnect.thickness
    chip = first + package.first_layer.thickness
    return Levels(
        board_bottom=-min(package.board.thickness, depth),
        land=land,
        ball_centre=centre,
        free_end=free_end,
        base_region=base,
        first_layer=first,
        chip=chip,
        chip_top=chip + min(package.chip.thickness, depth),
    )


def _cylinder_radii(package: Package) -> tuple[float, float]:
    assert package.opening is not None
    assert package.second_layer is not None
    gap = package.second_layer.gap
    return package.opening.diameter / 2 - gap, package.opening.free_end_diameter / 2 - gap


def _layer_and_cylinder(package: Package, levels: Levels, radius: float) -> list[Painted]:
    if package.second_layer is None or package.opening is None:
        return []
    inner, outer = _cylinder_radii(package)
    gap = package.second_layer.gap
    parts = [Painted("second_layer", rectangle((0.0, radius), (levels.free_end, levels.first_layer)))]
    if gap > 0.0:
        parts.append(Painted(VOID, _frustum(outer + gap, inner + gap, levels)))
    return [*parts, Painted("cylinder", _frustum(outer, inner, levels))]


def _frustum(outer: float, inner: float, levels: Levels) -> Polygon:
    low, high = levels.free_end, levels.base_region
    return Polygon(((0.0, low), (outer, low), (inner, high), (0.0, high)))


def _ball(package: Package, levels: Levels) -> list[Painted]:
    """Fillets first, then the ball from its outermost coat to its core."""
    ball = package.ball
    below, above = levels.land, levels.free_end
    parts = []
    for name, contact, sense in (("land_fillet", ball.land_side, -1.0), ("cylinder_fillet", ball.cylinder_side, 1.0)):
        fillet = _fillet(package, contact, sense, levels.ball_centre)
        if fillet is not None:
            parts.append(Painted(name, fillet))
    radii = shell_radii(ball)
    cut_above = math.inf if ball.cylinder_side.dip > 0.0 and not ball.truncated else above
    for index in range(len(radii) - 1, -1, -1):
        name = f"coat_{index}" if index else ("core" if ball.coats else "ball")
        parts.append(Painted(name, HalfDisc(levels.ball_centre, radii[index], below, cut_above)))
    return parts


def _fillet(package: Package, contact: Contact, sense: float, centre: float) -> Polygon | None:
    """Cone from the contact circle to the ball, or None where the ball itself reaches the contact circle."""
    ball = package.ball
    if contact.fillet is None or ball.truncated:
        return None
    outer, distance, reach = ball.diameter / 2, contact_distance(ball, contact), contact.diameter / 2
    beyond = math.hypot(reach, distance)
    if beyond <= outer * (1.0 + 1e-9):
        return None
    angle = math.atan2(reach, distance) + WETTING_SHARE * math.acos(outer / beyond)
    plane = centre + sense * distance
    meeting = (outer * math.sin(angle), centre + sense * outer * math.cos(angle))
    return Polygon(((0.0, plane), (reach, plane), meeting, (0.0, centre)))


def _materials(package: Package) -> tuple[dict[str, Material], dict[str, float]]:
    """Return material and stress-free temperature of every region that the package may have."""
    assembly, ball = package.temperatures.assembly, package.ball
    parts: list[tuple[str, Material | None, float | None]] = [
        ("chip", package.chip.material, None),
        ("first_layer", package.first_layer.material, package.first_layer.stress_free),
        ("base_region", package.interconnect.material, package.interconnect.stress_free),
        ("land_fillet", ball.land_side.fillet, ball.stress_free),
        ("cylinder_fillet", ball.cylinder_side.fillet, _fillet_stress_free(package)),
        ("ball", ball.material, ball.stress_free),
        ("core", ball.material, ball.stress_free),
        *((f"coat_{number}", coat.material, ball.stress_free) for number, coat in enumerate(ball.coats, start=1)),
        ("land", package.land.material, package.land.stress_free),
        ("board", package.board.material, None),
    ]
    if package.second_layer is not None and package.cylinder is not None:
        parts.append(("second_layer", package.second_layer.material, package.second_layer.stress_free))
        parts.append(("cylinder", package.cylinder.material, package.cylinder.stress_free))
    materials = {name: material for name, material, _ in parts if material is not None}
    return materials, {name: assembly if own is None else own for name, _, own in parts}


def _fillet_stress_free(package: Package) -> float | None:
    """The meniscus of the cylinder's own material cures with the cylinder, another one is of the ball's joining."""
    cylinder = package.cylinder
    if cylinder is not None and package.ball.cylinder_side.fillet == cylinder.material:
        return cylinder.stress_free
    return package.ball.stress_free
