"""The folder of a convergence: numbers, figure and page, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from .. import __version__
from ..analysis.convergence import (
    FIGURE,
    Convergence,
    Quantity,
    as_data,
    corner_in_words,
    exponents_in_words,
    order_in_words,
)
from ..analysis.extrapolation import Limit
from .page import environment, picture_source
from .pictures import Drawing, Picture, saved
from .run_record import UNASKED, Asked, package_texts, write_recorded
from .style import ACCENT, CONTRAST, FAINT, INK, MUTED, part_name, styled
from .whole import as_json
from .words import NO_BREAK, number, percent

DRAWN = {
    "decoupling.coupling": ("coupling 1 − D", ACCENT, "o"),
    "critical_joint.shear_force": ("shear force", CONTRAST, "s"),
    "critical_joint.shift": ("shift", "#4a8c5c", "^"),
    "critical_joint.energy": ("joint's energy", "#8a5a9e", "D"),
    "interconnect.strain": ("interconnect strain", INK, "v"),
    "parts.cylinder_shear_strain": ("cylinder's shear strain", "#c9a227", "P"),
}
"""Quantities of the figure: name, colour and marker of each."""

NOTHING = 1e-8
"""Differences below are round-off: a logarithmic axis has no room for them [-]."""

WORDS = {
    "decoupling.figure": "D",
    "decoupling.coupling": "1 − D",
    "decoupling.pad_to_pad": "pad to pad (raw)",
    "critical_joint.free": "free mismatch",
    "critical_joint.shift": "shift",
    "critical_joint.shear_force": "shear force",
    "critical_joint.axial_force": "axial force",
    "critical_joint.moment": "moment",
    "critical_joint.energy": "strain energy of the joint",
    "critical_joint.chip_stress": "chip stress, mean",
    "joint.stiffness.axial": "axial stiffness",
    "joint.stiffness.lateral": "lateral stiffness",
    "joint.stiffness.rocking": "rocking stiffness",
    "joint.stiffness.torsion": "torsional stiffness",
    "interconnect.strain": "interconnect strain",
    "parts.cylinder_shear_strain": "cylinder's shear strain",
    "warpage.chip": "warpage of the chip",
    "warpage.board": "warpage of the board",
}
"""Keys that have a name of their own."""

BEGINNINGS = {
    "decoupling.shift_budget.": "share of the shift, ",
    "decoupling.energy_budget.": "share of the energy, ",
    "parts.ball_stress.": "mean stress, ",
}
"""Beginnings of keys that end with the name of a part."""


@styled
def plot_convergence(found: Convergence, ax: Axes, family: str) -> Axes:
    """Draw how far quantities are from their limits against the size of the elements, with their orders.

    Parameters
    ----------
    found
        From `converge`.
    ax
        Any axes.
    family
        The meshes that are refined, one of ``found.families`` by name.

    Returns
    -------
    Axes
        The same axes.
    """
    meshes = found.family(family)
    sizes, largest = np.array(meshes.sizes), NOTHING
    for quantity in found.quantities:
        if quantity.key not in DRAWN:
            continue
        name, colour, marker = DRAWN[quantity.key]
        limit = quantity.limits[family]
        errors = np.abs(np.array(quantity.series[family]) - limit.value) / quantity.scale
        seen = errors > NOTHING
        if not seen.any():
            continue
        largest = max(largest, float(errors.max()))
        style = "-" if limit.verdict == "asymptotic" else ":"
        label = f"{name}: {_order(limit)}"
        ax.plot(sizes[seen], errors[seen], style, marker=marker, markersize=4.5, color=colour, label=label)
    _guides(ax, sizes, largest)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticks(sizes, ["1", *(f"1/{factor:g}" for factor in meshes.factors[1:])])
    ax.grid(True, which="major")
    ax.set_ylim(top=60.0 * largest)
    ax.set_xlabel("element length, that of the package's mesh being 1")
    ax.set_ylabel("difference from the limit, relative")
    ax.set_title(f"{family} refined")
    ax.legend(loc="upper left", frameon=False, fontsize=7.5, ncols=2, handlelength=2.2, columnspacing=1.2)
    return ax


def _order(limit: Limit) -> str:
    return f"order {limit.order:.1f}" if limit.verdict == "asymptotic" and limit.order is not None else limit.verdict


def _guides(ax: Axes, sizes: np.ndarray, largest: float) -> None:
    """Draw slopes of orders two and four through the largest error."""
    for order in (2, 4):
        ends = 4.0 * largest * sizes[[0, -1]] ** order
        ax.plot(sizes[[0, -1]], ends, color=FAINT, linewidth=1.0, zorder=0)
        ax.annotate(
            f"order {order}", (sizes[-1], ends[1]), xytext=(0, 3), textcoords="offset points", color=MUTED, fontsize=7
        )


def convergence_picture(found: Convergence) -> Picture:
    """Return the figure, one drawing for each family of meshes."""

    @styled
    def draw() -> Figure:
        figure = Figure(figsize=(4.9 * len(found.families), 4.0), layout="constrained")
        every = figure.subplots(1, len(found.families), squeeze=False)[0]
        for ax, family in zip(every, found.families, strict=True):
            plot_convergence(found, ax, family.name)
        return figure

    words = f"How far the figures of {found.package.name} are from their limits as the meshes are refined"
    return saved(Drawing("converge", words, draw()))


def write_convergence(found: Convergence, folder: str | os.PathLike[str], asked: Asked = UNASKED) -> Path:
    """Write a convergence as a folder: numbers, figure, page, package file, record.

    Parameters
    ----------
    found
        From `converge`.
    folder
        Made if it isn't there. Other files in it are left alone.
    asked
        Kept in ``run.json``.

    Returns
    -------
    Path
        ``converge.html``.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R303 if it holds what another verb found, R305 if the disk is full. What
        was there is still there, then.
    """
    target, picture = Path(folder), convergence_picture(found)
    contents = {
        "converge.json": as_json(as_data(found)).encode(),
        **{name: text.encode() for name, text in package_texts(found.package).items()},
        "converge.png": picture.png,
        "converge.svg": picture.svg,
        "converge.html": render_convergence(found, picture).encode(),
    }
    write_recorded(target, "converge", contents, asked)
    return target / "converge.html"


def render_convergence(found: Convergence, picture: Picture) -> str:
    """Return a convergence as one self-contained page."""
    return (
        environment()
        .get_template("convergence.html.j2")
        .render(
            name=found.package.name,
            version=__version__,
            verdict=found.verdict,
            confirmed=found.stated[0].confirmed,
            tiles=_tiles(found),
            levels=found.levels,
            families=found.families,
            rows=[_row(found, quantity) for quantity in found.quantities],
            open=[(in_words(quantity.key), quantity.limit.reason) for quantity in found.open],
            stated=[
                (in_words(one.key), number(one.value), _error(one.key, one.stated), _error(one.key, one.found),
                 number(one.ratio, 3), one.words, one.confirmed)
                for one in found.stated
            ],
            corners=[
                (exponents_in_words(corner), corner_in_words(corner), f"{corner.graded_order:.1f}",
                 f"{corner.uniform_order:.1f}")
                for corner in found.corners
            ],
            picture=picture,
            source=picture_source,
            provenance=found.provenance,
            seconds=round(sum(found.seconds.values())),
        )
    )  # fmt: skip


def in_words(key: str) -> str:
    """Return the name of a quantity in words.

    >>> in_words("critical_joint.shear_force"), in_words("decoupling.energy_budget.first_layer")
    ('shear force', 'share of the energy, first insulating layer')
    """
    for beginning, words in BEGINNINGS.items():
        if key.startswith(beginning):
            return words + part_name(key.removeprefix(beginning))
    return WORDS[key]


def _tiles(found: Convergence) -> list[tuple[str, str, str]]:
    one, limit = found.stated[0], found.quantity(FIGURE).limit
    spread = "±" if limit.known else "not asymptotic, spread"
    return [
        ("D converged", number(limit.value, 5), f"{spread} {number(limit.error, 1)}"),
        ("D as solved", number(one.value, 5), f"± {number(one.stated, 1)} stated"),
        ("mesh error found", number(one.found, 2), f"stated {number(one.stated, 2)}"),
        ("stated over found", number(one.ratio, 3), one.words),
    ]


def _row(found: Convergence, quantity: Quantity) -> tuple[str, str, list[str], str, str, str, list[str]]:
    limit = quantity.limit
    return (
        in_words(quantity.key),
        "" if quantity.unit == "1" else quantity.unit.replace(" ", NO_BREAK),
        [number(value, 5, NOTHING * quantity.scale) for value in quantity.together],
        ("" if limit.known else "~ ") + number(limit.value, 5, NOTHING * quantity.scale),
        number(limit.error, 1, NOTHING * quantity.scale),
        f"{number(100.0 * quantity.default_error, 2, 1e-4)}{NO_BREAK}%",
        [order_in_words(quantity.limits[family.name]) for family in found.families],
    )


def _error(key: str, error: float) -> str:
    return number(error, 2) if key == FIGURE else percent(error)
