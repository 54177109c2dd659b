"""Meshes for the tests of the harmonic form: curved ones by the mesher, regular ones by hand."""

import numpy as np

from fem_wlp.mesh.outline import HalfDisc, Painted, rectangle
from fem_wlp.mesh.section import Grading, SectionMesh, mesh_section

COARSE = Grading(tip=0.02, growth=0.8, largest=0.25)


def curved() -> SectionMesh:
    """Return a ball with a coat in a block: curved edges inside, straight ones outside, and an axis."""
    return mesh_section(
        [
            Painted("block", rectangle((0.0, 1.0), (-0.7, 0.9))),
            Painted("coat", HalfDisc(0.1, 0.5)),
            Painted("core", HalfDisc(0.1, 0.4)),
        ],
        COARSE,
    )


def regular(count: int, inner: float = 0.0) -> SectionMesh:
    """Return the square inner <= r <= inner + 1, 0 <= z <= 1 as count x count squares of two triangles."""
    step = np.arange(2 * count + 1) / (2 * count)
    r, z = np.meshgrid(inner + step, step, indexing="ij")
    number = np.arange(r.size).reshape(r.shape)
    triangles = []
    for i in range(0, 2 * count, 2):
        for j in range(0, 2 * count, 2):
            n = number[i : i + 3, j : j + 3]
            triangles.append([n[0, 0], n[2, 0], n[2, 2], n[1, 0], n[2, 1], n[1, 1]])
            triangles.append([n[0, 0], n[2, 2], n[0, 2], n[1, 1], n[1, 2], n[0, 1]])
    points = np.stack([r.ravel(), z.ravel()], axis=1)
    return SectionMesh(points, np.array(triangles), np.zeros(len(triangles), dtype=np.int64), ("square",))


def border(mesh: SectionMesh) -> np.ndarray:
    """Return the numbers of the nodes on the outer faces: edges of one triangle, known by their middle nodes."""
    edges = mesh.triangles[:, [[0, 1, 3], [1, 2, 4], [2, 0, 5]]].reshape(-1, 3)
    _, first, triangles = np.unique(edges[:, 2], return_index=True, return_counts=True)
    return np.unique(edges[first[triangles == 1]])
