r"""Line and branch coverage of each room, from what the tests have recorded.

    python -m pytest -n auto --cov --cov-report= -m "long or not long" tests
    NUMBA_DISABLE_JIT=1 python -m pytest --cov --cov-append --cov-report= tests/solid -k "operator or multigrid"
    python benchmarks/code_coverage.py

Compiled functions are seen by nobody, so what holds them to plain NumPy runs a second time without numba.
``coverage.json`` holds shares of lines and branches of every room, and for rooms that compute physics each line and
branch that no test reaches. Ends with 1 where a line of a room of physics is not reached.
"""

from __future__ import annotations

import io
import json
import sys
from collections import defaultdict
from contextlib import redirect_stdout
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from coverage import Coverage

HERE = Path(__file__).parent

PHYSICS = (
    "materials", "limits", "estimation.py", "mesh", "elasticity", "solid", "joint", "assembly", "decoupling.py",
    "array", "analysis", "reduced", "process",
)  # fmt: skip
"""Rooms and modules that compute physics."""


def report(data: Coverage) -> dict[str, Any]:
    """Return coverage's own report."""
    with redirect_stdout(io.StringIO()) as text:
        data.json_report(outfile="-")
    found: dict[str, Any] = json.loads(text.getvalue())
    return found


def main() -> None:
    """Write the record, and say which lines of physics nothing reaches."""
    data = Coverage()
    data.load()
    data.combine(strict=False, keep=True)  # what processes that were killed have left
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("lines", "reached", "branches", "taken"), 0))
    missing: dict[str, dict[str, Any]] = {}
    for name, file in sorted(report(data)["files"].items()):
        module = Path(name).as_posix().split("fem_wlp/", 1)[1]
        room = module.split("/")[0]
        lines, branches = file["missing_lines"], file["missing_branches"]
        reached, taken = len(file["executed_lines"]), len(file["executed_branches"])
        for total in (counts[room], counts["all"]):
            total["lines"] += reached + len(lines)
            total["reached"] += reached
            total["branches"] += taken + len(branches)
            total["taken"] += taken
        if room in PHYSICS and (lines or branches):
            missing[module] = {"lines": lines, "branches": branches}
    rooms = {
        room: {
            **each,
            "line_coverage": round(each["reached"] / max(each["lines"], 1), 4),
            "branch_coverage": round(each["taken"] / max(each["branches"], 1), 4),
        }
        for room, each in counts.items()
    }
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "coverage", "pytest")},
        "rooms": rooms,
        "physics_not_reached": missing,
    }
    (HERE / "coverage.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for room, each in rooms.items():
        print(f"{room:20} {each['line_coverage']:8.2%} of lines {each['branch_coverage']:8.2%} of branches")
    for module, each in missing.items():
        print(f"{module}: lines {each['lines']}, branches {each['branches']}")
    sys.exit(any(each["lines"] for each in missing.values()))


if __name__ == "__main__":
    main()
