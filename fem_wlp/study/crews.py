"""Where points are computed: in this process, in processes of this machine, or by Dask on many machines.

A crew hands out executors of the standard library's protocol, so that one loop serves all (`run`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import Any, ParamSpec, Protocol, TypeVar

from ..beside import dismiss, hired
from ..errors import ResourceError

P = ParamSpec("P")
R = TypeVar("R")

POLL = 1.0
"""How often a scheduler is asked who works for it, and how long it may take to part [s]."""

PATIENCE = 30.0
"""How long a scheduler may take to answer, and the first of its workers to come [s]."""


class Crew(Protocol):
    """Computes points side by side."""

    executor: Executor
    lost: tuple[type[BaseException], ...]
    """What a future raises whose worker ended."""
    most_losses: int
    """After so many ends of its worker a point is given up [-]."""
    falls_together: bool
    """Whether the end of one worker is the end of all."""
    limit: float | None
    """How long a worker may be at one point, which ends it [s]."""

    @property
    def width(self) -> int:
        """Points that are computed at once [-]."""
        ...

    def renew(self) -> None:
        """Replace workers that ended, where nobody else does."""
        ...


class _Here(Executor):
    """Computes at once, in this process."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        future: Future[R] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Alone:
    """The study's own process, and nobody else."""

    lost: tuple[type[BaseException], ...] = ()
    most_losses = 1
    falls_together = False
    limit: float | None = None
    width = 1

    def __init__(self) -> None:
        self.executor: Executor = _Here()

    def renew(self) -> None:
        """Nothing to do."""


class Processes:
    """Processes of this machine, each with one thread for linear algebra."""

    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)
    most_losses = 3
    falls_together = True

    def __init__(self, count: int, limit: float | None = None) -> None:
        self.width, self.limit = count, limit
        self.executor = hired(count)

    def renew(self) -> None:
        """Hire other processes: the end of one breaks the executor, which ends all."""
        dismiss(self.executor)
        self.executor = hired(self.width)

    def dismiss(self) -> None:
        """End all processes, whatever they are at."""
        dismiss(self.executor)


class Machines:
    """Workers of a Dask scheduler, wherever they are; the scheduler itself hands on what a lost one was at."""

    most_losses = 1
    falls_together = False

    def __init__(self, client: Any, lost: tuple[type[BaseException], ...], limit: float | None = None) -> None:
        self.client, self.limit = client, limit
        self.lost = lost
        self.executor: Executor = client.get_executor(pure=False)
        self._counted = (-PATIENCE, 1)

    @property
    def width(self) -> int:
        """Threads of all workers that are there now [-]."""
        now = time.monotonic()
        if now - self._counted[0] > POLL:
            self._counted = (now, max(1, sum(self.client.nthreads().values())))
        return self._counted[1]

    def renew(self) -> None:
        """Nothing to do: who comes to the scheduler works."""


@contextmanager
def crew_of(workers: int = 1, scheduler: str | None = None, limit: float | None = None) -> Iterator[Crew]:
    """Assemble a crew, and dismiss it afterwards, whatever it is at.

    Parameters
    ----------
    workers
        Processes of this machine; 1: this one alone, or another one where there is a limit.
    scheduler
        Address of a Dask scheduler, e.g. "tcp://10.0.0.1:8786", instead.
    limit
        How long a worker may be at one point, which ends it [s].

    Raises
    ------
    ResourceError
        R311: Dask is not there. R312: the scheduler does not answer, or nobody works for it.
    """
    if scheduler is not None:
        with _machines(scheduler, limit) as machines:
            yield machines
    elif workers == 1 and limit is None:
        yield Alone()
    else:
        processes = Processes(workers, limit)
        try:
            yield processes
        finally:
            processes.dismiss()


@contextmanager
def _machines(scheduler: str, limit: float | None) -> Iterator[Machines]:
    try:
        from distributed import Client, KilledWorker
        from distributed.comm import CommClosedError
    except ImportError as missing:
        raise ResourceError(
            "R311",
            f"a scheduler needs Dask: {missing}",
            hint='python -m pip install ".[study]"',
        ) from missing
    try:
        client: Any = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise ResourceError(
            "R312",
            f"no Dask scheduler answers: {fault}",
            where="--scheduler",
            value=scheduler,
            hint="start one with: dask scheduler; then workers: dask worker ADDRESS --nthreads 1",
        ) from None
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        yield Machines(client, (KilledWorker,), limit)
    except TimeoutError:
        raise ResourceError(
            "R312",
            f"nobody has come to work for the scheduler within {PATIENCE:.0f} s",
            where="--scheduler",
            value=scheduler,
            hint=f"start workers: dask worker {scheduler} --nthreads 1",
        ) from None
    except CommClosedError as fault:
        raise ResourceError(
            "R312",
            f"the scheduler is gone: {fault}",
            where="--scheduler",
            value=scheduler,
            hint="start it again, then the same command: what was answered is kept",
        ) from None
    finally:
        client.close(timeout=POLL)
