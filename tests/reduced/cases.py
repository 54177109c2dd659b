"""Packages that are quick to solve, and what a full solve on the reduced model's own meshes says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fem_wlp.analysis.critical import CriticalJoint, critical_joint_of
from fem_wlp.analysis.response import answered, condensed_cells, surroundings
from fem_wlp.decoupling import critical_joint, decoupling_figures
from fem_wlp.joint.condense import CellModel, cell_model, thickened
from fem_wlp.joint.section import cell_section, grading_of
from fem_wlp.package import Package, loads, template
from fem_wlp.reduced.axes import Axis

SMALL = {"array.rows": 4, "array.columns": 4, "chip.width": "2.2 mm", "board.width": "6 mm", "model.fineness": 0.5}


@cache
def small(name: str, *changes: tuple[str, object]) -> Package:
    """Return a template with few joints on a coarse mesh, with changes."""
    package = loads(template(name))
    return package.origin.reread(package.origin.document, {**SMALL, **dict(changes)})


def modulus(package: Package, material: str, low: float, high: float) -> Axis:
    """Return the modulus of a material of the file [MPa]."""
    path = f"materials.{material}.E"
    return Axis(path, low, high, lambda value: package.replace(path, f"{float(value)!r} MPa"))


def expansion(package: Package, material: str, low: float, high: float) -> Axis:
    """Return the thermal expansion of a material of the file [ppm/K]."""
    path = f"materials.{material}.CTE"
    return Axis(path, low, high, lambda value: package.replace(path, f"{float(value)!r} ppm/K"))


def thickness(package: Package, low: float, high: float) -> Axis:
    """Return the second layer's thickness [mm]."""
    path = "second_layer.thickness"
    return Axis(path, low, high, lambda value: package.replace(path, f"{float(value)!r} mm"))


def spread(axes: Sequence[Axis], points: int, seed: int = 0) -> NDArray[np.float64]:
    """Return values evenly spread over the axes' logarithms, shape (p, axes)."""
    low, high = np.log([[axis.low, axis.high] for axis in axes]).T
    return np.asarray(np.exp(low + np.random.default_rng(seed).random((points, len(axes))) * (high - low)))


class Full:
    """A package solved in full on the mesh that a reduced model has, at values of its parameters."""

    def __init__(self, package: Package, axes: Sequence[Axis], values: NDArray[np.float64]) -> None:
        changed, grown = package, 0.0
        for axis, value in zip(axes, values, strict=True):
            if axis.name == "second_layer.thickness":
                assert package.second_layer is not None
                grown = float(value) - package.second_layer.thickness
            else:
                unit = "ppm/K" if axis.name.endswith("CTE") else "MPa"
                changed = changed.replace(axis.name, f"{float(value)!r} {unit}")
        section = cell_section(changed)
        around = surroundings(changed, section)
        self.model = _stretched(replace(_model(package), section=section), grown)
        self.cells = condensed_cells(self.model, changed)
        answer = answered(around, changed, self.cells)
        self.response, self.free = answer.response, answer.free
        self.joint = critical_joint(package.array.joints)
        self.package = changed

    @property
    def figure(self) -> float:
        """D of the critical joint."""
        return float(decoupling_figures(self.response.shift, self.free.shift)[self.joint])

    @property
    def local(self) -> CriticalJoint:
        """The critical joint in detail."""
        return critical_joint_of(self.package, self.cells, self.response, self.joint)


def _stretched(model: CellModel, grown: float) -> CellModel:
    return model if grown == 0.0 else thickened(model, grown)


@cache
def _model(package: Package) -> CellModel:
    return cell_model(cell_section(package), grading_of(package))
