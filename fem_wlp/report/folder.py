"""The result folder, written whole or not at all: a folder with ``results.json`` is whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from ..errors import ResourceError, WlpError
from ..mesh.files import write_cut, write_solid
from ..package import Package, loads, replace_all
from ..results import ArrayField, CriticalField, Result, as_data
from .figures import all_pictures
from .page import render
from .pictures import write_pictures
from .run_record import package_texts, record_result, require_folder_of, write_package
from .whole import as_json, write_whole

ENTRIES = (
    "results.json", "run.json", "package.toml", "reference.toml", "fields.vtu", "figures", "report.html", "drift.json",
)  # fmt: skip
"""What a result folder holds; the first is the sign that it is whole."""


def write(
    result: Result,
    folder: str | os.PathLike[str],
    overwrite: bool = False,
    options: Mapping[str, Any] | None = None,
    beside: Executor | None = None,
) -> Path:
    """Write a result as a folder: report, results, where they come from, package file, fields and figures.

    Parameters
    ----------
    result
        What was solved.
    folder
        Folder to write; made if it isn't there. Other files in it are left alone.
    overwrite
        Whether another configuration's results in it may be replaced. Those of the same package always are.
    options
        Options that were given, to be kept in ``run.json``.
    beside
        A second process, which draws every other figure (`fem_wlp.beside.second_process`); by default this one draws
        them all.

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
    write_whole(target, ENTRIES, lambda staged: _write_entries(result, staged, options, beside))
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
        R302 if the folder is a file or cannot be written, R303 if it holds another configuration's results or, whatever
        ``overwrite`` says, those of another verb.
    """
    target = Path(folder)
    require_folder_of(target, "solve")
    if not overwrite:
        _refuse_other_results(package, target)


def _write_entries(result: Result, folder: Path, options: Mapping[str, Any] | None, beside: Executor | None) -> None:
    pictures = all_pictures(result, beside)
    write_pictures(pictures, folder / "figures")
    (folder / "results.json").write_text(as_json(as_data(result)), "utf-8")
    write_package(result.package, folder)
    record_result(folder, result, options)
    _write_fields(folder / "fields.vtu", result.field)
    (folder / "report.html").write_text(render(result, pictures), "utf-8")


def _write_fields(path: Path, field: CriticalField | ArrayField) -> None:
    if isinstance(field, ArrayField):
        write_solid(path, field.mesh, field.displacement, field.von_mises)
    else:
        write_cut(path, field.mesh, field.displacement, field.von_mises)


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
        previous = loads(file.read_text("utf-8"), folder=file.parent)
    except (OSError, UnicodeDecodeError, WlpError):
        return False
    # what is asked of variants is no part of the package
    one, other = (replace_all(each, {"study": None, "design": None}) for each in (previous, package))
    return _bare(one) == _bare(other)


def _bare(package: Package) -> list[str]:
    """Lines of a package's files without the remarks on where each value comes from."""
    lines = [line for text in package_texts(package).values() for line in text.splitlines()]
    return [line.rsplit("  # ", 1)[0].rstrip() for line in lines if not line.startswith("# ")]
