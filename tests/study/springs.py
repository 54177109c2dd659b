"""A package whose joint is one spring before another: every figure of its designs is known in closed form.

D = 1 / (1 + c E / t) for the cylinder's modulus E and the second layer's thickness t; the interconnect's strain grows
with the thickness, and so does the resistance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fem_wlp.materials.model import stiffness
from fem_wlp.package import Package, loads, template
from fem_wlp.study.models import Readings
from fem_wlp.study.ranges import Range

Floats = NDArray[np.float64]

COMPLIANCE = 0.075 / (9.0 * 200.0)
"""c: D = 0.9 at 200 MPa and 75 um [mm/MPa]."""

THICKNESS, MODULUS = "second_layer.thickness", "materials.adhesive.E"
FIRST, CHIP, BELOW = 0.008, 0.3, 0.33


def compliant(**changes: object) -> Package:
    """The template, some keys changed."""
    return loads(template("compliant"), {key.replace("__", "."): value for key, value in changes.items()})


def figure_of(thickness: Floats, modulus: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + COMPLIANCE * modulus / thickness))


def thickness_for(figure: float, modulus: float) -> float:
    """The least thickness that reaches D [mm]."""
    return COMPLIANCE * modulus * figure / (1.0 - figure)


def modulus_for(figure: float, thickness: float) -> float:
    """The largest modulus that reaches D [MPa]."""
    return thickness * (1.0 - figure) / (COMPLIANCE * figure)


def strain_of(thickness: Floats) -> Floats:
    return np.asarray(1e-3 * thickness / 0.075)


def resistance_of(thickness: Floats) -> Floats:
    """[mOhm]."""
    return np.asarray(10.0 + 20.0 * thickness / 0.075)


def springs(package: Package, keys: Sequence[str]) -> dict[str, float | None]:
    """What a full solve is in these tests."""
    assert package.second_layer is not None and package.cylinder is not None
    t = package.second_layer.thickness
    modulus = 1.0 / np.linalg.inv(stiffness(package.cylinder.material, 300.0))[0, 0]
    found = {
        "decoupling.figure": float(figure_of(t, modulus)),
        "certificates.discretisation_error.figure": 0.001,
        "interconnect.strain": float(strain_of(t)),
        "joint.resistance.electrical": float(resistance_of(t)),
        "joint.height": BELOW + t,
    }
    return {key: found.get(key, 10.0 if "ball_stress" in key else None) for key in keys}


@dataclass
class QuickSprings:
    """A quick model of it, wrong by a bias of D and a factor on everything else."""

    package: Package
    ranges: tuple[Range, ...]
    bias: float = 0.0
    factor: float = 1.0
    kind: str = "reduced"
    asked: list[int] = field(default_factory=list)

    def readings(self, values: Floats, names: Sequence[str] = (), bounds: bool = False) -> Readings:
        """Answer by the closed forms."""
        assert self.package.second_layer is not None and self.package.cylinder is not None
        self.asked.append(len(values))
        own = {
            THICKNESS: self.package.second_layer.thickness,
            MODULUS: 1.0 / np.linalg.inv(stiffness(self.package.cylinder.material, 300.0))[0, 0],
        }
        at = {name: np.full(len(values), value) for name, value in own.items()}
        at |= {axis.name: values[:, number] for number, axis in enumerate(self.ranges)}
        t = at[THICKNESS]
        known: Mapping[str, Floats] = {
            "interconnect_strain": self.factor * strain_of(t),
            "electrical_resistance": self.factor * resistance_of(t),
            "total_height": CHIP + BELOW + t,
            "layer_ratio": t / FIRST,
        }
        figure = figure_of(t, at[MODULUS]) + self.bias
        nothing = np.zeros(len(values))
        return Readings(figure, nothing, nothing > 0.0, {name: known[name] for name in names})


def quick(bias: float = 0.0, factor: float = 1.0):
    """Return what makes a quick model of some ranges."""
    return lambda package, ranges, names: QuickSprings(package, tuple(ranges), bias, factor)
