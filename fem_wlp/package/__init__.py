"""The package: a chip, its layers and joints, a board, as an engineer writes them in a file."""
