"""Who answers points: one by one in full, or many at once by a model made for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ..analysis.figures import figures
from ..package import Package
from .outcome import Answer
from .question import Study

Evaluator = Callable[[Package, Sequence[str]], Mapping[str, float | None]]
"""Package of a point and the keys to record → their numbers; a function of a module, so that workers find it."""

figures_of: Evaluator = figures
"""Solves the package in full, as far as the keys need it."""


def name_of(evaluator: object) -> str:
    """Return the name of an evaluator, a function or an object: a journal holds the answers of one.

    >>> name_of(figures_of)
    'figures'
    """
    return str(getattr(evaluator, "__qualname__", type(evaluator).__qualname__))


class BatchEvaluator(Protocol):
    """Answers many points of a study at once, such as a reduced model."""

    def answers(self, study: Study, numbers: Sequence[int]) -> Sequence[Answer | None]:
        """Return one answer a point, in their order; None for one that is left to full solves.

        Parameters
        ----------
        study
            What is asked; ``study.plan.inside()[numbers]`` are the parameters' values in mm, MPa, K.
        numbers
            Of the points in the plan.
        """
        ...
