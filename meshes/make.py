"""Write the joint cell of a template as a Gmsh file with named regions, for other programs to read.

python meshes/make.py compliant
"""

import sys
from pathlib import Path

import meshio
import numpy as np

import fem_wlp as wlp
from fem_wlp.analysis import FINE
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.section import SectionMesh, mesh_section


def joint_mesh(template: str) -> SectionMesh:
    """Mesh one joint with its cell of chip and board, (r, z) [mm], as a solve does."""
    section = joint_section(wlp.loads(wlp.template(template)))
    return mesh_section(section.painting, FINE, wall=section.radius)


def write(mesh: SectionMesh, path: Path) -> None:
    """Write six-node triangles with one physical group for each region; x is r, y is z."""
    region = mesh.region.astype(np.int32) + 1
    meshio.Mesh(
        np.column_stack([mesh.points, np.zeros(len(mesh.points))]),
        [("triangle6", mesh.triangles)],
        cell_data={"gmsh:physical": [region], "gmsh:geometrical": [region]},
        field_data={name: np.array([number, 2]) for number, name in enumerate(mesh.names, 1)},
    ).write(path, file_format="gmsh22", binary=False, float_fmt=".9g")


if __name__ == "__main__":
    (name,) = sys.argv[1:] or ["compliant"]
    file = Path(__file__).parent / f"{name}_joint.msh"
    write(joint_mesh(name), file)
    print(file)
