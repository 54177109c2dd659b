"""The whole of a package as a file: every default filled in, every value with where it comes from.

Reading it gives the same package.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fem_wlp.materials.leaves import Quantity
from fem_wlp.materials.library import completed
from fem_wlp.package.document import Document
from fem_wlp.package.model import Array, Package
from fem_wlp.package.outline import Path
from fem_wlp.package.part import Part
from fem_wlp.package.reading import material_tables, table_class
from fem_wlp.package.uses import material_uses
from fem_wlp.units import text

REMARKS_FROM = 48
"""Column at which the remarks begin, where the values leave room [-]."""


def resolved_toml(package: Package) -> str:
    """Return a package as the text of a package file, materials of the library included.

    The remark after each value says where it comes from: file and line, the command line, the library, or a default.
    """
    document = package.origin.document
    lines = [f"# {package.name}: every value and where it comes from"]
    lines += _table_lines(package, (), document)
    for name in dict.fromkeys(material.name for _, material, _, _ in material_uses(package)):
        lines += _material_lines(name, document)
    return "\n".join(lines) + "\n"


def _table_lines(part: BaseModel, path: Path, document: Document) -> list[str]:
    leaves, tables = [], []
    for key, field in type(part).model_fields.items():
        value, place = getattr(part, key), (*path, key)
        if isinstance(part, Array) and part.map is not None and key in {"rows", "columns"}:
            continue
        if place == ("temperatures",) and document.written(("process",)):
            leaves.append("# temperatures: follow from the process")
        elif table_class(field) is None or not value:
            leaves.append(_leaf_line(part, key, field, place, document))
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                tables += ["", f"[[{_header(place)}]]", *_table_lines(item, (*place, number), document)]
        else:
            tables += ["", f"[{_header(place)}]", *_table_lines(value, place, document)]
    return [*leaves, *tables]


def _header(path: Path) -> str:
    return ".".join(str(key) for key in path if isinstance(key, str))


def _leaf_line(part: BaseModel, key: str, field: FieldInfo, path: Path, document: Document) -> str:
    value = getattr(part, key)
    if key == "stress_free" and value is not None and document.written(("process",)):
        return f"# {key}: {text(value, 'temperature')}, follows from the process"
    if document.written(path) is not None:
        return _with_remark(f"{key} = {_toml(document.written(path))}", document.place(path))
    other = part.same_as.get(key) if isinstance(part, Part) else None
    if other is not None:
        return _with_remark(f"{key} = {_toml(document.written((*path[:-1], other)))}", f"default: as {other}")
    if value is None:
        meaning = "temperatures.assembly" if key == "stress_free" else "none"
        return f"# {key}: default: {meaning}"
    quantity = next((mark for mark in field.metadata if isinstance(mark, Quantity)), None)
    written = text(value, quantity.kind) if quantity else value
    return _with_remark(f"{key} = {_toml(written)}", "default")


def _material_lines(name: str, document: Document) -> list[str]:
    own = document.written(("materials", name))
    lines = ["", f"[materials.{_key(name)}]"]
    for key, value in completed(name, material_tables(document)).items():
        here = isinstance(own, dict) and key in own
        remark = document.place(("materials", name, key)) if here else "library"
        lines.append(_with_remark(f"{key} = {_toml(value)}", remark))
    return lines


def _with_remark(line: str, remark: str) -> str:
    return f"{line:{REMARKS_FROM}}  # {remark}"


def _key(name: str) -> str:
    plain = name.replace("-", "").replace("_", "")
    return name if plain.isascii() and plain.isalnum() else json.dumps(name, ensure_ascii=False)


def _toml(value: Any) -> str:
    """Return a value as it is written in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_toml(item)}' for key, item in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
