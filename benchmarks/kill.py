"""Processes that get SIGKILL at random moments: what they leave is a result, or does not claim to be one.

    python benchmarks/kill.py [--kills 50] [--study-kills 20] [--workers 2] [--points 1000] [--seed 1]

First ``solve``, ``sweep`` and ``verify``, each in a folder that holds the results of another question: a third of the
kills at any moment of the run, a third while files are written, a third while these are moved in. After each kill every
entry under a final name must be whole and of the same question as all others, and the entry that is moved in last must
be there only with all others; then the next writer settles what was left, and old or new results must stand there,
whole. Every tenth run is let to its end after that.

Then a study, whose points are known in closed form and take a twentieth of a second. It goes on after each kill, and
ends with the table of an uninterrupted one: what that cost is nothing that was in the journal, and at most one point in
flight for each worker. ``kill.json`` holds both.
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
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fem_wlp
from fem_wlp.package import Package, load, loads, template
from fem_wlp.report.run_record import read_record
from fem_wlp.report.whole import MOVES, STAGE, require_writable
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

SMALL = ("--set", "array.rows=2", "--set", "array.columns=2", "--fineness", "0.3")

QUESTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "solve": (("first.toml", *SMALL), ("second.toml", *SMALL, "--set", "land.thickness=30 um")),
    "sweep": (
        ("first.toml", *SMALL, "--full", "--workers", "1", "--vary", "land.thickness=20 um, 30 um"),
        ("second.toml", *SMALL, "--full", "--workers", "1", "--vary", "land.thickness=25 um, 40 um"),
    ),
    "verify": (("--only", "torsion", "--workers", "1"), ("--only", "bending", "--workers", "1")),
}
"""Verb → two questions that it is asked in turn, in one folder."""

NAMES = {"verify": ("torsion", "bending")}
"""What a page or record says of one question and not of the other; else the packages' names."""

SIGN = {"solve": "results.json", "sweep": "study.csv", "verify": "verification.json"}
"""The entry of each verb's folder that is moved in last."""

ENDINGS = {
    ".html": b"</html>",
    ".png": b"IEND\xaeB`\x82",
    ".svg": b"</svg>",
    ".vtu": b"</VTKFile>",
    ".csv": b"\n",
    ".toml": b"\n",
    ".nc": b"",
}
"""How whole files end; JSON that is torn cannot be read."""


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


# Verbs


def asked(verb: str, side: int, folder: Path) -> subprocess.Popen[bytes]:
    """Ask one of a verb's questions in a process of its own, in a folder that may hold the other's answer."""
    command = [sys.executable, "-m", "fem_wlp", verb, *QUESTIONS[verb][side], "--out", str(folder), "--quiet"]
    command += ["--overwrite"] if verb != "verify" else []
    paths = os.pathsep.join([str(PROGRAM), *filter(None, [os.environ.get("PYTHONPATH")])])
    surroundings = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    with (folder.parent / SAID).open("ab") as said:
        return subprocess.Popen(
            command, cwd=folder.parent, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=surroundings
        )


