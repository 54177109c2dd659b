"""A chip's part of a wafer that bends evenly: its outer faces stay plane, and turn.

    u_n = d (e + k z'),      z' from the middle of the chip's thickness,      d distance of the face from the centre

on the faces towards the neighbouring chips, and no shear there: these are planes of symmetry of the bent wafer. Height
is free. What the wafer is thicker than the chip in the mesh is a plate, and e and k follow from no force and no moment.
Saw streets are left out: the films go on into the next chip.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..joint.section import JointSection
from ..mesh.solid import Bools, Floats
from ..solid.operator import memory_load, operator, thermal_load, volumes_of
from ..solid.solve import Displacement, LinearSolver
from .model import How, Materials, along_normals, supports, turned
from .readings import Field
from .sector import NEAR, Sector

WAFER = "chip"
"""Region of the silicon."""

IN_PLANE = [0, 1, 5]
"""xx, yy, xy in Voigt order."""


@dataclass(frozen=True)
class WaferPart:
    """A chip's part of a wafer with its outer faces held, ready for loads.

    Parameters
    ----------
    sector
        What of the chip's side is there, one body.
    solver
        Its stiffness and supports.
    shapes
        Displacement of its nodes for e = 1 and for k = 1, shape (2, n, 3) [mm, mm2].
    forces
        The same in the unknowns' frames: what a load does on e and k is its product with these, shape (2, n, 3).
    stiffness
        Resistance to e and k, shape (2, 2) [N mm, N mm2, N mm3].
    area
        Of the chip in the mesh [mm2].
    answers
        What the solver says of both shapes.
    """

    sector: Sector
    solver: LinearSolver
    shapes: Floats
    forces: Floats
    stiffness: Floats
    area: float
    answers: tuple[Displacement, ...]

    def bent(self, state: Materials, thickness: float, motion: Floats, how: How) -> tuple[Field, Floats, Displacement]:
        """Return the field in which neither force nor moment is left in the wafer.

        Parameters
        ----------
        state
            Materials; its stiffness is that of the solver.
        thickness
            Of the silicon [mm].
        motion
            e and k up to where displacements count from, shape (2,) [-, 1/mm].
        how
            Solver.

        Returns
        -------
        field
            Displacements.
        motion
            e and k now, shape (2,).
        answer
            What the solver says.
        """
        load = thermal_load(self.solver.operator, state.free)
        if state.before is not None:
            load += memory_load(self.solver.operator, state.before)
        answer = self.solver.solve(load, None, how.tolerance, how.progress)
        beyond, pull = self._beyond(state, thickness)
        moved = np.linalg.solve(
            self.stiffness + beyond, np.einsum("anc,nc->a", self.forces, load) + pull - beyond @ motion
        )
        u = answer.u + np.tensordot(moved, self.shapes, axes=1)
        return Field(self.sector, self.solver.operator, state.free, u, state.before), motion + moved, answer

    def _beyond(self, state: Materials, thickness: float) -> tuple[Floats, Floats]:
        """Resistance of the silicon beyond the chip's thickness to e and k, shape (2, 2), and its load, shape (2,)."""
        number, depth = self.sector.mesh.names.index(WAFER), depth_of(self.sector.section)
        plane = np.linalg.inv(np.linalg.inv(state.tensors[number])[np.ix_(IN_PLANE, IN_PLANE)])
        sums = self.area * plane[:2].sum(axis=0)
        low, high = 0.5 * depth, thickness - 0.5 * depth
        moments = np.array([(high**n - low**n) / n for n in (1, 2, 3)])
        return sums[:2].sum() * moments[[[0, 1], [1, 2]]], sums @ state.free[number, IN_PLANE] * moments[:2]


def depth_of(section: JointSection) -> float:
    """Return the chip's thickness in the mesh [mm]."""
    return section.levels.chip_top - section.levels.chip


def wafer_part(sector: Sector, tensors: Floats, how: How) -> WaferPart:
    """Return a chip's part of a wafer, ready for loads.

    Parameters
    ----------
    sector
        What of the chip's side is there, one body.
    tensors
        Stiffness of every region, shape (regions, 6, 6) [MPa].
    how
        Solver.
    """
    mesh, section = sector.mesh, sector.section
    faces = outer_faces(sector)
    held = supports(sector, along_normals(mesh, [(np.eye(3)[axis], face) for axis, face in enumerate(faces)]))
    ready = how.workshop.solver(operator(mesh, tensors), held, how.method)
    height = mesh.points[:, 2] - 0.5 * (section.levels.chip + section.levels.chip_top)
    shapes, forces, answers = [], [], []
    for slope in (np.ones_like(height), height):
        wanted = np.zeros_like(mesh.points)
        for axis, face in enumerate(faces):
            wanted[face, axis] = (mesh.points[:, axis] * slope)[face]
        answer = ready.solve(np.zeros_like(wanted), turned(mesh, wanted), how.tolerance, how.progress)
        shapes.append(answer.u)
        forces.append(answer.unknowns)
        answers.append(answer)
    by_unknowns = np.array(forces)
    resistance = np.array([[float((a * (ready.operator.stiffness @ b)).sum()) for b in forces] for a in forces])
    chip = mesh.within(WAFER)
    area = float(volumes_of(ready.operator, chip).sum(axis=1) @ mesh.shares[chip]) / depth_of(section)
    return WaferPart(sector, ready, np.array(shapes), by_unknowns, resistance, area, tuple(answers))


def outer_faces(sector: Sector) -> tuple[Bools, Bools]:
    """Return the nodes on the chip's outer faces across x and across y, each shape (n,)."""
    points = sector.mesh.points
    chip = np.unique(sector.mesh.cells[sector.mesh.within(WAFER)])
    across_x, across_y = (
        np.abs(points[:, axis]) > np.abs(points[chip, axis]).max() - NEAR * sector.extent for axis in (0, 1)
    )
    return across_x, across_y
