"""Forces between parts of a body, and its energies."""

from dataclasses import replace

import numpy as np
import pytest

from fem_wlp.mesh.solid import Floats, SolidMesh
from fem_wlp.solid import operator as solid
from fem_wlp.solid.solve import solve
from fem_wlp.verification.bricks import (
    SHAPES,
    border,
    brick,
    isotropic_tensor,
    mapped,
    named,
    orthotropic_tensor,
    split,
)

LEVELS = [0.0, 0.3, 0.6, 1.0]
BOX = brick([0.0, 0.5, 1.0], [0.0, 1.0], LEVELS)
NAMES = ("foot", "column", "head")
TENSORS = np.stack([isotropic_tensor(1000.0, 0.3), isotropic_tensor(20.0, 0.49), orthotropic_tensor()])
STRAINS = np.array([[2e-3] * 3, [-1e-3] * 3, [5e-4, 1e-3, 0.0]]) @ np.eye(3, 6)

elements = pytest.mark.parametrize("split_up", [False, True], ids=["hexahedra", "tetrahedra"])


def stack(split_up: bool) -> SolidMesh:
    """Return a curved stack of three materials."""
    mesh = split(BOX) if split_up else BOX
    return mapped(named(mesh, NAMES, lambda centres: np.searchsorted(LEVELS, centres[:, 2]) - 1), SHAPES["curved"])


def squeezed(split_up: bool) -> tuple[solid.Operator, Floats]:
    """Return the stack and its displacement: heated, its foot held, its head pulled and shifted."""
    one = solid.operator(stack(split_up), TENSORS)
    z = BOX.points[:, 2]
    fixed = np.repeat(((z == 0) | (z == 1))[:, None], 3, axis=1)
    values = np.where(z[:, None] == 1, [0.02, -0.01, 0.03], 0.0)
    load = solid.thermal_load(one, STRAINS)
    return one, solve(one, load, fixed, values, method="direct", tolerance=1e-12).u


@elements
def test_parts_pull_at_their_interface_with_equal_and_opposite_forces(split_up: bool) -> None:
    """Node by node and in sum, heated and curved: 1e-10 of the largest nodal force."""
    one, u = squeezed(split_up)
    parts = [solid.nodal_forces(one, u, STRAINS, one.mesh.within(name)) for name in NAMES]
    largest = max(np.abs(part).max() for part in parts)
    for lower, height in ((0, 0.3), (1, 0.6)):
        between = BOX.points[:, 2] == height
        assert np.abs(parts[lower] + parts[lower + 1])[between].max() < 1e-10 * largest
        assert np.abs(parts[lower][between]).max() > 0.05 * largest
    resultants = [parts[0][BOX.points[:, 2] == 0].sum(axis=0)]
    resultants += [parts[n][BOX.points[:, 2] == z].sum(axis=0) for n, z in ((1, 0.3), (2, 0.6))]
    assert np.ptp(resultants, axis=0).max() < 1e-10 * largest


@elements
def test_each_part_is_in_equilibrium(split_up: bool) -> None:
    """Forces and moments on all its nodes add up to zero, for any displacement: 1e-12 of their sum without signs."""
    one, _ = squeezed(split_up)
    u = np.random.default_rng(4).standard_normal(one.mesh.points.shape)
    for name in NAMES:
        force = solid.nodal_forces(one, u, STRAINS, one.mesh.within(name))
        moment = np.cross(one.mesh.points, force)
        assert np.abs(force.sum(axis=0)).max() < 1e-12 * np.abs(force).sum()
        assert np.abs(moment.sum(axis=0)).max() < 1e-12 * np.abs(moment).sum()


@elements
def test_the_balance_bites(split_up: bool) -> None:
    """Without the free strain of one part, its forces don't meet those of its neighbours."""
    one, u = squeezed(split_up)
    cold = STRAINS * [[1], [0], [1]]
    foot, column = (
        solid.nodal_forces(one, u, strains, one.mesh.within(name))
        for name, strains in (("foot", STRAINS), ("column", cold))
    )
    between = BOX.points[:, 2] == 0.3
    assert np.abs(foot + column)[between].max() > 1e-3 * np.abs(foot).max()


