"""Three-dimensional elasticity: quadratic elements, their operators, and solvers from small to a million unknowns."""
