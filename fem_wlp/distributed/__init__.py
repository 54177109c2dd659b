"""One system across many processes and machines: scikit-fem's decomposition, PETSc, MPI. An extra of its own."""
