"""Make an environment in this checkout, then solve a real package or run the tests.

    python3 bootstrap.py solve
    python3 bootstrap.py test [options of pytest]
    python3 bootstrap.py distributed

Needs git's checkout and Python 3.11 or later, nothing else; the first run takes a minute or two, later ones start at
once. Everything is installed in ``.venv`` inside the checkout, in the locked versions. Only gmsh's shared libraries and
Python's venv module belong to the system: as root they are installed, otherwise the command to do so is printed.

The last one makes an environment of its own, ``.venv-distributed``, in which processes of one or more machines solve
one package by PETSc and MPI. These are Debian's or Ubuntu's, and so is the Python.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent
INTERPRETER = str(Path(sys.executable).resolve())  # the system's one, also when started from inside .venv
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
FIRST_RUN = CHECKOUT / "first-run"
LOCKS = {"solve": "requirements.lock", "test": "requirements-dev.lock"}
DISTRIBUTED = CHECKOUT / ".venv-distributed"
SYSTEM_PYTHON = "/usr/bin/python3"
OF_THE_SYSTEM = ("petsc4py", "mpi4py")  # no wheels; the system's are made for the system's Python
RESOURCES = 3  # exit code of the program for what the machine lacks


def main(arguments: list[str]) -> int:
    """Run the verb given on the command line and return its exit code."""
    verbs = (*LOCKS, "distributed")
    if not arguments or arguments[0] not in verbs or (arguments[0] != "test" and arguments[1:]):
        print(__doc__.strip())
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    verb, *rest = arguments
    if sys.version_info < (3, 11):
        return refuse(
            "this is Python {}.{}; fem_wlp needs 3.11 or later: python3.11 bootstrap.py".format(*sys.version_info[:2])
        )
    if verb == "distributed":
        return provide_distributed()
    code = provide_system_packages() or provide_environment(CHECKOUT / LOCKS[verb])
    if code:
        return code
    return solve() if verb == "solve" else test(rest)


def refuse(reason: str) -> int:
    """Say why nothing was done and return the exit code for it."""
    print(f"bootstrap.py: {reason}", file=sys.stderr)
    return RESOURCES


def run(command: list[str], variables: dict[str, str] | None = None) -> int:
    """Run a step of the installation with its output on standard error, and say so when it fails."""
    code = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode
    return refuse(f"this failed with exit code {code}: {' '.join(command)}; remove {VENV} to begin anew") if code else 0


def provide_system_packages() -> int:
    """Install what only the system can provide: as root by apt, otherwise by printing the line that does."""
    # after the check of Python's version, which this module may already be too new for
    from fem_wlp import environment

    missing = [*environment.missing_libraries(), *environment.missing_modules()]
    return install(missing, environment.installation_line()) if missing else 0


def install(missing: list[str], line: str) -> int:
    """Install by the given line what the system lacks, as root, or print it."""
    print(f"bootstrap.py: this system lacks {', '.join(missing)}", file=sys.stderr)
    if os.geteuid() != 0:
        print(f"Run this line as root, then the same command again:\n\n    {line}\n", file=sys.stderr)
        return RESOURCES
    print(f"+ {line}", file=sys.stderr, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return run(["sh", "-c", line], quiet)


def provide_environment(lock: Path) -> int:
    """Make ``.venv`` with exactly the locked packages and this checkout, unless a stamp says it is there already."""
    stamp = VENV / f"installed-{lock.stem}"
    state = state_of(lock)
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == state:
        return 0
    if fill(VENV, [INTERPRETER, "-m", "venv"], lock):
        return RESOURCES
    # the developers' lock holds the users' one, so its environment serves both verbs
    for name in LOCKS.values():
        if lock.name == name or lock.name == LOCKS["test"]:
            (VENV / f"installed-{Path(name).stem}").write_text(state_of(CHECKOUT / name))
    return 0


def fill(folder: Path, venv: list[str], lock: Path) -> int:
    """Make an environment in a folder, with the locked packages and this checkout."""
    where = f"in {folder.name}, a minute or two"
    print(f"bootstrap.py: installing the locked packages {where}", file=sys.stderr, flush=True)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install", "--no-deps"]
    commands = [
        [*venv, str(folder)],
        [*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)],
        [*pip, "--no-build-isolation", "--editable", str(CHECKOUT)],
    ]
    return next((code for code in map(run, commands) if code), 0)


def provide_distributed() -> int:
    """Make ``.venv-distributed`` on the system's Python, PETSc and MPI, and say how it is used."""
    from fem_wlp import environment

    lock, stamp = CHECKOUT / "requirements-distributed.lock", DISTRIBUTED / "installed"
    state = state_of(lock)
    if not stamp.exists() or stamp.read_text() != state:
        missing = [*environment.missing_libraries(), *missing_for_processes()]
        code = install(missing, environment.installation_line(*environment.DISTRIBUTED)) if missing else 0
        code = code or fill(DISTRIBUTED, [SYSTEM_PYTHON, "-m", "venv", "--clear"], lock)
        if code:
            return code
        link_system_modules()
        if not imports(str(DISTRIBUTED / "bin" / "python"), "from petsc4py import PETSc; from mpi4py import MPI"):
            return refuse("the system's petsc4py does not load with the locked packages, see docs/distributed.md")
        stamp.write_text(state)
    print(f"mpirun -n 2 {DISTRIBUTED / 'bin' / 'fem-wlp-mpi'} solve FILE --model 3d")
    return 0


