"""What a study found: one answer a point, and all of them as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ResourceError, WlpError
from ..package.document import COMMAND_LINE
from ..shown import Shown
from .question import Study
from .recorded import unit_of

if TYPE_CHECKING:
    import xarray

Floats = NDArray[np.float64]

DONE, FAILED = "done", "failed"

BOUND = "decoupling.figure.bound"
"""Column of the bounds of D."""


@dataclass(frozen=True)
class Answer:
    """What one point answered: its values, or why there are none.

    Parameters
    ----------
    values
        Recorded key → number; None where the result has none. Empty for a failed point.
    code, reason
        Of the refusal or failure; empty for a point that is done.
    bound
        Largest error of D against a full solve on the same mesh [-], where a reduced model answered; else None.
    certified
        Whether that bound is proven.
    mesh_error
        Estimated error of D by the mesh [-], where a full solve was asked for it beside the reduced model; else None.
    """

    values: Mapping[str, float | None]
    code: str = ""
    reason: str = ""
    bound: float | None = None
    certified: bool = False
    mesh_error: float | None = None

    @property
    def status(self) -> str:
        """Whether it is "done" or "failed"."""
        return FAILED if self.code else DONE

    @property
    def answered_by(self) -> str:
        """How it was answered: "solved" in full, or by a reduced model with a "certified" or "estimated" bound."""
        if self.code:
            return ""
        return "solved" if self.bound is None else "certified" if self.certified else "estimated"

    @property
    def lasting(self) -> bool:
        """Whether the same point would answer the same another time: a machine's lack of something may pass."""
        return not self.code.startswith("R")


def failed(fault: BaseException) -> Answer:
    """Return the answer of a point that failed by a fault."""
    if isinstance(fault, WlpError):
        # the place of what a point sets is its key: its value stands in the point's row
        place = fault.where.removeprefix(f"{COMMAND_LINE} ").partition("=")[0]
        where = f"{place}: " if place else ""
        return Answer({}, fault.code, " ".join(f"{where}{fault.message}".split()))
    if isinstance(fault, MemoryError):
        return Answer({}, "R301", "the machine refused more memory")
    return Answer({}, "internal", " ".join(f"{type(fault).__name__}: {fault}".split()))


