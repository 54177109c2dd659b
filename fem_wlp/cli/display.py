"""What is shown while a verb runs, on standard error."""

import contextlib
from collections.abc import Callable, Iterator


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


@contextlib.contextmanager
def points_shown(total: int, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show on standard error how many points are answered, how many failed, and how long it will take.

    Parameters
    ----------
    total
        Points of the study [-].
    quiet
        Whether to show nothing.

    Yields
    ------
    Callable
        To be told how many more points are answered, and how many of these failed; first, how many were before.
    """
    if quiet:
        yield lambda done, failed: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TimeElapsedColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("points{task.fields[failures]}, left:", markup=False),
        TimeRemainingColumn(),
    )
    display = Progress(*columns, console=Console(stderr=True))
    failures = 0

    def tell(done: int, failed: int) -> None:
        nonlocal failures
        failures += failed
        words = f", {failures} failed" if failures else ""
        if not display.tasks:
            # what was answered before says nothing of the speed
            display.add_task("", total=total, completed=done, failures=words)
            display.start()
        else:
            display.update(display.tasks[0].id, advance=done, failures=words)

    try:
        yield tell
    finally:
        if display.tasks:
            display.stop()
