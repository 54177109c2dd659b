"""The journal of a study: what is answered is on the disk at once, and a study that was ended goes on from there.

One JSON line a point, appended and flushed to the disk; the first line says which study they belong to. Each line ends
with a check sum, so a line that was torn when the process or the machine stopped is known for what it is. The file is
locked while a process writes it; the system drops the lock of a process that is gone.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import Notice, ResourceError
from .outcome import Answer
from .question import Study

FORMAT = 1
"""Of the journal's lines [-]."""

NAME = "journal.jsonl"
"""Of the journal in a study's folder."""


KEYS = ("code", "reason", "bound", "certified", "mesh_error")
"""What a line may say of its answer besides the values."""


class Journal:
    """An open journal; `opened` opens one.

    Parameters
    ----------
    answers
        Number of a point → its answer, of those that were there.
    notices
        W104: lines that were damaged; their points are computed again.
    file
        Descriptor to append to; None for a journal that nobody keeps.
    path
        Where it is.
    """

    def __init__(
        self,
        answers: dict[int, Answer] | None = None,
        notices: tuple[Notice, ...] = (),
        file: int | None = None,
        path: Path = Path(NAME),
    ) -> None:
        self.answers = answers or {}
        self.notices = notices
        self._file, self._path = file, path

    def add(self, answers: Iterable[tuple[int, Answer]]) -> None:
        """Append answers, each with its point's number, and wait until they are on the disk (R302, R305)."""
        new = dict(answers)
        if self._file is not None and new:
            lines = b"".join(_line(_record(number, answer)) for number, answer in new.items())
            _append(self._file, lines, self._path)
        self.answers |= new


@contextmanager
def opened(folder: Path, study: Study, afresh: bool = False, evaluator: str = "figures") -> Iterator[Journal]:
    """Open the journal in a study's folder, which is made where there is none, and lock it.

    Parameters
    ----------
    folder
        Of the study.
    study
        Whose answers it holds.
    afresh
        Whether to begin anew, whatever is there.
    evaluator
        Name of who answers: answers of a full solve and of a reduced model do not mix.

    Raises
    ------
    ResourceError
        R305: the disk is full. R308: another process writes it. R309: it belongs to another study. R310: it is no
        journal.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        _lock(file, path)
        if afresh:
            os.ftruncate(file, 0)
        digests = {**study.digests, "evaluator": evaluator}
        header = _line({"journal": FORMAT, **digests, "package name": study.package.name})
        whole, _, torn = _content(file).rpartition(b"\n")
        first, *lines = whole.split(b"\n")
        if whole:
            _require_same_study(first, digests, path)
        elif not header.startswith(torn):
            raise _no_journal(path)
        if torn:
            os.ftruncate(file, len(whole) + bool(whole))
        if not whole:
            _append(file, header, path)
            _flush_folder(folder)
        answers, notices = _answers(lines, len(study.plan), path)
        yield Journal(answers, notices, file, path)
    finally:
        os.close(file)


def kept(folder: Path) -> int:
    """Return how many points' answers a study's folder keeps; a torn line is none of them."""
    path = folder / NAME
    records = map(_read, path.read_bytes().splitlines()) if path.exists() else ()
    return len({record["point"] for record in records if record and "point" in record})


def _lock(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise ResourceError(
            "R308",
            "another process is writing this study",
            where=str(path),
            hint="wait for it, or name another folder with --out",
        ) from None


def _content(file: int) -> bytes:
    size = os.fstat(file).st_size
    content = b""
    while len(content) < size and (more := os.pread(file, size - len(content), len(content))):
        content += more
    return content


def _line(record: dict[str, Any]) -> bytes:
    body = json.dumps(record, ensure_ascii=False, allow_nan=False)
    return f'{body[:-1]}, "check": {zlib.crc32(body.encode())}}}\n'.encode()


def _read(line: bytes) -> dict[str, Any] | None:
    """Return the record of a line; None where its check sum does not fit."""
    try:
        record = json.loads(line)
        check = record.pop("check")
        body = json.dumps(record, ensure_ascii=False, allow_nan=False)
    except (ValueError, AttributeError, KeyError, TypeError):
        return None
    return record if check == zlib.crc32(body.encode()) else None


def _append(file: int, lines: bytes, path: Path) -> None:
    """Append lines that are on the disk afterwards, or none of them."""
    before, left = os.fstat(file).st_size, memoryview(lines)
    try:
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)
    except OSError as fault:
        with suppress(OSError):
            os.ftruncate(file, before)
        raise ResourceError(
            "R305" if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "R302",
            f"an answer could not be kept: {fault.strerror}; those before are kept",
            where=str(path),
            hint="make room on the disk; the same command goes on from there",
        ) from fault


def _record(number: int, answer: Answer) -> dict[str, Any]:
    if answer.code:
        return {"point": number, "status": answer.status, "code": answer.code, "reason": answer.reason}
    reduced = {} if answer.bound is None else {"bound": answer.bound, "certified": answer.certified}
    mesh = {} if answer.mesh_error is None else {"mesh_error": answer.mesh_error}
    return {"point": number, "status": answer.status, "values": dict(answer.values), **reduced, **mesh}


def _answers(lines: list[bytes], count: int, path: Path) -> tuple[dict[int, Answer], tuple[Notice, ...]]:
    answers: dict[int, Answer] = {}
    notices = []
    for place, line in enumerate(lines, 2):
        record = _read(line)
        if record is None or not 0 <= record.get("point", -1) < count:
            message = "this line of the journal is damaged; its point is computed again"
            notices.append(Notice("W104", message, where=f"{path}:{place}"))
        else:
            more = {key: record[key] for key in KEYS if key in record}
            answers[record["point"]] = Answer(record.get("values", {}), **more)
    return answers, tuple(notices)


def _require_same_study(line: bytes, digests: Mapping[str, str], path: Path) -> None:
    header = _read(line)
    if header is None or header.get("journal") != FORMAT:
        raise _no_journal(path)
    others = [name for name, digest in digests.items() if header.get(name) != digest]
    if others:
        raise ResourceError(
            "R309",
            f"the study in this folder, of {header.get('package name')}, has another {' and other '.join(others)}",
            where=str(path),
            hint="name another folder with --out, or begin anew with --overwrite",
        )


def _no_journal(path: Path) -> ResourceError:
    return ResourceError(
        "R310",
        "this file does not begin like the journal of a study",
        where=str(path),
        hint="begin anew with --overwrite, or name another folder with --out",
    )


def _flush_folder(folder: Path) -> None:
    """Have the file's name on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
