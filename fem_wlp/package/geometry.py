"""How the ball stands between chip and board, and which mirror planes a package has: what follows from its file.

A solder ball melts and wets both faces: it is a sphere cut by two planes (*truncated*). What does not melt stays a
whole sphere: it stands on its bond line, or dips into the cylinder, and a *fillet* (adhesive, or the melted outer coat)
makes the contact, a cone from the contact circle tangent to the sphere.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose, sqrt

from fem_wlp.materials.model import Isotropic, Material
from fem_wlp.package.model import Array, Ball, Board, Chip, Contact, Extent, Package
from fem_wlp.package.uses import material_uses


@dataclass(frozen=True)
class Symmetries:
    """Mirror planes of a package; none of them needs another.

    Parameters
    ----------
    x
        The plane x = 0: left and right are alike.
    y
        The plane y = 0: top and bottom are alike.
    diagonal
        The plane x = y: rows and columns are alike.
    """

    x: bool
    y: bool
    diagonal: bool

    @property
    def smallest(self) -> Extent:
        """The smallest part of the array that stands for the whole: "eighth", "quarter" or "full"."""
        if not (self.x and self.y):
            return "full"
        return "eighth" if self.diagonal else "quarter"


def shell_radii(ball: Ball) -> tuple[float, ...]:
    """Return the outer radius of the core and of every coat, from inside out [mm]; the last is the ball's."""
    radii = [ball.diameter / 2]
    for coat in reversed(ball.coats):
        radii.append(radii[-1] - coat.thickness)
    return tuple(reversed(radii))


def unmelted_radius(ball: Ball, contact: Contact) -> float:
    """Return the outermost radius of what does not melt while this side is joined [mm]; 0 if all melts.

    An adhesive fillet cures far below any liquidus: on its side nothing melts.
    """
    if contact.fillet is not None and not contact.fillet.melts:
        return ball.diameter / 2
    materials = (ball.material, *(coat.material for coat in ball.coats))
    solid = [radius for material, radius in zip(materials, shell_radii(ball), strict=True) if not material.melts]
    return max(solid, default=0.0)


def contact_distance(ball: Ball, contact: Contact) -> float:
    """Return the distance from the ball's centre to the contact plane of one side [mm].

    Without fillet, or for the idealised ball, the plane of the truncated sphere, sqrt(r_b² - r_c²). With a fillet, the
    same or the unmelted sphere standing on its bond line, whichever is farther; or the unmelted sphere less its dip.
    """
    truncated = sqrt(max(0.0, (ball.diameter / 2) ** 2 - (contact.diameter / 2) ** 2))
    if ball.truncated or contact.fillet is None:
        return truncated
    if contact.dip > 0.0:
        return unmelted_radius(ball, contact) - contact.dip
    return max(unmelted_radius(ball, contact) + contact.bond_line, truncated)


def cylinder_height(package: Package) -> float:
    """Return the height of the cylinder: the second layer less the interconnect [mm]; 0 without cylinder."""
    if package.second_layer is None:
        return 0.0
    return package.second_layer.thickness - package.interconnect.thickness


def joint_height(package: Package) -> float:
    """Return H, from the chip's lower to the board's upper face [mm]."""
    ball = package.ball
    return (
        package.first_layer.thickness
        + package.interconnect.thickness
        + cylinder_height(package)
        + contact_distance(ball, ball.cylinder_side)
        + contact_distance(ball, ball.land_side)
        + package.land.thickness
    )


def mirror_symmetries(array: Array) -> tuple[bool, bool]:
    """Return whether the array is its own mirror image in x and in y.

    Chip, board and their materials are symmetric about both axes by construction; the map decides.
    """
    places = {(joint.row, joint.column) for joint in array.joints}
    rows, columns = array.rows, array.columns
    in_x = all((row, columns + 1 - column) in places for row, column in places)
    in_y = all((rows + 1 - row, column) in places for row, column in places)
    return in_x, in_y


def symmetries(package: Package) -> Symmetries:
    """Return the mirror planes that ball map, outlines and materials have together.

    The interconnect's lines and pads are left out: they are resolved in a single joint cell only.
    """
    in_x, in_y = mirror_symmetries(package.array)
    obstacles = [*diagonal_obstacles(package.array, package.chip, package.board), *uneven_materials(package)]
    return Symmetries(in_x, in_y, not obstacles)


def extent_of(package: Package) -> Extent:
    """Return the extent of a 3D model; where the file leaves it open, the smallest part with all symmetries."""
    return symmetries(package).smallest if package.model.extent == "auto" else package.model.extent


def diagonal_obstacles(array: Array, chip: Chip, board: Board) -> list[str]:
    """Return why map and outlines are not their own mirror image in the plane x = y; empty where they are."""
    halves = {(2 * joint.column - array.columns - 1, array.rows + 1 - 2 * joint.row) for joint in array.joints}
    found = [] if halves == {(y, x) for x, y in halves} else ["its map is not the same with x and y exchanged"]
    for name, part in (("chip", chip), ("board", board)):
        if not isclose(part.width, part.length, rel_tol=1e-9):
            found.append(f"its {name} is {part.width:.5g} mm × {part.length:.5g} mm")
    return found


def uneven_materials(package: Package) -> list[str]:
    """Return which materials are not their own mirror image in the plane x = y."""
    materials = dict.fromkeys(material for _, material, _, _ in material_uses(package))
    return [f"{one.name} is not alike along x and y" for one in materials if not _alike_along_x_and_y(one)]


def _alike_along_x_and_y(material: Material) -> bool:
    elasticity, expansion = material.elasticity, material.expansion
    if expansion.x != expansion.y:
        return False
    return isinstance(elasticity, Isotropic) or (elasticity.E_x, elasticity.nu_xz, elasticity.G_xz) == (
        elasticity.E_y,
        elasticity.nu_yz,
        elasticity.G_yz,
    )


def middle_row(array: Array) -> int:
    """Return the number of the row that a strip follows: in the middle, the upper one of two."""
    return (array.rows + 1) // 2


def strip_columns(array: Array) -> tuple[int, ...]:
    """Return the columns of the joints in a strip, from the centre to the right; none where it does not exist.

    The row must be its own mirror image in the plane x = 0, on which the neutral point lies.
    """
    columns = {joint.column for joint in array.joints if joint.row == middle_row(array)}
    if {array.columns + 1 - column for column in columns} != columns:
        return ()
    return tuple(sorted(column for column in columns if 2 * column > array.columns))
