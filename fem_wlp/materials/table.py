"""A material as it stands in a file, and how it becomes a `Material`.

Elastic constants come in one of three sets, each constant a number, a table over temperature or a straight line::

    E, nu                                              alike in all directions
    E_xy, E_z, nu_xy, nu_xz, G_xz [, G_xy]             alike in the plane
    E_x, E_y, E_z, nu_xy, nu_xz, nu_yz, G_xy, G_xz, G_yz

and so does the expansion: CTE, or CTE_xy and CTE_z, or CTE_x, CTE_y and CTE_z.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StrictBool, StrictStr

from fem_wlp.errors import ConfigError, ConfigErrors, MaterialError
from fem_wlp.materials.leaves import JsonSchema, Leaf, Quantity, quantity_schema
from fem_wlp.materials.model import Expansion, Isotropic, Material, Orthotropic, Property, stiffness
from fem_wlp.units import DIMENSIONS, Kind, parse, text

SOFTEST, STIFFEST = 0.1, 1.3e6
"""Young's moduli of solids: silicone gel … diamond [MPa]."""

LARGEST_EXPANSION = 1e-3
"""Largest thermal expansion of a solid [1/K]."""

ELASTIC_SETS = (
    ("E", "nu"),
    ("E_xy", "E_z", "nu_xy", "nu_xz", "G_xz", "G_xy"),
    ("E_x", "E_y", "E_z", "nu_xy", "nu_xz", "nu_yz", "G_xy", "G_xz", "G_yz"),
)
EXPANSION_SETS = (("CTE",), ("CTE_xy", "CTE_z"), ("CTE_x", "CTE_y", "CTE_z"))
CONDUCTION_SETS = (("conductivity",), ("conductivity_xy", "conductivity_z"))
CONSTANTS = {key for sets in (ELASTIC_SETS, EXPANSION_SETS, CONDUCTION_SETS) for keys in sets for key in keys} | {
    "CTE_kind",
    "CTE_reference",
    "resistivity",
    "liquidus",
}
"""Keys whose values somebody must have measured."""

OPTIONAL_CONSTANTS = {"G_xy"}
"""Follows from E_xy and nu_xy where a material is alike in the plane."""

_SLOPES: dict[Kind, Kind] = {"stress": "stress_slope", "expansion": "expansion_slope"}


@dataclass(frozen=True)
class PropertyLeaf(Leaf):
    """A constant, a table { temperature = […], value = […] }, or a line { at, value, slope, from, to }."""

    kind: Kind

    def read(self, written: object) -> Property:
        """Return the property."""
        if not isinstance(written, dict):
            return Property((parse(written, self.kind),))
        if set(written) == {"temperature", "value"}:
            return self._table(written["temperature"], written["value"])
        if set(written) == {"at", "value", "slope", "from", "to"} and self.kind in _SLOPES:
            return self._line(written)
        example = DIMENSIONS[self.kind].example
        raise ConfigError(
            "M111",
            "a property is a number, a table or a straight line",
            value=str(written),
            hint=f'"{example}", or {{ temperature = ["0 degC", "100 degC"], value = ["{example}", "{example}"] }}, '
            'or { at = "0 K", value = "61 GPa", slope = "-58 MPa/K", from = "220 K", to = "490 K" }',
        )

    def _table(self, temperatures: object, values: object) -> Property:
        if not isinstance(temperatures, list) or not isinstance(values, list):
            raise ConfigError(
                "M111",
                "temperature and value are lists",
                value=str(temperatures),
                hint='{ temperature = ["-40 degC", "125 degC"], value = ["6 GPa", "2 GPa"] }',
            )
        if len(temperatures) != len(values) or len(values) < 2:
            raise ConfigError(
                "M111",
                f"{len(temperatures)} temperatures and {len(values)} values: a table has as many of one as of the "
                "other, at least two",
                value=str(values),
                hint="give every temperature its value",
            )
        kelvins = tuple(parse(temperature, "temperature") for temperature in temperatures)
        for (first, second), written in zip(pairwise(kelvins), temperatures[1:], strict=True):
            if second <= first:
                raise MaterialError(
                    "M107",
                    f"the temperatures of a table must increase: {written} follows {text(first, 'temperature', 6)}",
                    value=str(written),
                    hint="sort the pairs by temperature, and give each temperature once",
                )
        return Property(tuple(parse(value, self.kind) for value in values), kelvins)

    def _line(self, line: Mapping[str, object]) -> Property:
        at, start, end = (parse(line[key], "temperature") for key in ("at", "from", "to"))
        value, slope = parse(line["value"], self.kind), parse(line["slope"], _SLOPES[self.kind])
        if end <= start:
            raise MaterialError(
                "M107",
                f"the line ends at {line['to']}, before it starts",
                value=str(line["from"]),
                hint="a line runs from the lower temperature to the higher",
            )
        return Property((value + slope * (start - at), value + slope * (end - at)), (start, end))

    def schema(self) -> JsonSchema:
        """Return the three forms."""
        temperatures = {"type": "array", "items": quantity_schema("temperature"), "minItems": 2}
        constant = quantity_schema(self.kind) if self.kind != "fraction" else {"type": "number"}
        forms = [constant, _object({"temperature": temperatures, "value": {"type": "array", "items": constant}})]
        if self.kind in _SLOPES:
            ends = {key: quantity_schema("temperature") for key in ("at", "from", "to")}
            forms.append(_object({**ends, "value": constant, "slope": quantity_schema(_SLOPES[self.kind])}))
        return {"anyOf": forms}


