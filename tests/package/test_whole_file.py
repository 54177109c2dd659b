"""The resolved file, the schema, and the documentation of keys and codes."""

import re
import tomllib
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from fem_wlp.errors import CATALOGUE
from fem_wlp.materials.leaves import Quantity
from fem_wlp.materials.table import MaterialTable
from fem_wlp.package import json_schema, loads, resolved_toml, template, template_names
from fem_wlp.package.conditions import CONDITIONS
from fem_wlp.package.fields import Number
from fem_wlp.package.schema import tables
from fem_wlp.package.templates import process_template_names

ROOT = Path(__file__).parents[2]
TEMPLATES = (*template_names(), *process_template_names())


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_resolved_file_is_the_same_package(name: str) -> None:
    """Every value and every default of the package, materials of the library included."""
    package = loads(template(name))
    resolved = resolved_toml(package)
    assert loads(resolved) == package
    assert not set(re.findall(r"\[materials\.(.+)\]", resolved)) & {"gold", "SnPb"}


def test_the_resolved_file_says_where_each_value_comes_from() -> None:
    """File with line, command line, default, library."""
    package = loads(
        template("compliant"), {"chip.thickness": "200 um", "array": '{ pitch = "0.5 mm", map = "OO\\nO." }'}
    )
    resolved = resolved_toml(package)
    lines = {re.split(r"\s{2,}#", line)[0]: line.partition("# ")[2] for line in resolved.splitlines() if " = " in line}
    assert lines['thickness = "200 um"'] == "--set chip.thickness=200 um"
    assert re.match(r"text:\d+:1", lines['width = "4.4 mm"'])
    assert lines['length = "4.4 mm"'] == "default: as width"
    assert lines['symmetry = "auto"'] == "default"
    assert lines['conductivity = "390 W/(m K)"'] == "library"
    assert loads(resolved) == package


def keys_of(tree: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Return the keys of a file, list items left out."""
    if isinstance(tree, list):
        return {key for item in tree for key in keys_of(item, path)}
    if not isinstance(tree, dict):
        return set()
    return {found for key, value in tree.items() for found in ({(*path, key)} | keys_of(value, (*path, key)))}


def described(schema: dict[str, Any], path: tuple[str, ...]) -> bool:
    """Whether a schema knows a key."""
    nodes = [schema]
    for key in path:
        tables = [option for node in nodes for option in _options(schema, node)]
        nodes = [table["properties"][key] for table in tables if key in table.get("properties", {})]
        nodes += [more for table in tables if isinstance(more := table.get("additionalProperties"), dict)]
    return bool(nodes)


def _options(schema: dict[str, Any], node: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in node:
        return _options(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]])
    choices = [*node.get("anyOf", []), *node.get("oneOf", [])]
    options = [option for inner in choices for option in _options(schema, inner)]
    return [node, *options, *(_options(schema, node["items"]) if "items" in node else [])]


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_schema_knows_every_key_of_the_templates_and_no_other(name: str) -> None:
    """Editors complete what the reader reads."""
    schema = json_schema()
    for text in (template(name), resolved_toml(loads(template(name)))):
        for path in keys_of(tomllib.loads(text)):
            assert described(schema, path), path
    assert not described(schema, ("ball", "coat"))
    assert schema["additionalProperties"] is False


def test_the_schema_requires_what_the_reader_requires() -> None:
    """A package by itself, or one that extends another; what defaults to another key is not required."""
    schema = json_schema()
    alone = schema["anyOf"][0]["required"]
    assert {"name", "chip", "ball", "board", "temperatures"} <= set(alone)
    assert "cylinder" not in alone
    made = schema["anyOf"][1]["required"]
    assert set(alone) ^ set(made) == {"temperatures", "wafer", "process"}
    assert schema["$defs"]["Melt"]["required"] == ["step", "part", "temperature", "solidus", "liquidus"]
    assert schema["$defs"]["Array"]["required"] == ["pitch"]
    assert "length" not in schema["$defs"]["Chip"]["required"]
    assert "50 nm … 1 mm" in schema["$defs"]["Coat"]["properties"]["thickness"]["description"]


def test_every_key_is_documented_with_its_bounds() -> None:
    """The reference lists each table's keys, in its section, with unit bounds and meaning."""
    sections = re.split(r"\n##+ ", (ROOT / "docs" / "package-file.md").read_text("utf-8"))
    for table in [*tables(), MaterialTable]:
        section = next(text for text in sections if f"<!-- {table.__name__} -->" in text)
        for key, field in table.model_fields.items():
            row = next((line for line in section.splitlines() if line.startswith(f"| `{key}` |")), "")
            assert row, f"{table.__name__}.{key} is not documented"
            for mark in field.metadata:
                if isinstance(mark, Quantity):
                    assert f"{mark.lowest} … {mark.highest}" in row, (table.__name__, key)
                if isinstance(mark, Number):
                    assert f"{mark.lowest:g} … {mark.highest:g}" in row, (table.__name__, key)
            if get_origin(field.annotation) is Literal:
                assert " or ".join(f'"{word}"' for word in get_args(field.annotation)) in row, (table.__name__, key)
        assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) <= {*table.model_fields, *_FILE_KEYS}
    whole = "\n".join(sections)
    assert all(condition in whole for condition in CONDITIONS)


_FILE_KEYS = {"extends", "materials_files", "materials"}


def test_the_catalogue_of_refusals_lists_exactly_the_codes() -> None:
    """Each code has its row with its title, and no row is without a code."""
    text = (ROOT / "docs" / "refusals.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([A-Z]\d{3}) \| ([^|]+?) \|", text, re.MULTILINE))
    assert rows == CATALOGUE


def test_every_code_that_the_program_raises_is_in_the_catalogue() -> None:
    """Codes stand as literals in the source."""
    raised = {
        code
        for file in (ROOT / "fem_wlp").rglob("*.py")
        for code in re.findall(r'"([CDEFGMPRSTUW]\d{3})"', file.read_text("utf-8"))
    }
    assert raised <= set(CATALOGUE)
