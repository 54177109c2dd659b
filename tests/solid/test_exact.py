"""What the solid elements represent exactly: rigid motions, uniform strain, free expansion, bending, laminates."""

from collections.abc import Sequence

import numpy as np
import pytest

from fem_wlp.mesh.solid import Floats, SolidMesh
from fem_wlp.solid import operator as solid
from fem_wlp.solid.solve import Displacement, solve
from fem_wlp.solid.supports import rigid_motions
from fem_wlp.verification.bricks import (
    SHAPES,
    cube,
    isotropic_tensor,
    mapped,
    named,
    split,
)
from fem_wlp.verification.exactness import GRADIENT, TENSORS, UNIFORM_STRAIN, held_on_border, pinned
from fem_wlp.verification.layered import BIMETAL, GOLDEN, Layer, laminate, plate
from fem_wlp.verification.manufactured import solid_error

BOX = cube(2)
NAMES = ("steady", "laminate", "rubber")
NO_STRAIN = np.zeros((3, 6))

elements = pytest.mark.parametrize("split_up", [False, True], ids=["hexahedra", "tetrahedra"])
shapes = pytest.mark.parametrize("shape", SHAPES)
projections = pytest.mark.parametrize("projected", [True, False], ids=["projected", "plain"])


def body(split_up: bool, shape: str, materials: int = 1) -> SolidMesh:
    """Return 2 x 2 x 2 mapped bricks, or their tetrahedra, of one material or of three side by side."""
    mesh = split(BOX) if split_up else BOX
    mesh = named(mesh, NAMES, lambda centres: ((centres[:, 0] > 0.5) + (centres[:, 2] > 0.5) * 1) % materials)
    return mapped(mesh, SHAPES[shape])


@elements
@shapes
@projections
def test_a_rigid_motion_costs_no_energy(split_up: bool, shape: str, projected: bool) -> None:
    """Three materials, no support: 1e-12 of the forces that the elements' entries exert, which is rounding."""
    one = solid.operator(body(split_up, shape, 3), TENSORS, projected)
    entries = abs(one.stiffness.assembled())
    for motion in np.moveaxis(rigid_motions(one.mesh.points), 2, 0):
        scale = (entries @ np.abs(motion).ravel()).max()
        assert np.abs(one.stiffness @ motion).max() < 1e-12 * scale
        assert solid.energies(one, motion, NO_STRAIN).sum() < 1e-20 * scale


def test_a_motion_that_shears_costs_energy() -> None:
    """The law above bites: a rotation with one sign turned."""
    one = solid.operator(body(False, "curved"), TENSORS)
    x, y, z = one.mesh.points.T
    assert solid.energies(one, np.stack([y, x, 0 * z], axis=1), NO_STRAIN).sum() > 100.0


@elements
@shapes
@projections
def test_a_uniform_strain_is_exact(split_up: bool, shape: str, projected: bool) -> None:
    """The patch test with all six strains on every element, straight and curved: 1e-9 of displacement and strain."""
    mesh = body(split_up, shape)
    one = solid.operator(mesh, TENSORS[1:], projected)
    exact = mesh.points @ GRADIENT.T
    found = held_on_border(one, BOX, exact)
    assert np.abs(found - exact).max() < 1e-9 * np.abs(exact).max()
    strains, _ = solid.strains_of(one, found)
    assert np.abs(strains - UNIFORM_STRAIN).max() < 1e-9 * np.abs(UNIFORM_STRAIN).max()
    stress = solid.stresses_of(one, strains, NO_STRAIN)
    assert stress == pytest.approx(np.broadcast_to(TENSORS[1] @ UNIFORM_STRAIN, stress.shape), rel=1e-9)


@elements
def test_the_patch_test_bites(split_up: bool) -> None:
    """Elements of two materials side by side can't have a uniform strain; one of them 10 % stiffer shows."""
    mesh = body(split_up, "curved", 3)
    one = solid.operator(mesh, np.stack([TENSORS[0], 1.1 * TENSORS[0], TENSORS[0]]))
    exact = mesh.points @ GRADIENT.T
    assert np.abs(held_on_border(one, BOX, exact) - exact).max() > 1e-3 * np.abs(exact).max()


def expansion(one: solid.Operator, alpha: list[float]) -> tuple[Displacement, Floats]:
    """Return the displacement of a pinned body whose materials expand by 100 K, and its stresses."""
    strains = np.array(alpha)[:, None] * 100.0 * np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    found = solve(one, solid.thermal_load(one, strains), pinned(BOX), method="direct", tolerance=1e-12)
    return found, solid.stresses_of(one, solid.strains_of(one, found.u)[0], strains)


