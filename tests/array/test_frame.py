"""The frame in which a package that hangs in space is told."""

from __future__ import annotations

import numpy as np
import pytest

from fem_wlp.array.frame import frame_of

from .bricks import brick_sector, small_package


@pytest.mark.parametrize(("extent", "free"), [("full", (0, 1, 2, 3, 4, 5)), ("half", (1, 2, 3)), ("quarter", (2,))])
def test_a_rigid_motion_that_mirror_planes_leave_is_taken_off(extent: str, free: tuple[int, ...]) -> None:
    """Of translations along and rotations about x, y, z nothing is left, to 1e-12, in the frame of any centre."""
    sector = brick_sector(small_package(), extent)
    points = sector.mesh.points
    axes = np.eye(3)
    for motion in free:
        u = np.tile(axes[motion], (len(points), 1)) if motion < 3 else np.cross(axes[motion - 3], points - [0, 0, 7.0])
        assert np.abs(u).max() > 0.1
        assert np.abs(frame_of(sector).at_rest(u)).max() < 1e-12 * np.abs(points).max() * np.abs(u).max()


def test_what_is_left_has_no_mean_motion_of_the_board() -> None:
    """Of a tilted dome u_z = x^2 + y^2 on a board of sides w and l its mean, (w^2 + l^2)/12, and the tilt: exact."""
    package = small_package()
    sector = brick_sector(package, "full")
    points, (x, y, _) = sector.mesh.points, sector.mesh.points.T
    width, length = package.board.width, package.board.length
    dome = np.zeros_like(points)
    dome[:, 2] = x**2 + y**2
    exact = dome - [0.0, 0.0, (width**2 + length**2) / 12]
    tilt = np.cross([0.03, -0.2, 0.1], points)
    frame = frame_of(sector)
    assert frame.at_rest(dome + tilt) == pytest.approx(exact, abs=1e-12)
    assert np.abs(dome + tilt - exact).max() > 0.1


def test_the_chip_has_no_part_in_it() -> None:
    """Where only what stands on the board moves nothing is taken off."""
    sector = brick_sector(small_package(), "full")
    above = sector.mesh.points[:, 2] > 1e-9
    u = np.outer(above, [1.0, 2.0, 3.0])
    assert frame_of(sector).at_rest(u) == pytest.approx(u, abs=1e-12)
