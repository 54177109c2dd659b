"""The result folder, written whole or not at all.

Everything is written into a hidden folder inside the result folder and flushed to disk; only then are the old entries
moved out and the new ones moved in, ``results.json`` out first and in last. So a folder with ``results.json`` is whole,
a fault leaves the previous results, and whatever else lies in the folder is not touched.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import ResourceError, WlpError
from ..mesh.files import write_cut, write_solid
from ..package import Package, loads, resolved_toml
from ..results import ArrayField, CriticalField, Result, as_data
from .figures import all_pictures
from .page import render

ENTRIES = ("results.json", "package.toml", "fields.vtu", "figures", "report.html")
"""What a result folder holds; the first is the sign that it is whole."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write(result: Result, folder: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """Write a result as a folder: report, results, package file, fields and figures.

    Parameters
    ----------
    result
        What was solved.
    folder
        Folder to write; made if it isn't there. Other files in it are left alone.
    overwrite
        Whether another configuration's results in it may be replaced. Those of the same package always are.

    Returns
    -------
    Path
        ``report.html``.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R303 if it holds another configuration's results, R305 if the disk is
        full. The previous results are still there, then.
    """
    target = Path(folder)
    require_folder(result.package, target, overwrite)
    with _faults_told(target):
        made = _make(target)
        try:
            _fill(result, target)
        except BaseException:
            for path in made:  # only folders made just now, and only while they are empty
                path.rmdir()
            raise
    return target / "report.html"


def require_folder(package: Package, folder: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Check before a solve that its results can be written afterwards.

    Parameters
    ----------
    package, folder, overwrite
        As for `write`.

    Raises
    ------
    ResourceError
        R302 if the folder is a file or cannot be written, R303 if it holds another configuration's results.
    """
    target = Path(folder)
    with _faults_told(target):
        nearest = next(path for path in (target, *target.absolute().parents) if path.exists())
        if not nearest.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder", str(nearest))
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(nearest))
    if not overwrite:
        _refuse_other_results(package, target)


def _fill(result: Result, folder: Path) -> None:
    staged = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        _write_entries(result, staged)
        for path in [*staged.rglob("*"), staged]:
            _flush(path)
        _exchange(staged, folder)
        _flush(folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _write_entries(result: Result, folder: Path) -> None:
    pictures = all_pictures(result)
    figures = folder / "figures"
    figures.mkdir()
    for picture in pictures:
        (figures / f"{picture.name}.png").write_bytes(picture.png)
        (figures / f"{picture.name}.svg").write_bytes(picture.svg)
    data = json.dumps(as_data(result), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "results.json").write_text(data + "\n", "utf-8")
    (folder / "package.toml").write_text(resolved_toml(result.package), "utf-8")
    _write_fields(folder / "fields.vtu", result.field)
    (folder / "report.html").write_text(render(result, pictures), "utf-8")


def _write_fields(path: Path, field: CriticalField | ArrayField) -> None:
    if isinstance(field, ArrayField):
        write_solid(path, field.mesh, field.displacement, field.von_mises)
    else:
        write_cut(path, field.mesh, field.displacement, field.von_mises)


def _exchange(staged: Path, folder: Path) -> None:
    """Move the old entries out and the new ones in; on a fault put everything back."""
    old = staged / "old"
    old.mkdir()
    moves = [(folder / name, old / name) for name in ENTRIES if (folder / name).exists()]
    moves += [(staged / name, folder / name) for name in reversed(ENTRIES)]
    done: list[tuple[Path, Path]] = []
    try:
        for source, destination in moves:
            source.rename(destination)
            done.append((source, destination))
    except BaseException:
        for source, destination in reversed(done):
            destination.rename(source)
        raise


def _refuse_other_results(package: Package, folder: Path) -> None:
    there = [name for name in ENTRIES if (folder / name).exists()]
    if not there or _same_package(package, folder / "package.toml"):
        return
    raise ResourceError(
        "R303",
        f"the folder holds {', '.join(there)} of another configuration",
        where=str(folder),
        hint="name another folder with --out, or replace what is there with --overwrite",
    )


def _same_package(package: Package, file: Path) -> bool:
    """Say whether a resolved package file describes this package; remarks don't matter."""
    try:
        previous = loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, WlpError):
        return False
    return _bare(resolved_toml(previous)) == _bare(resolved_toml(package))


def _bare(toml: str) -> list[str]:
    """Lines of a resolved file without the remarks on where each value comes from."""
    return [line.rsplit("  # ", 1)[0].rstrip() for line in toml.splitlines() if not line.startswith("# ")]


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
