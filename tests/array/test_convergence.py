"""The mesh of a resolved joint converges, from above, and the default one has nearly arrived."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from fem_wlp.array.blocks import Fineness
from fem_wlp.array.layout import array_mesh
from fem_wlp.array.model import materials_at, part_of
from fem_wlp.array.sector import Sector
from fem_wlp.joint.section import joint_section
from fem_wlp.package import loads, template
from fem_wlp.solid.operator import energies, operator
from fem_wlp.solid.solve import solve

BARE = {"interconnect.line": "none", "chip.pads": "none"}

SHARPER = (1, 2, 4)
"""Factors by which elements are shorter, at one number of elements around so that all meshes have one geometry."""


@cache
def stiffness(factor: float) -> float:
    """Lateral stiffness [N/mm] of one joint's cell, the chip's upper face shifted and the board's lower face held.

    A quarter of it: the shift along x is even in the plane y = 0 and odd in x = 0.
    """
    package = loads(template("conventional"), BARE)
    section, default = joint_section(package), Fineness.of(1.0)
    fineness = Fineness(default.around, *(size / factor for size in (default.tip, default.growth, default.largest)))
    mesh = array_mesh(package, section, "cell", fineness).mesh
    sector = Sector(mesh, section, np.zeros((1, 2)), np.eye(3)[None])
    mesh, _ = part_of(mesh, (sector.centres[:, :2] > 0.0).all(axis=1))
    state = materials_at(section, mesh.names, package.temperatures.assembly, package.temperatures.points[0])
    stiff = operator(mesh, state.tensors)
    x, y, z = mesh.points.T
    top, bottom = z > section.levels.chip_top - 1e-9, z < section.levels.board_bottom + 1e-9
    fixed = np.repeat((top | bottom)[:, None], 3, axis=1)
    fixed[np.abs(x) < 1e-9, 1:] = True
    fixed[np.abs(y) < 1e-9, 1] = True
    answer = solve(stiff, np.zeros(mesh.points.shape), fixed, np.outer(top, [1.0, 0.0, 0.0]))
    return 8.0 * float(energies(stiff, answer.u, np.zeros_like(state.free)).sum())


def limit(values: list[float]) -> float:
    """Return what a geometric sequence of three converges to (Aitken)."""
    a, b, c = values
    return c - (c - b) ** 2 / ((c - b) - (b - a))


@pytest.mark.long
def test_a_joint_softens_as_its_mesh_is_refined_and_the_default_is_within_one_percent() -> None:
    """Displacement elements are too stiff, the projected dilatation softens little at these Poisson's ratios.

    Lengths are halved twice: the stiffness falls each time, the second time by less, and the sequence goes on to the
    limit that 1 % counts from. A mesh with a third of the default's elements is the control that fails.
    """
    values = [stiffness(factor) for factor in SHARPER]
    assert values[0] > values[1] > values[2]
    assert values[0] - values[1] > values[1] - values[2]
    reference = limit(values)
    assert values[0] == pytest.approx(reference, rel=0.01)
    assert stiffness(0.25) != pytest.approx(reference, rel=0.01)
