"""A package on finer and finer meshes: what its figures converge to, how fast, and whether a solve states its error.

Two families of meshes make up a 2D model, and each converges in its own way: the joint cell, graded towards its
singular corners, and chip and board. At level k the elements of the cell are divided by k, those of chip and board by
(1 + k)/2, along, across and through the thickness: they begin nearer to their limit, and cost more.
The levels of one are solved with the finest of the other, so that each shows its own order, and what both leave adds
up; the levels of both together are listed beside. A 3D model has one family, the array.

Not refined are what is no mesh: the harmonics 0, 1 and 2 of the joint cell, its radius, the means that join it with
the plates. Their error is told by the comparison with a resolved array.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits

from ..array.forecast import array_forecast
from ..decoupling import critical_joint, decoupling_figures
from ..environment import require_memory
from ..errors import ConfigError
from ..joint.condense import cell_model
from ..joint.forecast import forecast, plate_planes, require_fitting
from ..joint.section import cell_section, grading_of
from ..mesh.plates import PlateMesh
from ..package.model import Package
from ..package.sheared import refuse_one_joint
from ..results import DiscretisationError, JointResult, Result, plain
from .answer import joint_of, joint_result, pad_to_pad, warpage_of
from .clock import Clock
from .convergence import FIGURE, FORCE, Convergence, Family, compared, quantity_of
from .corners import Corner, singular_corners
from .critical import chip_stress, critical_joint_of
from .figures import figures
from .provenance import USUAL, program_facts
from .resolved import solve_resolved
from .response import PLATES, WORKERS, Cells, Surroundings, coldest, condensed_cells, respond, respond_cut, surroundings
from .trust import require_balance

FEWEST, MOST = 3, 6
"""Levels: an order needs three, and more than six nobody has the memory for [-]."""

MEGABYTES_OF_PLATES, SECONDS_OF_PLATES = 1.1e-3, 1.5e-8
# Of the factors of a quarter plate with n unknowns, times n^(4/3) and n^2: above what three plates of 7k to 51k took.

FINEST = 4.0
"""Largest fineness of a 3D model [-]."""

MEGABYTES_KEPT = 0.6
"""Share of a joint cell's memory that it keeps while the others are solved [-]."""

CELL = "The elements of the joint cell are divided by the level, those at its singular corners by its square."
PLATE = "The elements of chip and board are divided by (level + 1)/2: along, across and through the thickness."
ARRAY = "The hexahedra of the array are divided by the level, those at its singular lines by its square."

Progress = Callable[[str], None]


def converge(package: Package, levels: int = 3, progress: Progress | None = None) -> Convergence:
    """Solve a package on finer and finer meshes, and say what its figures converge to and how fast.

    Parameters
    ----------
    package
        What to solve; the first level is its own mesh, at the k-th all element lengths are divided by k, those of
        chip and board by (k + 1)/2.
    levels
        How many, 3 … 6 [-].
    progress
        Called with the name of each step when it begins.

    Returns
    -------
    Convergence

    Raises
    ------
    ConfigError
        C210: fewer than three levels, too many, or a 3D model whose last level is finer than 4. T103 and G130 as
        `solve`.
    ResourceError
        R301: less memory is left than the finest level was foretold to take.
    MeshError
        A joint that cannot be meshed.
    SolveError
        A certificate that isn't green.
    """
    require_levels(package, levels)
    factors = tuple(range(1, levels + 1))
    step = Clock(progress)
    _require_memory(package, levels)
    if package.model.kind == "3d":
        return _resolved(package, factors, step)
    with threadpool_limits(limits=1):
        return _condensed(package, factors, step)


def require_levels(package: Package, levels: int) -> None:
    """Check that so many levels can be made of a package, before anything else is done (C210)."""
    if not FEWEST <= levels <= MOST:
        raise ConfigError(
            "C210",
            f"an order is observed on {FEWEST} to {MOST} meshes",
            where="levels",
            value=str(levels),
            hint=f"--levels {FEWEST}; a finer first mesh is --fineness 2",
        )
    fineness = package.model.fineness
    if package.model.kind == "3d" and levels * fineness > FINEST:
        raise ConfigError(
            "C210",
            f"level {levels} would be of fineness {levels * fineness:g}, and {FINEST:g} is the finest",
            where="model.fineness",
            value=f"{fineness:g}",
            hint=f"--fineness {FINEST / levels:.2g}, or fewer levels",
        )


def _require_memory(package: Package, levels: int) -> None:
    """Check that all levels fit into the memory that is left, before anything is meshed (R301)."""
    if levels > FEWEST:
        hint = f"--levels {FEWEST} would take {_memory(package, FEWEST):.0f} MB"
        require_memory(1e6 * _memory(package, levels), hint=hint)
    require_fitting(lambda f: _memory(package.replace("model.fineness", f), levels), package.model.fineness)


