"""The same mesh in CalculiX, where that is installed."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from ..errors import SolveError
from ..mesh.section import Floats
from ..mesh.solid import Bools, SolidMesh
from ..solid import operator as solid
from ..solid.solve import solve
from .bricks import NEAR, cube, isotropic_tensor, mapped, named, sheared, split
from .law import Law, Quantity, vanishing

MATERIALS = ((131e3, 0.28, 2.6e-6), (43e3, 0.36, 21.5e-6))
"""E [MPa], nu [-], alpha [1/K] of a hard and a soft part."""

CHANGE = -100.0
"""Change of temperature [K]."""


def missing() -> str:
    """Return what is missing."""
    return "" if shutil.which("ccx") else "CalculiX (ccx) is not installed here; Debian: apt-get install calculix-ccx"


def deck(mesh: SolidMesh, fixed: Bools) -> str:
    """Return CalculiX's input file of straight 10-node tetrahedra that cool."""
    text = io.StringIO()
    text.write("*NODE, NSET=ALL\n")
    numbers = np.arange(1, len(mesh.points) + 1)
    np.savetxt(text, np.column_stack([numbers, mesh.points]), fmt="%d,%.13e,%.13e,%.13e")
    for region, (E, nu, alpha) in enumerate(MATERIALS):
        own = np.flatnonzero(mesh.regions == region)
        text.write(f"*ELEMENT, TYPE=C3D10, ELSET=R{region}\n")
        np.savetxt(text, np.column_stack([own, mesh.cells[own]]) + 1, fmt=",".join(["%d"] * 11))
        text.write(
            f"*MATERIAL, NAME=M{region}\n*ELASTIC\n{E:.13e},{nu:.13e}\n*EXPANSION, ZERO=0\n{alpha:.13e}\n"
            f"*SOLID SECTION, ELSET=R{region}, MATERIAL=M{region}\n"
        )
    text.write("*INITIAL CONDITIONS, TYPE=TEMPERATURE\nALL,0.\n*BOUNDARY\n")
    nodes, components = np.nonzero(fixed)
    np.savetxt(text, np.column_stack([nodes, components, components]) + 1, fmt="%d,%d,%d")
    text.write(
        f"*STEP\n*STATIC, SOLVER=SPOOLES\n*TEMPERATURE\nALL,{CHANGE:.13e}\n*NODE PRINT, NSET=ALL\nU\n*END STEP\n"
    )
    return text.getvalue()


def calculix(deck: str, count: int) -> Floats:
    """Return the displacements that CalculiX computes, shape (n, 3) [mm]."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "job.inp").write_text(deck, encoding="ascii")
        ended = subprocess.run(["ccx", "job"], cwd=folder, capture_output=True, text=True, check=False)
        if ended.returncode or "*ERROR" in ended.stdout:
            raise SolveError(
                "S510",
                "CalculiX ended with an error",
                value=ended.stdout[-500:],
                hint="try ccx by itself: it must run from this shell",
            )
        rows = np.loadtxt(Path(folder, "job.dat"), skiprows=3)
    u = np.zeros((count, 3))
    u[rows[:, 0].astype(int) - 1] = rows[:, 1:]
    return u


def _agreement(broken: bool) -> tuple[Quantity, ...]:
    box = named(cube(3), ("hard", "soft"), lambda centres: (centres[:, 2] > 0.4) * 1)
    mesh = mapped(split(box), sheared)
    _, y, z = box.points.T
    fixed = np.stack([z < NEAR, (z < NEAR) | (y < NEAR), z < NEAR], axis=1)
    theirs = calculix(deck(mesh, fixed), len(mesh.points))
    tensors = np.stack([isotropic_tensor(E, nu) for E, nu, _ in MATERIALS])
    growth = np.array([alpha for _, _, alpha in MATERIALS]) * (1.001 if broken else 1.0)
    strains = CHANGE * growth[:, None] * np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    one = solid.operator(mesh, tensors, projected=False)
    ours = solve(one, solid.thermal_load(one, strains), fixed, method="direct").u
    difference = np.abs(ours - theirs).max() / np.abs(theirs).max()
    return (vanishing("largest difference of a displacement over the largest one", difference, 1e-6),)


LAWS = (
    Law(
        "calculix",
        "CalculiX finds the same displacements on the same mesh",
        "162 straight 10-node tetrahedra of two materials that cool; plain displacement elements, six digits",
        "CalculiX, G. Dhondt and K. Wittig, C3D10",
        "expansion 0.1 % too high",
        _agreement,
        missing=missing,
    ),
)
"""The laws of this module."""
