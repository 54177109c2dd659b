"""A study answered by the reduced model, as far as that knows its parameters and the keys that it records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from ..errors import ConfigError
from ..package import replace_all
from .evaluators import BatchEvaluator
from .limits import MEASURES, RESISTANCE
from .loop import Stage
from .models import FIGURE, SPREAD, ReducedModel, base_of, is_affine, thickness_range
from .outcome import Answer
from .question import Study
from .ranges import Range, present_of
from .recorded import DEFAULT

TOLERANCE = 2e-3
"""Bound of D above which a point is solved in full [-]."""

FEWEST = 24
"""Points below which full solves are quicker than making the model [-]."""

MOST_LISTED = 8
"""Thicknesses of the second layer that are condensed one by one, so that bounds are proven [-]."""

COUPLING = "decoupling.coupling"

KNOWN = {MEASURES[name].key: name for name in ("interconnect_strain", "cylinder_shear_strain", RESISTANCE)}
"""Key of a result → measure of the model."""

QUICK_DEFAULT = (FIGURE, COUPLING, MEASURES[RESISTANCE].key)
"""What is recorded where nothing is said and the reduced model answers."""


def quickened(study: Study) -> Study:
    """Return a study for the reduced model: where nothing was said of what to record, what that answers at once."""
    if study.record != DEFAULT or len(study.plan) < FEWEST or _ranges(study) is None:
        return study
    return replace(study, record=QUICK_DEFAULT)


def quick_of(study: Study, stage: Stage = lambda words: None, tolerance: float = TOLERANCE) -> BatchEvaluator | None:
    """Return what answers a study by the reduced model; None where full solves have to.

    Parameters
    ----------
    study
        Of which every parameter is a modulus of the joint or the second layer's thickness.
    stage
        Told when the model is made: when the first point is asked for.
    tolerance
        Bound of D above which a point is left to full solves [-].
    """
    known = all(key in KNOWN or key in (FIGURE, COUPLING) for key in study.record)
    if not known or len(study.plan) < FEWEST:
        return None
    ranges = _ranges(study)
    return None if ranges is None else Quick(study, ranges, stage, tolerance)


class Quick:
    """The reduced model of a study.

    Parameters
    ----------
    study
        What is asked.
    ranges
        Of those parameters that have more than one value, each between the least and the largest.
    stage
        Told when the model is made.
    tolerance
        Bound of D above which a point is left to full solves [-].
    """

    def __init__(self, study: Study, ranges: dict[int, Range], stage: Stage, tolerance: float) -> None:
        self._study, self._ranges, self._stage, self._tolerance = study, ranges, stage, tolerance
        self._values = study.plan.inside()[:, list(ranges)]
        self._names = tuple(KNOWN[key] for key in study.record if key in KNOWN)

    @cached_property
    def _model(self) -> ReducedModel:
        self._stage("making the reduced model")
        package = replace_all(self._study.package, _held(self._study, list(self._ranges)))
        axes = tuple(self._ranges.values())
        number = thickness_range(base_of(package, axes), axes)
        listed = None
        if number is not None:
            values = np.unique(self._values[:, number])
            if len(values) <= MOST_LISTED and values[-1] <= SPREAD * values[0]:
                own = package.second_layer.thickness if axes[number].parameter.factor and package.second_layer else 1.0
                listed = (own * values).tolist()
        return ReducedModel(package, axes, self._names, listed)

    def answers(self, study: Study, numbers: Sequence[int]) -> list[Answer | None]:
        """Return one answer a point; None where the bound is too wide."""
        found = self._model.readings(self._values[list(numbers)], self._names, bounds=True)
        answers: list[Answer | None] = []
        for place in range(len(numbers)):
            figure, bound = float(found.figure[place]), float(found.bound[place])
            if not (np.isfinite(figure) and bound <= self._tolerance):
                answers.append(None)
                continue
            values: dict[str, float | None] = {FIGURE: figure, COUPLING: 1.0 - figure}
            for key, name in KNOWN.items():
                if name in found.quantities:
                    value = float(found.quantities[name][place])
                    values[key] = value if np.isfinite(value) else None
            recorded = {key: values[key] for key in study.record}
            answers.append(Answer(recorded, bound=bound, certified=bool(found.certified[place])))
        return answers


def _held(study: Study, varied: Sequence[int]) -> dict[str, object]:
    """Return the settings of the parameters that have one value."""
    held: dict[str, object] = {}
    for number, parameter in enumerate(study.plan.parameters):
        if number not in varied:
            held |= parameter.settings(study.plan.rows[0][number])
    return held


def _ranges(study: Study) -> dict[int, Range] | None:
    """Return the ranges of a study, by their parameter's number; None where the reduced model cannot vary them."""
    values = study.plan.inside()
    if not np.isfinite(values).all() or study.package.model.kind != "2d":
        return None
    low, high = values.min(axis=0), values.max(axis=0)
    ranges = {
        number: Range(parameter, float(low[number]), float(high[number]), present_of(parameter), low[number] > 0.0)
        for number, parameter in enumerate(study.plan.parameters)
        if high[number] > low[number]
    }
    if not ranges or any(axis.low <= 0.0 for axis in ranges.values()):
        return None
    try:
        package = replace_all(study.package, _held(study, list(ranges)))
        return ranges if all(is_affine(package, list(ranges.values()))) else None
    except ConfigError:
        return None  # some end of a range is no package: full solves say which points have no answer, and why
