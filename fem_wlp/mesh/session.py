"""The way into gmsh, for all that mesh, read or write with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from types import ModuleType

from ..environment import installation_line
from ..errors import MeshError, ResourceError

_ONE_AT_A_TIME = RLock()  # gmsh has one current model in a process, and no lock of its own


@contextmanager
def gmsh_session(name: str) -> Iterator[ModuleType]:
    """Open a gmsh session with every option that matters set, whatever the user's configuration files say.

    Where somebody else is using gmsh in the same process, their model, options and views stay as they are. Threads take
    turns.

    Parameters
    ----------
    name
        Of the model in which the session works; it is gone afterwards.

    Raises
    ------
    ResourceError
        R304: gmsh cannot be loaded.
    """
    try:
        import gmsh
    except OSError as missing:
        raise ResourceError(
            "R304",
            f"gmsh cannot be loaded: {missing}",
            hint=f"as root: {installation_line()}",
        ) from missing
    with _ONE_AT_A_TIME:
        guest = bool(gmsh.isInitialized())  # somebody else is using gmsh: leave their model and options as they are
        if not guest:
            gmsh.initialize(readConfigFiles=False, interruptible=False)
        host = gmsh.model.getCurrent()
        before = {option: gmsh.option.getNumber(option) for option in _OPTIONS}
        views = set(gmsh.view.getTags())
        gmsh.model.add(name)
        try:
            for option, value in _OPTIONS.items():
                gmsh.option.setNumber(option, value)
            yield gmsh
        finally:
            gmsh.model.remove()
            if guest:
                for option, value in before.items():
                    gmsh.option.setNumber(option, value)
                for view in set(gmsh.view.getTags()) - views:
                    gmsh.view.remove(view)
                gmsh.model.setCurrent(host)
            else:
                gmsh.finalize()


@contextmanager
def refusing_failures(what: str) -> Iterator[None]:
    """Turn gmsh's bare exceptions while it meshes something into E407."""
    try:
        yield
    except Exception as failure:
        if type(failure) is not Exception:  # gmsh raises no other; all others are ours
            raise
        raise MeshError(
            "E407",
            f"gmsh cannot mesh {what}: {failure}",
            hint="look for parts that nearly touch, or a thickness far below the others",
        ) from failure


_OPTIONS = {
    "General.Verbosity": 0.0,
    "General.NumThreads": 1.0,
    "Mesh.Algorithm": 6.0,
    "Mesh.RandomSeed": 1.0,
    "Mesh.RandomFactor": 1e-9,
    "Mesh.ElementOrder": 1.0,
    "Mesh.RecombineAll": 0.0,
    "Mesh.RecombinationAlgorithm": 1.0,
    "Mesh.SubdivisionAlgorithm": 0.0,
    "Mesh.MeshSizeFactor": 1.0,
    "Mesh.MeshSizeMin": 0.0,
    "Mesh.MeshSizeMax": 1e22,
    "Mesh.MeshSizeFromPoints": 0.0,
    "Mesh.MeshSizeFromCurvature": 0.0,
    "Mesh.MeshSizeExtendFromBoundary": 1.0,
    "Mesh.SecondOrderLinear": 0.0,
    "Mesh.SecondOrderIncomplete": 0.0,
    "Mesh.HighOrderOptimize": 0.0,
    "Mesh.MshFileVersion": 4.1,
    "Mesh.Binary": 0.0,
    "Mesh.SaveAll": 0.0,
    "Mesh.SaveParametric": 0.0,
    "Mesh.SaveElementTagType": 1.0,
    "Mesh.ScalingFactor": 1.0,
    "Mesh.SwitchElementTags": 0.0,
    "Geometry.OCCBooleanPreserveNumbering": 0.0,
}
# Every option of gmsh on which a mesh, or a file with one, depends.
