"""Blocks of quadrilaterals: they follow their sides, and round-off welds nothing apart."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fem_wlp.mesh.quads import Sizes, block, joined, numbered, straight, welded, whole_numbers, windows, with_middles

SIZES = Sizes(tip=0.01, growth=0.5, largest=0.2)


def arc(radius: float, start: float, end: float, shares: np.ndarray) -> np.ndarray:
    angle = start + with_middles(shares) * (end - start)
    return radius * np.column_stack([np.sin(angle), np.cos(angle)])


def test_elements_grow_from_the_tip_by_the_wanted_rate_to_the_largest() -> None:
    """An element's length lies between the wanted lengths at its two ends, a rounded number of elements apart."""
    breaks = SIZES.levels(0.0, 1.0, (0.0,))
    lengths = np.diff(breaks)
    wanted = np.minimum(SIZES.largest, SIZES.tip + SIZES.growth * breaks)
    assert breaks[[0, -1]].tolist() == [0.0, 1.0]
    assert np.all(lengths > 0.9 * wanted[:-1])
    assert np.all(lengths < 1.1 * wanted[1:])


def test_breaks_pass_through_every_line_in_either_direction() -> None:
    """Downwards the faces are those upwards, exactly mirrored."""
    lines = [0.0, 0.3, 0.35, 1.0]
    counts = whole_numbers(SIZES.wanted(lines, (0.3,)), total=12)
    up = SIZES.breaks(lines, (0.3,), counts)
    down = SIZES.breaks(lines[::-1], (0.3,), counts[::-1])
    assert sum(counts) >= 12
    assert set(lines) <= set(up)
    assert down[::-1] == pytest.approx(up, abs=1e-12)


def test_without_growth_all_elements_are_alike() -> None:
    """Five elements of a fifth, whether there is a singular place or not."""
    even = Sizes(tip=0.2, growth=0.0, largest=0.2)
    for singular in ((), (0.3,)):
        assert even.levels(0.0, 1.0, singular) == pytest.approx(np.linspace(0.0, 1.0, 6), abs=1e-12)


def test_lines_between_two_arcs_are_arcs() -> None:
    """Every node of a ring lies on the circle of its share between the two arcs, to round-off."""
    shares, across = np.array([0.0, 0.2, 0.7, 1.0]), np.array([0.0, 0.3, 1.0])
    inner, outer = (arc(radius, 0.3, 1.5, shares) for radius in (1.0, 1.4))
    ends = [straight(inner[k], outer[k], across) for k in (0, -1)]
    grid = block(ends[0], ends[1], inner, outer)
    radii = 1.0 + 0.4 * with_middles(across)
    assert np.abs(np.linalg.norm(grid, axis=2) - radii).max() < 1e-14


def test_a_block_of_straight_sides_has_straight_lines() -> None:
    """With other divisions on opposite sides, nodes still lie on the straight lines between them, to round-off."""
    left, right = (
        straight((r, 0.0), (r, 1.0), shares) for r, shares in ((0.0, [0.0, 0.5, 1.0]), (2.0, [0.0, 0.8, 1.0]))
    )
    bottom, top = (straight((0.0, z), (2.0, z), [0.0, 0.1, 1.0]) for z in (0.0, 1.0))
    grid = block(left, right, bottom, top)
    start, end = left[:, None], right[:, None]
    along, across = grid.transpose(1, 0, 2) - start, end - start
    assert np.abs(along[..., 0] * across[..., 1] - along[..., 1] * across[..., 0]).max() < 1e-14


def test_a_thin_shell_whose_ends_are_divided_unlike_is_not_inverted() -> None:
    """It keeps its sides, to round-off, and the corners of every element turn one way.

    With the sides taken at each node's own number the slanting end would shift nodes by more than the shell is thick.
    """
    shares = np.linspace(0.0, 1.0, 31)
    inner, outer = arc(1.0, 0.5, 2.0, shares), arc(1.02, 0.35, 2.0, shares)
    bottom = straight(inner[0], outer[0], np.array([0.0, 0.02, 0.1, 0.3, 1.0]))
    top = straight(inner[-1], outer[-1], np.array([0.0, 0.7, 0.9, 0.98, 1.0]))
    grid = block(inner, outer, bottom, top)
    for side, nodes in ((inner, grid[0]), (outer, grid[-1]), (bottom, grid[:, 0]), (top, grid[:, -1])):
        assert np.abs(nodes - side).max() < 1e-14
    corners = windows(grid)[:, [0, 2, 8, 6]]
    x, y = (np.roll(corners, -1, axis=1) - corners).transpose(2, 0, 1)
    turns = x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)
    assert turns.max() < 0.0  # both arcs run clockwise


def test_blocks_share_the_nodes_of_their_common_side() -> None:
    """Two blocks of 2 x 3 elements with a common side have 5 x 7 + 4 x 7 nodes."""
    shares = np.array([0.0, 0.3, 0.5, 1.0])
    parts = []
    for low in (0.0, 1.0):
        left, right = (straight((low + r, 0.0), (low + r, 1.0), shares) for r in (0.0, 1.0))
        bottom, top = (straight((low, z), (low + 1.0, z), [0.0, 0.5, 1.0]) for z in (0.0, 1.0))
        parts.append((block(left, right, bottom, top), [f"part {low:g}"]))
    mesh = joined(parts, ("part 0", "part 1"))
    assert len(mesh.points) == 63
    assert np.bincount(mesh.regions).tolist() == [6, 6]
    assert mesh.points[mesh.quads[0]].tolist() == windows(parts[0][0])[0].tolist()


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_round_off_parts_no_two_places(seed: int, size: float) -> None:
    """Points moved by a few units in the last place stay one; distinct ones a millionth apart stay two."""
    random = np.random.default_rng(seed)
    places = size * random.random((40, 3))
    places = np.concatenate([places, places + size * 1e-6])
    copies = np.concatenate([places, places * (1 + 4 * np.finfo(float).eps), places])
    number, first = numbered(copies)
    assert len(first) == 80
    assert number[:80].tolist() == number[80:160].tolist() == number[160:].tolist()
    assert np.abs(welded(copies)[0][number] - copies).max() <= 1e-14 * size * math.sqrt(3)
