"""Closed forms that every model is held against, each with its source.

Posts and balls as beams (`posts`), concentric bodies (`concentric`), bonded layers (`laminates`), chip and board
joined by a shear layer (`shear_lag`) and the strength of singular corners (`corners`). Units: mm, N, MPa, rad;
thermal loads enter as free strains [-].
"""

from fem_wlp.limits.concentric import (
    ConcentricCylinders,
    ConcentricSpheres,
    concentric_cylinders,
    concentric_spheres,
    confined_expansion,
    confined_modulus,
)
from fem_wlp.limits.corners import dundurs_parameters, singular_exponents
from fem_wlp.limits.laminates import Laminate, bimetal_curvature, layered_plate, stoney_stress
from fem_wlp.limits.posts import (
    GuidedBeam,
    Sections,
    annuli_sections,
    axial_stiffness,
    ball_sections,
    bonded_disc_factor,
    bulk_modulus,
    circular_pad_give,
    cowper_coefficient,
    cylinder_sections,
    gauss_points,
    gent_lindley_factor,
    guided_beam,
    guided_post_stiffness,
    shape_factor,
    shear_modulus,
    stack_sections,
)
from fem_wlp.limits.shear_lag import (
    LagState,
    Plate,
    bending_compliance,
    bent_disc,
    bent_strip,
    disc_decoupling,
    foundation,
    scaled_bessel,
    strip_decoupling,
    strip_lag,
    two_springs,
)

__all__ = [
    "ConcentricCylinders",
    "ConcentricSpheres",
    "GuidedBeam",
    "LagState",
    "Laminate",
    "Plate",
    "Sections",
    "annuli_sections",
    "axial_stiffness",
    "ball_sections",
    "bending_compliance",
    "bent_disc",
    "bent_strip",
    "bimetal_curvature",
    "bonded_disc_factor",
    "bulk_modulus",
    "circular_pad_give",
    "concentric_cylinders",
    "concentric_spheres",
    "confined_expansion",
    "confined_modulus",
    "cowper_coefficient",
    "cylinder_sections",
    "disc_decoupling",
    "dundurs_parameters",
    "foundation",
    "gauss_points",
    "gent_lindley_factor",
    "guided_beam",
    "guided_post_stiffness",
    "layered_plate",
    "scaled_bessel",
    "shape_factor",
    "shear_modulus",
    "singular_exponents",
    "stack_sections",
    "stoney_stress",
    "strip_decoupling",
    "strip_lag",
    "two_springs",
]
