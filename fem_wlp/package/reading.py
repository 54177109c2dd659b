"""From a package file to a `Package`, or to all its faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace as replace_field
from pathlib import Path as FilePath
from typing import Any, cast, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from fem_wlp.errors import CATALOGUE, ConfigError, ConfigErrors, MaterialError, Notice, WlpError
from fem_wlp.materials.leaves import Leaf, did_you_mean
from fem_wlp.materials.library import completed, library
from fem_wlp.materials.model import Material, isotropic
from fem_wlp.materials.table import CONSTANTS, MaterialTable, material_from
from fem_wlp.package.document import COMMAND_LINE, Document, Table, document_of, overridden, read_document
from fem_wlp.package.fields import INHERITED_FILLET, LONGEST_NAME, Surroundings
from fem_wlp.package.implied import given_twice, implied_by_process
from fem_wlp.package.model import Origin, Package
from fem_wlp.package.outline import Path
from fem_wlp.package.part import Part
from fem_wlp.package.process import STEPS
from fem_wlp.package.rules import MELTING_RULES, RULES, broken_rules, material_faults, notices

FILE_KEYS = ("extends", "materials_files", "materials")
"""Keys of a file that are no part of the package."""

_STAND_IN = isotropic("not known", E=1.0, nu=0.0, alpha=0.0)

_SPOILT = "spoilt_material"
"""Mark of a reference to a material whose own fault is told already."""

_WRONG_TYPES = {
    "bool_type": ("true or false is needed here", "write it without quotes"),
    "string_type": ("text is needed here", 'put it in quotes: "…"'),
    "tuple_type": ("a list is needed here", "put square brackets around it"),
    "model_attributes_type": ("a table is needed here", "[[process]] on a line of its own, its keys below it"),
}
"""Fault of a type, as pydantic calls it → what is needed, and how it is written."""


def load(path: str | FilePath, overrides: Mapping[str, object] | None = None) -> Package:
    """Return the package that a file describes.

    Parameters
    ----------
    path
        Of the package file.
    overrides
        Path of a key → its new value as text, e.g. {"second_layer.thickness": "80 um", "ball.coats": "[]"};
        "none" takes a key out.

    Raises
    ------
    ConfigError
        Of the catalogue; `ConfigErrors` with all faults of the file together.
    """
    return _read(read_document(FilePath(path)), overrides or {})


def loads(text: str, overrides: Mapping[str, object] | None = None, folder: str | FilePath = ".") -> Package:
    """Return the package that a text describes; as `load`, but nothing is read that the text extends."""
    return _read(document_of(text, "text", FilePath(folder).resolve()), overrides or {})


def replace(package: Package, path: str, value: object) -> Package:
    """Return a package with one key changed and everything checked again: `Package.replace` as a verb."""
    return package.replace(path, value)


def replace_all(package: Package, overrides: Mapping[str, object]) -> Package:
    """Return a package with several keys changed at once and everything checked again."""
    return package.origin.reread(package.origin.document, overrides)


def _read(document: Document, overrides: Mapping[str, object]) -> Package:
    return _package_from(document, overrides, inside_reference=False)


def _package_from(document: Document, overrides: Mapping[str, object], inside_reference: bool) -> Package:
    changed = overridden(document, overrides, _seed) if overrides else document
    implied = implied_by_process(changed.tree)
    reader = _Reader(changed, implied.sources)
    surroundings = Surroundings(
        material=reader.material,
        cylinder=changed.written(("cylinder", "material")),
        reference=None if inside_reference else lambda name: _reference(changed, name),
    )
    tree = {key: value for key, value in implied.tree.items() if key not in FILE_KEYS}
    package: Package | None = None
    try:
        package = Package.model_validate(tree, context=surroundings)
    except ValidationError as error:
        reader.note_all(Package, (), error)
        faults = broken_rules(RULES, _readable_parts(tree, surroundings))
    else:
        parts = {name: getattr(package, name) for name in Package.model_fields}
        faults = broken_rules(RULES + MELTING_RULES, parts)
    for fault in (*given_twice(changed.tree), *faults):
        reader.note(fault)
    if package is not None and not reader.faults:
        for fault in material_faults(package):
            reader.note(fault)
    if package is None or reader.faults:
        raise ConfigErrors(reader.sorted_faults())
    found = (*(reader.placed(notice) for notice in notices(package)), *reader.sourceless())
    package._origin = Origin(changed, found, _read)
    return package


def _seed(name: str) -> Table:
    """Return what a key of a material starts from, whose name is in no table of the file."""
    return {"based_on": name} if name in library() else {}


def _reference(document: Document, name: str) -> Package:
    file = document.folder / name
    if not file.resolve().is_relative_to(document.folder.resolve()) or not file.is_file():
        raise ConfigError(
            "F113",
            "there is no such file in the package file's folder or below",
            value=name,
            hint="names count from the folder of the package file; copy it there",
        )
    return _package_from(read_document(file), {}, inside_reference=True)


def _readable_parts(tree: Table, surroundings: Surroundings) -> dict[str, object]:
    """Return the parts that can be read although others cannot, so that rules between them are still checked.

    A material that is not known does not hide its part's other faults: something stands in for it.
    """
    lenient = replace_field(surroundings, material=lambda name: _STAND_IN)
    parts: dict[str, object] = {}
    for name, reader in PARTS.items():
        with suppress(ValidationError):
            if name in tree:
                parts[name] = reader.validate_python(tree[name], context=lenient)
            elif not Package.model_fields[name].is_required():
                parts[name] = Package.model_fields[name].default
    return parts


def table_class(field: FieldInfo) -> type[BaseModel] | None:
    """Return the class of the tables that a key holds; None for a leaf."""
    if any(isinstance(mark, Leaf) for mark in field.metadata):
        return None
    return next(iter(classes_within(field.annotation)), None)


def classes_within(annotation: Any) -> list[type[BaseModel]]:
    """Return the table classes in an annotation such as `Line | None` or `tuple[Coat, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in classes_within(inner)]


PARTS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(field.rebuild_annotation()) for name, field in Package.model_fields.items() if table_class(field)
}
"""Parts of a package that are tables: name → reader."""


def class_at(path: Path, root: type[BaseModel] = Package) -> type[BaseModel] | None:
    """Return the class of the table at a path that leads into no step of a process; None for a leaf."""
    kind: type[BaseModel] | None = root
    for key in path:
        if isinstance(key, int) or kind is None:
            continue
        kind = table_class(kind.model_fields[key]) if key in kind.model_fields else None
    return kind


def material_tables(document: Document) -> dict[str, Mapping[str, object]]:
    """Return the tables of all materials: the library's, and before them the document's."""
    own = document.tree.get("materials", {})
    tables = {key: table for key, table in own.items() if isinstance(table, dict)} if isinstance(own, dict) else {}
    return {**library(), **tables}


class _Reader:
    """Collects faults of one document, and its materials."""

    def __init__(self, document: Document, sources: Mapping[Path, Path]) -> None:
        self.document = document
        self._sources = sources
        self.faults: dict[tuple[str, str], tuple[Path, WlpError]] = {}
        self._materials: dict[str, Material | None] = {}
        self._tables = self._material_tables()
        self._all_tables = material_tables(document)
        for name in self._tables:
            self._read_material(name)

    def _material_tables(self) -> dict[str, Table]:
        written = self.document.tree.get("materials", {})
        if not isinstance(written, dict):
            self._note(
                ("materials",),
                ConfigError(
                    "F110",
                    "materials are tables: [materials.NAME] and their keys",
                    hint="[materials.glue] on a line of its own, its keys below it",
                ),
            )
            return {}
        tables = {}
        for name, table in written.items():
            path: Path = ("materials", name)
            if not isinstance(table, dict):
                self._note(
                    path,
                    ConfigError(
                        "F110",
                        "a material is a table: [materials.NAME] and its keys",
                        hint="[materials.glue] on a line of its own, its keys below it",
                    ),
                )
            elif not name.isprintable() or not 0 < len(name) <= LONGEST_NAME or set(name) & set("/\\"):
                message = f"a material's name has 1 … {LONGEST_NAME} printable characters and no part of a path"
                self._note(
                    path,
                    ConfigError(
                        "F114", message, value=name, hint="a short name without / and \\, e.g. [materials.glue]"
                    ),
                )
            else:
                tables[name] = table
                continue
            self._materials[name] = None
        return tables

    def _read_material(self, name: str) -> None:
        self._materials[name] = None
        path: Path = ("materials", name)
        try:
            table = MaterialTable.model_validate(completed(name, self._all_tables))
            self._materials[name] = material_from(name, table)
        except ValidationError as error:
            self.note_all(MaterialTable, path, error)
        except ConfigErrors as error:
            for fault in error.faults:
                self._note((*path, fault.where) if fault.where else path, fault)
        except MaterialError as fault:
            self._note((*path, "based_on") if fault.code in {"M105", "M112"} else path, fault)

    def material(self, name: str) -> Material:
        """Return a material of the file or the library by its name."""
        if name not in self._materials:
            self._materials[name] = material_from(name, MaterialTable.model_validate(completed(name, self._all_tables)))
        found = self._materials[name]
        if found is None:
            raise ConfigError(_SPOILT, f"the material {name} is faulty")
        return found

    def note_all(self, root: type[BaseModel], path: Path, error: ValidationError) -> None:
        """Note every fault that pydantic collected under a path."""
        for found in error.errors(include_url=False):
            place, table = _located(cast(dict[str, Any], found), root)
            if found["type"] != _SPOILT and not self._echoes(place, table, found["type"]):
                self._note((*path, *place), _fault_of(cast(dict[str, Any], found), place, table))

    def _echoes(self, place: Path, table: type[BaseModel] | None, code: str) -> bool:
        """Whether a fault repeats another key's: of the key whose text is taken over, or of the cylinder."""
        if table is not None and issubclass(table, Part) and place[-1] in table.same_as:
            return self.document.written(place) is None
        return self.document.written(place) == INHERITED_FILLET and code != "G119"

    def note(self, fault: WlpError) -> None:
        """Note a fault whose `where` is a dotted path."""
        self._note(_path(fault.where), fault)

    def _note(self, path: Path, fault: WlpError) -> None:
        if fault.code != "P215":
            path = self._sources.get(path, path)
        written = self.document.written(path)
        value = fault.value or ("" if written is None or isinstance(written, dict | list) else str(written))
        where = self.document.where(path)
        told = type(fault)(fault.code, fault.message, where=where, value=value, hint=fault.hint)
        self.faults.setdefault((fault.code, where), (path, told))

    def sorted_faults(self) -> list[WlpError]:
        """Return the faults in the order of the file; those of the command line last."""

        def line(entry: tuple[Path, WlpError]) -> tuple[bool, list[int]]:
            place = self.document.place(entry[0])
            on_command_line = place.startswith(COMMAND_LINE)
            return on_command_line, [] if on_command_line else [int(part) for part in place.rsplit(":", 2)[1:]]

        return [fault for _, fault in sorted(self.faults.values(), key=line)]

    def placed(self, notice: Notice) -> Notice:
        """Return a notice with place and value filled in."""
        path = _path(notice.where)
        written = self.document.written(path) or ""
        value = "" if isinstance(written, dict | list) else str(written)
        return Notice(notice.code, notice.message, self.document.where(path), value, notice.hint)

    def sourceless(self) -> list[Notice]:
        """Return W102 for the user's materials that say nothing of where their numbers come from."""
        return [
            Notice(
                "W102",
                f'nothing says where the numbers of "{name}" come from ({", ".join(sorted(set(table) & CONSTANTS))})',
                where=self.document.where(("materials", name)),
                hint='add source = "…"',
            )
            for name, table in self._tables.items()
            if set(table) & CONSTANTS and not str(table.get("source", "")).strip()
        ]


def _path(name: str) -> Path:
    return tuple(int(part) if part.isdecimal() else part for part in name.split("."))


def _located(found: dict[str, Any], root: type[BaseModel]) -> tuple[Path, type[BaseModel] | None]:
    """Return the path of a key at which pydantic found a fault, and the class of its table.

    Pydantic puts the word of a step between the step's number and its keys.
    """
    place: Path = found["loc"]
    if found["type"] in ("union_tag_not_found", "union_tag_invalid"):
        return (*place, "step"), None
    if root is Package and place[0] == "process" and len(place) > 2:
        return (*place[:2], *place[3:]), STEPS[str(place[2])]
    return place, class_at(place[:-1], root)


def _fault_of(found: dict[str, Any], place: Path, table: type[BaseModel] | None) -> WlpError:
    """Return pydantic's fault as one of the catalogue."""
    kind, context = found["type"], found.get("ctx", {})
    if kind in CATALOGUE:
        return ConfigError(kind, context["message"], value=context["value"], hint=context["hint"])
    key = str(place[-1]) if place else ""
    if kind == "union_tag_not_found":
        return ConfigError("F109", 'the key "step" is missing', hint=f"one of {', '.join(STEPS)}")
    if kind == "union_tag_invalid":
        return ConfigError("P201", "there is no such step", hint=did_you_mean(str(context["tag"]), STEPS))
    if kind == "missing":
        return _missing(place, key, table)
    if kind == "extra_forbidden":
        known = [*table.model_fields, *(FILE_KEYS if table is Package else ())] if table else []
        return ConfigError("F108", f'unknown key "{key}"', hint=did_you_mean(key, known))
    if kind == "literal_error":
        words = [str(word) for word in get_args(table.model_fields[key].annotation)] if table else []
        return ConfigError("F111", "this word is not known here", hint=did_you_mean(str(found["input"]), words))
    message, hint = _WRONG_TYPES.get(kind, (found["msg"], "the page of the package file tells what each key takes"))
    return ConfigError("F110", message, hint=hint)


def _missing(place: Path, key: str, table: type[BaseModel] | None) -> WlpError:
    if place == ("temperatures", "assembly"):
        return ConfigError(
            "T101",
            "the assembly temperature is missing: at it the joints become solid, and chip and board are free of "
            "stress; there is no default, because all displacements scale with it",
            hint='for SAC solder about assembly = "217 degC", for a cured adhesive its curing temperature',
        )
    what = (table.model_fields[key].description or "").split("\n")[0] if table and key in table.model_fields else ""
    is_table = table is not None and key in table.model_fields and table_class(table.model_fields[key])
    subject = f"the table [{'.'.join(map(str, place))}]" if is_table else f'the key "{key}"'
    return ConfigError("F109", f"{subject} is missing", hint=what)
