"""The harmonic form: what costs no energy, what it represents exactly, how fast it converges, that it does not lock."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from fem_wlp.elasticity import harmonic
from fem_wlp.materials.model import isotropic, stiffness
from fem_wlp.verification.axisymmetric import field, filled_in, system
from fem_wlp.verification.exactness import RIGID, UNIFORM, bent
from fem_wlp.verification.manufactured import section_error
from fem_wlp.verification.sections import curved, regular

CURVED = curved()

Floats = NDArray[np.float64]


@pytest.mark.parametrize("motion", RIGID)
def test_a_rigid_motion_costs_no_energy(motion: str) -> None:
    """On curved elements too; 1e-12 of the forces that the elements exert, which is rounding."""
    m, functions = RIGID[motion]
    one, u = system(CURVED, m), field(CURVED, functions)
    scale = abs(one.stiffness) @ np.abs(u)
    assert np.abs(one.stiffness @ u).max() < 1e-12 * scale.max()
    assert harmonic.strain_energy(one, u).sum() < 1e-20 * (np.abs(u) @ scale)


def test_a_shift_with_the_wrong_sense_of_the_hoop_displacement_costs_energy() -> None:
    """The law above bites."""
    one = system(CURVED, 1)
    u = field(CURVED, (lambda r, z: 1.0, lambda r, z: 1.0, lambda r, z: 0.0))
    assert harmonic.strain_energy(one, u).sum() > 1e-3 * (np.abs(u) @ abs(one.stiffness) @ np.abs(u))


@pytest.mark.parametrize("state", UNIFORM)
def test_a_uniform_strain_is_exact_on_curved_elements(state: str) -> None:
    """The patch test, uniform hoop strain with its 1/r included: 1e-10 of the strain at every quadrature point."""
    m, functions, expected = UNIFORM[state]
    one, exact = system(CURVED, m), field(CURVED, functions)
    found = filled_in(one, exact)
    assert np.abs(found - exact).max() < 1e-11
    assert np.abs(harmonic.strains(one, found) - expected).max() < 1e-10


@pytest.mark.parametrize("nu", [0.3, 0.4999])
def test_pure_bending_is_exact_on_straight_elements(nu: float) -> None:
    """Quadratic displacements, e_zz = x: energy E I h / 2 of a round bar of radius and height 1, to 1e-10."""
    mesh = regular(3)
    one = system(mesh, 1, nu=nu)
    exact = field(mesh, bent(nu))
    found = filled_in(one, exact)
    assert np.abs(found - exact).max() < 1e-11
    assert harmonic.strain_energy(one, found).sum() == pytest.approx(1000.0 * np.pi / 8, rel=1e-10)


@pytest.mark.parametrize("nu", [0.3, 0.4999])
@pytest.mark.parametrize("m", [0, 1, 2])
def test_a_smooth_field_is_met_at_fourth_order_in_energy_also_near_incompressibility(m: int, nu: float) -> None:
    """The gradient of I_m(r) cos z cos(m theta), a harmonic function, is in equilibrium and smooth on the axis.

    Quadratic elements of half the size have 2**-4 of the error's energy; 12 on meshes as coarse as these.
    """
    errors = [section_error(count, m, nu) for count in (3, 6)]
    assert errors[0] < 1e-3
    assert errors[0] / errors[1] > 12


def test_free_expansion_is_free_of_stress_on_curved_elements() -> None:
    """The load of a uniform free strain is balanced by that strain itself: 1e-12 of the nodal forces."""
    count = len(CURVED.triangles)
    C = stiffness(isotropic("solid", 1000.0, 0.3, 0.0), 300.0)
    free = np.broadcast_to([1e-3, 1e-3, 1e-3, 0.0, 0.0, 0.0], (count, 6))
    strain = harmonic.harmonic_strain(harmonic.HarmonicSpace(CURVED), 0)
    one = harmonic.assemble(strain, np.broadcast_to(C, (count, 6, 6)), free)
    u = field(CURVED, (lambda r, z: 1e-3 * r, lambda r, z: 0.0, lambda r, z: 1e-3 * z))
    assert np.abs(one.stiffness @ u - one.load).max() < 1e-12 * np.abs(one.load).max() * 10
    assert np.abs(harmonic.stresses(one, harmonic.strains(one, u))).max() < 1e-10


def test_the_stress_at_a_point_is_that_of_its_element() -> None:
    """Pure bending: sigma_zz = E x at any place, since it is linear."""
    mesh = regular(3)
    one = system(mesh, 1)
    exact = field(mesh, bent(0.3))
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


def test_the_elements_matrices_go_where_their_unknowns_are() -> None:
    """Entry by entry, against a dense sum of matrices that are not even symmetric: to the last digits."""
    space = harmonic.HarmonicSpace(CURVED)
    matrices = np.random.default_rng(5).standard_normal((len(CURVED.triangles), 18, 18))
    expected = np.zeros((space.size, space.size))
    for unknowns, matrix in zip(space.unknowns, matrices, strict=True):
        expected[np.ix_(unknowns, unknowns)] += matrix
    found = space.scattered(matrices)
    np.testing.assert_allclose(found.toarray(), expected, rtol=0, atol=1e-13 * np.abs(expected).max())
    assert found.has_canonical_format


def other_materials(count: int) -> Floats:
    """Three materials one after the other, and the second of them changed."""
    C = np.array([stiffness(isotropic("solid", E, 0.3, 0.0), 300.0) for E in (1000.0, 50.0, 3.0, 70.0)])
    kinds = np.arange(count) % 3
    return np.array([C[kinds], C[np.where(kinds == 1, 3, kinds)]])


@pytest.mark.parametrize("m", [0, 1, 2])
def test_elements_of_other_materials_are_made_anew_and_no_others(m: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit as if all were; of a part of the mesh as well, which knows what the whole knew."""
    made = list[int]()
    known = harmonic._element_matrices

    def counted(
        strain: harmonic.HarmonicStrain, elasticity: Floats, elements: harmonic.Integers | None = None
    ) -> harmonic.ElementMatrices:
        made.append(len(elasticity if elements is None else elements))
        return known(strain, elasticity, elements)

    monkeypatch.setattr(harmonic, "_element_matrices", counted)
    space = harmonic.HarmonicSpace(CURVED)
    before, after = other_materials(len(CURVED.triangles))
    operator, free = space.strain(m), np.zeros(before.shape[:2])
    first = operator.matrices(before)
    found = harmonic.assemble(operator, after, free)
    assert made == [len(before), (after != before).any(axis=(1, 2)).sum()]
    anew = harmonic.assemble(harmonic.HarmonicSpace(CURVED).strain(m), after, free)
    assert (found.stiffness != anew.stiffness).nnz == 0
    assert np.array_equal(found.bubble_stiffness, anew.bubble_stiffness)
    given = before.copy()
    other = harmonic.HarmonicSpace(CURVED).strain(m)
    known_before = other.matrices(given)
    given *= 2.0  # what is known is no view of it
    assert other.matrices(before) is known_before
    operator.matrices(before)

    elements = np.arange(1, len(before), 2)
    part = operator.part(harmonic.HarmonicSpace(CURVED.restricted(elements)), elements)
    made.clear()
    assert np.array_equal(part.matrices(before[elements]).stiffness, first.stiffness[elements])
    assert not made


