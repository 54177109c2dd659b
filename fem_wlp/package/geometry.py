"""How the ball stands between chip and board: what follows from the diameters of the file.

A solder ball melts and wets both faces: it is a sphere cut by two planes (*truncated*). What does not melt stays a
whole sphere: it stands on its bond line, or dips into the cylinder, and a *fillet* (adhesive, or the melted outer coat)
makes the contact, a cone from the contact circle tangent to the sphere.
"""

from __future__ import annotations

from math import sqrt

from fem_wlp.package.model import Array, Ball, Contact, Package


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
