"""Tables of the elements: their functions, quadrature and modes."""

import numpy as np
import pytest

from fem_wlp.errors import MeshError
from fem_wlp.solid.elements import EDGES, HEXAHEDRON, TETRAHEDRON, SolidElement, element_of

both = pytest.mark.parametrize("element", [HEXAHEDRON, TETRAHEDRON], ids=lambda element: element.name)

VOLUME = {27: 8.0, 10: 1 / 6}


def moment(element: SolidElement, powers: tuple[int, int, int]) -> float:
    """Integral of x^a y^b z^c over the reference element, in closed form."""
    if len(element.nodes) == 27:
        return float(np.prod([(1 + (-1.0) ** p) / (p + 1) for p in powers]))
    a, b, c = powers
    factorial = np.cumprod([1.0, *range(1, 16)])
    return float(factorial[a] * factorial[b] * factorial[c] / factorial[a + b + c + 3])


@both
def test_each_function_is_one_at_its_node_and_zero_at_the_others(element: SolidElement) -> None:
    values, _ = element.tabulate(element.nodes)
    assert np.abs(values - np.eye(len(element.nodes))).max() < 1e-15


@both
def test_functions_reproduce_quadratic_fields_and_their_slopes(element: SolidElement) -> None:
    """The field x y - 2 z^2 + x at scattered points, value and gradient: 1e-14."""
    points = np.random.default_rng(0).random((20, 3)) / 3
    x, y, z = points.T
    values, slopes = element.tabulate(points)
    a, b, c = element.nodes.T
    nodal = a * b - 2 * c**2 + a
    assert values @ nodal == pytest.approx(x * y - 2 * z**2 + x, abs=1e-14)
    expected = np.stack([y + 1, x, -4 * z], axis=1)
    assert np.einsum("nka,k->na", slopes, nodal) == pytest.approx(expected, abs=1e-13)


@both
def test_the_linear_functions_reproduce_linear_fields_at_all_nodes(element: SolidElement) -> None:
    """What the multigrid interpolates with; the corners are nodes of the element."""
    linear = element.nodes @ [1.0, 2.0, 3.0] + 0.5
    assert element.corners @ linear[element.corner_nodes] == pytest.approx(linear, abs=1e-15)
    assert element.corners[element.corner_nodes] == pytest.approx(np.eye(element.corners.shape[1]), abs=1e-15)


@both
def test_quadrature_has_positive_weights_and_integrates_what_the_patch_test_needs(element: SolidElement) -> None:
    """Degree 5 in each variable of the hexahedron, total degree 3 of the tetrahedron: 1e-14; degree 6 is missed."""
    assert (element.weights > 0).all()
    assert element.weights.sum() == pytest.approx(VOLUME[len(element.nodes)], rel=1e-14)
    most = 15 if len(element.nodes) == 27 else 3
    for powers in np.ndindex(6, 6, 6):
        if sum(powers) <= most:
            found = element.weights @ np.prod(element.points**powers, axis=1)
            assert found == pytest.approx(moment(element, powers), abs=1e-14)
    assert element.weights @ element.points[:, 0] ** 6 != pytest.approx(moment(element, (6, 0, 0)), rel=1e-3)


def test_nodes_lie_where_the_mesh_says() -> None:
    """Hexahedron: xi fastest on the grid -1, 0, 1; tetrahedron: corners, then midpoints of its edges."""
    numbers = np.arange(27)
    grid = np.stack([numbers % 3, numbers // 3 % 3, numbers // 9], axis=1) - 1.0
    assert (HEXAHEDRON.nodes == grid).all()
    middle = TETRAHEDRON.nodes[np.array(EDGES)].mean(axis=1)
    assert (TETRAHEDRON.nodes[4:] == middle).all()


def test_the_dilatation_is_projected_onto_linear_functions_of_the_hexahedron_and_the_mean_of_the_tetrahedron() -> None:
    assert (HEXAHEDRON.modes == np.column_stack([np.ones(27), HEXAHEDRON.points])).all()
    assert (TETRAHEDRON.modes == 1).all()
    assert TETRAHEDRON.modes.shape == (len(TETRAHEDRON.points), 1)


@pytest.mark.parametrize("count", [4, 8, 20])
def test_elements_of_another_kind_are_refused(count: int) -> None:
    with pytest.raises(MeshError, match=f"{count} nodes") as refused:
        element_of(np.zeros((1, count), dtype=np.int64))
    assert refused.value.code == "E408"