@elements
@shapes
@projections
@pytest.mark.parametrize("materials", [1, 3])
def test_heating_bodies_of_one_expansion_is_free_of_stress(
    split_up: bool, shape: str, projected: bool, materials: int
) -> None:
    """One material, or three that expand alike, one of them nearly incompressible: 1e-9 of the stress if held."""
    one = solid.operator(body(split_up, shape, materials), TENSORS, projected)
    found, stress = expansion(one, [2e-5, 2e-5, 2e-5])
    pin = one.mesh.points[np.argmax(pinned(BOX).all(axis=1))]
    exact = 2e-3 * (one.mesh.points - pin)
    # the six pins hold a straight body's rotation exactly; a mapped one may turn about its first corner
    motions = rigid_motions(one.mesh.points).reshape(-1, 6)
    rest = (found.u - exact).ravel()
    rest -= motions @ np.linalg.lstsq(motions, rest, rcond=None)[0]
    assert np.abs(rest).max() < 1e-9 * np.abs(exact).max()
    held = np.abs(TENSORS[:materials, :3, :3].sum(axis=2)).max() * 2e-3
    assert np.abs(stress).max() < 1e-9 * held


@elements
def test_free_expansion_bites(split_up: bool) -> None:
    """One material's coefficient doubled: stress of a tenth of the held one's and more."""
    one = solid.operator(body(split_up, "curved", 3), TENSORS)
    _, stress = expansion(one, [2e-5, 4e-5, 2e-5])
    assert np.abs(stress).max() > 0.1 * TENSORS[0, :3, :3].sum(axis=1).max() * 2e-3


@pytest.mark.parametrize("nu", [0.3, 0.4999])
@pytest.mark.parametrize("shape", ["straight", "skewed"])
def test_pure_bending_is_exact_on_parallelepipeds_and_without_locking(shape: str, nu: float) -> None:
    """Displacements quadratic, dilatation linear, e_zz = x: the 27-node element has both, projected too; 1e-9."""
    mesh = mapped(BOX, SHAPES[shape])
    one = solid.operator(mesh, isotropic_tensor(1000.0, nu)[None])
    x, y, z = mesh.points.T
    exact = np.stack([-(z**2 + nu * (x**2 - y**2)) / 2, -nu * x * y, x * z], axis=1)
    found = held_on_border(one, BOX, exact)
    assert np.abs(found - exact).max() < 1e-9
    stress = solid.stresses_of(one, solid.strains_of(one, found)[0], np.zeros((1, 6)))
    places = solid.places_of(one)
    assert stress[..., 2] == pytest.approx(1000.0 * places[..., 0], abs=1e-5)
    assert np.abs(stress[..., [0, 1, 3, 4, 5]]).max() < 1e-5


@pytest.mark.parametrize("nu", [0.3, 0.4999])
@pytest.mark.parametrize(("split_up", "count"), [(False, 4), (True, 3)], ids=["hexahedra", "tetrahedra"])
def test_a_smooth_field_is_met_at_fourth_order_in_energy_also_near_incompressibility(
    split_up: bool, count: int, nu: float
) -> None:
    """Quadratic elements of half the size have 2**-4 of the error's energy; a rate of 3.6 on meshes so coarse."""
    errors = [solid_error(divisions, nu, split_up) for divisions in (count // 2, count)]
    assert np.log(errors[0] / errors[1]) / np.log(count / (count // 2)) > 3.6


@pytest.mark.parametrize(
    ("layers", "change", "golden"),
    GOLDEN,
    ids=["silicon on FR4", "two films on silicon"],
)
@pytest.mark.parametrize(
    ("split_up", "projected"), [(False, True), (False, False), (True, False)], ids=["hexahedra", "plain", "tetrahedra"]
)
def test_a_laminate_in_a_wide_plate_is_timoshenkos_and_hsuehs(
    layers: Sequence[Layer], change: float, golden: float, split_up: bool, projected: bool
) -> None:
    """The plate's displacement is quadratic and its dilatation linear: curvature and stresses to 1e-9."""
    exact = plate(layers, change)
    assert exact.curvature == pytest.approx(golden, rel=1e-6)
    curvature, stress = laminate(layers, change, split_up=split_up, projected=projected)
    assert curvature == pytest.approx(exact.curvature, rel=1e-9)
    assert np.array(stress) == pytest.approx(exact.stress, rel=1e-9, abs=1e-9 * np.abs(exact.stress).max())


def test_tetrahedra_of_mean_dilatation_approach_the_laminate_at_second_order() -> None:
    """Their dilatation is constant in each, the plate's linear through the thickness: 15 % with one layer of them.

    Half the size divides the error of the curvature by 4; 3.5 to 5 on meshes of one and two through a layer.
    """
    errors = [laminate(BIMETAL, -100.0, split_up=True, divisions=n)[0] / 1.745786e-3 - 1 for n in (1, 2)]
    assert errors[1] < 0.05
    assert 3.5 < errors[0] / errors[1] < 5


def test_the_laminate_bites() -> None:
    """A coefficient of expansion 1 % too high, Poisson's ratio 0.01 too low, the sign of the change."""
    (name, t, E, nu, alpha), die = BIMETAL
    golden = plate(BIMETAL, -100.0).curvature
    for wrong, change in (
        ([(name, t, E, nu, 1.01 * alpha), die], -100.0),
        ([(name, t, E, nu - 0.01, alpha), die], -100.0),
        (BIMETAL, 100.0),
    ):
        assert laminate(wrong, change)[0] != pytest.approx(golden, rel=1e-4)
