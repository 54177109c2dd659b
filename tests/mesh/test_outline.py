"""Outlines: what a painting must be, and how it is brought to a common form."""

import math

import pytest

from fem_wlp.errors import MeshError
from fem_wlp.mesh.outline import VOID, HalfDisc, Painted, Polygon, checked, extent, heights, rectangle, scaled

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize(
    "corners",
    [SQUARE[::-1], (*SQUARE, SQUARE[0]), (SQUARE[0], *SQUARE), ((-1e-17, 0.0), *SQUARE[1:])],
    ids=["clockwise", "closed", "repeated corner", "round-off beyond the axis"],
)
def test_a_polygon_may_be_written_in_many_ways(corners: tuple[tuple[float, float], ...]) -> None:
    """Sense, closing corner and round-off do not matter."""
    (item,) = checked([Painted("square", Polygon(corners))])
    assert isinstance(item.outline, Polygon)
    assert set(item.outline.corners) == set(SQUARE)
    assert len(item.outline.corners) == 4
    (r, z), (next_r, next_z) = item.outline.corners[:2]
    assert r * next_z - z * next_r >= 0


@pytest.mark.parametrize(
    ("outline", "why"),
    [
        (Polygon(SQUARE[:2]), "bounds no area"),
        (rectangle((0.0, 1.0), (0.5, 0.5)), "bounds no area"),
        (rectangle((-0.1, 1.0), (0.0, 1.0)), "crosses the axis"),
        (rectangle((0.0, math.nan), (0.0, 1.0)), "not finite"),
        (rectangle((0.0, 1.0), (0.0, math.inf)), "not finite"),
        (Polygon(((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 2.0))), "crosses itself"),
        (HalfDisc(0.0, 0.0), "positive radius"),
        (HalfDisc(math.nan, 1.0), "positive radius"),
        (HalfDisc(0.0, 1.0, below=1.0), "cut off completely"),
        (HalfDisc(0.0, 1.0, below=0.5, above=-0.5), "cut off completely"),
    ],
)
def test_an_outline_that_cannot_be_drawn_is_refused_with_the_reason(outline: Polygon | HalfDisc, why: str) -> None:
    with pytest.raises(MeshError, match=why) as refused:
        checked([Painted("layer", outline)])
    assert refused.value.code == "E406"
    assert "'layer'" in refused.value.message


@pytest.mark.parametrize("painting", [[], [Painted(VOID, rectangle((0.0, 1.0), (0.0, 1.0)))]])
def test_nothing_painted_is_refused(painting: list[Painted]) -> None:
    with pytest.raises(MeshError, match="no region"):
        checked(painting)


def test_extent_and_heights_are_those_of_the_material() -> None:
    """A ball counts with its equator where the equator is there."""
    cap = Painted("cap", HalfDisc(0.0, 1.0, below=0.6))
    assert extent([cap]) == pytest.approx(0.8)
    assert heights([cap, Painted(VOID, rectangle((0.0, 1.0), (-5.0, 5.0)))]) == (0.6, 1.0)
    assert extent([scaled(cap, 0.5)]) == pytest.approx(0.4)
