"""Everything that can be done to one leaf of a package file: the list of mutations, and what they are done to."""

from __future__ import annotations

import copy
import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from time import process_time
from typing import Any, NamedTuple

from fem_wlp.errors import CATALOGUE, ConfigError, ConfigErrors
from fem_wlp.package import Package, loads, resolved_toml, template, template_names
from fem_wlp.package.document import dotted
from fem_wlp.package.geometry import contact_distance, joint_height
from fem_wlp.package.outline import Path
from fem_wlp.package.templates import process_template_names
from fem_wlp.package.uses import material_uses
from fem_wlp.study import study_of
from fem_wlp.study.aim import aim_of

MEBIBYTE = 2**20

MUTATIONS: Mapping[str, tuple[object, ...]] = {
    "deleted": (...,),
    "null-like": ("", "none", "null", [], {}),
    "not a number": (math.nan, "nan"),
    "infinite": (math.inf, -math.inf, "inf um", "1e400 mm"),
    "zero": (0, "0 mm", "0 GPa"),
    "negative": (-1, "-5 um", "-1 GPa", "-5 ppm/K"),
    "string": ("text", "5", "\x00", "a\nb", "../x", "2*3 um", "0,3 mm", "x" * 1000),
    "list": ([1], ["5 um"], ["5 um", "6 um"], [[]]),
    "table": ({"a": 1}, {"thickness": "5 um"}),
    "other type": (True, 1, 2.5, 1e9),
    "other unit": ("5 um", "5 GPa", "5 K", "17 ppm/K", "3 deg", "5 Ohm*m", "2 s", "3 parsec"),
    "a mebibyte": ("x" * (MEBIBYTE - 20_000),),
}
"""Mutation → what is written instead of any leaf; Ellipsis where it is taken out. Factors depend on what stands."""

FACTORS = {"times 1e9": 1e9, "times 1e-9": 1e-9, "negated": -1.0, "times zero": 0.0}
"""Mutation → what the number of a quantity is multiplied by."""

SOLID = {"kind": "3d", "fineness": 0.5, "symmetry": "auto", "extent": "auto", "lateral": "free", "solver": "direct"}

STUDY: dict[str, Any] = {
    "study": {
        "vary": {"first_layer.thickness": "5 um..10 um:3", "land.thickness": ["10 um", "20 um"]},
        "sample": "lhs:16",
        "seed": 3,
        "record": ["decoupling.figure", "joint.stiffness.lateral"],
        "timeout": "10 min",
    }
}

DESIGN: dict[str, Any] = {
    "design": {
        "target": 0.7,
        "objective": "min second_layer.thickness",
        "vary": {"second_layer.thickness": "40 um..150 um"},
        "limits": {"interconnect_strain": "0.3 %", "total_height": "2 mm"},
    }
}

OWN_MATERIALS: dict[str, Any] = {
    "materials": {
        "laminate": {
            "E_x": "20 GPa", "E_y": "18 GPa", "E_z": "9 GPa", "nu_xy": 0.11, "nu_xz": 0.3, "nu_yz": 0.3,
            "G_xy": "8 GPa", "G_xz": "4 GPa", "G_yz": "4 GPa",
            "CTE_x": "15 ppm/K", "CTE_y": "16 ppm/K", "CTE_z": "60 ppm/K",
            "conductivity_xy": "0.8 W/(m K)", "conductivity_z": "0.3 W/(m K)",
            "description": "a laminate", "source": "own tests", "confidence": "cited", "range": "wide", "force": False,
        },
        "epoxy 2": {
            "E": {"temperature": ["-65 degC", "25 degC", "260 degC"], "value": ["5 GPa", "4 GPa", "1 GPa"]},
            "nu": 0.35,
            "CTE": {"at": "250 K", "value": "60 ppm/K", "slope": "0.05 ppm/K^2", "from": "200 K", "to": "550 K"},
            "CTE_kind": "mean", "CTE_reference": "25 degC", "resistivity": "3 uOhm*m", "conductivity": "2 W/(m K)",
            "liquidus": "300 degC", "extrapolate": "constant", "source": "own tests",
        },
    }
}  # fmt: skip
"""Materials with all the keys that no template uses."""


def subjects() -> dict[str, dict[str, Any]]:
    """Return the packages that are mutated: all templates, as 3D models too, with study, design and own materials."""
    found = {name: tomllib.loads(template(name)) for name in template_names()}
    found |= {f"{name} in 3D": {**tree, "model": {**SOLID}} for name, tree in list(found.items())}
    found |= {name: tomllib.loads(template(name)) for name in process_template_names()}
    compliant = found["compliant"]
    found["study"] = {**compliant, **STUDY}
    found["design"] = {**compliant, **DESIGN}
    own = copy.deepcopy(compliant)
    own["materials"] = OWN_MATERIALS["materials"]
    own["board"]["material"], own["cylinder"]["material"] = "laminate", "epoxy 2"
    found["own materials"] = own
    return found


def only(name: str) -> tuple[str, ...]:
    """Return the tables that are mutated of a subject; the others are those of the template's own."""
    if name in ("study", "design"):
        return (name,)
    if name == "own materials":
        return ("materials",)
    return ("model",) if name.endswith(" in 3D") else ()


