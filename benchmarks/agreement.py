"""Our solid elements against independent codes: the same mesh, the same materials, the same discrete problem.

    python benchmarks/agreement.py [--templates paste compliant] [--pythons ~/dolfinx/bin/python ...]

A quarter of a 2 x 2 array of every template is solved by us and by every peer that is installed, each with the same
element: 27-node hexahedra with curved sides and projected dilatation (our default), the same without projection, and
straight 10-node tetrahedra. ``agreement.json`` holds the largest difference of a node's displacement, relative to the
largest displacement, with versions. Exit status 1 where it exceeds 1e-6, or where the control does not: plain against
projected hexahedra, which are two discrete problems.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

import exchange  # noqa: E402
from problems import hexahedra, inverted, tetrahedra  # noqa: E402
from programs import Limits, Way, installed, run  # noqa: E402

AGREE = 1e-6
"""Largest difference that is agreement [-]; CalculiX prints seven digits."""

TIGHT = 1e-11
"""Residual asked of our iterative solver, so that only the discretisation is compared [-]."""

OURS = {
    (elements, form): Way("fem_wlp", "fem_wlp", elements, form, "multigrid")
    for elements, form in (
        ("hexahedra", "projected"), ("hexahedra", "plain"), ("tetrahedra", "projected"), ("tetrahedra", "plain"),
    )
}  # fmt: skip
PEERS = (
    Way("DOLFINx, MUMPS", "dolfinx", "hexahedra", "projected", "mumps"),
    Way("DOLFINx, MUMPS", "dolfinx", "hexahedra", "plain", "mumps"),
    Way("NGSolve, Cholesky", "ngsolve", "hexahedra", "plain", "cholesky"),
    Way("DOLFINx, MUMPS", "dolfinx", "tetrahedra", "projected", "mumps"),
    Way("DOLFINx, MUMPS", "dolfinx", "tetrahedra", "plain", "mumps"),
    Way("NGSolve, Cholesky", "ngsolve", "tetrahedra", "plain", "cholesky"),
    Way("CalculiX, SPOOLES", "calculix", "tetrahedra", "plain", "spooles"),
    Way("SfePy, MUMPS", "sfepy", "tetrahedra", "plain", "mumps"),
)


def main() -> int:
    """Compare all and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--templates", nargs="+", default=["paste", "compliant"])
    parser.add_argument("--pythons", nargs="+", default=[], help="interpreters to look for peers in")
    parser.add_argument("--output", type=Path, default=HERE / "agreement.json")
    options = parser.parse_args()
    found = installed([*options.pythons, *filter(None, os.environ.get("PEER_PYTHONS", "").split(":"))])
    rows = [row for template in options.templates for row in compared(template, found)]
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "numba")},
        "agreement": AGREE,
        "comparisons": rows,
    }
    options.output.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        print(f"{row['template']:10s} {row['unknowns']:8d}  {row['name']:58s} {row['apart']:.1e}  {row['passes']}")
    if not any(row["name"] == PEERS[0].label for row in rows):
        print("the default element was not compared: no DOLFINx found")
    return int(not all(row["passes"] for row in rows))


def compared(template: str, found: dict[str, str]) -> list[dict[str, Any]]:
    """Solve one template by us and the peers; return the differences."""
    rows: list[dict[str, Any]] = []
    case = hexahedra(template, 2)
    cases = {"hexahedra": case, "tetrahedra": tetrahedra(case)}
    if inverted(cases["tetrahedra"].problem):
        del cases["tetrahedra"]
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, f"{name}.npz") for name in cases}
        for name, path in files.items():
            exchange.write(path, cases[name].problem._replace(tolerance=TIGHT))
        ours = {
            key: solved(way, found["fem_wlp"], files[key[0]])[0] for key, way in OURS.items() if way.elements in files
        }
        shared = {"template": template, "unknowns": case.problem.points.size}
        control = apart(ours["hexahedra", "plain"], ours["hexahedra", "projected"])
        rows.append(shared | {"name": "control: plain against projected", "apart": control, "passes": control > AGREE})
        for way in PEERS:
            if way.program in found and way.elements in files:
                u, report = solved(way, found[way.program], files[way.elements])
                distance = apart(u, ours[way.elements, way.form])
                result = {"name": way.label, "apart": distance, "passes": distance <= AGREE}
                rows.append(shared | result | {"versions": report["versions"]})
    return rows


def solved(way: Way, python: str, problem: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """Return an answer and its report."""
    path = problem.with_name("answer.npz")
    report = run(way, python, problem, path, Limits(1800.0))
    if "failed" in report:
        raise SystemExit(f"{way.label}: {report['failed']}")
    with np.load(path) as data:
        return np.asarray(data["u"]), report


def apart(u: np.ndarray, reference: np.ndarray) -> float:
    """Return the largest difference, relative to the largest displacement [-]."""
    return float(np.abs(u - reference).max() / np.abs(reference).max())


if __name__ == "__main__":
    sys.exit(main())
