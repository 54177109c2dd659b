"""The decoupling figure runs into its analytic limits."""

from functools import cache

import numpy as np
import pytest

from fem_wlp.report.between_figure import limits_picture
from fem_wlp.verification.between import Limit, dense_joints, slender_posts, stiff_joints

LIMITS = {"posts": slender_posts, "dense": dense_joints, "stiff": stiff_joints}


@cache
def limit(name: str) -> Limit:
    return LIMITS[name]()


def test_bonded_posts_decouple_less_than_their_beams_and_run_into_them() -> None:
    """Bonded ends stiffen a length of fixed size: less than 0.015 of D anywhere, 2e-4 at eight diameters."""
    (curve,) = limit("posts").curves
    difference = curve.formula - curve.computed
    assert (difference > 0).all()
    assert difference.max() < 0.015
    assert difference[-1] < 2e-4
    assert curve.formula[curve.place == 1.0] == pytest.approx(0.5, abs=1e-6)


def test_dense_joints_run_into_their_shear_layer() -> None:
    """From ten per cent and more with two joints to half a per cent with 64, straight and bending."""
    for curve in limit("dense").curves:
        wrong = np.abs(curve.computed / curve.formula - 1)
        assert wrong[0] > 0.1
        assert wrong[-1] < 5e-3


def test_stiff_joints_run_into_a_bimetal() -> None:
    """D falls to 0, the raw figure to the tilt of the bonded stack, not to 0: both within 0.002; and never rise."""
    for curve in limit("stiff").curves:
        assert curve.end is not None
        assert curve.computed[-1] == pytest.approx(curve.end, abs=2e-3)
        assert curve.formula[-1] == pytest.approx(curve.end, abs=2e-3)
        assert curve.computed == pytest.approx(curve.formula, abs=5e-3)
        assert (np.diff(curve.computed) < 0).all()
    assert limit("stiff").curves[1].end == pytest.approx(0.4276, abs=1e-4)


def test_the_limits_bite() -> None:
    """The bimetal's tilt is far from 0, and twice as stiff a row far from the formula of one."""
    straight = limit("stiff").curves[0]
    middle = len(straight.place) // 3
    assert abs(straight.computed[middle + 1] - straight.formula[middle]) > 0.1


def test_the_picture_shows_them_side_by_side() -> None:
    picture = limits_picture([limit(name) for name in LIMITS])
    assert picture.size[0] > 3 * picture.size[1] / 1.2
    assert "shear layer" in picture.description
    assert picture.png.startswith(b"\x89PNG")
