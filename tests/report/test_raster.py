"""What an eye sees of triangles: every pixel once, the nearest in front, fields linear on each."""

import numpy as np
import pytest

from fem_wlp.report.raster import EVERY, Camera, Floats, Frame, Ints, Skin, nearest, seen

SHAPE = (60, 80)


def random_triangles(count: int, seed: int) -> tuple[Floats, Ints]:
    """Triangles of all sizes, some of them partly outside the picture, half of them seen from behind."""
    random = np.random.default_rng(seed)
    centre = random.uniform((-10.0, -10.0, -5.0), (90.0, 70.0, 5.0), (count, 1, 3))
    size = 10.0 ** random.uniform(-1.0, 1.7, (count, 1, 1))
    corners = centre + size * random.normal(size=(count, 3, 3)) * (1.0, 1.0, 0.1)
    return corners.reshape(-1, 3), np.arange(3 * count).reshape(-1, 3)


def covered(corner: Floats) -> tuple[Floats, Floats]:
    """By the definition: pixels whose centre lies left of all three sides; and the plane's height there."""
    y, x = np.mgrid[0.5 : SHAPE[0], 0.5 : SHAPE[1]]
    a, b, c = corner
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    shares = [((q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])) / area for p, q in ((b, c), (c, a), (a, b))]
    inside = np.all([share > 0.0 for share in shares], axis=0) & (area > 0.0)
    return inside, sum(share * corner[k, 2] for k, share in enumerate(shares))


def test_the_nearest_of_the_triangles_over_a_pixels_centre_is_seen() -> None:
    """Against the definition, pixel by pixel; vertices on the grid on which pictures are drawn."""
    points, triangles = random_triangles(120, seed=3)
    points = np.round(points * 256.0) / 256.0
    triangle, depth = nearest(points, triangles, SHAPE)
    expected = np.full(SHAPE, -np.inf)
    owner = np.full(SHAPE, -1)
    for number, corners in enumerate(points[triangles]):
        inside, height = covered(corners)
        nearer = inside & (height > expected)
        expected[nearer], owner[nearer] = height[nearer], number
    assert (owner >= 0).mean() > 0.3  # enough of them are seen
    # a centre on a side belongs to either neighbour
    assert (triangle != owner).mean() < 2e-3
    same = triangle == owner
    assert np.array_equal(np.isfinite(depth[same]), np.isfinite(expected[same]))
    there = same & (owner >= 0)
    assert np.allclose(depth[there], expected[there], atol=1e-4)


def test_the_order_of_triangles_does_not_matter() -> None:
    points, triangles = random_triangles(200, seed=5)
    backwards = nearest(points, triangles[::-1], SHAPE)
    forwards = nearest(points, triangles, SHAPE)
    assert np.array_equal(backwards[1], forwards[1])
    assert np.array_equal(np.where(backwards[0] < 0, -1, len(triangles) - 1 - backwards[0]), forwards[0])


def test_neighbours_leave_no_gap_and_never_overlap() -> None:
    """A crumpled net of triangles over the whole picture: each pixel is covered exactly once."""
    random = np.random.default_rng(1)
    x, y = np.meshgrid(np.linspace(-5.0, 85.0, 30), np.linspace(-5.0, 65.0, 23), indexing="ij")
    x[1:-1, 1:-1] += random.uniform(-0.7, 0.7, (28, 21))
    y[1:-1, 1:-1] += random.uniform(-0.7, 0.7, (28, 21))
    points = np.column_stack([x.ravel(), y.ravel(), random.normal(size=x.size)])
    corner = (np.arange(29)[:, None] * 23 + np.arange(22)).ravel()
    triangles = np.concatenate(
        [np.stack([corner, corner + 23, corner + 24], 1), np.stack([corner, corner + 24, corner + 1], 1)]
    )
    times = np.zeros(SHAPE, dtype=int)
    for lot in np.array_split(triangles, 40):
        times += nearest(points, lot, SHAPE)[0] >= 0
    assert (nearest(points, triangles, SHAPE)[0] >= 0).all()
    assert (times == 1).all()


def flat_skin(values: Floats, turned: bool = False) -> Skin:
    """A square of 2 mm, level at z = 0.3 mm, of two triangles."""
    points = np.array([(-1.0, -1.0, 0.3), (1.0, -1.0, 0.3), (1.0, 1.0, 0.3), (-1.0, 1.0, 0.3)])
    triangles = np.array([(0, 1, 2), (0, 2, 3)])[:, :: -1 if turned else 1]
    normals = np.tile([0.0, 0.0, 3.0], (4, 1))
    return Skin(points, normals, values, triangles, np.array([4, 4]), np.array([0, 0]))


def test_a_linear_field_is_seen_as_it_is() -> None:
    """A plane from above: what is seen at a pixel is the field at its centre, to single precision."""
    scale, shape = 20.0, (50, 60)
    field = lambda x, y: 3.0 + 2.0 * x - 5.0 * y  # noqa: E731
    skin = flat_skin(field(np.array([-1.0, 1.0, 1.0, -1.0]), np.array([-1.0, -1.0, 1.0, 1.0])))
    scene = seen(skin, Camera(0.0, np.pi / 2), Frame((-1.5, -1.25), scale, shape))
    rows, columns = np.nonzero(scene.sparse >= 0)
    x, y = (EVERY * columns + 0.5) / scale - 1.5, (EVERY * rows + 0.5) / scale - 1.25
    assert np.allclose(scene.value[rows, columns], field(x, y), atol=1e-5)
    assert np.allclose(scene.normal[rows, columns], (0.0, 0.0, 1.0), atol=1e-6)
    assert np.allclose(scene.depth[scene.triangle >= 0], 0.3 * scale, atol=1e-4)
    assert (scene.triangle >= 0).sum() == pytest.approx(4.0 * scale**2, rel=1e-9)


def test_a_surface_from_behind_is_not_seen() -> None:
    frame = Frame((-1.5, -1.25), 20.0, (50, 60))
    assert (seen(flat_skin(np.zeros(4), turned=True), Camera(0.0, np.pi / 2), frame).triangle < 0).all()


def test_the_axes_of_an_eye_are_orthonormal_and_upright() -> None:
    """Azimuth 0 is from -y: x runs to the right, z upwards."""
    for camera in (Camera(0.4, 0.5), Camera(-2.0, 1.1)):
        assert np.allclose(camera.axes @ camera.axes.T, np.eye(3), atol=1e-15)
        assert np.linalg.det(camera.axes) == pytest.approx(1.0, abs=1e-15)
    assert np.allclose(Camera(0.0, 0.0).axes, [(1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, -1.0, 0.0)], atol=1e-15)