@pytest.mark.parametrize("m", [0, 1, 2])
def test_a_part_of_a_part_reads_the_whole_and_says_what_it_would_say_by_itself(m: int) -> None:
    """To round-off; the rows are there only once."""
    mesh = replace(CURVED, region=np.arange(len(CURVED.triangles)) % 3, names=("one", "two", "three"))
    whole = harmonic.HarmonicSpace(mesh)
    elements, some = whole.part("two", "three")
    inner, fewer = some.part("three")
    for space in (whole, some):
        space.strain(m)
    by_itself = harmonic.HarmonicSpace(mesh.restricted(elements[inner]))
    part, alone = fewer.strain(m), by_itself.strain(m)
    assert np.shares_memory(part.rows, whole.strain(m).rows)
    for mine, own in ((part.rows_of(), alone.rows), (part.total, alone.total), (fewer.volume, by_itself.volume)):
        np.testing.assert_allclose(mine, own, rtol=1e-13, atol=1e-13 * np.abs(own).max())
    C, _ = other_materials(len(by_itself.mesh.triangles))
    np.testing.assert_allclose(part.matrices(C).stiffness, alone.matrices(C).stiffness, rtol=1e-12)
    for sent in (part, whole.strain(m).part(fewer, elements[inner])):  # the space's own, and another one
        copy = pickle.loads(pickle.dumps(sent))
        np.testing.assert_allclose(copy.rows_of(), part.rows_of(), rtol=1e-13, atol=1e-13 * np.abs(alone.rows).max())


def test_a_copy_for_another_process_carries_the_mesh_alone_and_gives_the_same() -> None:
    """To the last bit; a tenth of the size."""
    space = harmonic.HarmonicSpace(CURVED)
    operator, (C, _) = space.strain(1), other_materials(len(CURVED.triangles))
    sent = pickle.dumps((space, operator))
    assert len(sent) < 0.1 * operator.rows.nbytes
    other, copy = pickle.loads(sent)
    assert copy.space is other
    assert np.array_equal(copy.rows, operator.rows)
    assert np.array_equal(copy.matrices(C).stiffness, operator.matrices(C).stiffness)
