"""Single figures are those of the whole result, to the last digit, and rest on the same certificates."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from fem_wlp.analysis import figures as module
from fem_wlp.analysis import solve
from fem_wlp.analysis.figures import figures
from fem_wlp.errors import ConfigError, SolveError
from fem_wlp.package import loads, template
from fem_wlp.results import as_data
from fem_wlp.study.recorded import unit_of
from fem_wlp.verification.packages import package

COARSE = {"model.fineness": 0.5}


def numbers(tree: Any, path: str = "") -> Iterator[tuple[str, float | None]]:
    """Every number of a tree by its path."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield from numbers(value, f"{path}.{key}".removeprefix("."))
    if tree is None or isinstance(tree, int | float):
        yield path, tree


@pytest.mark.parametrize("case", ["conventional", "soft"])
def test_every_figure_is_that_of_the_whole_result_to_the_last_digit(case: str) -> None:
    """Asked together and one by one; a cycle, whose figures are differences, has all branches."""
    cycled = package(case, {**COARSE, "temperatures": {"assembly": "125 degC", "cycle": ["-40 degC", "100 degC"]}})
    whole = as_data(solve(cycled))
    for left_out in ("package", "units", "curves", "notes", "comparison", "process"):
        del whole[left_out]
    expected = dict(numbers(whole))
    assert len(expected) > 100
    assert figures(cycled, list(expected)) == expected
    for key in ("decoupling.figure", "joint.stiffness.lateral", "certificates.discretisation_error.figure"):
        assert figures(cycled, [key]) == {key: expected[key]}
    for key in expected:
        if not key.endswith((".row", ".column")):
            unit_of(key)


def test_plates_that_are_used_again_change_no_digit() -> None:
    """Another joint height, another expansion, another chip: each answers as if it were the first."""
    changes = ({}, {"ball.diameter": "310 um"}, {"materials.die.CTE": "3 ppm/K"}, {"chip.thickness": "0.2 mm"})
    packages = [package("soft", {**COARSE, **change}) for change in changes]
    keys = ["decoupling.figure", "warpage.board"]
    in_a_row = [figures(each, keys) for each in packages]
    module._SHELF._kept.clear()
    for each, answer in zip(packages, in_a_row, strict=True):
        module._SHELF._kept.clear()
        assert figures(each, keys) == answer


@pytest.mark.parametrize("changes", [{"model.kind": "3d"}, None], ids=["3d", "process"])
def test_figures_of_what_has_no_shorter_way_are_read_from_a_whole_result(
    changes: dict[str, object] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolved array and a package with a process are solved, once, for all that is asked."""
    other, asked = solve(package("soft", COARSE)), []
    monkeypatch.setattr(module, "solve", lambda package: asked.append(package) or other)
    whole = package("soft", changes) if changes else loads(template("paste-process"))
    found = figures(whole, ["decoupling.figure", "warpage.board"])
    assert found == {"decoupling.figure": other.decoupling.figure, "warpage.board": other.warpage.board}
    assert asked == [whole]


def test_a_figure_that_no_result_has_is_refused() -> None:
    with pytest.raises(KeyError, match=r"joints\.99"):
        figures(package("soft", COARSE), ["joints.99.dnp"])


def test_figures_are_refused_as_the_result_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mismatch, and where the assembly does not balance."""
    everything = ("die", "laminate", "dielectric", "metal", "solder", "stiff_layer")
    alike = {**COARSE, **{f"materials.{name}.CTE": "16 ppm/K" for name in everything}}
    with pytest.raises(ConfigError, match="expand alike"):
        figures(package("paste", alike), ["decoupling.figure"])
    respond = module.respond

    def unbalanced(*arguments: Any) -> Any:
        response = respond(*arguments)
        spoilt = [
            replace(each, certificates=replace(each.certificates, equilibrium=1e-3)) for each in response.solutions
        ]
        return replace(response, solutions=tuple(spoilt))

    monkeypatch.setattr(module, "respond", unbalanced)
    with pytest.raises(SolveError) as refused:
        figures(package("soft", COARSE), ["decoupling.figure"])
    assert refused.value.code == "S503"


def test_a_branch_is_no_figure() -> None:
    with pytest.raises(KeyError, match="decoupling is no number"):
        figures(package("soft", COARSE), ["decoupling"])


def test_the_branches_of_a_lazy_result_are_known_before_they_are_computed() -> None:
    lazy = module._Lazy(None)  # type: ignore[arg-type]
    assert len(lazy) == len(list(lazy)) > 5
    assert "decoupling" in set(lazy)
