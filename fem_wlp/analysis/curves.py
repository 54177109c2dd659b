"""D of the critical joint against the parameters that a designer selects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ..decoupling import critical_joint
from ..joint.condense import CellModel, cell_model, cell_state, condense, thickened
from ..joint.section import cell_section, with_materials
from ..joint.severed import Severed, chip_side, severed_joints
from ..materials.model import plane_constants, scaled
from ..mesh.section import Grading
from ..package.model import Package
from ..results import Curve
from .response import WORKERS, Surroundings, coldest, figure_of, respond, respond_cut

THICKNESS_SHARES = (0.4, 0.7, 1.0, 1.4, 2.0)
"""Thicknesses of the second layer, relative to the present one [-]."""

CYLINDER_MODULI = (1.0, 10.0, 100.0, 1e3, 1e4, 5e4)
"""Moduli of the cylinder, from silicone to solder [MPa]."""

BALL_FACTORS = (0.01, 0.1, 0.3, 1.0, 10.0)
"""Moduli of all parts of the ball, relative to the present ones [-]."""


def curves_of(package: Package, around: Surroundings, grading: Grading) -> tuple[Curve, ...]:
    """Return D of the critical joint against second-layer thickness, cylinder modulus, and ball modulus.

    At the service temperature farthest from assembly, on a mesh for drawing, with harmonic 2 of the present package (it
    carries only what the plates' in-plane shear does to the joint).
    """
    index = coldest(package)
    around = around.at(index)
    section, temperature = cell_section(package), around.temperatures[0]
    sketch = cell_model(section, grading)
    state = cell_state(sketch, package.temperatures.assembly, temperature)
    planar = condense(sketch, state)[1].planar
    (severed,) = severed_joints(sketch, [state])
    joint = critical_joint(package.array.joints)

    def figure(model: CellModel) -> float:
        state = cell_state(model, package.temperatures.assembly, temperature)
        whole = condense(model, state, planar=planar)[0]
        cut = Severed(model.section, chip_side(model, state, planar=severed.chip.fields.planar), severed.board)
        return figure_of(
            respond(around, package, model.section, [whole]),
            respond_cut(around, package, [cut]),
            joint,
        )

    def with_moduli(names: Sequence[str], factor: float) -> CellModel:
        changed = {name: scaled(section.materials[name], factor) for name in names if name in section.materials}
        return replace(sketch, section=with_materials(section, changed))

    plans: list[tuple[str, str, tuple[float, ...], float, Callable[[float], CellModel]]] = []
    if package.second_layer is not None and package.cylinder is not None:
        thickness, cylinder = package.second_layer.thickness, package.cylinder.material
        heights = [share * thickness for share in THICKNESS_SHARES if share * thickness > 2.0 * _covered(package)]
        plans.append(
            (
                "second_layer.thickness",
                "second-layer thickness [µm]",
                tuple(1e3 * height for height in heights),
                1e3 * thickness,
                lambda microns: thickened(sketch, 1e-3 * microns - thickness),
            )
        )
        present = plane_constants(cylinder, temperature)[0]
        filled = [name for name in ("cylinder", "cylinder_fillet") if section.materials.get(name) == cylinder]
        plans.append(
            (
                "cylinder.material.E",
                "cylinder modulus [MPa]",
                tuple(sorted({*CYLINDER_MODULI, present})),
                present,
                lambda modulus: with_moduli(filled, modulus / present),
            )
        )
    ball = [name for name in section.ball_parts if name != "cylinder_fillet"]
    plans.append(
        (
            "ball.material.E",
            "ball modulus, all its parts [× present]",
            BALL_FACTORS,
            1.0,
            lambda factor: with_moduli(ball, factor),
        )
    )
    at_present = figure(sketch)

    def points(values: Sequence[float], now: float, model: Callable[[float], CellModel]) -> tuple[float, ...]:
        return tuple(pool.map(lambda value: at_present if value == now else figure(model(value)), values))

    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        return tuple(
            Curve(path, label, values, points(values, now, model), now) for path, label, values, now, model in plans
        )


def _covered(package: Package) -> float:
    """Least thickness of a second layer: interconnect and what dips into the cylinder [mm]."""
    return package.interconnect.thickness + package.ball.cylinder_side.dip
