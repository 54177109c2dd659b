"""The package whose quarter every program solves, as 27-node hexahedra or as straight tetrahedra on the same nodes."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
from exchange import EDGES, Problem

import fem_wlp
from fem_wlp.analysis.resolved import meshed
from fem_wlp.array.model import Materials, materials_at, supports
from fem_wlp.array.readings import Field, Gauges, read_joints
from fem_wlp.mesh.solid import SolidMesh
from fem_wlp.solid.operator import Operator, operator, thermal_load

TOLERANCE = 1e-8
"""Residual that iterative solvers have to reach, relative to the load [-]."""

GRID = np.array([(i, j, k) for k in range(3) for j in range(3) for i in range(3)])
"""Places of the hexahedron's nodes."""


class Case(NamedTuple):
    """A problem and how its answer is read.

    Parameters
    ----------
    problem
        What all programs get.
    gauges
        Where our own reading of the joints is done.
    materials
        Of the problem, for our own operator.
    mesh_seconds
        What our mesh took [s].
    """

    problem: Problem
    gauges: Gauges
    materials: Materials
    mesh_seconds: float

    def operator(self, projected: bool) -> Operator:
        """Return our own operator."""
        return operator(self.gauges.sector.mesh, self.materials.tensors, projected)

    def residual(self, u: np.ndarray, projected: bool) -> float:
        """Return |f - K u| / |f| of an answer on the free components, by our own operator [-]."""
        stiff = self.operator(projected)
        load = np.where(self.problem.fixed, 0.0, thermal_load(stiff, self.materials.free))
        rest = np.where(self.problem.fixed, 0.0, load - stiff.stiffness @ u)
        return float(np.linalg.norm(rest) / np.linalg.norm(load))

    def shift(self, u: np.ndarray) -> float:
        """Return the shift of the outermost joint, the numerator of D [mm]."""
        field = Field(self.gauges.sector, self.operator(True), self.materials.free, u)
        shifts = read_joints(self.gauges, field).shift
        return float(np.linalg.norm(shifts[np.argmax(np.linalg.norm(self.gauges.joints, axis=1))]))


def enlarged(template: str, count: int) -> fem_wlp.Package:
    """Return a template's package with count x count joints; chip and board grow with them."""
    text = fem_wlp.template(template)
    given = fem_wlp.loads(text)
    chip = count * given.array.pitch + given.chip.width - given.array.columns * given.array.pitch
    changes = {
        "array.rows": count,
        "array.columns": count,
        "chip.width": f"{chip} mm",
        "board.width": f"{chip + given.board.width - given.chip.width} mm",
        "model.kind": "3d",
        "model.extent": "quarter",
    }
    return fem_wlp.loads(text, overrides=changes)


def hexahedra(template: str, count: int, fineness: float = 1.0) -> Case:
    """Return the quarter of a template with count x count joints, cooled from assembly to the coldest temperature.

    Orthotropic materials become isotropic ones with their constants along x, so that all programs can be given them.
    """
    package = enlarged(template, count)
    begun = time.perf_counter()
    gauges = meshed(package, fineness).gauges
    seconds = time.perf_counter() - begun
    sector = gauges.sector
    assembly, cold = package.temperatures.assembly, min(package.temperatures.points)
    given = materials_at(sector.section, sector.mesh.names, assembly, cold)
    compliance = np.linalg.inv(given.tensors)
    problem = Problem(
        points=sector.mesh.points,
        cells=sector.mesh.cells,
        regions=sector.mesh.regions,
        twins=sector.mesh.twins,
        E=1 / compliance[:, 0, 0],
        nu=-compliance[:, 0, 1] / compliance[:, 0, 0],
        alpha=given.free[:, 0] / (cold - assembly),
        dT=cold - assembly,
        fixed=supports(sector),
        tolerance=TOLERANCE,
    )
    return Case(problem, gauges, Materials(cold, problem.tensors, problem.free_strains), seconds)


def tetrahedra(case: Case) -> Case:
    """Split each hexahedron into six tetrahedra with straight edges on the same nodes.

    The first corner of a cell is joined to the triangles of the three faces opposite, and every face is split from its
    own first corner, so that neighbours agree; a node in the middle moves to where its edge is straight.
    """
    given = case.problem
    corners = np.flatnonzero((GRID != 1).all(axis=1))
    loops = np.array([_loop(axis, side) for axis, side in product(range(3), (0, 2))])
    first = corners[given.cells[:, corners].argmin(axis=1)]
    start = given.cells[:, loops].argmin(axis=2)
    turned = loops[np.arange(6)[None, :, None], (start[:, :, None] + np.arange(4)) % 4]
    triangles = np.stack([turned[..., [0, 1, 2]], turned[..., [0, 2, 3]]], axis=2)
    opposite = (loops != first[:, None, None]).all(axis=2)
    base = triangles[opposite].reshape(-1, 6, 3)
    four = np.concatenate([np.broadcast_to(first[:, None, None], (len(base), 6, 1)), base], axis=2)
    places = GRID[four]
    inverted = np.linalg.det(places[:, :, 1:] - places[:, :, :1]) < 0
    four[inverted] = four[inverted][:, [0, 2, 1, 3]]
    middles = [(GRID[four[..., a]] + GRID[four[..., b]]) // 2 @ (1, 3, 9) for a, b in EDGES]
    local = np.concatenate([four, np.stack(middles, axis=2)], axis=2).reshape(len(base), -1)
    cells = np.take_along_axis(given.cells, local, axis=1).reshape(-1, 10)
    points = given.points.copy()
    for number, (a, b) in enumerate(EDGES, start=4):
        points[cells[:, number]] = (given.points[cells[:, a]] + given.points[cells[:, b]]) / 2
    twins = np.arange(len(cells))
    problem = given._replace(points=points, cells=cells, regions=np.repeat(given.regions, 6), twins=twins)
    sector = case.gauges.sector
    mesh = SolidMesh(
        points, cells, problem.regions, sector.mesh.names, np.repeat(sector.mesh.places, 6), twins, np.ones(len(cells))
    )
    return case._replace(problem=problem, gauges=replace(case.gauges, sector=replace(sector, mesh=mesh)))


def inverted(problem: Problem) -> bool:
    """Whether a straight tetrahedron has no positive volume."""
    corners = problem.points[problem.cells[:, :4]]
    return bool((np.linalg.det(corners[:, 1:] - corners[:, :1]) <= 0).any())


def _loop(axis: int, side: int) -> list[int]:
    """The corners of a hexahedron's face, one after the other around it."""
    a, b, c, d = (n for n, place in enumerate(GRID) if place[axis] == side and 1 not in place)
    return [a, b, d, c]


def completed(u: np.ndarray, problem: Problem) -> np.ndarray:
    """Give the nodes on faces and inside, which 20-node bricks do not have, the values of those bricks there."""
    corner, edge = ((GRID == 1).sum(axis=1) == n for n in (0, 1))
    u = u.copy()
    for node in np.flatnonzero((GRID == 1).sum(axis=1) >= 2):
        fixed = GRID[node] != 1  # directions across the face; none for the node inside
        around = (GRID[:, fixed] == GRID[node][fixed]).all(axis=1)
        corners, edges = (problem.cells[:, around & kind] for kind in (corner, edge))
        u[problem.cells[:, node]] = u[edges].sum(axis=1) / (2 if fixed.any() else 4) - u[corners].sum(axis=1) / 4
    return u
