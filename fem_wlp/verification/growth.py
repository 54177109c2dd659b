"""A wafer on which films grow: births on the bent stack, the wafer's bow, and the stress of what shrinks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .. import limits
from ..assembly.elements import Film, laminate_film
from ..elasticity.harmonic import HarmonicSpace
from ..joint.condense import CellModel
from ..joint.section import JointSection, Levels
from ..limits.laminates import grown_plate
from ..materials.model import Material, isotropic, stiffness
from ..mesh.outline import Painted, rectangle
from ..mesh.section import Grading, mesh_section
from ..package import loads, template
from ..process.growth import Growth, bare_wafer, host_strain, shape_at
from ..process.history import stages
from .law import Law, Quantity, near, within

SILICON = isotropic("silicon", E=131e3, nu=0.28, alpha=2.6e-6)
POLYIMIDE = isotropic("polyimide", E=3.3e3, nu=0.34, alpha=35e-6)
COPPER = isotropic("copper", E=117e3, nu=0.34, alpha=17e-6)
PLATED = isotropic("copper", E=117e3, nu=0.34, alpha=16.6e-6)
"""Copper of the least expansion of its range in the library."""

MODULI = tuple(E / (1.0 - nu) for E, nu in ((131e3, 0.28), (3.3e3, 0.34), (117e3, 0.34)))
"""Biaxial, of silicon, polyimide, copper [MPa]."""

EXPANSIONS = (2.6e-6, 35e-6, 17e-6)
"""Of the same [1/K]."""

ROOM, CURED, COLD = 298.15, 623.15, 233.15
"""Temperatures [K]."""

WAFER, FILMS = 0.3, (0.010, 0.008)
"""Thickness of the wafer and of its films [mm]."""

RADIUS = 0.25
"""Of the cell [mm]."""

COARSE = Grading().refined(0.4)
"""Displacements are quadratic, and so are the elements."""


def covered_wafer(
    films: tuple[float, float], chip: float, materials: tuple[Material, Material] = (POLYIMIDE, COPPER)
) -> CellModel:
    """Return the cell of a wafer under two films that cover it all.

    Parameters
    ----------
    films
        Thickness of each [mm].
    chip
        Thickness of the silicon that is meshed [mm].
    materials
        Of the films.
    """
    first, second = films
    top = first + second
    levels = Levels(-0.1, 0.0, 0.0, 0.0, 0.0, second, top, top + chip)
    parts = {
        "chip": (levels.chip, levels.chip_top, SILICON),
        "first_layer": (second, top, materials[0]),
        "second_layer": (0.0, second, materials[1]),
    }
    return meshed(levels, parts)


def meshed(
    levels: Levels,
    parts: Mapping[str, tuple[float, float, Material]],
    beside: Mapping[Painted, Material] | None = None,
) -> CellModel:
    """Return a cell of layers, low, high, material by name [mm], and of what lies beside them.

    No `cell_model`, which would refuse a wafer without joints.
    """
    layers = {
        Painted(name, rectangle((0.0, RADIUS), (low, high)), material.name): material
        for name, (low, high, material) in parts.items()
    }
    painted = layers | dict(beside or {})
    materials = {item.name: material for item, material in painted.items()}
    small = 0.4 * RADIUS
    section = JointSection(
        painting=tuple(painted),
        materials=materials,
        stress_free=dict.fromkeys(materials, 300.0),
        levels=levels,
        radius=RADIUS,
        base_radius=small,
        land_radius=small,
        cylinder_radii=(small, small),
        contact_radii=(small, small),
    )
    return CellModel(section, HarmonicSpace(mesh_section(section.painting, COARSE, wall=RADIUS)))


def _born(growth: Growth, name: str, temperature: float, on_flat: bool = False) -> Growth:
    """Return a wafer with a film that is born at a temperature; ``on_flat``: as if nothing had bent it before."""
    host = growth if on_flat else shape_at(growth, temperature).settled()
    return host.birth([name], temperature)


def _after_cure(film: float) -> limits.Laminate:
    """Return the wafer under a film of polyimide that was cured, at room temperature."""
    change = [alpha * (ROOM - CURED) for alpha in EXPANSIONS[:2]]
    return limits.layered_plate((WAFER, film), MODULI[:2], change)


def _sequence(broken: bool) -> tuple[Quantity, ...]:
    grown, grown_plated = (
        _born(_born(bare, "first_layer", CURED), "second_layer", ROOM, on_flat=broken)
        for bare in (
            bare_wafer(covered_wafer(FILMS, 0.5 * WAFER, (POLYIMIDE, copper)), WAFER, ROOM)
            for copper in (COPPER, PLATED)
        )
    )
    shape, plated = shape_at(grown, COLD), shape_at(grown_plated, COLD)
    host = _after_cure(FILMS[0])
    stack = grown_plate((WAFER, *FILMS), MODULI, EXPANSIONS, (ROOM, CURED, ROOM), COLD)
    stresses = (("polyimide", "first_layer", 1), ("copper", "second_layer", 2))
    return (
        near("curvature, films below", shape.curvature, -stack.curvature, 1e-8, "1/mm"),
        near("of which at the second birth", host_strain(grown, "second_layer")[1], -host.curvature, 1e-8, "1/mm"),
        *(
            near(f"mean stress of the {name}", shape.mean_stress(part)[0], stack.stress[number].mean(), 1e-8, "MPa")
            for name, part, number in stresses
        ),
        within("mean stress of copper of 16.6 ppm/K", plated.mean_stress("second_layer")[0], 143.0, 0.5, "MPa"),
    )


def _thick_films(broken: bool) -> tuple[Quantity, ...]:
    films = (0.10, 0.08)
    wafer = 2.0 * MODULI[0] * np.diag([WAFER, WAFER**3 / 12.0])

    def motion(temperature: float, *there: Film) -> np.ndarray:
        """Return (e, k) of the wafer, from room temperature on [-, 1/mm]."""
        element = laminate_film(there)
        load = wafer @ [EXPANSIONS[0] * (temperature - ROOM), 0.0] + element.axial_load
        return np.asarray(np.linalg.solve(wafer + element.axial, load))

    def film(number: int, host: np.ndarray, since: float, temperature: float) -> Film:
        """Return a film on the upper face."""
        material, below = (POLYIMIDE, COPPER)[number], 0.5 * WAFER + sum(films[:number])
        free = np.full(3, EXPANSIONS[number + 1] * (temperature - since))
        middle = below + 0.5 * films[number]
        return Film(films[number], middle, stiffness(material, temperature), free, (float(host[0]), float(host[1])))

    flat = motion(CURED)
    bent = motion(ROOM, film(0, flat, CURED, ROOM))
    host = bent * [1.0, 0.0] if broken else bent
    found = motion(COLD, film(0, flat, CURED, COLD), film(1, host, ROOM, COLD))
    one = _after_cure(films[0])
    both = grown_plate((WAFER, *films), MODULI, EXPANSIONS, (ROOM, CURED, ROOM), COLD)
    return (
        near("curvature under one film of a third of the wafer", bent[1], one.curvature, 1e-8, "1/mm"),
        near("curvature under two", found[1], both.curvature, 1e-8, "1/mm"),
    )


def _bow(broken: bool) -> tuple[Quantity, ...]:
    thin, thick = 3e-4, 0.03
    found = []
    for film in (thin, thick):
        bare = bare_wafer(covered_wafer((film, 1e-3), WAFER), WAFER, ROOM)
        growth = _born(bare, "first_layer", CURED - 10.0 if broken else CURED)
        shape = shape_at(growth, ROOM)
        plate = _after_cure(film)
        found.append(near(f"curvature under {1e3 * film:g} um", shape.curvature, -plate.curvature, 1e-8, "1/mm"))
        if film == thin:
            stress = (EXPANSIONS[1] - EXPANSIONS[0]) * (CURED - ROOM) * MODULI[1]
            by_stoney = limits.stoney_stress(shape.curvature, MODULI[0], WAFER, film)
            found.append(near("stress of the film, by Stoney from the curvature", by_stoney, stress, 0.01, "MPa"))
    return tuple(found)


def _shrinkage(broken: bool) -> tuple[Quantity, ...]:
    linear = 0.003
    growth = _born(bare_wafer(covered_wafer(FILMS, WAFER), 1e3 * WAFER, CURED), "first_layer", CURED)
    shape = shape_at(growth.shrinkage({"first_layer": 3.0 * linear if broken else linear}), CURED)
    stress = shape.mean_stress("first_layer")
    number = 6  # the adhesive's cure
    cure = {"shrinkage": "0.9 %", "shrinkage_kind": "linear" if broken else "volume"}
    changes = {f"process.{number}.{key}": value for key, value in cure.items()}
    steps = stages(loads(template("adhesive-process"), changes))
    read = next(birth.shrinkage for stage in steps if stage.step == number for birth in stage.births)
    return (
        near("stress along the film", stress[0], MODULI[1] * linear, 1e-4, "MPa"),
        near("stress across it", stress[2], 0.0, 1e-6, "MPa", of=MODULI[1] * linear),
        near("linear shrinkage, of 0.9 % by volume in a package file", read, linear, 1e-12),
    )


GROWTH: tuple[Law, ...] = (
    Law(
        "grown-stack",
        "Each film is born free of stress on the bent wafer",
        "sigma_i = M_i [e + kappa z - (e + kappa z at birth) - alpha_i (T - T_i)], no net force and moment; "
        "copper 143 MPa in print, its constants not: 16.6 ppm/K, the least of its range in the library",
        "derived by hand from C. H. Hsueh, J. Appl. Phys. 91 (2002) 9652; 143 MPa to its three digits",
        "the second film is born as if the first had not bent the wafer",
        _sequence,
    ),
    Law(
        "thick-films",
        "The assembly's wide films bend a wafer as Hsueh's plate does, each from the shape in which it was born",
        "the same stresses; films of 100 and 80 um on a wafer of 300, whose own bending counts",
        "derived by hand from C. H. Hsueh, J. Appl. Phys. 91 (2002) 9652",
        "the second film is born as if the first had not bent the wafer",
        _thick_films,
    ),
    Law(
        "wafer-bow",
        "A coated wafer bows as Hsueh's plate, under a thin film as Stoney says",
        "sigma_f = E_s t_s^2 kappa/[6 t_f (1-nu_s)] to 1 % for a film of a thousandth, the plate for any",
        "G. G. Stoney, Proc. R. Soc. A 82 (1909) 172; C. H. Hsueh, J. Appl. Phys. 91 (2002) 9652",
        "the film is born 10 K too cold",
        _bow,
    ),
    Law(
        "cure-shrinkage",
        "A film that shrinks where nothing gives has the stress E s/(1-nu)",
        "s linear, a third of a shrinkage by volume; a wafer 30,000 times as thick",
        "Hooke's law in plane stress",
        "the shrinkage by volume is taken for the linear one",
        _shrinkage,
    ),
)
