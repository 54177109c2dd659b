"""A study from beginning to end: its journal, its crew, and the loop."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from loky import cpu_count

from ..analysis import forecast_of
from ..environment import available_memory
from ..errors import Notice, ResourceError
from .crews import crew_of
from .evaluators import Evaluator, figures_of
from .journal import opened
from .loop import Progress, run
from .outcome import Answers
from .question import Study


def sweep(
    study: Study,
    folder: str | os.PathLike[str] | None = None,
    workers: int | None = 1,
    scheduler: str | None = None,
    afresh: bool = False,
    progress: Progress = lambda done, failed: None,
    evaluator: Evaluator = figures_of,
    notice: Callable[[Notice], None] = lambda notice: None,
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
    notice
        Told of lines of the journal that are damaged (W104); their points are computed again.

    Returns
    -------
    Answers
        In the plan's order. A point that cannot be answered says why; it does not end the study.

    Raises
    ------
    ResourceError
        R301: not enough memory for so many workers. R308 … R312: a journal or scheduler that cannot be used.
    """
    if scheduler is None:
        workers = workers_for(study, workers)
    if folder is None:
        with crew_of(workers or 1, scheduler) as crew:
            return run(study, evaluator, crew, progress=progress)
    with opened(Path(folder), study, afresh) as journal:
        for each in journal.notices:
            notice(each)
        with crew_of(workers or 1, scheduler) as crew:
            return run(study, evaluator, crew, journal, progress)


def workers_for(study: Study, asked: int | None) -> int:
    """Return how many processes compute a study: as many as asked, or as cores and memory allow.

    Raises
    ------
    ResourceError
        R301: not enough memory for as many as asked.
    """
    if asked == 1:
        return 1
    each = 1e6 * forecast_of(study.package).memory
    most = max(1, int(available_memory() / each))
    if asked is None:
        return max(1, min(int(cpu_count()), most, len(study.plan)))
    if asked > most:
        raise ResourceError(
            "R301",
            f"{asked} workers need {asked * each / 1e6:.0f} MB, and {available_memory() / 1e6:.0f} MB are left",
            where="--workers",
            value=str(asked),
            hint=f"--workers {most}",
        )
    return min(asked, len(study.plan))
