"""Entries of a folder that are written whole or not at all.

Everything is written into a hidden folder inside the folder and flushed to disk; only then are the old entries moved
out and the new ones moved in, the first entry out first and in last: where it is, all are. A fault leaves what was
there, and whatever else lies in the folder is not touched.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import ResourceError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
            _fill(folder, entries, write)
        except BaseException:
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
    """Refuse a folder that is a file or cannot be written (R302), before anything is computed for it."""
    with _faults_told(folder):
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not nearest.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder", str(nearest))
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(nearest))


def _fill(folder: Path, entries: Sequence[str], write: Callable[[Path], None]) -> None:
    staged = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        write(staged)
        for path in [*staged.rglob("*"), staged]:
            _flush(path)
        _exchange(staged, folder, entries)
        _flush(folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _exchange(staged: Path, folder: Path, entries: Sequence[str]) -> None:
    """Move the old entries out and the new ones in; on a fault put everything back."""
    old = staged / "old"
    old.mkdir()
    moves = [(folder / name, old / name) for name in entries if (folder / name).exists()]
    moves += [(staged / name, folder / name) for name in reversed(entries) if (staged / name).exists()]
    done: list[tuple[Path, Path]] = []
    try:
        for source, destination in moves:
            source.rename(destination)
            done.append((source, destination))
    except BaseException:
        for source, destination in reversed(done):
            destination.rename(source)
        raise


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
