"""Where a result comes from: program, machine, mesh, time and memory."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ..environment import peak_memory
from ..mesh.section import SectionMesh
from ..mesh.solid import SolidMesh
from ..results import Result

USUAL = ("numpy", "scipy", "scikit-fem", "gmsh")
"""What every number may depend on."""

LIBRARIES = (*USUAL, "numba", "pyamg")
"""What a number of a result may depend on."""

GRID = 1e-9
"""Node coordinates are rounded to it before they enter a mesh's hash [mm]: the last digits of a sine or a square root
differ from machine to machine, and no mesh is as fine as that."""


def program_facts(libraries: Sequence[str] = LIBRARIES) -> dict[str, Any]:
    """Return what computes, on what, and when: program, versions of libraries, Python, platform, date."""
    return {
        "program": f"fem-wlp {version('fem-wlp')}",
        "versions": {name: version(name) for name in libraries},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def file_hash(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def provenance_of(
    mesh: SectionMesh | SolidMesh, model: str, facts: Mapping[str, Any], seconds: Mapping[str, float]
) -> dict[str, Any]:
    """Return where a result comes from.

    Parameters
    ----------
    mesh
        On which it was solved.
    model
        Which kind of model, in words.
    facts
        What is to be known of its size and solution.
    seconds
        How long each step took [s].
    """
    return {
        **program_facts(),
        "model": model,
        **facts,
        "mesh": mesh_hash(mesh),
        "seconds": dict(seconds),
        "memory": round(peak_memory() / 1e6),
    }


def on_own_mesh(result: Result, file: Path, note: str) -> Result:
    """Return a result with what says that it was solved on a mesh of the user's.

    Parameters
    ----------
    result
        The result.
    file
        Gmsh's file.
    note
        What to note; its name takes the place of ``{}``.
    """
    own = {"file": str(file), "sha256": file_hash(file)}
    return replace(
        result,
        notes=(*result.notes, note.format(file.name)),
        provenance={**result.provenance, "own_mesh": own},
    )


def mesh_hash(mesh: SectionMesh | SolidMesh) -> str:
    """Return the SHA-256 of a mesh: its nodes, elements and the regions these belong to, in their order."""
    cells, regions = (mesh.triangles, mesh.region) if isinstance(mesh, SectionMesh) else (mesh.cells, mesh.regions)
    found = hashlib.sha256("\n".join(mesh.names).encode())
    for numbers in (np.rint(mesh.points / GRID), cells, regions):
        found.update(repr(numbers.shape).encode())
        found.update(np.ascontiguousarray(numbers, dtype="<i8").tobytes())
    return found.hexdigest()
