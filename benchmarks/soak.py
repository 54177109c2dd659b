"""Which share of random valid packages meshes and solves with green certificates.

    python benchmarks/soak.py [--count 300] [--solids 50] [--timeout 300] [--workers 2]
    python benchmarks/soak.py --seed 17 [--kind 3d] [--show]

The packages are those of ``tests/soak/drawn.py``, one for each seed, over the documented ranges. Each is solved in a
process of its own, which may not take longer than ``--timeout`` seconds. ``soak.json`` is written after every package:
killed, the same command goes on, as long as the program and the drawing are the same. A package is green where all
certificates hold and all numbers are finite, refused where the program refused it with a code, failed otherwise (a
traceback, a red certificate in a result, a hang). Exit status 1 where one failed or fewer are green than are asked.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from tests.soak.drawn import FILE, Kind, drawn  # noqa: E402
from tests.soak.outcome import outcome_of  # noqa: E402

SERVED = multiprocessing.get_context("forkserver")
"""Processes begin as copies of one that has no threads: a copy of this one might wait for a lock that nobody holds."""

SERVED.set_forkserver_preload(["tests.soak.outcome", "tests.soak.drawn"])

PR_SET_PDEATHSIG = 1

ASKED = {"2d": 0.99, "3d": 0.97}
"""Least share of green packages [-]."""

SOURCES = ("fem_wlp/**/*.py", "fem_wlp/**/*.toml", "tests/soak/drawn.py", "tests/soak/outcome.py")


def main() -> int:
    """Solve all that are not yet solved, and write the record after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300, help="packages in 2D")
    parser.add_argument("--solids", type=int, default=50, help="packages in 3D")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds that one package may take")
    parser.add_argument("--workers", type=int, default=1, help="packages that are solved at once")
    parser.add_argument("--seed", type=int, help="this package alone; nothing is written")
    parser.add_argument("--kind", choices=("2d", "3d"), default="2d", help="of that package")
    parser.add_argument("--show", action="store_true", help="print that package's file as well")
    parser.add_argument("--out", type=Path, default=HERE / "soak.json")
    options = parser.parse_args()
    if options.seed is not None:
        return one(options)
    record = begun(options.out)
    packages = record["packages"]
    left = [
        (kind, seed)
        for kind, seed in order(options.count, options.solids)
        if str(seed) not in packages.setdefault(kind, {})
    ]
    with ThreadPoolExecutor(options.workers) as pool:  # each of them waits for a process of its own
        running = {pool.submit(told, kind, seed, options.timeout): (kind, seed) for kind, seed in left}
        for answer in as_completed(running):
            kind, seed = running[answer]
            packages[kind][str(seed)] = answer.result()
            record["shares"] = shares(packages)
            written(record, options.out)
            print(kind, seed, json.dumps(packages[kind][str(seed)]), flush=True)
    print(json.dumps(record["shares"], indent=1))
    return int(any(not share["holds"] for share in record["shares"].values()))


def order(count: int, solids: int) -> list[tuple[Kind, int]]:
    """Return kinds and seeds, both kinds spread evenly, so that a soak that is stopped has told of both."""
    flat: list[tuple[float, Kind, int]] = [(seed / count, "2d", seed) for seed in range(1, count + 1)]
    return [
        (kind, seed) for _, kind, seed in sorted(flat + [(seed / solids, "3d", seed) for seed in range(1, solids + 1)])
    ]


def one(options: argparse.Namespace) -> int:
    """Solve one package by itself and print what became of it."""
    package = drawn(options.seed, options.kind)
    if options.show:
        print(package.files[FILE])
    found = told(options.kind, options.seed, options.timeout)
    print(json.dumps(found, indent=1))
    return int(found["verdict"] == "failed")


def begun(file: Path) -> dict[str, Any]:
    """Return the record of a run of the same program, or a new one."""
    head = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "source": digest(),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "scipy", "gmsh", "scikit-fem")},
    }
    if file.exists():
        record: dict[str, Any] = json.loads(file.read_text("utf-8"))
        if record["source"] == head["source"]:
            return record
    return {**head, "shares": {}, "packages": {}}


def digest() -> str:
    """Return the hash of everything that the answers depend on."""
    found = hashlib.sha256()
    for pattern in SOURCES:
        for file in sorted(ROOT.glob(pattern)):
            found.update(file.read_bytes())
    return found.hexdigest()[:16]


def written(record: dict[str, Any], file: Path) -> None:
    """Write the record whole, one line a package."""
    head = {key: value for key, value in record.items() if key != "packages"}
    kinds = []
    for kind, found in record["packages"].items():
        lines = (f'   "{seed}": {json.dumps(found[seed])}' for seed in sorted(found, key=int))
        kinds.append(f'  "{kind}": {{\n' + ",\n".join(lines) + "\n  }")
    text = json.dumps(head, indent=1)[:-2] + ',\n "packages": {\n' + ",\n".join(kinds) + "\n }\n}\n"
    json.loads(text)
    file.with_suffix(".part").write_text(text, "utf-8")
    file.with_suffix(".part").rename(file)


def shares(packages: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return how many were green, refused and failed, and whether the share is what is asked."""
    found = {}
    for kind, all_of in packages.items():
        verdicts = Counter(one["verdict"] for one in all_of.values())
        share = verdicts["green"] / max(1, len(all_of))
        found[kind] = {
            "packages": len(all_of),
            **{verdict: verdicts[verdict] for verdict in ("green", "refused", "failed")},
            "share_green": round(share, 4),
            "codes": dict(Counter(one["code"] for one in all_of.values() if one["verdict"] != "green")),
            "refused_while_drawn": dict(sum((Counter(one["redrawn"]) for one in all_of.values()), Counter())),
            "longest_seconds": max((one["seconds"] for one in all_of.values()), default=0.0),
            "most_megabytes": max((one["megabytes"] for one in all_of.values()), default=0.0),
            "holds": share >= ASKED[kind] and not verdicts["failed"],
        }
    return found


def told(kind: Kind, seed: int, timeout: float) -> dict[str, Any]:
    """Solve one package in a process of its own, and return what became of it."""
    package = drawn(seed, kind)
    here, there = SERVED.Pipe(duplex=False)
    start = time.perf_counter()
    child = SERVED.Process(target=answered, args=(kind, seed, there))
    child.start()
    there.close()
    found: dict[str, Any]
    if not here.poll(timeout):
        child.kill()
        found = {"verdict": "failed", "code": "hang", "told": f"no answer within {timeout:g} s", "megabytes": 0.0}
    else:
        try:
            found = here.recv()
        except EOFError:
            child.join()
            found = {"verdict": "failed", "code": "crash", "told": f"exit code {child.exitcode}", "megabytes": 0.0}
    child.join()
    found["seconds"] = round(time.perf_counter() - start, 2)
    return found | {"joints": len(package.package.array.joints), "redrawn": dict(package.redrawn)}


def answered(kind: Kind, seed: int, there: Connection) -> None:
    """Solve a package and send what became of it; what libraries print is lost."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # where the soak is killed, nothing goes on behind it
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    outcome = outcome_of(drawn(seed, kind).package)
    found: dict[str, Any] = {"verdict": outcome.verdict}
    if outcome.code:
        found |= {"code": outcome.code, "told": outcome.told}
    if outcome.certificates:
        found["certificates"] = {name: float(f"{value:.3g}") for name, value in outcome.certificates.items()}
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    there.send({**found, "megabytes": round(megabytes)})
    there.close()


if __name__ == "__main__":
    sys.exit(main())
