"""What is varied: paths in the package file that move together, and the range or list of their values.

>>> from fem_wlp.package import loads, template
>>> package = loads(template("compliant"))
>>> parameter_of(package, "second_layer.thickness", "20 um..150 um:3").values
('20 um', '85 um', '150 um')
>>> parameter_of(package, "materials.SAC305.E, materials.copper.E", "x 0.1..10:log 3").values
('0.1', '1', '10')
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

import numpy as np
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..errors import ConfigError, shortened
from ..materials.leaves import Leaf, Quantity, did_you_mean
from ..materials.library import completed
from ..materials.table import CONSTANTS, MaterialTable, Positive, PropertyLeaf
from ..package.document import dotted, parsed_path, parsed_value
from ..package.fields import Count, Direction, MaterialName, Number
from ..package.model import Package
from ..package.outline import Path
from ..package.reading import material_tables, table_class
from ..package.uses import material_uses
from ..units import Kind, parse, text

DIGITS = 12
"""Significant digits of values between the ends of a range [-]."""

MOST_DIGITS = 15
"""Most digits of a number of points that are read [-]."""

FACTOR_SIGNS = "x×*"
"""How factors on the present values begin."""

NOT_VARIED = ("name", "reference", "study", "design")
"""Keys of a package that no study changes."""

HOW = 'a range "20 um..150 um:8" or "1 MPa..50 GPa:log 12", a list "10 um, 20 um", or factors "x 0.1..10:log 5"'

_NUMBER = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(.*?)\s*$", re.DOTALL)
_OUTSIDE_QUOTES = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')


@dataclass(frozen=True)
class Span:
    """A range of numbers.

    Parameters
    ----------
    first, last
        Ends, in the parameter's unit.
    logarithmic
        Whether points lie evenly between the ends' logarithms.
    count
        Points of a grid; None where none was written.
    """

    first: float
    last: float
    logarithmic: bool
    count: int | None

    def numbers(self, shares: Any) -> Any:
        """Return the numbers at some shares of the way from the first end to the last, each from 0 to 1."""
        if self.logarithmic:
            return self.first * (self.last / self.first) ** shares
        return self.first + (self.last - self.first) * shares


@dataclass(frozen=True)
class Parameter:
    """One axis of a study.

    Parameters
    ----------
    paths
        Keys that move together, as ``--set`` takes them.
    kind
        What the numbers are; None for words, such as a material's name.
    unit
        Unit of `values`, as it was written; empty for words, pure numbers and factors.
    factor
        Whether the values multiply what stands in the file.
    span
        The range; None for a list.
    listed
        The list; empty for a range.
    whole
        Whether only whole numbers make sense.
    where
        Place in the file or on the command line.
    present
        What stands written at each path, for factors.
    """

    paths: tuple[str, ...]
    kind: Kind | None
    unit: str
    factor: bool
    span: Span | None
    listed: tuple[str, ...]
    whole: bool
    where: str
    present: tuple[object, ...]

    @property
    def name(self) -> str:
        """Its paths, as written."""
        return ", ".join(self.paths)

    @property
    def label(self) -> str:
        """Name and unit, as a table's header has them.

        >>> from fem_wlp.package import loads, template
        >>> parameter_of(loads(template("compliant")), "array.pitch", "0.4..0.6 mm:3").label
        'array.pitch [mm]'
        """
        unit = "× present" if self.factor else self.unit or ("1" if self.kind else "")
        return f"{self.name} [{unit}]" if unit else self.name

    @property
    def values(self) -> tuple[str, ...]:
        """Values on a grid, as text."""
        if self.span is None:
            return self.listed
        if self.span.count is None:
            message = f"the range of {self.name} does not say how many points a grid has along it"
            hint = "end it by their number, as in 20 um..150 um:8, or draw a sample: lhs:200"
            raise ConfigError("P103", message, where=self.where, hint=hint)
        shares = np.arange(self.span.count) / max(1, self.span.count - 1)
        numbers = self.span.numbers(shares)
        if self.whole and not np.array_equal(numbers, np.round(numbers)):
            listed = ", ".join(f"{number:g}" for number in numbers)
            message = f"{self.name} is a whole number, and these are none: {listed}"
            raise ConfigError("P103", message, where=self.where, hint="choose another number of points, or a list")
        return self.at(shares)

    def at(self, shares: Any) -> tuple[str, ...]:
        """Return the values at some shares of the way along the range or list, as text."""
        if self.span is None:
            numbers = np.minimum((np.asarray(shares) * len(self.listed)).astype(int), len(self.listed) - 1)
            return tuple(self.listed[number] for number in numbers)
        return tuple(self._written(number) for number in self.span.numbers(np.asarray(shares)))

    def _written(self, number: float) -> str:
        return f"{float(round(number) if self.whole else number):.{DIGITS}g} {self.unit}".strip()

    def number(self, value: str) -> float:
        """Return the number of a value, in `unit`; nan for words."""
        return float(_split(value)[0]) if self.kind is not None else float("nan")

    def inside(self, value: str) -> float:
        """Return the number of a value in the program's units: mm, MPa, K; nan for words."""
        if self.kind is None:
            return float("nan")
        return self.number(value) if self.factor or self.whole else parse(value, self.kind)

    def settings(self, value: str) -> dict[str, object]:
        """Return what each path is set to, as ``--set`` takes it."""
        if not self.factor:
            return dict.fromkeys(self.paths, value)
        factor = Decimal(value)
        return {path: multiplied(now, factor) for path, now in zip(self.paths, self.present, strict=True)}


