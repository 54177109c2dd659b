"""The runner, the table and the page: laws that hold, fail, are refused, skipped, or cannot be computed."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from fem_wlp.errors import ConfigError, MeshError, ResourceError, SolveError
from fem_wlp.report.verification_page import render_verification, write_verification
from fem_wlp.verification.dossier import FAMILIES, LAWS, Dossier, as_data, chosen, examine, require_belief, verify
from fem_wlp.verification.law import Law, Measure, Quantity, near, vanishing, within


def triple(broken: bool) -> tuple[Quantity, ...]:
    """Three times two."""
    return (near("three times two", (2.9 if broken else 3.0) * 2.0, 6.0, 1e-3, "mm"), vanishing("nothing", 0.0, 1e-9))


def always_right(broken: bool) -> tuple[Quantity, ...]:
    return (within("one", 1.0, 1.0, 0.1),)


def always_wrong(broken: bool) -> tuple[Quantity, ...]:
    return (within("one", 2.0, 1.0, 0.1),)


def refusing(broken: bool) -> tuple[Quantity, ...]:
    if broken:
        raise MeshError("E401", "an element is <inverted>")
    return triple(broken)


def crashing(broken: bool) -> tuple[Quantity, ...]:
    raise ZeroDivisionError("by nothing")


def not_a_number(broken: bool) -> tuple[Quantity, ...]:
    return (within("one", float("nan"), 1.0, 0.1),)


def deadly(broken: bool) -> tuple[Quantity, ...]:
    os._exit(1)


def no_program() -> str:
    return "a program is not installed"


HOLDS = Law("triple", "Three times two is six", "3 x 2 = 6", "arithmetic", "2.9 instead of 3", triple)


def run(*laws: Law) -> Dossier:
    return verify(laws)


def test_a_law_that_holds_and_whose_control_fails_is_believed() -> None:
    dossier = run(HOLDS)
    (found,) = dossier.findings
    assert found.passed and found.caught and not dossier.failed and not dossier.unnoticed
    assert found.worst is not None and found.worst.name == "three times two"
    assert dossier.verdict == "1 of 1 laws hold, 1 of 1 broken controls were noticed; 0 skipped."
    require_belief(dossier)


@pytest.mark.parametrize(("measure", "code"), [(always_wrong, "S510"), (always_right, "S511"), (not_a_number, "S510")])
def test_a_law_that_fails_or_notices_nothing_is_refused_by_name(measure: object, code: str) -> None:
    dossier = run(HOLDS, replace(HOLDS, name="other", measure=measure))  # type: ignore[arg-type]
    with pytest.raises(SolveError) as refused:
        require_belief(dossier)
    assert (refused.value.code, refused.value.value, refused.value.exit_code) == (code, "other", 4)


def test_a_broken_control_that_the_program_refuses_is_noticed() -> None:
    found = examine(replace(HOLDS, measure=refusing))
    assert found.passed and found.caught
    assert found.refusal == "E401: an element is <inverted>"


def short_of_memory(broken: bool) -> tuple[Quantity, ...]:
    if broken:
        raise ResourceError("R301", "not enough memory")
    return triple(broken)


def misspelt(broken: bool) -> tuple[Quantity, ...]:
    if broken:
        raise ConfigError("C202", "there is no such law")
    return triple(broken)


def crashing_control(broken: bool) -> tuple[Quantity, ...]:
    return crashing(broken) if broken else triple(broken)


@pytest.mark.parametrize("measure", [short_of_memory, misspelt, crashing_control])
def test_a_control_that_fails_for_another_reason_is_not_noticed(measure: Measure) -> None:
    """Only what mesh or mechanics refuse is noticed; any other fault is one of the law, whose numbers are kept."""
    found = examine(replace(HOLDS, measure=measure))
    assert not found.caught and not found.refusal and not found.passed
    assert found.fault.startswith("its control: ")
    assert found.quantities == triple(False)
    with pytest.raises(SolveError) as refused:
        require_belief(run(replace(HOLDS, measure=measure)))
    assert refused.value.code == "S510"


def test_a_law_that_cannot_be_computed_fails_and_the_others_go_on() -> None:
    dossier = run(replace(HOLDS, name="other", measure=crashing), HOLDS)
    assert [each.law.name for each in dossier.failed] == ["other"]
    assert dossier.findings[0].fault == "ZeroDivisionError: by nothing"
    assert not dossier.findings[0].caught
    assert "by nothing" in render_verification(dossier)


def test_what_the_machine_lacks_skips_a_law_and_says_so() -> None:
    dossier = run(HOLDS, replace(HOLDS, name="other", missing=no_program))
    assert [each.skipped for each in dossier.skipped] == ["a program is not installed"]
    assert "1 skipped" in dossier.verdict
    require_belief(dossier)
    assert as_data(dossier)["laws"][1]["passed"] is None
    assert "a program is not installed" in render_verification(dossier)


def test_a_dossier_of_skipped_laws_only_is_no_belief() -> None:
    """A check that checked nothing doesn't end as if it had."""
    dossier = run(replace(HOLDS, missing=no_program), replace(HOLDS, name="other", missing=no_program))
    with pytest.raises(ResourceError) as refused:
        require_belief(dossier)
    assert (refused.value.code, refused.value.value, refused.value.exit_code) == ("R315", "triple, other", 3)
    assert refused.value.hint == "a program is not installed"
    assert as_data(dossier)["believed"] is False
    assert "Green." not in render_verification(dossier)


