"""Everything that was solved for a package, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..joint.condense import cell_model
from ..joint.section import cell_section
from ..mesh.section import Grading
from ..package.model import Package
from ..package.reference import reference_package
from ..results import Curve, ProcessResult
from .response import Answer, Cells, Response, Surroundings, condensed_cells, respond, respond_cut, surroundings


@dataclass(frozen=True)
class Reference:
    """The reference package: its response, its figures, its cell on the coarse mesh."""

    package: Package
    response: Response
    free: Response
    rough: Cells


class Solved(Protocol):
    """What a decoupling figure is made of."""

    @property
    def package(self) -> Package:
        """What was solved."""
        ...

    @property
    def around(self) -> Surroundings:
        """What stands round its joints."""
        ...

    @property
    def response(self) -> Response:
        """The assembly's answer."""
        ...

    @property
    def free(self) -> Response:
        """That with all joints severed."""
        ...


@dataclass(frozen=True)
class Meshes:
    """The same on several meshes, for what it is compared with.

    Parameters
    ----------
    fine, rough, sketch
        On the joint cell's mesh, on one half as fine, and on one a quarter as fine.
    rough_plates
        On the rough one, with rougher meshes of chip and board.
    """

    fine: Answer
    rough: Answer
    sketch: Answer
    rough_plates: Answer


@dataclass(frozen=True)
class Findings:
    """All that a result is made of.

    Parameters
    ----------
    package, around
        What was solved, and what stands round its joints.
    cells, rough
        The joint on the fine and on the coarse mesh.
    response, free
        The assembly with the fine mesh, and the same with joints severed at their lands.
    meshes
        Both on other meshes; of a package with a process, from its temperatures of birth alone.
    rigid
        With rigid joints.
    reference
        The reference package; None where the package is its own.
    curves
        D against the parameters that a designer selects.
    made
        How its process made the package; None without a process.
    """

    package: Package
    around: Surroundings
    cells: Cells
    rough: Cells
    response: Response
    free: Response
    meshes: Meshes
    rigid: Response
    reference: Reference | None
    curves: tuple[Curve, ...]
    made: ProcessResult | None = None


def solved_reference(package: Package, around: Surroundings, grading: Grading) -> Reference | None:
    """Solve the reference package on one mesh; None where the package is its own reference."""
    other = reference_package(package)
    if other is None:
        return None
    section = cell_section(other)
    same_plates = other.chip == package.chip and other.board == package.board and other.array == package.array
    if not (same_plates and other.temperatures == package.temperatures):
        around = surroundings(other, section)
    model = cell_model(section, grading)
    rough = condensed_cells(model, other)
    response = respond(around, other, section, rough.elements)
    return Reference(other, response, respond_cut(around, other, rough.severed), rough)
