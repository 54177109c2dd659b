"""What making a reduced model will take, foretold before anything is meshed."""

from __future__ import annotations

from ..joint.forecast import forecast, require_fitting
from ..joint.section import grading_of
from ..package.model import Package

MEGABYTES_AT_REST, MEGABYTES_AN_UNKNOWN, MEGABYTES_A_JOINT_SQUARED = 280.0, 0.085, 0.1
# Fitted to whole runs of sweep, design and map, reports included: benchmarks/memory.py.

ALONE = 0.35
"""Share of the unknowns' memory where there is one thickness, and not two side by side [-]."""


def reduced_memory(package: Package, thicknesses: int, fineness: float | None = None) -> float:
    """Foretell the peak of a process that makes a `ReducedPackage` [MB].

    Parameters
    ----------
    package
        Of which it is made.
    thicknesses
        At which the joint is condensed [-].
    fineness
        Of its mesh [-]; None: the package's own.
    """
    finer = 1.0 if fineness is None else fineness / package.model.fineness
    size = forecast(package, grading_of(package).refined(finer))
    share = 1.0 if thicknesses > 1 else ALONE
    cells = share * MEGABYTES_AN_UNKNOWN * size.unknowns
    return MEGABYTES_AT_REST + cells + MEGABYTES_A_JOINT_SQUARED * size.joints**2 + size.plates


def require_reduced_memory(package: Package, thicknesses: int) -> None:
    """Check that making a reduced model fits into the memory that is left, before anything is meshed.

    Raises
    ------
    ResourceError
        R301, with the fineness that would fit.
    """
    require_fitting(lambda fineness: reduced_memory(package, thicknesses, fineness), package.model.fineness)
