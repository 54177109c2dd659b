"""The page of a study: its figures, what was varied, and every point with its answer or the reason why it has none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import __version__
from ..study.outcome import Answers
from ..study.recorded import unit_of
from .figures import Picture
from .page import environment, picture_source
from .study_figures import in_words, shown_value
from .words import counted, number

MOST_ROWS = 500
"""Points that the page lists; the table in ``study.csv`` has all [-]."""


def render_study(answers: Answers, pictures: Sequence[Picture]) -> str:
    """Return a study as one self-contained page."""
    study, plan = answers.study, answers.study.plan
    return (
        environment()
        .get_template("study.html.j2")
        .render(
            name=study.package.name,
            version=__version__,
            size=counted(len(plan), "point"),
            grid=plan.shape is not None,
            parameters=[
                (in_words(axis).split(" [")[0], axis.name, _extent(answers, place))
                for place, axis in enumerate(plan.parameters)
            ],
            ranges=[_range(answers, key) for key in study.record],
            reasons=[(code, count, _example(answers, code)) for code, count in answers.reasons().items()],
            record=[f"{key} [{'-' if unit_of(key) == '1' else unit_of(key)}]" for key in study.record],
            rows=[
                (
                    place,
                    list(map(shown_value, plan.parameters, row)),
                    [number(answer.values.get(key)) for key in study.record],
                    answer,
                )
                for place, (row, answer) in enumerate(zip(plan.rows[:MOST_ROWS], answers.rows, strict=False))
            ],
            more=len(plan) > MOST_ROWS,
            pictures=pictures,
            source=picture_source,
        )
    )


def _extent(answers: Answers, place: int) -> str:
    values = list(dict.fromkeys(row[place] for row in answers.study.plan.rows))
    axis = answers.study.plan.parameters[place]
    if axis.kind is not None:
        values.sort(key=axis.number)
    shown = [shown_value(axis, value) for value in values]
    return f"{shown[0]} … {shown[-1]}, {len(shown)} values" if len(shown) > 4 else ", ".join(shown)


def _range(answers: Answers, key: str) -> tuple[str, str, str, str]:
    column = answers.column(key)
    known = column[np.isfinite(column)]
    low, high = (number(float(known.min())), number(float(known.max()))) if known.size else ("–", "–")
    return key, "-" if unit_of(key) == "1" else unit_of(key), low, high


def _example(answers: Answers, code: str) -> str:
    return next(answer.reason for answer in answers.failures.values() if answer.code == code)
