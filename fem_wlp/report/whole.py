"""Entries of a folder that are written whole or not at all.

Everything is written into a hidden folder inside the folder and flushed to disk, then the list of moves; only then are
the old entries moved out and the new ones moved in, the first entry out first and in last: where it is, all are, and no
old entry ever stands beside a new one. A fault puts back what was there, and whatever else lies in the folder is not
touched. A process that is killed leaves its hidden folder: the next one that writes there finishes the moves of a list
that is whole, and sweeps away all else. One process writes at a time, behind a lock that the system drops with it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import ResourceError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

STAGE = ".writing-"
"""How the names of hidden folders begin; what lies in one is nobody's result yet."""

NEW, OLD, MOVES = "new", "old", "moves.json"
"""In such a folder: entries to be moved in, entries that were moved out, and the list of both."""


def write_whole(folder: Path, entries: Sequence[str], write: Callable[[Path], None]) -> None:
    """Write entries of a folder, which is made if it isn't there.

    Parameters
    ----------
    folder
        Where the entries will stand.
    entries
        Their names; old ones are replaced, and go where no new one is written.
    write
        Writes new ones into the folder that it is given.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R305 if the disk is full. What was there is still there, then.
    """
    with _faults_told(folder):
        made = _make(folder)
        try:
            with _alone(folder) as alone:
                if alone:
                    _settle(folder)
                _fill(folder, entries, write)
        except BaseException:
            with suppress(OSError):  # another process has come to write there
                for path in made:  # only folders made just now, and only while they are empty
                    path.rmdir()
            raise


def write_contents(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files of a folder by their names, the first as the sign that all are there; otherwise as `write_whole`."""

    def write(staged: Path) -> None:
        for name, content in contents.items():
            (staged / name).write_bytes(content)

    write_whole(folder, tuple(contents), write)


def as_json(data: Any) -> str:
    """Return plain data as the text of a file."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def require_writable(folder: Path) -> None:
    """Refuse a folder that is a file or cannot be written (R302), before anything is computed for it.

    What a process that was killed has left there is settled first.
    """
    with _faults_told(folder):
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not nearest.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder", str(nearest))
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(nearest))
        if folder.is_dir():
            with _alone(folder, wait=False) as alone:
                if alone:
                    _settle(folder)


@dataclass(frozen=True)
class _Moves:
    """Names of the entries to be moved out and in, in that order."""

    out: tuple[str, ...]
    into: tuple[str, ...]


def _fill(folder: Path, entries: Sequence[str], write: Callable[[Path], None]) -> None:
    staged = Path(tempfile.mkdtemp(prefix=STAGE, dir=folder))
    try:
        new = staged / NEW
        new.mkdir()
        (staged / OLD).mkdir()
        write(new)
        for path in [*new.rglob("*"), new]:
            _flush(path)
        moves = _Moves(
            tuple(name for name in entries if (folder / name).exists()),
            tuple(name for name in reversed(entries) if (new / name).exists()),
        )
        (staged / MOVES).write_text(as_json(asdict(moves)), "utf-8")
        for path in (staged / MOVES, staged, folder):
            _flush(path)
    except BaseException:
        _sweep(staged)
        raise
    _exchange(staged, folder, moves)


def _exchange(staged: Path, folder: Path, moves: _Moves) -> None:
    """Move the old entries out and the new ones in, or those of them that are left; on a fault put everything back.

    What was moved is seen from where it is: an exception may come between a move and any note of it. Where even putting
    back fails, the list stays, and the next process finishes the moves.
    """
    try:
        _carry_out(staged, folder, moves)
    except BaseException:
        for name in reversed(moves.into):
            if not (staged / NEW / name).exists():
                (folder / name).rename(staged / NEW / name)
        for name in reversed(moves.out):
            if (staged / OLD / name).exists():
                (staged / OLD / name).rename(folder / name)
        _sweep(staged)
        raise
    _sweep(staged)


def _carry_out(staged: Path, folder: Path, moves: _Moves) -> None:
    for name in moves.out:
        if not (staged / OLD / name).exists() and (folder / name).exists():
            (folder / name).rename(staged / OLD / name)
            if name == moves.out[0]:  # the sign is off on the disk, too, before anything else is
                _flush(folder)
    for name in moves.into:
        if (staged / NEW / name).exists():
            if name == moves.into[-1]:  # and on after everything else
                _flush(folder)
            (staged / NEW / name).rename(folder / name)
    _flush(folder)


def _settle(folder: Path) -> None:
    """Finish what a process that was killed had begun to move; sweep away what it had only begun to write."""
    for staged in folder.glob(f"{STAGE}*"):
        moves = _listed(staged / MOVES)
        if moves is None:
            _sweep(staged)
        else:
            _exchange(staged, folder, moves)


def _listed(file: Path) -> _Moves | None:
    """Return a list of moves; None where none was written to its end."""
    try:
        names = json.loads(file.read_text("utf-8"))
        return _Moves(tuple(names["out"]), tuple(names["into"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sweep(staged: Path) -> None:
    """Remove a hidden folder, its list first: nothing is moved by a list of what is no longer there."""
    (staged / MOVES).unlink(missing_ok=True)
    shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def _alone(folder: Path, wait: bool = True) -> Iterator[bool]:
    """Hold the folder's lock; tell whether no other process writes there, as far as the file system knows locks."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _make(folder: Path) -> list[Path]:
    """Make a folder with its parents; return those that were not there, the innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir()
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder", str(folder))
    return missing


def _flush(path: Path) -> None:
    """Have a file's or folder's content on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _faults_told(folder: Path) -> Iterator[None]:
    """Turn the system's faults into those of the program."""
    try:
        yield
    except OSError as fault:
        reason = fault.strerror or str(fault)
        if fault.errno in FULL:
            raise ResourceError(
                "R305",
                f"writing stopped: {reason}; what stood there before is still there",
                where=str(folder),
                hint="make room on the disk, or name another folder with --out",
            ) from fault
        raise ResourceError(
            "R302", f"the folder cannot be written: {reason}", where=str(folder), hint="name another folder with --out"
        ) from fault
