"""What every program of the comparison reads and writes: one problem, one answer, one report.

A problem is an .npz file, in mm, N, MPa, K. NumPy is all this needs, so that each program can bring its own Python.

| array | shape | content |
|---|---|---|
| points | (n, 3) | nodes [mm] |
| cells | (m, 27) | hexahedra, local node i + 3 j + 9 k on the grid xi, eta, zeta in (-1, 0, 1); or |
| | (m, 10) | straight-sided tetrahedra: corners, then the midpoints of EDGES |
| regions | (m,) | index into E, nu, alpha |
| twins | (m,) | first element of which each is a translated copy; its own number where there is none |
| E, nu, alpha | (r,) | [MPa], [-], [1/K] |
| dT | () | change of temperature [K] |
| fixed | (n, 3) | components that are held at zero |
| tolerance | () | abs(f - K u) / abs(f) on the free components that an iterative solver has to reach [-] |

The answer is an .npz with u, shape (n, 3) [mm]; the report a .json beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))
"""Ends of the tetrahedron's edges, in the order of its nodes 4 to 9."""


class Problem(NamedTuple):
    """Linear elasticity with free strains, see above."""

    points: np.ndarray
    cells: np.ndarray
    regions: np.ndarray
    twins: np.ndarray
    E: np.ndarray
    nu: np.ndarray
    alpha: np.ndarray
    dT: float
    fixed: np.ndarray
    tolerance: float

    @property
    def lame(self) -> tuple[np.ndarray, np.ndarray]:
        """Lamé's constants lambda and mu of every region [MPa]."""
        return self.E * self.nu / ((1 + self.nu) * (1 - 2 * self.nu)), self.E / (2 * (1 + self.nu))

    @property
    def bulk(self) -> np.ndarray:
        """Bulk modulus of every region [MPa]."""
        return self.E / (3 * (1 - 2 * self.nu))

    @property
    def tensors(self) -> np.ndarray:
        """Stiffness of every region, Voigt xx, yy, zz, yz, xz, xy, (r, 6, 6) [MPa]."""
        lam, mu = self.lame
        C = np.zeros((len(lam), 6, 6))
        C[:, :3, :3] = lam[:, None, None]
        C[:, range(6), range(6)] += np.outer(mu, (2, 2, 2, 1, 1, 1))
        return C

    @property
    def free_strains(self) -> np.ndarray:
        """Thermal strain of every region, Voigt, (r, 6) [-]."""
        return np.outer(self.alpha * self.dT, (1, 1, 1, 0, 0, 0))

    @property
    def thermal_stress(self) -> np.ndarray:
        """Pressure that would hold the thermal strain, 3 kappa alpha dT, of every region [MPa]."""
        return 3 * self.bulk * self.alpha * self.dT

    @property
    def hexahedra(self) -> bool:
        """Whether the cells are hexahedra."""
        return self.cells.shape[1] == 27


def read(path: Path) -> Problem:
    """Read a problem."""
    with np.load(path) as data:
        arrays = {name: data[name] for name in Problem._fields}
    return Problem(**arrays | {"dT": float(arrays["dT"]), "tolerance": float(arrays["tolerance"])})


def write(path: Path, problem: Problem) -> None:
    """Write a problem."""
    np.savez(path, **problem._asdict())


class Run:
    """What one run was asked, and the clock of its phases."""

    def __init__(self, description: str, methods: Sequence[str], forms: Sequence[str] = ("plain",)) -> None:
        parser = argparse.ArgumentParser(description=description.splitlines()[0])
        parser.add_argument("problem", type=Path, help="the .npz file to solve")
        parser.add_argument("answer", type=Path, help="the .npz file to write; the report goes beside it")
        parser.add_argument("--method", default=methods[0], choices=methods)
        parser.add_argument("--form", default=forms[0], choices=forms, help="with projected dilatation or without")
        parser.add_argument("--options", default="", help="more of the solver's options, in its own language")
        asked = parser.parse_args()
        self.problem: Path = asked.problem
        self.answer: Path = asked.answer
        self.method: str = asked.method
        self.form: str = asked.form
        self.options: str = asked.options
        self.seconds = {"start": _age()}  # the interpreter and its imports

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Clock a block."""
        begun = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun

    def finish(self, u: np.ndarray, facts: dict[str, Any]) -> None:
        """Write answer and report."""
        np.savez(self.answer, u=u)
        measured = {
            "method": self.method,
            "form": self.form,
            "cpu": processor_seconds(),
            "memory": peak_memory(),
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }
        self.answer.with_suffix(".json").write_text(json.dumps(measured | facts, indent=1) + "\n", encoding="utf-8")


def processor_seconds() -> float:
    """Processor seconds of this process and its finished children [s]."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return round(sum(part.ru_utime + part.ru_stime for part in used), 2)


def peak_memory() -> float:
    """Largest resident memory of this process or a finished child [MB]."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return round(max(part.ru_maxrss for part in used) / 1024, 1)


def _age() -> float:
    """How long this process has lived [s]."""
    began = int(Path("/proc/self/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[19])
    return float(Path("/proc/uptime").read_text(encoding="ascii").split()[0]) - began / os.sysconf("SC_CLK_TCK")
