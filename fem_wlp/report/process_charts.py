"""Charts of a process: bow of the wafer by step, warpage of the chip over the reflow, stress of the parts by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import FuncNorm
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ..results import PartMeans, Result
from ..units import text
from .charts import place_of
from .process_panels import Panel, panels
from .style import ACCENT, CONTRAST, INK, MUTED, celsius, length, part_name, styled
from .words import number

Floats = NDArray[np.float64]
Stress = Literal["in_plane", "von_mises"]

STRESS_TITLES: dict[Stress, str] = {
    "in_plane": "Stress along the chip's face, + tension [MPa]",
    "von_mises": "Von Mises stress [MPa]",
}
STRESS_COLOURS: dict[Stress, str] = {"in_plane": "RdBu_r", "von_mises": "YlGnBu"}

DARK = 0.5
"""Luminance below which what is written on a colour is white [-]."""


def thicknesses(result: Result) -> tuple[tuple[Panel, ...], ...]:
    """Return the steps on the wafer, those of one thickness together; a thinner wafer's begin with the step before."""
    groups: list[list[Panel]] = []
    for panel in panels(result):
        if panel.found is None or panel.found.bow is None:
            continue
        if groups and groups[-1][-1].stage.thickness == panel.stage.thickness:
            groups[-1].append(panel)
        else:
            groups.append([*groups[-1][-1:], panel] if groups else [panel])
    return tuple(tuple(group) for group in groups)


@styled
def plot_bow(result: Result, ax: Axes, shown: Sequence[Panel]) -> Axes:
    """Draw the wafer's bow after some steps, at each step's temperature and at room temperature.

    Parameters
    ----------
    result
        Of a package with a process.
    ax
        Any axes.
    shown
        The steps: one of `thicknesses`.

    Returns
    -------
    Axes
        The same axes.
    """
    assert result.process is not None
    steps = np.arange(len(shown))
    at_step = [1e3 * float(panel.found.bow) for panel in shown if panel.found and panel.found.bow is not None]
    at_room = [
        1e3 * float(panel.found.bow_at_room) for panel in shown if panel.found and panel.found.bow_at_room is not None
    ]
    ax.axhline(0.0, color=INK, linewidth=0.8)
    ax.plot(steps, at_room, color=CONTRAST, marker="s", markersize=4.5, label=f"at {celsius(result.process.room)}")
    ax.plot(steps, at_step, color=ACCENT, marker="o", label="at the step's temperature", linestyle=(0, (4, 2)))
    ax.set_xticks(steps, [str(panel.last) for panel in shown])
    ax.set_xlim(-0.4, len(shown) - 0.6)
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.grid(True, axis="y")
    before, after = (length(panel.stage.thickness) for panel in (shown[0], shown[-1]))
    ax.set_title(f"as it comes\n{after}" if before == after else f"ground to\n{after}", fontsize=8.5)
    return ax


@styled
def plot_reflow(result: Result, ax: Axes) -> Axes:
    """Draw the warpage of the chip against temperature: of the single one up to the solder's, and of the mounted one.

    Parameters
    ----------
    result
        Of a package with a process.
    ax
        Any axes.

    Returns
    -------
    Axes
        The same axes.
    """
    assert result.process is not None
    reflow = result.process.reflow
    temperatures = [_celsius(point.temperature) for point in reflow]
    warpage = [1e3 * point.chip for point in reflow]
    mounted = [(_celsius(point.temperature), 1e3 * point.warpage_chip) for point in result.decoupling.at]
    ax.axhline(0.0, color=INK, linewidth=0.8)
    ax.plot(temperatures, warpage, color=ACCENT, marker="o", markersize=4, label="single chip, before mounting")
    ax.plot(*zip(*mounted, strict=True), color=CONTRAST, marker="s", markersize=5, label="mounted", linestyle="none")
    low, high = min(0.0, *warpage, *(value for _, value in mounted)), max(0.0, *warpage, *(v for _, v in mounted))
    room = max(high - low, 1e-3)
    ax.set_ylim(low - 0.12 * room, high + 0.12 * room)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.grid(True)
    ax.set_xlabel("temperature [°C]")
    ax.set_ylabel("warpage of the chip [µm]")
    ax.legend(loc="upper right")
    return ax


def _celsius(temperature: float) -> float:
    return float(text(temperature, "temperature", 6).split()[0])


# Stress of the parts


def parts_of(result: Result) -> tuple[str, ...]:
    """Return the parts of which some step tells the stress, from the chip down to the board."""
    assert result.process is not None
    return tuple(sorted({name for step in result.process.steps for name in step.parts}, key=place_of))


@styled
def plot_part_stress(result: Result, ax: Axes, stress: Stress) -> Axes:
    """Write the mean stress of every part after each step, on colours that grow with its root.

    Parameters
    ----------
    result
        Of a package with a process.
    ax
        About 0.55 inches for each step and 0.2 for each part.
    stress
        "in_plane": mean of the two normal stresses along the chip's face; "von_mises".

    Returns
    -------
    Axes
        The same axes.
    """
    names = parts_of(result)
    shown = [(panel, panel.found.parts) for panel in panels(result) if panel.found is not None]
    table = np.array([[_value(means.get(name), stress) for _, means in shown] for name in names])
    largest = max(float(np.nanmax(np.abs(table))), 1e-9)
    norm = FuncNorm((_root, _square), vmin=-largest if stress == "in_plane" else 0.0, vmax=largest)
    image = ax.imshow(np.ma.masked_invalid(table), cmap=STRESS_COLOURS[stress], norm=norm, aspect="auto")
    ax.set_xticks(np.arange(len(shown) - 1) + 0.5, minor=True)
    ax.set_yticks(np.arange(len(names) - 1) + 0.5, minor=True)
    ax.grid(True, which="minor", color="white", linewidth=1.5)
    for (row, column), value in np.ndenumerate(table):
        if np.isfinite(value):
            red, green, blue, _ = image.cmap(norm(value))
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < DARK
            words = _written(float(value))
            ax.text(column, row, words, ha="center", va="center", fontsize=8, color="white" if dark else INK)
    labels = [f"{panel.last}\n{celsius(panel.stage.temperature)}" for panel, _ in shown]
    ax.set_xticks(np.arange(len(shown)), labels)
    ax.set_yticks(np.arange(len(names)), [part_name(name) for name in names])
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(STRESS_TITLES[stress])
    ax.text(-0.62, len(names) - 0.3, "after step", ha="right", va="top", fontsize=8, color=MUTED)
    return ax


def _value(means: PartMeans | None, stress: Stress) -> float:
    return float("nan") if means is None else float(getattr(means, stress))


def _written(value: float) -> str:
    """Write a stress [MPa] in full MPa, below ten to a tenth.

    >>> _written(-121.77), _written(7.46), _written(-0.03)
    ('−122', '7.5', '0')
    """
    return number(round(value, 1 if abs(value) < 9.95 else 0), 4)


def _root(value: Floats) -> Floats:
    return np.sign(value) * np.sqrt(np.abs(value))


def _square(value: Floats) -> Floats:
    return np.sign(value) * value**2
