"""The two ready processes with other keys, and with their steps in another order."""

import copy
import tomllib
from typing import Any

from fem_wlp.package import Package, loads, template

from .mutants import text_of

Tables = dict[str, Any]


ADHESIVE, PASTE = "adhesive-process", "paste-process"
APPLY_1, OPEN_1, CURE_1, PLATE, APPLY_2, OPEN_2, CURE_2, FILL, PLACE, JOIN, GRIND, DICE, MOUNT, CYCLE = range(14)
"""Steps of both templates; JOIN is the cure of the cylinders, or the remelting."""

LAND = {"step": "plate", "part": "land", "temperature": "25 degC"}
REMELT = {"step": "remelt", "part": "ball", "temperature": "245 degC", "solidus": "217 degC", "liquidus": "220 degC"}
BOTH = {**REMELT, "part": ["cylinder", "ball"]}


def made(name: str, *changes: Tables, order: list[Any] | None = None) -> Package:
    """Return a template's package with other keys, and its steps in another order: numbers of steps, or new ones."""
    tree = tomllib.loads(template(name))
    for change in changes:
        for path, value in change.items():
            *holder, key = [int(part) if part.isdecimal() else part for part in path.split(".")]
            table: Any = tree
            for part in holder:
                table = table[part]
            if value is ...:
                del table[key]
            else:
                table[key] = value
    if order is not None:
        tree["process"] = [copy.deepcopy(tree["process"][one]) if isinstance(one, int) else one for one in order]
    return loads(text_of(tree))


def without(*steps: int) -> list[Any]:
    """Return all steps but these."""
    return [number for number in range(14) if number not in steps]


def moved(step: int, before: int) -> list[Any]:
    """Return all steps, one of them earlier or later."""
    rest = without(step)
    rest.insert(rest.index(before), step)
    return rest


def added(step: Tables, before: int) -> list[Any]:
    """Return all steps and one more."""
    return [*range(before), step, *range(before, 14)]


CONVENTIONAL: Tables = {"second_layer": ..., "opening": ..., "cylinder": ...}
