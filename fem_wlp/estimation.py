"""The package's question answered by closed forms, in milliseconds, with the bands that belong to them.

The joint is a beam of varying section between the give of chip and board (`fem_wlp.limits.beams`), the package a disc
of chip on a disc of board, both bending, on smeared joints (`fem_wlp.limits.shear_lag`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, pi, sqrt

import numpy as np

from fem_wlp import limits
from fem_wlp.materials.model import Material, plane_constants, stiffness, thermal_strain, transverse_average
from fem_wlp.package.geometry import contact_distance, cylinder_height, joint_height, shell_radii
from fem_wlp.package.model import Ball, Contact, JointPlace, Package
from fem_wlp.package.reference import reference_package
from fem_wlp.shown import Shown


@dataclass(frozen=True)
class Band:
    """A figure with the band in which the truth is expected.

    Parameters
    ----------
    value
        What the formula says.
    low, high
        Ends of the band.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4g}  ({self.low:.3g} … {self.high:.3g})"


@dataclass(frozen=True)
class Estimate(Shown):
    """What closed forms say about a package; ``print`` it.

    Parameters
    ----------
    package
        What was estimated.
    critical
        The joint with the largest distance from the neutral point.
    decoupling
        D of that joint [-]; None where nothing shears it: one joint by itself, or chip and board that expand alike.
    pad_to_pad
        Raw shift from pad to pad over the free mismatch [-]; None likewise.
    reference_decoupling
        D of the reference package [-]; None where the package is its own reference.
    force_reduction
        1 - F/F_ref [-]; None likewise.
    shear_force
        In the critical joint [N].
    free
        Free mismatch at the critical joint, board less chip [mm].
    lateral, axial
        Stiffness of the joint between its footprints, which do not turn [N/mm].
    electrical
        Resistance from the base region's upper to the land's lower face [mOhm]; None if nothing conducts.
    thermal
        The same for heat [K/W]; None if a conductivity is not known.
    notes
        How things were treated, in sentences.
    """

    package: Package
    critical: JointPlace
    decoupling: Band | None
    pad_to_pad: Band | None
    reference_decoupling: Band | None
    force_reduction: Band | None
    shear_force: Band
    free: float
    lateral: Band
    axial: Band
    electrical: Band | None
    thermal: Band | None
    notes: tuple[str, ...]

    @property
    def coupling(self) -> Band | None:
        """1 - D [-]."""
        D = self.decoupling
        return None if D is None else Band(1.0 - D.value, 1.0 - D.high, 1.0 - D.low)

    def __str__(self) -> str:
        place = self.critical
        rows = [
            ("decoupling D", self.decoupling, "0 rigid joints, 1 severed joints"),
            ("coupling 1 − D", self.coupling, ""),
            ("pad to pad (raw)", self.pad_to_pad, "tilt left in, as measured optically"),
            ("reference's D", self.reference_decoupling, "conventional solder ball in the same place"),
            ("force reduction", self.force_reduction, "against the reference package"),
            ("shear force", self.shear_force, "N"),
            ("lateral stiffness", self.lateral, "N/mm"),
            ("axial stiffness", self.axial, "N/mm"),
            ("electrical resistance", self.electrical, "mΩ"),
            ("thermal resistance", self.thermal, "K/W"),
        ]
        lines = [
            f"{self.package.name}: estimate by closed forms, value (band)",
            f"  critical joint         row {place.row}, column {place.column}, {place.dnp:.3f} mm from the neutral "
            f"point, free mismatch {1e3 * self.free:.3g} µm",
            *(f"  {name:22s} {'none' if band is None else band!s:34s} {unit}".rstrip() for name, band, unit in rows),
            *(f"  - {note}" for note in self.notes),
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Trust:
    """True stiffness over the formula's, for the parts of a joint [-].

    Parameters
    ----------
    post, post_axial
        Of cylinder and adhesive film.
    propped
        Of a cylinder in a bonded layer that carries most of the load.
    ball
        Of a ball of one material.
    coated
        Of a ball with coats, whose sections do not stay plane.
    give
        Of chip and board under the pads: how far they give. The more they do, the less the joint deforms.
    odds
        (1 - D)/D of an array over that of the disc; where the board ends close to the joints, times `corner`.
    corner
        See there.
    """

    post: float
    post_axial: float
    propped: float
    ball: float
    coated: float
    give: float
    odds: float
    corner: float


PLAIN = Trust(post=1.0, post_axial=1.0, propped=1.0, ball=1.0, coated=1.0, give=1.0, odds=1.0, corner=1.0)
SOFTEST = Trust(post=0.95, post_axial=0.6, propped=0.5, ball=0.87, coated=0.5, give=0.8, odds=0.6, corner=1.0)
STIFFEST = Trust(post=1.15, post_axial=1.05, propped=1.4, ball=1.0, coated=1.0, give=1.15, odds=1.3, corner=1.3)
"""Ends of the bands: posts 4-11 % stiffer, solid balls 13 % and coated ones 50-80 % softer than the formula; the rest
from joint cells by finite elements."""

MOSTLY_PROPPED = 3.0
"""A bonded layer that stiffens the cylinder more than this carries most of the load [-]."""


def estimate(package: Package) -> Estimate:
    """Answer the package's question by closed forms.

    Parameters
    ----------
    package
        Any.

    Returns
    -------
    Estimate
        With bands; see its notes.

    Raises
    ------
    MaterialError
        M108 where a material's table ends before a service temperature.

    Notes
    -----
    The array is replaced by a disc of the same joined area, whose rim stands for the joint of largest DNP; plates are
    averaged over the directions in their plane.
    """
    critical = max(package.array.joints, key=lambda joint: round(joint.dnp, 9))
    answers = [_answer(package, trust) for trust in (PLAIN, SOFTEST, STIFFEST)]
    reference = reference_package(package)
    others = [] if reference is None else [_answer(reference, trust) for trust in (PLAIN, SOFTEST, STIFFEST)]
    free = answers[0].free
    decouples = abs(free) > 0.0
    return Estimate(
        package=package,
        critical=critical,
        decoupling=_band(answers, lambda a: a.shift / a.free) if decouples else None,
        pad_to_pad=_band(answers, lambda a: a.raw / a.free) if decouples else None,
        reference_decoupling=_band(others, lambda a: a.shift / a.free) if decouples and others else None,
        force_reduction=_reduction(answers, reference) if decouples and reference else None,
        shear_force=_band(answers, lambda a: abs(a.force)),
        free=free,
        lateral=_band(answers, lambda a: a.lateral),
        axial=_band(answers, lambda a: a.axial),
        electrical=_resistance(package, _electrical),
        thermal=_resistance(package, _thermal),
        notes=_notes(package),
    )


@dataclass(frozen=True)
class _Answer:
    """Of one package with one trust: the critical joint between the extremes of the cycle."""

    free: float
    shift: float
    raw: float
    force: float
    lateral: float
    axial: float


def _band(answers: list[_Answer], figure: Callable[[_Answer], float]) -> Band:
    values = [figure(answer) for answer in answers]
    return Band(values[0], min(values), max(values))


FORCE_MARGIN = 0.15
"""How far forces of unlike packages compare worse than their stiffness says: a second layer's free edge pulls too."""


def _reduction(answers: list[_Answer], reference: Package) -> Band:
    """Force against the reference's; what the disc does to an array it does to both, so only the joints are doubted."""
    ratios = [
        abs(own.force / _answer(reference, replace(trust, ball=1.0, coated=1.0)).force)
        for own, trust in zip(answers, (PLAIN, SOFTEST, STIFFEST), strict=True)
    ]
    return Band(1.0 - ratios[0], 1.0 - (1.0 + FORCE_MARGIN) * max(ratios), 1.0 - (1.0 - FORCE_MARGIN) * min(ratios))


def _answer(package: Package, trust: Trust) -> _Answer:
    """Solve every service temperature; a cycle's answer is the difference of its extremes."""
    states = [_state(package, temperature, trust) for temperature in package.temperatures.points]
    first, last = states[0], states[-1]
    if len(states) == 1:
        return last
    return _Answer(
        last.free - first.free,
        last.shift - first.shift,
        last.raw - first.raw,
        last.force - first.force,
        last.lateral,
        last.axial,
    )


def _state(package: Package, temperature: float, trust: Trust) -> _Answer:
    joint = _joint(package, temperature, trust)
    assembly = package.temperatures.assembly
    plates = tuple(
        limits.Plate(
            *plane_constants(body.material, temperature),
            body.thickness,
            float(thermal_strain(body.material, assembly, temperature)[:2].mean()),
        )
        for body in (package.chip, package.board)
    )
    joints = package.array.joints
    radius = package.array.pitch * sqrt(len(joints) / pi)
    outer = [max(radius, sqrt(body.width * body.length / pi)) for body in (package.chip, package.board)]
    # around one joint by itself chip and board expand freely, wherever it stands
    dnp = max(place.dnp for place in joints) if len(joints) > 1 else 0.0
    free = (plates[1].strain - plates[0].strain) * dnp
    if free == 0.0:
        return _Answer(0.0, 0.0, 0.0, 0.0, joint.lateral, joint.axial)
    smeared = [limits.foundation(k, package.array.pitch) for k in (joint.lateral_total, joint.axial_total)]
    rim = min(radius, dnp)
    lag = limits.jointed_disc(
        (plates[0], plates[1]), (smeared[0], smeared[1]), joint_height(package), radius, (outer[0], outer[1]), [rim]
    )
    share = float(lag.decoupling[0])
    odds = trust.odds * (trust.corner if _ends_close(package) else 1.0) * (1.0 - share)
    force = joint.lateral_total * free * share / (share + odds)
    shift = force / joint.shift_stiffness
    turning = float(lag.slope[0] / lag.free[0]) * free
    raw = shift + joint_height(package) * (turning + force * joint.tilt)
    return _Answer(free, shift, raw, force, joint.lateral, joint.axial)


@dataclass(frozen=True)
class _Joint:
    """Stiffness of one joint [N/mm] and mean tilt of its footprints under shear [rad/N].

    Between footprints that do not turn; with the give of chip and board (total); against the shift with the tilt
    taken off.
    """

    lateral: float
    axial: float
    lateral_total: float
    axial_total: float
    shift_stiffness: float
    tilt: float


def _joint(package: Package, temperature: float, trust: Trust) -> _Joint:
    """Beam from land to first layer, standing on the half spaces of board and chip."""
    sections, radii = limits.stack_sections(_parts(package, temperature, trust)), _footing_radii(package)
    materials = package.board.material, package.chip.material
    board, chip = (
        trust.give * np.array(limits.circular_pad_give(transverse_average(stiffness(material, temperature)), radius))
        for material, radius in zip(materials, radii, strict=True)
    )
    clamped, held = limits.guided_beam(sections), limits.guided_beam(sections, (float(board[2]), float(chip[2])))
    axial = limits.axial_stiffness(sections)
    tilt = sum(held.tilt) / 2.0
    # a plate's part of one pitch moves with its surface: 2a/(pi R) of the give is no give of the joint
    cell = package.array.pitch / sqrt(pi)
    axial_give = sum(
        float(give[1]) * (1.0 - 2.0 * radius / (pi * cell)) for give, radius in zip((board, chip), radii, strict=True)
    )
    return _Joint(
        clamped.lateral,
        axial,
        1.0 / (1.0 / held.lateral + float(board[0] + chip[0])),
        1.0 / (1.0 / axial + axial_give),
        1.0 / (1.0 / held.lateral - sections.height * tilt),
        tilt,
    )


def _footing_radii(package: Package) -> tuple[float, float]:
    """Radii over which load enters board and chip [mm]: the contacts', spread at 45 degrees through the metal."""
    land, interconnect = package.land, package.interconnect
    upper = package.ball.cylinder_side.diameter / 2.0 if package.cylinder is None else _cylinder_radii(package)[1]
    return (
        min(land.diameter / 2.0, package.ball.land_side.diameter / 2.0 + land.thickness),
        min(interconnect.base_region.diameter / 2.0, upper + interconnect.thickness),
    )


def _axial_constants(material: Material, temperature: float) -> tuple[float, float]:
    """Young's modulus along the axis [MPa] and its Poisson's ratio [-]."""
    compliance = np.linalg.inv(transverse_average(stiffness(material, temperature)))
    return float(1.0 / compliance[2, 2]), float(-compliance[0, 2] / compliance[2, 2])


def _parts(package: Package, temperature: float, trust: Trust) -> list[limits.Sections]:
    """Beams of land, ball with fillets, cylinder, base region and first layer, from below."""
    ball, (lower, upper) = package.ball, _footing_radii(package)
    E, nu = zip(*(_axial_constants(material, temperature) for material in _ball_materials(ball)), strict=True)
    factor = trust.coated if ball.coats else trust.ball
    body = limits.stiffened(limits.beam_sections(_ball_profile(ball), E, nu), factor, factor, factor)
    films = [_film(ball, contact, temperature, trust) for contact in (ball.land_side, ball.cylinder_side)]
    layers = (
        (package.interconnect.thickness, package.interconnect.material),
        (package.first_layer.thickness, package.first_layer.material),
    )
    return [
        limits.layer_sections(package.land.thickness, lower, *_axial_constants(package.land.material, temperature)),
        *films[0],
        body,
        *films[1],
        *([] if package.cylinder is None else [_cylinder(package, temperature, trust)]),
        *(
            limits.layer_sections(thickness, upper, *_axial_constants(material, temperature))
            for thickness, material in layers
        ),
    ]


def _has_film(ball: Ball, contact: Contact) -> bool:
    """Whether the ball stands on adhesive: a film much softer than itself, and worse a conductor."""
    soft = contact.fillet is not None and not contact.fillet.melts and not ball.truncated
    return soft and contact_distance(ball, contact) > ball.diameter / 2.0


def _film(ball: Ball, contact: Contact, temperature: float, trust: Trust) -> list[limits.Sections]:
    """The adhesive between ball and contact plane, if there is some."""
    if contact.fillet is None or not _has_film(ball, contact):
        return []
    E, nu = _axial_constants(contact.fillet, temperature)
    film = limits.film_section(ball.diameter / 2.0, contact_distance(ball, contact), contact.diameter / 2.0, E, nu)
    return [limits.stiffened(film, trust.post, trust.post, trust.post_axial)]


def _ball_materials(ball: Ball) -> list[Material]:
    """Materials of core, coats, lower and upper fillet."""
    shells = [ball.material, *(coat.material for coat in ball.coats)]
    fillets = [contact.fillet or shells[-1] for contact in (ball.land_side, ball.cylinder_side)]
    return [*shells, *fillets]


def _ball_profile(ball: Ball) -> limits.Profile:
    """Return the ball with its solder fillets; where it stands on a film, cut at the contact circle's radius."""
    outer, distances, contacts = ball.diameter / 2.0, [], []
    for side in (ball.land_side, ball.cylinder_side):
        film = _has_film(ball, side)
        distances.append(sqrt(outer**2 - (side.diameter / 2.0) ** 2) if film else contact_distance(ball, side))
        contacts.append(0.0 if film or side.fillet is None or ball.truncated else side.diameter / 2.0)
    return limits.ball_profile(shell_radii(ball), (distances[0], distances[1]), (contacts[0], contacts[1]))


def _cylinder_radii(package: Package) -> tuple[float, float]:
    """Radii at the ball and at the base region [mm]."""
    assert package.opening is not None
    assert package.second_layer is not None
    gap = package.second_layer.gap
    return package.opening.free_end_diameter / 2.0 - gap, package.opening.diameter / 2.0 - gap


def _cylinder(package: Package, temperature: float, trust: Trust) -> limits.Sections:
    """Cylinder with its bonded ends, in the bonded layer if there is one."""
    assert package.cylinder is not None
    assert package.second_layer is not None
    E, nu = _axial_constants(package.cylinder.material, temperature)
    radii, height = _cylinder_radii(package), cylinder_height(package)
    diameter = sum(radii)
    layer = package.second_layer
    axial = trust.post_axial * limits.bonded_disc_factor(nu, limits.shape_factor(diameter, height))
    bare = limits.beam_sections(limits.cylinder_profile(height, *radii), [E], [nu])
    if layer.wall == "gap":
        return limits.stiffened(bare, trust.post, trust.post, axial)
    props = limits.embedded_post(E, nu, diameter, height, *_axial_constants(layer.material, temperature))
    factor = trust.propped if props.shear > MOSTLY_PROPPED else trust.post
    return limits.stiffened(bare, factor * props.bending, factor * props.shear, axial * props.axial)


def _electrical(material: Material) -> float | None:
    """Conductivity [1/(Ohm mm)]; insulators carry nothing."""
    return 0.0 if material.resistivity is None else 1.0 / material.resistivity


def _thermal(material: Material) -> float | None:
    """Conductivity along the joint [mW/(mm K)]; None if not known."""
    return None if material.conductivity is None else material.conductivity[1]


RESISTANCE_MARGIN = 0.03
"""What the bounds of the parts do not see: how current turns where parts of unlike width meet [-]."""


def _resistance(package: Package, conductivity: Callable[[Material], float | None]) -> Band | None:
    """Land, ball, films, cylinder and base region in series [1e-3 Ohm, or K/W].

    None if a conductivity is not known, or nothing conducts.
    """
    bounds = []
    for profile, materials in _conductors(package):
        values = [conductivity(material) for material in materials]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        bounds.append(limits.conductor_resistance(profile, known))
    contacts = _film_resistance(package, conductivity) + _constriction(package, conductivity)
    low, high = (1e3 * (contacts + sum(bound[k] for bound in bounds)) for k in (0, 1))
    if high == inf:
        return None
    return Band((low + high) / 2.0, (1.0 - RESISTANCE_MARGIN) * low, (1.0 + RESISTANCE_MARGIN) * high)


def _conductors(package: Package) -> list[tuple[limits.Profile, list[Material]]]:
    """Bodies that conduct, with the materials of their parts."""
    ball, base, land = package.ball, package.interconnect, package.land
    radii = land.diameter / 2.0, base.base_region.diameter / 2.0
    conductors = [
        (limits.cylinder_profile(land.thickness, radii[0], radii[0]), [land.material]),
        (_ball_profile(ball), _ball_materials(ball)),
        (limits.cylinder_profile(base.thickness, radii[1], radii[1]), [base.material]),
    ]
    if package.cylinder is not None:
        profile = limits.cylinder_profile(cylinder_height(package), *_cylinder_radii(package))
        conductors.append((profile, [package.cylinder.material]))
    return conductors


def _film_resistance(package: Package, conductivity: Callable[[Material], float | None]) -> float:
    """Resistance of the adhesive films under and above the ball [Ohm, or K/mW]."""
    ball, total = package.ball, 0.0
    for contact in (ball.land_side, ball.cylinder_side):
        if contact.fillet is not None and _has_film(ball, contact):
            k = conductivity(contact.fillet) or 0.0
            distance = contact_distance(ball, contact)
            total += limits.film_resistance(ball.diameter / 2.0, distance, contact.diameter / 2.0, k)
    return total


def _constriction(package: Package, conductivity: Callable[[Material], float | None]) -> float:
    """Resistance of the cylinder's end where it is wider than the ball's contact [Ohm, or K/mW]."""
    if package.cylinder is None:
        return 0.0
    k = conductivity(package.cylinder.material) or 0.0
    return limits.constriction_resistance(package.ball.cylinder_side.diameter / 2.0, _cylinder_radii(package)[0], k)


def _notes(package: Package) -> tuple[str, ...]:
    """Say how this package's parts were treated."""
    notes = ["linear elastic: solder that creeps lets go of more"]
    if package.ball.coats:
        notes.append("coated ball as parallel annuli: 50-80 % too stiff, which its band allows for")
    else:
        notes.append("ball as a beam of varying section: 13 % too stiff, which its band allows for")
    layer = package.second_layer
    if layer is not None and layer.wall == "bonded":
        notes.append("second layer as an elastic foundation along the cylinder's wall; its thermal strain left out")
    if any(_has_film(package.ball, contact) for contact in (package.ball.cylinder_side, package.ball.land_side)):
        notes.append("adhesive between ball and contact plane as a film of columns side by side")
    if any(contact.dip > 0.0 for contact in (package.ball.cylinder_side, package.ball.land_side)):
        notes.append("what dips into the cylinder is counted as cylinder")
    return (*notes, *_array_notes(package))


def _array_notes(package: Package) -> list[str]:
    """Say where an array is far from the disc that stands for it."""
    array, notes = package.array, []
    if len(array.joints) < array.rows * array.columns:
        notes.append("joints of the map spread evenly over a disc of their number times pitch squared")
    if max(array.rows, array.columns) > 2 * min(array.rows, array.columns):
        notes.append("a long array is no disc: D is rough")
    if _ends_close(package):
        notes.append("the board ends close to the outermost joints: 1 - D reads 10-25 % too low, as the band allows")
    return notes


def _ends_close(package: Package) -> bool:
    """Whether the board ends less than 1.5 pitches past the outermost joints."""
    board, array = package.board, package.array
    beyond = (
        (board.width - (array.columns - 1) * array.pitch) / 2.0,
        (board.length - (array.rows - 1) * array.pitch) / 2.0,
    )
    return min(beyond) < 1.5 * array.pitch
