"""Scatter and its consequences: against distributions and functions whose answers are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from fem_wlp.errors import ConfigError
from fem_wlp.package import Package, loads, template
from fem_wlp.study.models import Readings
from fem_wlp.study.ranges import Range
from fem_wlp.study.tolerance import Tolerance, as_data, influences_of, scatter_of, tolerance_of

Floats = NDArray[np.float64]

BOTH = {"second_layer.thickness": "10 %", "materials.adhesive.E": "±20 %"}


@pytest.fixture(scope="module")
def package() -> Package:
    return loads(template("compliant"))


class Linear:
    """D = 0.9 + 0.1 (x - 1) - 0.05 (y - 1) of the factors x and y, known within 0.002."""

    kind = "reduced"

    def __init__(self, ranges: Sequence[Range]) -> None:
        self.ranges = tuple(ranges)

    def readings(self, values: Floats, names: Sequence[str] = (), bounds: bool = False) -> Readings:
        """Answer by the formula."""
        figure = 0.9 + 0.1 * (values[:, 0] - 1.0) - 0.05 * (values[:, 1] - 1.0)
        return Readings(figure, np.full(len(values), 2e-3), np.zeros(len(values), dtype=bool), {})


def linear(package: Package, target: float = 0.9, samples: int = 1024, seed: int = 0) -> Tolerance:
    return tolerance_of(package, target, BOTH, samples, seed, model_for=lambda package, ranges, names: Linear(ranges))


def test_sobol_indices_are_those_of_ishigamis_function() -> None:
    """Ishigami and Homma 1990, a = 7, b = 0.1: first order 0.3139, 0.4424, 0, total 0.5576, 0.4424, 0.2437."""

    def function(x: Floats) -> Floats:
        return np.asarray(np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))

    found = {one.name: one for one in influences_of(function, [stats.uniform(-np.pi, 2 * np.pi)] * 3, "abc", 4096, 0)}
    for name, first, total in (("a", 0.3139, 0.5576), ("b", 0.4424, 0.4424), ("c", 0.0, 0.2437)):
        assert found[name].first == pytest.approx(first, abs=0.02)
        assert found[name].total == pytest.approx(total, abs=0.02)
        assert found[name].total_range[0] <= total <= found[name].total_range[1]


@pytest.mark.parametrize(("slope", "share"), [(0.1, 1.0), (0.0, 0.0)])
def test_a_single_parameter_explains_all_that_varies(slope: float, share: float) -> None:
    """By definition; nothing, where nothing varies."""
    (found,) = influences_of(lambda x: 0.9 + slope * x[0], [stats.norm(1.0, 0.1)], ["t"], 64, 0)
    assert (found.name, found.first, found.total) == ("t", share, share)
    assert found.first_range == found.total_range == (share, share)


def test_a_linear_figure_has_known_scatter_and_influences(package: Package) -> None:
    """Variances 0.1^2 times that of a normal cut at 3 deviations of 0.1, and 0.05^2 times 0.2^2/3."""
    found = linear(package)
    normal, even = 0.1**2 * 0.1**2 * stats.truncnorm(-3, 3).var(), 0.05**2 * 0.2**2 / 3
    assert found.figure.mean() == pytest.approx(0.9, abs=1e-4)
    assert found.figure.std() == pytest.approx(np.sqrt(normal + even), rel=0.01)
    assert found.probability == pytest.approx(0.5, abs=0.01)
    strongest, other = found.influences
    assert strongest.name == "second_layer.thickness"
    assert strongest.first == pytest.approx(normal / (normal + even), abs=0.03)
    assert other.total == pytest.approx(even / (normal + even), abs=0.03)


def test_the_confidence_of_a_share_allows_for_the_bound_of_every_point(package: Package) -> None:
    found = linear(package, target=0.905)
    low, high = found.probability_range
    pure = stats.binomtest(int((found.figure >= 0.905).sum()), len(found.figure)).proportion_ci(0.95, "wilson")
    assert low < pure.low < found.probability < pure.high < high


def test_the_same_seed_gives_the_same_table_and_another_another(package: Package) -> None:
    one, same, other = linear(package, seed=1), linear(package, seed=1), linear(package, seed=2)
    assert one.csv() == same.csv() != other.csv()
    assert as_data(one) == as_data(same)


def test_a_scatter_in_a_unit_is_told_relative_to_what_is_there(package: Package) -> None:
    """75 um thick."""
    normal, even = (scatter_of(package, "second_layer.thickness", width) for width in ("7.5 um", "±7.5 um"))
    assert normal.deviation == pytest.approx(0.1)
    assert not normal.even
    assert (normal.range.low, normal.range.high) == pytest.approx((0.7, 1.3))
    assert even.even
    assert (even.range.low, even.range.high) == pytest.approx((0.9, 1.1))


@pytest.mark.parametrize(
    ("scatter", "said"),
    [
        ({}, "nothing says what scatters"),
        ({"second_layer.thickness": "wide"}, "no width of a scatter"),
        ({"second_layer.thickness": "0 %"}, "more than nothing"),
        ({"second_layer.thickness": "40 %"}, "at most 30%"),
        ({"materials.adhesive.E": "5 um"}, "no width of a scatter"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_any_work(package: Package, scatter: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        tolerance_of(package, 0.9, scatter)
    assert refused.value.code == "D109"
    assert said in refused.value.message


def test_a_sample_is_a_power_of_two(package: Package) -> None:
    with pytest.raises(ConfigError, match="a power of two"):
        linear(package, samples=1000)


def test_what_goes_beyond_any_package_is_said(package: Package) -> None:
    """A base region of 240 um has an opening of 200 um on it: no package is wider."""
    with pytest.raises(ConfigError) as refused:
        tolerance_of(package, 0.9, {"opening.diameter": "±60 %"})
    assert refused.value.code == "D109"
