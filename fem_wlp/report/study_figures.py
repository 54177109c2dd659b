"""Figures of a study: D and 1 − D against its first parameter, with a curve for each value of the second."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from matplotlib.transforms import blended_transform_factory
from numpy.typing import NDArray

from ..study.outcome import Answers
from ..study.parameters import Parameter
from ..study.plan import spread
from ..study.quick import TOLERANCE
from ..study.recorded import unit_of
from ..units import text
from .charts import coupling_ticks, plain_tick
from .pictures import Drawing, Picture, saved
from .style import ACCENT, CONTRAST, MUTED, colour_bar, styled

Floats = NDArray[np.float64]

MOST_CURVES = 8
"""Curves that the eye keeps apart; of more values some are left out [-]."""

WIDE = 8.0
"""Ratio of largest to smallest value from which an axis is logarithmic [-]."""

SHADES = (0.05, 0.85)
"""Part of the colour map that stands out on white [-]."""

FIGURE, COUPLING = "decoupling.figure", "decoupling.coupling"

LEAST_BOUND = 1e-9
"""Bounds below it, which are round-off, are drawn at it [-]."""

MANY = 1000
"""Points from which a drawing of each is kept as pixels [-]."""

WORDS = {
    "second_layer": "second layer",
    "first_layer": "first layer",
    "base_region": "base region",
    "cylinder_side": "cylinder side",
    "land_side": "land side",
    "free_end_diameter": "free-end diameter",
    "E": "modulus",
    "nu": "Poisson's ratio",
    "CTE": "thermal expansion",
}
"""Keys whose name in words is another than their own."""


@dataclass(frozen=True)
class Curves:
    """One recorded number against one parameter.

    Parameters
    ----------
    across
        The parameter along the axis.
    beside
        The parameter that tells the curves apart; None where there is one curve.
    drawn
        Value of `beside`, values of `across`, and the numbers; nan where a point failed.
    held
        Parameters that the curves hold fast, with their values.
    """

    across: Parameter
    beside: Parameter | None
    drawn: tuple[tuple[str, Floats, Floats], ...]
    held: tuple[tuple[Parameter, str], ...]


def curves_of_study(answers: Answers, key: str) -> Curves | None:
    """Return the curves of a grid; None for a sample, or where no parameter has two numbers."""
    plan = answers.study.plan
    numeric = [number for number, axis in enumerate(plan.parameters) if axis.kind is not None]
    several = [] if plan.shape is None else [number for number in numeric if plan.shape[number] > 1]
    if plan.shape is None or not several:
        return None
    x = several[0]
    others = [number for number in range(len(plan.shape)) if number != x and plan.shape[number] > 1]
    second = others[0] if others else None
    numbers = plan.numbers()[:, x].reshape(plan.shape)
    column = answers.column(key).reshape(plan.shape)
    held = _held(column, (x, second))
    drawn = []
    for place in spread(plan.shape[second], MOST_CURVES) if second is not None else (0,):
        at: list[int | slice] = [*held]
        at[x] = slice(None)
        if second is not None:
            at[second] = place
        order = np.argsort(numbers[tuple(at)], kind="stable")
        word = _axis_values(answers, second)[place] if second is not None else ""
        drawn.append((word, numbers[tuple(at)][order], column[tuple(at)][order]))
    fast = tuple(
        (plan.parameters[number], _axis_values(answers, number)[held[number]])
        for number in range(len(plan.shape))
        if number not in (x, second)
    )
    return Curves(plan.parameters[x], plan.parameters[second] if second is not None else None, tuple(drawn), fast)


def _held(column: Floats, shown: tuple[int | None, ...]) -> tuple[int, ...]:
    """Return where along each axis the curves are taken: where most points are answered, nearest to the middle."""
    places = itertools.product(
        *(range(1) if number in shown else range(count) for number, count in enumerate(column.shape))
    )

    def worth(place: tuple[int, ...]) -> tuple[int, float]:
        at = tuple(slice(None) if number in shown else index for number, index in enumerate(place))
        away = (abs(index - count // 2) / count for index, count in zip(place, column.shape, strict=True))
        return int(np.isfinite(column[at]).sum()), -sum(away)

    return max(places, key=worth)


def _axis_values(answers: Answers, number: int) -> tuple[str, ...]:
    plan = answers.study.plan
    assert plan.shape is not None
    step = int(np.prod(plan.shape[number + 1 :]))
    return tuple(plan.rows[place * step][number] for place in range(plan.shape[number]))


def in_words(parameter: Parameter) -> str:
    """Return what is varied as an axis has it.

    >>> from fem_wlp.package import loads, template
    >>> from fem_wlp.study.parameters import parameter_of
    >>> package = loads(template("compliant"))
    >>> in_words(parameter_of(package, "second_layer.thickness", "20..150 um:3"))
    'second layer thickness [µm]'
    >>> in_words(parameter_of(package, "materials.adhesive.E", "1 MPa, 1 GPa"))
    'modulus of adhesive [GPa]'
    """
    names = []
    for path in parameter.paths:
        first, *rest = path.split(".")
        words = [WORDS.get(word, word.replace("_", " ")) for word in (first, *rest)]
        names.append(f"{words[-1]} of {'.'.join(rest[:-1])}" if first == "materials" else " ".join(words))
    unit = "× present" if parameter.factor else parameter.unit.replace("um", "µm").replace("degC", "°C")
    return f"{', '.join(names)} [{unit or '-'}]" if parameter.kind is not None else ", ".join(names)


@styled
def plot_study(answers: Answers, ax: Axes, key: str = FIGURE) -> Axes:
    """Draw a recorded number against the first parameter of a study, with a curve for each value of the second.

    Of further parameters the middle value is taken, or the one nearest to it with which most points are answered. A
    sample is drawn as points, coloured by its second parameter.

    Parameters
    ----------
    answers
        Of the study.
    ax
        Any axes.
    key
        What to draw; "decoupling.coupling", 1 − D, gets a logarithmic axis and needs "decoupling.figure" only.

    Returns
    -------
    Axes
        The same axes.
    """
    curves = curves_of_study(answers, key) if key in answers.study.record else None
    if key == COUPLING and key not in answers.study.record:
        curves = _complement(curves_of_study(answers, FIGURE))
    shown = _draw_curves(curves, ax) if curves is not None else _draw_points(answers, ax, key)
    known = shown[np.isfinite(shown)]
    if key == COUPLING and known.size and known.max() > 0.0:
        # joints that decouple wholly may come out beyond 1 by the error of the mesh: there is no logarithm of that
        known = known[known > 0.0]
        ax.set_yscale("log", nonpositive="mask")
        coupling_ticks(ax, float(known.min()), float(known.max()))
    else:
        ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.grid(True, which="major")
    unit = unit_of(key).replace("mOhm", "mΩ")
    ax.set_ylabel({FIGURE: "D [-]", COUPLING: "1 − D [-]"}.get(key, f"{key} [{'-' if unit == '1' else unit}]"))
    return ax


def _complement(curves: Curves | None) -> Curves | None:
    if curves is None:
        return None
    drawn = tuple((word, x, 1.0 - y) for word, x, y in curves.drawn)
    return Curves(curves.across, curves.beside, drawn, curves.held)


def _draw_curves(curves: Curves, ax: Axes) -> Floats:
    count = len(curves.drawn)
    for (word, x, y), colour in zip(curves.drawn, _shades(count), strict=True):
        label = shown_value(curves.beside, word) if curves.beside is not None else None
        ax.plot(x, y, color=colour if count > 1 else ACCENT, marker="o", markersize=3.2, label=label)
    _scale(ax, curves.across, np.concatenate([x for _, x, _ in curves.drawn]))
    if curves.beside is not None:
        title = in_words(curves.beside).split(" [")[0]
        legend = ax.legend(title=title, loc="upper left", bbox_to_anchor=(1.02, 1.0), title_fontsize=8)
        legend.set_alignment("left")
    if curves.held:
        held = ", ".join(f"{in_words(axis).split(' [')[0]} {shown_value(axis, value)}" for axis, value in curves.held)
        ax.set_title(f"at {held}", fontsize=8, fontweight="normal", color=MUTED, loc="left")
    return np.concatenate([y for _, _, y in curves.drawn])


def _draw_points(answers: Answers, ax: Axes, key: str) -> Floats:
    plan, numbers = answers.study.plan, answers.study.plan.numbers()
    numeric = [number for number, axis in enumerate(plan.parameters) if axis.kind is not None]
    shown = answers.column(key) if key in answers.study.record else 1.0 - answers.column(FIGURE)
    if not numeric:
        places = np.arange(len(plan), dtype=float)
        ax.plot(places, shown, "o", color=ACCENT)
        ax.set_xticks(places, [", ".join(row) for row in plan.rows], rotation=30, ha="right")
        return shown
    x = numbers[:, numeric[0]]
    if len(numeric) > 1:
        second, values = plan.parameters[numeric[1]], numbers[:, numeric[1]]
        wide = _is_wide(second, values)
        norm = (LogNorm if wide else Normalize)(float(values.min()), float(values.max()))
        colour_bar(ax.scatter(x, shown, c=values, norm=norm, s=14), ax, in_words(second))
    else:
        ax.plot(x, shown, "o", color=ACCENT)
    _scale(ax, plan.parameters[numeric[0]], x)
    return shown


def _shades(count: int) -> Iterator[tuple[float, ...]]:
    for share in np.linspace(*SHADES, max(count, 1)):
        yield mpl.colormaps["viridis"](float(share))


def shown_value(parameter: Parameter, value: str) -> str:
    """Return a value to four digits in the unit that is easiest to read."""
    if parameter.kind is None:
        return value
    if parameter.factor or parameter.whole:
        return f"{'× ' if parameter.factor else ''}{parameter.number(value):.4g}"
    return text(parameter.inside(value), parameter.kind, 4).replace("um", "µm").replace("degC", "°C")


def _is_wide(parameter: Parameter, values: Floats) -> bool:
    chosen = parameter.span is not None and parameter.span.logarithmic
    return bool(values.min() > 0.0 and (chosen or values.max() > WIDE * values.min()))


def _scale(ax: Axes, parameter: Parameter, values: Floats) -> None:
    if _is_wide(parameter, values):
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if values.max() > 200.0 * values.min() else (1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter(FuncFormatter(plain_tick))
        ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel(in_words(parameter))


def study_pictures(answers: Answers) -> tuple[Picture, ...]:
    """Draw D and 1 − D side by side, and every other recorded number by itself."""
    record = answers.study.record
    pictures = []
    if FIGURE in record:
        pictures.append(saved(_pair(answers)))
    others = [key for key in record if key not in (FIGURE, COUPLING)]
    pictures += [saved(_single(answers, key)) for key in others]
    return (*pictures, saved(_bounds(answers))) if answers.reduced and FIGURE in record else tuple(pictures)


@styled
def _pair(answers: Answers) -> Drawing:
    first = in_words(answers.study.plan.parameters[0])
    words = f"Decoupling figure D, and coupling 1 − D on a logarithmic axis, against {first}."
    figure = Figure(figsize=(9.4, 3.6))
    left, right = (figure.add_axes((x, 0.145, 0.335, 0.75)) for x in (0.06, 0.47))
    plot_study(answers, left, FIGURE)
    plot_study(answers, right, COUPLING)
    right.set_title("", loc="left")  # the left one's title serves both, and the right one's legend or colour bar
    legend = left.get_legend()
    for double in (*left.child_axes, *([legend] if legend is not None else [])):
        double.remove()
    return Drawing("decoupling", words, figure)


@styled
def _single(answers: Answers, key: str) -> Drawing:
    figure = Figure(figsize=(5.8, 2.7))
    plot_study(answers, figure.add_axes((0.125, 0.18, 0.56, 0.72)), key)
    words = f"{key} against {in_words(answers.study.plan.parameters[0])}."
    return Drawing(key.replace(".", "_"), words, figure)


def plot_bounds(answers: Answers, ax: Axes) -> Axes:
    """Draw the bound of every point's D against D, with the mesh's own error beside; full solves have no bound."""
    figure, ways = answers.column(FIGURE), np.array([answer.answered_by for answer in answers.rows])
    bounds = np.maximum(answers.bounds, LEAST_BOUND)
    ax.set_yscale("log")
    for way, colour, marker in (("certified", ACCENT, "o"), ("estimated", CONTRAST, "^")):
        of_it = ways == way
        if of_it.any():
            label = f"{way}, {of_it.sum()}"
            ax.plot(
                figure[of_it], bounds[of_it], marker, color=colour, markersize=3.2, alpha=0.7, label=label,
                rasterized=len(ways) > MANY,
            )  # fmt: skip
    solved = figure[ways == "solved"]
    if solved.size:
        lower = blended_transform_factory(ax.transData, ax.transAxes)
        label = f"solved in full, {solved.size}"
        ax.plot(solved, np.full(solved.size, 0.03), "|", color=MUTED, markersize=7, transform=lower, label=label)
    ax.axhline(TOLERANCE, color=MUTED, linewidth=0.9, label="above it solved in full")
    if answers.mesh_error is not None:
        ax.axhline(answers.mesh_error[1], color=MUTED, linewidth=1.2, linestyle="--", label="the mesh's own error")
    ax.grid(True, which="major")
    ax.set_xlabel("D [-]")
    ax.set_ylabel("bound of D [-]")
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0))
    return ax


@styled
def _bounds(answers: Answers) -> Drawing:
    figure = Figure(figsize=(5.8, 2.7))
    plot_bounds(answers, figure.add_axes((0.125, 0.18, 0.56, 0.72)))
    words = "How far the D of each point may be from a full solve on the same mesh, beside the error of that mesh."
    return Drawing("bounds", words, figure)
