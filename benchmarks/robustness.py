"""Iterations of the multigrid solver against the contrast of the materials and Poisson's ratio.

    python benchmarks/robustness.py [--templates paste compliant] [--joints 2]

A quarter of the array is cooled (residual 1e-8). Contrast: the moduli keep their order, their logarithms are spread so
that the largest is so many times the least. Poisson's ratio: that of every material. Nothing is timed;
``robustness.json`` holds the iterations and what they grow by.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

from problems import TOLERANCE, Case, hexahedra  # noqa: E402

from fem_wlp.solid.operator import operator, thermal_load  # noqa: E402
from fem_wlp.solid.solve import solve  # noqa: E402

CONTRASTS = (1e2, 1e3, 1e4, 1e5)
RATIOS = (0.3, 0.4, 0.45, 0.49, 0.499)


def main() -> None:
    """Solve all and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--templates", nargs="+", default=["paste", "compliant"])
    parser.add_argument("--joints", type=int, default=2, help="along the whole array's side")
    options = parser.parse_args()
    found = {name: one_template(name, options.joints) for name in options.templates}
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "numba", "pyamg")},
        "tolerance": TOLERANCE,
        "templates": found,
    }
    (HERE / "robustness.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def one_template(name: str, joints: int) -> dict[str, Any]:
    """Return the iterations on one template's arrays."""
    case = hexahedra(name, joints)
    E = case.problem.E
    spread = {f"{contrast:.0e}": contrasting(E, contrast) for contrast in CONTRASTS}
    by_contrast = {
        f"nu = {nu}": {label: iterations(case, moduli, nu) for label, moduli in spread.items()} for nu in (0.3, 0.49)
    }
    by_ratio = {str(nu): iterations(case, E, nu) for nu in RATIOS}
    found = {
        "unknowns": case.problem.points.size,
        "own_contrast": round(float(E.max() / E.min())),
        "by_contrast": by_contrast,
        "by_poissons_ratio": by_ratio,
        "growth": {
            "contrast 1e2 to 1e5, nu 0.3": ratio(by_contrast["nu = 0.3"], "1e+02", "1e+05"),
            "nu 0.3 to 0.49": ratio(by_ratio, "0.3", "0.49"),
        },
    }
    print(name, json.dumps(found, indent=1), flush=True)
    return found


def contrasting(E: np.ndarray, contrast: float) -> np.ndarray:
    """Return moduli whose largest is ``contrast`` times the least, their logarithms in proportion to the given ones."""
    return np.asarray(E.max() * (E / E.max()) ** (np.log(contrast) / np.log(E.max() / E.min())))


def iterations(case: Case, E: np.ndarray, nu: float) -> int:
    """Return the iterations that one problem takes with other materials."""
    problem = case.problem._replace(E=E, nu=np.full(E.shape, nu))
    stiff = operator(case.gauges.sector.mesh, problem.tensors)
    load = thermal_load(stiff, problem.free_strains)
    count = solve(stiff, load, problem.fixed, method="multigrid", tolerance=problem.tolerance).iterations
    print(f"contrast {E.max() / E.min():.0e}, nu {nu:.3f}: {count}", flush=True)
    return count


def ratio(counts: dict[str, int], first: str, last: str) -> float:
    """Return by what iterations grow."""
    return round(counts[last] / counts[first], 2)


if __name__ == "__main__":
    main()