@elements
def test_forces_of_all_parts_are_the_product_less_the_thermal_load(split_up: bool) -> None:
    """Stresses at quadrature points against element matrices: 1e-12."""
    one, _ = squeezed(split_up)
    u = np.random.default_rng(5).standard_normal(one.mesh.points.shape)
    expected = one.stiffness @ u - solid.thermal_load(one, STRAINS)
    assert np.abs(solid.nodal_forces(one, u, STRAINS) - expected).max() < 1e-12 * np.abs(expected).max()


@elements
@pytest.mark.parametrize("projected", [True, False], ids=["projected", "plain"])
def test_energies_add_up_to_half_the_product(split_up: bool, projected: bool) -> None:
    """E = u . K u / 2 for any displacement of a cold body: 1e-12."""
    one = solid.operator(stack(split_up), TENSORS, projected)
    u = np.random.default_rng(6).standard_normal(one.mesh.points.shape)
    assert solid.energies(one, u, 0 * STRAINS).sum() == pytest.approx(np.vdot(u, one.stiffness @ u) / 2, rel=1e-12)
    plain = solid.operator(one.mesh, TENSORS, not projected)
    assert solid.energies(plain, u, 0 * STRAINS).sum() != pytest.approx(np.vdot(u, one.stiffness @ u) / 2, rel=1e-3)


@elements
def test_energies_of_a_heated_body_are_those_of_its_elastic_strain(split_up: bool) -> None:
    """E = (u . K u)/2 - u . f + (free strain : C : free strain V)/2 for any displacement: 1e-12 of its parts."""
    one, _ = squeezed(split_up)
    u = 1e-3 * np.random.default_rng(7).standard_normal(one.mesh.points.shape)
    held = solid.locked_energy(one, STRAINS)
    parts = [np.vdot(u, one.stiffness @ u) / 2, -np.vdot(u, solid.thermal_load(one, STRAINS)), held]
    assert abs(solid.energies(one, u, STRAINS).sum() - sum(parts)) < 1e-12 * np.abs(parts).max()


@elements
def test_clapeyron_half_the_work_of_the_supports_is_stored(split_up: bool) -> None:
    """A cold body drawn at its faces: 2 E = the work of the forces that hold it there, to 1e-10."""
    one = solid.operator(stack(split_up), TENSORS)
    held = border(BOX)
    values = np.where(held[:, None], np.random.default_rng(8).standard_normal(one.mesh.points.shape), 0.0)
    fixed = np.repeat(held[:, None], 3, axis=1)
    u = solve(one, 0 * values, fixed, values, method="direct", tolerance=1e-12).u
    support = solid.nodal_forces(one, u, 0 * STRAINS)
    assert 2 * solid.energies(one, u, 0 * STRAINS).sum() == pytest.approx(np.vdot(support[held], u[held]), rel=1e-10)
    assert np.abs(support[~held]).max() < 1e-10 * np.abs(support).max()


def test_half_shares_carry_half_the_force_and_energy() -> None:
    """A body whose elements count half, as those cut by a mirror plane do."""
    one, u = squeezed(False)
    half = solid.operator(replace(one.mesh, shares=one.mesh.shares / 2), TENSORS)
    assert solid.energies(half, u, STRAINS) == pytest.approx(solid.energies(one, u, STRAINS) / 2, rel=1e-12)
    assert solid.locked_energy(half, STRAINS) == pytest.approx(solid.locked_energy(one, STRAINS) / 2, rel=1e-12)
    assert solid.nodal_forces(half, u, STRAINS) == pytest.approx(solid.nodal_forces(one, u, STRAINS) / 2, abs=1e-12)
    assert half.stiffness @ u == pytest.approx((one.stiffness @ u) / 2, abs=1e-10)
