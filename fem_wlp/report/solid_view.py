"""A surface in space as an image on axes in inches, with what is needed to write on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from .raster import EVERY, Bools, Camera, Floats, Frame, Pixels, Scene, Skin, seen
from .shading import draw_over, edges, lit, reduced
from .style import INK

RESOLUTION, FINER = 192, 2
"""Of the image, and how many times finer it is made each way before it is averaged [pixels/inch, -]."""

OUTLINE, CREASE_LINE = 0.55, 0.3
"""Width of lines round parts and at edges [point]."""

OUTLINE_INK, CREASE_INK = 0.85, 0.45
"""How dark they are [-]."""

ANCHOR_STEP = 4
"""Anchors are looked for at every so many pixels [-]."""

FILLED = 0.99
"""How much of a box the image fills; the rest is for the outlines [-]."""

SEEN = 25
"""A part with fewer pixels than this in the finished image is not named [-]."""


@dataclass(frozen=True)
class View:
    """How space comes onto the paper.

    Parameters
    ----------
    camera
        The eye.
    origin
        What stands at the lower left of the image: right and up [mm].
    left, bottom, width, height
        Place of the image on the axes [inch].
    scale
        [inch/mm].
    """

    camera: Camera
    origin: tuple[float, float]
    left: float
    bottom: float
    width: float
    height: float
    scale: float

    def place(self, points: Floats) -> Floats:
        """Return where points stand on the axes, (n, 3) [mm] -> (n, 2) [inch]."""
        across = (np.atleast_2d(points) @ self.camera.axes.T)[:, :2] - self.origin
        return np.asarray(across * self.scale + (self.left, self.bottom))

    @property
    def frame(self) -> Frame:
        """Of the finer image."""
        fine = RESOLUTION * FINER
        shape = (round(self.height * RESOLUTION) * FINER, round(self.width * RESOLUTION) * FINER)
        return Frame(self.origin, self.scale * fine, shape)


def fitted(camera: Camera, points: Floats, left: float, bottom: float, width: float, height: float) -> View:
    """Return a view that shows points as large as a box allows, in its middle.

    Parameters
    ----------
    camera
        The eye.
    points
        What must be seen, shape (n, 3) [mm].
    left, bottom, width, height
        The box [inch].
    """
    across = (points @ camera.axes.T)[:, :2]
    low, high = across.min(axis=0), across.max(axis=0)
    scale = float(min((width, height) / (high - low))) * FILLED
    spare = np.array([width, height]) / scale - (high - low)
    origin = low - 0.5 * spare
    return View(camera, (float(origin[0]), float(origin[1])), left, bottom, width, height, scale)


def proportion(camera: Camera, points: Floats) -> float:
    """Return how much higher than wide points are seen [-]."""
    wide, tall = np.ptp((points @ camera.axes.T)[:, :2], axis=0)
    return float(tall / wide)


@dataclass(frozen=True)
class Paint:
    """Colours of a surface.

    Parameters
    ----------
    parts
        Of every part, shape (parts, 3) [-]; None where the quantity gives the colour.
    gloss
        How much each part reflects, shape (parts,) [-].
    quantity
        Colours of a quantity from 0 to ``top``, shape (steps, 3) [-].
    top
        Where they end.
    contrast
        Of light and shade [-].
    """

    parts: Floats | None
    gloss: Floats
    quantity: Floats
    top: float
    contrast: float

    def colours(self, scene: Scene) -> Pixels:
        """Return colours at every `EVERY`-th pixel, white where nothing is seen, shape (h', w', 3)."""
        if self.parts is not None:
            own = np.append(scene.skin.parts, -1)[scene.sparse]
            return np.asarray(np.vstack([self.parts, np.ones(3)])[own], dtype=np.float32)
        steps = len(self.quantity)
        number = np.clip(scene.value * (steps / self.top), 0, steps - 1).astype(np.int64)
        number[scene.sparse < 0] = steps
        return np.asarray(np.vstack([self.quantity, np.ones(3)])[number], dtype=np.float32)


def show(ax: Axes, skin: Skin, view: View, paint: Paint, reach: float, step: float) -> Scene:
    """Draw a surface; return what is seen of it.

    Parameters
    ----------
    ax
        Axes in inches.
    skin
        The surface.
    view
        How it comes onto the paper.
    paint
        Its colours.
    reach
        Width of hollows that lie in the dark [mm].
    step
        What stands so far before other things has an outline [mm].
    """
    frame = view.frame
    scene = seen(skin, view.camera, frame)
    gloss = np.append(paint.gloss[skin.parts], 0.0).astype(np.float32)[scene.sparse]
    overhead = view.camera.axes[:, 2]
    sparse = lit(scene, paint.colours(scene), gloss, paint.contrast, reach * frame.scale, overhead)
    image = sparse.repeat(EVERY, axis=0).repeat(EVERY, axis=1)[: frame.shape[0], : frame.shape[1]]
    image[scene.triangle < 0] = 1.0
    ink = np.array(to_rgb(INK), dtype=np.float32)
    rims, creases = edges(scene, step * frame.scale)
    draw_over(image, creases, _pixels(CREASE_LINE), ink, CREASE_INK)
    draw_over(image, rims, _pixels(OUTLINE), ink, OUTLINE_INK)
    ax.imshow(
        reduced(image, FINER),
        extent=(view.left, view.left + view.width, view.bottom, view.bottom + view.height),
        origin="lower",
        interpolation="antialiased",
        zorder=0.5,
    )
    return scene


def _pixels(points: float) -> int:
    """Width of a line on the finer image."""
    return max(1, round(points / 72.0 * RESOLUTION * FINER))


def in_inches(ax: Axes, width: float, height: float) -> None:
    """Let an axes be a sheet of paper: inches from its lower left corner, nothing drawn of itself."""
    ax.set(xlim=(0.0, width), ylim=(0.0, height), aspect="equal", autoscale_on=False)
    ax.axis("off")


def lower_rim(scene: Scene, view: View) -> tuple[Floats, Floats]:
    """Return the lowest point that is drawn at every place along the picture: x and y, y is inf at none [inch]."""
    there = scene.sparse >= 0
    fine = RESOLUTION * FINER / EVERY
    x = view.left + (np.arange(there.shape[1]) + 0.5) / fine
    y = np.where(there.any(axis=0), view.bottom + there.argmax(axis=0) / fine, np.inf)
    return x.astype(np.float64), y.astype(np.float64)


def anchors(
    scene: Scene, view: View, parts: Iterable[int], window: tuple[float, float, float, float], *, rightmost: bool
) -> dict[int, tuple[float, float]]:
    """Return a point of every part that is seen, well inside of what is seen of it [inch].

    Parameters
    ----------
    scene
        What is seen.
    view
        How it came onto the paper.
    parts
        Which parts.
    window
        Where a part is looked for first: left, right, bottom, top [inch].
    rightmost
        Whether points far on the right are wanted; else far on the left.
    """
    part = np.append(scene.skin.parts, -1)[scene.triangle[::ANCHOR_STEP, ::ANCHOR_STEP]]
    fine = RESOLUTION * FINER
    rows, columns = (np.arange(size) * ANCHOR_STEP for size in part.shape)
    x, y = view.left + columns / fine, view.bottom + rows / fine
    left, right, bottom, top = window
    near = ((y >= bottom) & (y <= top))[:, None] & ((x >= left) & (x <= right))
    found = {}
    for number in parts:
        here = part == number
        for area in (here & near, here):
            if area.sum() * (ANCHOR_STEP / FINER) ** 2 >= SEEN:
                row, column = _inside(area, rightmost=rightmost)
                found[number] = (float(x[column]), float(y[row]))
                break
    return found


def _inside(area: Bools, *, rightmost: bool) -> tuple[int, int]:
    """Row and column of a point far from the rim of an area and far to one side."""
    from scipy.ndimage import distance_transform_edt  # 0.05 s to load, which only pictures of bodies need

    depth = distance_transform_edt(np.pad(area, 1))[1:-1, 1:-1]
    rows, columns = np.nonzero(depth >= 0.4 * depth.max())
    best = np.argmax(columns) if rightmost else np.argmin(columns)
    return int(rows[best]), int(columns[best])
