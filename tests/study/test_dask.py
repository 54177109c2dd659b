"""A study on the workers of a real Dask scheduler, one of which is ended in the middle."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fem_wlp.errors import ResourceError
from fem_wlp.package import Package
from fem_wlp.study import crews, run, study_of, sweep

from .packages import KEYS, Hanging, compliant, product_of, twelve_points

pytest.importorskip("distributed", reason="no Dask: the extra study has it")


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def begun(*arguments: str, **settings: str) -> subprocess.Popen[bytes]:
    """A process of Dask, as `dask scheduler` and `dask worker` start it."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{arguments[0]}", *arguments[1:]]
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    return subprocess.Popen(command, env={**os.environ, **settings}, **streams)


def worker(address: str, folder: Path) -> subprocess.Popen[bytes]:
    """One worker of one thread."""
    return begun("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder))


@pytest.fixture
def scheduler() -> Iterator[str]:
    """The address of a scheduler on this machine."""
    address = f"tcp://127.0.0.1:{free_port()}"
    process = begun("scheduler", "--host", address, "--no-dashboard")
    try:
        yield address
    finally:
        process.kill()
        process.wait()


def slowly(package: Package, keys: tuple[str, ...]) -> dict[str, float | None]:
    """As `product_of`, in a tenth of a second; says in which process by the height."""
    time.sleep(0.1)
    return {**product_of(package, keys), "joint.height": float(os.getpid())}


@pytest.mark.long
def test_a_study_on_two_machines_loses_nothing_when_one_of_them_ends(scheduler: str, tmp_path: Path) -> None:
    """Both workers have answered points when one is killed; the table is that of one process."""
    study = study_of(compliant(), {"second_layer.thickness": "20 um..150 um:60"}, KEYS)
    workers = [worker(scheduler, tmp_path / name) for name in ("one", "two")]
    answered = 0
    enough = threading.Event()

    def count(done: int, failed: int) -> None:
        nonlocal answered
        answered += done
        if answered >= 20:
            enough.set()

    def end_one() -> None:
        enough.wait(60)
        os.kill(workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=end_one)
    killer.start()
    try:
        answers = sweep(study, tmp_path / "study", scheduler=scheduler, progress=count, evaluator=slowly)
    finally:
        enough.set()
        killer.join()
        for process in workers:
            process.kill()
            process.wait()
    assert not answers.failures
    alone = run(study, product_of)
    assert (answers.column("decoupling.figure") == alone.column("decoupling.figure")).all()
    assert {*answers.column("joint.height")} == {float(process.pid) for process in workers}


@pytest.mark.long
def test_a_scheduler_that_does_not_answer_or_has_no_workers_is_refused(
    scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(compliant(), {"array.pitch": "0.5 mm"}, KEYS)
    nobody = f"tcp://127.0.0.1:{free_port()}"
    for address, patience, words in ((nobody, 2.0, "no Dask scheduler answers"), (scheduler, 8.0, "nobody has come")):
        monkeypatch.setattr(crews, "PATIENCE", patience)
        with pytest.raises(ResourceError, match=words) as refused:
            sweep(study, scheduler=address, evaluator=product_of)
        assert refused.value.code == "R312"


@pytest.mark.long
def test_a_scheduler_that_is_gone_ends_the_study_and_keeps_what_was_answered(tmp_path: Path) -> None:
    """The next run, without it, begins where this one stopped."""
    study = study_of(compliant(), {"second_layer.thickness": "20 um..150 um:40"}, KEYS)
    address = f"tcp://127.0.0.1:{free_port()}"
    processes = [begun("scheduler", "--host", address, "--no-dashboard"), worker(address, tmp_path / "one")]
    answered = 0

    def count(done: int, failed: int) -> None:
        nonlocal answered
        answered += done
        if answered >= 5:
            processes[0].kill()

    try:
        with pytest.raises(ResourceError) as refused:
            sweep(study, tmp_path / "study", scheduler=address, progress=count, evaluator=slowly)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert refused.value.code == "R312"
    before = answered
    answered = 0
    sweep(study, tmp_path / "study", progress=count, evaluator=slowly)
    assert before >= 5
    assert answered == 40


@pytest.mark.long
def test_a_point_that_hangs_ends_its_worker_and_the_others_are_answered(tmp_path: Path) -> None:
    """A nanny, which a worker has unless told otherwise, begins another one; the scheduler gives a point up at once."""
    address = f"tcp://127.0.0.1:{free_port()}"
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    local = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(tmp_path / "one"))
    processes = [begun("scheduler", "--host", address, "--no-dashboard", **once), begun("worker", address, *local)]
    try:
        answers = sweep(
            twelve_points(), scheduler=address, evaluator=Hanging(tmp_path / "tally", (0.05, 0.5)), timeout=2.0
        )
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()
    assert {number: answer.code for number, answer in answers.failures.items()} == {4: "R314"}
