"""The package that another is compared with."""

from fem_wlp.materials.library import material
from fem_wlp.package.model import Contact, Package

SOLDER = "SAC305"
"""What a conventional ball is made of."""

WIDEST_CONTACT = 0.98
"""Largest contact of a conventional ball, as a share of its diameter: it is never cut at its equator [-]."""


def reference_package(package: Package) -> Package | None:
    """Return the package that a reduction of forces is counted against.

    The one that the file names; else the conventional package: no second layer, no cylinder, no fillets, and one solid
    solder ball of the same outer diameter, cut off by the base region's opening and the land; of a process, the
    temperatures that it implies remain. None for a package that
    has neither second layer nor cylinder: it is its own reference.
    """
    if package.reference is not None:
        return package.reference
    if package.opening is None:
        return None
    ball = package.ball
    widest = WIDEST_CONTACT * ball.diameter

    def plain(contact: Contact, diameter: float) -> Contact:
        return contact.model_copy(update={"diameter": min(diameter, widest), "fillet": None, "dip": 0.0})

    solid = ball.model_copy(
        update={
            "material": material(SOLDER),
            "coats": (),
            "truncated": True,
            "cylinder_side": plain(ball.cylinder_side, package.opening.diameter),
            "land_side": plain(ball.land_side, package.land.diameter),
        }
    )
    conventional = {"second_layer": None, "opening": None, "cylinder": None, "process": (), "wafer": None}
    return package.model_copy(update={**conventional, "ball": solid})
