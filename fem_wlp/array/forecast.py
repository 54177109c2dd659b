"""What solving a resolved array will take, foretold before anything is meshed."""

from __future__ import annotations

from dataclasses import dataclass

from ..joint.forecast import require_fitting
from ..joint.section import joint_section
from ..package.geometry import extent_of
from ..package.model import Package
from .blocks import Fineness
from .layout import array_size

MEGABYTES_AT_REST, MEGABYTES_AN_UNKNOWN = 220.0, 0.0045
SECONDS_AT_REST, SECONDS_AN_UNKNOWN = 8.0, 2.0e-4
# Fitted to whole runs on two cores of 2.5 GHz.

MEGABYTES_KEPT, MEGABYTES_SHARED = 0.003, 0.005
# An unknown, across processes: by the first of them, and by all together. Measured 0.0022 and 0.0035 at 120k unknowns.


@dataclass(frozen=True)
class ArrayForecast:
    """Size and cost of a solve.

    Parameters
    ----------
    extent
        Part of the array that is meshed.
    elements
        Hexahedra of the fine mesh [-].
    unknowns
        Of the fine mesh [-].
    memory
        Peak of the process [MB].
    seconds
        Wall time on two cores [s].
    """

    extent: str
    elements: int
    unknowns: int
    memory: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"Foretold in 3D, {self.extent}: {self.elements} elements, {self.unknowns} unknowns, "
            f"{self.memory:.0f} MB, {self.seconds:.0f} s"
        )


def array_forecast(package: Package, fineness: float | None = None) -> ArrayForecast:
    """Foretell elements, unknowns, memory and seconds of a resolved solve; elements and unknowns exactly.

    Parameters
    ----------
    package
        What would be solved.
    fineness
        Element sizes are divided by it [-]; None: the package's own.

    Raises
    ------
    ConfigError
        G138: the package does not have the symmetry that the extent needs.
    MeshError
        E407, E409, E410: a joint that cannot be meshed.
    """
    extent = extent_of(package)
    sizes = Fineness().refined(package.model.fineness if fineness is None else fineness)
    elements, nodes = array_size(package, joint_section(package), extent, sizes)
    unknowns = 3 * nodes
    return ArrayForecast(
        extent,
        elements,
        unknowns,
        MEGABYTES_AT_REST + MEGABYTES_AN_UNKNOWN * unknowns,
        SECONDS_AT_REST + SECONDS_AN_UNKNOWN * unknowns,
    )


def require_array_memory(package: Package, processes: int = 1, here: int = 1) -> None:
    """Check that a resolved solve fits into the memory that is left, before anything is meshed.

    Parameters
    ----------
    package
        What would be solved.
    processes
        That share its systems [-].
    here
        Of these, on this machine, the first among them [-].

    Raises
    ------
    ResourceError
        R301, with the fineness that would fit.
    """

    def memory(fineness: float) -> float:
        forecast = array_forecast(package, fineness)
        if processes == 1:
            return forecast.memory
        shared = MEGABYTES_KEPT + MEGABYTES_SHARED * here / processes
        return MEGABYTES_AT_REST * here + shared * forecast.unknowns

    require_fitting(memory, package.model.fineness)
