"""A stored run, repeated: what it finds now beside what it found then."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..analysis import solve
from ..analysis.provenance import file_hash
from ..errors import ConfigError, SolveError
from ..package import load
from ..results import Result, as_data, plain
from ..solid.solve import THIS_PROCESS, Workshop
from .folder import require_folder, write
from .run_record import RunRecord, read_record
from .whole import as_json, write_contents

TOLERANCE = 1e-9
"""Largest drift of the same run [-]. The same versions on the same machine repeat every digit; other versions of the
libraries add up in another order, which certificates let pass to this amount. What is more is another mesh, input or
model."""

DRIFT = "drift.json"
"""Name of the comparison in a folder."""

ROUNDING = tuple(
    f"certificates.{name}"
    for name in (
        "residual",
        "backward_error",
        "equilibrium",
        "moments",
        "section_forces",
        "section_moments",
        "energy",
    )
)
"""Keys that hold nothing but rounding, and are not held against the tolerance."""

FACTS = ("program", "python", "platform", "model", "extent", "solver", "mesh")
"""What is told of a run where it isn't the same, beside the libraries' versions."""


@dataclass(frozen=True)
class KeyDrift:
    """How far one key of ``results.json`` went.

    Parameters
    ----------
    key
        The key; ``[]`` stands for the items of a list.
    before, after
        Where it went farthest: values then and now; None where there is none.
    drift
        Their difference over the largest amount of that key [-]; infinite where words differ or one is missing.
    held
        Whether it is held against the tolerance; keys of nothing but rounding aren't.
    """

    key: str
    before: Any
    after: Any
    drift: float
    held: bool = True


@dataclass(frozen=True)
class Changed:
    """What else is not the same: versions, platform, mesh."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Drift:
    """A run that was repeated, beside what is stored of it; ``print`` it.

    Parameters
    ----------
    keys
        All keys of ``results.json``, in its order.
    changed
        Versions, platform and mesh that aren't the same.
    tolerance
        Largest drift of the same run [-].
    result
        What was found now.
    """

    keys: tuple[KeyDrift, ...]
    changed: tuple[Changed, ...]
    tolerance: float
    result: Result | None = field(default=None, repr=False)

    @property
    def largest(self) -> float:
        """The largest drift of a key that is held against the tolerance [-]."""
        return max((each.drift for each in self.keys if each.held), default=0.0)

    @property
    def beyond(self) -> tuple[KeyDrift, ...]:
        """Keys beyond the tolerance."""
        return tuple(each for each in self.keys if each.held and not each.drift <= self.tolerance)

    @property
    def same(self) -> bool:
        """Whether no key is beyond the tolerance."""
        return not self.beyond

    def __str__(self) -> str:
        moved = [each for each in self.keys if each.drift > 0.0]
        wide = max((len(each.key) for each in moved), default=0)
        rows = [f"  {'key':{wide}}  {'before':>22}  {'now':>22}  drift"] if moved else []
        for each in sorted(moved, key=lambda one: (not one.held, -one.drift)):
            mark = "  rounding" if not each.held else "" if each.drift <= self.tolerance else "  beyond"
            rows.append(
                f"  {each.key:{wide}}  {_short(each.before):>22}  {_short(each.after):>22}  {each.drift:.1e}{mark}"
            )
        still = len(self.keys) - len(moved)
        rows.append(f"  {still} of {len(self.keys)} keys to the last digit as before")
        rows += [
            f"  {each.name}: {_short(each.before, 60)} before, {_short(each.after, 60)} now" for each in self.changed
        ]
        verdict = "the same" if self.same else f"not the same, {len(self.beyond)} keys beyond it"
        rows.append(f"Largest drift {self.largest:.1e}, tolerance {self.tolerance:.0e}: {verdict}.")
        return "\n".join(rows)


def rerun(
    run: str | os.PathLike[str],
    folder: str | os.PathLike[str] | None = None,
    *,
    tolerance: float = TOLERANCE,
    mesh: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: Callable[[str], None] | None = None,
    workshop: Workshop = THIS_PROCESS,
) -> Drift:
    """Repeat a stored run from its package file, and compare what it finds with what is stored.

    Parameters
    ----------
    run
        A result folder of ``solve``, or its ``run.json``.
    folder
        Where to write the new results, with ``drift.json``; None: nowhere.
    tolerance
        Largest drift of the same run [-].
    mesh
        The user's own mesh that the run was solved on; None: where it was then.
    overwrite
        Whether another configuration's results in ``folder`` may be replaced.
    progress, workshop
        As of ``solve``.

    Returns
    -------
    Drift

    Raises
    ------
    ConfigError
        F130 where there is no run of ``solve``, F131 where the folder was changed, F132 where the run's own mesh is
        missing or another one, C202 where the new results would replace the stored ones.
    WlpError
        As of ``solve`` and ``write``.
    """
    stored = read_record(run)
    own = _own_mesh(stored, mesh)
    package = load(stored.package_file)
    target = None if folder is None else Path(folder)
    if target is not None:
        if target.resolve() == stored.folder.resolve():
            hint = "name another folder: both are compared"
            raise ConfigError("C202", "the run would replace itself", where="--output", value=str(target), hint=hint)
        require_folder(package, target, overwrite)
    result = solve(package, progress, own, workshop)
    drift = drift_of(stored, result, tolerance)
    if target is not None:
        write(result, target, overwrite, {**stored.data["options"], "rerun": str(run)})
        write_contents(target, {DRIFT: as_json(drift_data(drift)).encode()})
    return drift


