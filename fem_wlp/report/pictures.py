"""A figure drawn once and kept as PNG and SVG; that of the cross-section, which waits for no result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..package.model import Package
from .section_drawing import draw_section, natural_height
from .style import styled

WIDTH = 4.6
"""Width of a figure: half a page [inch]."""
EDGE = 0.08
"""White edge of the section's drawing [inch]."""

Margins = tuple[float, float, float, float]


@dataclass(frozen=True)
class Picture:
    """A drawn figure.

    Parameters
    ----------
    name
        Of its files, without extension.
    description
        What it shows, in one sentence, for who cannot see it.
    size
        Width and height [inch].
    png, svg
        Contents of its files.
    """

    name: str
    description: str
    size: tuple[float, float]
    png: bytes
    svg: bytes


@dataclass(frozen=True)
class Drawing:
    """A figure before it is saved: its name, what it shows, what is on it, and the resolution of images in it."""

    name: str
    description: str
    figure: Figure
    resolution: float | None = None


def section_picture(package: Package) -> Picture:
    """Draw the cross-section alone; nothing is meshed or solved."""
    return saved(section_drawn(package))


def section_drawn(package: Package) -> Drawing:
    """Draw the cross-section."""
    words = f"Cross-section of one joint of {package.name}, to scale, with thin layers magnified."
    size = (WIDTH, natural_height(package, WIDTH - 2 * EDGE) + 2 * EDGE)
    return drawn("section", words, size, (EDGE, EDGE, EDGE, EDGE), lambda ax: draw_section(package, ax))


@styled
def drawn(
    name: str, description: str, size: tuple[float, float], margins: Margins, draw: Callable[[Axes], Axes]
) -> Drawing:
    """Draw on an axes that leaves margins [inch] at the left, right, bottom and top."""
    figure = Figure(figsize=size)
    left, right, bottom, top = margins
    width, height = size
    place = (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    draw(figure.add_axes(place))
    return Drawing(name, description, figure)


@styled
def saved(drawing: Drawing) -> Picture:
    """Return a drawing as the contents of its files."""
    figure, png, svg = drawing.figure, BytesIO(), BytesIO()
    figure.savefig(png, format="png", dpi=drawing.resolution, pil_kwargs={"compress_level": 1})
    figure.savefig(svg, format="svg", dpi=drawing.resolution, metadata={"Date": None})
    width, height = figure.get_size_inches()
    return Picture(drawing.name, drawing.description, (float(width), float(height)), png.getvalue(), svg.getvalue())


def write_pictures(pictures: Sequence[Picture], folder: Path) -> None:
    """Write pictures as PNG and SVG into a folder that is made for them."""
    folder.mkdir()
    for picture in pictures:
        (folder / f"{picture.name}.png").write_bytes(picture.png)
        (folder / f"{picture.name}.svg").write_bytes(picture.svg)
