"""The elastic operator of a solid mesh, element by element, each distinct element matrix kept once.

    K = sum_e  G_e^T k_e G_e,        k_e = share_e * integral of Bbar^T C Bbar dV

with Bbar the strain-displacement matrix whose dilatation is projected onto the element's modes. Joints of an array are
alike: an element that is a translated copy of another one has its matrix, so that a package of a million unknowns has
a few thousand matrices, and K u is a product of small dense matrices.

Voigt order xx, yy, zz, yz, xz, xy with engineering shear strains.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError
from ..mesh.solid import Bools, Floats, Ints, SolidMesh
from . import kernels
from .elements import SolidElement, element_of
from .product import Connectivity, ElementMatrices, connectivity, element_matrices, one_thread_in_blas

CHUNK = 256
"""Elements whose strain-displacement matrices are held at once [-]."""

VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Tensor components in Voigt order."""


@dataclass(frozen=True)
class Operator:
    """The stiffness of a mesh with its materials.

    Parameters
    ----------
    mesh
        The mesh.
    element
        Its kind of element.
    tensors
        Stiffness of every region, shape (regions, 6, 6) [MPa].
    projected
        Whether the dilatation is projected; without it the element is the plain displacement element, which locks
        near nu = 1/2.
    stiffness
        Sum of the distinct element matrices in the unknowns' frames [N/mm]; ``stiffness @ u`` is the internal force.
    """

    mesh: SolidMesh
    element: SolidElement
    tensors: Floats
    projected: bool
    stiffness: ElementMatrices

    @property
    def connectivity(self) -> Connectivity:
        """Node whose unknowns each element node has: masters where nodes are tied."""
        return self.stiffness.connectivity

    @property
    def kinds(self) -> Ints:
        """Number of each element's distinct matrix, shape (m,)."""
        return self.stiffness.kinds.astype(np.int64)

    @property
    def size(self) -> int:
        """Unknowns, three a node [-]."""
        return 3 * len(self.mesh.points)


def operator(mesh: SolidMesh, tensors: Floats, projected: bool = True, element: SolidElement | None = None) -> Operator:
    """Return the elastic operator of a mesh.

    Parameters
    ----------
    mesh
        The mesh.
    tensors
        Stiffness of every region of ``mesh.names``, Voigt, shape (regions, 6, 6) [MPa].
    projected
        False for the plain displacement element.
    element
        One with other tables than the element of the mesh's cells has, say other modes; None: that element.

    Raises
    ------
    MeshError
        E401: an element is inverted; E408: elements of another kind.
    """
    element = element or element_of(mesh.cells)
    first, kinds = _distinct(mesh)
    with one_thread_in_blas():
        matrices = _matrices(mesh, element, tensors, first, projected)
    unknowns = mesh.cells if mesh.ties is None else mesh.ties.master[mesh.cells]
    joined = connectivity(unknowns, len(mesh.points))
    return Operator(mesh, element, tensors, projected, element_matrices(joined, kinds, matrices))


def displacement_of(mesh: SolidMesh, unknowns: Floats) -> Floats:
    """Return the displacement of all nodes from their unknowns, shape (n, 3) [mm]: tied nodes follow their masters."""
    if mesh.ties is None:
        return unknowns
    ties = mesh.ties
    return np.asarray(np.einsum("nij,nj->ni", ties.frames[ties.frame], unknowns[ties.master]))


def thermal_load(operator: Operator, strains: Floats) -> Floats:
    """Return the load of free strains, f = integral of Bbar^T C eps dV, in the unknowns' frames, shape (n, 3) [N].

    Parameters
    ----------
    operator
        Mesh and stiffness.
    strains
        Free strain of every region, Voigt, shape (regions, 6) [-].
    """
    mesh = operator.mesh
    kinds = operator.kinds
    first = np.unique(kinds, return_index=True)[1]
    loads = np.empty((len(first), mesh.cells.shape[1], 3))
    with one_thread_in_blas():
        for part in _chunks(first):
            B, volume = _strain_matrices(mesh, operator.element, part, operator.projected)
            stress = np.einsum("eij,ej->ei", operator.tensors[mesh.regions[part]], strains[mesh.regions[part]])
            local = np.einsum("eqif,ei,eq->ef", B, stress, volume * mesh.shares[part, None], optimize=True)
            loads[kinds[part]] = _turned_vectors(mesh, part, local)
    return operator.connectivity.sum(loads[kinds].reshape(len(kinds), -1))


