"""A package file as text: read, completed by the files it names, changed from the command line.

A `Document` is what stands written, with the place of every key; it knows nothing of packages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any

from fem_wlp.errors import ConfigError, ConfigErrors, WlpError, shortened
from fem_wlp.package.outline import Path, places, require_shallow

LARGEST_FILE = 2**20
"""Largest package file [byte]."""

Table = dict[str, Any]

COMMAND_LINE = "--set"
"""How a place on the command line begins."""

REMOVED = "none"
"""What is set to this word is taken out."""


@dataclass(frozen=True)
class Document:
    """What stands written, and where.

    Parameters
    ----------
    tree
        Tables, lists and leaves as TOML gives them.
    places
        Path → "file:line:column", or the text on the command line.
    folder
        Where the first file lies; files that it names lie there or below.
    """

    tree: Table
    places: Mapping[Path, str]
    folder: FilePath

    def place(self, path: Path) -> str:
        """Return the place of a key, or of the nearest table around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return ""

    def where(self, path: Path) -> str:
        """Return place and key as they stand in a message."""
        place, key = self.place(path), dotted(path)
        return place if place.startswith(f"{COMMAND_LINE} {key}=") else f"{place} {key}".strip()

    def written(self, path: Path) -> object:
        """Return what stands at a path; None if nothing does."""
        found: Any = self.tree
        for key in path:
            inside = (isinstance(found, dict) and key in found) or (
                isinstance(found, list) and isinstance(key, int) and key < len(found)
            )
            if not inside:
                return None
            found = found[key]
        return found


def dotted(path: Path) -> str:
    """Return a path as it is written on the command line.

    >>> dotted(("ball", "coats", 0, "thickness"))
    'ball.coats.0.thickness'
    """
    return ".".join(str(key) if re.fullmatch(r"[\w-]+", str(key)) else f'"{shortened(str(key))}"' for key in path)


def read_document(file: FilePath) -> Document:
    """Return a file with everything that it extends and the material files that it names.

    Raises
    ------
    ConfigError
        F101 … F107, F112, F113.
    """
    return _read_chain(file, file.resolve().parent, ())


def _read_chain(file: FilePath, folder: FilePath, children: tuple[FilePath, ...]) -> Document:
    """Return one file on top of its parents; `children` are the files on the way down to it."""
    document = _read_one(file, folder)
    chain = (*children, file.resolve())
    tree = dict(document.tree)
    named = tree.pop("materials_files", [])
    if not isinstance(named, list):
        raise ConfigError(
            "F110",
            "materials_files is a list of names",
            where=document.where(("materials_files",)),
            hint='materials_files = ["ours.toml"]',
        )
    extended = Document(tree, document.places, folder)
    for number, name in enumerate(named):
        other = _named_file(name, file, folder, document.where(("materials_files", number)))
        extended = _laid_over(extended, _materials_of(_read_one(other, folder)))
    if "extends" not in tree:
        return extended
    where = document.where(("extends",))
    parent = _named_file(tree.pop("extends"), file, folder, where)
    if parent.resolve() in chain:
        names = " → ".join(step.name for step in (*chain, parent))
        raise ConfigError(
            "F112",
            f"these files extend each other: {names}",
            where=where,
            value=parent.name,
            hint="take extends out of one of them",
        )
    return _laid_over(extended, _read_chain(parent, folder, chain))


def _named_file(name: object, file: FilePath, folder: FilePath, where: str) -> FilePath:
    """Return a file that another one names, which must lie in the first one's folder or below."""
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > 255:
        raise ConfigError(
            "F114", "this is no name of a file", where=where, value=str(name), hint='a name in quotes, e.g. "base.toml"'
        )
    other = file.parent / name
    if not other.resolve().is_relative_to(folder):
        raise ConfigError(
            "F113",
            "a named file must lie in the package file's folder or below it",
            where=where,
            value=name,
            hint=f"copy it to {folder}",
        )
    if not other.is_file():
        near = _nearest_file(other)
        hint = f'did you mean "{near}"?' if near else "names count from the folder of the file that has them"
        raise ConfigError("F113", "there is no such file", where=where, value=name, hint=hint)
    return other


