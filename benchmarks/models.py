"""The resolved array against joint cell and assembly, on every template.

    python benchmarks/models.py [micro-smd ...] [--fineness 1]

An eighth of each template is solved in three dimensions, and its joint cell and assembly beside it; every figure of
both goes to ``benchmarks/models.json`` with versions and date. D of every joint is to agree within 0.02 and its shear
force within 5 %; the exit status is 1 where one does not.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fem_wlp as wlp
from fem_wlp.package import template_names

HERE = Path(__file__).parent
BANDS = {
    "D of the joint where both differ most": 0.02,
    "shear force of the joint where both differ most": 0.05,
}
"""Largest difference of the two models that is claimed [-]."""


def main() -> int:
    """Solve all templates both ways and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("templates", nargs="*", default=template_names(), help="all by default")
    parser.add_argument("--fineness", type=float, default=1.0)
    wanted = parser.parse_args()
    rows = []
    for name in wanted.templates:
        rows.append(both(name, wanted.fineness))
        row = rows[-1]
        print(f"{name}: {row['unknowns']} unknowns, {row['processor_seconds']} s, within the bands: {row['within']}")
        for figure in row["figures"]:
            print(f"  {figure['name']:50s} {figure['resolved']!s:>24} {figure['condensed']!s:>24}", flush=True)
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "scipy", "gmsh")},
        "fineness": wanted.fineness,
        "bands": BANDS,
        "templates": rows,
    }
    (HERE / "models.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row["within"] for row in rows) else 1


def both(name: str, fineness: float) -> dict[str, Any]:
    """Return the figures of both models of one template."""
    changes = {"model.kind": "3d", "model.extent": "eighth", "model.fineness": fineness}
    start = time.process_time()
    result = wlp.solve(wlp.loads(wlp.template(name), changes))
    processor = time.process_time() - start  # of all threads: what other work on the machine changes least
    figures = [asdict(row) for row in result.comparison]
    apart = {row["name"]: row["difference"] for row in figures}
    return {
        "template": name,
        "unknowns": result.field.mesh.points.size,
        "seconds": {step: round(seconds, 1) for step, seconds in result.provenance["seconds"].items()},
        "processor_seconds": round(processor, 1),
        "iterations": result.provenance["iterations"],
        "within": all(abs(apart[figure]) <= band for figure, band in BANDS.items()),
        "figures": figures,
    }


if __name__ == "__main__":
    sys.exit(main())