def memory_load(operator: Operator, before: Floats) -> Floats:
    """Return the load of what each element went through, f = -sum_e k_e w_e, in the unknowns' frames, shape (n, 3) [N].

    Parameters
    ----------
    operator
        Mesh and stiffness.
    before
        w, displacement of each element's nodes from its birth up to where displacements count from, shape (m, k, 3)
        [mm].
    """
    turned = _turned_vectors(operator.mesh, np.arange(len(before)), before)
    with one_thread_in_blas():
        return np.asarray(-operator.stiffness.of_elements(turned))


def strains_of(operator: Operator, u: Floats, elements: Bools | Ints | None = None) -> tuple[Floats, Floats]:
    """Return strains at the quadrature points and the points' volumes.

    Parameters
    ----------
    operator
        Mesh and stiffness.
    u
        Displacement of the nodes, shape (n, 3), or of each element's own nodes, shape (m, k, 3) [mm].
    elements
        Which elements, a mask of shape (m,) or numbers of shape (s,); all by default.

    Returns
    -------
    strains
        Total strain with the projected dilatation, Voigt, shape (s, q, 6) [-].
    volumes
        Shape (s, q) [mm3]; shares are not in them.
    """
    chosen = _numbers(operator.mesh, elements)
    strains = np.empty((len(chosen), len(operator.element.weights), 6))
    volumes = np.empty(strains.shape[:2])
    # copies share their strain-displacement matrix: one for all that follow each other in this order
    own = operator.kinds[chosen]
    order = np.argsort(own, kind="stable")
    kinds = own[order]
    starts = np.flatnonzero(np.diff(kinds, prepend=-1))
    ends = np.append(starts[1:], len(kinds))
    at_nodes = u[operator.mesh.cells[chosen[order]]] if u.ndim == 2 else u[chosen[order]]
    local = at_nodes.reshape(len(chosen), 3 * operator.mesh.cells.shape[1])
    with one_thread_in_blas():
        for lot in _chunks(np.arange(len(starts))):
            first = chosen[order[starts[lot]]]
            B, volume = _strain_matrices(operator.mesh, operator.element, first, operator.projected)
            for number, row in enumerate(lot):
                copies = slice(starts[row], ends[row])
                strains[order[copies]] = np.tensordot(local[copies], B[number], axes=(1, 2))
                volumes[order[copies]] = volume[number]
    return strains, volumes


def volumes_of(operator: Operator, elements: Bools | Ints | None = None) -> Floats:
    """Return the volumes of the quadrature points, shape (s, q) [mm3]; shares are not in them.

    Parameters
    ----------
    operator
        Mesh and stiffness.
    elements
        Which elements, a mask of shape (m,) or numbers of shape (s,); all by default.
    """
    chosen = _numbers(operator.mesh, elements)
    _, first, copies = np.unique(operator.kinds[chosen], return_index=True, return_inverse=True)
    volumes = np.empty((len(first), len(operator.element.weights)))
    for part in _chunks(np.arange(len(first))):
        volumes[part] = _jacobians(operator.mesh, operator.element, chosen[first[part]])[1]
    return volumes[copies]


def stresses_of(operator: Operator, strains: Floats, free: Floats, elements: Bools | Ints | None = None) -> Floats:
    """Return stresses C (eps - eps_free) at quadrature points, shape (s, q, 6) [MPa].

    Parameters
    ----------
    operator
        Mesh and stiffness.
    strains
        From ``strains_of``, shape (s, q, 6) [-].
    free
        Free strain of every region, shape (regions, 6) [-].
    elements
        The same as were given to ``strains_of``.
    """
    regions = operator.mesh.regions[_numbers(operator.mesh, elements)]
    return np.asarray(np.matmul(strains - free[regions][:, None], operator.tensors[regions]))


