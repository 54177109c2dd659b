"""Three-dimensional elasticity: quadratic elements, their operators, and solvers from small to a million unknowns."""

DIRECT_BELOW = 30_000
"""Unknowns up to which a direct solution takes no more than four seconds, whatever the materials [-]."""