@dataclass(frozen=True)
class _Key:
    """A key of the package that can be varied: how its value is read, what kind it is, what stands there now."""

    leaf: Leaf | None
    kind: Kind | None
    words: tuple[str, ...]
    present: object


def parameter_of(package: Package, name: str, written: str | Sequence[str], where: str = "") -> Parameter:
    """Return the parameter that a name and its values describe.

    Parameters
    ----------
    package
        In which it is varied.
    name
        One path, or several that move together, with commas.
    written
        A range or list in one text, or a list of texts.
    where
        Place in the file or on the command line.

    Raises
    ------
    ConfigError
        P102 … P104, P107, or what the key itself refuses, such as U102 for a number without its unit.
    """
    try:
        return _parameter_of(package, name, written, where)
    except ConfigError as fault:
        shown = fault.value or (written if isinstance(written, str) else ", ".join(written))
        raise type(fault)(fault.code, fault.message, where=where or name, value=shown, hint=fault.hint) from None


def _parameter_of(package: Package, name: str, written: str | Sequence[str], where: str) -> Parameter:
    paths = tuple(part.strip() for part in _OUTSIDE_QUOTES.split(name))
    keys = [_key_at(package, path) for path in paths]
    if len(set(paths)) < len(paths):
        raise ConfigError("P107", f"one path stands twice in {name}", hint="name it once")
    single = written if isinstance(written, str) else ""
    factor = bool(single) and single.strip()[:1] in FACTOR_SIGNS and bool(_NUMBER.match(single.strip()[1:]))
    kinds = {key.kind for key in keys}
    if len(kinds) > 1 and not factor:
        message = "these keys are of different kinds, so they have no value in common"
        raise ConfigError("P103", message, hint='vary them by factors: "x 0.5..2:5"')
    kind: Kind | None = "fraction" if factor else keys[0].kind
    whole = any(isinstance(key.leaf, Count) for key in keys) and not factor
    if factor:
        _require_factors(paths, keys)
    span, unit = _span(single.strip()[1:] if factor else single, kind) if kind and single else (None, "")
    listed: tuple[str, ...] = ()
    if span is None:
        items = _OUTSIDE_QUOTES.split(single.strip()[1:] if factor else single) if single else list(written)
        listed, unit = _listed([item.strip() for item in items], kind)
    present = tuple(key.present for key in keys)
    parameter = Parameter(paths, kind, unit, factor, span, listed, whole, where, present)
    for key in keys:
        _require_admissible(key, parameter)
    return parameter


def _require_factors(paths: Sequence[str], keys: Sequence[_Key]) -> None:
    for path, key in zip(paths, keys, strict=True):
        if key.kind is None or key.kind == "temperature" or isinstance(key.leaf, Count):
            raise ConfigError("P103", f"{path} is nothing to be multiplied", hint=f"write {HOW}")
        if key.present is None:
            raise ConfigError(
                "P103",
                f"{path} has no value in the package that could be multiplied",
                hint="write it in the package file, or give values instead of a factor",
            )
        multiplied(key.present, Decimal(1))  # refused where a word stands, such as "outward"


def _require_admissible(key: _Key, parameter: Parameter) -> None:
    """Refuse values that the key refuses whatever the rest of the package is; of a range, its ends."""
    values = parameter.listed if parameter.span is None else parameter.at(np.array([0.0, 1.0]))
    for value in values:
        if parameter.factor and not float(value) > 0.0:
            raise ConfigError(
                "P103", "a factor is greater than zero", value=value, hint='"x 0.5..2" halves and doubles'
            )
        if key.words and value not in key.words:
            raise ConfigError("F111", "this word is not known here", value=value, hint=did_you_mean(value, key.words))
        if key.leaf is not None and not parameter.factor and not isinstance(key.leaf, MaterialName):
            key.leaf.read(parsed_value(value))


