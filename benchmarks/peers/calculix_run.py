"""CalculiX: 10-node tetrahedra, or 20-node bricks where the mesh has 27-node ones.

    python calculix_run.py PROBLEM.npz ANSWER.npz [--method spooles|scaling|cholesky]

Needs the program ``ccx`` (Debian: ``apt-get install calculix-ccx``). A brick leaves out the nodes on faces and inside,
whose displacement is NaN in the answer. Displacements have the seven digits of CalculiX's .dat file.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from exchange import Problem, Run, read

METHODS = {"spooles": "SPOOLES", "scaling": "ITERATIVE SCALING", "cholesky": "ITERATIVE CHOLESKY"}

BRICK = (0, 2, 8, 6, 18, 20, 26, 24, 1, 5, 7, 3, 19, 23, 25, 21, 9, 11, 17, 15)
"""Our numbers of the nodes of C3D20: corners below and above, middles of the edges below, above, between."""


def main() -> None:
    """Solve one problem."""
    run = Run(__doc__, methods=tuple(METHODS))
    with run.phase("read"):
        problem = read(run.problem)
    with tempfile.TemporaryDirectory() as folder:
        with run.phase("write"):
            Path(folder, "job.inp").write_text(deck(problem, METHODS[run.method]), encoding="ascii")
        with run.phase("solve"):
            log = calculix(Path(folder))
        with run.phase("recover"):
            u = displacement(Path(folder, "job.dat"), len(problem.points))
    facts = {
        "program": "CalculiX",
        "versions": {"CalculiX": version()},
        "elements": "C3D20" if problem.hexahedra else "C3D10",
        "unknowns": int(3 * np.isfinite(u[:, 0]).sum()),
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "iterations": len(re.findall(r"iteration=", log)) or None,
    }
    run.finish(u, facts)


def deck(problem: Problem, solver: str) -> str:
    """Return CalculiX's input file: fields of at most 20 characters."""
    cells = problem.cells[:, BRICK] if problem.hexahedra else problem.cells
    used = np.unique(cells)
    text = io.StringIO()
    text.write("*NODE, NSET=ALL\n")
    np.savetxt(text, np.column_stack([used + 1, problem.points[used]]), fmt="%d,%.13e,%.13e,%.13e")
    for region in range(len(problem.E)):
        mine = np.flatnonzero(problem.regions == region)
        if len(mine):
            text.write(f"*ELEMENT, TYPE={'C3D20' if problem.hexahedra else 'C3D10'}, ELSET=R{region}\n")
            text.write(element_lines(np.column_stack([mine, cells[mine]]) + 1))
            text.write(
                f"*MATERIAL, NAME=M{region}\n*ELASTIC\n{problem.E[region]:.13e},{problem.nu[region]:.13e}\n"
                f"*EXPANSION, ZERO=0\n{problem.alpha[region]:.13e}\n"
                f"*SOLID SECTION, ELSET=R{region}, MATERIAL=M{region}\n"
            )
    text.write("*INITIAL CONDITIONS, TYPE=TEMPERATURE\nALL,0.\n*BOUNDARY\n")
    nodes, components = np.nonzero(problem.fixed & np.isin(np.arange(len(problem.points)), used)[:, None])
    np.savetxt(text, np.column_stack([nodes, components, components]) + 1, fmt="%d,%d,%d")
    text.write(f"*STEP\n*STATIC, SOLVER={solver}\n*TEMPERATURE\nALL,{problem.dT:.13e}\n")
    text.write("*NODE PRINT, NSET=ALL\nU\n*END STEP\n")
    return text.getvalue()


def element_lines(rows: np.ndarray) -> str:
    """Return element cards: at most 16 numbers a line."""
    pieces = [
        ",".join(["%d"] * len(part)) for part in np.array_split(np.arange(rows.shape[1]), (rows.shape[1] + 15) // 16)
    ]
    text = io.StringIO()
    np.savetxt(text, rows, fmt=",\n".join(pieces))
    return text.getvalue()


def calculix(folder: Path) -> str:
    """Run CalculiX and return what it printed."""
    ended = subprocess.run(["ccx", "job"], cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode or "*ERROR" in ended.stdout:
        raise SystemExit(ended.stdout[-2000:] + ended.stderr[-2000:])
    return ended.stdout


def version() -> str:
    """Return CalculiX's version."""
    said = subprocess.run(["ccx", "-v"], capture_output=True, text=True, check=False).stdout
    return said.strip().removeprefix("This is Version ")


def displacement(path: Path, count: int) -> np.ndarray:
    """Read the displacements, (n, 3) [mm]."""
    rows = np.loadtxt(path, skiprows=3)
    u = np.full((count, 3), np.nan)
    u[rows[:, 0].astype(int) - 1] = rows[:, 1:]
    return u


if __name__ == "__main__":
    main()