def _materials_of(document: Document) -> Document:
    strange = [key for key in document.tree if key != "materials"]
    if strange:
        raise ConfigError(
            "F108",
            f'"{shortened(strange[0])}" does not belong in a file of materials',
            where=document.where((strange[0],)),
            hint="such a file has tables [materials.NAME] and nothing else",
        )
    return document


def _laid_over(upper: Document, lower: Document) -> Document:
    """Return two documents as one: tables are joined key by key, all else is the upper one's."""
    merged_places = {path: place for path, place in lower.places.items() if not _hidden(path, upper, lower)}
    return Document(_joined(upper.tree, lower.tree), {**merged_places, **upper.places}, upper.folder)


def _joined(upper: Table, lower: Table) -> Table:
    both = dict(lower)
    for key, value in upper.items():
        below = lower.get(key)
        both[key] = _joined(value, below) if isinstance(value, dict) and isinstance(below, dict) else value
    return both


def _hidden(path: Path, upper: Document, lower: Document) -> bool:
    """Whether a key of the lower document lies under something that the upper one replaces as a whole."""
    for length in range(1, len(path) + 1):
        above, below = upper.written(path[:length]), lower.written(path[:length])
        if above is None:
            return False
        if not (isinstance(above, dict) and isinstance(below, dict)):
            return True
    return False


def _read_one(file: FilePath, folder: FilePath) -> Document:
    return document_of(_text_of(file), file.name, folder)


def document_of(text: str, name: str, folder: FilePath) -> Document:
    """Return a text as a document; what it extends and names is not read.

    Parameters
    ----------
    text
        TOML.
    name
        What the text is called in messages.
    folder
        Where the files lie that it names.

    Raises
    ------
    ConfigError
        F105 … F107.
    """
    try:
        require_shallow(text)
        tree = tomllib.loads(text)
    except ConfigError as fault:
        raise fault.at(f"{name}:{fault.where}") from None
    except ValueError as fault:
        raise _syntax_fault(name, text, str(fault)) from None
    found = {path: f"{name}:{line}:{column}" for path, (line, column) in places(text).items()}
    return Document(tree, {(): name, **found}, folder)


def _nearest_file(missing: FilePath) -> str:
    """Return the name beside it that is most like it; empty where none is."""
    beside = sorted(entry.name for entry in missing.parent.glob("*.toml") if entry.is_file())
    return next(iter(get_close_matches(missing.name, beside, 1)), "")


