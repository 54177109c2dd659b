"""Whatever is done to one leaf of a package file: a coded refusal, or a package that is sound and another one."""

import tomllib
from time import process_time

import pytest

from fem_wlp.errors import ConfigErrors
from fem_wlp.package import loads, template
from fem_wlp.package.outline import Path

from .mutants import (
    FACTORS,
    MEBIBYTE,
    MUTATIONS,
    at,
    changed,
    has_effect,
    is_as_before,
    leaves,
    mutants,
    subjects,
    tally,
    text_of,
    tried,
)

SUBJECTS = subjects()

QUICK = 2.0
"""Longest that a refusal may take [s]."""


def require_none_ignored(name: str, step: int) -> None:
    """Try the mutants of a subject: all refused by codes or sound, none without effect, none slow."""
    found = tally(name, SUBJECTS[name], step)
    assert found.refused
    assert not found.ignored
    assert found.slowest < QUICK


@pytest.mark.parametrize(("name", "step"), [("compliant", 24), ("study", 8), ("design", 6), ("own materials", 40)])
def test_mutants_of_every_leaf_are_refused_with_a_code_or_sound(name: str, step: int) -> None:
    """Every so many of them, other ones from leaf to leaf."""
    require_none_ignored(name, step)


@pytest.mark.long
@pytest.mark.parametrize("name", SUBJECTS)
def test_mutants_of_all_packages_are_refused_with_a_code_or_sound(name: str) -> None:
    """Of templates, their 3D models, a study, a design, materials; `benchmarks/bad_input.py` tries every mutant."""
    require_none_ignored(name, step=8)


def test_every_mutation_of_the_list_is_tried_on_every_leaf() -> None:
    """Deleted, emptied, not finite, zero, negative, huge, tiny, other types, other units, a mebibyte of text."""
    tree = SUBJECTS["compliant"]
    for path in leaves(tree):
        written = at(tree, path)
        tries = {mutation for mutation, _ in mutants(written)}
        assert tries >= set(MUTATIONS)
        if isinstance(written, str) and written.endswith((" um", " mm", " MPa", " ppm/K")):
            assert tries >= set(FACTORS), path


def test_a_key_that_is_ignored_is_noticed() -> None:
    """The tally bites: another value that makes the same package is one, the same value or a default's deletion not."""
    tree, path = SUBJECTS["compliant"], ("interconnect", "thickness")
    base = loads(text_of(tree))
    assert at(tree, path) == "5 um"
    for value, effect, as_before in (("6 um", True, False), ("0.005 mm", False, False), ("5 um", False, True)):
        package = loads(text_of(changed(tree, path, value)))
        assert has_effect(package, base, path) == effect
        assert is_as_before(package, base, value) == as_before
    assert is_as_before(base, base, ...)


@pytest.mark.parametrize("path", [("name",), ("chip", "thickness"), ("ball", "material"), ("array", "map")])
def test_a_mebibyte_of_text_in_a_leaf_is_refused(path: Path) -> None:
    """Quickly, and without being printed."""
    tree = SUBJECTS["compliant"]
    assert tried(text_of(changed(tree, path, "x" * MEBIBYTE))).package is None
    value = "x" * MEBIBYTE
    with pytest.raises(ConfigErrors) as caught:
        loads(template("compliant"), {".".join(map(str, path)): value, "chip.width": "0 mm"})
    assert len(str(caught.value)) < 20_000


@pytest.mark.parametrize("line", ["k{} = 1", '[materials.m{}]\nE = "x"', '[materials.m{}]\nbased_on = "m{}x"'])
def test_a_file_full_of_faults_is_refused_in_two_seconds(line: str) -> None:
    """As many as the limit of words admits; the first twenty are printed."""
    text = template("compliant") + "\n".join(line.replace("{}", str(number)) for number in range(3000))
    start = process_time()
    with pytest.raises(ConfigErrors) as caught:
        loads(text)
    assert process_time() - start < QUICK
    assert len(caught.value.faults) == 3000
    assert str(caught.value).count("error[") == 20


@pytest.mark.parametrize("factor", [1e9, 1e-9, 0.0, -1.0])
def test_no_quantity_of_a_template_survives_a_factor_of_a_thousand_million(factor: float) -> None:
    """Lengths, moduli and expansions so far off are no package; temperatures, angles and pure numbers left out."""
    tree = tomllib.loads(template("compliant"))
    for path in leaves(tree):
        value = at(tree, path)
        number, _, unit = value.partition(" ") if isinstance(value, str) else ("", "", "")
        if unit in {"um", "mm", "MPa"}:
            assert tried(text_of(changed(tree, path, f"{float(number) * factor!r} {unit}"))).package is None, path


@pytest.mark.parametrize("based_on", [[], {}, 0, True, float("nan")])
def test_a_base_that_is_no_name_is_not_ignored(based_on: object) -> None:
    """It was, and the material then was another one than was meant."""
    tree = changed(SUBJECTS["compliant"], ("materials", "adhesive", "based_on"), based_on)
    assert tried(text_of(tree)).codes == ("F110",)


def test_a_shear_modulus_that_is_missing_is_asked_for() -> None:
    """It follows from the others only where a material is alike in the plane; G_xy left out ended in a traceback."""
    tree = changed(SUBJECTS["own materials"], ("materials", "laminate", "G_xy"), ...)
    assert tried(text_of(tree)).codes == ("M110",)
    tree["materials"]["laminate"] = {
        "E_xy": "20 GPa", "E_z": "9 GPa", "nu_xy": 0.11, "nu_xz": 0.3, "G_xz": "4 GPa",
        "CTE": "15 ppm/K", "source": "own tests",
    }  # fmt: skip
    assert tried(text_of(tree)).package is not None


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("study", "vary", "land.thickness"), "10 um..20 um:" + "9" * 5000, "P105"),
        (("study",), {"vary": {"land.thickness": "10 um..20 um:" + "9" * 15}}, "P105"),
        (("study",), {"vary": {"land.thickness": "10 um..20 um:" + "9" * 16}}, "P105"),
        (("study", "sample"), "lhs:" + "9" * 5000, "P105"),
        (("study", "sample"), "lhs:1000000000", "P105"),
        (("study", "sample"), "lhs:0", "P109"),
        (("study", "vary", "land.thickness"), "10 um..20 um:0", "P103"),
    ],
)
def test_a_study_of_no_or_countless_points_is_refused(path: Path, value: object, code: str) -> None:
    """However many digits the number has."""
    assert tried(text_of(changed(SUBJECTS["study"], path, value))).codes == (code,)
