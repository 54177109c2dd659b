"""The joint cell against stock scikit-fem: cubic triangles in the meridian plane, and hexahedra in three dimensions.

The references share no form, element, quadrature, axis condition or support with the cell; only the first shares
its mesh, on which cubic elements are far more accurate than quadratic ones.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from skfem import (
    Basis,
    BilinearForm,
    ElementHex2,
    ElementTriP0,
    ElementTriP3,
    ElementVector,
    LinearForm,
    MeshHex,
    MeshHex2,
    MeshTri,
    condense,
    solve,
)
from skfem.helpers import ddot, div, sym_grad

from fem_wlp.joint.cell import CellLoad, CellSolution, JointCell, Region, solve_cell
from fem_wlp.materials.model import isotropic
from fem_wlp.mesh.outline import Polygon, rectangle

MATERIALS = {
    "board": (22e3, 0.28, 18e-6),
    "adhesive": (200.0, 0.45, 100e-6),
    "layer": (50.0, 0.49, 200e-6),
    "metal": (43e3, 0.36, 21.5e-6),
    "chip": (131e3, 0.28, 2.6e-6),
}
SHAPES = {
    "board": rectangle((0.0, 0.40), (-0.30, 0.0)),
    "metal": Polygon(((0.0, 0.0), (0.12, 0.0), (0.16, 0.08), (0.12, 0.18), (0.0, 0.18))),
    "layer": rectangle((0.0, 0.34), (0.18, 0.28)),
    "adhesive": Polygon(((0.0, 0.18), (0.14, 0.18), (0.10, 0.28), (0.0, 0.28))),
    "chip": rectangle((0.0, 0.34), (0.28, 0.45)),
}
PLACES = np.array([[0.0, 0.1], [0.05, -0.1], [0.1, 0.1], [0.2, 0.23], [0.34, 0.3], [0.0, 0.35], [0.4, -0.05]])


def stack(**held: object) -> JointCell:
    regions = (Region(name, shape, isotropic(name, *MATERIALS[name])) for name, shape in SHAPES.items())
    return JointCell(tuple(regions), **held)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Cubic:
    """A solution by cubic triangles: displacement, reactions conjugate to the driving fields, regions' energies."""

    places: np.ndarray
    reactions: tuple[float, ...]
    energy: dict[str, float]


def lame(name: str) -> tuple[float, float]:
    E, nu, _ = MATERIALS[name]
    return E * nu / ((1 + nu) * (1 - 2 * nu)), E / (2 * (1 + nu))


def strain(m: int, u: object, r: np.ndarray) -> list[np.ndarray]:
    """Strains rr, tt, zz, and twice rz, rt, tz; the unknowns are U, W for m = 0 and U + V, U - V, W for m = 1."""
    if m == 0:
        (U, W), (dU, dW) = u, u.grad
        return [dU[0], U / r, dW[1], dU[1] + dW[0], 0 * r, 0 * r]
    (A, _, W), (dA, dB, dW) = u, u.grad
    dU, dV = (dA + dB) / 2, (dA - dB) / 2
    return [dU[0], A / r, dW[1], dU[1] + dW[0], dV[0] - A / r, dV[1] - W / r]


