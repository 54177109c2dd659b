"""What solving a resolved array will take, foretold before anything is meshed."""

from __future__ import annotations

from dataclasses import dataclass

from ..joint.forecast import require_fitting
from ..joint.section import joint_section
from ..package.geometry import extent_of
from ..package.model import Package
from ..solid import DIRECT_BELOW, MEGABYTES_OF_FACTORS
from .blocks import Fineness
from .layout import array_size
from .lead import lead_of

MEGABYTES_AT_REST, MEGABYTES_AN_UNKNOWN, MEGABYTES_A_MATRIX = 600.0, 5.0e-4, 0.155
SECONDS_AT_REST, SECONDS_AN_UNKNOWN, SECONDS_A_MATRIX = 3.0, 3.0e-5, 0.0117
# All but what is taken at rest once a temperature. Fitted to nine whole runs from 20k to 1M unknowns with one thread of
# 2.5 GHz: memory within 15 %, seconds within 25 %. These took 480 MB at rest, up to 220 MB more with a report.

FINEST_COUNTED = 2.0
"""Of a cell with its line, which has to be meshed to be counted [-]."""

FINER = 1.5
"""Power of the fineness with which the elements of such a cell grow in section, those around it apart: 1.2 to 2.1 were
counted up to a fineness of 4 [-]."""

MEGABYTES_OF_OTHERS, MEGABYTES_SHARED = 280.0, 0.012
# Of each process but the first at rest, and an unknown by all together: measured at 7k and 86k unknowns.

MEGABYTES_OF_HISTORY, TIMES_OF_HISTORY = 1.0e-4, 2.2
# Of a package with a process: displacements of every element's nodes, an unknown, four copies at most; and seconds, as
# against one step: measured at 10k and 16k unknowns.


@dataclass(frozen=True)
class ArrayForecast:
    """Size and cost of a solve.

    Parameters
    ----------
    extent
        Part of the array that is meshed.
    elements
        Hexahedra of the fine mesh [-].
    distinct
        Of these, such that are no copies of others: each has a matrix [-].
    unknowns
        Of the fine mesh [-].
    memory
        Peak of the process [MB].
    seconds
        Of one processor [s].
    """

    extent: str
    elements: int
    distinct: int
    unknowns: int
    memory: float
    seconds: float

    @property
    def alone(self) -> float:
        """Peak of a process that draws no report [MB]: hardly less, there is no second one."""
        return self.memory

    def __str__(self) -> str:
        return (
            f"Foretold in 3D, {self.extent}: {self.elements} elements, {self.unknowns} unknowns, "
            f"{self.memory:.0f} MB, {self.seconds:.0f} s"
        )


def array_forecast(package: Package, fineness: float | None = None, finer: float = 1.0) -> ArrayForecast:
    """Foretell what a resolved solve takes; elements and unknowns exactly, memory and seconds from these.

    Only the counts of a cell with its line, beyond a fineness of 2, are told to a quarter.

    Parameters
    ----------
    package
        What would be solved.
    fineness
        Element sizes are divided by it [-]; None: the package's own.
    finer
        How much finer another mesh of the same family is [-].

    Raises
    ------
    ConfigError
        G138: the package does not have the symmetry that the extent needs.
    MeshError
        E407, E409, E410: a joint that cannot be meshed.
    """
    extent, section = extent_of(package), joint_section(package)
    own = package.model.fineness if fineness is None else fineness
    asked = counted = own * finer
    if extent == "cell" and lead_of(package, section) is not None:
        counted = min(asked, FINEST_COUNTED)
    mesh, wanted = Fineness.of(own, counted / own), Fineness.of(own, finer)
    times = (asked / counted) ** FINER * (wanted.around / mesh.around) ** 2
    elements, distinct, nodes = (round(count * times) for count in array_size(package, section, extent, mesh))
    unknowns, states = 3 * nodes, len(package.temperatures.points)
    history, longer = (MEGABYTES_OF_HISTORY * unknowns, TIMES_OF_HISTORY) if package.process else (0.0, 1.0)
    factors = MEGABYTES_OF_FACTORS * min(unknowns, DIRECT_BELOW)
    memory = MEGABYTES_AT_REST + states * (MEGABYTES_AN_UNKNOWN * unknowns + MEGABYTES_A_MATRIX * distinct)
    return ArrayForecast(
        extent,
        elements,
        distinct,
        unknowns,
        memory + history + factors,
        SECONDS_AT_REST + longer * states * (SECONDS_AN_UNKNOWN * unknowns + SECONDS_A_MATRIX * distinct),
    )


def require_array_memory(package: Package, processes: int = 1, here: int = 1, finer: float = 1.0) -> None:
    """Check that a resolved solve fits into the memory that is left, before anything is meshed.

    Parameters
    ----------
    package
        What would be solved.
    processes
        That share its systems [-].
    here
        Of these, on this machine, the first among them [-].
    finer
        How much finer than the package's own its mesh is [-].

    Raises
    ------
    ResourceError
        R301, with the fineness that would fit.
    """

    def memory(fineness: float) -> float:
        forecast = array_forecast(package, fineness, finer)
        if processes == 1:
            return forecast.memory
        shared = MEGABYTES_SHARED * forecast.unknowns * here / processes
        return forecast.memory + MEGABYTES_OF_OTHERS * (here - 1) + shared

    require_fitting(memory, package.model.fineness)
