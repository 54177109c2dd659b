"""What the dossier notices: the program is broken on purpose, in one place at a time, and verified.

    python benchmarks/mutations.py [--whole] [--only NAME ...]

Each mutation is a wrong sign, factor or dropped term in the source of a copy. ``fem-wlp verify --quick`` runs on the
copy (with ``--whole`` all of ``verify``); ``mutations.json`` holds which laws turned red,
and when each was tried: with ``--only`` the others stay as they were. Exit status 1 where none did.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "fem_wlp"
RECORD = HERE / "mutations.json"


class Mutation(NamedTuple):
    """One place of the source, what stands there, and what is written instead."""

    name: str
    file: str
    before: str
    after: str


MUTATIONS = (
    Mutation("1/r of the hoop strain dropped", "elasticity/harmonic.py", "rows[:, :, 1, :, 0] = value / r", "pass"),
    Mutation(
        "sign of m V/r in the hoop strain",
        "elasticity/harmonic.py",
        "rows[:, :, 1, :, 1] = m * value / r",
        "rows[:, :, 1, :, 1] = -m * value / r",
    ),
    Mutation(
        "-V/r of the shear strain dropped",
        "elasticity/harmonic.py",
        "rows[:, :, 5, :, 1] = d_r - value / r",
        "rows[:, :, 5, :, 1] = d_r",
    ),
    Mutation(
        "sign of m W/r in the shear strain",
        "elasticity/harmonic.py",
        "rows[:, :, 3, :, 2] = -m * value / r",
        "rows[:, :, 3, :, 2] = m * value / r",
    ),
    Mutation(
        "integral over theta of m = 1 is 2 pi",
        "elasticity/harmonic.py",
        "if self.harmonic == 0 else 0.5",
        "if True else 0.5",
    ),
    Mutation(
        "dilatation of the section projected by half",
        "elasticity/harmonic.py",
        "- dilatation) / 3.0)",
        "- dilatation) / 6.0)",
    ),
    Mutation(
        "bubbles left out of the stiffness",
        "elasticity/harmonic.py",
        " - local[:, :NODAL, NODAL:] @ to_bubble[some]",
        "",
    ),
    Mutation("expansion of the joint cell halved", "joint/cell.py", "in_plane = 0.5 * (", "in_plane = 0.25 * ("),
    Mutation(
        "sign of the change of temperature",
        "materials/model.py",
        "alpha.integral(start, end)",
        "alpha.integral(end, start)",
    ),
    Mutation(
        "expansion of every material halved",
        "materials/model.py",
        "alpha.integral(start, end)",
        "0.5 * alpha.integral(start, end)",
    ),
    Mutation("nu_xz over E_z", "materials/model.py", "-nu_xz / E_x", "-nu_xz / E_z"),
    Mutation(
        "average about the axis", "materials/model.py", "4 * C[5, 5]) / 8\n    cross", "2 * C[5, 5]) / 8\n    cross"
    ),
    Mutation("GPa is a million MPa", "units.py", '"GPa": "1e3"', '"GPa": "1e6"'),
    Mutation("zero Celsius", "units.py", 'Decimal("273.15")', 'Decimal("273")'),
    Mutation("dilatation of solids projected by half", "solid/operator.py", "[:, :, None] / 3", "[:, :, None] / 6"),
    Mutation("shear strain yz is xz", "solid/operator.py", "(2, 2), (1, 2), (0, 2)", "(2, 2), (0, 2), (0, 2)"),
    Mutation(
        "thermal load of solids doubled",
        "solid/operator.py",
        'stress = np.einsum("eij,ej->ei", operator.tensors',
        'stress = 2 * np.einsum("eij,ej->ei", operator.tensors',
    ),
    Mutation(
        "energy without its half", "solid/operator.py", "density = 0.5 * (stresses_of", "density = 1.0 * (stresses_of"
    ),
    Mutation(
        "sign of D", "decoupling.py", "(shift * free).sum(axis=1)[defined]", "(-shift * free).sum(axis=1)[defined]"
    ),
    Mutation(
        "arm of a joint's tilt",
        "assembly/elements.py",
        "np.array([1.0, -height / 2, -1.0, -height / 2])",
        "np.array([1.0, height / 2, -1.0, height / 2])",
    ),
    Mutation(
        "bending of a plate a quarter of what it is",
        "assembly/elements.py",
        "z**2 + t**2 / 12",
        "z**2 + t**2 / 48",
    ),
    Mutation(
        "sine and cosine swapped in stresses of the joint cell",
        "joint/cell.py",
        "cosine, sine = np.cos(m * theta), np.sin(m * theta)",
        "sine, cosine = np.cos(m * theta), np.sin(m * theta)",
    ),
    Mutation(
        "a film is born on a wafer that was never bent",
        "process/growth.py",
        "e, k = growth.hosts.get(name, np.zeros(2))",
        "e, k = np.zeros(2)",
    ),
    Mutation(
        "shrinkage three times what it is",
        "process/history.py",
        "born, step.linear_shrinkage, joins",
        "born, 3 * step.linear_shrinkage, joins",
    ),
    Mutation("Cowper's coefficient", "limits/posts.py", "/ (7.0 + 6.0 * nu)", "/ (7.0 - 6.0 * nu)"),
    Mutation(
        "Suhir's arm without the gap",
        "limits/shear_lag.py",
        "+ 2.0 * gap) / 2.0\n    bending = chip",
        "+ 1.0 * gap) / 2.0\n    bending = chip",
    ),
    Mutation(
        "bow of layers",
        "limits/laminates.py",
        "upper**k - lower**k)) / k for k in (1, 2, 3)",
        "upper**k - lower**k)) / k for k in (1, 2, 2)",
    ),
    Mutation(
        "Dundurs' m",
        "limits/corners.py",
        "4.0 * (1.0 - np.asarray(nu, dtype=float)), np.radians",
        "4.0 * (1.1 - np.asarray(nu, dtype=float)), np.radians",
    ),
)


def main() -> int:
    """Break, verify, write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--whole", action="store_true", help="the whole dossier instead of its quick part")
    parser.add_argument(
        "--only", nargs="+", default=[mutation.name for mutation in MUTATIONS], help="mutations by name"
    )
    asked = parser.parse_args()
    rows = {row["name"]: row for row in json.loads(RECORD.read_text("utf-8"))["mutations"]} if RECORD.exists() else {}
    for mutation in MUTATIONS:
        if mutation.name in asked.only:
            row = mutation._asdict() | tried(mutation, asked.whole)
            print(f"{mutation.name}: {', '.join(row['red']) or 'NOT NOTICED'}", flush=True)
            rows[mutation.name] = row
    found = [rows[mutation.name] for mutation in MUTATIONS if mutation.name in rows]
    noticed = sum(bool(row["red"]) for row in found)
    record = {"noticed": noticed, "mutations": found}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0 if noticed == len(found) else 1


def tried(mutation: Mutation, whole: bool) -> dict[str, Any]:
    """Return which laws turn red on a broken copy of the program."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PACKAGE, Path(folder) / "fem_wlp")
        file = Path(folder) / "fem_wlp" / mutation.file
        text = file.read_text("utf-8")
        if text.count(mutation.before) != 1:
            raise SystemExit(f"{mutation.name}: {mutation.before!r} stands {text.count(mutation.before)} times there")
        file.write_text(text.replace(mutation.before, mutation.after), "utf-8")
        command = [sys.executable, "-m", "fem_wlp", "verify", "--json", "--quiet", "--workers", "2"]
        ended = subprocess.run(
            command + ([] if whole else ["--quick"]),
            cwd=folder,
            env=os.environ | {"PYTHONPATH": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        how = {
            "date": datetime.now(UTC).isoformat(timespec="minutes"),
            "dossier": "whole" if whole else "quick",
            "exit": ended.returncode,
        }
        if not ended.stdout:
            return how | {"red": ["the program itself"], "said": ended.stderr[-300:]}
        laws = json.loads(ended.stdout)["laws"]
        return how | {"red": [law["name"] for law in laws if law["passed"] is False]}


if __name__ == "__main__":
    sys.exit(main())
