"""Whatever is done to one leaf of a template: a coded refusal, or a package that is sound."""

import copy
import json
import math
import tomllib
from time import process_time
from typing import Any

import pytest

from fem_wlp.errors import CATALOGUE, ConfigError, ConfigErrors
from fem_wlp.package import Package, loads, resolved_toml, template, template_names
from fem_wlp.package.geometry import contact_distance, joint_height
from fem_wlp.package.outline import Path
from fem_wlp.package.templates import process_template_names
from fem_wlp.package.uses import material_uses
from fem_wlp.process.history import stages

from .processes import as_toml

MUTANTS: list[object] = ["", "none", math.nan, math.inf, -math.inf, 0, -1, 1e9, True, "text", [], [1], {}, {"a": 1}]
MUTANTS += ["5 um", "5 GPa", "5 K", "17 ppm/K", "1e400 mm", "-5 um", "0 mm", "\x00", "a\nb", "../x", "x" * 1000]


SOLID = {"kind": "3d", "fineness": 0.5, "symmetry": "auto", "extent": "eighth", "lateral": "free", "solver": "direct"}


def leaves(tree: Any, path: Path = ()) -> list[Path]:
    """Return the paths of all leaves and lists."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    inner = [found for key, value in items for found in leaves(value, (*path, key))]
    return inner + ([path] if path and not isinstance(tree, dict) else [])


def changed(tree: dict[str, Any], path: Path, value: object) -> dict[str, Any]:
    """Return a copy with one leaf replaced; deleted where the value is Ellipsis."""
    result = copy.deepcopy(tree)
    holder: Any = result
    for key in path[:-1]:
        holder = holder[key]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return result


def outcome(tree: dict[str, Any]) -> Package | None:
    """Return the package, or None after a refusal by known codes; anything else is an error of the test."""
    text = "\n".join(f"{json.dumps(key)} = {as_toml(value)}" for key, value in tree.items())
    refused: ConfigError
    try:
        return loads(text)
    except ConfigError as error:
        refused = error
    faults = refused.faults if isinstance(refused, ConfigErrors) else (refused,)
    assert all(fault.code in CATALOGUE and fault.where and fault.message for fault in faults)
    assert len(str(refused)) < 20_000
    return None


def assert_sound(package: Package) -> None:
    """All lengths finite, the joint has a height, and its materials are solids."""
    assert math.isfinite(joint_height(package))
    assert contact_distance(package.ball, package.ball.land_side) > 0.0
    assert package.array.joints
    assert material_uses(package)
    assert loads(resolved_toml(package)) == package
    assert {stage.step for stage in stages(package)} == set(range(len(package.process)))


def check_mutants(name: str, step: int) -> None:
    """Hold every leaf of a template against every `step`-th mutant, other ones from leaf to leaf."""
    tree = tomllib.loads(template(name)) | {"model": {**SOLID}}
    for number, path in enumerate(leaves(tree)):
        for mutant in (..., *MUTANTS[number % step :: step]):
            package = outcome(changed(tree, path, mutant))
            if package is not None and mutant is not ...:
                assert_sound(package)


def test_mutants_of_every_leaf_are_refused_with_a_code_or_sound() -> None:
    """Deleted, emptied, not finite, zero, negative, other types, other units, long text; a third for each leaf."""
    check_mutants("compliant", step=3)


@pytest.mark.parametrize("name", process_template_names())
def test_mutants_of_every_leaf_of_a_process_are_refused_with_a_code_or_sound(name: str) -> None:
    """Wafer and steps, a fifth of the mutants of each leaf; steps deleted, doubled and exchanged with the next one."""
    tree = tomllib.loads(template(name))
    of_process = [path for path in leaves(tree) if path[0] in ("wafer", "process")]
    for number, path in enumerate(of_process):
        for mutant in (..., *MUTANTS[number % 5 :: 5]):
            package = outcome(changed(tree, path, mutant))
            if package is not None:
                assert_sound(package)
    steps = tree["process"]
    for number in range(len(steps)):
        rest = steps[:number] + steps[number + 1 :]
        doubled = steps[: number + 1] + steps[number:]
        exchanged = [*rest[: number + 1], steps[number], *rest[number + 1 :]]
        for process in (rest, doubled, exchanged, steps[:number], steps[number:]):
            package = outcome(tree | {"process": process})
            if package is not None:
                assert_sound(package)


@pytest.mark.long
@pytest.mark.parametrize("name", [*template_names(), *process_template_names()])
def test_every_mutant_of_every_leaf_of_every_template_is_refused_with_a_code_or_sound(name: str) -> None:
    """All of them."""
    check_mutants(name, step=1)


@pytest.mark.parametrize("path", [("name",), ("chip", "thickness"), ("ball", "material"), ("array", "map")])
def test_a_mebibyte_of_text_in_a_leaf_is_refused(path: Path) -> None:
    """Quickly, and without being printed."""
    assert outcome(changed(tomllib.loads(template("compliant")), path, "x" * 2**20)) is None


@pytest.mark.parametrize("line", ["k{} = 1", '[materials.m{}]\nE = "x"', '[materials.m{}]\nbased_on = "m{}x"'])
def test_a_file_full_of_faults_is_refused_in_two_seconds(line: str) -> None:
    """As many as the limit of words admits; the first twenty are printed."""
    text = template("compliant") + "\n".join(line.replace("{}", str(number)) for number in range(3000))
    start = process_time()
    with pytest.raises(ConfigErrors) as caught:
        loads(text)
    assert process_time() - start < 2.0
    assert len(caught.value.faults) == 3000
    assert str(caught.value).count("error[") == 20


@pytest.mark.parametrize("factor", [1e9, 1e-9, 0.0, -1.0])
def test_no_quantity_of_a_template_survives_a_factor_of_a_thousand_million(factor: float) -> None:
    """Lengths, moduli and expansions so far off are no package; temperatures, angles and pure numbers left out."""
    tree = tomllib.loads(template("compliant"))
    for path in leaves(tree):
        value: Any = tree
        for key in path:
            value = value[key]
        number, _, unit = value.partition(" ") if isinstance(value, str) else ("", "", "")
        if unit in {"um", "mm", "MPa"}:
            assert outcome(changed(tree, path, f"{float(number) * factor!r} {unit}")) is None, path
