"""Mesh a quarter of a package with gmsh alone, as a user would whose joint the program does not know.

python meshes/own_quarter.py device.toml own.msh [longest element in mm]

Begin with a copy of this file: change the shapes, keep the names, the outlines of chip and board, and the circles under
the base region and under the land. The program reads the file where it would otherwise make a mesh.
"""

import sys
from pathlib import Path

import gmsh

import fem_wlp as wlp
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.outline import VOID, HalfDisc, Painted, Polygon


def mesh_quarter(package: wlp.Package, path: Path, longest: float) -> None:
    """Mesh x >= 0, y >= 0 with second-order tetrahedra.

    Parameters
    ----------
    package
        With mirror planes x = 0 and y = 0.
    path
        File to write.
    longest
        Longest element [mm].
    """
    section = joint_section(package)
    joints = [(joint.x, joint.y) for joint in package.array.joints if joint.x > -1e-9 and joint.y > -1e-9]
    gmsh.initialize(readConfigFiles=False)
    try:
        gmsh.option.setNumber("General.Verbosity", 2)
        gmsh.option.setNumber("Mesh.MeshSizeMax", longest)
        gmsh.option.setNumber("Mesh.MeshSizeFromCurvature", 12)
        gmsh.option.setNumber("Mesh.HighOrderOptimize", 2)
        shapes: list[tuple[str, tuple[int, int]]] = []
        for item in section.painting:
            if isinstance(item.outline, Polygon) and max(r for r, _ in item.outline.corners) > 0.999 * section.radius:
                shapes.append((item.name, plate(package, item)))
            elif item.name != "chip":
                shapes += [(item.name, body) for body in bodies(item, joints, package.array.pitch)]
        # all parts cut against each other; of several in one place, the last one painted is there
        _, pieces = gmsh.model.occ.fragment([shapes[0][1]], [shape for _, shape in shapes[1:]])
        owner = {tag: name for (name, _), parts in zip(shapes, pieces, strict=True) for _, tag in parts}
        gmsh.model.occ.remove([(3, tag) for tag, name in owner.items() if name == VOID], recursive=True)
        gmsh.model.occ.synchronize()
        for name in section.names:
            gmsh.model.addPhysicalGroup(3, [tag for tag, owned in owner.items() if owned == name], name=name)
        gmsh.model.mesh.generate(3)
        gmsh.model.mesh.setOrder(2)
        gmsh.write(str(path))
    finally:
        gmsh.finalize()


def plate(package: wlp.Package, item: Painted) -> tuple[int, int]:
    """Add a quarter of the chip, of a layer on it, or of the board."""
    part = package.board if item.name == "board" else package.chip
    low, high = (end(z for _, z in item.outline.corners) for end in (min, max))
    return 3, gmsh.model.occ.addBox(0, 0, low, part.width / 2, part.length / 2, high - low)


def bodies(item: Painted, joints: list[tuple[float, float]], pitch: float) -> list[tuple[int, int]]:
    """Add a body of revolution at every joint, cut off by the planes x = 0 and y = 0."""
    found = []
    for x, y in joints:
        if isinstance(item.outline, HalfDisc):
            disc = item.outline
            low, high = max(disc.centre - disc.radius, disc.below), min(disc.centre + disc.radius, disc.above)
            ball = [(3, gmsh.model.occ.addSphere(x, y, disc.centre, disc.radius))]
            slab = [(3, gmsh.model.occ.addBox(x - pitch, y - pitch, low, 2 * pitch, 2 * pitch, high - low))]
            body = gmsh.model.occ.intersect(ball, slab)[0]
        else:
            corners = [gmsh.model.occ.addPoint(x + r, y, z) for r, z in item.outline.corners]
            pairs = zip(corners, corners[1:] + corners[:1], strict=True)
            loop = gmsh.model.occ.addCurveLoop([gmsh.model.occ.addLine(a, b) for a, b in pairs])
            face = gmsh.model.occ.addPlaneSurface([loop])
            turned = gmsh.model.occ.revolve([(2, face)], x, y, 0, 0, 0, 1, 6.283185307179586)
            body = [shape for shape in turned if shape[0] == 3]
        if min(x, y) < pitch / 4:
            quarter = [(3, gmsh.model.occ.addBox(0, 0, -10 * pitch, 1e3 * pitch, 1e3 * pitch, 20 * pitch))]
            body = gmsh.model.occ.intersect(body, quarter)[0]
        found += body
    return found


if __name__ == "__main__":
    file, written, *size = sys.argv[1:]
    mesh_quarter(wlp.load(file), Path(written), float(size[0]) if size else 0.1)
