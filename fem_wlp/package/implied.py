"""What a process says of temperatures, as if it stood in the file: `temperatures` and every part's `stress_free`.

So all that knows one temperature for every part goes on to work: the temperature at which the part was born last, the
solidus of mounting as assembly temperature, and the service temperatures of the last step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from fem_wlp.errors import ConfigError
from fem_wlp.package.document import Table
from fem_wlp.package.outline import Path
from fem_wlp.package.process import ROOM, PartName, Service

BORN_AT = {
    "cure": "temperature",
    "plate": "temperature",
    "place": "temperature",
    "remelt": "solidus",
    "mount": "solidus",
}
"""Word of a step that makes something solid → the key that says at which temperature."""

_STAND_IN: Table = {"assembly": "217 degC", "service": ROOM}
"""Temperatures of a process that does not say them, which is refused for that."""


@dataclass(frozen=True)
class Implied:
    """A package file with what its process implies.

    Parameters
    ----------
    tree
        The file's tables; with a process, `temperatures` and `stress_free` are filled in.
    sources
        Path of what is filled in → path of the key that implies it.
    """

    tree: Table
    sources: Mapping[Path, Path]


def implied_by_process(tree: Table) -> Implied:
    """Return a package file with what its process implies; as it is, without process."""
    if not tree.get("process"):
        return Implied(tree, {})
    written = tree["process"] if isinstance(tree["process"], list) else []
    sources: dict[Path, Path] = {}
    births: dict[str, object] = {}
    temperatures = dict(_STAND_IN)
    for number, step in enumerate(written):
        if not isinstance(step, dict):
            continue
        word, place = step.get("step"), ("process", number)
        if word == "cycle":
            looked_at = {key: step[key] for key in Service.keys if key in step}
            temperatures = {"assembly": temperatures["assembly"], **looked_at}
            sources |= {("temperatures",): place} | {("temperatures", key): (*place, key) for key in looked_at}
        key = BORN_AT.get(word, "") if isinstance(word, str) else ""
        source: Path = (*place, key) if key in step else ("wafer", "temperature")
        if key not in step and word != "place":
            continue
        value = step[key] if key in step else _room(tree)
        for part in _parts(step):
            births[part] = value
            sources[part, "stress_free"] = source
        if word == "mount":
            temperatures["assembly"] = value
            sources["temperatures", "assembly"] = source
    filled = {name: _born(tree[name], births.get(name)) for name in get_args(PartName) if name in tree}
    return Implied({**tree, **filled, "temperatures": temperatures}, sources)


def _room(tree: Table) -> object:
    wafer = tree.get("wafer")
    return wafer.get("temperature", ROOM) if isinstance(wafer, dict) else ROOM


def _parts(step: Table) -> list[str]:
    part = step.get("part", "ball" if step["step"] == "place" else "")
    return [name for name in (part if isinstance(part, list) else [part]) if name in get_args(PartName)]


def _born(part: object, temperature: object) -> object:
    if not isinstance(part, dict):
        return part
    rest = {key: value for key, value in part.items() if key != "stress_free"}
    return rest if temperature is None else {**rest, "stress_free": temperature}


def given_twice(tree: Table) -> Iterator[ConfigError]:
    """Yield P215 for every temperature that stands in the file although its process implies it."""
    if not tree.get("process"):
        return
    temperatures = tree.get("temperatures", {})
    given = [f"temperatures.{key}" for key in temperatures] if isinstance(temperatures, dict) else ["temperatures"]
    for name in get_args(PartName):
        part = tree.get(name)
        if isinstance(part, dict) and "stress_free" in part:
            given.append(f"{name}.stress_free")
    for where in given:
        yield ConfigError(
            "P215",
            f"{where} follows from the process",
            where=where,
            hint="take it out, or leave [[process]] out for one temperature of each part",
        )
