"""Whether what holds a mesh holds it: rigid motions left free, body by body."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..errors import SolveError
from ..mesh.solid import Bools, Floats, Ints, SolidMesh
from .operator import Operator

MOTIONS = (
    "translation along x",
    "translation along y",
    "translation along z",
    "rotation about x",
    "rotation about y",
    "rotation about z",
)

HELD = 1e-8
"""Singular values below this share of the largest leave a rigid motion free [-]."""

TURNING = 1e-6
"""Share of rotation in a motion of unit size below which it is a translation [-]."""


def rigid_motions(points: Floats) -> Floats:
    """Return the six rigid motions of points about their mean, rotations scaled to their size, shape (n, 3, 6)."""
    arm = points - points.mean(axis=0)
    arm = arm / max(float(np.abs(arm).max()), 1e-300)
    motions = np.zeros((len(points), 3, 6))
    for axis in range(3):
        motions[:, axis, axis] = 1.0
        motions[:, :, 3 + axis] = np.cross(np.eye(3)[axis], arm)
    return motions


def rigid_motions_of(mesh: SolidMesh) -> Floats:
    """Return the six rigid motions of a mesh in its unknowns' frames, shape (n, 3, 6); rotations scaled to its size."""
    motions = rigid_motions(mesh.points)
    if mesh.ties is None:
        return motions
    return np.asarray(np.einsum("nji,njm->nim", mesh.ties.frames[mesh.ties.frame], motions))


def require_held(operator: Operator, fixed: Bools, rigid: Ints | None = None) -> None:
    """Check that no body of a mesh can move freely.

    Parameters
    ----------
    operator
        Mesh and stiffness.
    fixed
        Components that are held, in the unknowns' frames, shape (n, 3).
    rigid
        Number of the rigid body that each node is of, -1 for none, shape (n,); it joins what has its nodes.

    Raises
    ------
    SolveError
        S505: a rigid motion is free; the message names it and the body.
    """
    mesh = operator.mesh
    number = _bodies(operator, rigid)
    for body in range(number.max() + 1):
        nodes = np.flatnonzero(number == body)
        motions = rigid_motions(mesh.points[nodes])
        if mesh.ties is not None:
            frames = mesh.ties.frames[mesh.ties.frame[nodes]]
            motions = np.einsum("nji,njm->nim", frames, motions)
        # of the matrix itself: round-off in its square would hide an oblique hinge
        triangle = np.linalg.qr(np.vstack([motions[fixed[nodes]], np.zeros((6, 6))]), mode="r")
        singular, directions = np.linalg.svd(triangle)[1:]
        free = np.flatnonzero(singular <= HELD * max(1.0, float(singular.max())))
        if len(free):
            motion = _name_of(directions[free])
            regions = np.unique(mesh.regions[np.isin(operator.connectivity.nodes[:, 0], nodes)])
            parts = ", ".join(mesh.names[region] for region in regions[:4])
            raise SolveError(
                "S505",
                f"{motion} of the body of {parts} is free ({len(free)} of its 6 rigid motions)",
                hint="hold as many displacement components as it takes, at nodes of this body",
            )


def idle(operator: Operator) -> Bools:
    """Return the components, shape (n, 3), of nodes that are no element's unknowns: tied ones."""
    return np.asarray((np.diff(operator.connectivity.begin) == 0)[:, None] & np.ones(3, dtype=bool))


def _name_of(free: Floats) -> str:
    """Name one of some free motions, combinations of the six of shape (f, 6): a translation, if one is free by itself.

    A hinge is a rotation wherever its axis lies, though about the body's middle it is a translation as well.
    """
    combinations, turning = np.linalg.svd(free[:, 3:])[:2]
    straight = combinations[:, np.count_nonzero(turning > TURNING) :].T @ free[:, :3]
    parts, first = (straight, 0) if len(straight) else (free[:, 3:], 3)
    return MOTIONS[first + int(np.argmax(np.round((parts**2).sum(axis=0), 6)))]


def _bodies(operator: Operator, rigid: Ints | None) -> Ints:
    """Return the number of the body that each node belongs to; -1 for nodes without elements."""
    joined = operator.connectivity
    m, k = joined.nodes.shape
    links = sparse.csr_matrix((np.ones(m * k, dtype=bool), joined.nodes.ravel(), np.arange(0, m * k + 1, k)))
    links.resize((m, joined.size))
    if rigid is not None:
        members = np.flatnonzero(rigid >= 0)
        places = (rigid[members], members)
        rows = sparse.csr_matrix((np.ones_like(members, dtype=bool), places), (int(rigid.max()) + 1, joined.size))
        links = sparse.vstack([links, rows], format="csr")
    # bipartite graph of nodes and what joins them: elements, rigid bodies
    graph = sparse.bmat([[None, links], [links.T, None]], format="csr")
    labels = connected_components(graph, directed=False)[1]
    bodies = np.unique(labels[:m])
    result = np.full(joined.size, -1)
    used = np.diff(joined.begin) > 0
    result[used] = np.searchsorted(bodies, labels[links.shape[0] :][used])
    return result
