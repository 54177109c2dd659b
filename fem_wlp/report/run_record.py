"""``run.json``: where a folder's results come from, and the hashes by which they are known again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..analysis.provenance import USUAL, program_facts
from ..environment import peak_memory
from ..errors import ConfigError, ResourceError
from ..package import Package, resolved_toml
from ..results import Result, plain
from .whole import as_json, require_writable, write_whole

RECORD = "run.json"
"""Name of the file."""

FORMAT = 1
"""Number of the form described in docs/provenance.md."""

PACKAGE = "package.toml"
"""Usual name of the package file in a folder."""

REFERENCE = "reference.toml"
"""Name of the reference package that a package file names, in a folder."""

Given = Mapping[str, Any]
"""Options that were given, by their names."""


@dataclass(frozen=True)
class Asked:
    """What was asked of a verb that asks about variants of a package, and how long it took.

    Parameters
    ----------
    options
        That were given, by their names.
    seconds
        Until everything was computed [s]; None: nobody knows.
    """

    options: Given = field(default_factory=dict)
    seconds: float | None = None


UNASKED = Asked()
"""What Python asked, without a command line."""


@dataclass(frozen=True)
class RunRecord:
    """A folder's ``run.json``, read and found whole.

    Parameters
    ----------
    folder
        Where it stands.
    data
        What it says.
    results
        Content of ``results.json``.
    """

    folder: Path
    data: Mapping[str, Any]
    results: Mapping[str, Any]

    @property
    def package_file(self) -> Path:
        """The package that was solved."""
        return self.folder / PACKAGE


def write_package(package: Package, folder: Path, file: str = PACKAGE) -> None:
    """Write a package file into a folder, with the reference package that it names beside it."""
    for name, text in package_texts(package, file).items():
        (folder / name).write_text(text, "utf-8")


def package_texts(package: Package, file: str = PACKAGE) -> dict[str, str]:
    """Return the package file, and that of the reference package it names: file name → content."""
    text = resolved_toml(package)
    if package.reference is None:
        return {file: text}
    lines = text.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith("reference = "))
    lines[first] = f'reference = "{REFERENCE}"\n'
    return {file: "".join(lines), REFERENCE: resolved_toml(package.reference)}


def record_result(folder: Path, result: Result, options: Given | None) -> None:
    """Write the record of a solve into the folder that holds its other files."""
    names = (PACKAGE, REFERENCE, "results.json")
    facts = {**plain(result.provenance), "certificates": plain(result.certificates)}
    _write(folder, "solve", names, options, facts)


def record_variants(folder: Path, verb: str, names: Sequence[str], asked: Asked = UNASKED) -> None:
    """Write the record of a verb that asks about variants of a package, with the hashes of some files beside it."""
    seconds = {} if asked.seconds is None else {"seconds": {"total": round(asked.seconds, 3)}}
    facts = {**program_facts(USUAL), **seconds, "memory": round(peak_memory() / 1e6)}
    _write(folder, verb, names, asked.options, facts)


def write_recorded(folder: Path, verb: str, contents: Mapping[str, bytes], asked: Asked = UNASKED) -> None:
    """Write files by their names with a record that vouches for all of them, whole or not at all.

    Parameters
    ----------
    folder
        Made if it isn't there. Other files in it are left alone.
    verb
        That found them.
    contents
        File name → content; the first is the sign that all are there.
    asked
        Kept in the record.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R303 if it holds what another verb found, R305 if the disk is full. What
        was there is still there, then.
    """

    def write(staged: Path) -> None:
        for name, content in contents.items():
            (staged / name).write_bytes(content)
        record_variants(staged, verb, tuple(contents), asked)

    require_folder_of(folder, verb)
    write_whole(folder, tuple(dict.fromkeys((*contents, REFERENCE, RECORD))), write)


def require_folder_of(folder: Path, verb: str) -> None:
    """Check that what a verb finds can be written into a folder, and would not mix with what another verb found.

    Raises
    ------
    ResourceError
        R302 if the folder is a file or cannot be written, R303 if its record is that of another verb.
    """
    require_writable(folder)
    try:
        there = json.loads((folder / RECORD).read_bytes())["verb"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if there != verb:
        raise ResourceError(
            "R303",
            f"the folder holds what fem-wlp {there} found: both would be mixed",
            where=str(folder),
            hint="name another folder with --out",
        )


def read_record(run: str | os.PathLike[str]) -> RunRecord:
    """Read the record of a solve, and check that its folder is as it was written.

    Parameters
    ----------
    run
        A result folder, or its ``run.json``.

    Raises
    ------
    ConfigError
        F130 where there is no such record, F131 where it or a file that it vouches for was changed afterwards.
    """
    path = Path(run)
    file = path if path.name == RECORD else path / RECORD
    data = _read(file)
    if data.get("verb") != "solve":
        raise ConfigError(
            "F130",
            "these are no results of solve: nothing else is repeated",
            where=str(file),
            value=str(data.get("verb")),
            hint="the same command with the folder's package.toml asks the same again",
        )
    contents = {name: _content(file, name, asked) for name, asked in data["files"].items()}
    return RunRecord(file.parent, data, json.loads(contents["results.json"]))


def _write(folder: Path, verb: str, names: Sequence[str], options: Given | None, facts: Given) -> None:
    files = {name: _hash((folder / name).read_bytes()) for name in names if (folder / name).exists()}
    data = {"run": FORMAT, "verb": verb, "options": dict(options or {}), "files": files, **facts}
    data["seal"] = _seal(data)
    (folder / RECORD).write_text(as_json(data), "utf-8")


def _read(file: Path) -> dict[str, Any]:
    hint = "name the folder that fem-wlp solve wrote; it holds run.json"
    try:
        data = json.loads(file.read_bytes())
    except OSError as fault:
        raise ConfigError("F130", f"no run can be read there: {fault.strerror}", where=str(file), hint=hint) from None
    except ValueError:
        raise ConfigError(
            "F130", "the file is damaged, or no run.json of fem-wlp", where=str(file), hint=hint
        ) from None
    missing = [key for key in KEYS if key not in data] if isinstance(data, dict) else list(KEYS)
    if missing or data["run"] != FORMAT:
        message = f"the file lacks {', '.join(missing)}" if missing else "the file is of another version's form"
        raise ConfigError("F130", message, where=str(file), hint=hint)
    if data["seal"] != _seal(data):
        raise _changed(file)
    files = data["files"]
    named = isinstance(files, dict) and all(Path(name).name == name for name in files)
    if not named or (data["verb"] == "solve" and not {PACKAGE, "results.json"} <= files.keys()):
        message = "the file does not say which package and results are its own"
        raise ConfigError("F130", message, where=str(file), hint=hint)
    return dict(data)


KEYS = ("run", "verb", "options", "files", "program", "versions", "python", "platform", "seal")
"""What no record is without."""


def _content(file: Path, name: str, asked: object) -> bytes:
    """Content of a file beside a record; refused where it isn't what was recorded."""
    place = file.parent / name
    try:
        content = place.read_bytes()
    except OSError:
        raise _changed(place, "is missing") from None
    if _hash(content) != asked:
        raise _changed(place)
    return content


def _changed(place: Path, how: str = "was changed after it was written") -> ConfigError:
    return ConfigError(
        "F131",
        f"{place.name} {how}: what the folder holds is no longer one run",
        where=str(place),
        hint=f"put the file back as it was, or solve anew: fem-wlp solve {place.parent / PACKAGE} --out NEW",
    )


def _seal(data: Mapping[str, Any]) -> str:
    """Hash of all that a record says but the seal itself."""
    content = {key: value for key, value in data.items() if key != "seal"}
    return _hash(json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False).encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
