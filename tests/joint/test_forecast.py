"""What is foretold of a solve, and what is refused because of it, before anything is meshed."""

import pytest

from fem_wlp import environment
from fem_wlp.analysis.response import surroundings
from fem_wlp.errors import ResourceError
from fem_wlp.joint import forecast as module
from fem_wlp.joint.forecast import forecast, plate_planes, require_fitting
from fem_wlp.joint.section import cell_section
from fem_wlp.mesh.plates import PlateMesh
from fem_wlp.package import loads, template

PITCH = 0.5


def memory_at(fineness: float) -> float:
    """A model whose memory grows with the square of its fineness [MB]."""
    return 100.0 * fineness**2


def refusal(fineness: float, left: float, monkeypatch: pytest.MonkeyPatch) -> ResourceError:
    for each in (module, environment):
        monkeypatch.setattr(each, "available_memory", lambda: int(1e6 * left))
    with pytest.raises(ResourceError) as caught:
        require_fitting(memory_at, fineness)
    return caught.value


@pytest.mark.parametrize(("left", "fits"), [(399.0, 1.95), (100.0, 1.0), (99.0, 0.95), (50.0, 0.7), (6.25, 0.25)])
def test_too_little_memory_is_refused_with_the_finest_mesh_that_fits(
    left: float, fits: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 f² MB ≤ what is left, in steps of 0.05."""
    fault = refusal(2.0, left, monkeypatch)
    assert fault.code == "R301"
    assert fault.hint.startswith(f"model.fineness = {fits:g} ")
    assert f"{memory_at(fits):.0f} MB" in fault.hint


def test_where_nothing_fits_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for fineness in (2.0, 0.25):
        assert refusal(fineness, 6.0, monkeypatch).hint.startswith("not even model.fineness = 0.25")


def test_what_just_fits_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of 400 MB, and not a little more."""
    for each in (module, environment):
        monkeypatch.setattr(each, "available_memory", lambda: 400_000_000)
    require_fitting(memory_at, 2.0)
    with pytest.raises(ResourceError):
        require_fitting(memory_at, 2.001)


def test_a_finer_mesh_is_foretold_to_take_more() -> None:
    """Of a 2D model; the fineness of a 3D one is its array's alone."""
    sizes = [forecast(loads(template("compliant"), {"model.fineness": f})).memory for f in (0.25, 0.5, 1, 2, 4)]
    assert sizes == sorted(sizes)
    plain, solid = ({"model.kind": kind, "model.fineness": 4} for kind in ("2d", "3d"))
    assert forecast(loads(template("compliant"), solid)).memory == sizes[2]
    assert forecast(loads(template("compliant"), plain)).memory == sizes[4]


@pytest.mark.parametrize("margin", [0.0, 6.0])
def test_planes_of_chip_and_board_are_those_that_are_meshed(margin: float) -> None:
    """Also where the chip reaches far beyond its 2 x 4 joints: a fifth less to a quarter more; both halves together."""
    width, length = (count * PITCH + margin for count in (4, 2))
    outline = {"board.width": width + 1.0, "board.length": length + 1.0, "chip.width": width, "chip.length": length}
    array = {"array.pitch": f"{PITCH} mm", "array.rows": 2, "array.columns": 4}
    package = loads(template("conventional"), array | {key: f"{size} mm" for key, size in outline.items()})
    around = surroundings(package, cell_section(package))
    for (plane, planes), plate in zip(
        plate_planes(package, PlateMesh()), (around.chips[0], around.boards[0]), strict=True
    ):
        assert 0.8 < planes / max(2 * len(line) - 1 for line in plate.corners) < 1.25
        assert 0.8 < 2.0 * plane * planes / plate.unknowns < 1.25
