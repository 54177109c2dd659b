"""An array resolved in three dimensions as it is made: the description of `fem_wlp.process.growth`, nothing condensed.

    sigma_i = C_i(T) : [ e(u + w_i) - int_{T_i}^{T} alpha_i dT + s_i ]

w_i is what the nodes of an element went through from its birth to the state before, element by element: neighbours of
different age differ at the nodes that they share. The load of w_i is -k_i w_i, k_i the element's own stiffness.

On the wafer the chip's outer faces stay plane and turn (`fem_wlp.array.wafer`), then they are free; mounted, the chip's
side and the board are one, and everything counts from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..array.model import (
    How,
    LateralFace,
    Materials,
    part_of,
    solve_states,
    supports,
)
from ..array.readings import Field
from ..array.sector import Sector
from ..array.wafer import WaferPart, wafer_part
from ..joint.section import MADE_OF
from ..materials.model import stiffness, thermal_strain
from ..mesh.solid import Bools, Floats
from ..solid.operator import memory_load, operator, thermal_load
from ..solid.solve import Displacement, solver
from .history import Stage, mounting_of, plating_of_lands
from .standing import WAFER, Standing


@dataclass(frozen=True, kw_only=True)
class ArrayGrowth(Standing):
    """An array, as far as it is made; displacements since birth have shape (m, k, 3). Loose are bodies at each joint.

    Parameters
    ----------
    sector
        The meshed part of the package, with all that there will be.
    """

    sector: Sector

    @property
    def joined(self) -> tuple[str, ...]:
        """Regions that are one body with the wafer."""
        return tuple(name for name in self.born if name not in self.loose)

    def beside(self, other: ArrayGrowth) -> ArrayGrowth:
        """Return both: this one and what there is of another one on the same mesh."""
        since_birth = self.since_birth.copy()
        theirs = self.elements(other.born)
        since_birth[theirs] = other.since_birth[theirs]
        born, shrunk = {**self.born, **other.born}, {**self.shrunk, **other.shrunk}
        return replace(self, born=born, shrunk=shrunk, since_birth=since_birth)

    def elements(self, names: Iterable[str]) -> Bools:
        """Return which elements are of some regions of the section, shape (m,)."""
        wanted = frozenset(names)
        mesh = self.sector.mesh
        numbers = [number for number, name in enumerate(mesh.names) if MADE_OF.get(name, name) in wanted]
        return np.isin(mesh.regions, numbers)

    def materials(self, temperature: float) -> Materials:
        """Return stiffness and free strains since birth; what isn't there is not asked for its properties."""
        mesh, section = self.sector.mesh, self.sector.section
        tensors, free = np.tile(np.eye(6), (len(mesh.names), 1, 1)), np.zeros((len(mesh.names), 6))
        for number, name in enumerate(MADE_OF.get(name, name) for name in mesh.names):
            if name in self.born:
                material = section.materials[name]
                tensors[number] = stiffness(material, temperature)
                free[number, :3] = thermal_strain(material, self.born[name], temperature) - self.shrunk.get(name, 0.0)
        return Materials(temperature, tensors, free, self.since_birth)


@dataclass(frozen=True)
class ArrayShape:
    """An array on its wafer or its chip in equilibrium at one temperature.

    Parameters
    ----------
    temperature
        [K].
    field
        Of the body of chip or board: displacements since the state before, on the mesh of what is there.
    increment
        Displacement of every element's nodes since the state before, shape (m, k, 3) [mm].
    motion
        e and k of the wafer since it was flat, shape (2,) [-, 1/mm]; those that it had, once it is divided.
    answers
        What the solver says.
    """

    temperature: float
    field: Field
    increment: Floats
    motion: Floats
    answers: tuple[Displacement, ...]

    def bow(self, diameter: float) -> float:
        """Height of the wafer's centre over its rim, joints up: negative where its films pull [mm]."""
        return -0.125 * float(self.motion[1]) * diameter**2


def bare_array(sector: Sector, thickness: float, temperature: float) -> ArrayGrowth:
    """Return a flat wafer of a given thickness [mm] before its first step, unstressed at ``temperature`` [K]."""
    nothing = np.zeros((*sector.mesh.cells.shape, 3))
    return ArrayGrowth(sector=sector, thickness=thickness, born={WAFER: temperature}, since_birth=nothing)