@dataclass(frozen=True)
class Answers(Shown):
    """A whole study: what was asked, and one answer a point in the plan's order.

    Parameters
    ----------
    study
        What was asked.
    rows
        One a point.
    """

    study: Study
    rows: tuple[Answer, ...]

    def __str__(self) -> str:
        missing = len(self.failures)
        lines = [f"{self.study.package.name}: {len(self.rows) - missing} of {len(self.rows)} points answered"]
        for key in self.study.record:
            column = self.column(key)
            known = column[np.isfinite(column)]
            found = f"{known.min():.4g} … {known.max():.4g}" if known.size else "–"
            unit = unit_of(key)
            lines.append(f"  {key:30} {found}{'' if unit == '1' else f' {unit}'}")
        if self.reduced:
            bound = float(np.nanmax(self.bounds))
            told = ", ".join(f"{count} {way}" for way, count in self.ways().items())
            lines.append(f"  reduced model: {told}; D within {bound:.1e} of a full solve on the same mesh")
        if self.mesh_error is not None:
            number, error = self.mesh_error
            lines.append(f"  the mesh itself: D within {error:.1e}, estimated by a full solve of point {number}")
        for code, count in self.reasons().items():
            reason = next(answer.reason for answer in self.failures.values() if answer.code == code)
            lines.append(f"  {count} points failed, {code}: {reason}")
        return "\n".join(lines)

    @cached_property
    def failures(self) -> dict[int, Answer]:
        """Number of a point → why it failed."""
        return {number: answer for number, answer in enumerate(self.rows) if answer.code}

    @cached_property
    def reduced(self) -> bool:
        """Whether a reduced model answered some of the points."""
        return any(answer.bound is not None for answer in self.rows)

    @cached_property
    def bounds(self) -> Floats:
        """Largest error of D against a full solve on the same mesh, shape (points,) [-]; nan where none is needed."""
        return np.array([_number(answer.bound) for answer in self.rows])

    @cached_property
    def mesh_error(self) -> tuple[int, float] | None:
        """A point, and the estimated error of its D by the mesh [-]; None where no full solve was asked for it."""
        known = {number: answer.mesh_error for number, answer in enumerate(self.rows)}
        return next(((number, error) for number, error in known.items() if error is not None), None)

    def ways(self) -> dict[str, int]:
        """Return how many points are certified, estimated and solved, of those ways that occur."""
        ways = [answer.answered_by for answer in self.rows]
        return {way: ways.count(way) for way in ("certified", "estimated", "solved") if way in ways}

    def reasons(self) -> dict[str, int]:
        """Return how many points failed by each code, the most frequent first."""
        codes = [answer.code for answer in self.failures.values()]
        return {code: codes.count(code) for code in sorted(set(codes), key=lambda code: (-codes.count(code), code))}

    def column(self, key: str) -> Floats:
        """Return a recorded key of all points, shape (points,); nan where there is none."""
        return np.array([_number(answer.values.get(key)) for answer in self.rows])

    def csv(self) -> str:
        """Return the table as text: one row a point, units in the header, numbers to the last bit."""
        plan, record = self.study.plan, self.study.record
        numbers = plan.numbers()
        target = io.StringIO()
        table = csv.writer(target, lineterminator="\n")
        heads = [parameter.label for parameter in plan.parameters]
        more = [f"{BOUND} [1]", "answered_by"] if self.reduced else []
        keys = [f"{key} [{unit_of(key)}]" for key in record]
        table.writerow(["point", *heads, *keys, *more, "status", "code", "reason"])
        for number, (row, answer) in enumerate(zip(plan.rows, self.rows, strict=True)):
            place = [
                repr(float(value)) if parameter.kind is not None else word
                for parameter, value, word in zip(plan.parameters, numbers[number], row, strict=True)
            ]
            values = [_text(answer.values.get(key)) for key in record]
            bound = [_text(answer.bound), answer.answered_by] if self.reduced else []
            table.writerow([number, *place, *values, *bound, answer.status, answer.code, answer.reason])
        return target.getvalue()

    def dataset(self) -> xarray.Dataset:
        """Return the table as an xarray dataset with units: one dimension a parameter on a grid, else "point".

        Raises
        ------
        ResourceError
            R311: xarray is not there.
        """
        try:
            import xarray
        except ImportError as missing:
            raise ResourceError(
                "R311",
                f"the dataset needs xarray: {missing}",
                hint='python -m pip install ".[study]"',
            ) from missing
        plan = self.study.plan
        numbers = plan.numbers()
        on_grid = plan.shape is not None and len(set(plan.rows)) == len(plan.rows)
        dims = [parameter.name for parameter in plan.parameters] if on_grid else ["point"]
        shape = plan.shape if on_grid and plan.shape is not None else (len(plan),)
        coordinates: dict[str, Any] = {}
        for number, parameter in enumerate(plan.parameters):
            words = parameter.kind is None
            column = np.array([row[number] for row in plan.rows]) if words else numbers[:, number]
            unit = {"units": "1" if parameter.factor else parameter.unit or "1"}
            if on_grid:
                along = np.moveaxis(column.reshape(shape), number, 0).reshape(shape[number], -1)[:, 0]
                coordinates[parameter.name] = ([parameter.name], along, {} if words else unit)
            else:
                coordinates[parameter.name] = (dims, column, {} if words else unit)
        data: dict[str, Any] = {
            key: (dims, self.column(key).reshape(shape), {"units": unit_of(key)}) for key in self.study.record
        }
        if self.reduced:
            data[BOUND] = (dims, self.bounds.reshape(shape), {"units": "1"})
        for name in ("status", "code", "reason", *(["answered_by"] if self.reduced else [])):
            words_of = np.array([getattr(answer, name) for answer in self.rows])
            data[name] = (dims, words_of.reshape(shape))
        title = {"title": f"parameter study of {self.study.package.name}", **self.study.digests}
        return xarray.Dataset(data, coordinates, {key.replace(" ", "_"): value for key, value in title.items()})


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _text(value: float | None) -> str:
    return "" if value is None else repr(float(value))
