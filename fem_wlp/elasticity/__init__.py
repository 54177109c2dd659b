"""Linear elasticity of bodies of revolution: the harmonic form and the solver of constrained systems."""
