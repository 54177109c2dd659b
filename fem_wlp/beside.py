"""A second process beside this one, for what the threads of one Python do in turns: drawing, above all."""

from __future__ import annotations

import atexit
import gc
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

ORPHAN_POLL = 1.0
"""How often a worker looks whether the process that it works for is still there [s]."""

READINGS = 5
"""How often it is tried to read what threads work with at the same time [-]."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Environment of a process among several: threads of linear algebra would only wait for each other."""

NO_LEAK = {"LOKY_MAX_MEMORY_LEAK_SIZE": "1e15"}
"""Environment of a worker that may keep the memory that it took [bytes]: by itself loky ends it after 300 MB."""


def cores() -> int:
    """Return the number of processors that this process may use."""
    from loky import cpu_count

    return int(cpu_count())


@contextmanager
def second_process(*modules: str) -> Iterator[Executor | None]:
    """Have a second process, which loads modules while nothing else is asked of it; None where there cannot be one."""
    executor = _begun(modules) if cores() > 1 else None
    if executor is None:
        yield None
        return
    try:
        yield executor
    except BaseException:
        dismiss(executor)
        raise
    executor.shutdown(wait=False)  # it has nothing more to do, and ends while this one goes on


def _begun(modules: tuple[str, ...]) -> Executor | None:
    """Return a process that loads modules; None where the system has no room for one."""
    try:
        executor = hired(1)
        executor.submit(_load, modules)
    except OSError:
        return None
    return executor


def hired(count: int) -> Executor:
    """Have so many processes of this machine, each with one thread for linear algebra; `dismiss` ends them."""
    from loky import ProcessPoolExecutor

    executor: Executor = ProcessPoolExecutor(
        max_workers=count, initializer=_prepare, initargs=(os.getpid(),), timeout=None, env=ONE_THREAD | NO_LEAK
    )
    return executor


def dismiss(executor: Executor) -> None:
    """End all processes, whatever they are at."""
    executor.shutdown(wait=False, kill_workers=True)  # type: ignore[call-arg]


def begin(beside: Executor | None, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Callable[[], R]:
    """Begin a function elsewhere, and return what waits for its answer.

    Without an executor, or where its process ended, the function runs here once its answer is asked for. Nothing that
    it takes may change until then but what is kept for later use.
    """
    here = partial(function, *args, **kwargs)
    if beside is None:
        return here
    task = _written(here)
    if task is None:
        return here
    try:
        future = beside.submit(_called, task)
    except BrokenExecutor:
        return here

    def answer() -> R:
        try:
            found: R = future.result()
            return found
        except (BrokenExecutor, MemoryError):
            return here()

    return answer


def _written(task: Callable[[], object]) -> bytes | None:
    """Return a task as another process reads it; None where memory doesn't suffice, or threads leave no moment for it.

    What is kept for later use makes a dictionary grow, and then it cannot be read to its end.
    """
    for _ in range(READINGS):
        try:
            return pickle.dumps(task, pickle.HIGHEST_PROTOCOL)
        except (RecursionError, NotImplementedError):
            raise
        except RuntimeError:
            continue
        except MemoryError:
            break
    return None


def _called(task: bytes) -> Any:
    return pickle.loads(task)()


def _prepare(parent: int) -> None:
    """Make a worker quiet about Ctrl-C, which is the parent's to handle, and gone when the parent is."""
    atexit.register(gc.freeze)  # no last search for garbage in all that it has loaded
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_POLL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _load(modules: tuple[str, ...]) -> None:
    """Load modules, and spare the search for garbage all that they hold."""
    gc.disable()
    try:
        for name in modules:
            import_module(name)
        gc.freeze()
    finally:
        gc.enable()
