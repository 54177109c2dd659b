"""Meshes in gmsh's files: ours for others to see, a user's own to be solved.

Files are read by gmsh itself, so that every version of the format, text or binary, is understood. What a mesh must be
is checked here: one kind of quadratic elements, each in one region, none inverted, all bodies joined.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError, ResourceError
from .copies import translated_copies
from .gmsh_reader import FileContent, content_of
from .kinds import HEXAHEDRON, TETRAHEDRON, TRIANGLE, Kind, kind_of
from .quads import numbered
from .section import SectionMesh
from .session import gmsh_session
from .skin import named_faces
from .solid import SolidMesh

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BEGINNINGS = (b"$MeshFormat", b"$Comments")
"""How a file of a mesh begins; gmsh would run the commands in any other."""

LAST_LINE = b"$EndElements\n"

ENTITIES = {2: "surface", 3: "volume"}

INCOMPLETE = (16, 17, 18, 19)
"""Gmsh's numbers of quadratic elements without nodes in the middle of faces: quadrangle, hexahedron, prism, pyramid."""


def write_msh(path: Path, mesh: SolidMesh) -> None:
    """Write a mesh as a text file of format 4.1.

    Every region is a physical volume of its name, every interface and every group of outer faces (see
    `fem_wlp.mesh.skin.named_faces`) a physical surface. Which elements are copies, and what a mirror plane ties, is not
    in the file.

    Parameters
    ----------
    path
        File to write, with the ending ``.msh``.
    mesh
        Hexahedra or tetrahedra.

    Raises
    ------
    ResourceError
        R305: the file did not become whole.
    """
    kind = kind_of(mesh.cells)
    cells = mesh.cells[:, kind.gmsh_order] + 1
    with gmsh_session("fem_wlp file") as gmsh:
        regions = [(number, name) for number, name in enumerate(mesh.names, 1) if (mesh.regions == number - 1).any()]
        for number, name in regions:
            gmsh.model.addDiscreteEntity(3, number)
            gmsh.model.addPhysicalGroup(3, [number], number, name=name)
        gmsh.model.mesh.addNodes(3, regions[0][0], np.arange(1, len(mesh.points) + 1), mesh.points.ravel())
        for number, _ in regions:
            own = np.flatnonzero(mesh.regions == number - 1)
            gmsh.model.mesh.addElementsByType(number, kind.gmsh, own + 1, cells[own].ravel())
        free = len(cells) + 1
        for number, (name, faces) in enumerate(named_faces(mesh).items(), 1):
            gmsh.model.addDiscreteEntity(2, number)
            gmsh.model.addPhysicalGroup(2, [number], number, name=name)
            tags = np.arange(free, free + len(faces))
            gmsh.model.mesh.addElementsByType(number, kind.face_gmsh, tags, (faces + 1).ravel())
            free += len(faces)
        gmsh.write(str(path))
    with path.open("rb") as file:  # gmsh says nothing of a full disk
        file.seek(max(0, path.stat().st_size - len(LAST_LINE)))
        if file.read() != LAST_LINE:
            raise ResourceError(
                "R305",
                "writing stopped before the file was whole",
                where=str(path),
                hint="make room on the disk, or write to another",
            )


def read_solid(path: Path, names: Sequence[str], optional: Sequence[str] = ()) -> SolidMesh:
    """Read a user's three-dimensional mesh.

    Elements are those of the physical volumes; surfaces don't matter. Mirrored elements are turned, copies found.

    Parameters
    ----------
    path
        Gmsh's file, any version since 2.
    names
        Names that the physical volumes must have, each of them.
    optional
        Names that they may have.

    Returns
    -------
    SolidMesh
        All ``places`` are -1.

    Raises
    ------
    MeshError
        E411: the file cannot be read. E412: other regions than those. E402: a region is empty. E408: elements that are
        not all hexahedra of 27 nodes or all tetrahedra of 10. E413: bodies that are not joined. E401: an inverted
        element.
    """
    found = _read(path, 3, (HEXAHEDRON, TETRAHEDRON), names, optional)
    count = len(found.cells)
    return SolidMesh(
        found.points,
        found.cells,
        found.regions,
        found.names,
        np.full(count, -1, dtype=np.int64),
        translated_copies(found.points, found.cells, found.regions),
        np.ones(count),
    )