def _span(written: str, kind: Kind) -> tuple[Span | None, str]:
    """Return the range that a text describes and its unit; None where it is a list."""
    body, colon, ending = written.partition(":")
    first, dots, last = body.partition("..")
    if not dots:
        if colon:
            raise ConfigError("P103", "a number of points belongs to a range", hint=f"write {HOW}")
        return None, ""
    (start, start_unit), (end, end_unit) = _split(first), _split(last)
    unit = start_unit or end_unit
    whole_end = last if end_unit else f"{last.strip()} {unit}"
    beginning, finish = float(start), float(end)
    if end_unit and end_unit != unit:
        finish = _in_unit(parse(whole_end, kind), unit, kind)
    for value in (f"{start} {unit}", whole_end):
        parse(value.strip(), kind)
    logarithmic, count = _ending(ending) if colon else (False, None)
    if logarithmic and not (beginning > 0.0 and finish > 0.0):
        raise ConfigError("P104", "a logarithmic range lies above zero at both ends", hint="make it linear, or a list")
    if logarithmic and kind == "temperature":
        raise ConfigError(
            "P104", "temperatures have no logarithmic range: their zero is arbitrary", hint='leave ":log" out'
        )
    if count == 1 and beginning != finish:
        raise ConfigError("P103", "a range of one point has two ends", hint="two points or more, or the value alone")
    return Span(beginning, finish, logarithmic, count), unit


def _ending(written: str) -> tuple[bool, int | None]:
    """Return whether a range is logarithmic, and its number of points."""
    logarithmic, count = False, None
    for word in written.split():
        if word in ("log", "logarithmic"):
            logarithmic = True
        elif word not in ("lin", "linear"):
            count = number_of_points(word)
            if count is None:
                message = f'"{shortened(word)}" is neither a number of points, from 1, nor log'
                raise ConfigError("P103", message, hint=f"write {HOW}")
    return logarithmic, count


def number_of_points(written: str) -> int | None:
    """Return a number of points from 1, None where none is written; one of countless digits is refused unread."""
    digits = written.lstrip("0")
    if not (digits.isascii() and digits.isdecimal()):
        return None
    if len(digits) > MOST_DIGITS:
        raise ConfigError("P105", f"a number of points with {len(digits)} digits", hint="at most a million")
    return int(digits)


def _listed(items: Sequence[str], kind: Kind | None) -> tuple[tuple[str, ...], str]:
    """Return the values of a list and their unit; a number without unit takes that of the last one."""
    if not items or not all(items):
        raise ConfigError("P103", "a value of the list is empty", hint=f"write {HOW}")
    if kind is None:
        return tuple(items), ""
    parts = [_split(item) for item in items]
    unit = parts[-1][1]
    complete = [f"{number} {own or unit}".strip() for number, own in parts]
    for value in complete:
        parse(value, kind)
    if all(own in ("", unit) for _, own in parts):
        return tuple(complete), unit
    numbers = [_in_unit(parse(value, kind), unit, kind) for value in complete]
    return tuple(f"{number:.{DIGITS}g} {unit}" for number in numbers), unit


def _split(written: str) -> tuple[str, str]:
    """Return number and unit of a text."""
    match = _NUMBER.match(written)
    if match is None:
        raise ConfigError("P103", f'"{shortened(written)}" is no number with a unit', hint=f"write {HOW}")
    return match[1], match[2]


def _in_unit(number: float, unit: str, kind: Kind) -> float:
    """Return a number of the program's units in another unit."""
    if kind == "temperature":
        return number - parse(f"0 {unit}", kind)
    return float(f"{number / parse(f'1 {unit}'.strip(), kind):.{DIGITS}g}")


def multiplied(written: object, factor: Decimal) -> object:
    """Return a quantity as it stands in a file, times a factor: a number, a table or a line over temperature.

    >>> multiplied("43 GPa", Decimal("0.1"))
    '4.3 GPa'
    >>> multiplied({"temperature": ["0 degC", "100 degC"], "value": ["2 GPa", "1 GPa"]}, Decimal(2))
    {'temperature': ['0 degC', '100 degC'], 'value': ['4 GPa', '2 GPa']}
    """
    if isinstance(written, Mapping):
        return {key: multiplied(value, factor) if key in _SCALED else value for key, value in written.items()}
    if isinstance(written, list):
        return [multiplied(value, factor) for value in written]
    number, unit = _split(str(written))
    product = f"{float(Decimal(number) * factor):.{DIGITS}g}"
    return f"{product} {unit}" if unit else float(product)


_SCALED = ("value", "slope")


