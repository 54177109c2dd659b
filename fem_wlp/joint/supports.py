"""How ends and sides of a joint cell are held, turned into the independent unknowns of one harmonic.

A flat end or a straight side moves by one or two motions, each with one amplitude. In harmonic m = 0 these are the
stretch s and the lift t, in m = 1 the shift s and the tilt t about a common height h:

    m = 0:  U = s r                               W = t
    m = 1:  U = s + t (z - h),  V = -U            W = -t r

An end that slides follows t only (its W), a side in m = 0 follows s only (its U); a glued end, and a side in m = 1,
follow both. Two supports that share an edge share the amplitudes that rule there, known or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from ..elasticity import harmonic
from ..errors import ConfigError, MeshError, SolveError
from ..mesh import faces
from ..mesh.section import SectionMesh

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EndKind = Literal["free", "flat", "held_flat", "driven"]
Side = Literal["free", "straight"] | float
Sides = Mapping[str | tuple[str, ...], Side]


@dataclass(frozen=True)
class Support:
    """One end or side and what is known of its motion in one harmonic.

    Parameters
    ----------
    name
        How a message calls it.
    nodes
        Numbers of its nodes.
    across
        The amplitude s of its motion across the axis: a number if it is given [- or mm], None if it is free to
        adjust. Only for supports that `rules_across`.
    along
        The amplitude t of its motion along the axis, likewise [mm or rad]. Only for those that `rules_along`.
    rules_across, rules_along
        Whether the support rules U and V, and W.
    yields
        Whether ``across`` holds only where no neighbor has one of its own.
    """

    name: str
    nodes: Integers
    across: float | None = None
    along: float | None = None
    rules_across: bool = True
    rules_along: bool = True
    yields: bool = False


@dataclass(frozen=True)
class Held:
    """The unknowns that the supports of one harmonic leave.

    Parameters
    ----------
    reduction
        Map from independent to all unknowns, shape (n, k) [-].
    offset
        What the given motions add to it, shape (n,) [mm].
    pins
        Unknowns to hold while the matrix is factored, one for every rigid motion that is left.
    """

    reduction: sparse.csc_matrix
    offset: Floats
    pins: Integers


def rigid_motion(mesh: SectionMesh, kind: str, height: float = 0.0) -> Floats:
    """Return the amplitudes of a unit rigid motion, shape (n,) [mm].

    "axial": along z. "lateral": along theta = 0. "rocking": unit rotation d u_x/d z about ``height`` [mm].
    "torsion": about the axis.
    """
    u = np.zeros((len(mesh.points), 3))
    r, z = mesh.points.T
    if kind == "axial":
        u[:, 2] = 1.0
    elif kind == "torsion":
        u[:, 1] = r
    elif kind == "lateral":
        u[:, 0], u[:, 1] = 1.0, -1.0
    else:
        u[:, 0], u[:, 1], u[:, 2] = z - height, height - z, -r
    return u.ravel()


def supports(
    mesh: SectionMesh, kinds: Mapping[str, EndKind], sides: Sides, motion: tuple[float, float], m: int
) -> list[Support]:
    """Name what holds a cell in one harmonic.

    Parameters
    ----------
    mesh
        The section mesh.
    kinds
        How "bottom" and "top" are held.
    sides
        How the sides of regions are held.
    motion
        The amplitudes (s, t) of the top end; the bottom end stands still.
    m
        Harmonic, 0 or 1 [-].
    """
    found = []
    for place, kind in kinds.items():
        if kind == "free":
            continue
        nodes = faces.end(mesh, top=place == "top").nodes
        across, along = motion if place == "top" else (0.0, 0.0)
        tilt = None if kind == "flat" else along
        found.append(Support(f"the {place} end", nodes, across, tilt, rules_across=kind == "driven", yields=m == 0))
    for names, side in sides.items():
        listed = (names,) if isinstance(names, str) else names
        mesh.elements(*listed)  # refuses an unknown name
        if side == "free":
            continue
        stretch = float(side) if m == 0 and not isinstance(side, str) else None
        name, nodes = f"the side of {' and '.join(listed)}", faces.wall(mesh, *listed).nodes
        found.append(Support(name, nodes, stretch, rules_along=m == 1))
    return found


def refuse_unknown_kinds(kinds: Mapping[str, EndKind], sides: Sides) -> None:
    """Raise ConfigError F111 where an end or a side is held in a way that there is not."""
    for place, kind in kinds.items():
        if kind not in get_args(EndKind):
            raise ConfigError(
                "F111",
                f"the {place} end of a cell cannot be held like this",
                value=repr(kind),
                hint=f"one of {', '.join(map(repr, get_args(EndKind)))}",
            )
    for names, side in sides.items():
        if side not in ("free", "straight") and not (isinstance(side, int | float) and np.isfinite(side)):
            raise ConfigError(
                "F111",
                f"the side of {names!r} cannot be held like this",
                value=repr(side),
                hint="'free', 'straight', or a number: the in-plane strain that it follows",
            )


def held(space: harmonic.HarmonicSpace, found: Sequence[Support], m: int) -> Held:
    """Turn supports into independent unknowns, given motions and pins.

    Raises
    ------
    SolveError
        S506: two supports that share an edge are given different motions.
    """
    mesh = space.mesh
    height = float(mesh.points[:, 1].max())
    radius = np.repeat(mesh.points[:, :1], 3, axis=1)
    across = radius * [1.0, 0.0, 0.0] if m == 0 else rigid_motion(mesh, "lateral").reshape(-1, 3)
    along = rigid_motion(mesh, "axial" if m == 0 else "rocking", height).reshape(-1, 3)
    offset, columns = np.zeros_like(along), []
    ruled = np.zeros(along.shape, dtype=bool)
    ruled[:, 1] = m == 0  # no torsion
    for amplitude, pattern in (("across", across), ("along", along)):
        for value, group in _groups([s for s in found if getattr(s, f"rules_{amplitude}")], amplitude):
            own = _ruled(group, len(mesh.points))
            ruled |= own
            if value is None:
                columns.append(sparse.csr_matrix((pattern * own).reshape(-1, 1)))
            else:
                offset += value * pattern * own
    single = harmonic.axis_constraints(space, m)
    leader = single.indices[single.indptr[:-1]]
    reduction = sparse.hstack([single[:, np.flatnonzero(~ruled.ravel()[leader])], *columns]).tocsc()
    return Held(reduction, offset.ravel(), _pins(mesh, ruled, rigid_left(found, m)))


def rigid_left(found: Sequence[Support], m: int) -> list[str]:
    """Return the rigid motions that no support holds."""
    left = []
    if m == 1 and not any(s.rules_across and s.across is not None for s in found):
        left.append("lateral")
    if not any(s.rules_along and s.along is not None for s in found):
        left.append("axial" if m == 0 else "rocking")
    return left


def _groups(found: Sequence[Support], amplitude: str) -> list[tuple[float | None, list[Support]]]:
    """Gather supports that share an edge, with the amplitude that they share."""
    groups: list[list[Support]] = []
    for support in found:
        touching = [group for group in groups if any(np.isin(support.nodes, s.nodes).any() for s in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([*(s for group in touching for s in group), support])
    return [(_shared(group, amplitude), group) for group in groups]


def _shared(group: Sequence[Support], amplitude: str) -> float | None:
    """Return the amplitude given to a group, None if it is free to adjust."""
    giving = [s for s in group if getattr(s, amplitude) is not None]
    firm = [s for s in giving if amplitude == "along" or not s.yields] or giving
    given = {float(getattr(s, amplitude)): s.name for s in firm}
    if len(given) > 1:
        (value, one), (other_value, other) = list(given.items())[:2]
        raise SolveError(
            "S506",
            f"{one} and {other} share an edge but are given different motions, {value:g} and {other_value:g}",
            hint='leave a side free, or let an end slide ("held_flat")',
        )
    return next(iter(given), None)


def _ruled(group: Sequence[Support], count: int) -> NDArray[np.bool_]:
    own = np.zeros((count, 3), dtype=bool)
    for support in group:
        own[support.nodes, :2] |= support.rules_across
        own[support.nodes, 2] |= support.rules_along
    return own


def _pins(mesh: SectionMesh, ruled: NDArray[np.bool_], left: Sequence[str]) -> Integers:
    """Choose one unknown to hold for every rigid motion: at the outermost node that no support rules."""
    if not left:
        return np.zeros(0, dtype=np.int64)
    candidates = np.flatnonzero(~ruled[:, [0, 2]].any(axis=1))
    if not len(candidates):
        raise MeshError("E402", "all nodes of the section lie on held faces", hint="mesh more finely")
    far = int(candidates[np.argmax(mesh.points[candidates, 0])])
    unknown = {"axial": 3 * far + 2, "lateral": 3 * far, "rocking": 3 * far + 2}
    return np.array([unknown[motion] for motion in left], dtype=np.int64)