def _object(properties: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@dataclass(frozen=True)
class Positive(Leaf):
    """A conductivity or resistivity."""

    kind: Kind

    def read(self, written: object) -> float:
        """Return the number."""
        number = parse(written, self.kind)
        if not number > 0.0:
            name = DIMENSIONS[self.kind].name
            raise MaterialError(
                "M113",
                f"this {name} must be greater than zero",
                value=str(written),
                hint="take it out if it is not known",
            )
        return number

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return quantity_schema(self.kind)


Modulus = Annotated[Property | None, PropertyLeaf("stress")]
Ratio = Annotated[Property | None, PropertyLeaf("fraction")]
Coefficient = Annotated[Property | None, PropertyLeaf("expansion")]
Temperature = Annotated[float | None, Quantity("temperature", "-220 degC", "1500 degC", "T102", "T102")]
Conductivity = Annotated[float | None, Positive("conductivity")]


class MaterialTable(BaseModel):
    """A material as it stands in a file, under [materials.NAME]."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    based_on: StrictStr | None = None
    """Another material, whose keys hold where this table has none."""
    description: StrictStr = ""
    """What it is, in words."""
    source: StrictStr = ""
    """Who published the numbers."""
    confidence: Literal["cited", "abstract only", "unverified"] = "unverified"
    """Read in the source itself, in its abstract only, or general knowledge."""
    range: StrictStr = ""
    """What other sources say, in words."""
    E: Modulus = None
    """Young's modulus."""
    nu: Ratio = None
    """Poisson's ratio, between -1 and 0.5."""
    E_xy: Modulus = None
    """Young's modulus in the plane."""
    E_x: Modulus = None
    """Young's modulus along x."""
    E_y: Modulus = None
    """Young's modulus along y."""
    E_z: Modulus = None
    """Young's modulus along z, through the thickness."""
    nu_xy: Ratio = None
    """Contraction along y under a stress along x."""
    nu_xz: Ratio = None
    """Contraction along z under a stress along x."""
    nu_yz: Ratio = None
    """Contraction along z under a stress along y."""
    G_xy: Modulus = None
    """Shear modulus in the plane; by default E_xy / (2 (1 + nu_xy)) where E_xy is given."""
    G_xz: Modulus = None
    """Shear modulus in the xz plane; also yz where E_xy is given."""
    G_yz: Modulus = None
    """Shear modulus in the yz plane."""
    CTE: Coefficient = None
    """Thermal expansion, alike in all directions."""
    CTE_xy: Coefficient = None
    """Thermal expansion in the plane."""
    CTE_x: Coefficient = None
    """Thermal expansion along x."""
    CTE_y: Coefficient = None
    """Thermal expansion along y."""
    CTE_z: Coefficient = None
    """Thermal expansion along z."""
    CTE_kind: Literal["mean", "instantaneous"] | None = None
    """Whether the expansion is the mean from CTE_reference, or d strain / dT; needed unless it is constant."""
    CTE_reference: Temperature = None
    """Temperature from which a mean expansion counts."""
    resistivity: Annotated[float | None, Positive("resistivity")] = None
    """Electrical resistivity; none for an insulator."""
    conductivity: Conductivity = None
    """Thermal conductivity, alike in all directions."""
    conductivity_xy: Conductivity = None
    """Thermal conductivity in the plane."""
    conductivity_z: Conductivity = None
    """Thermal conductivity along z."""
    liquidus: Temperature = None
    """Temperature at which a solder is molten; what has none does not melt during joining."""
    extrapolate: Literal["constant"] | None = None
    """Let the ends of all tables hold beyond their range; refused otherwise."""
    force: StrictBool = False
    """Admit a modulus or expansion of no known solid."""


def material_from(name: str, table: MaterialTable) -> Material:
    """Return the material that a table describes, after all its checks.

    Parameters
    ----------
    name
        What it is called.
    table
        Complete: `based_on` resolved.

    Raises
    ------
    ConfigErrors
        M101 … M104, M106, M109, M110; `where` is the key, empty for the table as a whole.
    """
    faults = [*_elastic_faults(name, table), *_expansion_faults(name, table), *_conduction_faults(name, table)]
    if faults:
        raise ConfigErrors(faults)
    material = Material(
        name=name,
        elasticity=_elasticity(table),
        expansion=_expansion(table),
        source=table.source,
        confidence=table.confidence,
        range=table.range,
        description=table.description,
        resistivity=table.resistivity,
        conductivity=_conduction(table),
        liquidus=table.liquidus,
    )
    for temperature in _telling_temperatures(material):
        stiffness(material, temperature)
    return material


def merged(table: Mapping[str, object], base: Mapping[str, object]) -> dict[str, object]:
    """Return the keys of `table`, completed by those of the material it is based on.

    A set of constants replaces another set as a whole: E and nu on top of an orthotropic base leave nothing of its
    nine constants.
    """
    kept = dict(base)
    for sets in (ELASTIC_SETS, EXPANSION_SETS, CONDUCTION_SETS):
        fitting = [keys for keys in sets if set(keys).issuperset(_given(table, sets))]
        if not any(set(keys).issuperset(_given(kept, sets)) for keys in fitting):
            for key in _given(kept, sets):
                del kept[key]
    changed = sorted(set(table) & CONSTANTS)
    if changed and not table.get("source"):
        kept["source"] = f"{', '.join(changed)}: not given; otherwise {base.get('source') or 'not given'}"
        kept["confidence"] = "unverified"
    return {**kept, **table}


def _given(table: Mapping[str, object], sets: tuple[tuple[str, ...], ...]) -> set[str]:
    return {key for keys in sets for key in keys if table.get(key) is not None}


def _chosen(table: MaterialTable, sets: tuple[tuple[str, ...], ...]) -> dict[str, Property]:
    """Return the constants of the one set that the table fills; empty, if it fills none or more."""
    given = _given(vars(table), sets)
    for keys in sets:
        optional = OPTIONAL_CONSTANTS if "E_xy" in keys else set()
        if set(keys) - optional <= given <= set(keys):
            return {key: _extended(getattr(table, key), table) for key in keys if key in given}
    return {}


def _extended(prop: Property, table: MaterialTable) -> Property:
    return Property(prop.values, prop.temperatures, table.extrapolate is not None)


def _set_fault(name: str, table: MaterialTable, subject: str, sets: tuple[tuple[str, ...], ...]) -> MaterialError:
    given = ", ".join(sorted(_given(vars(table), sets))) or "nothing"
    return MaterialError(
        "M110",
        f"the {subject} of {name} is not one complete set: {given} is given",
        hint=f"give exactly one of: {'; '.join(', '.join(keys) for keys in sets)}",
    )


def _elastic_faults(name: str, table: MaterialTable) -> Iterator[MaterialError]:
    constants = _chosen(table, ELASTIC_SETS)
    if not constants:
        yield _set_fault(name, table, "elasticity", ELASTIC_SETS)
    for key, prop in constants.items():
        check = _ratio_fault if key.startswith("nu") else _modulus_fault
        yield from filter(None, (check(name, key, value, table.force) for value in prop.values))


def _ratio_fault(name: str, key: str, value: float, force: bool) -> MaterialError | None:
    if key != "nu" or -1.0 < value < 0.5:
        return None
    return MaterialError(
        "M101",
        f"Poisson's ratio of {name} is {value:g}: an isotropic solid has -1 < nu < 0.5",
        where=key,
        hint="a nearly incompressible rubber has nu = 0.49 … 0.4999" if value >= 0.5 else "take its sign away",
    )


def _modulus_fault(name: str, key: str, value: float, force: bool) -> MaterialError | None:
    if not value > 0.0:
        return MaterialError(
            "M102",
            f"{key} of {name} must be greater than zero",
            where=key,
            hint='give it as the source prints it, e.g. "3.5 GPa"',
        )
    if force or SOFTEST <= value <= STIFFEST:
        return None
    smaller = (("MPa", 1e3), ("kPa", 1e6), ("Pa", 1e9))
    likely = [unit for unit, factor in smaller if 1.0 <= value / factor <= STIFFEST]
    return MaterialError(
        "M103",
        f"{key} of {name}: {value / 1e3:.6g} GPa is not a solid (0.0001 … 1300 GPa)",
        where=key,
        hint=f"did you mean {likely[-1]}?" if likely else "write force = true if it is meant",
    )


def _elasticity(table: MaterialTable) -> Isotropic | Orthotropic:
    constants = _chosen(table, ELASTIC_SETS)
    if "E" in constants:
        return Isotropic(constants["E"], constants["nu"])
    if "E_x" in constants:
        return Orthotropic(**constants)
    in_plane, ratio, shear = constants["E_xy"], constants["nu_xz"], constants["G_xz"]
    twist = constants.get("G_xy") or _shear_modulus(in_plane, constants["nu_xy"])
    return Orthotropic(in_plane, in_plane, constants["E_z"], constants["nu_xy"], ratio, ratio, twist, shear, shear)


def _shear_modulus(E: Property, nu: Property) -> Property:
    """Return E / (2 (1 + nu)), on the temperatures of E (of nu, for a constant E)."""
    temperatures = E.temperatures or nu.temperatures
    values = tuple(E(T) / (2 * (1 + nu(T))) for T in temperatures or (0.0,))
    return Property(values, temperatures, E.extrapolate)


def _expansion_faults(name: str, table: MaterialTable) -> Iterator[MaterialError]:
    given = _chosen(table, EXPANSION_SETS)
    if not given:
        yield _set_fault(name, table, "thermal expansion", EXPANSION_SETS)
    for key, prop in given.items():
        largest = max(prop.values, key=abs)
        if not table.force and abs(largest) > LARGEST_EXPANSION:
            yield MaterialError(
                "M104",
                f"{key} of {name}: {largest * 1e6:.6g} ppm/K is no solid's expansion (at most 1000 ppm/K)",
                where=key,
                hint="copper has 17 ppm/K; write force = true if it is meant",
            )
    if table.CTE_kind == "mean" and table.CTE_reference is None:
        yield MaterialError(
            "M109",
            f"the mean expansion of {name} counts from a reference temperature, which is missing",
            where="CTE_kind",
            hint='add CTE_reference = "25 degC", or what the source says',
        )
    if table.CTE_kind != "mean" and table.CTE_reference is not None:
        yield MaterialError(
            "M109",
            f'{name} has CTE_reference, but not CTE_kind = "mean"',
            where="CTE_reference",
            hint='add CTE_kind = "mean", or take CTE_reference out',
        )
    if table.CTE_kind is None and any(prop.temperatures for prop in given.values()):
        yield MaterialError(
            "M109",
            f"the expansion of {name} changes with temperature: is it the mean from a reference, or the slope?",
            where=next(iter(given)),
            hint='add CTE_kind = "instantaneous", or CTE_kind = "mean" and CTE_reference',
        )


def _expansion(table: MaterialTable) -> Expansion:
    given = _chosen(table, EXPANSION_SETS)
    x = given.get("CTE") or given.get("CTE_xy") or given["CTE_x"]
    y = given.get("CTE") or given.get("CTE_xy") or given["CTE_y"]
    z = given.get("CTE") or given["CTE_z"]
    return Expansion(x, y, z, table.CTE_reference)


def _conduction_faults(name: str, table: MaterialTable) -> Iterator[MaterialError]:
    given = _given(vars(table), CONDUCTION_SETS)
    if given and not any(given == set(keys) for keys in CONDUCTION_SETS):
        yield _set_fault(name, table, "conductivity", CONDUCTION_SETS)


def _conduction(table: MaterialTable) -> tuple[float, float] | None:
    in_plane = table.conductivity or table.conductivity_xy
    through = table.conductivity or table.conductivity_z
    return None if in_plane is None or through is None else (in_plane, through)


def _telling_temperatures(material: Material) -> list[float]:
    """Return the temperatures at which all constants are known and one of them bends [K]; any, if none does."""
    properties = tuple(vars(material.elasticity).values())
    points = sorted({T for prop in properties for T in prop.temperatures})
    return [T for T in points if all(prop.covers(T) for prop in properties)] or ([] if points else [298.15])