def cubic(cell: CellSolution, m: int, change: float, given: object, driving: list[object]) -> Cubic:
    """Solve harmonic m of the cell's stack on the cell's mesh.

    Parameters
    ----------
    cell
        Gives mesh and supports' places only.
    m
        Harmonic.
    change
        Temperature change [K].
    given
        Function (r, z) of the border's degrees of freedom that returns for each component a pair: where it is
        given (mask) and its value.
    driving
        Fields (function of r, z) whose work is the generalised reaction.
    """
    section = cell.cell.mesh
    corners, triangles = np.unique(section.triangles[:, :3], return_inverse=True)
    mesh = MeshTri(section.points[corners].T.copy(), triangles.reshape(-1, 3).T.copy())
    components, about = (2, 2 * np.pi) if m == 0 else (3, np.pi)
    basis = Basis(mesh, ElementVector(ElementTriP3(), components), intorder=8)
    constant = basis.with_element(ElementTriP0())
    of_region = np.array([[*lame(name), MATERIALS[name][2]] for name in section.names])[section.region]
    lam, mu, alpha = (constant.interpolate(of_region[:, k]) for k in range(3))

    @BilinearForm
    def stiffness(u: object, v: object, w: object) -> np.ndarray:
        r = w.x[0]
        e, f = strain(m, u, r), strain(m, v, r)
        normal, shear = (sum(a * b for a, b in zip(e[p], f[p], strict=True)) for p in (slice(3), slice(3, 6)))
        return (w.lam * sum(e[:3]) * sum(f[:3]) + w.mu * (2 * normal + shear)) * r * about

    @LinearForm
    def thermal(v: object, w: object) -> np.ndarray:
        return (3 * w.lam + 2 * w.mu) * w.alpha * change * sum(strain(m, v, w.x[0])[:3]) * w.x[0] * about

    K = stiffness.assemble(basis, lam=lam, mu=mu).tocsc()
    f = thermal.assemble(basis, lam=lam, mu=mu, alpha=alpha) if m == 0 else np.zeros(basis.N)
    r, z = basis.doflocs
    which = np.empty(basis.N, dtype=int)
    for component in range(components):
        which[basis.get_dofs(elements=True).all([f"u^{component + 1}"])] = component
    held, value = np.zeros(basis.N, dtype=bool), np.zeros(basis.N)
    for component, (where, what) in enumerate(given(r, z)):
        own = (which == component) & where
        held[own], value[own] = True, np.broadcast_to(what, r.shape)[own]
    u = solve(*condense(K, f, x=value, D=np.flatnonzero(held)))
    acting = np.where(held, K @ u - f, 0.0)
    reactions = tuple(
        float(sum((acting * field(r, z)[component])[which == component].sum() for component in range(components)))
        for field in driving
    )
    energy = {}
    for index, name in enumerate(section.names):
        part = Basis(mesh, basis.elem, intorder=8, elements=np.flatnonzero(section.region == index))
        r = np.asarray(part.global_coordinates())[0]
        e = strain(m, part.interpolate(u), r)
        normal = [component - MATERIALS[name][2] * change for component in e[:3]]
        first, second = lame(name)
        shears = 2 * sum(c**2 for c in normal) + sum(c**2 for c in e[3:])
        energy[name] = float(((first * sum(normal) ** 2 + second * shears) / 2 * r * part.dx).sum() * about)
    scalar = Basis(mesh, ElementTriP3(), intorder=8)
    places = [scalar.probes(PLACES.T) @ part for part, _ in basis.split(u)]
    return Cubic(np.stack(places, axis=1), reactions, energy)


def test_temperature_and_pull_between_sliding_and_glued_ends_with_a_stretched_side() -> None:
    """Harmonic 0, bottom sliding, board stretched, top glued: displacements 0.05 % of the largest, force 0.1 %.

    Energies of the regions within 0.2 %.
    """
    side = -1e-3
    cell = stack(bottom="held_flat", sides={"board": side})
    found = solve_cell(cell, CellLoad(temperature_change=-100.0, axial=2e-3))

    def given(r: np.ndarray, z: np.ndarray) -> list[tuple[np.ndarray, object]]:
        low, high, axis, wall = z < -0.3 + 1e-9, z > 0.45 - 1e-9, r < 1e-9, r > 0.4 - 1e-9
        return [(high | axis | wall, np.where(wall, side * r, 0.0)), (low | high, np.where(high, 2e-3, 0.0))]

    top = [lambda r, z: [0 * r, 1.0 * (z > 0.45 - 1e-9)]]
    reference = cubic(found, 0, -100.0, given, top)
    assert found.displacements(PLACES)[:, [0, 2]] == pytest.approx(reference.places, abs=5e-4 * 6e-3)
    assert found.reaction().axial == pytest.approx(reference.reactions[0], rel=1e-3)
    for name, energy in reference.energy.items():
        assert found.energy[name] == pytest.approx(energy, rel=2e-3), name


