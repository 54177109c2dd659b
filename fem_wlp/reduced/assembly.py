"""The reduced assembly: chip, board and all joints, at many values of the joints' forms at once.

The plates' coordinates are sought as q = q_T + V y with V from equilibria at a few parameters, of the thermal load and
of unit forces on what is read. Of every column the forces S V on the plates are known, so no flexibility is inverted:

    (V' S V + V' K V) y = V' (f - K q_T)

and what this leaves unbalanced is known on all coordinates, and bounded in the norm of a stiffness below that of the
point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..assembly.cells import sides_of
from ..assembly.elements import FilmElement
from ..assembly.parity import FILM
from ..assembly.plate import CondensedPlate
from ..assembly.solve import responses
from ..assembly.system import (
    AXIAL,
    KINDS,
    LATERAL_X,
    LATERAL_Y,
    PLANAR_1,
    PLANAR_2,
    System,
    build_system,
    rigid_motions,
)
from ..joint.element import JointElement

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

KEPT = 1e-11
"""Directions of a basis with less than this share of the largest energy are left out [-]."""

REFERENCES = 6
"""How many of the parameters that make a basis are references of its bound [-]."""


@dataclass(frozen=True)
class Elements:
    """Joints, layers and edges of many packages that differ in parameters only, p of them.

    Parameters
    ----------
    lateral, axial, axial_load, planar, edge_load
        As in `JointElement`, shapes (p, 4, 4), (p, 6, 6), (p, 6), (p, 4, 4), (p, 4).
    film_axial, film_load, film_planar
        As in `FilmElement`, shapes (p, 2, 2), (p, 2), (p, 2, 2).
    edges
        Share of the edge's load on the sides +x, -x, +y, -y of each joint, shape (p, n, 4).
    height
        H, shape (p,) [mm].
    """

    lateral: Floats
    axial: Floats
    axial_load: Floats
    planar: Floats
    edge_load: Floats
    film_axial: Floats
    film_load: Floats
    film_planar: Floats
    edges: Floats
    height: Floats

    def __len__(self) -> int:
        return len(self.height)

    def one(self, number: int) -> Elements:
        """Return one of the packages as a set of its own."""
        return Elements(*(value[number : number + 1] for value in vars(self).values()))

    def system(self, number: int, chip: CondensedPlate, board: CondensedPlate) -> System:
        """Return the assembly of one of the packages."""
        zero = np.zeros(4)
        element = JointElement(
            self.lateral[number], self.axial[number], self.axial_load[number], self.planar[number], np.eye(4),
            self.edge_load[number], zero, float(self.height[number]),
        )  # fmt: skip
        film = FilmElement(self.film_axial[number], self.film_load[number], self.film_planar[number])
        gap = self.height[number] + 0.5 * (chip.plate.thickness + board.plate.thickness)
        lifted = replace(chip, plate=replace(chip.plate, height=board.plate.height + gap))
        return build_system(lifted, board, [element], self.edges[number], film)


@dataclass(frozen=True)
class Layout:
    """Where joints and layers act on the plates' coordinates.

    Parameters
    ----------
    index
        Coordinates of each joint that stands for its images, shape (s, 22).
    size
        Number of its images, shape (s,).
    first
        Their numbers among all joints, shape (s,).
    film
        Film coordinates of cells, shape (b, 6), and area times number of images of each, shape (b,) [mm^2].
    """

    index: Integers
    size: Floats
    first: Integers
    film: tuple[Integers, Floats]

    @classmethod
    def of(cls, chip: CondensedPlate) -> Layout:
        """Return the layout on a chip and any board condensed on the same places."""
        joints, ends = len(chip.joints.first), len(chip.flexibility)
        on_chip = KINDS * np.arange(joints)[:, None] + np.arange(KINDS)
        bare = on_chip.size + len(FILM) * np.arange(len(chip.bare.first))[:, None] + np.arange(len(FILM))
        areas = np.concatenate([
            chip.bare_areas * chip.bare.size, (chip.joint_areas - chip.pitch**2) * chip.joints.size
        ])  # fmt: skip
        return cls(
            np.concatenate([on_chip, ends + on_chip], axis=1),
            chip.joints.size.astype(float),
            chip.joints.first,
            (np.concatenate([bare, on_chip[:, FILM]]), areas),
        )

    @property
    def blocks(self) -> list[tuple[str, Integers, Floats]]:
        """Name in `Elements`, coordinates and weight of every set of like blocks of stiffness."""
        film, areas = self.film
        return [
            ("lateral", self.index[:, LATERAL_X], self.size),
            ("lateral", self.index[:, LATERAL_Y], self.size),
            ("axial", self.index[:, AXIAL], self.size),
            ("planar", self.index[:, PLANAR_1], self.size),
            ("planar", self.index[:, PLANAR_2], self.size),
            ("film_axial", film[:, :2], areas),
            ("film_planar", film[:, 2:4], areas),
            ("film_planar", film[:, 4:], areas),
        ]

    def load(self, elements: Elements, coordinates: int) -> Floats:
        """Return the thermal load f, shape (p, c)."""
        f = np.zeros((len(elements), coordinates))
        f[:, self.index[:, AXIAL]] = self.size[:, None] * elements.axial_load[:, None]
        sides = sides_of(elements.edges[:, self.first]) * self.size[:, None]
        f[:, self.index[:, LATERAL_X]] = sides[:, :, :1] * elements.edge_load[:, None]
        f[:, self.index[:, LATERAL_Y]] = sides[:, :, 1:] * elements.edge_load[:, None]
        film, areas = self.film
        for one, load in zip(film[:, :2].T, elements.film_load.T, strict=True):
            f[:, one] += areas * load[:, None]
        return f

    def forces(self, elements: Elements, q: Floats) -> Floats:
        """Return K q, what joints and layers exert against k motions q of each package, shapes (p, k, c)."""
        total = np.zeros_like(q)
        for name, index, weight in self.blocks:
            moved = q[:, :, index]
            held = moved.reshape(len(q), -1, index.shape[1]) @ getattr(elements, name)
            total[:, :, index] += weight[:, None] * held.reshape(moved.shape)
        return total

    def tables(self, V: Floats) -> list[Floats]:
        """Return what turns each stiffness of `blocks` into V' K V, shapes (k, k, N, N)."""
        return [
            np.einsum("s,san,sbm->abnm", weight, V[index], V[index], optimize=True) for _, index, weight in self.blocks
        ]