def nodal_forces(operator: Operator, u: Floats, free: Floats, elements: Bools | Ints | None = None) -> Floats:
    """Return what a set of elements asks of its nodes, sum of Bbar^T sigma dV, in x, y, z, shape (n, 3) [N].

    Nodes between two sets of elements pass the force of one to the other: the joint's shear force is the sum over its
    interface, exact by equilibrium, with no stress smoothed. ``u`` is that of `strains_of`.
    """
    chosen = _numbers(operator.mesh, elements)
    mesh = operator.mesh
    total = np.zeros_like(mesh.points)
    strains, volumes = strains_of(operator, u, chosen)
    stress = stresses_of(operator, strains, free, chosen) * (volumes * mesh.shares[chosen, None])[..., None]
    for part in _chunks(np.arange(len(chosen))):
        B, _ = _strain_matrices(mesh, operator.element, chosen[part], operator.projected)
        local = np.einsum("eqif,eqi->ef", B, stress[part], optimize=True)
        np.add.at(total, mesh.cells[chosen[part]], local.reshape(len(part), -1, 3))
    return total


def amounts(operator: Operator, u: Floats) -> Floats:
    """Return the amounts that K u is the sum of, |k_e| |u| over elements, in the unknowns' frames, shape (n, 3) [N].

    Parameters
    ----------
    operator
        Mesh and stiffness.
    u
        Displacement of every node, shape (n, 3) [mm].
    """
    return replace(operator.stiffness, matrices=np.abs(operator.stiffness.matrices)) @ np.abs(u)


def energies(operator: Operator, u: Floats, free: Floats, elements: Bools | Ints | None = None) -> Floats:
    """Return the strain energy of each element, 1/2 sigma : (eps - eps_free) integrated, shape (s,) [N mm].

    ``u`` is that of `strains_of`.
    """
    chosen = _numbers(operator.mesh, elements)
    strains, volumes = strains_of(operator, u, chosen)
    elastic = strains - free[operator.mesh.regions[chosen]][:, None]
    density = 0.5 * (stresses_of(operator, strains, free, chosen) * elastic).sum(axis=2)
    return np.asarray((density * volumes).sum(axis=1) * operator.mesh.shares[chosen])


def locked_energy(operator: Operator, free: Floats) -> float:
    """Return the strain energy of the whole mesh where no node moves, 1/2 eps_free : C : eps_free integrated [N mm]."""
    mesh = operator.mesh
    density = 0.5 * np.einsum("ra,rab,rb->r", free, operator.tensors, free)
    return float((volumes_of(operator).sum(axis=1) * mesh.shares) @ density[mesh.regions])


def places_of(operator: Operator, elements: Bools | Ints | None = None) -> Floats:
    """Return the places of the quadrature points, shape (s, q, 3) [mm]."""
    nodes = operator.mesh.points[operator.mesh.cells[_numbers(operator.mesh, elements)]]
    return np.asarray(np.einsum("qk,ekx->eqx", operator.element.shape, nodes, optimize=True))


def _numbers(mesh: SolidMesh, elements: Bools | Ints | None) -> Ints:
    if elements is None:
        return np.arange(len(mesh.cells))
    return np.flatnonzero(elements) if elements.dtype == bool else elements.astype(np.int64)


