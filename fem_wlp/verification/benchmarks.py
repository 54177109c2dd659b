"""Published benchmarks: NAFEMS LE1, LE10 and LE11, and Cook's membrane."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from ..elasticity import harmonic
from ..mesh.section import SectionMesh
from ..mesh.solid import Bools, Floats, Ints, SolidMesh
from ..solid import operator as solid
from ..solid.elements import HEXAHEDRON
from ..solid.solve import solve
from .axisymmetric import held, system
from .bricks import NEAR, brick, isotropic_tensor, mapped
from .law import Law, Quantity, near
from .sections import grid

STEEL = (210e3, 0.3)
"""E [MPa], nu [-] of the NAFEMS benchmarks."""

NAFEMS = "The Standard NAFEMS Benchmarks, TNSB Rev. 3 (1990)"

# Solids


def _faces() -> Ints:
    """Nodes of the six faces of a 27-node hexahedron, each on its own grid, shape (6, 9)."""
    grid = np.arange(27).reshape(3, 3, 3)
    return np.array([np.take(grid, side, axis).ravel() for axis, side in product(range(3), (0, 2))])


def face_load(mesh: SolidMesh, on: Bools, traction: Callable[[Floats], Floats]) -> Floats:
    """Return the nodal forces of a traction on faces of hexahedra, shape (n, 3) [N].

    Parameters
    ----------
    mesh
        Hexahedra.
    on
        Nodes of the loaded face, shape (n,); faces with all nine nodes among them are loaded.
    traction
        Traction [MPa] for outward unit normals, (..., 3) -> (..., 3).
    """
    load = np.zeros_like(mesh.points)
    places, weights = np.polynomial.legendre.leggauss(3)
    x, y = (grid.ravel() for grid in np.meshgrid(places, places, indexing="ij"))
    weight = np.outer(weights, weights).ravel()
    # functions of the face: those of the hexahedron's lower face, whose nodes are its first nine
    value, slope = HEXAHEDRON.tabulate(np.stack([x, y, -np.ones(9)], axis=1))
    value, slope = value[:, :9], slope[:, :9, :2]
    centres = mesh.points[mesh.cells].mean(axis=1)
    for face in _faces():
        cells = mesh.cells[:, face]
        chosen = on[cells].all(axis=1)
        nodes = cells[chosen]
        tangents = np.einsum("qka,ekx->eqax", slope, mesh.points[nodes])
        normal = np.cross(tangents[:, :, 0], tangents[:, :, 1])
        outward = np.einsum("qk,ekx->eqx", value, mesh.points[nodes]) - centres[chosen][:, None]
        normal *= np.sign((normal * outward).sum(axis=2, keepdims=True))
        area = np.linalg.norm(normal, axis=2, keepdims=True)
        force = np.einsum("qk,eqx->ekx", value, traction(normal / area) * area * weight[:, None])
        np.add.at(load, nodes, force)
    return load


def stress_at_node(one: solid.Operator, u: Floats, place: tuple[float, float, float]) -> Floats:
    """Return the mean over the elements of a node of their stress there, shape (6,) [MPa]; one material."""
    node = int(np.argmin(np.linalg.norm(one.mesh.points - place, axis=1)))
    cells, local = np.nonzero(one.mesh.cells == node)
    stresses = []
    for cell, number in zip(cells, local, strict=True):
        slope = HEXAHEDRON.tabulate(HEXAHEDRON.nodes[[number]])[1][0]
        nodes = one.mesh.cells[cell]
        jacobian = slope.T @ one.mesh.points[nodes]
        gradient = (np.linalg.inv(jacobian) @ slope.T @ u[nodes]).T  # du_i/dx_j
        strain = gradient + gradient.T
        pairs = solid.VOIGT
        stresses.append(one.tensors[0] @ [strain[a, b] / (2 if a == b else 1) for a, b in pairs])
    return np.asarray(np.mean(stresses, axis=0))


def ellipses(inner: tuple[float, float], radial: Floats, around: Floats, levels: Floats) -> tuple[SolidMesh, SolidMesh]:
    """Return a quarter between two ellipses and the brick that it is the image of.

    The brick's x runs from the inner (half axes along x and y [mm]) to the outer ellipse (3.25 and 2.75), its y from
    the x axis to the y axis, its z through the thickness.
    """
    box = brick(radial, around, levels)

    def shape(points: Floats) -> Floats:
        s, t, z = points.T
        angle = np.pi / 2 * t
        half_axes = [(1 - s) * a + s * b for a, b in zip(inner, (3.25, 2.75), strict=True)]
        return np.stack([half_axes[0] * np.cos(angle), half_axes[1] * np.sin(angle), z], axis=-1)

    return mapped(box, shape), box


def _le1(broken: bool) -> tuple[Quantity, ...]:
    thin = 0.01
    short = 1.05 if broken else 1.0
    line = np.linspace(0.0, 1.0, 17) ** 2
    mesh, box = ellipses((2.0, short), line, line, np.array([0.0, thin]))
    one = solid.operator(mesh, isotropic_tensor(*STEEL)[None])
    x, y, z = mesh.points.T
    fixed = np.stack([x < NEAR, y < NEAR, z < NEAR], axis=1)
    load = face_load(mesh, box.points[:, 0] > 1 - NEAR, lambda normal: 10.0 * normal)
    u = solve(one, load, fixed, method="direct").u
    stress = stress_at_node(one, u, (2.0, 0.0, 0.0))[1]
    return (
        near("sigma_yy at D, published", stress, 92.7, 2e-3, "MPa"),
        near("sigma_yy at D, converged", stress, 92.659, 1e-3, "MPa"),
    )


def _le10(broken: bool) -> tuple[Quantity, ...]:
    half = 0.3 * (0.97 if broken else 1.0)
    line = np.linspace(0.0, 1.0, 7) ** 2
    mesh, box = ellipses((2.0, 1.0), line, line, half * np.array([-1.0, 0.0, 0.6, 0.9, 1.0]))
    one = solid.operator(mesh, isotropic_tensor(*STEEL)[None])
    x, y, z = mesh.points.T
    outer = box.points[:, 0] > 1 - NEAR
    fixed = np.stack([(x < NEAR) | outer, (y < NEAR) | outer, outer & (np.abs(z) < NEAR)], axis=1)
    load = face_load(mesh, z > half - NEAR, lambda normal: -1.0 * normal)
    u = solve(one, load, fixed, method="direct").u
    return (near("sigma_yy at D", stress_at_node(one, u, (2.0, 0.0, half))[1], -5.38, 0.02, "MPa"),)


def _cook(broken: bool) -> tuple[Quantity, ...]:
    E, nu, count = 1.0, 0.4999, 16
    # finer towards the corners of the held side, where stress is singular
    line = np.linspace(0.0, 1.0, count + 1)
    across, up = line**1.7, (1 - np.cos(np.pi * line)) / 2

    def shape(points: Floats) -> Floats:
        s, t, z = points.T
        return np.stack([48.0 * s, 44.0 * s + t * (44.0 - 28.0 * s), z], axis=-1)

    box = brick(across, up, [0.0, 1.0])
    mesh = mapped(box, shape)
    one = solid.operator(mesh, isotropic_tensor(E, nu)[None], projected=not broken)
    s, t, _ = box.points.T
    left = s < NEAR
    fixed = np.stack([left, left, np.full(len(left), True)], axis=1)
    load = face_load(mesh, s > 1 - NEAR, lambda normal: np.broadcast_to([0.0, 1.0 / 16.0, 0.0], normal.shape))
    u = solve(one, load, fixed, method="direct", tolerance=1e-7).u  # what nu so near to 1/2 leaves of the digits
    middle = (s > 1 - NEAR) & (np.abs(t - 0.5) < NEAR)
    return (near("u_y at the middle of the loaded side", u[middle, 1].mean(), 18.512, 1e-3, "mm"),)


# A body of revolution


TOP, SLOPE = 1.79, np.pi / 4
"""Height of the body, and where its inner sphere ends [mm, rad]."""


def cylinder_taper_sphere(across: Floats, along: Floats) -> SectionMesh:
    """Return the section of LE11 as a grid.

    Parameters
    ----------
    across
        From the inner to the outer face, 0 to 1.
    along
        From the foot to the top, 0 to 4, through the whole numbers: outside the sphere of 1.4 ends at 1 (30 degrees),
        the taper at 3; inside the sphere of 1 ends at 2 (45 degrees).
    """
    mesh = grid(across, along)
    s, t = mesh.points.T
    angle = SLOPE / 2 * np.minimum(t, 2.0)
    edge = np.sqrt(0.5)
    inner = np.stack(
        [np.where(t < 2, np.cos(angle), edge), np.where(t < 2, np.sin(angle), edge + (TOP - edge) * (t - 2) / 2)],
        axis=1,
    )
    turn = np.pi / 6 * np.minimum(t, 1.0)
    end = 1.4 * np.cos(np.pi / 6), 0.7
    outer = np.stack(
        [
            np.where(t < 1, 1.4 * np.cos(turn), np.interp(t, [1.0, 3.0], [end[0], 1.0])),
            np.where(t < 1, 1.4 * np.sin(turn), np.interp(t, [1.0, 3.0, 4.0], [end[1], 1.39, TOP])),
        ],
        axis=1,
    )
    return mesh.moved((1 - s)[:, None] * inner + s[:, None] * outer)


def _le11(broken: bool) -> tuple[Quantity, ...]:
    E, nu = STEEL
    alpha = 2.2e-4 if broken else 2.3e-4
    line = np.linspace(0.0, 1.0, 17)
    mesh = cylinder_taper_sphere(line**3, np.concatenate([line**3, np.linspace(1.0, 4.0, 25)[1:]]))
    cold = system(mesh, 0, E, nu)
    r, z = cold.strain.space.places
    heat = alpha * (r + z)[..., None] * np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    one = heated(cold, heat)
    z = mesh.points[:, 1]
    ends = np.flatnonzero((z < NEAR) | (z > TOP - NEAR))
    hoop = 3 * np.arange(len(z)) + 1
    u = held(one, np.concatenate([3 * ends + 2, hoop]), np.zeros(cold.strain.space.size), one.load)
    stress = np.einsum("eab,eqb->eqa", one.elasticity, harmonic.strains(one, u) - heat)
    found = _at_corner(one, stress, (1.0, 0.0))
    return (
        near("sigma_zz at A, published", found, -105.0, 1e-2, "MPa"),
        near("sigma_zz at A, converged", found, -105.669, 1e-3, "MPa"),
    )


def heated(cold: harmonic.HarmonicSystem, free: Floats) -> harmonic.HarmonicSystem:
    """Return a system under a free strain that varies within elements, given at quadrature points (ne, nq, 6) [-].

    Parameters
    ----------
    cold
        The same without.
    free
        Free strain; stresses of the system are to be taken from strains less this.
    """
    rows, weight, C = cold.strain.rows_of(), cold.strain.weight, cold.elasticity
    nodal = harmonic.NODAL
    forces = np.einsum("eqai,eab,eqb,eq->ei", rows, C, free, weight, optimize=True)
    bubble = np.einsum("eqai,eab,eqbj,eq->eij", rows[..., nodal:], C, rows[..., nodal:], weight, optimize=True)
    load = np.zeros_like(cold.load)
    # what the bubbles carry goes to the nodes by their condensed stiffness
    nodal_forces = forces[:, :nodal] - np.einsum("ebi,eb->ei", cold.bubble_stiffness, forces[:, nodal:])
    np.add.at(load, cold.strain.space.unknowns.ravel(), nodal_forces.ravel())
    bubbles = np.linalg.solve(bubble, forces[:, nodal:, None])[..., 0]
    return harmonic.HarmonicSystem(
        cold.strain, C, cold.free_strain, cold.stiffness, load, cold.bubble_stiffness, bubbles
    )


def _at_corner(one: harmonic.HarmonicSystem, stress: Floats, place: tuple[float, float]) -> float:
    """Return sigma_zz at a corner node, the mean of its elements' best quadratics [MPa]."""
    mesh = one.strain.space.mesh
    node = int(np.argmin(np.linalg.norm(mesh.points - place, axis=1)))
    cells, local = np.nonzero(mesh.triangles == node)
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    values = []
    for cell, number in zip(cells, local, strict=True):
        inside = _quadratics(one.strain.space.local_places)
        values.append(_quadratics(corners[[number]])[0] @ np.linalg.lstsq(inside, stress[cell, :, 2], rcond=None)[0])
    return float(np.mean(values))


