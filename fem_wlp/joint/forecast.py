"""What a solve will take, foretold from the package before anything is meshed."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ..environment import available_memory, require_memory
from ..mesh.outline import VOID, HalfDisc, Outline, Painted, extent
from ..mesh.plates import PlateMesh
from ..mesh.section import Grading, element_size
from ..package.geometry import mirror_symmetries
from ..package.model import Board, Chip, Package
from .section import DECIMALS, REACH, cell_section, grading_of

TRIANGLE = 0.43
"""Area of an equilateral triangle of unit side [-]."""

NODES_A_TRIANGLE = 2.1
"""Nodes of a mesh of six-node triangles for each triangle, its borders included [-]."""

TRIANGLES_A_REGION, TRIANGLES_FOR_SHARPNESS = 140, 60
"""Triangles that grading towards its corners adds to a region, at the default grading; and for a sharpness of e [-]."""

MEGABYTES_AT_REST, MEGABYTES_AN_UNKNOWN, MEGABYTES_A_JOINT_SQUARED = 300.0, 0.028, 0.038
SECONDS_AT_REST, SECONDS_AN_UNKNOWN, SECONDS_A_JOINT_SQUARED = 5.0, 2.0e-4, 1.2e-3
MEGABYTES_OF_A_PROCESS, SECONDS_OF_A_PROCESS = 0.014, 1.5e-4  # an unknown
# Fitted to whole runs on two cores of 2.5 GHz with both temperatures of a cycle, report and second process included:
# benchmarks/memory.py.

MEGABYTES_BESIDE = 200.0
"""What these two take of it, about."""

BYTES_A_PLANE_SQUARED, BYTES_AN_UNKNOWN, BYTES_A_LOAD_ON_AN_UNKNOWN = 24.0, 7e3, 8.0
"""Of a quarter plate: of the factors of each mesh plane; of what is read there; of its displacement by one load."""

SECONDS_A_PLANE_CUBED = 0.9e-9
"""Of the factors of each mesh plane of chip or board, both halves of the parities, with their displacements [s]."""

LOADS_A_JOINT = 6
"""Generalised forces of a joint on chip or board in half of the parities [-]."""

COARSEST, STEP = 0.25, 0.05
"""Least fineness, and steps in which one that fits is looked for [-]."""


@dataclass(frozen=True)
class Forecast:
    """Size and cost of a solve.

    Parameters
    ----------
    unknowns
        Of the joint cell on the fine mesh [-].
    joints
        Joints that are resolved in the assembly, one for all its mirror images [-].
    memory
        Peak of the process, with a second one beside it [MB].
    plates
        Of that, what one plate takes, chip or board [MB].
    seconds
        Wall time on two cores [s].
    """

    unknowns: int
    joints: int
    memory: float
    plates: float
    seconds: float

    @property
    def alone(self) -> float:
        """Peak of a process that draws no report and has no second one beside it [MB]."""
        return self.memory - MEGABYTES_BESIDE

    @property
    def cells(self) -> float:
        """Of the memory, what the joint cell and the assembly take [MB]."""
        return self.memory - self.plates - MEGABYTES_AT_REST

    def __str__(self) -> str:
        return (
            f"Foretold: {self.unknowns} unknowns in the joint cell, {self.joints} joints in the assembly, "
            f"{self.memory:.0f} MB, {self.seconds:.0f} s"
        )


def forecast(package: Package, grading: Grading | None = None) -> Forecast:
    """Foretell unknowns, memory and seconds of `fem_wlp.solve` from areas and perimeters of the joint's parts.

    Parameters
    ----------
    package
        What would be solved.
    grading
        Element sizes; None: those of the package's own fineness.
    """
    grading = grading or grading_of(package)
    painting = [item for item in cell_section(package).painting if item.name != VOID]
    largest = grading.largest * extent(painting)
    triangles = sum(_triangles(item, below, grading, largest) for item, below in _with_next(painting))
    corners = len({item.name for item in painting}) * _at_corners(grading)
    unknowns = int(3 * NODES_A_TRIANGLE * (triangles + corners))
    joints = _resolved_joints(package)
    plates = plate_planes(package, PlateMesh())
    condensing = max(_megabytes(plate, joints) for plate in plates)
    factoring = sum(SECONDS_A_PLANE_CUBED * planes * plane**3 for plane, planes in plates)
    made = unknowns if package.process else 0
    cells = MEGABYTES_AN_UNKNOWN * unknowns + MEGABYTES_OF_A_PROCESS * made + MEGABYTES_A_JOINT_SQUARED * joints**2
    solving = SECONDS_AN_UNKNOWN * unknowns + SECONDS_OF_A_PROCESS * made + SECONDS_A_JOINT_SQUARED * joints**2
    return Forecast(
        unknowns,
        joints,
        memory=MEGABYTES_AT_REST + cells + condensing,
        plates=condensing,
        seconds=SECONDS_AT_REST + solving + factoring,
    )


def plate_planes(package: Package, mesh: PlateMesh) -> tuple[tuple[float, float], tuple[float, float]]:
    """Foretell the unknowns of a mesh plane, and the mesh planes, of a quarter of chip and board.

    In either half of their parities, across that of x and y along which there are more planes [-].
    """
    chip, board = (_plane(package, plate, mesh) for plate in (package.chip, package.board))
    return chip, board


def _plane(package: Package, plate: Chip | Board, mesh: PlateMesh) -> tuple[float, float]:
    pitch, array = package.array.pitch, package.array
    growth = mesh.growth_loaded if isinstance(plate, Chip) else mesh.growth
    size, nodes = mesh.size(plate.thickness, pitch), []
    for end, joints in ((plate.width / 2, array.columns), (plate.length / 2, array.rows)):
        inside = min(end, joints * pitch / 2)
        outside = math.log1p(math.log(growth) * (end - inside) / size) / math.log(growth)
        nodes.append(2.0 * math.ceil(inside / size - 1e-9) + 2.0 * outside + 1.0)
    # the end of the band of the means is a mesh line, and so is its mirror image
    depth = min(plate.thickness, REACH * pitch)
    ends = (plate.thickness / 2, depth - plate.thickness / 2)
    lines = sorted({round(sign * end, DECIMALS) for sign in (-1, 1) for end in ends})
    layers = sum(mesh.layers((above - below for below, above in itertools.pairwise(lines)), depth))
    return 1.5 * min(nodes) * (2.0 * layers + 1.0), max(nodes)


def _megabytes(plate: tuple[float, float], joints: int) -> float:
    """Memory of one plate, whose parities are solved one after the other [MB]."""
    plane, planes = plate
    of_unknown = BYTES_AN_UNKNOWN + BYTES_A_LOAD_ON_AN_UNKNOWN * LOADS_A_JOINT * joints
    return 1e-6 * planes * (BYTES_A_PLANE_SQUARED * plane**2 + of_unknown * plane)


def require_fitting(memory_at: Callable[[float], float], fineness: float) -> None:
    """Check that a solve fits into the memory that is left, before anything is meshed.

    Parameters
    ----------
    memory_at
        Fineness → peak of the process [MB], rising on the whole.
    fineness
        What is to be solved [-].

    Raises
    ------
    ResourceError
        R301, with the fineness that would fit.
    """
    memory_at = cache(memory_at)
    finest = _finest_that_fits(memory_at, fineness, available_memory() / 1e6)
    fits, needed = f"model.fineness = {finest:g} (--fineness {finest:g})", memory_at(finest)
    hint = f"{fits} would take {needed:.0f} MB; or end other programs"
    if 1e6 * needed > available_memory():
        hint = f"not even {fits} fits: it would take {needed:.0f} MB; end other programs, or take a larger machine"
    require_memory(1e6 * memory_at(fineness), hint=hint)


def _finest_that_fits(memory_at: Callable[[float], float], fineness: float, left: float) -> float:
    """Return the largest fineness below another, in steps of `STEP`, that takes no more than is left [MB]."""
    count = max(1, math.ceil((fineness - COARSEST) / STEP - 1e-9))
    steps = [COARSEST + STEP * number for number in range(count)]
    return round(steps[max(bisect_right(steps, left, key=memory_at) - 1, 0)], 2)


def _with_next(painting: list[Painted]) -> list[tuple[Painted, Outline | None]]:
    """Each region with the outline painted right over it, which makes a ring of all half discs but the last."""
    return [
        (item, painting[number + 1].outline if number + 1 < len(painting) else None)
        for number, item in enumerate(painting)
    ]


def _triangles(item: Painted, over: Outline | None, grading: Grading, largest: float) -> float:
    outline = item.outline
    if isinstance(outline, HalfDisc):
        inner = over.radius if isinstance(over, HalfDisc) else 0.0
        area = 0.5 * math.pi * (outline.radius**2 - inner**2)
        perimeter = math.pi * (outline.radius + inner) + 2.0 * (outline.radius - inner)
    else:
        corners = outline.corners
        sides = list(zip(corners, corners[1:] + corners[:1], strict=True))
        area = 0.5 * abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in sides))
        perimeter = sum(math.dist(a, b) for a, b in sides)
    size = min(largest, element_size(area, perimeter, grading))
    return max(area / (TRIANGLE * size**2), perimeter / size)


def _at_corners(grading: Grading) -> float:
    """Triangles that grading towards corners adds to each region."""
    finer = Grading().growth / grading.growth
    return TRIANGLES_A_REGION * math.pow(finer, 1.7) + TRIANGLES_FOR_SHARPNESS * math.log(grading.sharpness)


def _resolved_joints(package: Package) -> int:
    """Joints in the quarter, half or whole of the array that is assembled."""
    in_x, in_y = mirror_symmetries(package.array)
    whole = package.model.symmetry == "whole"
    return sum(
        (whole or not in_x or 2 * joint.column <= package.array.columns + 1)
        and (whole or not in_y or 2 * joint.row <= package.array.rows + 1)
        for joint in package.array.joints
    )