def test_shift_and_rocking_of_the_glued_top() -> None:
    """Harmonic 1, in the unknowns U + V and U - V: displacements 0.05 % of the largest, force and moment 0.1 %.

    Energies of the regions within 0.2 %.
    """
    load = CellLoad(lateral=1e-3, rocking=-2e-3)
    found = solve_cell(stack(), load)

    def shift(r: np.ndarray, z: np.ndarray) -> list[np.ndarray]:
        return [0 * r, 2.0 * (z > 0.45 - 1e-9), 0 * r]

    def tilt(r: np.ndarray, z: np.ndarray) -> list[np.ndarray]:
        return [0 * r, 0 * r, -r * (z > 0.45 - 1e-9)]

    def given(r: np.ndarray, z: np.ndarray) -> list[tuple[np.ndarray, object]]:
        low, high, axis = z < -0.3 + 1e-9, z > 0.45 - 1e-9, r < 1e-9
        moved = [load.lateral * a + load.rocking * b for a, b in zip(shift(r, z), tilt(r, z), strict=True)]
        return [(low | high | axis, moved[0]), (low | high, moved[1]), (low | high | axis, moved[2])]

    reference = cubic(found, 1, 0.0, given, [shift, tilt])
    A, B, W = reference.places.T
    found_places = found.displacements(PLACES) + found.displacements(PLACES, np.pi / 2) * [0, 1, 0]
    largest = np.abs(reference.places).max()
    assert found_places == pytest.approx(np.stack([(A + B) / 2, (A - B) / 2, W], axis=1), abs=5e-4 * largest)
    assert (found.reaction().lateral, found.reaction().moment) == pytest.approx(reference.reactions, rel=1e-3)
    for name, energy in reference.energy.items():
        assert found.energy[name] == pytest.approx(energy, rel=2e-3), name


CORE, OUTER, LOWER, UPPER = 0.5, 1.0, 0.4, 1.0
SOLIDS = {"base": (1000.0, 0.3, 20e-6), "core": (2000.0, 0.2, 10e-6), "ring": (500.0, 0.35, 40e-6)}


def quarter_cylinder() -> MeshHex2:
    """Return a quarter of a round stack: a grid of squares bent to circles, graded to the singular edges."""
    across = np.array([0.0, 0.27, 0.46, CORE, 0.54, 0.75, 0.96, OUTER])
    along = np.array([0.0, 0.03, 0.16, 0.36, LOWER, 0.44, 0.7, 0.97, UPPER])
    mesh = MeshHex2.from_mesh(MeshHex.init_tensor(across, across, along))
    x, y, z = mesh.doflocs
    side = np.maximum(np.maximum(x, y), 1e-300)
    angle = np.where(x >= y, np.pi / 4 * y / side, np.pi / 2 - np.pi / 4 * x / side)
    bend = np.minimum(side / CORE, 1.0)
    bent = [(1 - bend) * x + bend * side * np.cos(angle), (1 - bend) * y + bend * side * np.sin(angle), z]
    return MeshHex2(np.stack(bent), mesh.t)


