"""What holds to round-off: rigid motions, uniform strain, free expansion, constraint, superposition, units, mirrors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..elasticity import harmonic
from ..joint.cell import CellLoad, CellSolution, JointCell, solve_cell
from ..materials.model import Expansion, Isotropic, Material, Orthotropic, Property, isotropic, stiffness
from ..mesh.outline import HalfDisc, Outline, Polygon
from ..mesh.section import Floats, SectionMesh
from ..mesh.solid import Bools, SolidMesh
from ..solid import operator as solid
from ..solid.solve import solve
from ..solid.supports import MOTIONS, rigid_motions
from ..units import Kind, parse
from .axisymmetric import HOOP_STRAIN, TURNING, Fields, field, filled_in, system
from .bricks import (
    NEAR,
    SHAPES,
    border,
    cube,
    isotropic_tensor,
    mapped,
    named,
    orthotropic_tensor,
    split,
    warped,
)
from .law import Law, Quantity, near, vanishing, within
from .sections import COARSE, COPPER, EVERYTHING, curved, device, post, regular

ROUND_OFF = "exact; the tolerance is round-off"

DEVICE_PLACES = np.array([[0.0, -0.2], [0.1, 0.01], [0.137, 0.18], [0.0, 0.12], [0.05, 0.3], [0.3, 0.5]])
"""Places (r, z) in the device, one in each part that matters [mm]."""


# Rigid motions

RIGID: dict[str, tuple[int, Fields]] = {
    "lift, m = 0": (0, (lambda r, z: 0.0, lambda r, z: 0.0, lambda r, z: 1.0)),
    "turn about the axis, m = 0": (0, (lambda r, z: 0.0, lambda r, z: r, lambda r, z: 0.0)),
    "shift, m = 1": (1, (lambda r, z: 1.0, lambda r, z: -1.0, lambda r, z: 0.0)),
    "rocking, m = 1": (1, (lambda r, z: z, lambda r, z: -z, lambda r, z: -r)),
}
"""Rigid motions of the harmonics."""


def _rigid_section(broken: bool) -> tuple[Quantity, ...]:
    mesh = curved()
    found = []
    for name, (m, functions) in RIGID.items():
        one, u = system(mesh, m, lacking=TURNING if broken else None), field(mesh, functions)
        entries = abs(one.stiffness) @ np.abs(u)
        found.append(vanishing(name, np.abs(one.stiffness @ u).max() / entries.max(), 1e-12))
    return tuple(found)


def _rigid_solid(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for kind, mesh in (("hexahedra", cube(2)), ("tetrahedra", split(cube(2)))):
        one = solid.operator(three_parts(mapped(mesh, warped)), TENSORS)
        entries = abs(one.stiffness.assembled())
        motions = rigid_motions(one.mesh.points)
        if broken:
            motions = motions * np.where(np.arange(3) == 0, -1.0, 1.0)[:, None]
        for name, motion in zip(MOTIONS, np.moveaxis(motions, 2, 0), strict=True):
            scale = (entries @ np.abs(motion).ravel()).max()
            found.append(vanishing(f"{name}, {kind}", np.abs(one.stiffness @ motion).max() / scale, 1e-12))
    return tuple(found)


MODES = {0: 2, 1: 2, 2: 0}
"""Rigid motions that each harmonic has: lift and turn, shift and rocking, none."""


def _rigid_count(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for m, count in MODES.items():
        one = system(regular(2), m, lacking=TURNING if broken else None)
        free = harmonic.axis_constraints(one.strain.space, m)
        values = np.linalg.eigvalsh((free.T @ one.stiffness @ free).toarray())
        found.append(within(f"harmonic m = {m}", float((values < 1e-10 * values.max()).sum()), count, 0.5))
    body = solid.operator(mapped(cube(1), warped), TENSORS[:1])
    values = np.linalg.eigvalsh(body.stiffness.assembled().toarray())
    found.append(within("solid body", float((values < 1e-10 * values.max()).sum()), 6, 0.5))
    return tuple(found)


# Uniform strain

UNIFORM: dict[str, tuple[int, Fields, tuple[float, ...]]] = {
    "hoop": (0, (lambda r, z: r, lambda r, z: 0.0, lambda r, z: 0.0), (1, 1, 0, 0, 0, 0)),
    "axial": (0, (lambda r, z: 0.0, lambda r, z: 0.0, lambda r, z: z), (0, 0, 1, 0, 0, 0)),
    "uniaxial": (0, (lambda r, z: -0.3 * r, lambda r, z: 0.0, lambda r, z: z), (-0.3, -0.3, 1, 0, 0, 0)),
    "simple shear": (1, (lambda r, z: z, lambda r, z: -z, lambda r, z: 0.0), (0, 0, 0, -1, 1, 0)),
    "shear by tilting": (1, (lambda r, z: 0.0, lambda r, z: 0.0, lambda r, z: r), (0, 0, 0, -1, 1, 0)),
    "in-plane shear": (2, (lambda r, z: r, lambda r, z: -r, lambda r, z: 0.0), (1, -1, 0, 0, 0, -2)),
}
"""States of uniform strain: harmonic, displacement, amplitudes of the strain."""


def _patch_section(broken: bool) -> tuple[Quantity, ...]:
    mesh = curved()
    found = []
    for name, (m, functions, expected) in UNIFORM.items():
        one = system(mesh, m, lacking=HOOP_STRAIN if broken else None)
        strains = harmonic.strains(one, filled_in(one, field(mesh, functions)))
        found.append(vanishing(f"{name}, m = {m}: largest deviation", np.abs(strains - expected).max(), 1e-10))
    return tuple(found)


GRADIENT = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0], [0.3, 0.7, 1.1]]) * 1e-3
"""Of the patch test's displacement [-]."""

