"""Make an environment in this checkout, then solve a real package or run the tests.

    python3 bootstrap.py solve
    python3 bootstrap.py test [options of pytest]

Needs git's checkout and Python 3.11 or later, nothing else; the first run takes a minute or two, later ones start at
once. Everything is installed in ``.venv`` inside the checkout, in the locked versions. Only gmsh's shared libraries and
Python's venv module belong to the system: as root they are installed, otherwise the command to do so is printed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent
INTERPRETER = str(Path(sys.executable).resolve())  # the system's one, also when started from inside .venv
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
FIRST_RUN = CHECKOUT / "first-run"
LOCKS = {"solve": "requirements.lock", "test": "requirements-dev.lock"}
RESOURCES = 3  # exit code of the program for what the machine lacks


def main(arguments: list[str]) -> int:
    """Run the verb given on the command line and return its exit code."""
    if not arguments or arguments[0] not in LOCKS or (arguments[0] == "solve" and arguments[1:]):
        print(__doc__.strip())
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    verb, *rest = arguments
    if sys.version_info < (3, 11):
        return refuse(
            "this is Python {}.{}; fem_wlp needs 3.11 or later: python3.11 bootstrap.py".format(*sys.version_info[:2])
        )
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
    if not missing:
        return 0
    line = environment.installation_line()
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
    print("bootstrap.py: installing the locked packages in .venv, a minute or two", file=sys.stderr, flush=True)
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install", "--no-deps"]
    commands = [
        [INTERPRETER, "-m", "venv", str(VENV)],
        [*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)],
        [*pip, "--no-build-isolation", "--editable", str(CHECKOUT)],
    ]
    for command in commands:
        if run(command):
            return RESOURCES
    # the developers' lock holds the users' one, so its environment serves both verbs
    for name in LOCKS.values():
        if lock.name == name or lock.name == LOCKS["test"]:
            (VENV / f"installed-{Path(name).stem}").write_text(state_of(CHECKOUT / name))
    return 0


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
    command = [str(PYTHON), "-m", "pytest", "-n", "auto", *options]
    return subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **threads}, stdin=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
