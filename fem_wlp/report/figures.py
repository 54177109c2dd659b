"""All figures of a result."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from itertools import islice, zip_longest

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..beside import begin
from ..results import ArrayField, Curve, ProcessResult, Result
from .array_drawing import Quantity, draw_array, plot_array_map
from .charts import plot_budget, plot_curve, plot_limits
from .critical_joint import height_to_width, plot_critical
from .pictures import WIDTH, Drawing, Picture, drawn, saved, section_drawn
from .process_charts import parts_of, plot_bow, plot_part_stress, plot_reflow, thicknesses
from .process_drawing import plot_process, strip_height
from .solid_drawing import deformed_height, joint_height, plot_deformed
from .solid_view import RESOLUTION
from .style import styled

THIRD = 3.1
"""Width of a figure of which three stand side by side [inch]."""
WHOLE = 9.4
"""Width of a figure as wide as the page [inch]."""
BOW = 3.1
"""Height of the charts of bow and of warpage [inch]."""
BODY = 6.6
"""Width of the picture of one resolved joint [inch]."""


Draw = Callable[[], Drawing]
"""A figure that is drawn when called."""


def all_pictures(result: Result, beside: Executor | None = None) -> tuple[Picture, ...]:
    """Draw every figure of the report, the section first; every other one in a second process, if there is one."""
    if beside is None:
        return pictures(result, 0, 1)
    others = begin(beside, pictures, result, 0, 2)  # among them the longest
    own = pictures(result, 1, 2)
    return tuple(picture for pair in zip_longest(others(), own) for picture in pair if picture is not None)


def pictures(result: Result, first: int, step: int) -> tuple[Picture, ...]:
    """Draw some figures of the report."""
    return tuple(saved(draw()) for draw in islice(draws(result), first, None, step))


def drawings(result: Result) -> Iterator[Drawing]:
    """Draw the figures one after the other."""
    return (draw() for draw in draws(result))


def draws(result: Result) -> Iterator[Draw]:
    """Yield all figures, as yet to be drawn."""
    package, d = result.package, result.decoupling
    tall = WIDTH * min(1.4, max(0.6, package.chip.length / package.chip.width))
    yield partial(section_drawn, package)
    yield partial(
        drawn,
        "array",
        f"Plan of the array, {len(result.joints)} joints.",
        (WIDTH, tall),
        (0.55, 0.15, 0.5, 0.35),
        lambda ax: draw_array(package, ax),
    )
    yield partial(
        drawn,
        "limits",
        f"Decoupling figure {d.figure:.3f} on a bar from rigid joints, 0, to severed joints, 1.",
        (WIDTH, 1.9),
        (0.15, 0.15, 0.55, 0.05),
        lambda ax: plot_limits(result, ax),
    )
    yield partial(
        drawn,
        "shift_budget",
        "Share of each part in what the joint deforms by.",
        (WIDTH, 0.95 + 0.24 * len(d.shift_budget)),
        (1.5, 0.15, 0.5, 0.35),
        lambda ax: plot_budget(result, ax, "shift"),
    )
    yield partial(
        drawn,
        "energy_budget",
        "Share of each part in the joint's strain energy.",
        (WIDTH, 0.95 + 0.24 * len(d.energy_budget)),
        (1.5, 0.15, 0.5, 0.35),
        lambda ax: plot_budget(result, ax, "energy"),
    )
    yield partial(_map, result, "decoupling", "Decoupling figure of every joint of the array.", tall)
    yield partial(_map, result, "shear_force", "Shear force of every joint of the array.", tall)
    yield from _resolved(result) if isinstance(result.field, ArrayField) else _cut(result)
    if result.process is not None:
        yield from _process(result, result.process)
    for curve in result.curves:
        yield partial(_curve, curve)


def _process(result: Result, process: ProcessResult) -> Iterator[Draw]:
    """Draw how the package is made."""
    yield partial(
        drawn,
        "process",
        f"Cross-sections of one joint after each of the {process.steps[-1].step} steps of its making, with the bow of "
        "the wafer and the warpage of chip and board.",
        (WHOLE, strip_height(result, WHOLE)),
        (0.0, 0.0, 0.0, 0.0),
        lambda ax: plot_process(result, ax),
    )
    yield partial(_bow, result)
    yield partial(
        drawn,
        "process_warpage",
        "Warpage of the chip against temperature, up to that of soldering.",
        (WIDTH, BOW),
        (0.6, 0.1, 0.45, 0.1),
        lambda ax: plot_reflow(result, ax),
    )
    for stress, words in (("in_plane", "along the chip's face"), ("von_mises", "by von Mises")):
        yield partial(
            drawn,
            f"process_stress_{stress}",
            f"Mean stress of every part after each step, {words}.",
            (WHOLE, 0.8 + 0.21 * len(parts_of(result))),
            (1.55, 0.1, 0.45, 0.35),
            lambda ax, stress=stress: plot_part_stress(result, ax, stress),  # type: ignore[misc]
        )


@styled
def _bow(result: Result) -> Drawing:
    """Draw the bow of the wafer as it comes, and beside it once it is ground: thin, it bows many times as much."""
    words = "Bow of the wafer after each step, at the step's temperature and at room temperature."
    figure, groups = Figure(figsize=(WIDTH, BOW)), thicknesses(result)
    places = figure.subplots(
        1,
        len(groups),
        squeeze=False,
        width_ratios=[max(3, len(group)) for group in groups],
        gridspec_kw={
            "left": 0.65 / WIDTH,
            "right": 1.0 - 0.1 / WIDTH,
            "bottom": 0.45 / BOW,
            "top": 1.0 - 0.75 / BOW,
            "wspace": 0.55,
        },
    )[0]
    for ax, group in zip(places, groups, strict=True):
        plot_bow(result, ax, group)
    places[0].set_ylabel("bow of the wafer [µm]")
    figure.supxlabel("after step", x=0.5 + 0.27 / WIDTH, y=0.0, va="bottom", fontsize=8.5)
    figure.legend(*places[0].get_legend_handles_labels(), loc="upper left", ncols=2, borderaxespad=0.0)
    return Drawing("process_bow", words, figure)


def _cut(result: Result) -> Iterator[Draw]:
    left, right, bottom, top = margins = (0.6, 1.05, 0.7, 0.55)
    yield partial(
        drawn,
        "critical_joint",
        "The critical joint deformed, cut along its load, coloured by von Mises stress.",
        (WIDTH, (WIDTH - left - right) * height_to_width(result) + bottom + top),
        margins,
        lambda ax: plot_critical(result, ax),
    )


def _resolved(result: Result) -> Iterator[Draw]:
    """Draw bodies in space; they fill their figures."""
    yield partial(
        _body,
        "deformed",
        "The array deformed, cut along a row of joints, part of the chip taken off; the parts are named.",
        (WHOLE, deformed_height(result, WHOLE, "part")),
        lambda ax: plot_deformed(result, ax, "part"),
    )
    yield partial(
        _body,
        "deformed_stress",
        "The same view of the array, coloured by von Mises stress.",
        (WHOLE, deformed_height(result, WHOLE, "von_mises")),
        lambda ax: plot_deformed(result, ax, "von_mises"),
    )
    yield partial(
        _body,
        "critical_joint",
        "The critical joint deformed, cut along its load, coloured by von Mises stress.",
        (BODY, joint_height(result, BODY)),
        lambda ax: plot_critical(result, ax),
    )


def _body(name: str, description: str, size: tuple[float, float], draw: Callable[[Axes], Axes]) -> Drawing:
    return replace(drawn(name, description, size, (0.0, 0.0, 0.0, 0.0), draw), resolution=RESOLUTION)


def _map(result: Result, quantity: Quantity, description: str, tall: float) -> Drawing:
    margins = (0.5, 0.85, 0.5, 0.35)
    return drawn(
        f"map_{quantity}", description, (WIDTH, tall - 0.3), margins, lambda ax: plot_array_map(result, ax, quantity)
    )


@styled
def _curve(curve: Curve) -> Drawing:
    """Draw D above 1 - D."""
    words = f"Decoupling figure D and coupling 1 − D against {curve.label}; the package's own value is marked."
    width, height = THIRD, 4.2
    figure = Figure(figsize=(width, height))
    left, across, tall = 0.62 / width, (width - 0.75) / width, 1.5 / height
    plot_curve(curve, figure.add_axes((left, 2.55 / height, across, tall)), "decoupling")
    plot_curve(curve, figure.add_axes((left, 0.5 / height, across, tall)), "coupling")
    return Drawing(f"curve_{_file_name(curve.parameter)}", words, figure)


def _file_name(parameter: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", parameter.lower()).strip("_")
