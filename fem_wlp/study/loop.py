"""The loop of a study: hand out points, write down answers, replace workers that end."""

from __future__ import annotations

import faulthandler
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from threading import Lock

import numpy as np

from ..errors import ResourceError
from ..package import Package, replace_all
from ..units import text
from .crews import Alone, Crew
from .evaluators import BatchEvaluator, Evaluator, figures_of
from .journal import Journal
from .outcome import Answer, Answers, failed
from .question import Study

POLL = 0.2
"""How long the loop waits before it looks for signals again [s]."""

BATCH = 1000
"""Points that a batch evaluator is asked at once [-]."""

_ONE_AT_A_TIME = Lock()
# gmsh serves one thread of a process, and a worker of Dask may have several

Progress = Callable[[int, int], None]
"""Told how many more points are answered, and how many of these failed."""

Stage = Callable[[str], None]
"""Told of work that answers no point, when it begins."""


def run(
    study: Study,
    evaluator: Evaluator = figures_of,
    crew: Crew | None = None,
    journal: Journal | None = None,
    progress: Progress = lambda done, failed: None,
) -> Answers:
    """Answer every point of a study that its journal has not.

    Parameters
    ----------
    study
        What is asked.
    evaluator
        Answers one point.
    crew
        Where; by default this process alone.
    journal
        What is answered already, and where answers go; by default nowhere.
    progress
        Called after every answer.

    Returns
    -------
    Answers
        In the plan's order, whatever the order in which they came. A point that cannot be answered says why.

    Raises
    ------
    ResourceError
        R312: the crew's scheduler is gone.
    """
    crew, journal = crew or Alone(), journal or Journal()
    open_points = set(_open_points(study, journal))
    todo = deque(sorted(open_points))
    losses: Counter[int] = Counter()
    suspects: set[int] = set()
    pending: dict[Future[Answer], int] = {}
    begun: dict[int, float] = {}
    progress(*_counted(answer for number, answer in journal.answers.items() if number not in open_points))
    try:
        while todo or pending:
            # after a worker's end the points it may have been at run one by one: which of them ends it is known then
            while todo and len(pending) < (1 if suspects else crew.width):
                try:
                    begun[todo[0]] = time.monotonic()
                    future = crew.executor.submit(
                        _answer, evaluator, study.package, study.plan.settings(todo[0]), study.record, crew.limit
                    )
                except crew.lost:  # a worker ended while it had nothing to do, or the others have not said so yet
                    if not pending:
                        crew.renew()
                    break
                pending[future] = todo.popleft()
            ended, _ = wait(pending, timeout=POLL, return_when=FIRST_COMPLETED)
            answers, lost = _collected({future: pending.pop(future) for future in ended}, crew)
            if lost and crew.falls_together:
                others, fallen = _collected(pending, crew)
                pending.clear()
                answers |= others
                lost += fallen
            if lost:
                losses.update(lost)
                late = _late(lost, begun, crew)
                given_up = {number for number in lost if losses[number] >= crew.most_losses}
                again = [number for number in lost if number not in late and number not in given_up]
                answers |= dict.fromkeys(given_up, _ended(crew.most_losses)) | late
                suspects.update(again)
                todo.extendleft(reversed(again))
                crew.renew()
            suspects -= answers.keys()
            journal.add(answers.items())
            if answers:
                progress(*_counted(answers.values()))
    finally:
        for future in pending:
            future.cancel()
    return table_of(study, journal)


def run_batches(
    study: Study,
    evaluator: BatchEvaluator,
    journal: Journal | None = None,
    progress: Progress = lambda done, failed: None,
) -> Answers:
    """Answer every point of a study that its journal has not, many at once; otherwise as `run`."""
    journal = journal or Journal()
    answer_batches(study, evaluator, journal, progress)
    return table_of(study, journal)


def answer_batches(study: Study, evaluator: BatchEvaluator, journal: Journal, progress: Progress) -> None:
    """Answer the points of a study that its journal has not, many at once, as far as the evaluator does.

    The first parameter changes first: what differs in the second layer's thickness alone is cheapest together.
    """
    points = np.array(_open_points(study, journal), dtype=np.int64)
    todo = points[np.lexsort(study.plan.inside()[points].T)].tolist()
    open_points = set(todo)
    progress(*_counted(answer for number, answer in journal.answers.items() if number not in open_points))
    for start in range(0, len(todo), BATCH):
        numbers = todo[start : start + BATCH]
        found = zip(numbers, evaluator.answers(study, numbers), strict=True)
        answers = {number: answer for number, answer in found if answer is not None}
        journal.add(answers.items())
        progress(*_counted(answers.values()))


def _open_points(study: Study, journal: Journal) -> list[int]:
    """Return the points to compute: of several alike the first, and those that failed for want of something."""
    return [
        number
        for number, first in enumerate(study.plan.first_alike())
        if number == first and not (number in journal.answers and journal.answers[number].lasting)
    ]


def _answer(
    evaluator: Evaluator, package: Package, settings: dict[str, object], record: Sequence[str], limit: float | None
) -> Answer:
    """Answer one point, in whatever process: a fault becomes its reason."""
    try:
        with _ONE_AT_A_TIME, _ended_after(limit):
            values = evaluator(replace_all(package, settings), record)
        return Answer({key: None if (value := values[key]) is None else float(value) for key in record})
    except Exception as fault:  # a point's fault, even one of the program, ends no study
        return failed(fault)


@contextmanager
def _ended_after(limit: float | None) -> Iterator[None]:
    """End this process if something takes longer [s], which in compiled code listens to no exception or signal."""
    if limit is None:
        yield
        return
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        # a thread outside Python, so that it comes to its turn whatever Python waits for
        faulthandler.dump_traceback_later(limit, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def _late(lost: Sequence[int], begun: Mapping[int, float], crew: Crew) -> dict[int, Answer]:
    """Return which of the points whose worker ended had taken too long.

    Where one worker's end is that of all, it is known of a point that was alone.
    """
    if crew.limit is None or (crew.falls_together and len(lost) > 1):
        return {}
    now, shown = time.monotonic(), text(crew.limit, "time", 4)
    reason = f"it was not answered within {shown}, and the process that computed it was ended"
    return {number: Answer({}, "R314", reason) for number in lost if now - begun[number] >= crew.limit}


def _collected(futures: dict[Future[Answer], int], crew: Crew) -> tuple[dict[int, Answer], list[int]]:
    """Return the answers of futures that ended, and the points whose worker did."""
    answers: dict[int, Answer] = {}
    lost = []
    for future, number in futures.items():
        try:
            answers[number] = future.result()
        except crew.lost:
            lost.append(number)
        except CancelledError:
            raise ResourceError(
                "R312",
                "the scheduler is gone, and with it what its workers were at",
                hint="start it again, then the same command: what was answered is kept",
            ) from None
    return answers, lost


def _ended(times: int) -> Answer:
    often = {1: "", 3: ", three times"}.get(times, f", {times} times")
    return Answer({}, "R313", f"the process that computed it ended{often}: killed, out of memory, or crashed")


def _counted(answers: Iterable[Answer]) -> tuple[int, int]:
    """Return how many answers there are, and how many of them failed."""
    failures = [bool(answer.code) for answer in answers]
    return len(failures), sum(failures)


def table_of(study: Study, journal: Journal) -> Answers:
    """Return a study whose points are all in the journal, in the plan's order."""
    return Answers(study, tuple(journal.answers[first] for first in study.plan.first_alike()))