def _quadratics(local: Floats) -> Floats:
    x, y = local.T
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


BENCHMARKS = (
    Law(
        "nafems-le1",
        "NAFEMS LE1, elliptic membrane: stress at D",
        "quarter between ellipses 2 x 1 and 3.25 x 2.75, 10 MPa outward on the outer; plane stress as a thin slab",
        f"{NAFEMS}, 92.7 MPa; 92.659 MPa by high-order elements elsewhere",
        "the inner ellipse is 1.05 high instead of 1",
        _le1,
    ),
    Law(
        "nafems-le10",
        "NAFEMS LE10, thick plate: stress at D",
        "the same plan, 0.6 thick, 1 MPa on the upper face; 2 % only, since its line support is singular",
        f"{NAFEMS}, -5.38 MPa",
        "the plate 3 % too thin",
        _le10,
    ),
    Law(
        "nafems-le11",
        "NAFEMS LE11, cylinder, taper and sphere: stress at A under T = r + z",
        "axisymmetric section, both ends held along the axis, free strain linear in r and z",
        f"{NAFEMS}, -105 MPa; -105.669 MPa by high-order elements elsewhere",
        "expansion 2.2e-4 instead of 2.3e-4",
        _le11,
    ),
    Law(
        "cook",
        "Cook's membrane in plane strain, nearly incompressible: deflection of the loaded side",
        "48 wide, 44 and 16 high, E = 1, nu = 0.4999, F = 1 spread over the side; a slab held in its plane",
        "R. D. Cook, J. Struct. Div. ASCE 100 (1974) 1851; 18.512 by high-order elements elsewhere",
        "the dilatation is not projected: plain elements lock",
        _cook,
    ),
)
"""The laws of this family."""