UNIFORM_STRAIN = np.array([1.0, -1.0, 1.1, 2.7, 3.3, 2.5]) * 1e-3
"""Its strain, Voigt [-]."""

TENSORS = np.stack([isotropic_tensor(1000.0, 0.3), orthotropic_tensor(), isotropic_tensor(5.0, 0.499)])
"""A steady solid, a laminate and a rubber [MPa]."""


def three_parts(mesh: SolidMesh) -> SolidMesh:
    """Return a body of eight elements, or their tetrahedra, with three materials side by side."""
    halves = mesh.points[mesh.cells].mean(axis=1) > mesh.points.mean(axis=0)
    return named(mesh, ("steady", "laminate", "rubber"), lambda _: halves[:, 0] * 1 + halves[:, 2] * 1)


def held_on_border(one: solid.Operator, box: SolidMesh, exact: Floats, load: Floats | None = None) -> Floats:
    """Return the displacement that has exact values on the border of a mapped brick, shape (n, 3) [mm]."""
    fixed = np.repeat(border(box)[:, None], 3, axis=1)
    load = np.zeros_like(exact) if load is None else load
    return solve(one, load, fixed, exact, method="direct", tolerance=1e-12).u


def _patch_solid(broken: bool) -> tuple[Quantity, ...]:
    tensors = np.stack([TENSORS[1], (1.1 if broken else 1.0) * TENSORS[1], TENSORS[1]])
    found = []
    for kind, box in (("hexahedra", cube(2)), ("tetrahedra", split(cube(2)))):
        for shape, image in SHAPES.items():
            one = solid.operator(mapped(three_parts(box), image), tensors)
            strains, _ = solid.strains_of(one, held_on_border(one, box, one.mesh.points @ GRADIENT.T))
            deviation = np.abs(strains - UNIFORM_STRAIN).max() / np.abs(UNIFORM_STRAIN).max()
            found.append(vanishing(f"{shape} {kind}: largest deviation", deviation, 1e-9))
    return tuple(found)


def bent(nu: float) -> Fields:
    """Return pure bending, e_zz = x, of a solid of this Poisson's ratio."""
    return (lambda r, z: -(z**2 + nu * r**2) / 2, lambda r, z: (z**2 - nu * r**2) / 2, lambda r, z: r * z)


