"""A joint as it grows on its wafer: every part is born free of stress in the shape that its host has then.

In total form, of part i at temperature T,

    sigma_i = C_i(T) : [ e(w_i) - int_{T_i}^{T} alpha_i dT + s_i ]

with its birth at T_i, the linear shrinkage s_i that followed, and its displacement w_i since birth. All w_i move by the
same increment from one state to the next; neighbours of different age differ at the nodes that they share. No field has
to be continued into what isn't there yet, and a body that lies loose may be joined in any shape.

The wafer is wide: it bends evenly. A joint's cell with its part of the wafer is condensed to the in-plane strain e and
the slope k of that strain upwards; the wafer beyond the cell's depth is a plate; net force and moment vanish.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..elasticity import harmonic, solve
from ..joint.cell import axial_order, by_region, free_strain, rigid_motion
from ..joint.condense import (
    CellModel,
    CellState,
    Harmonic,
    axial_fields,
    bare_plate,
    film_levels,
    layers_of,
    middles,
)
from ..materials.model import thermal_strain
from .standing import WAFER, Standing

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Growth(Standing):
    """A joint on its wafer, as far as it is made; displacements are those of harmonic 0, shape (ne, 18).

    Parameters
    ----------
    model
        The joint's meshed section, with all parts.
    """

    model: CellModel

    @property
    def joined(self) -> tuple[str, ...]:
        """Regions that are one body with the wafer."""
        return tuple(name for name in self.model.mesh.names if name in self.born and name not in self.loose)

    def elements(self, names: Iterable[str]) -> NDArray[np.int64]:
        """Return the elements of some regions."""
        return self.model.mesh.elements(*names)


@dataclass(frozen=True)
class Shape:
    """A joint on its wafer in equilibrium at one temperature.

    Parameters
    ----------
    growth
        What it consists of, and its displacement up to the state before.
    temperature
        [K].
    state
        Elasticity and free strain of all elements; of those that aren't there as if they were.
    system, displacement
        Of the body of the wafer, for reading: displacement since the state before, shape (n,) [mm].
    elements
        Elements of that body, shape (nb,).
    increment
        Displacement of every element since the state before, shape (ne, 18) [mm].
    motion
        Of the wafer since it was flat, shape (2,) [-, 1/mm].
    residual
        Largest backward error [-].
    """

    growth: Growth
    temperature: float
    state: CellState
    system: harmonic.HarmonicSystem
    displacement: Floats
    elements: NDArray[np.int64]
    increment: Floats
    motion: Floats
    residual: float

    @property
    def curvature(self) -> float:
        """Slope of the wafer's in-plane strain upwards, away from the joints [1/mm]."""
        return float(self.motion[1])

    def bow(self, diameter: float) -> float:
        """Height of the wafer's centre over its rim, joints up: negative where its films pull [mm]."""
        return -0.125 * self.curvature * diameter**2

    def settled(self) -> Growth:
        """Return the joint with all displacements counted up to here."""
        return self.growth.settled(self)

    def strains(self, name: str) -> Floats:
        """Return the strain since its birth at the quadrature points of a region, shape (ne, nq, 6) [-].

        Of a region joined to the wafer; Voigt order rr, tt, zz, tz, rz, rt.
        """
        return harmonic.strains(self.system, self.displacement, elements=self._own(name))

    def stresses(self, name: str) -> Floats:
        """Return the stress at the quadrature points of a region, likewise, shape (ne, nq, 6) [MPa]."""
        return harmonic.stresses(self.system, self.strains(name), elements=self._own(name))

    def volumes(self, name: str) -> Floats:
        """Return the volume at the quadrature points of a region, shape (ne, nq) [mm^3]."""
        return self.system.strain.space.volume[self._own(name)]

    def mean_stress(self, name: str) -> Floats:
        """Return the mean stress of a region joined to the wafer, shape (6,) [MPa]."""
        volume = self.volumes(name)
        return np.asarray(np.einsum("eqa,eq->a", self.stresses(name), volume) / volume.sum())

    def _own(self, name: str) -> NDArray[np.int64]:
        return np.flatnonzero(self.system.strain.space.mesh.region == self.growth.model.mesh.names.index(name))


def bare_wafer(model: CellModel, thickness: float, temperature: float) -> Growth:
    """Return a flat wafer of a given thickness [mm] before its first step, unstressed at ``temperature`` [K]."""
    size = len(model.mesh.triangles)
    return Growth(model=model, thickness=thickness, born={WAFER: temperature}, since_birth=np.zeros((size, 18)))


def shape_at(growth: Growth, temperature: float) -> Shape:
    """Return the shape of a joint on its wafer at a temperature.

    Parameters
    ----------
    growth
        What there is.
    temperature
        [K].

    Raises
    ------
    MaterialError
        M108: a property is not known at this temperature.
    SolveError
        S501: a part hangs on nothing; S502: the solution is not exact enough.
    """
    return _shape(growth, temperature, None)