def _memory(package: Package, levels: int) -> float:
    """Foretell the peak of the process [MB]: of a 3D model that of the finest mesh, else of the cells or the plates."""
    if package.model.kind == "3d":
        return array_forecast(package, finer=levels).memory
    levelled = [forecast(package, grading_of(package).refined(factor)) for factor in range(1, levels + 1)]
    first, last = levelled[0], levelled[-1]
    kept = MEGABYTES_KEPT * sum(each.cells for each in levelled[:-1])
    plates = MEGABYTES_OF_PLATES * float(max(plate_unknowns(package, levels)) ** (4.0 / 3.0))
    return max(last.memory + kept, first.memory - first.plates + plates)


@dataclass(frozen=True)
class LevelsForecast:
    """Peak of the process [MB] and wall time [s] of all levels."""

    memory: float
    seconds: float

    def __str__(self) -> str:
        return f"Foretold: {self.memory:.0f} MB, {max(1.0, self.seconds / 60.0):.0f} min"


def levels_forecast(package: Package, levels: int = FEWEST) -> LevelsForecast:
    """Foretell what `converge` takes, before anything is meshed."""
    factors = range(1, levels + 1)
    if package.model.kind == "3d":
        seconds = sum(array_forecast(package, finer=factor).seconds for factor in factors)
    else:
        seconds = sum(forecast(package, grading_of(package).refined(factor)).seconds for factor in factors)
        seconds += SECONDS_OF_PLATES * sum(n**2 for factor in factors for n in plate_unknowns(package, factor))
    return LevelsForecast(_memory(package, levels), seconds)


def plate_unknowns(package: Package, level: int) -> tuple[float, float]:
    """Foretell the unknowns of a quarter of the chip and of the board, either half of their parities [-]."""
    chip, board = plate_planes(package, plates_of(level))
    return math.prod(chip), math.prod(board)


def plates_of(level: int) -> PlateMesh:
    """Return the mesh of chip and board of a level."""
    return PLATES.refined(plate_factor(level))


def plate_factor(level: int) -> float:
    """Return by how much the element lengths of chip and board are divided: less, their unknowns soon are too many."""
    return 0.5 * (level + 1)


def _condensed(package: Package, factors: tuple[int, ...], step: Clock) -> Convergence:
    step.begin("solve")
    joint = critical_joint(package.array.joints)
    stated = _stated_by_solve(package, joint)
    section, grading = cell_section(package), grading_of(package)
    plates = []
    for factor in factors:
        step.begin(f"plates, level {factor} of {len(factors)}")
        plates.append(surroundings(package, section, mesh=plates_of(factor)))
    cells = []
    for factor in factors:
        step.begin(f"joint cell, level {factor} of {len(factors)}")
        cells.append(condensed_cells(cell_model(section, grading.refined(factor)), package))
    step.begin("assembly")
    pairs = list(dict.fromkeys(_pairs(len(factors))))
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        solved = pool.map(lambda pair: _answers(package, cells[pair[0]], plates[pair[1]], joint), pairs)
        answers = dict(zip(pairs, solved, strict=True))
    last = len(factors) - 1
    runs = {
        "together": [answers[level, level] for level in range(len(factors))],
        "joint cell": [answers[level, last] for level in range(len(factors))],
        "plates": [answers[last, level] for level in range(len(factors))],
    }
    step.begin("singular corners")
    temperature = package.temperatures.points[coldest(package)]
    corners = singular_corners(section, cells[0].model.mesh, temperature)
    families = (
        Family("joint cell", CELL, tuple(each.model.space.size for each in cells), factors),
        Family(
            "plates",
            PLATE,
            tuple(each.chips[0].unknowns + each.boards[0].unknowns for each in plates),
            tuple(plate_factor(level) for level in factors),
        ),
    )
    return _convergence(package, factors, families, runs, stated, corners, step)


def _pairs(levels: int) -> list[tuple[int, int]]:
    """Return the levels of joint cell and plates to solve: together, and each with the finest of the other."""
    each, last = range(levels), levels - 1
    return [(level, level) for level in each] + [(level, last) for level in each] + [(last, level) for level in each]


def _answers(package: Package, cells: Cells, around: Surroundings, joint: int) -> dict[str, float]:
    """Return every quantity on one pair of meshes."""
    section = cells.model.section
    response = respond(around, package, section, cells.elements)
    free = respond_cut(around, package, cells.severed)
    require_balance(response)
    figure = float(decoupling_figures(response.shift, free.shift)[joint])
    local = critical_joint_of(package, cells, response, joint)
    motion, element = local.change(), cells.elements[-1]
    own = joint_result(package.array.joints[joint], response, free, joint, figure)
    return _flat(
        {
            "decoupling": {
                "figure": figure,
                "coupling": 1.0 - figure,
                "pad_to_pad": pad_to_pad(response, free, joint),
                "shift_budget": local.shift_budget(),
                "energy_budget": local.energy_budget(),
            },
            "critical_joint": {
                **_of_joint(own),
                # of its shear, moment and axial force, without what bare chip and board would store
                "energy": 0.5
                * float(
                    motion.x @ element.lateral @ motion.x
                    + motion.y @ element.lateral @ motion.y
                    + own.axial_force**2 / element.axial[3, 3]
                ),
                "chip_stress": chip_stress(cells, response, joint),
            },
            "joint": {"stiffness": plain(joint_of(cells).stiffness)},
            "interconnect": {"strain": local.interconnect_strain()},
            "parts": {"cylinder_shear_strain": local.cylinder_shear_strain(), "ball_stress": local.ball_stress()},
            "warpage": plain(warpage_of(response)),
        }
    )