def _bending(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for nu in (0.3, 0.4999):
        wrong = nu - 0.02 if broken else nu
        mesh = regular(3)
        one = system(mesh, 1, nu=wrong)
        energy = harmonic.strain_energy(one, filled_in(one, field(mesh, bent(nu)))).sum()
        found.append(near(f"energy of a round bar, m = 1, nu = {nu}", energy, 1000.0 * np.pi / 8, 1e-9, "N mm"))
        box = cube(2)
        body = solid.operator(box, isotropic_tensor(1000.0, wrong)[None])
        x, y, z = box.points.T
        u = held_on_border(body, box, np.stack([-(z**2 + nu * (x**2 - y**2)) / 2, -nu * x * y, x * z], axis=1))
        energy = solid.energies(body, u, np.zeros((1, 6))).sum()
        found.append(near(f"energy of a cube, hexahedra, nu = {nu}", energy, 1000.0 / 6, 1e-9, "N mm"))
    return tuple(found)


# Free strain


def of_one_material(cell: JointCell, material: Material) -> JointCell:
    """Return a cell with all regions of one material."""
    return replace(
        cell, regions=tuple(r if r.material is None else replace(r, material=material) for r in cell.regions)
    )


def _expansion(broken: bool) -> tuple[Quantity, ...]:
    change, alpha = 100.0, 17e-6
    cell = of_one_material(JointCell(device(), "free", "free", grading=COARSE), COPPER)
    if broken:
        odd = isotropic("odd", 117e3, 0.34, 2 * alpha)
        cell = replace(cell, regions=tuple(replace(r, material=odd) if r.name == "core" else r for r in cell.regions))
    heated = solve_cell(cell, CellLoad(temperature_change=change))
    locked = 1.5 * (alpha * change) ** 2 * 117e3 / (1 - 2 * 0.34) * sum(heated.volume.values())
    growth = heated.displacement(0.3, 0.5)[0] / 0.3
    found = [
        vanishing("joint cell: energy over that of the locked body", sum(heated.energy.values()) / locked, 1e-16),
        near("joint cell: radial growth", growth, alpha * change, 1e-10),
    ]
    box = cube(2)
    for kind, mesh in (("hexahedra", box), ("tetrahedra", split(box))):
        one = solid.operator(three_parts(mapped(mesh, warped)), TENSORS)
        coefficients = np.array([2e-5, 4e-5 if broken else 2e-5, 2e-5])
        strains = coefficients[:, None] * change * np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
        u = solve(one, solid.thermal_load(one, strains), pinned(box), method="direct", tolerance=1e-12).u
        energy = solid.energies(one, u, strains).sum() / solid.locked_energy(one, strains)
        found.append(vanishing(f"solid, {kind}: energy over that of the locked body", energy, 1e-16))
    return tuple(found)


def pinned(box: SolidMesh) -> Bools:
    """Return six components that hold a mapped unit cube: a corner, an axis through it, a plane."""
    fixed = np.zeros(box.points.shape, dtype=bool)
    x, y, z = box.points.T
    corner = (x < NEAR) & (y < NEAR)
    fixed[corner & (z < NEAR)] = True
    fixed[corner & (z > 1 - NEAR), :2] = True
    fixed[(x > 1 - NEAR) & (y < NEAR) & (z < NEAR), 1] = True
    return fixed


def _constraint(broken: bool) -> tuple[Quantity, ...]:
    E, nu, alpha, change = 3300.0, 0.34, 35e-6, -100.0
    used = nu - 0.01 if broken else nu
    exact = -E * alpha * change / (1 - 2 * nu)
    cell = post(0.2, 0.3, isotropic("polyimide", E, used, alpha), COARSE)
    cooled = solve_cell(replace(cell, sides={"post": 0.0}), CellLoad(temperature_change=change))
    found = [
        near(f"joint cell: {name}", value, exact, 1e-10, "MPa")
        for name, value in zip(("sigma_xx", "sigma_yy", "sigma_zz"), cooled.mean_stress("post"), strict=False)
    ]
    box = cube(2)
    one = solid.operator(mapped(box, warped), isotropic_tensor(E, used)[None])
    strains = alpha * change * np.array([[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]])
    u = held_on_border(one, box, np.zeros_like(box.points), solid.thermal_load(one, strains))
    stress = solid.stresses_of(one, solid.strains_of(one, u)[0], strains)
    worst = stress[..., :3].ravel()[np.argmax(np.abs(stress[..., :3] - exact))]
    found.append(near("solid, warped hexahedra: normal stress farthest off", worst, exact, 1e-9, "MPa"))
    return tuple(found)


def _film(broken: bool) -> tuple[Quantity, ...]:
    E, nu, alpha, change, thickness = 2.0, 0.499, 290e-6, 10.0, 0.1
    film = post(2.0, thickness, isotropic("silicone", E, nu - 0.001 if broken else nu, alpha))
    pulled = solve_cell(replace(film, sides={"post": "straight"}), CellLoad(axial=1e-4))
    heated = solve_cell(replace(film, top="free", sides={"post": 0.0}), CellLoad(temperature_change=change))
    modulus = E * (1 - nu) / ((1 + nu) * (1 - 2 * nu))
    growth = alpha * (1 + nu) / (1 - nu) * change * thickness
    return (
        near("confined modulus", pulled.reaction().axial / np.pi / (1e-4 / thickness), modulus, 1e-9, "MPa"),
        near("growth of the thickness", heated.mean_displacement("top")[2], growth, 1e-9, "mm"),
        near("in-plane stress", heated.mean_stress("post")[0], -E * alpha * change / (1 - nu), 1e-7, "MPa"),
    )


# The answer as a function of its data


def _everything() -> tuple[JointCell, CellSolution]:
    cell = JointCell(device(), grading=COARSE)
    return cell, solve_cell(cell, EVERYTHING)


def _superposition(broken: bool) -> tuple[Quantity, ...]:
    cell, whole = _everything()
    parts = [
        solve_cell(cell, CellLoad(temperature_change=-50.0)),
        solve_cell(cell, CellLoad(axial=0.5e-3, rocking=1.5e-3)),
        solve_cell(cell, CellLoad(lateral=1.001e-3 if broken else 1e-3)),
    ]
    shown = whole.displacements(DEVICE_PLACES, theta=0.7)
    added = sum(2.0 * part.displacements(DEVICE_PLACES, theta=0.7) for part in parts)
    found = [vanishing("displacement: largest deviation", np.abs(added - shown).max() / np.abs(shown).max(), 1e-10)]
    for name, unit in (("axial", "N"), ("lateral", "N"), ("moment", "N mm")):
        total = sum(2.0 * getattr(part.reaction(), name) for part in parts)
        found.append(near(f"{name} reaction", total, getattr(whole.reaction(), name), 1e-9, unit))
    return tuple(found)


def scaled_outline(outline: Outline, factor: float) -> Outline:
    """Return an outline with all lengths times ``factor`` [-]."""
    if isinstance(outline, Polygon):
        return Polygon(tuple((factor * r, factor * z) for r, z in outline.corners))
    return HalfDisc(*(factor * length for length in (outline.centre, outline.radius, outline.below, outline.above)))


def _units(broken: bool) -> tuple[Quantity, ...]:
    _, here = _everything()
    length, modulus = 2.0**10, 2.0**-10
    force = modulus * length**2

    def converted(material: Material, name: str) -> Material:
        assert isinstance(material.elasticity, Isotropic)
        factor = 1.0 if broken and name == "cylinder" else modulus
        nu, alpha = material.elasticity.nu(300.0), material.expansion.x(300.0)
        return isotropic(material.name, factor * material.elasticity.E(300.0), nu, alpha)

    regions = tuple(
        replace(
            region,
            outline=scaled_outline(region.outline, length),
            material=None if region.material is None else converted(region.material, region.name),
        )
        for region in device()
    )
    load = replace(EVERYTHING, axial=length * EVERYTHING.axial, lateral=length * EVERYTHING.lateral)
    there = solve_cell(JointCell(regions, grading=COARSE), load)
    ours, theirs = here.displacements(DEVICE_PLACES), there.displacements(length * DEVICE_PLACES) / length
    return (
        near("lateral reaction", there.reaction().lateral / force, here.reaction().lateral, 1e-9, "N"),
        near("moment", there.reaction().moment / force / length, here.reaction().moment, 1e-9, "N mm"),
        vanishing("displacement: largest deviation", np.abs(theirs - ours).max() / np.abs(ours).max(), 1e-8),
    )


def upside_down(mesh: SectionMesh) -> SectionMesh:
    """Return a section mirrored in z, its triangles turned so that they are not inside out."""
    return replace(mesh, points=mesh.points * [1.0, -1.0], triangles=mesh.triangles[:, [0, 2, 1, 5, 4, 3]])


def left_right(mesh: SolidMesh) -> SolidMesh:
    """Return hexahedra mirrored in x, their nodes in mirrored order."""
    order = np.arange(27).reshape(3, 3, 3)[:, :, ::-1].ravel()
    return replace(mesh, points=mesh.points * [-1.0, 1.0, 1.0], cells=mesh.cells[:, order])


def _mirror(broken: bool) -> tuple[Quantity, ...]:
    sign = 1.0 if broken else -1.0
    mesh = curved()
    shift: Fields = (lambda r, z: z * r, lambda r, z: -z * r + 0.3 * r, lambda r, z: r * z**2)
    image: Fields = (lambda r, z: -z * r, lambda r, z: z * r + 0.3 * r, lambda r, z: sign * r * z**2)
    one, other = system(mesh, 1), system(upside_down(mesh), 1)
    u = filled_in(one, field(mesh, shift)).reshape(-1, 3)
    v = filled_in(other, field(other.strain.space.mesh, image)).reshape(-1, 3)
    found = [vanishing("section upside down, m = 1", np.abs(v * [1, 1, -1] - u).max() / np.abs(u).max(), 1e-9)]
    box = cube(2)
    body = three_parts(mapped(box, warped))
    stretch = body.points**2 @ GRADIENT.T
    direct = held_on_border(solid.operator(body, TENSORS), box, stretch)
    flipped = held_on_border(solid.operator(left_right(body), TENSORS), box, stretch * [sign, 1.0, 1.0])
    deviation = np.abs(flipped * [-1.0, 1.0, 1.0] - direct).max() / np.abs(direct).max()
    return (*found, vanishing("solid left for right, hexahedra", deviation, 1e-9))


def _reciprocity(broken: bool) -> tuple[Quantity, ...]:
    cell = JointCell(device(), grading=COARSE)
    shift, rocking, pulled, heated = (
        solve_cell(cell, load)
        for load in (
            CellLoad(lateral=1.0),
            CellLoad(rocking=1.0),
            CellLoad(axial=1.0),
            CellLoad(temperature_change=1.0),
        )
    )
    growth = {name: material.expansion.x(300.0) for name, material in cell.materials.items()}
    if broken:
        growth["cylinder"] /= 2
    work = sum(pulled.mean_stress(name)[:3].sum() * growth[name] * volume for name, volume in pulled.volume.items())
    return (
        near("moment of a unit shift", shift.reaction().moment, rocking.reaction().lateral, 1e-8, "N"),
        near("force of held ends per kelvin", -work, heated.reaction().axial, 1e-8, "N/K"),
    )


WRITTEN: tuple[tuple[str, Kind, float, str], ...] = (
    ("5 um", "length", 5e-3, "mm"),
    ("12 mil", "length", 0.3048, "mm"),
    ("131 GPa", "stress", 131e3, "MPa"),
    ("2000 psi", "stress", 13.789514586336, "MPa"),
    ("2.6 ppm/K", "expansion", 2.6e-6, "1/K"),
    ("-40 degC", "temperature", 233.15, "K"),
    ("30 deg", "angle", np.pi / 6, "rad"),
    ("130 nOhm*m", "resistivity", 1.3e-4, "Ohm mm"),
    ("58 W/(m K)", "conductivity", 58.0, "mW/(mm K)"),
    ("20 mOhm", "resistance", 20.0, "mOhm"),
    ("1.5 mN", "force", 1.5e-3, "N"),
)
"""As it is written, its kind, and what it is inside the program."""


def _written(broken: bool) -> tuple[Quantity, ...]:
    return tuple(
        near(text, parse(text.replace("GPa", "MPa") if broken else text, kind), value, 1e-12, unit)
        for text, kind, value, unit in WRITTEN
    )


WOVEN = {"E_x": 24e3, "E_y": 20e3, "E_z": 10e3, "nu_xy": 0.15, "nu_xz": 0.35, "nu_yz": 0.3}
WOVEN |= {"G_xy": 6e3, "G_xz": 4e3, "G_yz": 3e3}
"""Constants of a woven laminate, in the order of `Orthotropic` [MPa], [-]."""


def turned(C: Floats, angle: float) -> Floats:
    """Return a stiffness in axes turned about z, through the fourth-order tensor."""
    tensor = np.zeros((3, 3, 3, 3))
    for a, (i, j) in enumerate(solid.VOIGT):
        for b, (k, m) in enumerate(solid.VOIGT):
            for p, q in {(i, j), (j, i)}:
                for s, t in {(k, m), (m, k)}:
                    tensor[p, q, s, t] = C[a, b]
    c, s = np.cos(angle), np.sin(angle)
    R = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    rotated = np.einsum("ia,jb,kc,ld,abcd->ijkl", R, R, R, R, tensor)
    return np.array([[rotated[i, j, k, m] for k, m in solid.VOIGT] for i, j in solid.VOIGT])


def woven_compliance() -> Floats:
    """Return the compliance that the constants stand for, nu_ij = -e_j/e_i under stress along i, (6, 6) [1/MPa]."""
    compliance = np.diag([1 / WOVEN[name] for name in ("E_x", "E_y", "E_z", "G_yz", "G_xz", "G_xy")])
    for i, j, ratio in ((0, 1, "nu_xy"), (0, 2, "nu_xz"), (1, 2, "nu_yz")):
        compliance[i, j] = compliance[j, i] = -WOVEN[ratio] / WOVEN["E_x" if i == 0 else "E_y"]
    return compliance


def _orthotropic(broken: bool) -> tuple[Quantity, ...]:
    growth = Expansion(Property((14e-6,)), Property((18e-6,)), Property((60e-6,)))
    constants = {**WOVEN, "E_x": 25e3} if broken else WOVEN
    woven = Material("laminate", Orthotropic(*(Property((value,)) for value in constants.values())), growth)
    exact = woven_compliance()
    C, turns = np.asarray(np.linalg.inv(exact), dtype=np.float64), np.radians(np.arange(0, 360, 10))
    average = np.linalg.inv(np.mean([turned(C, turn) for turn in turns], axis=0))
    cell = post(1.0, 1.0, woven, COARSE, bottom="held_flat", top="held_flat")
    pulled = solve_cell(cell, CellLoad(axial=1e-3))
    heated = solve_cell(replace(cell, bottom="free", top="free"), CellLoad(temperature_change=1.0))
    box = cube(1)
    x, y, z = box.points.T
    fixed = np.stack([x < NEAR, y < NEAR, (z < NEAR) | (z > 1 - NEAR)], axis=1)
    values = np.where(z[:, None] > 1 - NEAR, [0.0, 0.0, 1e-3], 0.0)
    one = solid.operator(box, stiffness(woven, 300.0)[None])
    u = solve(one, np.zeros_like(values), fixed, values, method="direct").u
    return (
        near("cell: force of a pull of 0.1 %", pulled.reaction().axial, 1e-3 / average[2, 2] * np.pi / 4, 1e-9, "N"),
        near("cell: its contraction", pulled.mean_stretch("top"), 1e-3 * average[0, 2] / average[2, 2], 1e-9),
        near("cell: in-plane expansion", heated.mean_stretch("top"), 16e-6, 1e-9),
        near("cube: contraction along x", u[x > 1 - NEAR, 0].mean(), 1e-3 * exact[0, 2] / exact[2, 2], 1e-9),
        near("cube: contraction along y", u[y > 1 - NEAR, 1].mean(), 1e-3 * exact[1, 2] / exact[2, 2], 1e-9),
    )


EXACTNESS = (
    Law(
        "rigid-section",
        "A rigid motion of a section asks for no force",
        "K u = 0 for lift, turn, shift U = 1, V = -1 and rocking U = z, V = -z, W = -r, on curved elements",
        f"kinematics, {ROUND_OFF}",
        "the term -V/r of the shear strain g_rt is dropped",
        _rigid_section,
    ),
    Law(
        "rigid-solid",
        "A rigid motion of a solid asks for no force",
        "K u = 0 for three translations and three rotations, three materials, warped elements",
        f"kinematics, {ROUND_OFF}",
        "the displacement along x has the wrong sign",
        _rigid_solid,
    ),
    Law(
        "rigid-modes",
        "Every model has as many rigid motions as its kinematics says",
        "zero eigenvalues of K: 2 for m = 0 and m = 1, none for m = 2, 6 for a solid",
        "kinematics",
        "the term -V/r of the shear strain g_rt is dropped",
        _rigid_count,
    ),
    Law(
        "patch-section",
        "A uniform strain is met exactly on curved elements of a section",
        "six states for m = 0, 1, 2, prescribed on the border",
        f"patch test: B. M. Irons and A. Razzaque (1972); {ROUND_OFF}",
        "the term U/r of the hoop strain is dropped",
        _patch_section,
    ),
    Law(
        "patch-solid",
        "A uniform strain is met exactly by hexahedra and tetrahedra of any shape",
        "u = G x with all six strains, prescribed on the border of an orthotropic body",
        f"patch test: B. M. Irons and A. Razzaque (1972); {ROUND_OFF}",
        "some elements are 10 % stiffer than the others",
        _patch_solid,
    ),
    Law(
        "bending",
        "Pure bending is met exactly, near incompressibility too",
        "e_zz = x: energy E I L/2, nu = 0.3 and 0.4999",
        f"Saint-Venant; {ROUND_OFF}",
        "Poisson's ratio 0.02 too low",
        _bending,
    ),
    Law(
        "free-expansion",
        "A body of one expansion grows without stress",
        "u = alpha dT x, no energy; a device of one material, a solid of three that expand alike",
        f"thermoelasticity, {ROUND_OFF}",
        "one part expands twice as much",
        _expansion,
    ),
    Law(
        "full-constraint",
        "A body that cannot expand is under uniform pressure",
        "sigma = -E alpha dT/(1 - 2 nu)",
        f"Hooke's law, {ROUND_OFF}",
        "Poisson's ratio 0.01 too low",
        _constraint,
    ),
    Law(
        "confined-film",
        "A film on a rigid plane has its confined modulus, growth and stress",
        "M = E(1-nu)/((1+nu)(1-2nu)), alpha(1+nu)/(1-nu), sigma = -E alpha dT/(1-nu); nu = 0.499",
        f"Hooke's law, {ROUND_OFF}",
        "Poisson's ratio 0.001 too low",
        _film,
    ),
    Law(
        "superposition",
        "Answers to temperature, pull, shift and rocking add up",
        "u(a + b) = u(a) + u(b), u(2 a) = 2 u(a), of a device of eight parts",
        f"linearity, {ROUND_OFF}",
        "one of the loads is 0.1 % too large",
        _superposition,
    ),
    Law(
        "orthotropic",
        "An orthotropic material has its constants, and enters the joint cell by its average about the axis",
        "nu_ij = -e_j/e_i under stress along i; pull by C or, in the cell, by its mean over rotations of the tensor",
        f"tensor algebra, {ROUND_OFF}",
        "one of its moduli 25 instead of 24 GPa",
        _orthotropic,
    ),
    Law(
        "written-units",
        "Text with units is read as the number that it means",
        "lengths, stresses, expansions, temperatures, angles, resistivities, conductivities, resistances, forces",
        "definitions of the SI; 1 in = 25.4 mm, 1 psi = 6894.757293168 Pa",
        "a modulus in GPa is written in MPa",
        _written,
    ),
    Law(
        "units",
        "A change of units changes nothing",
        "lengths in units of 2^-10, moduli in units of 2^10",
        f"dimensional analysis, {ROUND_OFF}",
        "the modulus of one part is read in the old unit",
        _units,
    ),
    Law(
        "mirror",
        "The mirror image of a body answers with the mirror image",
        "a section upside down under m = 1, a solid of three materials left for right",
        f"symmetry, {ROUND_OFF}",
        "one component of the prescribed displacement is not mirrored",
        _mirror,
    ),
    Law(
        "reciprocity",
        "Forces of one load do on the motions of another what those do on its own",
        "moment of a unit shift = force of a unit rocking; force of heating = -integral of sigma(pull) alpha",
        f"E. Betti (1872), {ROUND_OFF}",
        "the expansion of the cylinder is halved",
        _reciprocity,
    ),
)
"""The laws of this family."""
