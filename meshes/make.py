"""Write the joint cell of a template as a Gmsh file with named regions, for other programs to read.

python meshes/make.py compliant
"""

import sys
from pathlib import Path

import fem_wlp as wlp
from fem_wlp.analysis import FINE
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.files import write_section
from fem_wlp.mesh.section import SectionMesh, mesh_section


def joint_mesh(template: str) -> SectionMesh:
    """Mesh one joint with its cell of chip and board, (r, z) [mm], as a solve does."""
    section = joint_section(wlp.loads(wlp.template(template)))
    return mesh_section(section.painting, FINE, wall=section.radius)


if __name__ == "__main__":
    (name,) = sys.argv[1:] or ["compliant"]
    file = Path(__file__).parent / f"{name}_joint.msh"
    write_section(file, joint_mesh(name))
    print(file)
