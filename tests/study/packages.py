"""The package of these tests, and evaluators that need no mesh: what they answer is known in closed form."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import cloudpickle

from fem_wlp.errors import SolveError
from fem_wlp.package import Package, loads, template
from fem_wlp.study import Study, study_of

# workers cannot import the tests
cloudpickle.register_pickle_by_value(__import__(__name__, fromlist=["packages"]))

THICKNESSES = (25.0, 50.0, 75.0, 100.0)
PITCHES = (0.45, 0.5, 0.55)
KEYS = ("decoupling.figure", "joint.height")


def compliant(**changes: object) -> Package:
    """The template, some keys changed."""
    return loads(template("compliant"), {key.replace("__", "."): value for key, value in changes.items()})


def twelve_points(**options: object) -> Study:
    """Four thicknesses of the second layer, three pitches."""
    vary = {"second_layer.thickness": "25 um..100 um:4", "array.pitch": [f"{pitch} mm" for pitch in PITCHES]}
    return study_of(compliant(**options), vary, KEYS)


def product_of(package: Package, keys: Sequence[str]) -> dict[str, float | None]:
    """Thickness times pitch [mm^2], and no height."""
    assert package.second_layer is not None
    product = package.second_layer.thickness * package.array.pitch
    return {"decoupling.figure": product, "joint.height": None}


def expected() -> list[float]:
    """What `product_of` answers, in the plan's order."""
    return [1e-3 * thickness * pitch for thickness in THICKNESSES for pitch in PITCHES]


def failing_at_75(package: Package, keys: Sequence[str]) -> dict[str, float | None]:
    """As `product_of`, but one thickness fails its certificates and another one is a fault of the program."""
    assert package.second_layer is not None
    if abs(package.second_layer.thickness - 0.075) < 1e-9:
        raise SolveError("S502", "the residual is too large")
    if abs(package.second_layer.thickness - 0.1) < 1e-9:
        raise ZeroDivisionError("somebody divided by zero")
    return product_of(package, keys)


class Deadly:
    """As `product_of`, but ends its process at some point, once or always; counts what it began in a file."""

    def __init__(self, tally: Path, thickness: float, pitch: float, always: bool) -> None:
        self.tally, self.thickness, self.pitch, self.always = tally, thickness, pitch, always

    def __call__(self, package: Package, keys: Sequence[str]) -> dict[str, float | None]:
        """Answer one point, or die."""
        assert package.second_layer is not None
        here = (package.second_layer.thickness, package.array.pitch)
        before = self.tally.read_text().splitlines() if self.tally.exists() else []
        with self.tally.open("a") as file:
            file.write(f"{here}\n")
        if abs(here[0] - self.thickness) + abs(here[1] - self.pitch) < 1e-9 and (
            self.always or str(here) not in before
        ):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)
        return product_of(package, keys)


class Hanging:
    """As `product_of`, but at some points never comes back from compiled code, which doesn't let Python go either."""

    def __init__(self, tally: Path, *points: tuple[float, float]) -> None:
        self.tally, self.points = tally, points

    def __call__(self, package: Package, keys: Sequence[str]) -> dict[str, float | None]:
        """Answer one point, or hang."""
        assert package.second_layer is not None
        here = (package.second_layer.thickness, package.array.pitch)
        with self.tally.open("a") as file:
            file.write(f"{here}\n")
        if here in self.points:
            re.match("(a+)+$", 64 * "a" + "b")
        return product_of(package, keys)