def require_same(drift: Drift) -> None:
    """Raise S520 where a run went farther than the tolerance."""
    if drift.same:
        return
    worst = max(drift.beyond, key=lambda each: each.drift)
    causes = ", ".join(each.name for each in drift.changed)
    raise SolveError(
        "S520",
        f"{worst.key} is {worst.drift:.1e} off, {drift.tolerance:.0e} is asked; {len(drift.beyond)} keys are beyond it",
        value=f"{_short(worst.before)} before, {_short(worst.after)} now",
        hint=f"what changed since: {causes}"
        if causes
        else "nothing that is recorded changed: report it, with both folders",
    )


def drift_of(stored: RunRecord, result: Result, tolerance: float = TOLERANCE) -> Drift:
    """Compare a result with a stored run."""
    now = json.loads(json.dumps(as_data(result), allow_nan=False))
    facts = json.loads(json.dumps(plain(result.provenance)))
    return Drift(compared(stored.results, now), tuple(_changes(stored.data, facts)), tolerance, result)


def drift_data(drift: Drift) -> dict[str, Any]:
    """Return a comparison as plain data; an infinite drift becomes None."""

    def row(each: KeyDrift) -> dict[str, Any]:
        data = {item.name: getattr(each, item.name) for item in fields(each)}
        return {**data, "drift": each.drift if math.isfinite(each.drift) else None}

    return {
        "same": drift.same,
        "tolerance": drift.tolerance,
        "largest": drift.largest if math.isfinite(drift.largest) else None,
        "beyond": [each.key for each in drift.beyond],
        "changed": [vars(each) for each in drift.changed],
        "keys": [row(each) for each in drift.keys],
    }


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[KeyDrift, ...]:
    """Compare the contents of two ``results.json``, key by key.

    Numbers of one key in a list, as those of all joints, are held against the largest of them, and axial forces against
    shear forces too: the force across a joint's way, or along it by symmetry, is nothing but rounding.
    """
    then, now = dict(_leaves(before)), dict(_leaves(after))
    groups: dict[str, list[str]] = {}
    scales: dict[str, float] = {}
    for place in {**then, **now}:
        key = re.sub(r"\[\d+\]", "[]", place)
        groups.setdefault(key, []).append(place)
        amounts = [abs(one[place]) for one in (then, now) if _is_number(one.get(place))]
        scales[_kind(key)] = max([scales.get(_kind(key), 0.0), *amounts])
    found = []
    for key, places in groups.items():
        scale = scales[_kind(key)]
        drifts = {at: _drift(then, now, at, scale) for at in places}
        worst = max(places, key=lambda at: drifts[at])
        found.append(KeyDrift(key, then.get(worst), now.get(worst), drifts[worst], key not in ROUNDING))
    return tuple(found)


def _kind(key: str) -> str:
    """Return what a key's numbers are held against: all of the same kind."""
    return re.sub(r"(axial|shear)_force(\[\])?$", "force", key)


def _drift(then: Mapping[str, Any], now: Mapping[str, Any], at: str, scale: float) -> float:
    if at not in then or at not in now:
        return math.inf
    one, other = then[at], now[at]
    if _is_number(one) and _is_number(other):
        return abs(one - other) / scale if one != other else 0.0
    return 0.0 if one == other else math.inf


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{at}.{key}" if at else key)
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from _leaves(item, f"{at}[{number}]")
    else:
        yield at, value


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Changed]:
    for name in FACTS:
        if before.get(name) != after.get(name):
            yield Changed(name, before.get(name), after.get(name))
    one, other = before["versions"], after["versions"]
    for name in {**one, **other}:
        if one.get(name) != other.get(name):
            yield Changed(name, one.get(name), other.get(name))


def _own_mesh(stored: RunRecord, mesh: str | os.PathLike[str] | None) -> Path | None:
    """The user's mesh of a run, by its hash."""
    own = stored.data.get("own_mesh")
    if own is None:
        if mesh is not None:
            message = "the run was solved on the program's own mesh"
            raise ConfigError("F132", message, where="--mesh", value=str(mesh), hint="leave --mesh out")
        return None
    file = Path(own["file"] if mesh is None else mesh)
    if not file.is_file():
        message = "the mesh that the run was solved on is not there"
    elif file_hash(file) != own["sha256"]:
        message = "this is not the mesh that the run was solved on"
    else:
        return file
    raise ConfigError(
        "F132", message, where=str(file), hint="name that mesh with --mesh FILE; run.json has its SHA-256"
    )


def _short(value: Any, most: int = 22) -> str:
    text = "–" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