def _of_joint(own: JointResult) -> dict[str, float]:
    return {
        "free": math.hypot(*own.free),
        "shift": math.hypot(*own.shift),
        "shear_force": math.hypot(*own.shear_force),
        "axial_force": own.axial_force,
        "moment": math.hypot(*own.moment),
    }


def _flat(tree: Mapping[str, Any], path: str = "") -> dict[str, float]:
    """Return all numbers of a tree by their paths; what is undefined is left out."""
    flat: dict[str, float] = {}
    for name, branch in tree.items():
        if isinstance(branch, Mapping):
            flat |= _flat(branch, f"{path}{name}.")
        elif branch is not None:
            flat[f"{path}{name}"] = float(branch)
    return flat


def _stated_by_solve(package: Package, joint: int) -> dict[str, tuple[float, float]]:
    """Return what `solve` answers and the error that it states, of D and of the critical joint's shear force."""
    force = [f"joints.{joint}.shear_force.{axis}" for axis in (0, 1)]
    errors = [f"certificates.discretisation_error.{name}" for name in ("figure", "shear_force")]
    found = figures(package, [FIGURE, *force, *errors])
    numbers = {key: value for key, value in found.items() if value is not None}
    return {
        FIGURE: (numbers[FIGURE], numbers[errors[0]]),
        FORCE: (math.hypot(*(numbers[key] for key in force)), numbers[errors[1]]),
    }


def _resolved(package: Package, factors: tuple[int, ...], step: Clock) -> Convergence:
    refuse_one_joint(package)
    results = []
    for factor in factors:
        name = f"level {factor} of {len(factors)}"
        step.begin(name)
        results.append(solve_resolved(package, _within(step, name), finer=factor))
    step.begin("singular corners")
    section = cell_section(package)
    temperature = package.temperatures.points[coldest(package)]
    corners = singular_corners(section, cell_model(section, grading_of(package)).mesh, temperature)
    one = results[0]
    error: DiscretisationError = one.certificates.discretisation_error
    values = [_of_result(result) for result in results]
    stated = {FIGURE: (one.decoupling.figure, error.figure), FORCE: (values[0][FORCE], error.shear_force)}
    family = Family("array", ARRAY, tuple(int(result.provenance["unknowns"]) for result in results), factors)
    return _convergence(package, factors, (family,), {"together": values, "array": values}, stated, corners, step)


def _within(step: Clock, name: str) -> Progress:
    """Tell the steps of one level as its progress."""

    def tell(inner: str) -> None:
        if step.progress is not None:
            step.progress(f"{name}: {inner}")

    return tell


def _of_result(result: Result) -> dict[str, float]:
    place = result.decoupling.critical_joint
    own = next(joint for joint in result.joints if (joint.row, joint.column) == (place.row, place.column))
    told = ("figure", "coupling", "pad_to_pad", "shift_budget", "energy_budget")
    return _flat(
        {
            "decoupling": {name: getattr(result.decoupling, name) for name in told},
            "critical_joint": _of_joint(own),
            "interconnect": plain(result.interconnect),
            "parts": plain(result.parts),
            "warpage": plain(result.warpage),
        }
    )


def _convergence(
    package: Package,
    factors: tuple[int, ...],
    families: tuple[Family, ...],
    runs: Mapping[str, Sequence[Mapping[str, float]]],
    stated: Mapping[str, tuple[float, float]],
    corners: tuple[Corner, ...],
    step: Clock,
) -> Convergence:
    names = [family.name for family in families]
    quantities = tuple(
        quantity_of(
            key,
            {family.name: family.sizes for family in families},
            tuple(level[key] for level in runs["together"]),
            {name: tuple(level[key] for level in runs[name]) for name in names},
            _scale(key, runs["together"][-1]),
        )
        for key in runs["together"][0]
    )
    by_key = {quantity.key: quantity for quantity in quantities}
    return Convergence(
        package,
        factors,
        families,
        quantities,
        tuple(
            compared(key, value, error, by_key[key].limit, relative=key == FORCE)
            for key, (value, error) in stated.items()
        ),
        corners,
        step.seconds(),
        program_facts(USUAL),
    )


def _scale(key: str, values: Mapping[str, float]) -> float:
    """Return what errors of a quantity are measured against: shares against 1, an axial force against the shear too."""
    if key.startswith(("decoupling.shift_budget", "decoupling.energy_budget")):
        return 1.0
    beside = values[FORCE] if key == "critical_joint.axial_force" else 0.0
    return max(abs(values[key]), beside) or 1.0