def _key_at(package: Package, name: str) -> _Key:
    """Return the key at a path.

    Raises
    ------
    ConfigError
        P102: no such key, or one that cannot be varied.
    """
    try:
        path = parsed_path(name)
    except ConfigError as fault:
        raise ConfigError("P102", "this is no path to a key", value=name, hint=fault.hint) from None
    field = _field_at(package, path)
    if field is None:
        raise ConfigError("P102", f"{name} is no key that can be varied", value=name, hint=_nearest(package, name))
    return _key_of(field, _present(package, path))


def _field_at(package: Package, path: Path) -> FieldInfo | None:
    root: type[BaseModel] | None
    if path[0] == "materials":
        known = len(path) == 3 and str(path[1]) in material_tables(package.origin.document)
        root = MaterialTable if known else None
    elif path[0] in NOT_VARIED or _is_implied(package, path):
        return None
    else:
        table = _found(package, path[:-1])
        root = type(table) if isinstance(table, BaseModel) else None
    field = root.model_fields.get(str(path[-1])) if root is not None else None
    return field if field is not None and table_class(field) is None and _key_of(field, None) != _UNREADABLE else None


def _is_implied(package: Package, path: Path) -> bool:
    """Whether a key follows from the process, and is not given."""
    return bool(package.process) and (path[0] == "temperatures" or path[-1] == "stress_free")


def _found(package: Package, path: Path) -> Any:
    """Return what a package has at a path; None where nothing is."""
    found: Any = package
    for key in path:
        if isinstance(key, int):
            found = found[key] if isinstance(found, tuple) and key < len(found) else None
        else:
            found = getattr(found, key, None)
    return found


_UNREADABLE = _Key(None, None, (), None)


def _key_of(field: FieldInfo, present: object) -> _Key:
    """Return how a key is varied; `_UNREADABLE` where it is not."""
    for mark in field.metadata:
        if isinstance(mark, Quantity | PropertyLeaf | Positive):
            return _Key(mark, mark.kind, (), present)
        if isinstance(mark, Count | Number):
            return _Key(mark, "fraction", (), present)
        if isinstance(mark, Direction):
            return _Key(mark, "angle", (), present)
        if isinstance(mark, MaterialName):
            return _Key(mark, None, (), present)
    if get_origin(field.annotation) is Literal:
        return _Key(None, None, tuple(map(str, get_args(field.annotation))), present)
    if field.annotation is bool or bool in get_args(field.annotation):
        return _Key(None, None, ("true", "false"), present)
    return _UNREADABLE


def _present(package: Package, path: Path) -> object:
    """Return what stands at a path, as it is written; a default as it would be written."""
    document = package.origin.document
    if path[0] == "materials":
        return completed(str(path[1]), material_tables(document)).get(str(path[2]))
    written = document.written(path)
    if written is not None:
        return written
    found = _found(package, path)
    field = type(_found(package, path[:-1])).model_fields[str(path[-1])]
    kind = next((mark.kind for mark in field.metadata if isinstance(mark, Quantity)), None)
    return text(found, kind) if kind is not None and found is not None else found


def _nearest(package: Package, name: str) -> str:
    """Return a hint: the material's key where a part's was meant, else the nearest path."""
    *holder, key = name.split(".")
    if key in CONSTANTS:
        part = ".".join(holder).removesuffix(".material")
        for where, material, _, _ in material_uses(package):
            if where in (part, f"{part}.material"):
                return f'did you mean "{dotted(("materials", material.name, key))}"?'
    known = list(varied_paths(package))
    return did_you_mean(name, known) or f"for instance {', '.join(known[:3])}"


def varied_paths(package: Package) -> Iterator[str]:
    """Yield the paths of a package that can be varied, its parts' first, then its materials'."""
    for name in Package.model_fields:
        if name not in NOT_VARIED:
            below = _paths_below(getattr(package, name), (name,))
            yield from (path for path in below if not _is_implied(package, parsed_path(path)))
    for name in dict.fromkeys(material.name for _, material, _, _ in material_uses(package)):
        for key in completed(name, material_tables(package.origin.document)):
            if key in CONSTANTS and _key_of(MaterialTable.model_fields[key], None) != _UNREADABLE:
                yield dotted(("materials", name, key))


def _paths_below(part: object, path: Path) -> Iterator[str]:
    if isinstance(part, BaseModel):
        for key, field in type(part).model_fields.items():
            if table_class(field) is not None:
                yield from _paths_below(getattr(part, key), (*path, key))
            elif _key_of(field, None) != _UNREADABLE:
                yield dotted((*path, key))
    elif isinstance(part, tuple):
        for number, item in enumerate(part):
            yield from _paths_below(item, (*path, number))
