"""Write the joint cells of templates as Gmsh files with named regions, for other programs to read.

python meshes/make.py                 all meshes of this folder
python meshes/make.py compliant       those of one template
"""

import sys
from pathlib import Path

import fem_wlp as wlp
from fem_wlp.analysis import FINE
from fem_wlp.array.blocks import Fineness
from fem_wlp.array.layout import array_mesh
from fem_wlp.joint.section import cell_section, joint_section
from fem_wlp.mesh.files import write_section, write_solid
from fem_wlp.mesh.section import SectionMesh, mesh_section
from fem_wlp.mesh.solid import SolidMesh

FOLDER = Path(__file__).parent

SECTIONS = ("compliant",)
"""Templates whose half section is kept."""

CELLS = ("compliant", "conventional", "micro-smd", "paste")
"""Templates whose three-dimensional cell is kept."""

COARSE = Fineness().refined(0.5)
"""Element lengths of the three-dimensional cells: to look at, or to begin with."""


def joint_mesh(template: str) -> SectionMesh:
    """Mesh one joint with its cell of chip and board, (r, z) [mm], as a solve does."""
    section = cell_section(wlp.loads(wlp.template(template)))
    return mesh_section(section.painting, FINE, wall=section.radius)


def cell_mesh(template: str) -> SolidMesh:
    """Mesh one joint with a square pitch of chip and board, coarsely, without the interconnect's line and the pad."""
    package = wlp.loads(wlp.template(template), {"interconnect.line": None, "chip.pads": None})
    return array_mesh(package, joint_section(package), "cell", COARSE).mesh


if __name__ == "__main__":
    for name in sys.argv[1:] or CELLS:
        if name in SECTIONS:
            write_section(FOLDER / f"{name}_joint.msh", joint_mesh(name))
        write_solid(FOLDER / f"{name}_cell.msh", cell_mesh(name))
        print(f"{name} written")
