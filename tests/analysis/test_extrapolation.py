"""Richardson's extrapolation against sequences whose limit and order are known, and those that have none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fem_wlp.analysis.extrapolation import SETTLED, extrapolated

LABELS = [(1.0, 1 / 2, 1 / 3), (1.0, 1 / 2, 1 / 4), (1.0, 1 / 2, 1 / 3, 1 / 4), (1.0, 0.7, 0.6)]


@pytest.mark.parametrize("sizes", LABELS)
@pytest.mark.parametrize("order", [1.03, 1.5, 2.0, 3.0, 4.0, 4.9])
@pytest.mark.parametrize("slope", [0.4, -0.2])
def test_a_power_law_gives_back_its_limit_and_order(sizes: tuple[float, ...], order: float, slope: float) -> None:
    """V + c h^p is what is assumed, so that both come out to round-off, and the error is what was extrapolated."""
    values = [3.0 + slope * size**order for size in sizes]
    found = extrapolated(sizes, values)
    assert found.verdict == "asymptotic"
    assert found.value == pytest.approx(3.0, rel=1e-9)
    assert found.order == pytest.approx(order, rel=1e-6)
    assert found.error == pytest.approx(abs(slope) * sizes[-1] ** order, rel=1e-6)


@given(limit=st.floats(-10.0, 10.0), main=st.floats(0.05, 1.0), second=st.floats(-0.2, 0.2), order=st.floats(1.5, 3.5))
def test_the_stated_error_covers_a_second_term(limit: float, main: float, second: float, order: float) -> None:
    """V + c h^p + d h^(p+1) with |d| up to c / 5: what no fit of one term has, and every computation."""
    sizes = (1.0, 1 / 2, 1 / 3)
    values = [limit + main * (size**order + second * size ** (order + 1.0)) for size in sizes]
    found = extrapolated(sizes, values, scale=1.0)
    assert found.known
    assert abs(found.value - limit) <= found.error + 1e-12


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((1.0, 2.0, 1.5), "swing"),
        ((1.0, 2.0, 3.5), "nearer"),
        ((1.0, 1.0, 1.5), "same"),
        ((1.0, 1.5, 1.5), "same"),
        ([1.0 + size**0.5 for size in (1.0, 1 / 2, 1 / 3)], "order 0.5"),
        ([1.0 + size**8.0 for size in (1.0, 1 / 2, 1 / 3)], "order 8"),
    ],
)
def test_what_has_no_limit_is_told_with_its_spread(values: tuple[float, ...], reason: str) -> None:
    """The value is that of the finest mesh, and nothing is extrapolated."""
    found = extrapolated((1.0, 1 / 2, 1 / 3), values)
    assert found.verdict == "not asymptotic" and not found.known
    assert reason in found.reason
    assert (found.value, found.error) == (values[-1], max(values) - min(values))


def test_noise_below_what_matters_is_settled_and_above_it_is_not() -> None:
    """Meshes that are not nested scatter a little: no order, and no harm."""
    small, large = 0.4 * SETTLED, 4.0 * SETTLED
    sizes = (1.0, 1 / 2, 1 / 3)
    assert extrapolated(sizes, (1.0, 1.0 + small, 1.0 - small)).verdict == "settled"
    assert extrapolated(sizes, (1.0, 1.0 + large, 1.0 - large)).verdict == "not asymptotic"
    assert extrapolated(sizes, (0.0, large, -large), scale=100.0).verdict == "settled"


def test_round_off_of_nothing_has_no_order() -> None:
    assert extrapolated((1.0, 1 / 2, 1 / 3), (0.0, 0.0, 0.0)).verdict == "settled"


@pytest.mark.parametrize("wrong", [(1.0, 1 / 2, 1 / 2.2), (1.0, 0.95, 1 / 4)])
def test_a_mesh_with_a_wrong_label_spoils_the_order(wrong: tuple[float, ...]) -> None:
    """Control: the answers of order two on meshes 1, 1/2, 1/3 under other labels are not of order two."""
    values = [1.0 + size**2 for size in (1.0, 1 / 2, 1 / 3)]
    right, found = extrapolated((1.0, 1 / 2, 1 / 3), values), extrapolated(wrong, values)
    assert right.order == pytest.approx(2.0)
    assert not found.known


def test_meshes_that_do_not_become_finer_are_a_fault_of_the_caller() -> None:
    for sizes in ((1.0, 0.5), (1.0, 0.5, 0.5), (0.5, 1.0, 2.0)):
        with pytest.raises(ValueError, match="finer"):
            extrapolated(sizes, [1.0] * len(sizes))