def leaves(tree: Any, path: Path = ()) -> list[Path]:
    """Return the paths of all leaves and lists."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    inner = [found for key, value in items for found in leaves(value, (*path, key))]
    return inner + ([path] if path and not isinstance(tree, dict) else [])


def leaves_of(name: str, tree: dict[str, Any]) -> list[Path]:
    """Return the paths of all leaves of a subject that are mutated."""
    return [path for path in leaves(tree) if not only(name) or path[0] in only(name)]


def at(tree: Any, path: Path) -> Any:
    """Return what stands at a path."""
    for key in path:
        tree = tree[key]
    return tree


def changed(tree: dict[str, Any], path: Path, value: object) -> dict[str, Any]:
    """Return a copy with one leaf replaced; deleted where the value is Ellipsis."""
    result = copy.deepcopy(tree)
    holder = at(result, path[:-1])
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return result


def mutants(written: object) -> Iterator[tuple[str, object]]:
    """Yield mutation and what is written instead of a leaf, its factors included."""
    for mutation, values in MUTATIONS.items():
        for value in values:
            yield mutation, value
    for mutation, factor in FACTORS.items():
        if isinstance(written, int | float) and not isinstance(written, bool):
            yield mutation, written * factor
        elif isinstance(written, str) and (number := re.fullmatch(r"([-+]?[\d.]+(?:e[-+]?\d+)?) *(\D.*)", written)):
            yield mutation, f"{float(number[1]) * factor!r} {number[2]}"


def as_toml(value: Any) -> str:
    """Return a value as TOML; tables inline."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {as_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else json.dumps(value)


def text_of(tree: dict[str, Any]) -> str:
    """Return a tree as the text of a package file."""
    return "\n".join(f"{json.dumps(key)} = {as_toml(value)}" for key, value in tree.items())


class Tried(NamedTuple):
    """What became of a mutant: the package, or the codes by which it was refused."""

    package: Package | None
    codes: tuple[str, ...]


def tried(text: str) -> Tried:
    """Read a mutant, and what its study and its design ask; anything but a refusal by known codes is raised."""
    refused: ConfigError
    try:
        package = loads(text)
        if package.study is not None:
            study_of(package)
        if package.design is not None:
            aim_of(package)
    except ConfigError as error:
        refused = error
    else:
        return Tried(package, ())
    faults = refused.faults if isinstance(refused, ConfigErrors) else (refused,)
    assert all(fault.code in CATALOGUE and fault.where and fault.message for fault in faults), str(refused)
    assert len(str(refused)) < 20_000
    return Tried(None, tuple(sorted({fault.code for fault in faults})))


def require_sound(package: Package) -> None:
    """All lengths finite, the joint has a height, its materials are solids; what is resolved is the same package."""
    assert math.isfinite(joint_height(package))
    assert contact_distance(package.ball, package.ball.land_side) > 0.0
    assert package.array.joints
    assert material_uses(package)
    assert loads(resolved_toml(package)) == package


def without_remarks(package: Package) -> list[str]:
    """Return a resolved package, defaults as written ones."""
    lines = (line.split("  # ")[0].strip() for line in resolved_toml(package).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


WORDS = ("source", "description", "confidence", "range", "force")
"""Keys of a material that say or admit something and decide nothing."""


def has_effect(package: Package, base: Package, path: Path) -> bool:
    """Whether a changed leaf made another package; what only says something must stand in the resolved one."""
    said = isinstance(path[-1], str) and path[0] == "materials" and path[-1] in WORDS
    return without_remarks(package) != without_remarks(base) if said else package != base


def is_as_before(package: Package, base: Package, value: object) -> bool:
    """Whether a mutant changed nothing because its value is that of before, or a deletion that of the default."""
    return value is ... or without_remarks(package) == without_remarks(base)


class Tally:
    """What became of the mutants of a subject.

    Parameters
    ----------
    name
        Of the subject.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.leaves = 0
        self.refused: Counter[str] = Counter()
        """Code → mutants refused by it."""
        self.accepted: Counter[str] = Counter()
        """Mutation → mutants that are sound packages."""
        self.same: Counter[str] = Counter()
        """Mutation → accepted mutants whose value is that of before."""
        self.ignored: list[tuple[str, str]] = []
        """Path and value of accepted mutants without effect."""
        self.slowest = 0.0
        """Longest processor time of one mutant [s]."""


def tally(name: str, tree: dict[str, Any], step: int = 1) -> Tally:
    """Try every `step`-th mutant of every leaf of a subject, other ones from leaf to leaf; all must hold."""
    found, base = Tally(name), loads(text_of(tree))
    for number, path in enumerate(leaves_of(name, tree)):
        found.leaves += 1
        for mutation, value in [*mutants(at(tree, path))][number % step :: step]:
            start = process_time()
            package, codes = tried(text_of(changed(tree, path, value)))
            found.slowest = max(found.slowest, process_time() - start)
            if package is None:
                found.refused[codes[0]] += 1
                continue
            require_sound(package)
            found.accepted[mutation] += 1
            if not has_effect(package, base, path):
                if is_as_before(package, base, value):
                    found.same[mutation] += 1
                else:
                    found.ignored.append((dotted(path), repr(value)[:80]))
    return found
