"""The library of materials, and the search for a name in it.

>>> material("copper").elasticity.nu(298.15)
0.34
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from fem_wlp.errors import MaterialError, shortened
from fem_wlp.materials.leaves import did_you_mean
from fem_wlp.materials.model import Material
from fem_wlp.materials.table import MaterialTable, material_from, merged

Tables = Mapping[str, Mapping[str, object]]

LONGEST_CHAIN = 10
"""Most materials of which each is based on the next [-]."""


@cache
def library() -> Tables:
    """Return the library's tables as they stand in its file: name → keys."""
    text = files(__package__).joinpath("library.toml").read_text("utf-8")
    tables: Tables = tomllib.loads(text)["materials"]
    return tables


@cache
def material(name: str) -> Material:
    """Return a material of the library.

    Raises
    ------
    MaterialError
        M105, with the nearest name, if it has none of that name.
    """
    return material_from(name, MaterialTable.model_validate(completed(name, library())))


def completed(name: str, tables: Tables) -> dict[str, object]:
    """Return the keys of a material with those of the materials it is based on.

    A material may be based on the library's of the same name: it then changes some of its keys.

    Parameters
    ----------
    name
        Of the material.
    tables
        Where to look: name → keys.

    Raises
    ------
    MaterialError
        M105 for an unknown name, M112 for materials based on each other.
    """
    chain = [name]
    keys = dict(_found(name, tables))
    while isinstance(base := keys.get("based_on"), str):  # anything else stays, and is refused with the table
        del keys["based_on"]
        if base == chain[-1] and tables is not library():
            tables = library()
        elif base in chain or len(chain) > LONGEST_CHAIN:
            circle = " → ".join(map(shortened, [*chain, base][:LONGEST_CHAIN]))
            raise MaterialError(
                "M112",
                f"materials based on each other without end: {circle}",
                hint="let one of them have constants of its own, or begin with a material of the library",
            )
        chain.append(base)
        keys = merged(keys, _found(base, tables))
    return keys


def _found(name: str, tables: Tables) -> Mapping[str, object]:
    if name not in tables:
        raise MaterialError(
            "M105",
            f'there is no material "{shortened(name)}"',
            value=name,
            hint=did_you_mean(name, list(tables)) or "fem-wlp materials lists the library",
        )
    return tables[name]