@pytest.mark.long
def test_hexahedra_in_three_dimensions_find_the_same_forces_and_displacements() -> None:
    """A core in a ring on a base, glued at both ends: 27-node hexahedra of a quarter, 0.4 % in forces, 1 % in places.

    The differences are those of the hexahedra's coarse mesh.
    Planes of symmetry: u_x = 0 at x = 0 and u_y = 0 at y = 0 for temperature; u_y = 0 at both and u_z = 0 at x = 0
    for a shift along x.
    """
    mesh = quarter_cylinder()
    basis = Basis(mesh, ElementVector(ElementHex2()), intorder=5)
    centre = np.asarray(basis.global_coordinates()).mean(axis=2)
    kinds = np.where(centre[2] < LOWER, "base", np.where(np.hypot(*centre[:2]) < CORE, "core", "ring"))
    E, nu, alpha = np.array([SOLIDS[kind] for kind in kinds]).T[:, :, None]
    lam, mu = E * nu / ((1 + nu) * (1 - 2 * nu)), E / (2 * (1 + nu))

    @BilinearForm
    def stiffness(u: object, v: object, _: object) -> np.ndarray:
        return lam * div(u) * div(v) + 2 * mu * ddot(sym_grad(u), sym_grad(v))

    @LinearForm
    def thermal(v: object, _: object) -> np.ndarray:
        return -100.0 * alpha * (3 * lam + 2 * mu) * div(v)

    K, f = stiffness.assemble(basis), thermal.assemble(basis)
    x, y, z = basis.doflocs
    component = np.empty(basis.N, dtype=int)
    for number in range(3):
        component[basis.split_indices()[number]] = number
    ends = (z < 1e-9) | (z > UPPER - 1e-9)
    at_x, at_y = x < 1e-9, y < 1e-9
    top = z > UPPER - 1e-9
    shift, tilt, lift = (top * (component == 0) * 1.0, top * (component == 2) * -x, top * (component == 2) * 1.0)
    planes = {
        "even": (at_x & (component == 0)) | (at_y & (component == 1)),
        "odd": (at_x & (component > 0)) | (at_y & (component == 1)),
    }
    cell = JointCell(
        (
            Region("base", rectangle((0.0, OUTER), (0.0, LOWER)), isotropic("base", *SOLIDS["base"])),
            Region("ring", rectangle((0.0, OUTER), (LOWER, UPPER)), isotropic("ring", *SOLIDS["ring"])),
            Region("core", rectangle((0.0, CORE), (LOWER, UPPER)), isotropic("core", *SOLIDS["core"])),
        )
    )
    probe = [np.flatnonzero(component == number)[_nearest(basis, component, number)] for number in (0, 2)]
    height = z[probe[0]]

    held = ends | planes["even"]
    u = solve(*condense(K, f, x=1e-3 * lift, D=np.flatnonzero(held)))
    warm = solve_cell(cell, CellLoad(temperature_change=-100.0, axial=1e-3))
    assert warm.reaction().axial == pytest.approx(4 * float(lift @ (K @ u - f)), rel=4e-3)
    assert warm.displacement(OUTER, height)[[0, 2]] == pytest.approx(u[probe], abs=1e-2 * np.abs(u).max())

    held = ends | planes["odd"]
    u = solve(*condense(K, 0 * f, x=2e-3 * shift - 1e-3 * tilt, D=np.flatnonzero(held)))
    moved = solve_cell(cell, CellLoad(lateral=2e-3, rocking=-1e-3))
    assert moved.reaction().lateral == pytest.approx(4 * float(shift @ (K @ u)), rel=4e-3)
    assert moved.reaction().moment == pytest.approx(4 * float(tilt @ (K @ u)), rel=4e-3)
    assert moved.displacement(OUTER, height)[[0, 2]] == pytest.approx(u[probe], abs=1e-2 * np.abs(u).max())
    assert sum(moved.energy.values()) == pytest.approx(2 * float(u @ (K @ u)), rel=4e-3)


def _nearest(basis: Basis, component: np.ndarray, number: int) -> int:
    """Return the place on the outer face, at y = 0 and in the ring, among the unknowns of one component."""
    x, y, z = basis.doflocs[:, component == number]
    return int(np.argmin(np.hypot(np.hypot(x - OUTER, y), z - 0.7)))
