"""What the program needs of the machine: gmsh's shared libraries, and memory.

The standard library alone, so that it also runs before anything is installed.
"""

import ctypes
import resource
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from fem_wlp.errors import ResourceError

# Shared libraries that gmsh's wheel expects of the system, with the Debian and Ubuntu packages that hold them.
LIBRARIES = {
    "libGLU.so.1": "libglu1-mesa",
    "libGL.so.1": "libgl1",
    "libXft.so.2": "libxft2",
    "libXcursor.so.1": "libxcursor1",
    "libXinerama.so.1": "libxinerama1",
    "libgomp.so.1": "libgomp1",
}

# Debian and Ubuntu packages by which processes share a solve: PETSc and MPI for Python have no wheels.
DISTRIBUTED = ("openmpi-bin", "python3", "python3-venv", "python3-mpi4py", "python3-petsc4py")

MEMINFO = Path("/proc/meminfo")
CONTROL_GROUPS = Path("/sys/fs/cgroup")
OWN_CONTROL_GROUPS = Path("/proc/self/cgroup")


def missing_libraries() -> tuple[str, ...]:
    """Return the shared libraries that gmsh needs and this system cannot load."""
    return tuple(name for name in LIBRARIES if not _loads(name))


def missing_modules() -> tuple[str, ...]:
    """Return the modules of Python itself that Debian packs apart and that are not there: those that make a venv."""
    return tuple(name for name in ("venv", "ensurepip") if find_spec(name) is None)


def system_packages() -> tuple[str, ...]:
    """Return the system packages that provide gmsh's libraries, and Python's venv where it is missing."""
    venv = "python{}.{}-venv".format(*sys.version_info[:2])
    return (*LIBRARIES.values(), *([venv] if missing_modules() else []))


def installation_line(*more: str) -> str:
    """Return the shell line that installs the missing system packages and ``more``, for root on Debian and Ubuntu."""
    return f"apt-get update && apt-get install -y --no-install-recommends {' '.join((*system_packages(), *more))}"


def require_libraries() -> None:
    """Check that gmsh can be loaded, before anything tries to.

    Raises
    ------
    ResourceError
        With the line that installs the missing libraries as its hint.
    """
    missing = missing_libraries()
    if missing:
        raise ResourceError(
            "R304",
            "gmsh cannot be loaded without shared libraries of the system",
            value=", ".join(missing),
            hint=f"as root: {installation_line()}",
        )


def require_memory(needed: float, *, hint: str) -> None:
    """Check that a computation fits into the memory that is left, before it begins.

    Parameters
    ----------
    needed
        Expected peak of the memory to be taken [byte].
    hint
        What would fit instead.

    Raises
    ------
    ResourceError
        When less is left.
    """
    left = available_memory()
    if needed > left:
        raise ResourceError(
            "R301",
            f"only {left / 2**20:.0f} MiB are left for this process",
            value=f"{needed / 2**20:.0f} MiB",
            hint=hint,
        )


def peak_memory() -> int:
    """Return the most memory that this process has had so far [byte]."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def release_memory() -> None:
    """Give memory that was freed back to the system.

    The C library keeps what many threads have freed, each in its own heap: after a thousand small factorisations that
    is gigabytes, of which nothing is in use.
    """
    with suppress(OSError, AttributeError):  # only glibc keeps that much, and has a call for it
        ctypes.CDLL(None).malloc_trim(0)


def available_memory() -> int:
    """Return the memory that this process may still take [byte].

    The smallest of what the machine, the control group and the limit on the address space have left.
    """
    return max(0, min([_machine_memory(), *_control_group_memory(), *_address_space()]))


def _loads(library: str) -> bool:
    """Tell whether the dynamic linker finds a shared library and all it depends on."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _machine_memory() -> int:
    """Return the memory that the kernel can give without swapping [byte]."""
    for line in MEMINFO.read_text().splitlines() if MEMINFO.exists() else []:
        key, value = line.split(":")
        if key == "MemAvailable":
            return int(value.split()[0]) * 1024
    return sys.maxsize


def _control_group_memory() -> list[int]:
    """Return what each control group over this process that limits memory has left [byte]."""
    left = []
    for group in _control_groups():
        names = ("memory.max", "memory.current", "inactive_file")
        if not (group / names[0]).exists():
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        limit, use, reclaimable = names
        try:
            statistics = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
            used = int((group / use).read_text()) - int(statistics[reclaimable])
            left.append(int((group / limit).read_text()) - used)
        except (OSError, KeyError, ValueError):  # no such group here, or its limit is the word "max"
            continue
    return left


def _control_groups() -> list[Path]:
    """Return the folders of this process's control groups, and of those above them, that may limit memory."""
    folders = []
    for line in OWN_CONTROL_GROUPS.read_text().splitlines() if OWN_CONTROL_GROUPS.exists() else []:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root = CONTROL_GROUPS / "memory" if controllers else CONTROL_GROUPS
        own = root / path.lstrip("/")
        folders += [own, *(folder for folder in own.parents if folder.is_relative_to(root))]
    return folders


def _address_space() -> list[int]:
    """Return what a limit on the address space (``ulimit -v``) leaves [byte], or nothing without such a limit."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return []
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return [limit - pages * resource.getpagesize()]