def test_which_quantities_a_control_turns_is_told() -> None:
    """Of two, the one that it changes; all of them where the program refuses it."""
    found = examine(HOLDS)
    assert found.turned == ("three times two",)
    assert as_data(run(HOLDS))["laws"][0]["control"]["turned"] == ["three times two"]
    assert examine(replace(HOLDS, measure=refusing)).turned == ("three times two", "nothing")


def test_laws_are_chosen_by_name_or_by_their_quickness() -> None:
    assert chosen() == tuple(LAWS.values())
    assert [law.name for law in chosen(only=["torsion"])] == ["torsion"]
    quick = chosen(quick=True)
    assert 0 < len(quick) < len(LAWS) and all(law.quick for law in quick)
    assert len(LAWS) == sum(map(len, FAMILIES.values()))  # no two of one name
    with pytest.raises(ConfigError) as refused:
        chosen(only=["torsoin"])
    assert refused.value.code == "C202" and "torsion" in refused.value.hint


def test_several_processes_find_what_one_does() -> None:
    """In the order that was asked for, whatever finishes first; the slow ones begin first."""
    told: list[str] = []
    laws = (HOLDS, replace(HOLDS, name="slow", quick=False), replace(HOLDS, name="third", measure=always_wrong))
    dossier = verify(laws, workers=2, tell=told.append)
    assert [each.law.name for each in dossier.findings] == ["triple", "slow", "third"]
    assert [each.quantities for each in dossier.findings] == [each.quantities for each in run(*laws).findings]
    assert told[-1] == "laws: 3 of 3"


def test_a_process_that_ends_is_told() -> None:
    with pytest.raises(ResourceError) as refused:
        verify((HOLDS, replace(HOLDS, name="deadly", measure=deadly)), workers=2)
    assert refused.value.code == "R313"


QUANTITY = {"name": str, "unit": str, "computed": (float, type(None)), "expected": float, "tolerance": float}
LAW = {
    "name": str,
    "family": str,
    "title": str,
    "statement": str,
    "source": str,
    "skipped": (str, type(None)),
    "passed": (bool, type(None)),
    "fault": (str, type(None)),
    "quantities": list,
    "control": dict,
    "seconds": float,
}
CONTROL = {"wrong": str, "caught": (bool, type(None)), "refusal": (str, type(None)), "turned": list, "quantities": list}
WHOLE = {"verdict": str, "believed": bool, "selection": str, "provenance": dict, "laws": list}


def require_shape(data: dict[str, object], shape: dict[str, type | tuple[type, ...]]) -> None:
    assert set(data) == set(shape)
    for key, kind in shape.items():
        assert isinstance(data[key], kind), key


def test_the_table_has_one_shape_whatever_was_found() -> None:
    """Keys and types of ``verification.json``, as docs/verification.md lists them, for every kind of finding."""
    laws = [HOLDS, replace(HOLDS, name="skipped", missing=no_program)]
    for name, measure in (("refused", refusing), ("crashed", crashing), ("nan", not_a_number), ("wrong", always_wrong)):
        laws.append(replace(HOLDS, name=name, measure=measure))  # type: ignore[arg-type]
    data = json.loads(json.dumps(as_data(run(*laws)), allow_nan=False))
    require_shape(data, WHOLE)
    assert data["believed"] is False
    for law in data["laws"]:
        require_shape(law, LAW)
        require_shape(law["control"], CONTROL)
        for quantity in (*law["quantities"], *law["control"]["quantities"]):
            require_shape(quantity, {**QUANTITY, "passed": bool})
    text = (Path(__file__).parents[2] / "docs" / "verification.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE)) >= {*WHOLE, *LAW, *QUANTITY}


def test_the_folder_is_written_whole(tmp_path: Path) -> None:
    """Both files; the page names law, numbers, source and what the control did."""
    page = write_verification(run(HOLDS), tmp_path / "folder")
    assert sorted(path.name for path in page.parent.iterdir()) == ["verification.html", "verification.json"]
    text = page.read_text("utf-8")
    for shown in ("Three times two is six", "3 x 2 = 6", "arithmetic", "2.9 instead of 3", "5.8", "Green."):
        assert shown in text
    assert json.loads((page.parent / "verification.json").read_text("utf-8"))["believed"]


def test_a_fault_leaves_the_table_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or none where none was."""
    write_verification(run(HOLDS), tmp_path)
    before = (tmp_path / "verification.json").read_text("utf-8")

    def full(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    for folder in (tmp_path, tmp_path / "other"):
        with pytest.raises(ResourceError) as refused:
            write_verification(run(replace(HOLDS, measure=always_wrong)), folder)
        assert refused.value.code == "R305"
    assert (tmp_path / "verification.json").read_text("utf-8") == before
    assert not (tmp_path / "other").exists()


def test_what_is_wrong_is_red_on_the_page() -> None:
    dossier = run(HOLDS, replace(HOLDS, name="other", measure=always_wrong))
    assert "Not to be believed." in render_verification(dossier)
    assert "Not noticed" in render_verification(run(replace(HOLDS, measure=always_right)))
    assert "&lt;inverted&gt;" in render_verification(run(replace(HOLDS, measure=refusing)))
