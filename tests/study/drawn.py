"""Packages drawn at random, by Hypothesis: sizes and moduli that fit together, of all four pairings."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from fem_wlp.package import Package, loads, template

MATERIALS: Mapping[str, tuple[float, float]] = {
    "silicon-131": (131e3, 2.8),
    "FR4-Lau": (22e3, 18.5),
    "film": (3e3, 35.0),
    "copper": (117e3, 17.0),
    "nickel": (207e3, 13.4),
    "polymer-core": (4.7e3, 40.0),
    "solder": (43e3, 21.5),
    "paste": (43e3, 21.5),
    "shell": (117e3, 17.0),
    "silicone-photopatternable": (160.0, 236.0),
}
"""Material → its modulus [MPa] and expansion [ppm/K], where every property is a constant; the adhesive's are drawn."""

BALL = ("polymer-core", "shell", "nickel", "solder")
"""Materials of balls, and of nothing else."""

CONSTANT: Mapping[str, object] = {
    "chip.material": "silicon-131",
    "board.material": "FR4-Lau",
    "first_layer.material": "film",
    "first_layer.stress_free": None,
    "interconnect.stress_free": None,
    "second_layer.stress_free": None,
    "cylinder.stress_free": None,
    "temperatures.condition": None,
    "temperatures.assembly": "125 degC",
    "temperatures.service": "25 degC",
    "materials.film.based_on": "polyimide",
    **{f"materials.{name}.E": f"{modulus!r} MPa" for name, (modulus, _) in MATERIALS.items()},
    **{f"materials.{name}.CTE": f"{expansion!r} ppm/K" for name, (_, expansion) in MATERIALS.items()},
}
"""Makes every property a constant and every stress-free temperature that of the assembly."""


def microns(low: int, high: int) -> st.SearchStrategy[str]:
    """Return a length of whole micrometres, as a file has it."""
    return st.integers(low, high).map(lambda length: f"{length} um")


def moduli(low: float, high: float) -> st.SearchStrategy[str]:
    """Return a modulus, evenly in its logarithm [MPa]."""
    return st.integers(0, 100).map(lambda share: f"{low * (high / low) ** (share / 100):.4g} MPa")


@st.composite
def packages(draw: st.DrawFn, changes: Mapping[str, object] | None = None) -> Package:
    """Return a compliant package on a coarse mesh; at last, what is given is changed."""
    opening, rows, columns = (draw(st.integers(*ends)) for ends in ((140, 200), (2, 4), (2, 4)))
    pitch = draw(st.integers(420, 650))
    sides = [1e-3 * count * pitch for count in (columns, rows)]
    drawn: dict[str, object] = {
        "model.fineness": 0.5,
        "array.pitch": f"{pitch} um",
        "array.rows": rows,
        "array.columns": columns,
        "chip.width": f"{sides[0] + 0.4:.3f} mm",
        "chip.length": f"{sides[1] + 0.4:.3f} mm",
        "chip.thickness": draw(microns(150, 500)),
        "board.thickness": draw(microns(600, 1600)),
        "board.width": f"{sides[0] + 2.0:.3f} mm",
        "board.length": f"{sides[1] + 2.0:.3f} mm",
        "first_layer.thickness": draw(microns(4, 10)),
        "second_layer.thickness": draw(microns(40, 120)),
        "opening.diameter": f"{opening} um",
        "opening.free_end_diameter": f"{opening * draw(st.integers(95, 105)) / 100} um",
        "ball.cylinder_side.diameter": f"{0.86 * opening:.1f} um",
        "interconnect.base_region.diameter": f"{opening + 50} um",
        "materials.solder.based_on": "SAC305",
        "materials.paste.based_on": "SAC305",
        "materials.shell.based_on": "copper",
        "ball.coats.0.material": "shell",
        "ball.coats.2.material": "solder",
        "ball.land_side.fillet": "solder",
        "materials.adhesive.E": draw(moduli(10.0, 3000.0)),
        "materials.adhesive.nu": draw(st.sampled_from([0.35, 0.4, 0.45, 0.48])),
    }
    if draw(st.booleans()):
        drawn |= {"second_layer.wall": "gap", "second_layer.gap": "5 um"}
    if draw(st.booleans()):
        drawn |= {"ball.material": "solder", "ball.coats": "[]"}
    if draw(st.booleans()):
        drawn |= {"cylinder.material": "paste", "cylinder.stress_free": "217 degC"}
    return loads(template("compliant"), drawn | dict(changes or {}))


def of(examples: int) -> settings:
    """Return how a relation is tried: on so many packages; each takes seconds, so none is sought that fails simpler."""
    return settings(max_examples=examples, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