def _text_of(file: FilePath) -> str:
    if not file.is_file():
        what = "it is a folder" if file.is_dir() else "it is no file" if file.exists() else "there is no such file"
        near = _nearest_file(file)
        hint = f'did you mean "{near}"?' if near else "fem-wlp new NAME writes a commented file to begin with"
        raise ConfigError("F101", f"the file cannot be read: {what}", where=shortened(str(file)), hint=hint)
    try:
        if file.stat().st_size > LARGEST_FILE:
            size = file.stat().st_size / LARGEST_FILE
            raise ConfigError(
                "F104",
                f"a package file has at most 1 MiB; this one has {size:.1f}",
                where=file.name,
                hint="drawings, comments and data of other programs belong in files of their own",
            )
        content = file.read_bytes()
    except OSError as fault:
        raise ConfigError(
            "F101", f"the file cannot be read: {fault.strerror}", where=str(file), hint="check its permissions"
        ) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError("F102", "this is UTF-16", where=file.name, hint="save it as UTF-8")
    if b"\x00" in content:
        raise ConfigError(
            "F102",
            "this is a binary file, not text",
            where=file.name,
            hint="a package file is text: fem-wlp new NAME writes one to begin with",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise ConfigError("F102", "this is not UTF-8", where=f"{file.name}:{line}", hint="save it as UTF-8") from None
    if not text.strip():
        hint = "fem-wlp new NAME writes a commented file to begin with"
        raise ConfigError("F103", "the file is empty", where=file.name, hint=hint)
    return text


def _syntax_fault(name: str, text: str, message: str) -> ConfigError:
    match = re.search(r"\s*\(at line (\d+), column (\d+)\)", message)
    reason = message[: match.start()] if match else re.sub(r"\s*\(at end of document\)", "; the file ends", message)
    where = f"{name}:{match[1]}:{match[2]}" if match else name
    written = text.splitlines()[int(match[1]) - 1] if match and int(match[1]) <= len(text.splitlines()) else ""
    if re.search(r"overwrite|twice|[Dd]uplicate|already|immutable|mutate", reason):
        return ConfigError(
            "F106", f"a key or table is given twice: {reason}", where=where, value=written, hint="keep one of them"
        )
    hint = 'text stands in quotes: key = "5 um"; # begins a comment'
    return ConfigError("F105", f"this is not TOML: {reason}", where=where, value=written, hint=hint)


def overridden(document: Document, overrides: Mapping[str, object], seed: Callable[[str], Table]) -> Document:
    """Return a document with some of its values replaced.

    Parameters
    ----------
    document
        As read.
    overrides
        Path, e.g. "ball.coats.0.thickness", → text as on the command line (a TOML value, or bare text such as 5 um), or
        a value. "none" takes the key out.
    seed
        Name of a material that the document does not have → the table to start from.

    Raises
    ------
    ConfigErrors
        F115: paths that cannot be followed.
    """
    tree = _copied(document.tree)
    found = dict(document.places)
    faults: list[WlpError] = []
    for name, value in overrides.items():
        where = f"{COMMAND_LINE} {shortened(name)}={shortened(str(value))}"
        try:
            path = _set(tree, parsed_path(name), parsed_value(value), seed)
        except ConfigError as fault:
            faults.append(fault.at(where))
            continue
        found = {other: place for other, place in found.items() if other[: len(path)] != path}
        found[path] = where
    if faults:
        raise ConfigErrors(faults)
    return Document(tree, found, document.folder)


def parsed_path(name: str) -> Path:
    """Return the keys of a dotted path; numbers count the items of a list from 0."""
    parts = re.findall(r'"([^"]*)"|([^."]+)', name)
    rebuilt = ".".join(bare or f'"{quoted}"' for quoted, bare in parts)
    if not parts or rebuilt != name.strip() or len(parts) > 50:
        hint = "write it like second_layer.thickness or ball.coats.0.thickness"
        raise ConfigError("F115", "this is no path to a key", hint=hint)
    return tuple(int(bare) if bare.isdecimal() and bare.isascii() else bare or quoted for quoted, bare in parts)


def parsed_value(value: object) -> object:
    """Return what a text on the command line stands for: a TOML value where it is one, else the text itself.

    >>> parsed_value("[]"), parsed_value("0.45"), parsed_value("5 um"), parsed_value('"5 um"')
    ([], 0.45, '5 um', '5 um')
    """
    if not isinstance(value, str):
        return value
    if value.strip() == REMOVED:
        return None
    try:
        require_shallow(value)
        table = tomllib.loads(f"value = {value}")
    except (ValueError, ConfigError):
        return value
    plain = set(table) == {"value"} and isinstance(table["value"], str | int | float | list | dict)
    return table["value"] if plain else value


def _set(tree: Table, path: Path, value: object, seed: Callable[[str], Table]) -> Path:
    """Put a value at a path, in place; return the path as it is in the tree."""
    if len(path) > 2 and path[0] == "materials" and isinstance(tree.setdefault("materials", {}), dict):
        tree["materials"].setdefault(str(path[1]), seed(str(path[1])))
    holder: Any = tree
    real: list[str | int] = []
    for number, key in enumerate(path):
        last = number == len(path) - 1
        key = _key_in(holder, key, dotted(path[:number]))
        real.append(key)
        if last and value is None and isinstance(holder, dict):
            holder.pop(str(key), None)
        elif last:
            holder[key] = value
        elif isinstance(holder, dict):
            holder = holder.setdefault(str(key), {})
        else:
            holder = holder[int(key)]
    return tuple(real)


def _key_in(holder: object, key: str | int, name: str) -> str | int:
    """Return the key under which `holder` keeps it."""
    if isinstance(holder, dict):
        return str(key)
    if not isinstance(holder, list):
        raise ConfigError(
            "F115", f"{name} is a value and has nothing inside", hint="name the key itself, without what follows it"
        )
    if not isinstance(key, int) or key >= len(holder):
        hint = f"items are counted from 0 to {len(holder) - 1}" if holder else "the list is empty"
        raise ConfigError("F115", f"{name} is a list and has no item {key}", hint=hint)
    return key


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
