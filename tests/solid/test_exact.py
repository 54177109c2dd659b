"""What the solid elements represent exactly: rigid motions, uniform strain, free expansion, bending, laminates."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from fem_wlp import limits
from fem_wlp.mesh.solid import Bools, Floats, SolidMesh
from fem_wlp.solid import operator as solid
from fem_wlp.solid.solve import Displacement, solve
from fem_wlp.solid.supports import rigid_motions
from fem_wlp.verification.bricks import (
    NEAR,
    SHAPES,
    border,
    brick,
    cube,
    isotropic_tensor,
    mapped,
    named,
    orthotropic_tensor,
    sheared,
    split,
    with_copies,
)

BOX = cube(2)
TENSORS = np.stack([isotropic_tensor(1000.0, 0.3), orthotropic_tensor(), isotropic_tensor(5.0, 0.499)])
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


def filled_in(one: solid.Operator, exact: Floats, border: Bools) -> Floats:
    """Return the solution that has the exact values on the border."""
    fixed = np.repeat(border[:, None], 3, axis=1)
    return solve(one, np.zeros_like(exact), fixed, exact, method="direct", tolerance=1e-12).u


def pinned(mesh: SolidMesh) -> Bools:
    """Return six components that hold a body without straining it: a corner, an axis through it, a plane."""
    fixed = np.zeros(mesh.points.shape, dtype=bool)
    x, y, z = BOX.points.T
    corner = (x < NEAR) & (y < NEAR)
    fixed[corner & (z < NEAR)] = True
    fixed[corner & (z > 1 - NEAR), :2] = True
    fixed[(x > 1 - NEAR) & (y < NEAR) & (z < NEAR), 1] = True
    return fixed


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


GRADIENT = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0], [0.3, 0.7, 1.1]]) * 1e-3
UNIFORM = np.array([1.0, -1.0, 1.1, 2.7, 3.3, 2.5]) * 1e-3  # its strain, Voigt


@elements
@shapes
@projections
def test_a_uniform_strain_is_exact(split_up: bool, shape: str, projected: bool) -> None:
    """The patch test with all six strains on every element, straight and curved: 1e-9 of displacement and strain."""
    mesh = body(split_up, shape)
    one = solid.operator(mesh, TENSORS[1:], projected)
    exact = mesh.points @ GRADIENT.T
    found = filled_in(one, exact, border(BOX))
    assert np.abs(found - exact).max() < 1e-9 * np.abs(exact).max()
    strains, _ = solid.strains_of(one, found)
    assert np.abs(strains - UNIFORM).max() < 1e-9 * np.abs(UNIFORM).max()
    stress = solid.stresses_of(one, strains, NO_STRAIN)
    assert stress == pytest.approx(np.broadcast_to(TENSORS[1] @ UNIFORM, stress.shape), rel=1e-9)


@elements
def test_the_patch_test_bites(split_up: bool) -> None:
    """Elements of two materials side by side can't have a uniform strain; one of them 10 % stiffer shows."""
    mesh = body(split_up, "curved", 3)
    one = solid.operator(mesh, np.stack([TENSORS[0], 1.1 * TENSORS[0], TENSORS[0]]))
    exact = mesh.points @ GRADIENT.T
    assert np.abs(filled_in(one, exact, border(BOX)) - exact).max() > 1e-3 * np.abs(exact).max()


def expansion(one: solid.Operator, alpha: list[float]) -> tuple[Displacement, Floats]:
    """Return the displacement of a pinned body whose materials expand by 100 K, and its stresses."""
    strains = np.array(alpha)[:, None] * 100.0 * np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    found = solve(one, solid.thermal_load(one, strains), pinned(one.mesh), method="direct", tolerance=1e-12)
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
    pin = one.mesh.points[np.argmax(pinned(one.mesh).all(axis=1))]
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
    found = filled_in(one, exact, border(BOX))
    assert np.abs(found - exact).max() < 1e-9
    stress = solid.stresses_of(one, solid.strains_of(one, found)[0], np.zeros((1, 6)))
    places = solid.places_of(one)
    assert stress[..., 2] == pytest.approx(1000.0 * places[..., 0], abs=1e-5)
    assert np.abs(stress[..., [0, 1, 3, 4, 5]]).max() < 1e-5


def smooth(points: Floats) -> tuple[Floats, Floats]:
    """Gradient of the harmonic sin x sin y exp(sqrt(2) z), in equilibrium for any nu, and its strain."""
    x, y, z = np.moveaxis(points, -1, 0)
    s, grow = np.sqrt(2.0), np.exp(np.sqrt(2.0) * z)
    sines, both = np.sin(x) * np.sin(y) * grow, np.cos(x) * np.cos(y) * grow
    along_x, along_y = np.cos(x) * np.sin(y) * grow, np.sin(x) * np.cos(y) * grow
    strain = [-sines, -sines, 2 * sines, 2 * s * along_y, 2 * s * along_x, 2 * both]
    return np.stack([along_x, along_y, s * sines], axis=-1), np.stack(strain, axis=-1)