class Bench:
    """Where an array's shapes are solved; it keeps the last stiffness of a wafer, which several shapes share.

    Parameters
    ----------
    how
        Solver.
    face
        The outer face of a strip, on its whole mesh.
    """

    def __init__(self, how: How, face: LateralFace | None = None) -> None:
        self._how = how
        self._face = face
        self._last: tuple[Bools, Floats, WaferPart] | None = None

    def on_wafer(self, growth: ArrayGrowth, temperature: float) -> ArrayShape:
        """Return the shape on the wafer at a temperature [K]."""
        there, state = growth.elements(growth.joined), growth.materials(temperature)
        if self._last is None or not (
            np.array_equal(self._last[0], there) and np.array_equal(self._last[1], state.tensors)
        ):
            mesh = part_of(growth.sector.mesh, there)[0]
            part = wafer_part(replace(growth.sector, mesh=mesh), state.tensors, self._how)
            self._last = there, state.tensors, part
        part = self._last[2]
        field, motion, answer = part.bent(state.of(there), growth.thickness, growth.motion, self._how)
        return self._shape(growth, state, there, field, motion, (*part.answers, answer))

    def by_itself(self, growth: ArrayGrowth, temperatures: Sequence[float]) -> tuple[ArrayShape, ...]:
        """Return the shapes on the single chip, or of the board with its lands, at some temperatures [K]."""
        there = growth.elements(growth.joined)
        mesh, nodes = part_of(growth.sector.mesh, there)
        states = [growth.materials(temperature) for temperature in temperatures]
        face = None if self._face is None else replace(self._face, nodes=self._face.nodes[nodes])
        solved = solve_states(replace(growth.sector, mesh=mesh), [state.of(there) for state in states], self._how, face)
        return tuple(
            self._shape(growth, state, there, field, growth.motion, solved.answers)
            for state, field in zip(states, solved.fields, strict=True)
        )

    def _shape(
        self,
        growth: ArrayGrowth,
        state: Materials,
        there: Bools,
        field: Field,
        motion: Floats,
        answers: tuple[Displacement, ...],
    ) -> ArrayShape:
        increment = np.zeros_like(growth.since_birth)
        increment[there] = field.u[field.sector.mesh.cells]
        if growth.loose:
            apart = growth.elements(growth.loose)
            sector = replace(growth.sector, mesh=part_of(growth.sector.mesh, apart)[0])
            answer = _by_themselves(sector, state.of(apart), self._how)
            increment[apart] = answer.u[sector.mesh.cells]
            answers = (*answers, answer)
        return ArrayShape(state.temperature, field, increment, motion, answers)


def _by_themselves(sector: Sector, state: Materials, how: How) -> Displacement:
    """Displacement of bodies that lie loose, one at each joint, each held by itself."""
    mesh = sector.mesh
    held = np.zeros_like(mesh.points, dtype=bool)
    for place in np.unique(mesh.places):
        body, nodes = part_of(mesh, mesh.places == place)
        held[nodes] |= supports(replace(sector, mesh=body))
    stiff = operator(mesh, state.tensors)
    load = thermal_load(stiff, state.free)
    if state.before is not None:
        load += memory_load(stiff, state.before)
    return solver(stiff, held, how.method).solve(load, None, how.tolerance, how.progress)


def array_mounted(divided: ArrayGrowth, stages: Sequence[Stage], bench: Bench) -> ArrayGrowth:
    """Return the state in which the joints become solid on the board: chip and board lie on each other, unstressed.

    A board whose lands were plated before has bent under them since, by itself; it is not born anew.

    Parameters
    ----------
    divided
        The single chip.
    stages
        All steps of the process.
    bench
        Where it is solved.
    """
    stage, plating = mounting_of(stages), plating_of_lands(stages)
    molten = divided.carrying(stage)
    (shape,) = bench.by_itself(molten, (stage.temperature,))
    mounted = molten.settled(shape).newborn(stage)
    if plating is None:
        return mounted
    board = replace(bare_array(divided.sector, 0.0, plating.temperature), born={"board": plating.temperature})
    board = replace(board.newborn(plating), loose=frozenset())
    (bent,) = bench.by_itself(board, (stage.temperature,))
    return mounted.beside(board.settled(bent))
