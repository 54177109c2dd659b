"""One look for all figures: the style sheet, colours of the parts, and how numbers and names are written."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable

from ..materials.model import Material
from ..units import text

P = ParamSpec("P")
R = TypeVar("R")

STYLE_SHEET = Path(__file__).with_name("style.mplstyle")

INK = "#1f2933"
MUTED = "#616e7c"
FAINT = "#cbd2d9"
ACCENT = "#0b6e99"
CONTRAST = "#c4601d"

PART_COLOURS = {
    "chip": "#7d8a97",
    "first_layer": "#e0a92e",
    "base_region": "#b5622b",
    "second_layer": "#c9dff0",
    "cylinder": "#3f9c8f",
    "cylinder_fillet": "#2f776d",
    "ball": "#c3c9ce",
    "core": "#d8c3e0",
    "land_fillet": "#9aa4ad",
    "land": "#cf8a4b",
    "board": "#9cbf8c",
}
METAL_COLOURS = {"copper": "#c4733a", "nickel": "#8b8f6b", "gold": "#e8c832"}
SOLDER_COLOUR = "#bcc3c9"
COAT_COLOUR = "#a58f7c"

PART_NAMES = {
    "first_layer": "first insulating layer",
    "base_region": "base region",
    "second_layer": "second insulating layer",
    "cylinder_fillet": "fillet at the cylinder",
    "core": "ball core",
    "land_fillet": "fillet at the land",
}


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function under the report's style sheet; the caller's own settings are as before afterwards."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(dict(_settings().items())):
            return function(*args, **kwargs)

    return run


@cache
def _settings() -> mpl.RcParams:
    return mpl.rc_params_from_file(STYLE_SHEET, use_default_template=False)


def part_name(region: str) -> str:
    """Return the name of a region in words."""
    if region.startswith("coat_"):
        return f"coat {region.removeprefix('coat_')}"
    return PART_NAMES.get(region, region.replace("_", " "))


def part_colour(region: str, material: Material) -> str:
    """Return the colour of a region, the same in every figure; ball, coats and fillets take that of their metal."""
    if region in ("ball", "core", "cylinder_fillet", "land_fillet") or region.startswith("coat_"):
        if material.melts:
            return SOLDER_COLOUR
        for metal, colour in METAL_COLOURS.items():
            if metal in material.name.lower():
                return colour
    return PART_COLOURS.get(region, COAT_COLOUR)


def length(value: float) -> str:
    """Return a length [mm] as text: micrometres below one millimetre.

    >>> length(0.005), length(0.5), length(1.575)
    ('5 µm', '500 µm', '1.575 mm')
    """
    return text(value, "length", 4).replace("um", "µm")


def celsius(temperature: float) -> str:
    """Return a temperature [K] as text.

    >>> celsius(298.15), celsius(233.15)
    ('25 °C', '−40 °C')
    """
    return text(temperature, "temperature", 4).replace("degC", "°C").replace("-", "−")


def size_in_inches(ax: Axes) -> tuple[float, float]:
    """Return width and height of an axes, without drawing it."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.get_position(original=True)
    width, height = figure.get_size_inches()
    return float(box.width * width), float(box.height * height)


def colour_bar(mapped: ScalarMappable, ax: Axes, label: str, *, clipped: bool = False) -> None:
    """Stand a colour bar on the right of an axes; a pointed end says that larger values take the last colour."""
    figure = ax.get_figure(root=False)
    assert figure is not None
    beside = ax.inset_axes((1.03, 0.0, 0.045, 1.0))
    bar = figure.colorbar(mapped, cax=beside, extend="max" if clipped else "neither", extendfrac=0.03)
    bar.set_label(label)
    beside.spines[:].set_visible(False)
