"""The result folder is written whole or not at all."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest

from fem_wlp.errors import ResourceError
from fem_wlp.package import Package, loads, resolved_toml, template
from fem_wlp.report import folder, whole, write
from fem_wlp.report.pictures import Picture
from fem_wlp.results import ArrayField, Result, as_data

from ..disk import contents, disk_of

CHECKOUT = Path(__file__).parents[2]

OPEN_KEYS = (
    "units",
    "decoupling.shift_budget",
    "decoupling.energy_budget",
    "parts.ball_stress",
    "process.steps[].parts",
)
"""Tables whose keys depend on the package or the machine; documented as KEY.*"""

PICTURES = ("section", "array", "limits", "shift_budget", "energy_budget", "critical_joint")
PICTURES += ("map_decoupling", "map_shear_force", "curve_one")


@pytest.fixture(autouse=True)
def blank_pictures(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Pictures are tested elsewhere; here they only take up room on the disk."""
    if "with_pictures" not in request.fixturenames:
        blank = tuple(Picture(name, "nothing", (4.6, 3.0), b"png", b"<svg/>") for name in PICTURES)
        monkeypatch.setattr(folder, "all_pictures", lambda result, beside: blank)


@pytest.fixture
def with_pictures() -> None:
    """Ask for the real ones."""


@pytest.mark.long
def test_a_resolved_array_becomes_a_whole_folder(resolved_result: Result, tmp_path: Path, with_pictures: None) -> None:
    """Its fields are those of all that is meshed, region by region."""
    write(resolved_result, tmp_path)
    files = contents(tmp_path)
    assert {f"figures/{name}.png" for name in ("deformed", "deformed_stress", "critical_joint")} <= set(files)
    field, grid = resolved_result.field, meshio.read(tmp_path / "fields.vtu")
    assert isinstance(field, ArrayField)
    assert np.array_equal(grid.cell_data["region"][0], field.mesh.regions)
    assert np.abs(grid.point_data["displacement_mm"]).max() == pytest.approx(
        np.abs(field.displacement).max(), rel=1e-12
    )


def other(result: Result) -> Result:
    """A result of another package."""
    return replace(result, package=result.package.replace("land.thickness", "30 um"))


def test_a_result_becomes_a_whole_folder(compliant_result: Result, tmp_path: Path, with_pictures: None) -> None:
    made = write(compliant_result, tmp_path / "deep" / "results")
    files = contents(tmp_path / "deep" / "results")
    assert made == tmp_path / "deep" / "results" / "report.html"
    assert {"report.html", "results.json", "package.toml", "fields.vtu", "figures/section.svg"} <= set(files)
    assert all(files.values())
    assert {name.rsplit(".", 1)[1] for name in files if name.startswith("figures/")} == {"png", "svg"}


def test_results_json_is_the_result(compliant_result: Result, tmp_path: Path) -> None:
    """Strict JSON: no NaN, and null where a figure is undefined."""

    def refuse(constant: str) -> Any:
        raise AssertionError(constant)

    write(compliant_result, tmp_path)
    data = json.loads((tmp_path / "results.json").read_text("utf-8"), parse_constant=refuse)
    assert data == json.loads(json.dumps(as_data(compliant_result)))


def test_package_toml_can_be_solved_again(compliant_result: Result, tmp_path: Path) -> None:
    write(compliant_result, tmp_path)
    again = loads((tmp_path / "package.toml").read_text("utf-8"))
    assert again.chip == compliant_result.package.chip
    assert again.ball == compliant_result.package.ball
    assert again.temperatures == compliant_result.package.temperatures


def test_the_same_package_may_be_solved_into_its_folder_again(compliant_result: Result, tmp_path: Path) -> None:
    """Also when it was read from another file: what counts is what it says."""
    write(compliant_result, tmp_path)
    from_elsewhere = replace(compliant_result, package=loads("# moved\n\n" + template("compliant")), notes=("second",))
    write(from_elsewhere, tmp_path)
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["notes"] == ["second"]


def test_another_packages_results_are_refused_and_kept(compliant_result: Result, tmp_path: Path) -> None:
    write(compliant_result, tmp_path)
    before = contents(tmp_path)
    with pytest.raises(ResourceError, match="another configuration") as refused:
        write(other(compliant_result), tmp_path)
    assert refused.value.code == "R303"
    assert str(tmp_path) in refused.value.where
    assert "--overwrite" in refused.value.hint
    assert contents(tmp_path) == before


def test_with_overwrite_they_are_replaced(compliant_result: Result, tmp_path: Path) -> None:
    write(compliant_result, tmp_path)
    write(other(compliant_result), tmp_path, overwrite=True)
    assert loads((tmp_path / "package.toml").read_text("utf-8")).land.thickness == pytest.approx(0.03)
    assert not [name for name in contents(tmp_path) if name.startswith(".")]


@pytest.mark.parametrize("name", ["report.html", "results.json"])
def test_a_file_that_is_not_ours_is_not_replaced(name: str, compliant_result: Result, tmp_path: Path) -> None:
    (tmp_path / name).write_text("somebody's own")
    with pytest.raises(ResourceError) as refused:
        write(compliant_result, tmp_path)
    assert refused.value.code == "R303"
    assert contents(tmp_path) == {name: b"somebody's own"}


