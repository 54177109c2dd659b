"""What becomes of every mutant of every leaf of the packages, and of accepted ones when they are solved.

    python benchmarks/bad_input.py [--solved 60] [--seed 1]

The mutants are those of ``tests/package/mutants.py``, the list of mutations done to every leaf of templates, their 3D
models, a study, a design, and materials with all their keys. A sample of those accepted is solved, on a coarse mesh of
few joints where the mutant leaves these alone: green, or refused with a code. ``bad_input.json`` holds the counts. Exit
status 1 where a mutant ended otherwise, where one was accepted without effect, or where one solved was neither.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from fem_wlp.package import loads  # noqa: E402
from fem_wlp.package.document import dotted  # noqa: E402
from tests.package.mutants import (  # noqa: E402
    at,
    changed,
    has_effect,
    leaves_of,
    mutants,
    subjects,
    tally,
    text_of,
    tried,
)
from tests.soak.outcome import outcome_of  # noqa: E402

SMALL: dict[str, Any] = {"model": {"fineness": 0.3}, "array": {"pitch": "0.5 mm", "rows": 2, "columns": 2}}
"""What a package is solved with, where its mutant is no key of these tables."""


def main() -> int:
    """Try all, solve some, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--solved", type=int, default=60, help="accepted mutants that are solved")
    parser.add_argument("--seed", type=int, default=1, help="of their choice")
    options = parser.parse_args()
    start = time.perf_counter()
    found = {name: counted(name, tree) for name, tree in subjects().items()}
    solved = answered(options.solved, options.seed)
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "pydantic")},
        "seconds": round(time.perf_counter() - start),
        "mutants": sum(one["refused"] + one["accepted"] for one in found.values()),
        "refused": sum(one["refused"] for one in found.values()),
        "accepted": sum(one["accepted"] for one in found.values()),
        "accepted_without_effect": sum(len(one["ignored"]) for one in found.values()),
        "solved": solved,
        "subjects": found,
    }
    (HERE / "bad_input.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return int(record["accepted_without_effect"] > 0 or solved["failed"] > 0)


def counted(name: str, tree: dict[str, Any]) -> dict[str, Any]:
    """Return what became of all mutants of a subject; one that ends in a traceback ends this, too."""
    found = tally(name, tree)
    print(name, found.refused.total(), found.accepted.total(), flush=True)
    return {
        "leaves": found.leaves,
        "refused": found.refused.total(),
        "accepted": found.accepted.total(),
        "accepted_same_value": found.same.total(),
        "ignored": found.ignored,
        "slowest_seconds": round(found.slowest, 2),
        "codes": dict(found.refused.most_common()),
        "accepted_by_mutation": dict(found.accepted.most_common()),
    }


def accepted() -> Iterator[tuple[str, tuple[str | int, ...], str, dict[str, Any]]]:
    """Yield the accepted mutants with an effect of the two-dimensional subjects: name, path, mutation and tree."""
    for name, tree in subjects().items():
        if name in ("study", "design") or name.endswith(" in 3D"):
            continue
        base = loads(text_of(tree))
        for path in leaves_of(name, tree):
            for mutation, value in mutants(at(tree, path)):
                mutant = changed(tree, path, value)
                package = tried(text_of(mutant)).package
                if package is not None and has_effect(package, base, path) and path[0] != "name":
                    yield name, path, mutation, mutant


def answered(count: int, seed: int) -> dict[str, Any]:
    """Solve a sample of accepted mutants; return what became of them."""
    chosen = [*accepted()]
    Random(seed).shuffle(chosen)
    verdicts: Counter[str] = Counter()
    told = []
    for name, path, mutation, mutant in chosen[:count]:
        small = {key: value for key, value in SMALL.items() if key != path[0]}
        package = tried(text_of({**mutant, **small})).package or tried(text_of(mutant)).package
        assert package is not None
        outcome = outcome_of(package)
        verdicts[outcome.verdict] += 1
        if outcome.verdict != "green":
            told.append([name, dotted(path), mutation, outcome.code, outcome.told])
        print(name, dotted(path), mutation, outcome.verdict, outcome.code, flush=True)
    kinds = ("green", "refused", "failed")
    return {"of": len(chosen), "seed": seed, **{kind: verdicts[kind] for kind in kinds}, "not_green": told}


if __name__ == "__main__":
    sys.exit(main())