def _chunks(numbers: Ints) -> list[Ints]:
    return np.array_split(numbers, -(-len(numbers) // CHUNK)) if len(numbers) else []


def _distinct(mesh: SolidMesh) -> tuple[Ints, Ints]:
    """Return the first element of each distinct matrix, and which of them each element has."""
    key = [mesh.twins, mesh.regions, np.round(2 * mesh.shares).astype(np.int64)]
    if mesh.ties is not None:
        frames = mesh.ties.frame[mesh.cells]
        key.append(np.unique(frames, axis=0, return_inverse=True)[1].ravel())
    order = np.lexsort(key)
    sorted_key = np.stack(key)[:, order]
    new = np.concatenate([[True], (np.diff(sorted_key, axis=1) != 0).any(axis=0)])
    kinds = np.empty(len(order), dtype=np.int64)
    kinds[order] = np.cumsum(new) - 1
    return order[new], kinds


def _matrices(mesh: SolidMesh, element: SolidElement, tensors: Floats, first: Ints, projected: bool) -> Floats:
    size = 3 * mesh.cells.shape[1]
    matrices = np.empty((len(first), size, size))
    for part in _chunks(np.arange(len(first))):
        numbers = first[part]
        B, volume = _strain_matrices(mesh, element, numbers, projected)
        matrices[part] = kernels.stiffness_of(B, tensors[mesh.regions[numbers]], volume * mesh.shares[numbers, None])
    if mesh.ties is not None:
        matrices = _turned_matrices(mesh, first, matrices)
    return matrices


def _frames(mesh: SolidMesh, numbers: Ints) -> Floats:
    """Frames of the nodes of some elements, shape (e, k, 3, 3)."""
    assert mesh.ties is not None
    return mesh.ties.frames[mesh.ties.frame[mesh.cells[numbers]]]


def _turned_matrices(mesh: SolidMesh, numbers: Ints, matrices: Floats) -> Floats:
    Q = _frames(mesh, numbers)
    blocks = matrices.reshape(len(numbers), Q.shape[1], 3, Q.shape[1], 3)
    turned = np.einsum("eaji,eajbk,ebkl->eaibl", Q, blocks, Q, optimize=True).reshape(matrices.shape)
    return np.asarray(turned)


def _turned_vectors(mesh: SolidMesh, numbers: Ints, local: Floats) -> Floats:
    vectors = local.reshape(len(numbers), -1, 3)
    if mesh.ties is None:
        return vectors
    return np.asarray(np.einsum("eaji,eaj->eai", _frames(mesh, numbers), vectors))


def _strain_matrices(mesh: SolidMesh, element: SolidElement, numbers: Ints, projected: bool) -> tuple[Floats, Floats]:
    """Return Bbar of some elements, shape (e, q, 6, 3 k), and the volumes of their points, shape (e, q) [mm3]."""
    jacobian, volume = _jacobians(mesh, element, numbers)
    gradient = np.einsum("eqxa,qka->eqkx", np.linalg.inv(jacobian), element.slope, optimize=True)
    e, q, k, _ = gradient.shape
    B = np.zeros((e, q, 6, k, 3))
    for row, (a, b) in enumerate(VOIGT):
        B[:, :, row, :, b] = gradient[..., a]
        B[:, :, row, :, a] = gradient[..., b]
    if projected:
        # Bbar = B + 1/3 (projected - pointwise) dilatation, P the orthogonal projection onto the modes
        modes = element.modes
        mass = np.einsum("qa,eq,qb->eab", modes, volume, modes, optimize=True)
        moments = np.einsum("qa,eq,eqkx->eakx", modes, volume, gradient, optimize=True).reshape(e, modes.shape[1], -1)
        smooth = np.einsum("qa,eaf->eqf", modes, np.linalg.solve(mass, moments), optimize=True).reshape(e, q, k, 3)
        B[:, :, :3] += (smooth - gradient)[:, :, None] / 3
    return B.reshape(e, q, 6, 3 * k), volume


def _jacobians(mesh: SolidMesh, element: SolidElement, numbers: Ints) -> tuple[Floats, Floats]:
    """Return dx/dxi at the points of some elements, shape (e, q, 3, 3), and the points' volumes, shape (e, q) [mm3]."""
    nodes = mesh.points[mesh.cells[numbers]]
    jacobian = np.einsum("qka,ekx->eqax", element.slope, nodes, optimize=True)
    determinant = np.linalg.det(jacobian)
    _refuse_inverted(mesh, numbers, determinant)
    return jacobian, determinant * element.weights


def _refuse_inverted(mesh: SolidMesh, numbers: Ints, determinant: NDArray[np.float64]) -> None:
    bad = np.flatnonzero(determinant.min(axis=1) <= 0)
    if len(bad):
        number = numbers[bad[0]]
        x, y, z = mesh.points[mesh.cells[number]].mean(axis=0)
        raise MeshError(
            "E401",
            f"{len(bad)} elements are inverted, the first in region {mesh.names[mesh.regions[number]]!r} "
            f"at x = {x:.4g}, y = {y:.4g}, z = {z:.4g} mm",
            hint="mesh finer around curved faces, or with straighter elements",
        )
