"""What stands in gmsh's file of a mesh, read by gmsh in a process of its own: a damaged file may break it off."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError, WlpError
from .session import gmsh_session

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHILD = "from fem_wlp.mesh.gmsh_reader import answer; answer()"


@dataclass(frozen=True)
class Lot:
    """Elements of one kind in one geometrical entity, numbered as in the file.

    Parameters
    ----------
    entity
        Number of the volume or surface.
    kind
        Gmsh's number of the kind of element.
    numbers
        Of the elements, shape (m,).
    nodes
        Numbers of their nodes in gmsh's order, shape (m, k).
    """

    entity: int
    kind: int
    numbers: Ints
    nodes: Ints


@dataclass(frozen=True)
class FileContent:
    """Nodes, and the elements of one dimension.

    Parameters
    ----------
    tags
        Numbers of the nodes, shape (n,).
    places
        Their places, shape (n, 3).
    groups
        Number, name and entities of every physical group; the name may be empty.
    lots
        The elements.
    kinds
        Name and order of every kind of element there is.
    """

    tags: Ints
    places: Floats
    groups: tuple[tuple[int, str, tuple[int, ...]], ...]
    lots: tuple[Lot, ...]
    kinds: dict[int, tuple[str, int]]


def content_of(path: Path, dimension: int) -> FileContent:
    """Return what stands in a file.

    Parameters
    ----------
    path
        Gmsh's file.
    dimension
        Of the elements asked for: 2 or 3.

    Raises
    ------
    MeshError
        E411: gmsh cannot read it.
    ResourceError
        R304: gmsh cannot be loaded.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "content"
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(path), str(dimension), str(out)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode > 0:
            raise RuntimeError(done.stderr)
        if done.returncode < 0:
            raise MeshError("E411", "gmsh breaks off at this file: it is damaged", hint="save it again with gmsh")
        found = pickle.loads(out.read_bytes())
    if isinstance(found, WlpError):
        raise found
    assert isinstance(found, FileContent)
    return found


def answer() -> None:
    """Read the file that the command line names; put its content, or the fault, into another."""
    path, dimension, out = sys.argv[1:]
    found: FileContent | WlpError
    try:
        with gmsh_session("fem_wlp file") as gmsh:
            found = _content(gmsh, path, int(dimension))
    except WlpError as fault:
        found = fault
    Path(out).write_bytes(pickle.dumps(found))


def _content(gmsh: ModuleType, path: str, dimension: int) -> FileContent:
    try:
        gmsh.merge(path)
    except Exception as failure:
        if type(failure) is not Exception:  # gmsh raises no other
            raise
        raise MeshError("E411", f"gmsh cannot read this mesh: {failure}", hint="save it again with gmsh") from failure
    groups = tuple(
        (
            int(number),
            str(gmsh.model.getPhysicalName(dimension, number)),
            tuple(int(tag) for tag in gmsh.model.getEntitiesForPhysicalGroup(dimension, number)),
        )
        for _, number in gmsh.model.getPhysicalGroups(dimension)
    )
    lots = tuple(
        Lot(int(tag), int(kind), numbers.astype(np.int64), nodes.astype(np.int64).reshape(len(numbers), -1))
        for _, tag in gmsh.model.getEntities(dimension)
        for kind, numbers, nodes in zip(*gmsh.model.mesh.getElements(dimension, tag), strict=True)
    )
    kinds = {}
    for number in {lot.kind for lot in lots}:
        name, _, order, *_ = gmsh.model.mesh.getElementProperties(number)
        kinds[number] = (str(name), int(order))
    # all nodes: those of an element may belong to another entity
    tags, places, _ = gmsh.model.mesh.getNodes()
    return FileContent(tags.astype(np.int64), places.reshape(-1, 3), groups, lots, kinds)
