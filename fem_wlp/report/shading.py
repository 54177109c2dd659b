"""Light and lines on what an eye sees: a lamp with its shadow, hollows in the dark, outlines of parts."""

from __future__ import annotations

import numpy as np

from .raster import EVERY, Bools, Floats, Pixels, Scene, nearest

LAMP = (-0.40, 0.66, 0.64)
"""Where the lamp stands: right, up, towards the eye [-]."""

AMBIENT, DIFFUSE, GLOSS = 0.52, 0.48, 0.20
"""Light from everywhere, of the lamp, and of its reflection [-]."""

BRIGHT = 1.1
"""How much brighter than their colour faces are that look upwards [-]."""

SHADOW, HOLLOW = 0.5, 0.6
"""Share of the lamp's light that a shadow takes, and share of all light that a deep hollow takes [-]."""

SHARPNESS = 28
"""Power of the reflection [-]."""

SHADOW_SIZE = 1400
"""Width of the picture that the lamp sees [pixels]."""

CREASE = 0.86
"""Cosine of the angle between neighbouring normals below which an edge is drawn [-]."""

STEEPEST = 20.0
"""Largest slope of a surface that is told from a jump [-]."""


def lit(scene: Scene, colours: Pixels, gloss: Pixels, contrast: float, reach: float, overhead: Floats) -> Pixels:
    """Return colours in the lamp's light, at every `EVERY`-th pixel.

    Parameters
    ----------
    scene
        What is seen.
    colours
        Of these pixels, shape (h', w', 3) [-].
    gloss
        How much each reflects, shape (h', w') [-].
    contrast
        1 for full light and shade; less for colours that are to be read off [-].
    reach
        Width of the hollows that lie in the dark [pixels].
    overhead
        Direction of the faces that look upwards: right, up, towards the eye, shape (3,) [-].

    Returns
    -------
    ndarray
        Shape (h', w', 3).
    """
    lamp = _unit(np.array(LAMP))
    open_share = 1.0 - SHADOW * _shadows(scene)
    dark = hollows(scene.depth[::EVERY, ::EVERY], reach / EVERY)
    light = (AMBIENT + DIFFUSE * np.clip(scene.normal @ lamp, 0.0, 1.0) * open_share) * (1.0 - HOLLOW * dark)
    light *= BRIGHT / (AMBIENT + DIFFUSE * float(np.clip(overhead @ lamp, 0.0, 1.0)))
    light = 1.0 + contrast * (light - 1.0)
    between = _unit(lamp + np.array([0.0, 0.0, 1.0]))
    shine = contrast * GLOSS * gloss * open_share * np.clip(scene.normal @ between, 0.0, 1.0) ** SHARPNESS
    return np.asarray(np.clip(colours * light[..., None] + shine[..., None], 0.0, 1.0), dtype=np.float32)


def _unit(vector: Floats) -> Pixels:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _shadows(scene: Scene) -> Pixels:
    """Share of the lamp that is hidden from what is seen, at every `EVERY`-th pixel."""
    depth = scene.depth[::EVERY, ::EVERY]
    rows, columns = np.nonzero(np.isfinite(depth))
    hidden = np.zeros(depth.shape, dtype=np.float32)
    if not len(rows):
        return hidden
    from scipy.ndimage import gaussian_filter  # 0.05 s to load, which only pictures of bodies need

    towards = np.array(LAMP) / np.linalg.norm(LAMP)
    across = np.cross([0.0, 1.0, 0.0], towards)
    across /= np.linalg.norm(across)
    axes = np.stack([across, np.cross(towards, across), towards])
    turned = scene.screen @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    scale = SHADOW_SIZE / float((high - low)[:2].max())
    margin = np.array([4.0, 4.0, 0.0])
    width, height = (int(np.ceil(side * scale)) + 8 for side in (high - low)[:2])
    _, lamp_depth = nearest((turned - low) * scale + margin, scene.skin.triangles, (height, width))
    # a place a little off the surface is not in the shadow of the surface itself
    places = np.column_stack([EVERY * columns + 0.5, EVERY * rows + 0.5, depth[rows, columns]])
    places += 2.0 / scale * scene.normal[rows, columns]
    x, y, own = ((places @ axes.T - low) * scale + margin).astype(np.float32).T
    column, row = x.astype(np.int64), y.astype(np.int64)
    for dx, dy in _AROUND:
        there = lamp_depth[np.clip(row + dy, 0, height - 1), np.clip(column + dx, 0, width - 1)]
        hidden[rows, columns] += there > own + np.float32(1.5)
    return np.asarray(gaussian_filter(hidden / np.float32(len(_AROUND)), 1.0))