def read_section(path: Path, names: Sequence[str]) -> SectionMesh:
    """Read a user's mesh of a joint's half section: x is r, y is z.

    Parameters
    ----------
    path
        Gmsh's file, any version since 2.
    names
        Names that the physical surfaces must have, each of them.

    Raises
    ------
    MeshError
        As of `read_solid`, of triangles of 6 nodes. E414: the section is not in the half plane x >= 0, z = 0.
    """
    found = _read(path, 2, (TRIANGLE,), names, ())
    scale = float(np.ptp(found.points, axis=0).max())
    off, left = np.abs(found.points[:, 2]).max(), -found.points[:, 0].min()
    if off > 1e-9 * scale or left > 1e-9 * scale:
        raise MeshError(
            "E414",
            f"the section leaves its plane, it reaches {'z' if off > left else 'x'} = "
            f"{found.points[np.abs(found.points[:, 2]).argmax(), 2] if off > left else -left:.6g}",
            where=str(path),
            hint="draw one half of the section: x >= 0 is the radius, y the height, z = 0 everywhere",
        )
    points = found.points[:, :2].copy()
    points[np.abs(points[:, 0]) < 1e-9 * scale, 0] = 0.0
    return SectionMesh(points, found.cells, found.regions, found.names)


@dataclass(frozen=True)
class _Found:
    """Elements of a file, checked."""

    points: Floats
    cells: Ints
    regions: Ints
    names: tuple[str, ...]


def _read(path: Path, dimension: int, kinds: Sequence[Kind], names: Sequence[str], optional: Sequence[str]) -> _Found:
    _refuse_other_files(path)
    try:
        content = content_of(path, dimension)
        owner = _owners(content, dimension, [*names, *optional])
        _refuse_missing(set(owner.values()), names, dimension)
        kind = _kind(content, owner, kinds, dimension)
        present = tuple(name for name in (*names, *optional) if name in owner.values())
        nodes = np.concatenate([lot.nodes for lot in content.lots])[:, np.argsort(kind.gmsh_order)]
        regions = [np.full(len(lot.nodes), present.index(owner[lot.entity]), dtype=np.int64) for lot in content.lots]
        order = np.argsort(np.concatenate([lot.numbers for lot in content.lots]), kind="stable")
        points, cells = _compressed(content, nodes[order])
        found = _Found(points, cells, np.concatenate(regions)[order], present)
        _refuse_twofold_nodes(found)
        return _upright(found, kind)
    except MeshError as fault:
        raise fault.at(str(path)) from None


def _refuse_other_files(path: Path) -> None:
    """Raise where a file is not there, or is none of gmsh's meshes."""
    try:
        with path.open("rb") as file:
            begin = file.read(16)
    except OSError as fault:
        near = difflib.get_close_matches(path.name, _neighbours(path), n=1)
        raise MeshError(
            "E411",
            f"the mesh cannot be read: {fault.strerror or fault}",
            where=str(path),
            hint=f'did you mean "{near[0]}"?' if near else "name a file that gmsh wrote, e.g. joint.msh",
        ) from fault
    if not begin.startswith(BEGINNINGS):
        raise MeshError(
            "E411",
            "this is not a mesh of gmsh: it does not begin with $MeshFormat",
            where=str(path),
            hint="save it as .msh, format 4.1 or 2.2: gmsh FILE -3 -order 2 -o joint.msh",
        )


def _neighbours(path: Path) -> list[str]:
    try:
        return [other.name for other in path.parent.iterdir() if other.name != path.name]
    except OSError:
        return []


def _owners(content: FileContent, dimension: int, names: Sequence[str]) -> dict[int, str]:
    """Return the region of every entity that has elements, once each is in exactly one."""
    entity = ENTITIES[dimension]
    owner: dict[int, str] = {}
    for number, name, tags in content.groups:
        _refuse_unknown(name, f"physical {entity} {number} has no name" if not name else "", names)
        for tag in tags:
            if owner.setdefault(tag, name) != name:
                raise MeshError(
                    "E412", f"{entity} {tag} is of two regions: {owner[tag]} and {name}", hint="put it into one of them"
                )
    command = f"gmsh FILE -{dimension} -order 2"
    if not content.lots:
        raise MeshError(
            "E412",
            f"there are no elements of a physical {entity} in this mesh",
            hint=f"a {'joint section' if dimension == 2 else 'three-dimensional mesh'} is needed: {command}",
        )
    for lot in content.lots:
        if lot.entity not in owner:
            raise MeshError(
                "E412",
                f"{len(lot.numbers)} elements of {entity} {lot.entity} are of no physical {entity}",
                hint=f'name it: Physical {entity.capitalize()}("{names[0]}") = {{{lot.entity}}};',
            )
    filled = {owner[lot.entity] for lot in content.lots}
    for name in owner.values():
        if name not in filled:
            raise MeshError("E402", f"region {name!r} has no elements", hint=f"mesh it: {command}")
    return owner


