"""A second process: it does what it is asked, and nothing is lost where it doesn't."""

import errno
import os
import time
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path

import pytest

from fem_wlp import beside
from fem_wlp.beside import begin, second_process
from fem_wlp.errors import SolveError


def whereabouts() -> tuple[int, str]:
    """Number of the process, and its threads of linear algebra."""
    return os.getpid(), os.environ["OPENBLAS_NUM_THREADS"]


def ends_elsewhere(home: int) -> str:
    """End the process, but for one."""
    if os.getpid() != home:
        os._exit(9)
    return "here"


def refuses(home: int) -> None:
    if os.getpid() != home:
        raise SolveError("S501", "singular", where="elsewhere", hint="try again")


def divides_elsewhere(home: int) -> float:
    return 1.0 / (os.getpid() == home)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")")[-1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "cores", lambda: 2)


def test_it_answers_on_one_thread_and_is_gone_afterwards(two_cores: None) -> None:
    with second_process("fem_wlp.units") as executor:
        process, threads = begin(executor, whereabouts)()
        assert process != os.getpid()
        assert alive(process)
        assert threads == "1"
    for _ in range(100):
        if not alive(process):
            return
        time.sleep(0.1)
    raise AssertionError("the second process is still there")


def keeps(megabytes: int) -> int:
    """Hold memory until the process ends; the number of the process."""
    KEPT.append(b"1" * (megabytes << 20))
    return os.getpid()


KEPT: list[bytes] = []


def test_it_may_keep_what_memory_it_took(two_cores: None) -> None:
    """With work that waits for it; loky looks at its memory once a second."""
    with second_process() as executor:
        found = []
        for _ in range(3):
            asked = [begin(executor, keeps, 200), begin(executor, time.sleep, 0.6)]
            found.append(asked[0]())
            asked[1]()
    assert len(set(found)) == 1


def test_what_it_was_at_when_it_ended_is_done_here(two_cores: None) -> None:
    """It was at it: the same asked without a way back is lost."""
    with second_process() as executor:
        assert executor is not None
        with pytest.raises(BrokenExecutor):
            executor.submit(ends_elsewhere, os.getpid()).result()
    with second_process() as executor:
        assert begin(executor, ends_elsewhere, os.getpid())() == "here"
        assert begin(executor, ends_elsewhere, os.getpid())() == "here"  # nor does it take anything more


def test_what_is_asked_is_read_at_once(two_cores: None) -> None:
    """In another process it is what it was when it was asked, not what it became."""
    with second_process() as executor:
        given = [1, 2]
        asked = begin(executor, len, given)
        given.append(3)
        assert asked() == 2


class Restless:
    """Another thread puts something into it whenever it is read."""

    def __reduce__(self) -> str:
        raise RuntimeError("dictionary changed size during iteration")

    def process(self) -> int:
        """Number of the process."""
        return os.getpid()


def test_what_cannot_be_read_is_done_here(two_cores: None) -> None:
    with second_process() as executor:
        assert begin(executor, Restless.process, Restless())() == os.getpid()


def test_what_it_refuses_is_refused(two_cores: None) -> None:
    """With all that the refusal says."""
    with second_process() as executor, pytest.raises(SolveError, match="singular") as refusal:
        begin(executor, refuses, os.getpid())()
    assert (refusal.value.code, refusal.value.where, refusal.value.hint) == ("S501", "elsewhere", "try again")


def test_a_fault_of_the_program_is_told_and_not_covered_up(two_cores: None) -> None:
    with second_process() as executor, pytest.raises(ZeroDivisionError):
        begin(executor, divides_elsewhere, os.getpid())()


def test_where_there_is_no_room_for_it_all_is_done_here(two_cores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No semaphores, or no more processes."""

    def refused(count: int) -> Executor:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(beside, "hired", refused)
    with second_process() as executor:
        assert executor is None
    with pytest.raises(OSError, match="of the body"), second_process():
        raise OSError("of the body")


def test_on_one_processor_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "cores", lambda: 1)
    with second_process() as executor:
        assert executor is None
        assert begin(executor, os.getpid)() == os.getpid()
