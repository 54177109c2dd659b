"""The package of the laws of whole packages, in all its cases, and what joint cell and assembly answer for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..analysis import COARSE
from ..analysis.response import PLATES, Response, cell_states, respond, respond_severed, surroundings
from ..decoupling import decoupling_figures
from ..joint.condense import CellModel, CellState, cell_model, condense
from ..joint.section import cell_section
from ..mesh.plates import PlateMesh
from ..mesh.section import Floats, Grading
from ..package import Package, loads

PITCH = 0.5  # [mm]

CASES = {
    "conventional": ("solder", None, None),
    "solder": ("solder", "solder", "soft_layer"),
    "soft": ("polymer", "soft_adhesive", "soft_layer"),
    "stiff-layer": ("solder", "soft_adhesive", "stiff_layer"),
    "paste": ("solder", "solder", "stiff_layer"),
}
"""Case → ball, cylinder, second layer."""

COMMON = """
name = "laws"
chip = { width = "2 mm", thickness = "0.3 mm", material = "die" }
first_layer = { thickness = "5 um", material = "dielectric" }
interconnect = { thickness = "5 um", material = "metal", base_region = { diameter = "250 um" } }
land = { diameter = "250 um", thickness = "20 um", material = "metal" }
array = { pitch = "0.5 mm", rows = 4, columns = 4 }
board = { width = "2 mm", thickness = "0.8 mm", material = "laminate" }
temperatures = { assembly = "125 degC", service = "25 degC" }

[ball]
diameter = "300 um"
material = "%s"
cylinder_side = { diameter = "250 um" }
land_side = { diameter = "250 um" }
truncated = true

[materials]
die = { E = "130 GPa", nu = 0.28, CTE = "2.6 ppm/K", source = "chosen" }
laminate = { E = "22 GPa", nu = 0.28, CTE = "16 ppm/K", source = "chosen" }
dielectric = { E = "3 GPa", nu = 0.34, CTE = "35 ppm/K", source = "chosen" }
metal = { E = "117 GPa", nu = 0.34, CTE = "17 ppm/K", source = "chosen" }
solder = { E = "43 GPa", nu = 0.36, CTE = "21.5 ppm/K", source = "chosen" }
soft_adhesive = { E = "200 MPa", nu = 0.45, CTE = "100 ppm/K", source = "chosen" }
soft_layer = { E = "5 MPa", nu = 0.49, CTE = "250 ppm/K", source = "chosen" }
stiff_layer = { E = "2 GPa", nu = 0.40, CTE = "60 ppm/K", source = "chosen" }
polymer = { E = "4.7 GPa", nu = 0.36, CTE = "40 ppm/K", source = "chosen" }
"""

DECOUPLED = """
second_layer = { thickness = "75 um", material = "%s" }
opening = { diameter = "250 um" }
cylinder = { material = "%s" }
"""

Changes = Mapping[str, object]


def package(case: str, changes: Changes | None = None) -> Package:
    """Return a case of the resolved reference, 4 x 4 joints on a board that ends with the chip, some keys changed."""
    ball, cylinder, layer = CASES[case]
    own = DECOUPLED % (layer, cylinder) if layer else ""
    return loads(own + COMMON % ball, changes or {})


OVERHANG: Changes = {"board.width": "3.5 mm"}
"""A board that reaches two pitches past the last joint."""

StateChange = Callable[[CellModel, CellState, float], CellState]


def unchanged(model: CellModel, state: CellState, temperature: float) -> CellState:
    """Leave a cell's materials as they are."""
    return state


def responses(
    package: Package, change: StateChange = unchanged, grading: Grading = COARSE, plates: PlateMesh = PLATES
) -> tuple[Response, Response]:
    """Return the package's response and its response with all joints severed, the joints' materials changed."""
    section = cell_section(package)
    around = surroundings(package, section, mesh=plates)
    model = cell_model(section, grading)
    points = zip(cell_states(model, package), around.temperatures, strict=True)
    states = [change(model, state, temperature) for state, temperature in points]
    whole = respond(around, package, section, [condense(model, state)[0] for state in states])
    return whole, respond_severed(around, package, model, states)


def figures(package: Package, change: StateChange = unchanged) -> Floats:
    """Return D of all joints [-]."""
    whole, free = responses(package, change)
    return decoupling_figures(whole.shift, free.shift)