def link_system_modules() -> None:
    """Let the environment see these two of the system's modules, and no other that its own would clash with."""
    (packages,) = (DISTRIBUTED / "lib").glob("python3*/site-packages")
    for name in OF_THE_SYSTEM:
        command = [SYSTEM_PYTHON, "-c", f"import {name}; print({name}.__path__[0])"]
        found = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=with_petsc())
        if found.returncode == 0:  # what is missing is told by the import that follows
            (packages / name).symlink_to(found.stdout.strip())


def with_petsc() -> dict[str, str]:
    """Return the environment in which the system's Python finds its petsc4py.

    Debian's looks for it in ``/usr/lib/petsc``, a link that only comes with PETSc's headers.
    """
    folders = sorted(Path("/usr/lib/petscdir").glob("petsc*/*-real"))
    where = {"PETSC_DIR": str(folders[-1])} if folders and not Path("/usr/lib/petsc").exists() else {}
    return {**where, **os.environ}


def missing_for_processes() -> list[str]:
    """Return what the system lacks of MPI, PETSc and their Python."""
    missing = [] if shutil.which("mpirun") else ["mpirun"]
    modules = (*OF_THE_SYSTEM, "venv", "ensurepip")
    return missing + [name for name in modules if not imports(SYSTEM_PYTHON, f"import {name}")]


def imports(python: str, statement: str) -> bool:
    """Tell whether an interpreter carries out an import."""
    try:
        variables = with_petsc() if python == SYSTEM_PYTHON else None
        command = [python, "-c", statement]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=variables).returncode == 0
    except OSError:
        return False


def state_of(lock: Path) -> str:
    """Return a digest of all that the environment depends on: interpreter, checkout, project file and lock."""
    parts = [sys.version, INTERPRETER, str(CHECKOUT), (CHECKOUT / "pyproject.toml").read_text(), lock.read_text()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def solve() -> int:
    """Write the compliant template, solve it and say where the report is."""
    FIRST_RUN.mkdir(exist_ok=True)
    program = str(VENV / "bin" / "fem-wlp")
    commands = [[program, "solve", "compliant.toml", "--out", "results", "--overwrite"]]
    if not (FIRST_RUN / "compliant.toml").exists():
        commands.insert(0, [program, "new", "compliant", "--template", "compliant"])
    for command in commands:
        code = subprocess.run(command, cwd=FIRST_RUN, stdin=subprocess.DEVNULL).returncode
        if code:
            return code
    print(f"\nThe report: {FIRST_RUN / 'results' / 'report.html'}")
    return 0


def test(options: list[str]) -> int:
    """Run all tests, one process a core and one thread a process."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(PYTHON), "-m", "pytest", "-n", "auto", "--dist", "worksteal", *options]
    return subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **threads}, stdin=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
