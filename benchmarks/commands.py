"""What the command line takes: wall and processor seconds and peak memory of whole cold processes.

    python benchmarks/commands.py [--runs 5]

Every template is written by ``fem-wlp new`` into a scratch folder and solved there; the medians go to
``benchmarks/commands.json`` with versions and date, and to the screen beside what is asked of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TEMPLATES = ("compliant", "paste", "conventional", "micro-smd")
ASKED = {"--help": 0.4, "estimate": 0.6, "solve": 6.0}
"""Wall seconds that a verb may take [s]."""


def main() -> None:
    """Measure all verbs and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(command, Path(folder), runs) for command in commands(Path(folder))]
        where = {name: step_seconds(Path(folder) / f"{name}-results") for name in TEMPLATES}
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "versions": {name: version(name) for name in ("numpy", "scipy", "scikit-fem", "gmsh", "matplotlib")},
        "runs": runs,
        "commands": rows,
        "seconds of the steps of solve, last run": where,
    }
    (HERE / "commands.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"{'command':38s} {'wall s':>8s} {'asked':>6s} {'cpu s':>8s} {'MB':>6s}")
    for row in rows:
        print(f"{row['command']:38s} {row['wall']:8.2f} {row['asked']:>6} {row['cpu']:8.2f} {row['memory']:6.0f}")
    for name, steps in where.items():
        print(f"{name}: " + ", ".join(f"{step} {seconds:.2f} s" for step, seconds in steps.items()))


def commands(folder: Path) -> list[list[str]]:
    """Write the templates' files and return the arguments to measure."""
    for name in TEMPLATES:
        subprocess.run([*program(), "new", name, "--template", name], cwd=folder, check=True, capture_output=True)
    verbs = [["--help"], ["--version"], ["estimate", "compliant.toml"], ["check", "compliant.toml"]]
    return verbs + [["solve", f"{name}.toml", "--overwrite", "--quiet"] for name in TEMPLATES]


def program() -> list[str]:
    """The command line of the running interpreter."""
    return [sys.executable, "-m", "fem_wlp"]


def measured(arguments: list[str], folder: Path, runs: int) -> dict[str, Any]:
    """Return medians over several cold processes."""
    walls, processors, peaks = [], [], []
    for _ in range(runs):
        begun = time.perf_counter()
        with subprocess.Popen([*program(), *arguments], cwd=folder, stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
        walls.append(time.perf_counter() - begun)
        processors.append(usage.ru_utime + usage.ru_stime)
        peaks.append(usage.ru_maxrss / 1024)
    return {
        "command": " ".join(arguments[:2]),
        "wall": round(statistics.median(walls), 3),
        "wall_range": [round(min(walls), 3), round(max(walls), 3)],
        "asked": ASKED.get(arguments[0], ""),
        "cpu": round(statistics.median(processors), 3),
        "memory": round(max(peaks), 1),
    }


def step_seconds(folder: Path) -> dict[str, float]:
    """Return where the time of a solve went."""
    return dict(json.loads((folder / "run.json").read_text(encoding="utf-8"))["seconds"])


if __name__ == "__main__":
    main()
