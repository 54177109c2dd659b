"""The operator against stock scikit-fem, and its parts against each other."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fem_wlp.errors import MeshError
from fem_wlp.mesh.solid import Floats, SolidMesh
from fem_wlp.solid import operator as solid
from fem_wlp.solid.elements import HEXAHEDRON
from fem_wlp.verification.bricks import (
    SHAPES,
    brick,
    cube,
    isotropic_tensor,
    mapped,
    named,
    orthotropic_tensor,
    split,
    warped,
    with_copies,
)

from .stock import stock

NAMES = ("soft", "stiff")
TENSORS = np.stack([isotropic_tensor(200.0, 0.45), orthotropic_tensor()])
STRAINS = np.array([[1e-3, 1e-3, 1e-3, 0.0, 0.0, 0.0], [2e-3, 1e-3, -5e-4, 1e-4, 2e-4, -3e-4]])

elements = pytest.mark.parametrize("split_up", [False, True], ids=["hexahedra", "tetrahedra"])
shapes = pytest.mark.parametrize("shape", SHAPES)


def box(split_up: bool) -> SolidMesh:
    """Return a box of two materials."""
    line = [0.0, 0.4, 1.0]
    mesh = named(brick(line, line, line), NAMES, lambda centres: centres[:, 2] > 0.4)
    return split(mesh) if split_up else mesh


@cache
def three_field(split_up: bool, shape: str) -> tuple[Floats, Floats]:
    return stock(box(split_up), SHAPES[shape]).three_field(TENSORS, STRAINS)


def difference(found: Floats, expected: Floats) -> float:
    return float(np.abs(found - expected).max() / np.abs(expected).max())


@elements
@pytest.mark.parametrize("shape", ["straight", "curved"])
def test_the_plain_operator_is_that_of_stock_scikit_fem(split_up: bool, shape: str) -> None:
    """Isotropic and orthotropic regions, matrix and thermal load entry by entry: 1e-12, which is rounding."""
    straight = box(split_up)
    K, load = stock(straight, SHAPES[shape]).plain(TENSORS, STRAINS)
    one = solid.operator(mapped(straight, SHAPES[shape]), TENSORS, projected=False)
    assert difference(one.stiffness.assembled().toarray(), K) < 1e-12
    assert difference(solid.thermal_load(one, STRAINS), load) < 1e-12


@elements
@pytest.mark.parametrize("shape", ["curved", "warped"])
def test_the_projected_operator_is_the_three_field_form(split_up: bool, shape: str) -> None:
    """Hu-Washizu with discontinuous dilatation and multiplier, orthotropic regions too: 1e-12, which is rounding."""
    K, load = three_field(split_up, shape)
    one = solid.operator(mapped(box(split_up), SHAPES[shape]), TENSORS)
    assert difference(one.stiffness.assembled().toarray(), K) < 1e-12
    assert difference(solid.thermal_load(one, STRAINS), load) < 1e-12


@elements
def test_projection_orthotropy_and_shear_in_the_free_strain_are_seen(split_up: bool) -> None:
    """The comparisons above bite: the plain matrix, a swapped shear modulus, tensor shear strains are 1e-3 off."""
    K, load = three_field(split_up, "warped")
    mesh = mapped(box(split_up), warped)
    assert difference(solid.operator(mesh, TENSORS, projected=False).stiffness.assembled().toarray(), K) > 1e-3
    swapped = TENSORS.copy()
    swapped[1][[3, 4], [3, 4]] = swapped[1][[4, 3], [4, 3]]
    assert difference(solid.operator(mesh, swapped).stiffness.assembled().toarray(), K) > 1e-3
    half_shear = STRAINS * [1, 1, 1, 0.5, 0.5, 0.5]
    assert difference(solid.thermal_load(solid.operator(mesh, TENSORS), half_shear), load) > 1e-3


@elements
def test_the_product_is_that_of_the_assembled_matrix(split_up: bool) -> None:
    """Sums over elements in another order: 1e-14 of the largest force."""
    one = solid.operator(mapped(box(split_up), warped), TENSORS)
    u = np.random.default_rng(0).standard_normal(one.mesh.points.shape)
    assert difference(one.stiffness @ u, (one.stiffness.assembled() @ u.ravel()).reshape(-1, 3)) < 1e-14


def layered(twins: bool) -> SolidMesh:
    """Return skewed bricks, two layers of two materials, and half shares in one corner."""
    mesh = named(cube(4), NAMES, lambda centres: centres[:, 2] > 0.5)
    shares = np.where(mesh.points[mesh.cells].mean(axis=1)[:, 0] < 0.25, 0.5, 1.0)
    mesh = mapped(replace(mesh, shares=shares), SHAPES["skewed"])
    return with_copies(mesh) if twins else mesh


def everything(one: solid.Operator) -> list[Floats]:
    """Return all that can be asked of an operator, for some elements in a scattered order."""
    u = np.random.default_rng(1).standard_normal(one.mesh.points.shape)
    some = np.random.default_rng(2).permutation(len(one.mesh.cells))[:40]
    strains, volumes = solid.strains_of(one, u, some)
    return [
        one.stiffness.assembled().toarray(),
        one.stiffness @ u,
        solid.thermal_load(one, STRAINS),
        strains,
        volumes,
        solid.volumes_of(one, some),
        solid.stresses_of(one, strains, STRAINS, some),
        solid.nodal_forces(one, u, STRAINS, some),
        solid.energies(one, u, STRAINS, some),
    ]


def test_copies_share_one_matrix_and_change_nothing() -> None:
    """Four matrices, of two regions and two shares, instead of 64; every answer to 1e-12."""
    alike, own = solid.operator(layered(True), TENSORS), solid.operator(layered(False), TENSORS)
    assert len(alike.stiffness.matrices) == 4
    assert len(own.stiffness.matrices) == 64
    for found, expected in zip(everything(alike), everything(own), strict=True):
        assert difference(found, expected) < 1e-12


def test_what_elements_went_through_loads_them_one_by_one() -> None:
    """-B^T C B w of each element by itself; where neighbours went through the same it is -K u, to 1e-13; copies too."""
    one = solid.operator(layered(True), TENSORS)
    cells, random = one.mesh.cells, np.random.default_rng(4)
    u = random.standard_normal(one.mesh.points.shape)
    assert difference(solid.memory_load(one, u[cells]), -(one.stiffness @ u)) < 1e-13
    before = random.standard_normal((*cells.shape, 3))
    apart = replace(
        one.mesh, points=one.mesh.points[cells].reshape(-1, 3), cells=np.arange(cells.size).reshape(cells.shape)
    )
    forces = -(solid.operator(apart, TENSORS).stiffness @ before.reshape(-1, 3))
    expected = np.zeros_like(u)
    np.add.at(expected, cells.ravel(), forces)
    assert difference(solid.memory_load(one, before), expected) < 1e-13


def test_strains_are_those_of_each_element_where_its_own_displacement_is_given() -> None:
    """The same as from the nodes where it is theirs; and with another one element's strains change, no other's."""
    one = solid.operator(layered(True), TENSORS)
    u = np.random.default_rng(5).standard_normal(one.mesh.points.shape)
    own = u[one.mesh.cells]
    some = np.array([40, 3, 17])
    strains = solid.strains_of(one, u, some)[0]
    assert (solid.strains_of(one, own, some)[0] == strains).all()
    own[3] *= 2.0
    changed = solid.strains_of(one, own, some)[0]
    assert changed[1] == pytest.approx(2.0 * strains[1])
    assert (changed[[0, 2]] == strains[[0, 2]]).all()


def test_a_false_copy_is_seen() -> None:
    """The comparison above bites: elements of other shapes taken for copies."""
    line = [0.0, 0.2, 1.0]
    mesh = brick(line, line, line)
    one = solid.operator(mesh, TENSORS[:1])
    false = solid.operator(replace(mesh, twins=np.zeros(8, dtype=np.int64)), TENSORS[:1])
    assert difference(false.stiffness.assembled().toarray(), one.stiffness.assembled().toarray()) > 0.1


@elements
def test_a_mask_and_numbers_choose_the_same_elements_and_none_is_a_choice(split_up: bool) -> None:
    one = solid.operator(mapped(box(split_up), warped), TENSORS)
    u = np.random.default_rng(3).standard_normal(one.mesh.points.shape)
    mask = one.mesh.within("stiff")
    assert (solid.energies(one, u, STRAINS, mask) == solid.energies(one, u, STRAINS, np.flatnonzero(mask))).all()
    assert solid.places_of(one, mask).mean(axis=(0, 1))[2] > 0.4
    nothing = np.zeros(len(one.mesh.cells), dtype=bool)
    assert solid.energies(one, u, STRAINS, nothing).shape == (0,)
    assert (solid.nodal_forces(one, u, STRAINS, nothing) == 0).all()


@shapes
def test_quadrature_points_fill_the_body(shape: str) -> None:
    """The divergence theorem: volumes of the points against a third of the flux of x through the faces: 1e-12."""
    mesh = mapped(cube(2), SHAPES[shape])
    one = solid.operator(mesh, TENSORS[:1])
    assert solid.volumes_of(one).sum() == pytest.approx(volume_by_faces(mesh), rel=1e-12)


def volume_by_faces(mesh: SolidMesh) -> float:
    """Return a third of the integral of x . n over the faces of every element."""
    line, weights = np.polynomial.legendre.leggauss(4)
    total = 0.0
    for axis in range(3):
        a, b = (axis + 1) % 3, (axis + 2) % 3
        for side in (-1.0, 1.0):
            places = np.zeros((16, 3))
            places[:, axis], places[:, a], places[:, b] = side, np.repeat(line, 4), np.tile(line, 4)
            shape, slope = HEXAHEDRON.tabulate(places)
            nodes = mesh.points[mesh.cells]
            x = np.einsum("qk,ekx->eqx", shape, nodes)
            tangents = np.einsum("qka,ekx->aeqx", slope, nodes)
            flux = np.einsum("eqx,eqx->eq", x, np.cross(tangents[a], tangents[b]))
            total += side * float((flux @ np.outer(weights, weights).ravel()).sum()) / 3
    return total


@elements
def test_an_inverted_element_is_refused_with_its_region_and_place(split_up: bool) -> None:
    """One node pulled through the opposite face."""
    mesh = box(split_up)
    corner = int(np.argmin(np.abs(mesh.points - 1.0).max(axis=1)))
    points = mesh.points.copy()
    points[corner] = -0.5
    with pytest.raises(MeshError, match="'stiff'") as refused:
        solid.operator(replace(mesh, points=points), TENSORS)
    assert refused.value.code == "E401"


def test_cells_of_twenty_nodes_are_refused() -> None:
    mesh = cube(1)
    with pytest.raises(MeshError) as refused:
        solid.operator(replace(mesh, cells=mesh.cells[:, :20]), TENSORS[:1])
    assert refused.value.code == "E408"
