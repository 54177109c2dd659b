"""A study from beginning to end: its journal, its crew, and the loop."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..analysis import forecast_of
from ..beside import cores
from ..environment import available_memory
from ..errors import ConfigError, Notice, ResourceError
from ..units import text
from .crews import Crew, crew_of
from .evaluators import Evaluator, figures_of, name_of
from .journal import Journal, opened
from .loop import Progress, Stage, answer_batches, run, table_of
from .outcome import Answers
from .plan import Plan
from .question import Study
from .quick import quick_of

FIGURE, ERROR = "decoupling.figure", "certificates.discretisation_error.figure"

MIDDLE = 0.5
"""D at which an error of the joint's stiffness shows most: of one joint, dD = D (1 − D) dk/k [-]."""

LEAST_TIME = 1.0
"""Least time that a point may be given [s]."""


def sweep(
    study: Study,
    folder: str | os.PathLike[str] | None = None,
    workers: int | None = 1,
    scheduler: str | None = None,
    afresh: bool = False,
    progress: Progress = lambda done, failed: None,
    evaluator: Evaluator = figures_of,
    full: bool = False,
    notice: Callable[[Notice], None] = lambda notice: None,
    stage: Stage = lambda words: None,
    timeout: float | None = None,
) -> Answers:
    """Answer all points of a study; one that was ended goes on where it was.

    Parameters
    ----------
    study
        What is asked, from `study_of`.
    folder
        Where the journal is kept; without it nothing is kept.
    workers
        Processes of this machine; None: as many as it has cores and memory for.
    scheduler
        Address of a Dask scheduler, whose workers compute instead.
    afresh
        Whether to begin anew, whatever journal is there.
    progress
        Told how many more points are answered, and how many of these failed.
    evaluator
        Answers one point.
    full
        Whether every point is solved in full. Otherwise, where parameters and recorded keys admit it, the reduced model
        answers the points whose bound of D is within 0.002.
    notice
        Told of lines of the journal that are damaged (W104); their points are computed again.
    stage
        Told of work that answers no point, when it begins.
    timeout
        How long a full solve of one point may take [s]; by default what the package's ``[study]`` says, or for ever.
        Points are computed in processes of their own then, which can be ended.

    Returns
    -------
    Answers
        In the plan's order. A point that cannot be answered says why; it does not end the study.

    Raises
    ------
    ResourceError
        R301: not enough memory for so many workers. R308 … R312: a journal or scheduler that cannot be used.
    """
    limit = limit_of(study, timeout)
    if scheduler is None:
        workers = workers_for(study, workers)
    journals = nullcontext(Journal()) if folder is None else opened(Path(folder), study, afresh, name_of(evaluator))
    with journals as journal:
        for each in journal.notices:
            notice(each)
        if full:
            journal.answers = {number: one for number, one in journal.answers.items() if one.bound is None}
        quick = None if full or evaluator is not figures_of else quick_of(study, stage)
        if quick is not None:
            answer_batches(study, quick, journal, progress)
            progress = _later(progress)
        with crew_of(workers or 1, scheduler, limit) as crew:
            answers = run(study, evaluator, crew, journal, progress)
            return _with_mesh_error(answers, evaluator, crew, journal, stage)


def limit_of(study: Study, timeout: float | None) -> float | None:
    """Return how long a full solve of one point may take [s].

    Raises
    ------
    ConfigError
        F119: less than a second, in which nothing is solved.
    """
    if timeout is None:
        return study.package.study.timeout if study.package.study is not None else None
    if timeout < LEAST_TIME:
        raise ConfigError(
            "F119",
            "this is less than the time of any point",
            where="--timeout",
            value=text(timeout, "time"),
            hint=f"from {text(LEAST_TIME, 'time')}",
        )
    return timeout


def _with_mesh_error(answers: Answers, evaluator: Evaluator, crew: Crew, journal: Journal, stage: Stage) -> Answers:
    """Return what a reduced model answered and, at one point, the mesh's own error, which no bound of it holds."""
    study = answers.study
    if not answers.reduced or answers.mesh_error is not None:
        return answers
    stage("the mesh's own error, by a full solve")
    number = int(np.nanargmin(np.abs(answers.column(FIGURE) - MIDDLE)))
    one = Study(study.package, Plan(study.plan.parameters, (study.plan.rows[number],), None), (ERROR,))
    # one point by itself is quicker in this process, unless it has to be ended in time
    error = run(one, evaluator, crew if crew.limit is not None else None).rows[0].values.get(ERROR)
    if error is None:
        return answers
    journal.add([(number, replace(answers.rows[number], mesh_error=error))])
    return table_of(study, journal)


def _later(progress: Progress) -> Progress:
    """Leave out what was told before: a loop begins by telling what the journal has."""
    begun = False

    def tell(done: int, failed: int) -> None:
        nonlocal begun
        if begun:
            progress(done, failed)
        begun = True

    return tell


def workers_for(study: Study, asked: int | None) -> int:
    """Return how many processes compute a study: as many as asked, or as cores and memory allow.

    Raises
    ------
    ResourceError
        R301: not enough memory for as many as asked.
    """
    if asked == 1:
        return 1
    each = 1e6 * forecast_of(study.package).alone
    most = max(1, int(available_memory() / each))
    if asked is None:
        return max(1, min(cores(), most, len(study.plan)))
    if asked > most:
        raise ResourceError(
            "R301",
            f"{asked} workers need {asked * each / 1e6:.0f} MB, and {available_memory() / 1e6:.0f} MB are left",
            where="--workers",
            value=str(asked),
            hint=f"--workers {most}",
        )
    return min(asked, len(study.plan))