@pytest.mark.parametrize("nu", [0.3, 0.4999])
@pytest.mark.parametrize(("split_up", "count"), [(False, 4), (True, 3)], ids=["hexahedra", "tetrahedra"])
def test_a_smooth_field_is_met_at_fourth_order_in_energy_also_near_incompressibility(
    split_up: bool, count: int, nu: float
) -> None:
    """Quadratic elements of half the size have 2**-4 of the error's energy; a rate of 3.6 on meshes so coarse."""
    errors = []
    for divisions in (count // 2, count):
        box = cube(divisions)
        mesh = with_copies(mapped(split(box) if split_up else box, sheared))
        one = solid.operator(mesh, isotropic_tensor(1000.0, nu)[None])
        found = filled_in(one, smooth(mesh.points)[0], border(box))
        strains, volumes = solid.strains_of(one, found)
        wrong = strains - smooth(solid.places_of(one))[1]
        errors.append(float(np.einsum("eqa,ab,eqb,eq->", wrong, one.tensors[0], wrong, volumes)))
    assert np.log(errors[0] / errors[1]) / np.log(count / (count // 2)) > 3.6


Layer = tuple[float, float, float, float]  # thickness, E, nu, alpha

BIMETAL: list[Layer] = [(1.0, 22e3, 0.28, 18e-6), (0.3, 131e3, 0.28, 2.6e-6)]
COATED: list[Layer] = [(0.3, 131e3, 0.28, 2.6e-6), (0.010, 3300.0, 0.34, 35e-6), (0.050, 2000.0, 0.40, 60e-6)]
WIDTH = 0.5


def laminate(
    layers: list[Layer], change: float, split_up: bool = False, projected: bool = True, divisions: int = 1
) -> tuple[float, list[Floats]]:
    """Return curvature and in-plane stress at the faces of each layer, of a quarter of a square in a wide plate.

    Symmetric at x = 0 and y = 0; its other sides stay plane and perpendicular to the curved mid-plane,
    u_n = (e + kappa z) WIDTH, free of shear; e and kappa are those without net force and moment on the side. The
    infinite plate's displacements are quadratic and meet these conditions, so that they are the solution.
    """
    faces = np.cumsum([0.0, *(layer[0] for layer in layers)])
    mesh = brick(*(divided(line, divisions) for line in ([0.0, 0.2, WIDTH], [0.0, 0.3, WIDTH], faces)))
    mesh = named(mesh, [str(n) for n in range(len(layers))], lambda c: np.searchsorted(faces, c[:, 2]) - 1)
    if split_up:
        mesh = split(mesh)
    x, y, z = mesh.points.T
    side_x, side_y = x > WIDTH - NEAR, y > WIDTH - NEAR
    fixed = np.stack([(x < NEAR) | side_x, (y < NEAR) | side_y, (x < NEAR) & (y < NEAR) & (z < NEAR)], axis=1)
    one = solid.operator(mesh, np.stack([isotropic_tensor(E, nu) for _, E, nu, _ in layers]), projected)
    strains = np.array([[layer[3] * change] * 3 + [0.0] * 3 for layer in layers])
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
        at_faces.append(slope(faces[number : number + 2]))
    return float(amounts[1]), at_faces


def divided(line: ArrayLike, divisions: int) -> Floats:
    line = np.asarray(line)
    return np.interp(np.arange(divisions * (len(line) - 1) + 1) / divisions, np.arange(len(line)), line)


def plate(layers: list[Layer], change: float) -> limits.Laminate:
    thickness, E, nu, alpha = zip(*layers, strict=True)
    moduli = [e / (1 - n) for e, n in zip(E, nu, strict=True)]
    return limits.layered_plate(thickness, moduli, [a * change for a in alpha])


@pytest.mark.parametrize(
    ("layers", "change", "golden"),
    [(BIMETAL, -100.0, 1.745786e-3), (COATED, -150.0, -7.253591e-4)],
    ids=["silicon on FR4", "two films on silicon"],
)
@pytest.mark.parametrize(
    ("split_up", "projected"), [(False, True), (False, False), (True, False)], ids=["hexahedra", "plain", "tetrahedra"]
)
def test_a_laminate_in_a_wide_plate_is_timoshenkos_and_hsuehs(
    layers: list[Layer], change: float, golden: float, split_up: bool, projected: bool
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
    (t, E, nu, alpha), die = BIMETAL
    golden = plate(BIMETAL, -100.0).curvature
    for wrong, change in (
        ([(t, E, nu, 1.01 * alpha), die], -100.0),
        ([(t, E, nu - 0.01, alpha), die], -100.0),
        (BIMETAL, 100.0),
    ):
        assert laminate(wrong, change)[0] != pytest.approx(golden, rel=1e-4)
