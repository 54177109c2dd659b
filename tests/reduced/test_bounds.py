"""The last step of a bound: from the errors of both shifts to that of the figure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fem_wlp.reduced.bounds import Off, figure_bound

Floats = NDArray[np.float64]

COMPONENT = st.floats(-1.0, 1.0)
PAIR = st.tuples(COMPONENT, COMPONENT)


def figure(shift: Floats, free: Floats) -> float:
    return float(shift @ free / (free @ free))


def off(error: Floats, free: Floats) -> Off:
    """What is known of an error: no more than its components along and across, over the size of the free shift."""
    turned = np.array([-free[1], free[0]])
    return Off(np.abs([error @ free, error @ turned])[:, None] / (free @ free), np.zeros((2, 2, 1)))


def bound(shift: Floats, free: Floats, e: Floats, f: Floats) -> float:
    return float(figure_bound(shift[None], free[None], off(e, free), off(f, free))[0])


@given(PAIR, st.floats(0.0, 2 * np.pi), PAIR, PAIR, st.sampled_from([1.0, 0.1, 1e-3]))
def test_the_figure_lies_within_its_bound_whatever_the_errors(
    shift: tuple[float, float],
    angle: float,
    e: tuple[float, float],
    f: tuple[float, float],
    size: float,
) -> None:
    delta, free = np.array(shift), np.array([np.cos(angle), np.sin(angle)])
    errors = size * np.array(e), size * np.array(f)
    if np.hypot(*(free + errors[1])) < 1e-6:
        return
    missed = abs(figure(delta + errors[0], free + errors[1]) - figure(delta, free))
    assert missed <= bound(delta, free, *errors) * (1 + 1e-9) + 1e-12


def test_the_first_order_alone_is_no_bound() -> None:
    """The control: an error along the free shift, which curves what divides by it."""
    delta, free, f = np.array([0.5, 0.0]), np.array([1.0, 0.0]), np.array([-0.3, 0.0])
    missed = abs(figure(delta, free + f) - figure(delta, free))
    assert missed > abs(f[0]) * 0.5
    assert missed == pytest.approx(bound(delta, free, np.zeros(2), f), rel=1e-9)  # reached, with all orders


def test_nothing_is_promised_where_the_free_shift_may_vanish() -> None:
    assert bound(np.array([0.5, 0.0]), np.array([1.0, 0.0]), np.zeros(2), np.array([1.0, 0.0])) == np.inf
