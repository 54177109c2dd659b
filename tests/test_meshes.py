"""The meshes that are kept for other programs are those of today's templates."""

import runpy
from pathlib import Path

import meshio
import numpy as np
import pytest
from numpy.typing import NDArray

FOLDER = Path(__file__).parent.parent / "meshes"


def areas(points: NDArray[np.float64], triangles: NDArray[np.int64], region: NDArray[np.int64]) -> NDArray[np.float64]:
    """Area of every region, from the corners of its triangles [mm^2]."""
    a, b, c = (points[triangles[:, corner], :2] for corner in range(3))
    (x1, y1), (x2, y2) = (b - a).T, (c - a).T
    return np.bincount(region, weights=0.5 * (x1 * y2 - x2 * y1))


def test_the_kept_mesh_has_the_regions_of_the_template() -> None:
    """Names exactly, areas to 1e-3: chords for arcs are all that may differ from one version of gmsh to the next."""
    kept = meshio.read(FOLDER / "compliant_joint.msh")
    (block,) = kept.cells
    (physical,) = kept.cell_data["gmsh:physical"]
    now = runpy.run_path(str(FOLDER / "make.py"))["joint_mesh"]("compliant")
    names = sorted(kept.field_data, key=lambda name: kept.field_data[name][0])
    assert tuple(names) == now.names
    assert block.type == "triangle6"
    assert areas(kept.points, block.data, physical - 1) == pytest.approx(
        areas(now.points, now.triangles, now.region), rel=1e-3
    )
