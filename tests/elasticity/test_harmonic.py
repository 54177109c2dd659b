"""The harmonic form: what costs no energy, what it represents exactly, how fast it converges, that it does not lock."""

import numpy as np
import pytest
from scipy.special import iv, ivp

from fem_wlp.elasticity import harmonic, solve
from fem_wlp.materials.model import isotropic, stiffness
from fem_wlp.mesh.section import SectionMesh
from fem_wlp.verification.sections import border, curved, regular

CURVED = curved()


def system(mesh: SectionMesh, m: int, E: float = 1000.0, nu: float = 0.3) -> harmonic.HarmonicSystem:
    C = stiffness(isotropic("solid", E, nu, 0.0), 300.0)
    count = len(mesh.triangles)
    strain = harmonic.harmonic_strain(harmonic.HarmonicSpace(mesh), m)
    return harmonic.assemble(strain, np.broadcast_to(C, (count, 6, 6)), np.zeros((count, 6)))


def field(mesh: SectionMesh, U: object, V: object, W: object) -> np.ndarray:
    """Return nodal amplitudes of given functions of (r, z)."""
    r, z = mesh.points.T
    return np.stack([np.broadcast_to(f(r, z), r.shape) for f in (U, V, W)], axis=1).ravel()


def filled_in(system: harmonic.HarmonicSystem, exact: np.ndarray) -> np.ndarray:
    """Return the solution that has the exact values on the border."""
    space = system.strain.space
    nodes = border(space.mesh)
    axis = space.mesh.points[nodes, 0] < 1e-12
    ends = np.ptp(space.mesh.points[:, 1]) * 1e-9
    z = space.mesh.points[nodes, 1]
    inner = axis & (z > z.min() + ends) & (z < z.max() - ends)
    prescribed = (3 * nodes[~inner, None] + np.arange(3)).ravel()
    nothing = np.zeros((space.size, 0))
    constrained = solve.Constrained(
        system.stiffness,
        harmonic.axis_constraints(space, system.strain.harmonic),
        prescribed,
        nothing.T,
        nothing,
        np.zeros(0, dtype=np.int64),
    )
    zero = np.zeros((space.size, 1))
    return solve.solve(constrained, zero, exact[:, None], np.zeros((0, 1))).displacement[:, 0]


RIGID = {
    "lift": (0, lambda r, z: 0.0, lambda r, z: 0.0, lambda r, z: 1.0),
    "turn about the axis": (0, lambda r, z: 0.0, lambda r, z: r, lambda r, z: 0.0),
    "shift": (1, lambda r, z: 1.0, lambda r, z: -1.0, lambda r, z: 0.0),
    "rocking": (1, lambda r, z: z, lambda r, z: -z, lambda r, z: -r),
}


@pytest.mark.parametrize("motion", RIGID)
def test_a_rigid_motion_costs_no_energy(motion: str) -> None:
    """On curved elements too; 1e-12 of the forces that the elements exert, which is rounding."""
    m, *functions = RIGID[motion]
    one, u = system(CURVED, m), field(CURVED, *functions)
    scale = abs(one.stiffness) @ np.abs(u)
    assert np.abs(one.stiffness @ u).max() < 1e-12 * scale.max()
    assert harmonic.strain_energy(one, u).sum() < 1e-20 * (np.abs(u) @ scale)


def test_a_shift_with_the_wrong_sense_of_the_hoop_displacement_costs_energy() -> None:
    """The law above bites."""
    one = system(CURVED, 1)
    u = field(CURVED, lambda r, z: 1.0, lambda r, z: 1.0, lambda r, z: 0.0)
    assert harmonic.strain_energy(one, u).sum() > 1e-3 * (np.abs(u) @ abs(one.stiffness) @ np.abs(u))


UNIFORM = {
    "hoop": (0, lambda r, z: r, lambda r, z: 0.0, lambda r, z: 0.0, [1, 1, 0, 0, 0, 0]),
    "axial": (0, lambda r, z: 0.0, lambda r, z: 0.0, lambda r, z: z, [0, 0, 1, 0, 0, 0]),
    "uniaxial": (0, lambda r, z: -0.3 * r, lambda r, z: 0.0, lambda r, z: z, [-0.3, -0.3, 1, 0, 0, 0]),
    "simple shear": (1, lambda r, z: z, lambda r, z: -z, lambda r, z: 0.0, [0, 0, 0, -1, 1, 0]),
    "shear by tilting": (1, lambda r, z: 0.0, lambda r, z: 0.0, lambda r, z: r, [0, 0, 0, -1, 1, 0]),
    "in-plane shear": (2, lambda r, z: r, lambda r, z: -r, lambda r, z: 0.0, [1, -1, 0, 0, 0, -2]),
}


@pytest.mark.parametrize("state", UNIFORM)
def test_a_uniform_strain_is_exact_on_curved_elements(state: str) -> None:
    """The patch test, uniform hoop strain with its 1/r included: 1e-10 of the strain at every quadrature point."""
    m, *functions, expected = UNIFORM[state]
    one, exact = system(CURVED, m), field(CURVED, *functions)
    found = filled_in(one, exact)
    assert np.abs(found - exact).max() < 1e-11
    assert np.abs(harmonic.strains(one, found) - expected).max() < 1e-10


