"""What either kind of model answers: the figures, the joint by itself, and the mesh."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from ..array import loads
from ..array.blocks import Fineness
from ..array.forecast import require_array_memory
from ..array.layout import array_mesh
from ..errors import ConfigError
from ..joint.loads import JointLoad, LoadedJoint, solve_joint_cell
from ..joint.section import cell_section, grading_of, joint_section
from ..mesh.section import SectionMesh, mesh_section
from ..mesh.solid import SolidMesh
from ..package.geometry import extent_of
from ..package.model import Package
from ..results import Result
from ..solid.solve import THIS_PROCESS, Workshop
from . import job, resolved


def solve(
    package: Package,
    progress: Callable[[str], None] | None = None,
    mesh: Path | None = None,
    workshop: Workshop = THIS_PROCESS,
    beside: Executor | None = None,
) -> Result:
    """Solve a package: its decoupling figure, why it is what it is, and how far to trust it.

    Parameters
    ----------
    package
        What to solve; its ``model`` says the kind, the fineness and, of a 3D model, the extent.
    progress
        Called with the name of each step when it begins; how far it has come follows a colon, as in "joined: iteration
        20, residual 1e-05".
    mesh
        A user's own mesh in gmsh's file, on which the joint's section or the array is solved.
    workshop
        Where the systems of a 3D model are solved.
    beside
        A second process, with which this one shares a 2D model (`fem_wlp.beside.second_process`); by default it does
        all by itself.

    Returns
    -------
    Result

    Raises
    ------
    ConfigError
        Nothing to decouple (T103), a single joint, which has no figure (G130), or a 2D model for many processes (C208).
    ResourceError
        R301: less memory is left than the solve was foretold to take.
    MeshError
        A joint that cannot be meshed, or a mesh of the user's that cannot be read or does not fit the package.
    SolveError
        A certificate that isn't green: nothing is returned then.
    """
    if package.model.kind == "3d":
        return resolved.solve_resolved(package, progress, mesh, workshop)
    if workshop is not THIS_PROCESS:
        raise ConfigError(
            "C208",
            "the joint cell and assembly are solved in seconds by one process",
            where="model.kind",
            value="2d",
            hint="--model 3d, or in one process: fem-wlp solve FILE",
        )
    return job.solve(package, progress, mesh=mesh, beside=beside)


def load_joint(
    package: Package,
    load: JointLoad,
    progress: Callable[[str], None] | None = None,
    mesh: Path | None = None,
) -> LoadedJoint:
    """Load a package's joint by itself between chip and board.

    Parameters
    ----------
    package
        Whose joint; its ``model`` says the kind and the fineness.
    load
        What the chip does against the board.
    progress
        Called with the name of each step when it begins.
    mesh
        A user's own mesh of one joint in gmsh's file, on which a 3D model is solved.

    Returns
    -------
    LoadedJoint

    Raises
    ------
    ConfigError
        A load that makes no sense, a temperature at which a material is molten or not known, or a mesh for a 2D model
        (C202).
    ResourceError
        R301: less memory is left than the solve was foretold to take.
    MeshError
        A joint that cannot be meshed, or a mesh of the user's that cannot be read or is not this joint's.
    SolveError
        A certificate that isn't green: nothing is returned then.
    """
    if package.model.kind == "3d":
        if mesh is None:
            require_array_memory(package.replace("model.extent", "cell"))
        return loads.solve_joint_cell(package, load, package.model.fineness, progress, mesh)
    if mesh is not None:
        raise ConfigError(
            "C202",
            "a mesh of one's own is loaded in three dimensions, the section of a joint is not",
            where="--mesh",
            value=str(mesh),
            hint="--model 3d with a mesh of one pitch of chip and board, or no mesh",
        )
    if progress is not None:
        progress("joint cell")
    return solve_joint_cell(package, load, package.model.fineness)


def mesh_of(package: Package, progress: Callable[[str], None] | None = None) -> SectionMesh | SolidMesh:
    """Return the mesh on which a package is solved.

    Parameters
    ----------
    package
        Whose ``model`` says the kind, the fineness and, of a 3D model, the extent.
    progress
        Called when meshing begins.

    Raises
    ------
    ResourceError
        R301: less memory is left than a solve on this mesh takes.
    MeshError
        A joint that cannot be meshed.
    """
    if package.model.kind == "2d":
        section = cell_section(package)
        return mesh_section(section.painting, grading_of(package), wall=section.radius)
    require_array_memory(package)
    if progress is not None:
        progress("mesh")
    section = joint_section(package)
    return array_mesh(package, section, extent_of(package), Fineness.of(package.model.fineness)).mesh
