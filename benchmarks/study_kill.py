"""A study that is killed at random moments, goes on each time, and ends with the table of an uninterrupted one.

    python benchmarks/study_kill.py [--kills 20] [--workers 2] [--points 1000] [--seed 1]

What a point answers is known in closed form, and takes a twentieth of a second. The study's process gets SIGKILL at
random moments, most of them while it works, the others while it starts. ``study_kill.json`` holds what the kills cost:
nothing that was in the journal, and at most one point in flight for each worker.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fem_wlp
from fem_wlp.package import Package, loads, template
from fem_wlp.study import Study, study_of, sweep
from fem_wlp.study.journal import NAME

HERE = Path(__file__).parent

A_POINT = 0.05
"""How long a point takes [s]."""

KEYS = ("decoupling.figure", "joint.height")

PATIENCE = 300.0
"""How long a study may take to end [s]."""

SAID = "said"
"""File with what a study wrote to standard error."""

PROGRAM = Path(fem_wlp.__file__).parents[1]
"""Where the program is that runs here."""


@dataclass(frozen=True)
class Slow:
    """Answers by a closed form, slowly, and writes into a file what it began."""

    tally: Path

    def __call__(self, package: Package, keys: Sequence[str]) -> Mapping[str, float | None]:
        """Return a sine of the thickness, and none for its every third value."""
        assert package.second_layer is not None
        thickness = package.second_layer.thickness
        with self.tally.open("a") as file:
            file.write(f"{thickness!r}\n")
        time.sleep(A_POINT)
        return {"decoupling.figure": math.sin(1e3 * thickness), "joint.height": None if thickness > 0.1 else thickness}


def study_of_points(count: int) -> Study:
    """Return a study of so many thicknesses."""
    return study_of(loads(template("compliant")), {"second_layer.thickness": f"20 um..150 um:{count}"}, KEYS)


def answered(folder: Path, count: int, workers: int) -> None:
    """Answer the study, or what is left of it, and write its table at last."""
    answers = sweep(study_of_points(count), folder, workers, evaluator=Slow(folder / "tally"))
    (folder / "table.part").write_text(answers.csv(), "utf-8")
    (folder / "table.part").rename(folder / "study.csv")


def started(folder: Path, count: int, workers: int) -> subprocess.Popen[bytes]:
    """Start the study in a process of its own, which runs the program that runs here; what it says is kept."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, __file__, "--answer", str(folder), "--points", str(count), "--workers", str(workers)]
    paths = os.pathsep.join([str(PROGRAM), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (folder / SAID).open("ab") as said:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=said, env={**os.environ, "PYTHONPATH": paths})


def ended(folder: Path, study: subprocess.Popen[bytes]) -> None:
    """Wait until a study has ended, which it must have done well."""
    if code := study.wait(PATIENCE):
        raise RuntimeError(f"the study in {folder.name} ended with {code}: {(folder / SAID).read_text()[-2000:]}")


def lines(path: Path) -> list[str]:
    """Return the whole lines of a file; none if it isn't there."""
    return path.read_text("utf-8").split("\n")[:-1] if path.exists() else []


def killed(folder: Path, count: int, workers: int, kills: int, seed: int) -> dict[str, Any]:
    """Kill a study so often at random moments, let it end, and say what that cost."""
    moments = random.Random(seed)
    begin = time.perf_counter()
    with started(folder / "whole", count, workers) as whole:
        while whole.poll() is None and len(lines(folder / "whole" / NAME)) < 2:
            time.sleep(0.02)
        startup = time.perf_counter() - begin
        ended(folder / "whole", whole)
    cut, events = folder / "killed", []
    window = count * A_POINT / workers / (kills + 1)
    while len(events) < kills and not (cut / "study.csv").exists():
        before = lines(cut / NAME)
        with started(cut, count, workers) as study:
            try:
                working = moments.random() < 0.7
                while working and study.poll() is None and len(lines(cut / NAME)) <= max(1, len(before)):
                    time.sleep(0.02)
                moment = moments.uniform(0.0, window if working else 0.5 * startup)
                study.wait(moment)
            except subprocess.TimeoutExpired:
                before = lines(cut / NAME)
                os.kill(study.pid, signal.SIGKILL)
                study.wait()
                events.append({"working": working, "after": round(moment, 2), "answers": max(0, len(before) - 1)})
        if lines(cut / NAME)[: len(before)] != before:
            raise RuntimeError("lines of the journal were lost")
    with started(cut, count, workers) as study:
        ended(cut, study)
    begun = len(lines(cut / "tally"))
    return {
        "points": count,
        "workers": workers,
        "kills": len(events),
        "at": events,
        "computed_again": begun - count,
        "at_most": len(events) * workers,
        "same_table": (cut / "study.csv").read_bytes() == (folder / "whole" / "study.csv").read_bytes(),
    }


def main() -> None:
    """Kill, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer is not None:
        answered(options.answer, options.points, options.workers)
        return
    with tempfile.TemporaryDirectory() as scratch:
        found = killed(Path(scratch), options.points, options.workers, options.kills, options.seed)
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "loky")},
        "seed": options.seed,
        **found,
    }
    (HERE / "study_kill.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
