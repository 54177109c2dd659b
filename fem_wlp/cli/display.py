"""What is shown while a verb runs, on standard error."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


@contextlib.contextmanager
def steps_shown(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show each step on standard error with its seconds while it runs; give the verb that tells of the next one."""
    if quiet:
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (TimeElapsedColumn(), SpinnerColumn(finished_text=" "), TextColumn("{task.description}", markup=False))
    display = Progress(*columns, console=Console(stderr=True))

    def end_step() -> None:
        for task in display.task_ids:
            display.update(task, total=1, completed=1)

    def tell(step: str) -> None:
        """Begin a step, or say how far the present one is: that follows a colon, e.g. iteration and residual."""
        display.start()  # not before: a refusal stands alone
        present = display.tasks[-1] if display.tasks else None
        if present is not None and ": " in step and present.fields["step"] == step.partition(": ")[0]:
            display.update(present.id, description=step)
            return
        end_step()
        display.add_task(step, total=None, step=step.partition(": ")[0])

    try:
        yield tell
        end_step()
    finally:
        if display.tasks:
            display.stop()


class Points:
    """What is told of a study's points: how many are answered, and what is done that answers none.

    Parameters
    ----------
    total
        Points of the study [-].
    display
        Where it is shown; None: nowhere.
    """

    def __init__(self, total: int, display: "Progress | None") -> None:
        self._total, self._display = total, display
        self._done = self._failures = 0

    def __call__(self, done: int, failed: int) -> None:
        """Tell how many more points are answered, and how many of these failed; first, how many were before."""
        self._done += done
        self._failures += failed
        self._show("")

    def stage(self, words: str) -> None:
        """Tell what is done now that answers no point by itself."""
        self._show(words)

    def _show(self, stage: str) -> None:
        if self._display is None:
            return
        failures = f", {self._failures} failed" if self._failures else ""
        words = f"{self._done}/{self._total} points{failures}{f'; {stage}' if stage else ', left:'}"
        if not self._display.tasks:
            self._display.add_task("", total=None, words=words)
            self._display.start()
        (task,) = self._display.tasks
        task.total = None if stage else self._total  # without one the bar only moves to and fro
        self._display.update(task.id, completed=self._done, words=words)


@contextlib.contextmanager
def points_shown(total: int, quiet: bool) -> Iterator[Points]:
    """Show on standard error how many points are answered, how many failed, how long it will take, and what is done.

    Parameters
    ----------
    total
        Points of the study [-].
    quiet
        Whether to show nothing.

    Yields
    ------
    Points
        To be told.
    """
    if quiet:
        yield Points(total, None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TimeElapsedColumn(),
        BarColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        TimeRemainingColumn(),
    )
    display = Progress(*columns, console=Console(stderr=True))
    points = Points(total, display)
    try:
        yield points
        points.stage("")
    finally:
        if display.tasks:
            display.stop()
