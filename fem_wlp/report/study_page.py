"""The page of a study: its figures, what was varied, and every point with its answer or the reason why it has none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import __version__
from ..study.outcome import Answers
from ..study.recorded import unit_of
from .page import environment, picture_source
from .pictures import Picture
from .study_figures import in_words, shown_value
from .words import counted, number

MOST_ROWS = 500
"""Points that the page lists; the table in ``study.csv`` has all [-]."""

WAYS = {
    "certified": ("reduced model, certified", "against a full solve on the same mesh; proven"),
    "estimated": (
        "reduced model, estimated",
        "against a full solve on the same mesh; rests on an estimate of the interpolation between thicknesses",
    ),
    "solved": ("full solve", "what the bounds are against"),
}
"""How a point was answered → how it is told, and what its bound means."""


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
            ways=_ways(answers) if answers.reduced else [],
            reasons=[(code, count, _example(answers, code)) for code, count in answers.reasons().items()],
            record=[f"{key} [{'-' if unit_of(key) == '1' else unit_of(key)}]" for key in study.record],
            rows=[
                (
                    place,
                    list(map(shown_value, plan.parameters, row)),
                    [number(answer.values.get(key)) for key in study.record],
                    number(answer.bound, 2),
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


def _ways(answers: Answers) -> list[tuple[str, str, str, str]]:
    """Return how points were answered, how many, the largest error of their D, and what that is."""
    words = [answer.answered_by for answer in answers.rows]
    rows = []
    for way, count in answers.ways().items():
        bounds = answers.bounds[[word == way for word in words]]
        largest = number(float(bounds.max()), 2) if np.isfinite(bounds).all() else "–"
        rows.append((WAYS[way][0], str(count), largest, WAYS[way][1]))
    if answers.mesh_error is not None:
        place, error = answers.mesh_error
        meaning = (
            f"comes on top of all; estimated from two meshes by a full solve of point {place}, whose D is nearest to ½"
        )
        rows.append(("the mesh itself", "", number(error, 2), meaning))
    return rows


def _example(answers: Answers, code: str) -> str:
    return next(answer.reason for answer in answers.failures.values() if answer.code == code)
