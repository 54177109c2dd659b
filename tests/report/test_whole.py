"""Entries of a folder are all old or all new, whenever the process that writes them is killed."""

import errno
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fem_wlp.errors import ResourceError
from fem_wlp.report import whole
from fem_wlp.report.whole import require_writable, write_whole

ENTRIES = ("sign.json", "gone.txt", "pictures", "page.html", "new.csv")
"""The first is the sign that all are there; of the old ones the second has no successor, the last no predecessor."""

OLD = {"sign.json": "{}", "gone.txt": "old", "pictures/one.png": "old", "pictures/two.png": "old", "page.html": "old"}
NEW = {"sign.json": "[" + "1, " * 3000 + "1]", "pictures/one.png": "new", "page.html": "new" * 3000, "new.csv": "new"}

CALLS = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir")
"""Audit events of the calls before each of which a process is killed; before each flush as well."""


def wrote(folder: Path, contents: dict[str, str]) -> None:
    """Write entries as the program does."""

    def write(staged: Path) -> None:
        for name, content in contents.items():
            (staged / name).parent.mkdir(exist_ok=True)
            (staged / name).write_text(content)

    write_whole(folder, ENTRIES, write)


def found(folder: Path) -> dict[str, str]:
    """What stands under final names; a hidden folder is nobody's."""
    files = (path for path in folder.rglob("*") if path.is_file())
    names = {str(path.relative_to(folder)): path.read_text() for path in files}
    return {name: content for name, content in names.items() if not name.startswith(whole.STAGE)}


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(f"{whole.STAGE}*")]


def in_child(work: Callable[[], None], last: int) -> tuple[bool, int]:
    """Do work in a process that is killed before its filesystem call of that number; say whether, and its calls."""
    read, written = os.pipe()
    child = os.fork()
    if not child:  # nothing of pytest may run here
        calls = 0

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)

        flush = os.fsync
        os.fsync = lambda descriptor: (count(), flush(descriptor))[1]  # type: ignore[assignment]
        sys.addaudithook(lambda event, _: count() if event in CALLS else None)
        work()
        os.write(written, str(calls).encode())
        os._exit(0)
    os.close(written)
    _, status = os.waitpid(child, 0)
    calls = int(os.read(read, 20) or 0)
    os.close(read)
    return os.WIFSIGNALED(status), calls


def calls_of(work: Callable[[], None]) -> Iterator[int]:
    """Number all filesystem calls of some work."""
    killed, calls = in_child(work, 0)
    assert not killed
    assert calls > 30
    yield from range(1, calls + 1)


def is_one_of(folder: Path, *contents: dict[str, str]) -> dict[str, str]:
    """Check that a folder holds nothing but parts of one of some contents, and all of it where its sign is."""
    there = found(folder)
    (one,) = [each for each in contents if each.items() >= there.items()][:1] or [None]
    assert one is not None, f"a mix: {sorted(there)}"
    assert "sign.json" not in there or there == one
    return there


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Path]:
    """Make folders that hold the old entries and somebody's own file."""
    numbers = iter(range(10_000))

    def make() -> Path:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        wrote(folder, OLD)
        return folder

    return make


def test_killed_before_any_call_nothing_is_mixed_and_the_next_one_finds_old_or_new(fresh: Callable[[], Path]) -> None:
    """The old entries stay until the list of moves is whole; from then on the next process brings in the new ones."""
    first = fresh()
    outcomes = []
    for last in calls_of(lambda: wrote(first, NEW)):
        folder = fresh()
        assert in_child(lambda folder=folder: wrote(folder, NEW), last)[0]  # type: ignore[misc]
        left = is_one_of(folder, OLD, NEW)
        require_writable(folder)
        settled = found(folder)
        assert settled in (OLD, NEW)
        assert left == OLD or settled == NEW
        assert hidden(folder) == []
        outcomes.append(settled == NEW)
    assert outcomes == sorted(outcomes)  # first old ones, then new ones
    assert set(outcomes) == {False, True}


def test_killed_in_a_new_folder_before_any_call_nothing_claims_to_be_whole(tmp_path: Path) -> None:
    for last in calls_of(lambda: wrote(tmp_path / "whole" / "deep", NEW)):
        folder = tmp_path / str(last) / "deep"
        assert in_child(lambda folder=folder: wrote(folder, NEW), last)[0]  # type: ignore[misc]
        assert not folder.exists() or is_one_of(folder, NEW) in ({}, NEW) or "sign.json" not in found(folder)
        require_writable(folder)
        assert not folder.exists() or found(folder) in ({}, NEW)