def test_other_files_in_the_folder_are_left_alone(compliant_result: Result, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    (tmp_path / "section.svg").write_text("drawn by check")
    write(compliant_result, tmp_path)
    write(compliant_result, tmp_path)
    assert (tmp_path / "notes" / "mine.txt").read_text() == "mine"
    assert (tmp_path / "section.svg").read_text() == "drawn by check"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_cannot_be_a_folder_is_refused(place: str, compliant_result: Result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(ResourceError) as refused:
        write(compliant_result, tmp_path / place)
    assert refused.value.code == "R302"
    assert contents(tmp_path) == {"file": b"a file"}


def test_a_folder_without_permission_is_refused(
    compliant_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*args: object, **options: object) -> str:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(whole.tempfile, "mkdtemp", deny)
    with pytest.raises(ResourceError, match="Permission denied") as refused:
        write(compliant_result, tmp_path)
    assert refused.value.code == "R302"


@pytest.mark.parametrize("size", [100, 20_000, 60_000])
def test_a_full_disk_leaves_the_previous_result(size: int, compliant_result: Result, tmp_path: Path) -> None:
    """Whichever file it is that doesn't fit."""
    write(compliant_result, tmp_path)
    before = contents(tmp_path)
    with disk_of(size), pytest.raises(ResourceError) as refused:
        write(other(compliant_result), tmp_path, overwrite=True)
    assert refused.value.code == "R305"
    assert contents(tmp_path) == before


def test_a_full_disk_leaves_no_folder_where_there_was_none(compliant_result: Result, tmp_path: Path) -> None:
    with disk_of(20_000), pytest.raises(ResourceError) as refused:
        write(compliant_result, tmp_path / "new" / "results")
    assert refused.value.code == "R305"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", range(1, 13))
def test_a_fault_while_moving_in_puts_everything_back(
    step: int, compliant_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six entries move out and six in; whichever of the twelve moves fails."""
    write(compliant_result, tmp_path)
    before = contents(tmp_path)
    moves, rename = iter(range(1, 100)), Path.rename

    def fail_once(self: Path, target: Path) -> Path:
        if next(moves) == step:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(ResourceError):
        write(other(compliant_result), tmp_path, overwrite=True)
    assert contents(tmp_path) == before


def test_results_json_is_the_first_to_go_and_the_last_to_come(
    compliant_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a folder with it is whole, even when the machine stops between two moves."""
    write(compliant_result, tmp_path)
    rename: Callable[[Path, Path], Path] = Path.rename
    seen = []

    def watch(self: Path, target: Path) -> Path:
        seen.append(self.name)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", watch)
    write(compliant_result, tmp_path)
    assert seen[0] == seen[-1] == "results.json"


def keys(value: Any, at: str = "") -> Iterator[str]:
    if at in OPEN_KEYS:
        item = next(iter(value.values()))
        yield from keys(item, f"{at}.*") if isinstance(item, dict) else (f"{at}.*",)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from keys(item, f"{at}.{key}" if at else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from keys(value[0], f"{at}[]")
    else:
        yield at


def test_every_key_of_results_json_is_documented(
    compliant_result: Result, resolved_result: Result, process_result: Result
) -> None:
    """And nothing is documented that isn't there. Only some results have a comparison, only some a process."""
    documented = set(re.findall(r"^\| `([^`]+)` \|", json_table(), re.MULTILINE))
    compared = {key for key in documented if key.startswith("comparison")}
    made = {key for key in documented if key.startswith("process")}
    always = documented - compared - made
    assert set(keys(as_data(resolved_result))) == always | compared | {"process"}
    assert set(keys(as_data(process_result))) == always | made | {"comparison"}
    assert set(keys(as_data(compliant_result))) == always | {"comparison", "process"}


def json_table() -> str:
    page = (CHECKOUT / "docs" / "results.md").read_text("utf-8")
    return page[page.index("## results.json") : page.index("## fields.vtu")]


def test_every_entry_of_the_folder_is_documented() -> None:
    page = (CHECKOUT / "docs" / "results.md").read_text("utf-8")
    assert all(f"`{name}" in page for name in folder.ENTRIES)


def test_a_package_from_before_is_no_reason_to_overwrite(compliant_result: Result, tmp_path: Path) -> None:
    """A package file that can no longer be read may be anybody's."""
    write(compliant_result, tmp_path)
    (tmp_path / "package.toml").write_text("name = 3\n")
    with pytest.raises(ResourceError) as refused:
        write(compliant_result, tmp_path)
    assert refused.value.code == "R303"


def test_packages_are_told_apart_by_any_key(compliant_result: Result, tmp_path: Path) -> None:
    base: Package = compliant_result.package
    for path, value in (("name", "another"), ("array.pitch", "0.51 mm"), ("ball.material", "SAC305")):
        file = tmp_path / "package.toml"
        file.write_text(resolved_toml(base.replace(path, value)), "utf-8")
        assert not folder._same_package(base, file)
    file.write_text(resolved_toml(base), "utf-8")
    assert folder._same_package(base, file)
