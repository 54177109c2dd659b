"""Interpolation between thicknesses: exact at its nodes, converging, with an error that is foretold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fem_wlp.reduced.thickness import THICKNESSES, among, error_weights, nodes_between, weights_of

RANGE = (0.02, 0.15)


@given(st.floats(*RANGE), st.integers(0, THICKNESSES - 1))
def test_polynomials_of_the_logarithm_are_met(thickness: float, power: int) -> None:
    nodes = nodes_between(*RANGE)
    weights = weights_of(np.array([thickness]), nodes)[0]
    scale = np.log(nodes) - np.log(nodes).mean()
    assert weights @ scale**power == pytest.approx((np.log(thickness) - np.log(nodes).mean()) ** power, abs=1e-12)


@given(st.floats(*RANGE), st.floats(0.003, 3.0))
def test_the_error_is_foretold_for_a_layer_in_series_with_anything(thickness: float, other: float) -> None:
    """1/(other + t) has its pole at t < 0, wherever; the estimate is no idle one."""
    nodes, t = nodes_between(*RANGE), np.array([thickness])
    found = (weights_of(t, nodes) @ (1 / (other + nodes)))[0]
    foretold = np.hypot(*(error_weights(t, nodes) @ (1 / (other + nodes))))[0]
    assert abs(found - 1 / (other + thickness)) <= foretold + 1e-12 / other
    assert foretold <= 5e-4 / other


def test_at_its_nodes_nothing_is_interpolated() -> None:
    nodes = nodes_between(*RANGE)
    assert nodes[[0, -1]] == pytest.approx(RANGE)
    assert np.array_equal(weights_of(nodes, nodes), np.eye(len(nodes)))
    assert among(np.array([nodes[2], 1.001 * nodes[2], nodes[2] * (1 + 1e-14)]), nodes).tolist() == [True, False, True]


def test_one_thickness_stands_for_all() -> None:
    """A package without a second layer has the thickness 0."""
    one = np.array([0.0])
    assert weights_of(np.zeros(3), one).tolist() == [[1.0]] * 3
    assert not error_weights(np.zeros(3), one).any()
    assert among(np.zeros(2), one).all()