_AROUND = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
# Pixels of the lamp whose mean makes a soft rim of a shadow.


def hollows(depth: Pixels, reach: float) -> Pixels:
    """Return how deep every pixel lies between what is around it, from 0 on the open to 1, shape (h, w) [-].

    Pairs of opposite pixels are compared with the one between them, so that a slope is no hollow.
    """
    from scipy.ndimage import gaussian_filter  # 0.05 s to load, which only pictures of bodies need

    there = np.isfinite(depth)
    floor = np.float32(depth[there].min(initial=0.0))
    solid = np.where(there, depth, floor)
    total = np.zeros(depth.shape, dtype=np.float32)
    radii = [share * reach for share in (0.15, 0.4, 0.7, 1.0)]
    angles = np.arange(8) * np.pi / 8
    for turn, radius in enumerate(radii):
        for angle in angles + turn * np.pi / 24:
            dx, dy = round(radius * np.cos(angle)), round(radius * np.sin(angle))
            limit = np.float32(1.2 * max(radius, 1.0))
            pair = [np.clip(_shifted(solid, *step, floor) - solid, -limit, limit) for step in ((dx, dy), (-dx, -dy))]
            total += np.maximum(pair[0] + pair[1], 0.0) / limit
    dark = np.where(there, np.minimum(total / (len(radii) * len(angles)), 1.0), 0.0)
    return np.asarray(gaussian_filter(dark, 0.04 * reach))


def _shifted(picture: Pixels, dx: int, dy: int, beyond: np.float32) -> Pixels:
    """The picture as it is dx, dy pixels further on, and what is beyond its rim."""
    moved = np.full_like(picture, beyond)
    h, w = picture.shape
    to = (slice(max(0, -dy), h - max(0, dy)), slice(max(0, -dx), w - max(0, dx)))
    of = (slice(max(0, dy), h - max(0, -dy)), slice(max(0, dx), w - max(0, -dx)))
    moved[to] = picture[of]
    return moved


# --- lines ------------------------------------------------------------------------------------------------------------


def edges(scene: Scene, step: float) -> tuple[Bools, Bools]:
    """Return pixels at edges; they lie where the face of one element ends.

    Parameters
    ----------
    scene
        What is seen.
    step
        Least jump of the depth beyond what the slope of the surface explains [pixels].

    Returns
    -------
    rims
        At the rim of a part, or of what stands in front of other things, shape (h, w).
    creases
        At sharp edges of one part, shape (h, w).
    """
    skin, corners = scene.skin, scene.screen[scene.skin.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300)
    steep = np.hypot(normal[:, 0], normal[:, 1]) / np.maximum(np.abs(normal[:, 2]), 1.0 / STEEPEST)
    # the last row, number -1, is where nothing is seen
    normal, steep = np.vstack([normal, np.zeros(3)]), np.append(steep, 0.0)
    part, patch = np.append(skin.parts, -1), np.append(skin.patches, -1).astype(np.int32)[scene.triangle]
    rims, creases = (np.zeros(patch.shape, dtype=bool) for _ in range(2))
    for here, there in _NEIGHBOURS:
        row, column = np.nonzero(patch[here] != patch[there])
        one, other = scene.triangle[here][row, column], scene.triangle[there][row, column]
        far, near = np.sort([scene.depth[here][row, column], scene.depth[there][row, column]], axis=0)
        slope = np.maximum(steep[one], steep[other])
        rim = (part[one] != part[other]) | (near > far + step + 1.5 * slope)
        rims[row[rim], column[rim]] = True
        sharp = ~rim & ((normal[one] * normal[other]).sum(axis=1) < CREASE)
        creases[row[sharp], column[sharp]] = True
    return rims, creases & ~rims


_NEIGHBOURS = (
    ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
)
# Pixels and those above them, pixels and those on their right.


def draw_over(image: Pixels, line: Bools, width: int, colour: Pixels, strength: float) -> None:
    """Draw a line so many pixels wide over an image, shape (h, w, 3), in place."""
    rows, columns = np.nonzero(line)
    wide = np.zeros(line.shape, dtype=bool)
    for dy in range(width):
        for dx in range(width):
            wide[np.minimum(rows + dy, line.shape[0] - 1), np.minimum(columns + dx, line.shape[1] - 1)] = True
    image[wide] += np.float32(strength) * (colour - image[wide])


def reduced(picture: Pixels, factor: int) -> Pixels:
    """Return a picture with so many times fewer pixels each way, each the mean of those it stands for."""
    h, w = picture.shape[0] // factor, picture.shape[1] // factor
    blocks = picture[: h * factor, : w * factor].reshape(h, factor, w, factor, -1)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))
