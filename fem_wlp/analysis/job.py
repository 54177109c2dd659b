"""The main job: from a package to its decoupling figure, by joint cell and assembly.

    package -> section -> cell (fine and coarse mesh) -> elements -> assembly -> figures, budgets, local field

Elements are condensed at every service temperature; chip and board are condensed once. The fine mesh carries what is
reported; the coarse one answers what needs many variants: rigid joints, the reference package, the curves. It also
estimates the error, with a third mesh that is half as fine again, and with rougher plates.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from ..beside import begin
from ..joint.condense import cell_model
from ..joint.forecast import forecast, require_fitting
from ..joint.own_section import read_own_section
from ..joint.section import FINE, cell_section, grading_of
from ..mesh.plates import PlateMesh
from ..mesh.section import Grading
from ..package.model import Package
from ..package.reference import reference_package
from ..package.sheared import refuse_one_joint
from ..results import Result
from .answer import result_of
from .clock import Clock
from .curves import curves_of
from .findings import Findings, Meshes, solved_reference
from .making import with_process
from .provenance import on_own_mesh
from .response import (
    PLATES,
    ROUGH_PLATES,
    WORKERS,
    Surroundings,
    answered,
    condensed_cells,
    on_rough_cell,
    respond_rigid,
    surroundings,
)

COARSE = FINE.refined(0.5)
"""Mesh of the error estimate and of the variants."""


SKETCH = 0.3
"""Fineness of the curves' mesh, which is blunt at singular points, relative to the fine one [-]."""

OWN_MESH = "The joint cell was solved on the mesh {}; the error is its difference from the program's coarse mesh."
"""Note of a result on a user's mesh."""


def solve(
    package: Package,
    progress: Callable[[str], None] | None = None,
    grading: Grading | None = None,
    mesh: Path | None = None,
    beside: Executor | None = None,
) -> Result:
    """Solve a package: its decoupling figure, why it is what it is, and how far to trust it.

    Parameters
    ----------
    package
        What to solve.
    progress
        Called with the name of each step when it begins.
    grading
        Element sizes of the joint cell; None: those of the package's own fineness.
    mesh
        Gmsh's file of the joint's half section, on which the cell is solved instead of the program's fine mesh. The
        coarse one, which answers variants and estimates the error, is the program's all the same.
    beside
        A second process, to share the work with (`fem_wlp.beside.second_process`); by default this one does it all.

    Returns
    -------
    Result

    Raises
    ------
    ConfigError
        Nothing to decouple (T103), or a single joint, which has no figure (G130).
    ResourceError
        R301: less memory is left than the solve was foretold to take.
    MeshError
        A joint that cannot be meshed, or a mesh of the user's that cannot be read or does not fit the package.
    SolveError
        A certificate that isn't green: nothing is returned then.
    """
    refuse_one_joint(package)
    sizes = grading or grading_of(package)
    fineness = package.model.fineness
    require_fitting(lambda other: forecast(package, sizes.refined(other / fineness)).memory, fineness)
    # many small systems side by side: threads inside the linear algebra would only wait for each other
    with threadpool_limits(limits=1):
        return _solve(package, Clock(progress), sizes, mesh, beside)


def _solve(package: Package, step: Clock, grading: Grading, mesh: Path | None, beside: Executor | None) -> Result:
    step.begin("mesh")
    section = cell_section(package)
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:

        def plates(divided: PlateMesh) -> Callable[[], Surroundings]:
            if beside:
                return begin(beside, surroundings, package, section, mesh=divided)
            return pool.submit(surroundings, package, section, mesh=divided).result

        condensed_plates, rough_plates = plates(PLATES), plates(ROUGH_PLATES)
        fine = cell_model(section, grading) if mesh is None else read_own_section(section, mesh)
        coarse, sketch = (cell_model(section, grading.refined(share)) for share in (0.5, 0.25))
        step.begin("joint cell and plates")
        condensed = pool.map(lambda model: condensed_cells(model, package), (fine, coarse))
        around = condensed_plates()
        compared = beside if reference_package(package) else None  # without one there is nothing to send
        referred = begin(compared, solved_reference, package, around, grading.refined(0.5))
        drawn = begin(beside, curves_of, package, around, replace(grading.refined(SKETCH), sharpness=1.0))
        cells, rough = condensed
        step.begin("assembly")
        work = (
            pool.submit(answered, around, package, cells),
            pool.submit(answered, around, package, rough),
            pool.submit(on_rough_cell, around, package, sketch),
            pool.submit(lambda: answered(rough_plates(), package, rough)),
        )
        tied = pool.submit(respond_rigid, around, package, coarse, rough.states)
        answer, on_rough, on_sketch, bent = (one.result() for one in work)
        rigid = tied.result()
    meshes = Meshes(answer, on_rough, on_sketch, bent)
    found = Findings(package, around, cells, rough, answer.response, answer.free, meshes, rigid, None, ())
    if package.process:
        step.begin("process")
        found = with_process(found, beside)
    step.begin("comparisons")
    found = replace(found, reference=referred(), curves=drawn())
    step.begin("local fields")
    result = result_of(found, step.seconds)
    return result if mesh is None else on_own_mesh(result, mesh, OWN_MESH)