@dataclass(frozen=True)
class ReducedAssembly:
    """An assembly at one temperature in a reduced basis.

    Parameters
    ----------
    layout
        Where joints act.
    q_T
        Coordinates of the freely expanding plates, shape (c,).
    V, plates
        Basis, shape (c, N), and the plates' stiffness in it, shape (N, N).
    forces
        S V, the forces on the plates that move so, shape (c, N).
    table
        What turns the stiffnesses of `Layout.blocks`, laid end to end, into the basis, shape (entries, N N).
    theta
        Moduli at the parameters that are references of the bound, shape (r, g) [-].
    references
        Flexibility at them, shape (r, c, c).
    give
        Its blocks on the coordinates of each joint, summed over all joints, shape (r, 22, 22).
    """

    layout: Layout
    q_T: Floats
    V: Floats
    plates: Floats
    forces: Floats
    table: Floats
    theta: Floats
    references: Floats
    give: Floats

    def stiffness(self, elements: Elements) -> Floats:
        """Return V' (S + K) V, shape (p, N, N)."""
        entries = [getattr(elements, name).reshape(len(elements), -1) for name, _, _ in self.layout.blocks]
        N = self.V.shape[1]
        return self.plates + (np.concatenate(entries, axis=1) @ self.table).reshape(-1, N, N)

    def motions(self, elements: Elements, K: Floats, loads: Floats) -> tuple[Floats, Floats]:
        """Return motions by forces on the coordinates, and the forces left unbalanced, shapes (p, k, c)."""
        y = np.linalg.solve(K, (loads @ self.V).swapaxes(1, 2)).swapaxes(1, 2)
        flat = np.ascontiguousarray(y).reshape(-1, y.shape[2])  # one product of matrices is quicker than one a point
        moved, on_plates = ((flat @ part.T).reshape(loads.shape) for part in (self.V, self.forces))
        return moved, loads - self.layout.forces(elements, moved) - on_plates

    def norms(self, unbalanced: Floats, choice: Integers) -> Floats:
        """Return the energy norms of unbalanced forces (p, k, c) at the references chosen for each point, (p, k)."""
        size = np.empty(unbalanced.shape[:2])
        for number in np.unique(choice):
            mine = choice == number
            force = unbalanced[mine].reshape(-1, unbalanced.shape[2])
            energies = np.einsum("fc,fc->f", force @ self.references[number], force)
            size[mine] = np.sqrt(np.maximum(energies, 0.0)).reshape(-1, unbalanced.shape[1])
        return size


def reduced_assembly(
    chip: CondensedPlate,
    board: CondensedPlate,
    elements: Elements,
    q_T: Floats,
    outputs: Floats,
    theta: Floats,
) -> ReducedAssembly:
    """Build a basis from equilibria.

    Parameters
    ----------
    chip, board
        Condensed plates.
    elements
        Joints at the parameters that make the basis.
    q_T
        Coordinates of the freely expanding plates, shape (c,).
    outputs
        Forces on what is read, for each of these parameters, shape (p, k, c).
    theta
        Moduli, shape (p, g) [-].
    """
    references = range(0, len(elements), max(1, len(elements) // REFERENCES))
    layout = Layout.of(chip)
    grown = np.broadcast_to(q_T, (len(elements), 1, len(q_T)))
    loads = layout.load(elements, len(q_T)) - layout.forces(elements, grown)[:, 0]
    moved, forces, flexibilities = [], [], []
    for number in range(len(elements)):
        system = elements.system(number, chip, board)
        acting = np.column_stack([loads[number], outputs[number].T])
        if number in references:
            flexibilities.append(responses(system, np.eye(len(q_T))))
        q = responses(system, acting)
        moved.append(q)
        own = elements.one(number)
        forces.append(acting - layout.forces(own, q.T[None])[0].T)
    q, F = np.hstack(moved), np.hstack(forces)
    size = np.sqrt(np.abs(np.einsum("cn,cn->n", q, F)))
    q, F = q / size, F / size
    gram = 0.5 * (q.T @ F + F.T @ q)
    values, vectors = np.linalg.eigh(gram)
    kept = values > KEPT * values[-1]
    turn = vectors[:, kept] / np.sqrt(values[kept])
    V, F = q @ turn, F @ turn
    if elements.lateral.any():  # else nothing holds the chip, and its rigid motions are left out
        R = rigid_motions(chip, len(q_T))
        V, F = np.hstack([V, R]), np.hstack([F, np.zeros_like(R)])
    plates = V.T @ F
    table = np.concatenate([one.reshape(one.shape[0] ** 2, -1) for one in layout.tables(V)])
    flexibility = np.array(flexibilities)
    blocks = flexibility[:, layout.index[:, :, None], layout.index[:, None, :]]
    give = np.einsum("s,rsab->rab", layout.size, blocks)
    return ReducedAssembly(
        layout, q_T, V, 0.5 * (plates + plates.T), F, table, theta[list(references)], flexibility, give
    )