@pytest.mark.parametrize("nu", [0.3, 0.4999])
def test_pure_bending_is_exact_on_straight_elements(nu: float) -> None:
    """Quadratic displacements, e_zz = x: energy E I h / 2 of a round bar of radius and height 1, to 1e-10."""
    mesh = regular(3)
    one = system(mesh, 1, nu=nu)
    exact = field(mesh, lambda r, z: -(z**2 + nu * r**2) / 2, lambda r, z: (z**2 - nu * r**2) / 2, lambda r, z: r * z)
    found = filled_in(one, exact)
    assert np.abs(found - exact).max() < 1e-11
    assert harmonic.strain_energy(one, found).sum() == pytest.approx(1000.0 * np.pi / 8, rel=1e-10)


def gradient_strain(m: int, r: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Strain of the gradient of I_m(r) cos z cos(m theta): twice second derivatives, shape (..., 6)."""
    value, slope = iv(m, r), ivp(m, r)
    normal = [ivp(m, r, 2) * np.cos(z), (slope / r - m**2 * value / r**2) * np.cos(z), -value * np.cos(z)]
    shear = [m * value / r * np.sin(z), -slope * np.sin(z), -m * (slope / r - value / r**2) * np.cos(z)]
    return np.stack([*normal, *(2 * component for component in shear)], axis=-1)


@pytest.mark.parametrize("nu", [0.3, 0.4999])
@pytest.mark.parametrize("m", [0, 1, 2])
def test_a_smooth_field_is_met_at_fourth_order_in_energy_also_near_incompressibility(m: int, nu: float) -> None:
    """The gradient of I_m(r) cos z cos(m theta), a harmonic function, is in equilibrium and smooth on the axis.

    Quadratic elements of half the size have 2**-4 of the error's energy; 12 on meshes as coarse as these.
    """
    functions = (
        lambda r, z: ivp(m, r) * np.cos(z),
        lambda r, z: -m * np.where(r > 0, iv(m, r) / np.maximum(r, 1e-300), 0.5 * (m == 1)) * np.cos(z),
        lambda r, z: -iv(m, r) * np.sin(z),
    )
    errors = []
    for count in (3, 6):
        mesh = regular(count)
        one = system(mesh, m, nu=nu)
        exact = gradient_strain(m, *one.strain.space.places)
        wrong = harmonic.strains(one, filled_in(one, field(mesh, *functions))) - exact
        shares = [np.einsum("eqa,eab,eqb,eq->", e, one.elasticity, e, one.strain.weight) for e in (wrong, exact)]
        errors.append(shares[0] / shares[1])
    assert errors[0] < 1e-3
    assert errors[0] / errors[1] > 12


def test_free_expansion_is_free_of_stress_on_curved_elements() -> None:
    """The load of a uniform free strain is balanced by that strain itself: 1e-12 of the nodal forces."""
    count = len(CURVED.triangles)
    C = stiffness(isotropic("solid", 1000.0, 0.3, 0.0), 300.0)
    free = np.broadcast_to([1e-3, 1e-3, 1e-3, 0.0, 0.0, 0.0], (count, 6))
    strain = harmonic.harmonic_strain(harmonic.HarmonicSpace(CURVED), 0)
    one = harmonic.assemble(strain, np.broadcast_to(C, (count, 6, 6)), free)
    u = field(CURVED, lambda r, z: 1e-3 * r, lambda r, z: 0.0, lambda r, z: 1e-3 * z)
    assert np.abs(one.stiffness @ u - one.load).max() < 1e-12 * np.abs(one.load).max() * 10
    assert np.abs(harmonic.stresses(one, harmonic.strains(one, u))).max() < 1e-10


def test_the_stress_at_a_point_is_that_of_its_element() -> None:
    """Pure bending: sigma_zz = E x at any place, since it is linear."""
    mesh = regular(3)
    one = system(mesh, 1)
    exact = field(mesh, lambda r, z: -(z**2 + 0.3 * r**2) / 2, lambda r, z: (z**2 - 0.3 * r**2) / 2, lambda r, z: r * z)
    local = np.array([[0.2, 0.5], [1.0, 0.0]])
    corners = mesh.points[mesh.triangles[[4, 9], :3]]
    r = np.einsum("kn,kn->k", np.stack([1 - local.sum(axis=1), *local.T], axis=1), corners[..., 0])
    stress = harmonic.stress_at(one, exact, np.array([4, 9]), local)
    assert stress[:, 2] == pytest.approx(1000.0 * r, rel=1e-10)
    assert np.abs(stress[:, [0, 1, 3, 4, 5]]).max() < 1e-9


def test_volumes_of_curved_regions() -> None:
    """Circles are meshed by parabolas: 3e-4 of a ball's volume with eight of them."""
    space = harmonic.HarmonicSpace(CURVED)
    assert space.region_volume("core") == pytest.approx(4 / 3 * np.pi * 0.4**3, rel=3e-4)
    assert sum(map(space.region_volume, CURVED.names)) == pytest.approx(1.6 * np.pi, rel=1e-12)