def _refuse_unknown(name: str, nameless: str, names: Sequence[str]) -> None:
    if name in names:
        return
    near = difflib.get_close_matches(name, names, n=1)
    raise MeshError(
        "E412",
        nameless or f"the mesh has a region {name!r} that the package does not have",
        value=name,
        hint=(f'did you mean "{near[0]}"? ' if near else "") + f"regions: {', '.join(names)}",
    )


def _refuse_missing(present: Collection[str], names: Sequence[str], dimension: int) -> None:
    missing = [name for name in names if name not in present]
    if missing:
        entity = ENTITIES[dimension].capitalize()
        raise MeshError(
            "E412",
            f"the mesh has no region {missing[0]!r}" + (f", nor {', '.join(missing[1:])}" if missing[1:] else ""),
            hint=f'every part of the package is a region by its name: Physical {entity}("{missing[0]}") = {{…}};',
        )


def _kind(content: FileContent, owner: dict[int, str], kinds: Sequence[Kind], dimension: int) -> Kind:
    """Return the one kind that all elements are of."""
    found = {lot.kind: owner[lot.entity] for lot in content.lots}
    wanted = "elements are all " + " or all ".join(kind.name for kind in kinds)
    for number, region in found.items():
        if any(kind.gmsh == number for kind in kinds):
            continue
        name, order = content.kinds[number]
        hint = wanted
        if order != 2:
            hint = f"mesh with second-order elements, gmsh FILE -{dimension} -order 2; {wanted}"
        elif number in INCOMPLETE:
            hint = f"mesh with Mesh.SecondOrderIncomplete = 0; {wanted}"
        raise MeshError("E408", f"region {region!r} has elements of order {order}: {name}", hint=hint)
    there = [kind for kind in kinds if kind.gmsh in found]
    if len(there) > 1:
        regions = " and ".join(f"{found[kind.gmsh]!r} of {kind.name}" for kind in there)
        raise MeshError("E408", f"two kinds of elements in one mesh: {regions}", hint=wanted)
    return there[0]


def _compressed(content: FileContent, nodes: Ints) -> tuple[Floats, Ints]:
    """Number the nodes that the elements have, in the order of their tags."""
    used, cells = np.unique(nodes, return_inverse=True)
    order = np.argsort(content.tags)
    points = content.places[order[np.searchsorted(content.tags[order], used)]]
    if not np.isfinite(points).all():
        raise MeshError("E411", "a node's place is not a finite number", hint="save it again with gmsh")
    return points, cells.reshape(nodes.shape).astype(np.int64)


def _refuse_twofold_nodes(found: _Found) -> None:
    number, first = numbered(found.points)
    if len(first) == len(found.points):
        return
    again = np.delete(np.arange(len(found.points)), first)
    x, y, z = found.points[again[0]]
    touching = [found.names[k] for k in np.unique(found.regions[(number[found.cells] == number[again[0]]).any(axis=1)])]
    raise MeshError(
        "E413",
        f"{len(again)} nodes stand twice at one place, the first at x = {x:.6g}, y = {y:.6g}, z = {z:.6g} mm "
        f"({', '.join(touching)}): bodies are not joined there",
        hint="cut the parts against each other before meshing (BooleanFragments), or merge nodes: Coherence Mesh;",
    )


def _upright(found: _Found, kind: Kind) -> _Found:
    """Turn mirrored elements; refuse those that are inverted in a part of them."""
    jacobians = kind.jacobians(found.points, found.cells)
    turned = np.asarray((jacobians < 0.0).all(axis=1))
    smallest = np.where(turned, -jacobians.max(axis=1), jacobians.min(axis=1))
    worst = int(smallest.argmin())
    if smallest[worst] <= 0.0:
        x, y, z = found.points[found.cells[worst]].mean(axis=0)
        raise MeshError(
            "E401",
            f"an element of region {found.names[found.regions[worst]]!r} is inverted near x = {x:.4g}, y = {y:.4g}, "
            f"z = {z:.4g} mm",
            hint="mesh more finely there, or with Mesh.HighOrderOptimize = 2",
        )
    cells = np.where(turned[:, None], found.cells[:, kind.mirrored], found.cells)
    return _Found(found.points, cells, found.regions, found.names)
