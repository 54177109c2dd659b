"""The programs of the comparison: which are installed, how each is run, and what a run took."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
CORES = 2
"""Threads or processes that every program may use."""


class Way(NamedTuple):
    """One way to solve a problem.

    Parameters
    ----------
    name
        Of the program and its method.
    program
        Which of `NEEDED`.
    elements
        "hexahedra" or "tetrahedra".
    form
        "plain" or "projected".
    method
        Of the program.
    processes
        MPI processes; each has one thread where there are several.
    largest
        Unknowns up to which it is run, by memory or patience.
    options
        The solver's own.
    """

    name: str
    program: str
    elements: str
    form: str
    method: str
    processes: int = 1
    largest: float = 1.5e6
    options: str = ""

    @property
    def label(self) -> str:
        """Name, elements and form."""
        return f"{self.name}, {self.form} {self.elements}" + (f", {self.processes} processes" * (self.processes > 1))


NEEDED = {"fem_wlp": "fem_wlp", "dolfinx": "dolfinx_solver", "ngsolve": "ngsolve", "sfepy": "sfepy", "calculix": "ccx"}
"""Python module of every program; of CalculiX the command."""

SMOOTHED = "-{0}mg_levels_ksp_type richardson -{0}mg_levels_ksp_max_it 1 -{0}mg_levels_pc_type sor"
GAMG = f"-pc_gamg_threshold 0.01 {SMOOTHED.format('')}"
PMG = f"-mg_coarse_pc_gamg_threshold 0.01 {SMOOTHED.format('')} {SMOOTHED.format('mg_coarse_')}"
PMG_DIRECT = f"-mg_coarse_pc_type cholesky -mg_coarse_pc_factor_mat_solver_type mumps {SMOOTHED.format('')}"
LOW_RANK = "-ksp_type cg -mat_mumps_icntl_35 2 -mat_mumps_icntl_36 1 -mat_mumps_cntl_7 1e-4"
"""PETSc's options, the best of those that were tried; peers/README.md has the others."""

MIDDLE = 300e3
"""Unknowns up to which a way is run that has done worse than another way of the same program, or tells no more [-]."""

WAYS = (
    Way("fem_wlp", "fem_wlp", "hexahedra", "projected", "multigrid"),
    Way("DOLFINx, GAMG", "dolfinx", "hexahedra", "projected", "gamg", 1, 100e3, GAMG),
    Way("DOLFINx, GAMG", "dolfinx", "hexahedra", "projected", "gamg", 2, options=GAMG),
    Way("DOLFINx, two levels and GAMG", "dolfinx", "hexahedra", "projected", "pmg", 2, options=PMG),
    Way("DOLFINx, two levels and MUMPS", "dolfinx", "hexahedra", "projected", "pmg", 2, options=PMG_DIRECT),
    Way("DOLFINx, MUMPS", "dolfinx", "hexahedra", "projected", "mumps", 2),
    Way("DOLFINx, MUMPS of low rank", "dolfinx", "hexahedra", "projected", "mumps", 2, options=LOW_RANK),
    Way("fem_wlp", "fem_wlp", "hexahedra", "plain", "multigrid"),
    Way("DOLFINx, GAMG", "dolfinx", "hexahedra", "plain", "gamg", 2, options=GAMG),
    Way("NGSolve, Cholesky", "ngsolve", "hexahedra", "plain", "cholesky"),
    Way("CalculiX, 20-node bricks", "calculix", "hexahedra", "plain", "spooles"),
    Way("fem_wlp", "fem_wlp", "tetrahedra", "plain", "multigrid", 1, MIDDLE),
    Way("DOLFINx, GAMG", "dolfinx", "tetrahedra", "plain", "gamg", 2, MIDDLE, GAMG),
    Way("DOLFINx, MUMPS", "dolfinx", "tetrahedra", "plain", "mumps", 2, MIDDLE),
    Way("NGSolve, Cholesky", "ngsolve", "tetrahedra", "plain", "cholesky", 1, MIDDLE),
    Way("CalculiX, SPOOLES", "calculix", "tetrahedra", "plain", "spooles", 1, MIDDLE),
    Way("SfePy, MUMPS", "sfepy", "tetrahedra", "plain", "mumps", 1, MIDDLE),
)


def installed(pythons: Iterable[str]) -> dict[str, str]:
    """Return the interpreter of every program that is found.

    Parameters
    ----------
    pythons
        Interpreters to look in, besides this one and the system's.
    """
    candidates = [sys.executable, *pythons, "/usr/bin/python3"]
    found = {}
    for program, needed in NEEDED.items():
        if program == "calculix":
            if shutil.which(needed):
                found[program] = sys.executable
            continue
        for python in candidates:
            look = [python, "-c", f"from importlib.util import find_spec as f; raise SystemExit(f({needed!r}) is None)"]
            if Path(python).exists() and subprocess.run(look, check=False).returncode == 0:
                found[program] = python
                break
    return found


class Limits(NamedTuple):
    """When a run is ended.

    Parameters
    ----------
    seconds
        Wall time [s].
    memory
        Resident memory of all its processes [MB].
    """

    seconds: float = 600.0
    memory: float = 18e3


def run(way: Way, python: str, problem: Path, answer: Path, limits: Limits) -> dict[str, Any]:
    """Solve in a process of its own; return its report and what the process took, or why there is none.

    Parameters
    ----------
    way
        What to run.
    python
        Its interpreter.
    problem, answer
        Files.
    limits
        When it is ended.
    """
    command = [python, str(HERE / f"{way.program}_run.py"), str(problem), str(answer)]
    command += ["--method", way.method, "--form", way.form, f"--options={way.options}"]
    if way.processes > 1:
        launcher = Path(python).with_name("mpirun")
        command = [str(launcher if launcher.exists() else "mpirun"), "-n", str(way.processes), *command]
    answer.with_suffix(".json").unlink(missing_ok=True)
    log = answer.with_suffix(".log")
    begun = time.perf_counter()
    with log.open("w") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, env=environment(CORES // way.processes), start_new_session=True
        )
        over = ended(process, limits)
    wall = time.perf_counter() - begun
    if over:
        return {"failed": over}
    if process.returncode or not answer.with_suffix(".json").exists():
        return {"failed": log.read_text(errors="replace").strip()[-300:] or f"exit status {process.returncode}"}
    return {"wall": round(wall, 2)} | json.loads(answer.with_suffix(".json").read_text(encoding="utf-8"))


def ended(process: subprocess.Popen[bytes], limits: Limits) -> str:
    """Wait for a process and end it beyond a limit; return which limit, "" for none."""
    begun = time.perf_counter()
    while True:
        try:
            process.wait(0.5)
        except subprocess.TimeoutExpired:
            family = resident(process.pid)
            if time.perf_counter() - begun > limits.seconds:
                over = f"not done after {limits.seconds:.0f} s"
            elif sum(family.values()) > limits.memory:
                over = f"more than {limits.memory / 1e3:.0f} GB after {time.perf_counter() - begun:.0f} s"
            else:
                continue
            for one in family:
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            process.wait()
            return over
        return ""


def resident(ancestor: int) -> dict[int, float]:
    """Return the resident memory of a process and of all that it started [MB]."""
    parents, memory = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = path.read_text().rsplit(")", 1)[1].split()
            number = int(path.parent.name)
            parents[number] = int(fields[1])
            memory[number] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    family = {ancestor}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return {number: memory.get(number, 0.0) for number in family}


def environment(threads: int) -> Mapping[str, str]:
    """Return the environment of a run with this many threads."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NGS_NUM_THREADS")
    return dict(os.environ) | {name: str(threads) for name in names}
