"""A package made by its process, resolved in three dimensions, against joint cell and assembly."""

from __future__ import annotations

import json

import pytest

from fem_wlp.analysis import job
from fem_wlp.analysis.resolved import solve_resolved
from fem_wlp.package import loads, template
from fem_wlp.results import ProcessResult, Result, as_data

CHANGES = {
    "array.rows": 3,
    "array.columns": 3,
    "chip.width": "1.5 mm",
    "board.width": "2.5 mm",
    "model.kind": "3d",
    "model.extent": "eighth",
    "model.fineness": 0.85,
}

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def solved() -> tuple[Result, Result]:
    """The resolved result, and the condensed one of the same package."""
    package = loads(template("paste-process"), CHANGES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "curves_of", lambda *_: ())
        return solve_resolved(package), job.solve(package)


def processes(solved: tuple[Result, Result]) -> tuple[ProcessResult, ProcessResult]:
    resolved, condensed = (one.process for one in solved)
    assert resolved is not None
    assert condensed is not None
    return resolved, condensed


def test_both_models_agree_on_figure_and_force(solved: tuple[Result, Result]) -> None:
    """D within 0.02, shear forces within 5 %; and on the part of it that is the history's, within a third of it."""
    rows = {row.name: row.difference for row in solved[0].comparison}
    assert abs(rows["D of the joint where both differ most"] or 1.0) < 0.02
    assert abs(rows["shear force of the joint where both differ most"] or 1.0) < 0.05
    shares = [
        result.decoupling.figure - process.one_step.figure
        for result, process in zip(solved, processes(solved), strict=True)
    ]
    assert shares[0] == pytest.approx(shares[1], rel=0.33)
    assert shares[0] < -1e-4


def test_both_models_agree_on_bow_and_warpage(solved: tuple[Result, Result]) -> None:
    """Of the wafer within 1 % of the largest before grinding, of chips within 5 % of the largest."""
    resolved, condensed = processes(solved)
    pairs = list(zip(resolved.steps, condensed.steps, strict=True))
    assert [(one.step, one.name, one.body, one.born) for one, _ in pairs] == [
        (other.step, other.name, other.body, other.born) for _, other in pairs
    ]
    thick = [pair for pair in pairs if pair[0].bow is not None and not pair[0].name.startswith("grind")]
    scale = max(abs(other.bow_at_room or 0.0) for _, other in thick)
    for one, other in thick:
        assert one.bow == pytest.approx(other.bow, abs=0.01 * scale)
        assert one.bow_at_room == pytest.approx(other.bow_at_room, abs=0.01 * scale)
    scale = max(abs(one.chip) for one in condensed.reflow)
    for one, other in zip(resolved.reflow, condensed.reflow, strict=True):
        assert one.chip == pytest.approx(other.chip, abs=0.05 * scale)
    assert resolved.reflow[0].chip > 0.0 > resolved.reflow[-1].chip


def test_every_step_is_told_and_newborn_parts_are_free_of_stress(solved: tuple[Result, Result]) -> None:
    """Plain data; stresses of what covers the wafer are those of the condensed model to 1 %, of newborn parts none."""
    resolved, condensed = processes(solved)
    for one, other in zip(resolved.steps, condensed.steps, strict=True):
        assert set(one.parts) == set(other.parts)
        if one.body == "wafer" and "first_layer" in one.parts:
            known = other.parts["first_layer"].in_plane
            assert one.parts["first_layer"].in_plane == pytest.approx(known, rel=0.01, abs=0.01)
    remelted = next(step for step in resolved.steps if "cylinder" in step.born)
    assert max(remelted.parts[name].von_mises for name in remelted.born) < 1e-6 * remelted.parts["chip"].von_mises
    assert json.loads(json.dumps(as_data(solved[0]), allow_nan=False))["process"]["steps"][0]["bow"] is not None
