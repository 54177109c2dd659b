"""Axisymmetric bodies under loads that vary as cos(m theta): strains, stiffness and thermal load.

The displacement of harmonic m is

    u_r = U cos(m theta),   u_theta = V sin(m theta),   u_z = W cos(m theta)

with U, V, W functions of (r, z) (m = 0: u_theta = V, torsion), and its strains have the amplitudes

    e_rr = U,r                   g_theta z = V,z - m W/r
    e_tt = (U + m V)/r           g_rz      = U,z + W,r
    e_zz = W,z                   g_r theta = V,r - (V + m U)/r

in Voigt order (rr, tt, zz, tz, rz, rt): the first four with cos(m theta) and sin for those with a theta, so that
the integral over theta leaves the factor 2 pi for m = 0 and pi for m >= 1.

The element has quadratic displacements and an interior bubble, and its dilatation is replaced by the projection
onto linear functions of the element (the displacement form of Crouzeix and Raviart's pair, 1973): it converges
like a quadratic element and does not lock as nu approaches 1/2. The bubble is condensed element by element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from skfem import Basis, ElementTriP2B, MeshTri2
from skfem.quadrature import get_quadrature

from ..mesh.section import SectionMesh

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COMPONENTS = 3
CORNERS_AND_EDGES = 6
NODAL = CORNERS_AND_EDGES * COMPONENTS
QUADRATURE_ORDER = 5
AT_ONCE = 64
"""Elements integrated together: what they take stays in the processor's cache [-]."""
EVERY = slice(None)