def contents(folder: Path) -> dict[str, bytes]:
    """Return what stands under final names, without the journal, which is a study's memory and not its result."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        str(path): (folder / path).read_bytes()
        for path in files
        if not path.parts[0].startswith(STAGE) and path.name != NAME
    }


def torn(name: str, content: bytes) -> bool:
    """Tell whether a file ends before its end."""
    if name.endswith(".json"):
        try:
            json.loads(content)
        except ValueError:
            return True
        return False
    return not content.rstrip(b"\n" if not name.endswith((".csv", ".toml")) else b"").endswith(
        ENDINGS[Path(name).suffix]
    )


def sides(name: str, content: bytes, whole: Sequence[Mapping[str, bytes]], words: Sequence[str]) -> set[int]:
    """Return the questions that a file may answer: by its bytes or, where it tells its date, by what only one says."""
    found = {side for side, each in enumerate(whole) if each.get(name) == content}
    return found or {side for side, word in enumerate(words) if word.encode() in content}


def judged(verb: str, folder: Path, whole: Sequence[Mapping[str, bytes]]) -> str:
    """Say what a kill left: nothing, old or new results, or a part of one of them; raise where it claims too much."""
    there = contents(folder)
    for name in there:
        if torn(name, there[name]):
            raise RuntimeError(f"{name} is torn")
    words = NAMES.get(verb, ("first", "second"))
    common = {0, 1}.intersection(*(sides(name, content, whole, words) for name, content in there.items()))
    if not common:
        raise RuntimeError(f"entries of two questions: {sorted(there)}")
    if not there:
        return "nothing"
    side = min(common)
    if SIGN[verb] in there:
        if there.keys() != whole[side].keys():
            raise RuntimeError(f"{SIGN[verb]} stands beside {sorted(there)}")
        if verb == "solve":
            read_record(folder)
            load(folder / "package.toml")
        return "whole"
    return "part"


def verb_killed(verb: str, folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill a verb so often while it answers its two questions in turn, and count what was left."""
    moments = random.Random(seed)
    for name in ("first", "second"):
        (folder / f"{name}.toml").write_text(template("compliant", name), "utf-8")
    whole, lengths = [], []
    for side in (0, 1):
        begin = time.perf_counter()
        if asked(verb, side, folder / f"whole-{side}").wait(PATIENCE):
            raise RuntimeError((folder / SAID).read_text()[-2000:])
        lengths.append(time.perf_counter() - begin)
        whole.append(contents(folder / f"whole-{side}"))
    target, left, settled = folder / "target", Counter[str](), Counter[str]()
    for number in range(kills):
        when = ("any", "writing", "moving")[number % 3]
        with asked(verb, number % 2, target) as process:
            if when == "any":
                time.sleep(moments.uniform(0.0, max(lengths)))
            else:
                wait_for(target, process, when == "moving")
                time.sleep(moments.uniform(0.0, 0.3 if when == "writing" else 0.03))
            ended_before = process.poll() is not None
            process.kill()
        left[f"{when}: {'ended before' if ended_before else judged(verb, target, whole)}"] += 1
        require_writable(target)
        state = judged(verb, target, whole)
        if state == "part" or list(target.glob(f"{STAGE}*")):
            raise RuntimeError(f"not settled: {state}")
        settled[state] += 1
        if number % 10 < 9:
            continue
        if asked(verb, number % 2, target).wait(PATIENCE) or judged(verb, target, whole) != "whole":
            raise RuntimeError((folder / SAID).read_text()[-2000:])
    return {"kills": kills, "left": dict(sorted(left.items())), "settled": dict(sorted(settled.items()))}


def wait_for(folder: Path, process: subprocess.Popen[bytes], moving: bool) -> None:
    """Wait until a process writes, or moves what it has written; or until it has ended."""
    while process.poll() is None:
        staged = list(folder.glob(f"{STAGE}*"))
        if staged and (not moving or (staged[0] / MOVES).exists()):
            return
        time.sleep(0.0 if staged else 0.002)


# A study


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
    parser.add_argument("--kills", type=int, default=50, help="of each verb")
    parser.add_argument("--study-kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer is not None:
        answered(options.answer, options.points, options.workers)
        return
    with tempfile.TemporaryDirectory() as scratch:
        verbs = {}
        for verb in QUESTIONS:
            (Path(scratch) / verb).mkdir()
            verbs[verb] = verb_killed(verb, Path(scratch) / verb, options.kills, options.seed)
            print(verb, json.dumps(verbs[verb]), flush=True)
        study = killed(Path(scratch), options.points, options.workers, options.study_kills, options.seed)
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "loky")},
        "seed": options.seed,
        "claims": "after every kill, all entries under final names were whole and of one question",
        "verbs": verbs,
        "study": study,
    }
    (HERE / "kill.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
