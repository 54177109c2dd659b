"""Chip and board with all their joints: plates condensed once, joints put between them as often as asked."""

from fem_wlp.assembly.cells import Symmetry, bare_cells, edge_factors, joint_cells, symmetry_of
from fem_wlp.assembly.elements import Film, FilmElement, balanced, laminate_film, post_element
from fem_wlp.assembly.parity import COORDINATES
from fem_wlp.assembly.plate import (
    CondensedPlate,
    Plate,
    condense_plate,
    free_expansion,
    with_plate,
)
from fem_wlp.assembly.shape import Shape
from fem_wlp.assembly.solve import AssemblySolution, Certificates, assemble, severed
from fem_wlp.mesh.plates import PlateMesh

__all__ = [
    "COORDINATES",
    "AssemblySolution",
    "Certificates",
    "CondensedPlate",
    "Film",
    "FilmElement",
    "Plate",
    "PlateMesh",
    "Shape",
    "Symmetry",
    "assemble",
    "balanced",
    "bare_cells",
    "condense_plate",
    "edge_factors",
    "free_expansion",
    "joint_cells",
    "laminate_film",
    "post_element",
    "severed",
    "symmetry_of",
    "with_plate",
]
