"""Bonded layers, and chip and board joined by a shear layer: laminates, strips and discs, straight and bending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from .. import limits
from ..joint.cell import CellLoad, CellSolution, JointCell, Region, solve_cell
from ..materials.model import Expansion, Material, Orthotropic, Property, isotropic
from ..mesh.outline import rectangle
from ..mesh.section import Floats
from ..solid import operator as solid
from ..solid.solve import solve
from .bricks import NEAR, brick, isotropic_tensor, named, split
from .corners import PAIRS
from .law import Law, Quantity, near, within

Layer = tuple[str, float, float, float, float]
"""Name, thickness [mm], E [MPa], nu [-], alpha [1/K]."""

BIMETAL: tuple[Layer, ...] = (("FR4", 1.0, 22e3, 0.28, 18e-6), ("silicon", 0.3, 131e3, 0.28, 2.6e-6))
COATED: tuple[Layer, ...] = (
    ("silicon", 0.3, 131e3, 0.28, 2.6e-6),
    ("polyimide", 0.010, 3300.0, 0.34, 35e-6),
    ("buffer", 0.050, 2000.0, 0.40, 60e-6),
)

GOLDEN = ((BIMETAL, -100.0, 1.745786e-3), (COATED, -150.0, -7.253591e-4))
"""Layers, change of temperature [K], curvature [1/mm]."""


def expanding(layers: Sequence[Layer], number: int, factor: float) -> tuple[Layer, ...]:
    """Return layers, one of which expands ``factor`` times as much."""
    return tuple((*layer[:4], layer[4] * (factor if i == number else 1.0)) for i, layer in enumerate(layers))


def plate(layers: Sequence[Layer], change: float) -> limits.Laminate:
    """Return the closed form of a free laminate."""
    thickness, E, nu, alpha = zip(*(layer[1:] for layer in layers), strict=True)
    moduli = [e / (1 - n) for e, n in zip(E, nu, strict=True)]
    return limits.layered_plate(thickness, moduli, [a * change for a in alpha])


def stack(layers: Sequence[Layer], radius: float) -> tuple[Region, ...]:
    """Return layers as discs of one radius [mm], the first lowest."""
    z, regions = 0.0, []
    for name, thickness, E, nu, alpha in layers:
        outline = rectangle((0.0, radius), (z, z + thickness))
        regions.append(Region(name, outline, isotropic(name, E, nu, alpha)))
        z += thickness
    return tuple(regions)


def wide_disc(layers: Sequence[Layer], change: float, width: float = 20.0) -> CellSolution:
    """Return a free laminate whose radius is ``width`` thicknesses, after a temperature change."""
    regions = stack(layers, width * sum(layer[1] for layer in layers))
    return solve_cell(JointCell(regions, "free", "free"), CellLoad(temperature_change=change))


def bow(disc: CellSolution) -> float:
    """Curvature from u_z of the lower face between the axis and a quarter of the radius [1/mm]."""
    r = disc.cell.mesh.points[:, 0].max() / 4
    return float(-2 * (disc.displacement(r, 0.0)[2] - disc.displacement(0.0, 0.0)[2]) / r**2)


WIDTH = 0.5
"""Of the square that stands for a wide plate [mm]."""


def laminate(
    layers: Sequence[Layer], change: float, split_up: bool = False, projected: bool = True, divisions: int = 1
) -> tuple[float, list[Floats]]:
    """Return curvature and in-plane stress at the faces of each layer, of a quarter of a square in a wide plate.

    Symmetric at x = 0 and y = 0; its other sides stay plane and perpendicular to the curved mid-plane,
    u_n = (e + kappa z) WIDTH, free of shear; e and kappa are those without net force and moment on the side. The
    infinite plate's displacements are quadratic and meet these conditions, so that they are the solution.
    """
    faces = np.cumsum([0.0, *(layer[1] for layer in layers)])
    lines = [divided(line, divisions) for line in ([0.0, 0.2, WIDTH], [0.0, 0.3, WIDTH], faces)]
    mesh = brick(lines[0], lines[1], lines[2])
    mesh = named(mesh, [layer[0] for layer in layers], lambda c: np.searchsorted(faces, c[:, 2]) - 1)
    if split_up:
        mesh = split(mesh)
    x, y, z = mesh.points.T
    side_x, side_y = x > WIDTH - NEAR, y > WIDTH - NEAR
    fixed = np.stack([(x < NEAR) | side_x, (y < NEAR) | side_y, (x < NEAR) & (y < NEAR) & (z < NEAR)], axis=1)
    one = solid.operator(mesh, np.stack([isotropic_tensor(E, nu) for _, _, E, nu, _ in layers]), projected)
    strains = np.array([[layer[4] * change] * 3 + [0.0] * 3 for layer in layers])
    load = solid.thermal_load(one, strains)
    fields, resultants = [], []
    for factor, stretch in ((1.0, 0 * z), (0.0, 1 + 0 * z), (0.0, z)):
        values = np.zeros_like(mesh.points)
        values[side_x, 0] = values[side_y, 1] = WIDTH
        values *= stretch[:, None]
        u = solve(one, factor * load, fixed, values, method="direct", tolerance=1e-12).u
        force = solid.nodal_forces(one, u, factor * strains)[side_x, 0]
        fields.append(u)
        resultants.append([force.sum(), force @ z[side_x]])
    amounts = np.linalg.solve(np.array(resultants[1:]).T, -np.array(resultants[0]))
    u = fields[0] + amounts[0] * fields[1] + amounts[1] * fields[2]
    stress = solid.stresses_of(one, solid.strains_of(one, u)[0], strains)[..., 0]
    heights = solid.places_of(one)[..., 2]
    at_faces = []
    for number in range(len(layers)):
        own = mesh.regions == number
        slope = np.polynomial.Polynomial.fit(heights[own].ravel(), stress[own].ravel(), 1)
        at_faces.append(np.asarray(slope(faces[number : number + 2])))
    return float(amounts[1]), at_faces


def divided(line: ArrayLike, divisions: int) -> Floats:
    """Return a line with every interval cut into so many."""
    line = np.asarray(line, dtype=float)
    return np.asarray(np.interp(np.arange(divisions * (len(line) - 1) + 1) / divisions, np.arange(len(line)), line))


def _laminates(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for layers, change, curvature in GOLDEN:
        used = expanding(layers, 0, 1.001) if broken else layers
        name = " / ".join(layer[0] for layer in layers)
        kappa, stress = laminate(used, change)
        # printed to seven digits; the formula itself is met to round-off
        found.append(near(f"{name}: curvature", kappa, curvature, 1e-6, "1/mm"))
        exact = plate(layers, change).stress
        for (layer, *_), computed, expected in zip(layers, stress, exact, strict=True):
            for face, one, other in zip(("lower", "upper"), computed, expected, strict=True):
                found.append(
                    near(f"{name}: {layer}, {face} face", one, other, 1e-9, "MPa", of=float(np.abs(exact).max()))
                )
    return tuple(found)


def _wide_discs(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for layers, change, curvature in GOLDEN:
        disc = wide_disc(expanding(layers, len(layers) - 1, 1.1) if broken else layers, change)
        name = " / ".join(layer[0] for layer in layers)
        found.append(near(f"{name}: curvature", bow(disc), curvature, 3e-3, "1/mm"))
        exact = plate(layers, change).stress
        top = sum(layer[1] for layer in layers)
        stress = disc.stress(0.5, top, region=layers[-1][0])[0]
        largest = float(np.abs(exact).max())
        found.append(near(f"{name}: stress of the upper face", stress, exact[-1, 1], 3e-3, "MPa", of=largest))
    return tuple(found)


def _stoney(broken: bool) -> tuple[Quantity, ...]:
    # to first order Stoney's stress is (1 - 4 M_f/M_s) t_f/t_s too high: the arm of the film's force is longer by half
    # its thickness, the plate stiffer by the film; that is 0.15 % here
    film, substrate = 0.0005, COATED[0]
    E = 3333.0 if broken else 3300.0
    layers = (substrate, ("film", film, E, 0.34, 35e-6))
    stress = limits.stoney_stress(-bow(wide_disc(layers, -100.0, 8.0)), 131e3 / 0.72, 0.3, film)
    expected = 3300.0 / 0.66 * (35e-6 - 2.6e-6) * 100.0
    return (near("film stress from the bow", stress, expected, 0.002, "MPa"),)


# Chip and board joined by a shear layer

LENGTH, THIN, GAP = 5.0, 0.05, 0.1
"""Half length or radius, thickness of chip and board of the strip, of its layer [mm]: plates that shear little."""

CHIP, BOARD, MISMATCH = 131e3, 22e3, 1.54e-3
"""Moduli [MPa] and difference of free strains [-]."""

REACHES = {0.522: 0.95, 0.763: 0.90, 1.162: 0.80, 2.514: 0.50}
"""beta R of a disc on a disc of nu = 0.28 → D, as printed."""

DISC_NU = 0.28


@cache
def strip_ends(reach: float, bends: bool, stiffness: float = 1.0) -> tuple[float, float]:
    """Return shift, tilt taken off, and pad-to-pad shift at the end of a strip, over the free mismatch [-].

    Half a strip in a slab one element thick. Poisson's ratios are zero and the layer has no stiffness along itself, so
    that nothing but the plates' length, their bending and the layer's shear is left.

    Parameters
    ----------
    reach
        beta l with straight plates [-].
    bends
        Whether both plates may bend, to the same deflection.
    stiffness
        Of the layer, over that which belongs to ``reach`` [-].
    """
    shear = GAP * (reach / LENGTH) ** 2 / (1 / (CHIP * THIN) + 1 / (BOARD * THIN))
    layer = np.diag([1e-6, 1e-6, CHIP, 1.0, 1.0, 1.0])
    layer[4, 4] = stiffness * shear
    tensors = np.stack([isotropic_tensor(BOARD, 0.0), layer, isotropic_tensor(CHIP, 0.0)])
    levels = [-THIN, 0.0, GAP, GAP + THIN]
    line = LENGTH * (1 - np.linspace(1.0, 0.0, 61) ** 1.5)
    mesh = named(
        brick(line, [0.0, 0.1], levels), ("board", "layer", "chip"), lambda c: np.searchsorted(levels, c[:, 2]) - 1
    )
    one = solid.operator(mesh, tensors)
    x, _, z = mesh.points.T
    fixed = np.zeros(mesh.points.shape, dtype=bool)
    fixed[:, 1] = True
    fixed[x < NEAR, 0] = True
    fixed[(x < NEAR) & (np.abs(z) < NEAR) if bends else np.full(len(x), True), 2] = True
    strains = np.zeros((3, 6))
    strains[0, 0] = MISMATCH
    u = solve(one, solid.thermal_load(one, strains), fixed, method="direct").u
    end = x > LENGTH - NEAR
    lower, upper = (u[end & (np.abs(z - height) < NEAR)].mean(axis=0) for height in (0.0, GAP))
    raw = lower[0] - upper[0]
    # rotation u_z,x as the mean of both plates' u_x,z
    tilt = 0.0
    if bends:
        outer = [u[end & (np.abs(z - height) < NEAR), 0].mean() for height in (-THIN, GAP + THIN)]
        tilt = -((lower[0] - outer[0]) + (outer[1] - upper[0])) / (2 * THIN)
    free = MISMATCH * LENGTH
    return float((raw - GAP * tilt) / free), float(raw / free)


def _strip(broken: bool) -> tuple[Quantity, ...]:
    return tuple(
        near(
            f"D at beta l = {reach:g}",
            strip_ends(reach, False, 1.02 if broken else 1.0)[0],
            float(limits.strip_decoupling(reach)),
            1e-3,
        )
        for reach in (0.5, 1.0, 2.5, 5.0)
    )


def _bending_strip(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for reach in (0.5, 1.0, 2.5):
        shear = (reach / LENGTH) ** 2 / (1 / (CHIP * THIN) + 1 / (BOARD * THIN))
        plates = limits.Plate(CHIP, 0.0, THIN, 0.0), limits.Plate(BOARD, 0.0, THIN, MISMATCH)
        exact = limits.bent_strip(plates, shear, GAP, LENGTH, [LENGTH])
        off, raw = strip_ends(reach, True, 1.05 if broken else 1.0)
        found.append(near(f"tilt taken off, beta l = {reach:g} if straight", off, exact.decoupling[0], 1e-2))
        found.append(near(f"pad to pad, beta l = {reach:g} if straight", raw, exact.raw_decoupling[0], 1e-2))
    return tuple(found)


SHEET = 0.02
"""Thickness of both discs and of the layer between them [mm]: edge zones are as wide as they are thick."""


def flat_disc(reach: float, nu: float) -> float:
    """Return D at the rim of a disc on a disc that both stay flat, for beta R of plates with nu = 0.28 [-].

    The layer has next to no stiffness along itself and much across: near its free edge one that had, or had not, would
    carry less shear.
    """
    shear = SHEET * (reach / LENGTH) ** 2 / (1 / (CHIP * SHEET) + 1 / (BOARD * SHEET)) / (1 - DISC_NU**2)
    along, none = 1e-3 * shear, Property((0.0,))
    constants = (along, along, 100 * shear, 0.0, 0.0, 0.0, along, shear, shear)
    layer = Material("layer", Orthotropic(*(Property((each,)) for each in constants)), Expansion(none, none, none))
    board, spacer, chip = stack(
        (("board", SHEET, BOARD, nu, MISMATCH), ("layer", SHEET, 1.0, 0.0, 0.0), ("chip", SHEET, CHIP, nu, 0.0)), LENGTH
    )
    cell = JointCell((board, replace(spacer, material=layer), chip), "held_flat", "flat")
    one = solve_cell(cell, CellLoad(temperature_change=1.0))
    shift = one.displacement(LENGTH, SHEET)[0] - one.displacement(LENGTH, 2 * SHEET)[0]
    return float(shift / (MISMATCH * LENGTH))


def _disc(broken: bool) -> tuple[Quantity, ...]:
    return tuple(
        near(f"D at beta R = {reach}", flat_disc(reach, 0.18 if broken else DISC_NU), value, 1e-3)
        for reach, value in REACHES.items()
    )


RADIUS, DIE, LAYER, LAMINATE = 5.0, 0.3, 0.2, 1.0
"""Disc chip on a disc board through a layer: radius and thicknesses [mm]."""

SUHIR = {
    1000.0: (0.337, 0.174),
    300.0: (0.466, 0.335),
    100.0: (0.642, 0.553),
    30.0: (0.831, 0.787),
    10.0: (0.932, 0.914),
}
"""Shear modulus of the layer [MPa] → raw pad to pad and tilt taken off, other finite elements to 1 % [-]."""


def bent_rim(shear_modulus: float, board_expands: float = 18e-6) -> tuple[float, float]:
    """Return mismatch at the rim of bending discs, raw and with both bodies' tilt taken off [-].

    The tilt is the mean of both bodies' rotations, u_r,z through their thickness, as that of the strip.

    Chip 131 GPa, board 22 GPa, both nu 0.28, 15.4 ppm/K apart, cooled by 100 K; layer nu 0.3, expanding as the mean.
    """
    cooling, alpha_chip, alpha_board = -100.0, 2.6e-6, 18e-6
    layers: tuple[Layer, ...] = (
        ("board", LAMINATE, BOARD, 0.28, board_expands),
        ("layer", LAYER, 2.6 * shear_modulus, 0.3, (alpha_chip + alpha_board) / 2),
        ("chip", DIE, CHIP, 0.28, alpha_chip),
    )
    cell = JointCell(stack(layers, RADIUS), "free", "free")
    one = solve_cell(cell, CellLoad(temperature_change=cooling))
    free = (alpha_board - alpha_chip) * cooling * RADIUS
    raw = one.displacement(RADIUS, LAMINATE)[0] - one.displacement(RADIUS, LAMINATE + LAYER)[0]
    bodies = (0.0, LAMINATE), (LAMINATE + LAYER, LAMINATE + LAYER + DIE)
    turns = [(one.displacement(RADIUS, hi)[0] - one.displacement(RADIUS, lo)[0]) / (hi - lo) for lo, hi in bodies]
    tilt = -np.mean(turns)
    return float(raw / free), float((raw - LAYER * tilt) / free)


def _bending_disc(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for shear_modulus, (raw, off) in SUHIR.items():
        computed = bent_rim(shear_modulus, 18.54e-6 if broken else 18e-6)
        found.append(near(f"pad to pad, G = {shear_modulus:g} MPa", computed[0], raw, 0.01))
        found.append(near(f"tilt taken off, G = {shear_modulus:g} MPa", computed[1], off, 0.01))
    return tuple(found)


DISC_ON_DISC = (limits.Plate(131e3, 0.28, 0.3, 0.0), limits.Plate(22e3, 0.28, 1.0, 1.54e-3))

PLATE_THEORY = {1000: (0.348, 0.191), 300: (0.474, 0.347), 100: (0.647, 0.561), 30: (0.833, 0.792), 10: (0.933, 0.917)}
"""Shear modulus of the layer [MPa] → raw pad to pad and tilt taken off, plate theory as printed."""


BEAMS = {(0.5, 0.30): 0.7959, (0.5, 0.49): 0.8172, (1.0, 0.30): 0.6094, (1.0, 0.49): 0.6413}
"""h/d and nu → K h/(G A) by Timoshenko and Cowper."""


def _formulas(broken: bool) -> tuple[Quantity, ...]:
    nu = 0.18 if broken else 0.28
    found = [
        within(f"flat disc, D at beta R = {reach}", float(limits.disc_decoupling(reach, nu)), value, 1e-4)
        for reach, value in REACHES.items()
    ]
    for shear_modulus, (raw, off) in PLATE_THEORY.items():
        rim = limits.bent_disc(DISC_ON_DISC, shear_modulus / 0.2, 0.2, 5.0, (5.0, 5.0), [5.0])
        found.append(within(f"bending disc, G = {shear_modulus} MPa, raw", rim.raw_decoupling[0], raw, 1e-3))
        found.append(within(f"bending disc, G = {shear_modulus} MPa, tilt off", rim.decoupling[0], off, 1e-3))
    bow_of_two = limits.layered_plate([1.0, 0.3], [22e3 / (1 - nu), 131e3 / (1 - nu)], [-18e-4, -2.6e-4])
    found.append(within("silicon on FR4, curvature", bow_of_two.curvature, 1.745786e-3, 5e-10, "1/mm"))
    found.append(within("silicon on FR4, stress at the bond", bow_of_two.stress[1, 0], -74.107, 5e-4, "MPa"))
    sphere = limits.concentric_spheres([0.10, 0.11], [4800, 117e3], [0.36, 0.34], [40e-4, 17e-4])
    found.append(within("coated sphere, pressure", sphere.pressure[0], 25.663, 5e-4, "MPa"))
    found.append(within("coated sphere, hoop inside", sphere.hoop[1, 0], 129.13, 5e-3, "MPa"))
    ring = limits.concentric_cylinders([0.10, 0.25], [200, 2000], [0.45, 0.40], [-100e-4, -60e-4])
    found.append(within("cylinder in ring, sigma_rr at the wall", ring.radial[0], 3.6559, 5e-5, "MPa"))
    for (slenderness, ratio), value in BEAMS.items():
        stiffness = limits.guided_post_stiffness(1.0, ratio, 1.0, slenderness) * slenderness
        factor = stiffness / (float(limits.shear_modulus(1.0, ratio)) * np.pi / 4)
        found.append(within(f"guided beam, h/d = {slenderness}, nu = {ratio}", factor, value, 5e-5))
    for name, (pair, edge, foot) in PAIRS.items():
        E, ratios = zip(*pair, strict=True)
        for corner, angle, exponent in (("free edge", 90.0, edge), ("soft foot", 180.0, foot)):
            roots = limits.singular_exponents(E, ratios, (angle, 90.0))
            found.append(within(f"{name}, {corner}: exponent", roots[0].real, exponent, 1e-3))
    return tuple(found)


LAYERED = (
    Law(
        "laminates",
        "A laminate in a wide plate is Timoshenko's bimetal and Hsueh's stack, by hexahedra",
        "sigma_i = M_i (e + kappa z - e_i) without net force and moment; quadratic displacements, so exact",
        "S. Timoshenko, J. Opt. Soc. Am. 11 (1925) 233; C. H. Hsueh, J. Appl. Phys. 91 (2002) 9652",
        "the lowest layer expands 0.1 % too much",
        _laminates,
    ),
    Law(
        "wide-discs",
        "A free laminate bows like its plate, by the joint cell",
        "the same far from the edge of a disc of 20 thicknesses; the edge is worth 0.3 %",
        "S. Timoshenko, J. Opt. Soc. Am. 11 (1925) 233; C. H. Hsueh, J. Appl. Phys. 91 (2002) 9652",
        "the uppermost layer expands 10 % too much",
        _wide_discs,
        quick=False,
    ),
    Law(
        "stoney",
        "A thin film bends its substrate as Stoney says",
        "sigma_f = E_s t_s^2 kappa/[6 t_f (1-nu_s)] to 0.2 % for t_f = t_s/600: his neglect of the film's thickness "
        "and stiffness is worth (1 - 4 M_f/M_s) t_f/t_s = 0.15 %",
        "G. G. Stoney, Proc. R. Soc. A 82 (1909) 172, biaxial",
        "the film's modulus 1 % too high",
        _stoney,
        quick=False,
    ),
    Law(
        "shear-lag-strip",
        "A strip that stays straight decouples like tanh(beta l)/(beta l)",
        "beta^2 = k [1/(E_1 t_1) + 1/(E_2 t_2)], k = G/h; a slab of hexahedra in plane strain",
        "W. T. Chen and C. W. Nelson, IBM J. Res. Dev. 23 (1979) 179",
        "the shear layer 2 % too stiff",
        _strip,
    ),
    Law(
        "shear-lag-disc",
        "A disc on a disc that stay flat decouples like I_1",
        "w = A I_1(beta r), beta^2 = k (1-nu^2) [1/(E_1 t_1) + 1/(E_2 t_2)]; by the joint cell",
        "equilibrium of two plates in biaxial stress; printed to two digits of D and three of beta R",
        "Poisson's ratio of chip and board 0.18 instead of 0.28",
        _disc,
    ),
    Law(
        "suhir-strip",
        "A strip that bends adds Suhir's compliance",
        "beta^2 = k [1/B_1 + 1/B_2 + (h_1+h_2+2h_0)^2/(4(D_1+D_2))]; both plates deflect alike",
        "E. Suhir, J. Appl. Mech. 53 (1986) 657",
        "the shear layer 5 % too stiff",
        _bending_strip,
    ),
    Law(
        "suhir-disc",
        "A disc package that bends decouples as by other finite elements",
        "pad to pad, raw and with the tilt taken off, to 1 %; the table does not say which tilt: here the mean of "
        "both bodies' u_r,z through their thickness",
        "other finite elements to 1 %; plate theory of E. Suhir, J. Appl. Mech. 53 (1986) 657, is 0 to 10 % above",
        "the board expands 3 % too much",
        _bending_disc,
        quick=False,
    ),
    Law(
        "formulas",
        "The closed forms of `estimate` reproduce printed figures",
        "discs, laminates, coated sphere, cylinder in ring, beams, singular corners: one unit of the last digit",
        "as the laws of this dossier on each",
        "Poisson's ratio of chip and board 0.18 instead of 0.28",
        _formulas,
    ),
)
"""The laws of this family."""
