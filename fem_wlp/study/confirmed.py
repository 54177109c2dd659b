"""What a full solve says of a variant, and a quick model that is corrected by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..package import Package
from .evaluators import Evaluator, figures_of
from .limits import Limit, keys_of, measured
from .models import FIGURE, Model, Readings

Floats = NDArray[np.float64]

MANY = 200
"""Points from which on answers are kept [-]."""

Asked = tuple[bytes, tuple[str, ...], bool]

ERROR = "certificates.discretisation_error.figure"


@dataclass(frozen=True)
class Figures:
    """What a full solve says of a design.

    Parameters
    ----------
    figure
        D of the critical joint [-].
    error
        Its estimated error by the mesh [-]; None where there is no estimate.
    quantities
        Name of a measure → its value in the measure's unit; None where it has none.
    """

    figure: float
    error: float | None
    quantities: Mapping[str, float | None]


def solved(package: Package, names: Sequence[str], evaluator: Evaluator = figures_of) -> Figures:
    """Solve a package in full for D, its error, and some measures.

    Raises
    ------
    WlpError
        As `fem_wlp.solve`.
    """
    found = evaluator(package, (FIGURE, ERROR, *keys_of(package, names)))
    figure = found[FIGURE]
    assert figure is not None  # a package without mismatch is refused
    return Figures(figure, found[ERROR], {name: measured(package, name, found) for name in names})


class Corrected:
    """A model whose figures are shifted, and whose measures are scaled, so that they are right at one point.

    Parameters
    ----------
    model
        What is corrected.
    shift
        Of D [-].
    factors
        Name of a measure → factor [-].
    known
        What the model has answered.
    """

    def __init__(
        self,
        model: Model,
        shift: float = 0.0,
        factors: Mapping[str, float] | None = None,
        known: dict[Asked, Readings] | None = None,
    ) -> None:
        self.model, self.ranges, self.kind = model, model.ranges, model.kind
        self._shift, self._factors = shift, factors or {}
        self._known = {} if known is None else known

    def readings(self, values: Floats, names: Sequence[str] = (), bounds: bool = False) -> Readings:
        """Return the answers at values of the parameters."""
        found = self._read(values, tuple(names), bounds)
        quantities = {name: found.quantities[name] * self._factors.get(name, 1.0) for name in names}
        return replace(found, figure=found.figure + self._shift, quantities=quantities)

    def _read(self, values: Floats, names: tuple[str, ...], bounds: bool) -> Readings:
        """Ask the model, of many points once only: every search begins with the same ones."""
        if len(values) < MANY:
            return self.model.readings(values, names, bounds)
        key = (values.tobytes(), names, bounds)
        if key not in self._known:
            self._known[key] = self.model.readings(values, names, bounds)
        return self._known[key]

    def through(self, values: Floats, figures: Figures) -> Corrected:
        """Return the model corrected so that it says what a full solve says at some values."""
        names = [name for name, value in figures.quantities.items() if value is not None]
        found = self.model.readings(values[None], names)
        factors = {name: _ratio(figures.quantities[name], float(found.quantities[name][0])) for name in names}
        shift = figures.figure - float(found.figure[0])
        return Corrected(self.model, shift if np.isfinite(shift) else 0.0, factors, self._known)


def _ratio(true: float | None, modelled: float) -> float:
    return true / modelled if true is not None and np.isfinite(modelled) and modelled != 0.0 else 1.0


def decoupled(figure: Floats | float) -> Floats:
    """Return what counts against a target: D, and beyond 1, where joints are driven the other way, as much below it.

    What expands in a thick second layer may shift a joint by more than the mismatch: its coupling, 1 − D, is negative
    then, and as harmful.
    """
    return np.asarray(1.0 - np.abs(1.0 - np.asarray(figure)))


def margin_of(limit: Limit, value: float | None) -> float:
    """Return how far a value is within its limit, relative to it; negative beyond."""
    if value is None:
        return float("-inf")
    return (value / limit.value - 1.0) * (1.0 if limit.measure.least else -1.0)


def margins_of(readings: Readings, limit: Limit) -> Floats:
    """Return how far many values are within their limit, shape (p,)."""
    return (readings.quantities[limit.name] / limit.value - 1.0) * (1.0 if limit.measure.least else -1.0)