def test_who_finishes_may_be_killed_as_well(fresh: Callable[[], Path]) -> None:
    """Before any call, after the first was killed between old and new: the third finds what the first had listed."""

    def torn() -> Path:
        folder = fresh()
        moves = iter(range(100))
        rename = Path.rename

        def stop(self: Path, target: Path) -> Path:
            if next(moves) == 5:  # four out, one in
                os.kill(os.getpid(), signal.SIGKILL)
            return rename(self, target)

        child = os.fork()
        if not child:
            Path.rename = stop  # type: ignore[assignment,method-assign]
            wrote(folder, NEW)
            os._exit(0)
        os.waitpid(child, 0)
        assert set(found(folder)) == {"new.csv"}
        return folder

    first = torn()
    _, calls = in_child(lambda: require_writable(first), 0)
    assert calls > 10
    for last in range(1, calls + 1):
        folder = torn()
        assert in_child(lambda folder=folder: require_writable(folder), last)[0]  # type: ignore[misc]
        is_one_of(folder, NEW)
        require_writable(folder)
        assert found(folder) == NEW
        assert hidden(folder) == []


@pytest.mark.parametrize("size", [0, 1, 2, 1000, 8191, 8999])
def test_killed_in_the_middle_of_a_file_the_old_ones_stay(size: int, fresh: Callable[[], Path]) -> None:
    """The system ends a process at its first byte beyond a size: the file is torn there."""
    folder = fresh()
    child = os.fork()
    if not child:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        wrote(folder, NEW)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGXFSZ
    assert hidden(folder)
    assert found(folder) == OLD
    wrote(folder, NEW)
    assert found(folder) == NEW
    assert hidden(folder) == []


def test_an_interruption_between_a_move_and_its_note_loses_nothing(
    fresh: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C right after any of the eight moves: what was there is there again."""
    rename = Path.rename
    for last in range(1, 9):
        folder, moves = fresh(), iter(range(1, 100))

        def interrupted(self: Path, target: Path, moves: Iterator[int] = moves, last: int = last) -> Path:
            moved = rename(self, target)
            if next(moves) == last:
                raise KeyboardInterrupt
            return moved

        monkeypatch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            wrote(folder, NEW)
        monkeypatch.undo()
        assert found(folder) == OLD
        assert hidden(folder) == []


def test_where_even_putting_back_fails_the_next_one_finishes(
    fresh: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails from the third move on: the old entries are not thrown away with the hidden folder."""
    folder, moves, rename = fresh(), iter(range(100)), Path.rename

    def failing(self: Path, target: Path) -> Path:
        if next(moves) >= 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ResourceError) as refused:
        wrote(folder, NEW)
    monkeypatch.undo()
    assert refused.value.code == "R302"
    require_writable(folder)
    assert found(folder) == NEW


def test_a_list_that_is_torn_moves_nothing(fresh: Callable[[], Path]) -> None:
    folder = fresh()
    staged = folder / f"{whole.STAGE}x"
    for name in (whole.NEW, whole.OLD):
        (staged / name).mkdir(parents=True)
    (staged / whole.NEW / "sign.json").write_text("[1")
    full = json.dumps({"out": ["sign.json"], "into": ["sign.json"]})
    for content in (full[:-1], "[]", "null", '{"out": []}', ""):
        (staged / whole.MOVES).parent.mkdir(exist_ok=True)
        (staged / whole.MOVES).write_text(content)
        require_writable(folder)
        assert found(folder) == OLD
        assert hidden(folder) == []


def test_two_processes_that_write_into_one_folder_wait_for_each_other(fresh: Callable[[], Path]) -> None:
    """A lock of the folder: neither sweeps away what the other writes, nor mixes its moves with the other's."""
    folder = fresh()
    begun, go_on, ended = threading.Event(), threading.Event(), []

    def slowly(staged: Path) -> None:
        begun.set()
        assert go_on.wait(10)
        (staged / "sign.json").write_text("slow")

    def other() -> None:
        wrote(folder, NEW)
        ended.append("other")

    slow = threading.Thread(target=lambda: (write_whole(folder, ENTRIES, slowly), ended.append("slow")))
    slow.start()
    assert begun.wait(10)
    require_writable(folder)  # looks, and leaves alone what is being written
    assert len(hidden(folder)) == 1
    second = threading.Thread(target=other)
    second.start()
    time.sleep(0.2)
    assert ended == []
    go_on.set()
    for thread in (slow, second):
        thread.join(10)
    assert ended == ["slow", "other"] or ended == ["other", "slow"]
    assert found(folder) == NEW
    assert hidden(folder) == []


def test_a_file_system_without_locks_is_written_too(fresh: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nobody knows whose a hidden folder is, and it stays."""

    def refuse(descriptor: int, operation: int) -> Any:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    folder = fresh()
    (folder / f"{whole.STAGE}others").mkdir()
    monkeypatch.setattr(whole.fcntl, "flock", refuse)
    wrote(folder, NEW)
    assert found(folder) == NEW
    assert hidden(folder) == [f"{whole.STAGE}others"]