@dataclass(frozen=True)
class HarmonicSpace:
    """Shape functions and quadrature on a section mesh; shared by all harmonics.

    Parameters
    ----------
    mesh
        The section mesh.
    origin
        Space of which it is a part, and the numbers of its elements there; None: it stands by itself.
    """

    mesh: SectionMesh
    origin: tuple[HarmonicSpace, Integers] | None = field(default=None, compare=False, repr=False)

    def __reduce__(self) -> tuple[type[HarmonicSpace], tuple[SectionMesh]]:
        """Another process makes anew what follows from the mesh: that is quicker than to send it there."""
        return HarmonicSpace, (self.mesh,)

    def same(self, other: HarmonicSpace) -> bool:
        """Say whether both stand on the same mesh; in another process they may be two."""
        one, two = self.mesh, other.mesh
        return self is other or (
            np.array_equal(one.triangles, two.triangles) and np.array_equal(one.points, two.points)
        )

    @cached_property
    def _tables(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Values and derivatives of the shape functions, quadrature points and weights; the basis itself is let go."""
        if self.origin is not None and "_tables" in self.origin[0].__dict__:
            whole, elements = self.origin
            value, gradient, places, area = whole._tables
            return value[elements], gradient[:, elements], places[:, elements], area[elements]
        mesh = MeshTri2(self.mesh.points.T.copy(), self.mesh.triangles.T.copy())
        basis = Basis(mesh, ElementTriP2B(), intorder=QUADRATURE_ORDER)
        size = basis.dx.shape
        value = np.stack([np.broadcast_to(np.asarray(f[0]), size) for f in basis.basis], axis=-1)
        gradient = np.stack([np.broadcast_to(f[0].grad, (2, *size)) for f in basis.basis], axis=-1)
        return value, gradient, np.array(basis.global_coordinates()), np.array(basis.dx)

    @property
    def shape(self) -> Floats:
        """Values of the seven shape functions at quadrature points, shape (ne, nq, 7) [-]."""
        return self._tables[0]

    @property
    def gradient(self) -> Floats:
        """Derivatives of the shape functions by (r, z), shape (2, ne, nq, 7) [1/mm]."""
        return self._tables[1]

    @property
    def local_places(self) -> Floats:
        """Quadrature points in the reference triangle, shape (nq, 2) [-]."""
        return np.asarray(get_quadrature(ElementTriP2B, QUADRATURE_ORDER)[0].T)

    @property
    def places(self) -> Floats:
        """Quadrature points (r, z), shape (2, ne, nq) [mm]."""
        return self._tables[2]

    @property
    def area(self) -> Floats:
        """Quadrature weights in the meridian plane, shape (ne, nq) [mm^2]."""
        return self._tables[3]

    @cached_property
    def volume(self) -> Floats:
        """Quadrature weights 2 pi r dr dz, shape (ne, nq) [mm^3]."""
        return np.asarray(2.0 * np.pi * self.places[0] * self.area)

    @property
    def size(self) -> int:
        """Number of displacement unknowns, three a node."""
        return COMPONENTS * len(self.mesh.points)

    @cached_property
    def unknowns(self) -> Integers:
        """Numbers of each element's unknowns (U, V, W of its six nodes), shape (ne, 18)."""
        return _interleave(self.mesh.triangles)

    @cached_property
    def _pattern(self) -> tuple[NDArray[np.int32], NDArray[np.int32], Integers]:
        """Rows and starts of columns of the stiffness matrix; where in it each entry of the elements' matrices goes.

        Nodes that share an element are coupled, all three unknowns of the one with those of the other.
        """
        nodes, count = self.mesh.triangles, len(self.mesh.points)
        pairs, pair = np.unique(nodes[:, None, :] * count + nodes[:, :, None], return_inverse=True)
        column, row = np.divmod(pairs, count)
        degree = np.bincount(column, minlength=count)
        start = np.concatenate([[0], np.cumsum(degree)])
        among = np.arange(len(pairs)) - start[column]
        pair = pair.reshape(len(nodes), CORNERS_AND_EDGES, 1, CORNERS_AND_EDGES, 1)
        component = np.arange(COMPONENTS)
        # columns of a node follow each other, and in a column the rows of a node
        first = COMPONENTS * (COMPONENTS * start[column] + among)
        step = COMPONENTS * degree[column]
        places = first[pair] + step[pair] * component + component[:, None, None]
        indices = np.empty(COMPONENTS**2 * len(pairs), dtype=np.int32)
        at = first[:, None, None] + step[:, None, None] * component + component[:, None]
        indices[at] = COMPONENTS * row[:, None, None] + component[:, None]
        starts = np.concatenate([[0], np.cumsum(np.repeat(COMPONENTS * degree, COMPONENTS))]).astype(np.int32)
        return indices, starts, places.ravel()

    def scattered(self, matrices: Floats) -> sparse.csc_matrix:
        """Return the sum of the elements' matrices on their 18 unknowns, shape (ne, 18, 18).

        All matrices of a mesh share one pattern, which must not be changed in place.
        """
        indices, starts, places = self._pattern
        values = np.bincount(places, weights=matrices.ravel(), minlength=len(indices))
        found = sparse.csc_matrix((values, indices, starts), shape=(self.size, self.size))
        found.has_canonical_format = True
        return found

    @cached_property
    def _operators(self) -> dict[int, HarmonicStrain]:
        return {}

    @cached_property
    def on_axis(self) -> dict[int, sparse.csc_matrix]:
        """Harmonic -> map from independent unknowns, as far as asked for (`axis_constraints`)."""
        return {}

    @cached_property
    def _parts(self) -> dict[tuple[str, ...], tuple[Integers, HarmonicSpace]]:
        return {}

    def strain(self, m: int) -> HarmonicStrain:
        """Return the strain operator of harmonic ``m``, made on first use; a part takes that of its whole, if there."""
        if m not in self._operators:
            whole, elements = self.origin or (self, None)
            known = whole._operators.get(m)
            made = known.part(self, elements) if known and elements is not None else harmonic_strain(self, m)
            self._operators.setdefault(m, made)  # another thread may have been first
        return self._operators[m]

    def part(self, *names: str) -> tuple[Integers, HarmonicSpace]:
        """Return the triangles of the named regions, and the space on them alone."""
        if names not in self._parts:
            elements = self.mesh.elements(*names)
            part = HarmonicSpace(self.mesh.restricted(elements), (self, elements))
            self._parts.setdefault(names, (elements, part))
        return self._parts[names]

    def region_volume(self, name: str) -> float:
        """Return the volume of a region [mm^3]."""
        return float(self.volume[self.mesh.elements(name)].sum())


@dataclass(frozen=True)
class HarmonicStrain:
    """Strain operator of one harmonic: it depends on the mesh only, not on materials.

    Parameters
    ----------
    space
        Shape functions and quadrature.
    harmonic
        m [-].
    rows
        Strains at quadrature points from the element's 18 nodal and 3 bubble unknowns, shape (ne, nq, 6, 21) [1/mm];
        of a part those of the whole, which share their memory: `rows_of` reads its own.
    elements
        Numbers of its elements among the rows; None: all in order.
    """

    space: HarmonicSpace
    harmonic: int
    rows: Floats
    elements: Integers | None = None

    def __reduce__(self) -> tuple[Callable[..., HarmonicStrain], tuple[Any, ...]]:
        """Another process makes it anew if it is the space's own."""
        if self.space._operators.get(self.harmonic) is self:
            return HarmonicSpace.strain, (self.space, self.harmonic)
        return HarmonicStrain, (self.space, self.harmonic, self.rows_of())

    def rows_of(self, some: Integers | slice = EVERY) -> Floats:
        """Return the rows of some of its elements."""
        return self.rows[some if self.elements is None else self.elements[some]]

    @cached_property
    def weight(self) -> Floats:
        """Quadrature weights including the integral over theta, shape (ne, nq) [mm^3]."""
        return self.space.volume * (1.0 if self.harmonic == 0 else 0.5)

    @cached_property
    def total(self) -> Floats:
        """Integral of the strains over each element, shape (ne, 6, 21) [mm^2]."""
        sums = [np.einsum("eqai,eq->eai", self.rows_of(some), self.weight[some]) for some in _blocks(len(self.weight))]
        return np.concatenate(sums)

    def part(self, space: HarmonicSpace, elements: Integers) -> HarmonicStrain:
        """Return the operator of some elements, which have a space of their own."""
        own = elements if self.elements is None else self.elements[elements]
        one = HarmonicStrain(space, self.harmonic, self.rows, own)
        one._known.extend(known.of(elements) for known in self._known[:1])
        return one

    @cached_property
    def _known(self) -> list[ElementMatrices]:
        """The matrices that were asked for last: most materials stay as they are from one state to the next."""
        return []

    def matrices(self, elasticity: Floats) -> ElementMatrices:
        """Return the elements' matrices for given materials, shape (ne, 6, 6) [MPa]."""
        known = self._known[:1]  # another thread may ask meanwhile: what is known is replaced whole
        found = known[0].changed(self, elasticity) if known else _element_matrices(self, elasticity)
        self._known[:] = [found]
        return found


@dataclass(frozen=True)
class ElementMatrices:
    """Stiffness matrices of elements with their bubbles condensed.

    Parameters
    ----------
    elasticity
        Stiffness of the materials, shape (ne, 6, 6) [MPa].
    stiffness
        On the nodal unknowns, shape (ne, 18, 18) [N/mm].
    to_bubble
        Bubble unknowns of unit nodal ones, with the sign changed, shape (ne, 3, 18) [-].
    flexibility
        Bubble unknowns of unit loads on them, shape (ne, 3, 3) [mm/N].
    """

    elasticity: Floats
    stiffness: Floats
    to_bubble: Floats
    flexibility: Floats

    def of(self, elements: Integers) -> ElementMatrices:
        """Return those of some elements."""
        return ElementMatrices(
            self.elasticity[elements], self.stiffness[elements], self.to_bubble[elements], self.flexibility[elements]
        )

    def changed(self, strain: HarmonicStrain, elasticity: Floats) -> ElementMatrices:
        """Return the matrices for other materials; only elements of which the material has changed are made anew."""
        new = np.flatnonzero((elasticity != self.elasticity).any(axis=(1, 2)))
        if not len(new):
            return self
        made = _element_matrices(strain, elasticity, new)
        stiffness, to_bubble, flexibility = self.stiffness.copy(), self.to_bubble.copy(), self.flexibility.copy()
        stiffness[new], to_bubble[new], flexibility[new] = made.stiffness, made.to_bubble, made.flexibility
        return ElementMatrices(elasticity.copy(), stiffness, to_bubble, flexibility)


def _element_matrices(strain: HarmonicStrain, elasticity: Floats, elements: Integers | None = None) -> ElementMatrices:
    """Integrate elements; by default all."""
    wanted = np.arange(len(elasticity)) if elements is None else elements
    materials = elasticity[wanted]
    stiffness = np.empty((len(wanted), NODAL, NODAL))
    to_bubble, flexibility = (np.empty((len(wanted), COMPONENTS, size)) for size in (NODAL, COMPONENTS))
    for some in _blocks(len(wanted)):
        rows, weight = strain.rows_of(wanted[some]), strain.weight[wanted[some]]
        stressed = (materials[some, None] * weight[..., None, None]) @ rows
        strained, stressed = (each.reshape(len(rows), -1, rows.shape[3]) for each in (rows, stressed))
        local = strained.swapaxes(1, 2) @ stressed
        flexibility[some] = np.linalg.inv(local[:, NODAL:, NODAL:])
        to_bubble[some] = flexibility[some] @ local[:, NODAL:, :NODAL]
        stiffness[some] = local[:, :NODAL, :NODAL] - local[:, :NODAL, NODAL:] @ to_bubble[some]
    return ElementMatrices(materials, stiffness, to_bubble, flexibility)


@dataclass(frozen=True)
class HarmonicSystem:
    """Stiffness and thermal load of one harmonic with the bubbles condensed.

    Parameters
    ----------
    strain
        Strain operator.
    elasticity
        Stiffness matrix of every element, shape (ne, 6, 6) [MPa].
    free_strain
        Stress-free strain of every element, Voigt, shape (ne, 6) [-]; zero for m >= 1.
    stiffness
        Sparse symmetric matrix, shape (n, n) [N/mm]; (0, 0) of a system for reading.
    load
        Thermal load, shape (n,) [N].
    bubble_stiffness, bubble_load
        Bubble unknowns b = bubble_load - bubble_stiffness @ u of every element, shapes (ne, 3, 18) [-], (ne, 3) [mm].
    since_birth
        Displacement of every element's nodes between its birth and the state from which u counts, shape (ne, 18)
        [mm]; None where all elements are born in that state.
    """

    strain: HarmonicStrain
    elasticity: Floats
    free_strain: Floats
    stiffness: sparse.csc_matrix
    load: Floats
    bubble_stiffness: Floats
    bubble_load: Floats
    since_birth: Floats | None = None

    def for_reading(self) -> HarmonicSystem:
        """Return it without K, which strains and stresses don't ask for and which takes most of its memory."""
        return replace(self, stiffness=sparse.csc_matrix((0, 0)))


def harmonic_strain(space: HarmonicSpace, m: int) -> HarmonicStrain:
    """Return the strain operator of harmonic ``m`` with the dilatation projected onto linear functions.

    Parameters
    ----------
    space
        Shape functions and quadrature on the mesh.
    m
        Harmonic, 0 or larger [-].
    """
    rows = np.empty((*space.shape.shape[:2], 6, space.shape.shape[2] * COMPONENTS))
    for some in _blocks(len(rows)):
        rows[some] = _strain_rows(space, m, some)
    return HarmonicStrain(space, m, rows)


def _strain_rows(space: HarmonicSpace, m: int, some: slice) -> Floats:
    """Strains of some elements from their unknowns, shape (some, nq, 6, 21) [1/mm]."""
    value, (d_r, d_z), r = space.shape[some], space.gradient[:, some], space.places[0][some, :, None]
    rows = np.zeros((*value.shape[:2], 6, value.shape[2], COMPONENTS))
    rows[:, :, 0, :, 0] = d_r
    rows[:, :, 1, :, 0] = value / r
    rows[:, :, 1, :, 1] = m * value / r
    rows[:, :, 2, :, 2] = d_z
    rows[:, :, 3, :, 1] = d_z
    rows[:, :, 3, :, 2] = -m * value / r
    rows[:, :, 4, :, 0] = d_z
    rows[:, :, 4, :, 2] = d_r
    rows[:, :, 5, :, 0] = -m * value / r
    rows[:, :, 5, :, 1] = d_r - value / r
    flat = rows.reshape(*value.shape[:2], 6, -1)
    dilatation = flat[:, :, :3].sum(axis=2)
    projected = _linear_projection(space.places[:, some], space.volume[some], dilatation)
    flat[:, :, :3] += ((projected - dilatation) / 3.0)[:, :, None]
    return flat


def _blocks(elements: int) -> Iterator[slice]:
    """Yield so many elements in blocks."""
    return (slice(first, first + AT_ONCE) for first in range(0, elements, AT_ONCE))


def _linear_projection(places: Floats, volume: Floats, field: Floats) -> Floats:
    """Project columns given at quadrature points, shape (ne, nq, k), onto 1, r, z in each element."""
    offset = places - places.mean(axis=2, keepdims=True)
    reach = np.abs(offset).max(axis=2, keepdims=True)
    linear = np.stack([np.ones_like(offset[0]), *(offset / reach)], axis=-1)
    weighted = (linear * volume[..., None]).swapaxes(1, 2)
    return np.asarray(linear @ np.linalg.solve(weighted @ linear, weighted @ field))


def assemble(
    strain: HarmonicStrain, elasticity: Floats, free_strain: Floats, since_birth: Floats | None = None
) -> HarmonicSystem:
    """Assemble stiffness and thermal load for given materials.

    Parameters
    ----------
    strain
        Strain operator of the harmonic.
    elasticity
        Stiffness matrix of every element in Voigt order (rr, tt, zz, tz, rz, rt), shape (ne, 6, 6) [MPa].
    free_strain
        Stress-free strain of every element, shape (ne, 6) [-]; must vanish for m >= 1.
    since_birth
        Displacement w of every element since its birth where u = 0, shape (ne, 18) [mm]; None: zero everywhere.
        Neighbours of different age have different ones at the nodes that they share.

    Returns
    -------
    HarmonicSystem
        K = sum over elements of the integral of B' C B, f = integral of B' C (e_free - B w).
    """
    made = strain.matrices(elasticity)
    load = (strain.total.swapaxes(1, 2) @ (elasticity @ free_strain[..., None]))[..., 0]
    of_bubble = load[:, NODAL:, None]
    thermal = load[:, :NODAL] - (made.to_bubble.swapaxes(1, 2) @ of_bubble)[..., 0]
    if since_birth is not None:
        thermal = thermal - (made.stiffness @ since_birth[..., None])[..., 0]
    space = strain.space
    total_load = np.bincount(space.unknowns.ravel(), weights=thermal.ravel(), minlength=space.size)
    return HarmonicSystem(
        strain,
        elasticity,
        free_strain,
        space.scattered(made.stiffness),
        np.asarray(total_load, dtype=np.float64),
        made.to_bubble,
        (made.flexibility @ of_bubble)[..., 0],
        since_birth,
    )


def strains(system: HarmonicSystem, u: Floats, thermal: float = 1.0, elements: Integers | slice = EVERY) -> Floats:
    """Return the strain amplitudes at the quadrature points of elements, shape (ne, nq, 6) [-].

    Parameters
    ----------
    system
        The assembled harmonic.
    u
        Displacement amplitudes, shape (n,) [mm].
    thermal
        Share of the free strain, and of what happened since birth, that acts in the load case [-]: 1 for the heated
        body, 0 for a mechanical load.
    elements
        The elements wanted.
    """
    local = u[system.strain.space.unknowns[elements]]
    if system.since_birth is not None:
        local = local + thermal * system.since_birth[elements]
    bubble = thermal * system.bubble_load[elements] - np.einsum("ebi,ei->eb", system.bubble_stiffness[elements], local)
    rows = system.strain.rows_of(elements)
    return np.asarray(np.einsum("eqai,ei->eqa", rows, np.concatenate([local, bubble], axis=1)))


def stresses(
    system: HarmonicSystem, strain: Floats, thermal: float = 1.0, elements: Integers | slice = EVERY
) -> Floats:
    """Return the stress amplitudes C (e - e_free) for the strains of the same elements, shape (ne, nq, 6) [MPa]."""
    elastic = strain - thermal * system.free_strain[elements][:, None]
    return np.asarray(np.einsum("eab,eqb->eqa", system.elasticity[elements], elastic))


def stress_at(system: HarmonicSystem, u: Floats, elements: Integers, local: Floats) -> Floats:
    """Return the stress amplitudes at one point of each of the given elements, shape (ne, 6) [MPa].

    In its element the stress is taken as the quadratic polynomial that fits the quadrature points best.

    Parameters
    ----------
    system
        The assembled harmonic.
    u
        Displacement amplitudes, shape (n,) [mm].
    elements
        The elements, shape (ne,).
    local
        Coordinates of the points in the reference triangle, shape (ne, 2) [-].
    """
    stress = stresses(system, strains(system, u, elements=elements), elements=elements)
    fit = _quadratics(local) @ np.linalg.pinv(_quadratics(system.strain.space.local_places))
    return np.asarray(np.einsum("eq,eqa->ea", fit, stress))


def _quadratics(local: Floats) -> Floats:
    x, y = local.T
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def strain_energy(system: HarmonicSystem, u: Floats, thermal: float = 1.0) -> Floats:
    """Return the strain energy of every element, shape (ne,) [N mm]."""
    strain = strains(system, u, thermal)
    elastic = strain - thermal * system.free_strain[:, None]
    density = 0.5 * np.einsum("eqa,eqa->eq", elastic, stresses(system, strain, thermal))
    return np.asarray((density * system.strain.weight).sum(axis=1))


def axis_constraints(space: HarmonicSpace, m: int) -> sparse.csc_matrix:
    """Return the map from independent unknowns to all unknowns that keeps the field single-valued on the axis.

    m = 0: U = V = 0. m = 1: W = 0 and U + V = 0, so that every point of the axis moves as one. m >= 2: no
    displacement.

    Returns
    -------
    csc_matrix
        Shape (n, number of independent unknowns) [-]. Made on first use.
    """
    if m not in space.on_axis:
        space.on_axis[m] = _single_valued(space, m)
    return space.on_axis[m]


def _single_valued(space: HarmonicSpace, m: int) -> sparse.csc_matrix:
    on_axis = np.flatnonzero(space.mesh.points[:, 0] < 1e-9 * space.mesh.extent)
    radial, hoop, axial = (COMPONENTS * on_axis + component for component in range(COMPONENTS))
    vanishing = {0: [radial, hoop], 1: [hoop, axial]}.get(m, [radial, hoop, axial])
    keep = np.ones(space.size, dtype=bool)
    keep[np.concatenate(vanishing)] = False
    independent = np.flatnonzero(keep)
    column = np.cumsum(keep) - 1
    rows, columns, values = [independent], [np.arange(len(independent))], [np.ones(len(independent))]
    if m == 1:
        rows.append(hoop)
        columns.append(column[radial])
        values.append(-np.ones(len(hoop)))
    return sparse.csc_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(space.size, len(independent)),
    )


def _interleave(nodes: Integers) -> Integers:
    """Number the three unknowns of each node next to each other: (ne, k) nodes to (ne, 3 k) unknowns."""
    return (COMPONENTS * nodes[..., None] + np.arange(COMPONENTS)).reshape(len(nodes), -1)
