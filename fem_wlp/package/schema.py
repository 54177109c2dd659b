"""The JSON schema of a package file, by which editors complete and check it."""

from __future__ import annotations

from typing import Any

from fem_wlp.materials.leaves import Quantity
from fem_wlp.materials.table import MaterialTable
from fem_wlp.package.model import Array, Package
from fem_wlp.package.part import Part
from fem_wlp.package.reading import classes_within, table_class

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the schema of a package file."""
    schema = Package.model_json_schema()
    if "$ref" in schema:
        schema.update(schema["$defs"].pop(schema.pop("$ref").rsplit("/", 1)[1]))
    for table in tables():
        described = schema if table is Package else schema["$defs"][table.__name__]
        _add_bounds(described["properties"], table)
        optional = {"rows", "columns"} if table is Array else set(table.same_as)
        described["required"] = [key for key in described.get("required", []) if key not in optional]
    materials = MaterialTable.model_json_schema()
    schema["$defs"] |= {"MaterialTable": materials}
    schema["properties"] |= {
        "extends": {"type": "string", "description": "Package file whose keys hold where this one has none."},
        "materials_files": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Files with tables [materials.NAME].",
        },
        "materials": {
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/MaterialTable"},
            "description": "Materials of this file; they come before the library's.",
        },
    }
    alone = schema.pop("required")
    made = [*(key for key in alone if key != "temperatures"), "wafer", "process"]
    schema["anyOf"] = [{"required": alone}, {"required": made}, {"required": ["extends"]}]
    return {"$schema": DIALECT, "title": "Package file of fem-wlp", **schema}


def tables() -> list[type[Part]]:
    """Return the classes of all tables of a package file, the package first."""
    found: list[type[Part]] = [Package]
    for table in found:
        for field in table.model_fields.values():
            inner = classes_within(field.annotation) if table_class(field) else []
            found.extend(kind for kind in inner if issubclass(kind, Part) and kind not in found)
    return found


def _add_bounds(properties: dict[str, Any], table: type[Part]) -> None:
    for key, field in table.model_fields.items():
        for mark in field.metadata:
            if isinstance(mark, Quantity):
                properties[key]["description"] += f" {mark.lowest} … {mark.highest}."
