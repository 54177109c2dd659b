"""All figures of a result, each drawn once and kept as PNG and SVG."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..package.model import Package
from ..results import Curve, Result
from .array_drawing import draw_array, plot_array_map
from .charts import plot_budget, plot_curve, plot_limits
from .critical_joint import plot_critical
from .section_drawing import draw_section
from .style import styled

WIDTH = 4.6
"""Width of a figure: half a page [inch]."""
THIRD = 3.1
"""Width of a figure of which three stand side by side [inch]."""

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


def all_pictures(result: Result) -> tuple[Picture, ...]:
    """Draw every figure of the report, the section first."""
    return tuple(_pictures(result))


def section_picture(package: Package) -> Picture:
    """Draw the cross-section alone; nothing is meshed or solved."""
    words = f"Cross-section of one joint of {package.name}, to scale, with thin layers magnified."
    return _picture("section", words, (WIDTH, 6.0), (0.08, 0.08, 0.08, 0.08), lambda ax: draw_section(package, ax))


def _pictures(result: Result) -> Iterator[Picture]:
    package, d = result.package, result.decoupling
    tall = WIDTH * min(1.4, max(0.6, package.chip.length / package.chip.width))
    yield section_picture(package)
    yield _picture(
        "array",
        f"Plan of the array, {len(result.joints)} joints.",
        (WIDTH, tall),
        (0.55, 0.15, 0.5, 0.35),
        lambda ax: draw_array(package, ax),
    )
    yield _picture(
        "limits",
        f"Decoupling figure {d.figure:.3f} on a bar from rigid joints, 0, to severed joints, 1.",
        (WIDTH, 1.9),
        (0.15, 0.15, 0.55, 0.05),
        lambda ax: plot_limits(result, ax),
    )
    yield _picture(
        "shift_budget",
        "Share of each part in what the joint deforms by.",
        (WIDTH, 0.95 + 0.24 * len(d.shift_budget)),
        (1.5, 0.15, 0.5, 0.35),
        lambda ax: plot_budget(result, ax, "shift"),
    )
    yield _picture(
        "energy_budget",
        "Share of each part in the joint's strain energy.",
        (WIDTH, 0.95 + 0.24 * len(d.energy_budget)),
        (1.5, 0.15, 0.5, 0.35),
        lambda ax: plot_budget(result, ax, "energy"),
    )
    for quantity, words in (("decoupling", "Decoupling figure"), ("shear_force", "Shear force")):
        yield _picture(
            f"map_{quantity}",
            f"{words} of every joint of the array.",
            (WIDTH, tall - 0.3),
            (0.5, 0.85, 0.5, 0.35),
            lambda ax, quantity=quantity: plot_array_map(result, ax, quantity),  # type: ignore[misc]
        )
    yield _picture(
        "critical_joint",
        "The critical joint deformed, cut along its load, coloured by von Mises stress.",
        (WIDTH, 4.9),
        (0.6, 1.05, 0.7, 0.55),
        lambda ax: plot_critical(result, ax),
    )
    for curve in result.curves:
        yield _curve_picture(curve)


@styled
def _curve_picture(curve: Curve) -> Picture:
    words = f"Decoupling figure D and coupling 1 − D against {curve.label}; the package's own value is marked."
    size = (THIRD, 4.2)
    figure = Figure(figsize=size)
    for bottom, quantity in ((2.55, "decoupling"), (0.5, "coupling")):
        ax = figure.add_axes((0.62 / size[0], bottom / size[1], (size[0] - 0.75) / size[0], 1.5 / size[1]))
        plot_curve(curve, ax, quantity)  # type: ignore[arg-type]
    return _saved(f"curve_{_file_name(curve.parameter)}", words, size, figure)


def _file_name(parameter: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", parameter.lower()).strip("_")


@styled
def _picture(
    name: str, description: str, size: tuple[float, float], margins: Margins, draw: Callable[[Axes], Axes]
) -> Picture:
    """Draw on an axes that leaves margins [inch] at the left, right, bottom and top."""
    figure = Figure(figsize=size)
    left, right, bottom, top = margins
    width, height = size
    draw(
        figure.add_axes(
            (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
        )
    )
    return _saved(name, description, size, figure)


@styled
def _saved(name: str, description: str, size: tuple[float, float], figure: Figure) -> Picture:
    png, svg = BytesIO(), BytesIO()
    figure.savefig(png, format="png", pil_kwargs={"compress_level": 1})
    figure.savefig(svg, format="svg", metadata={"Date": None})
    return Picture(name, description, size, png.getvalue(), svg.getvalue())
