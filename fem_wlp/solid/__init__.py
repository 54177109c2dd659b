"""Three-dimensional elasticity: quadratic elements, their operators, and solvers from small to a million unknowns."""

DIRECT_BELOW = 30_000
"""Unknowns up to which a direct solution takes no more than four seconds, whatever the materials [-]."""

DIRECT_WHERE_SLOW = 200_000
"""Unknowns up to which what hardly converges is solved directly, where the factors fit into memory [-]."""

MEGABYTES_OF_FACTORS = 0.011
"""Of an unknown that is solved directly, at most: measured from 15k to 55k unknowns."""