def shape_on_chip(growth: Growth, temperature: float, motion: Floats) -> Shape:
    """Return the shape of a joint on a chip that has strained and bent as given.

    Parameters
    ----------
    growth, temperature
        As of `shape_at`.
    motion
        e and k of the chip since it was flat, shape (2,) [-, 1/mm].
    """
    return _shape(growth, temperature, motion)


def _shape(growth: Growth, temperature: float, motion: Floats | None) -> Shape:
    model, state = growth.model, state_at(growth, temperature)
    increment = np.zeros_like(growth.since_birth)
    elements, space = model.space.part(*growth.joined)
    body = CellModel(model.section, space)
    own = state.of(elements)
    fields = axial_fields(body, own, (WAFER,))
    moved = _evenly_bent(growth, temperature, body, own, fields) if motion is None else motion - growth.motion
    displacement = fields.thermal + fields.shapes[:, 1:] @ moved
    increment[elements] = displacement[space.unknowns]
    residual = fields.residual
    if growth.loose:
        elements_loose, increment[elements_loose], error = _loose(growth, state)
        residual = max(residual, error)
    return Shape(
        growth,
        temperature,
        state,
        fields.system.for_reading(),
        displacement,
        elements,
        increment,
        growth.motion + moved,
        residual,
    )


def state_at(growth: Growth, temperature: float) -> CellState:
    """Return elasticity and free strain at a temperature; what isn't there is not asked for its properties."""
    mesh, materials = growth.model.mesh, growth.model.section.materials
    elasticity, free = {}, {}
    for name in mesh.names:
        there = name in growth.born
        elasticity[name] = axial_order(materials[name], temperature) if there else np.eye(6)
        free[name] = free_strain(free_of(growth, name, temperature)) if there else np.zeros(6)
    film_strain = np.array([_film_strain(growth, name) for name in layers_of(mesh)])
    return CellState(by_region(mesh, elasticity), by_region(mesh, free), growth.since_birth, film_strain)


def free_of(growth: Growth, name: str, temperature: float) -> Floats:
    """Return the free strain of a region since its birth, along x, y, z, shape (3,) [-].

    A land that was plated on the board before it was mounted has the board's own strain from then on as well: the
    board, which counts as flat from mounting on, is too thick to be bent by its lands.
    """
    materials, born = growth.model.section.materials, growth.born
    free = thermal_strain(materials[name], born[name], temperature) - growth.shrunk.get(name, 0.0)
    if name == "land" and born[name] != born["board"]:
        free = free + thermal_strain(materials["board"], born["board"], born[name])
    return free


def host_strain(growth: Growth, name: str) -> tuple[float, float]:
    """Return e and k of the wafer when a region was born on it [-, 1/mm]."""
    e, k = growth.hosts.get(name, np.zeros(2))
    return float(e), float(k)


def _film_strain(growth: Growth, name: str) -> float:
    """In-plane strain that the wafer had at the middle of a layer when the layer was born on it [-]."""
    section = growth.model.section
    e, k = host_strain(growth, name)
    return e + k * (0.5 * sum(film_levels(section, name)) - middles(section)[WAFER])


def _evenly_bent(growth: Growth, temperature: float, body: CellModel, own: CellState, fields: Harmonic) -> Floats:
    """Increment of (e, k) by which force and moment of wafer and joint vanish."""
    section = growth.model.section
    bare = bare_plate(body.mesh, section, own, WAFER)
    cell_stiffness = (fields.shapes.T @ (fields.system.stiffness @ fields.shapes))[1:, 1:]
    cell_load = (fields.shapes.T @ fields.system.load)[1:]
    depth = section.levels.chip_top - section.levels.chip
    # moments of the silicon's thickness about the middle of the cell's portion, which shares its lower face
    low, high = -0.5 * depth, growth.thickness - 0.5 * depth
    moments = [(high**n - low**n) / n for n in (1, 2, 3)]
    biaxial = bare.axial[1, 1] / depth
    whole = biaxial * np.array([[moments[0], moments[1]], [moments[1], moments[2]]])
    free = free_strain(free_of(growth, WAFER, temperature))[0]
    beyond = whole - bare.axial[1:, 1:]
    load = biaxial * free * np.array(moments[:2]) - bare.axial_load[1:] - beyond @ growth.motion
    return np.asarray(np.linalg.solve(cell_stiffness + beyond, cell_load + load))


def _loose(growth: Growth, state: CellState) -> tuple[NDArray[np.int64], Floats, float]:
    """Increment of a body that lies by itself; its height doesn't count."""
    elements, space = growth.model.space.part(*(name for name in growth.model.mesh.names if name in growth.loose))
    own = state.of(elements)
    system = harmonic.assemble(space.strain(0), own.elasticity, own.free, own.since_birth)
    rise = rigid_motion(space.mesh, "axial")[:, None]
    constrained = solve.Constrained(
        system.stiffness,
        harmonic.axis_constraints(space, 0),
        3 * np.arange(len(space.mesh.points)) + 1,
        sums=rise.T,
        rigid=rise,
        pins=np.array([2]),
    )
    solved = solve.solve(constrained, system.load[:, None], np.zeros((space.size, 1)), np.zeros((1, 1)))
    return elements, solved.displacement[space.unknowns, 0], solved.residual
