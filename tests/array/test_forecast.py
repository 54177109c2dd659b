"""What is foretold of a resolved array, against the mesh that is then made."""

import re
import subprocess
import sys
from time import process_time

import numpy as np
import pytest

from fem_wlp import environment
from fem_wlp.array.blocks import Fineness
from fem_wlp.array.forecast import array_forecast, require_array_memory
from fem_wlp.array.layout import array_mesh
from fem_wlp.errors import ResourceError
from fem_wlp.joint import forecast
from fem_wlp.joint.section import joint_section
from fem_wlp.package import Package, loads, template
from fem_wlp.package.geometry import extent_of

from .bricks import small_package

TEMPLATES = ("compliant", "conventional", "micro-smd", "paste")


def resolved(**model: object) -> dict[str, object]:
    return {"model.kind": "3d", **{f"model.{key}": value for key, value in model.items()}}


def package(name: str = "micro-smd", **model: object) -> Package:
    return loads(template(name), resolved(**model))


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("extent", ["cell", "strip", "eighth", "quarter", "full"])
def test_the_mesh_is_the_one_that_was_foretold(name: str, extent: str) -> None:
    """Elements, those that are no copies, and unknowns, exactly, of every part of every template."""
    solid = package(name, extent=extent, fineness=0.25)
    foretold = array_forecast(solid)
    mesh = array_mesh(solid, joint_section(solid), extent_of(solid), Fineness().refined(0.25)).mesh
    assert (foretold.elements, foretold.unknowns) == (len(mesh.cells), 3 * len(mesh.points))
    assert foretold.distinct == len(np.unique(mesh.twins))
    assert str(foretold.unknowns) in str(foretold)
    assert extent in str(foretold)


def test_holes_margins_and_a_board_beyond_are_foretold() -> None:
    """Plain columns are counted as they are welded; elements and unknowns exactly."""
    changes = {"array.map": "OOO\nO.O\nOOO", "array.rows": None, "array.columns": None, "model.kind": "3d"}
    sizes = {"chip.width": "1.55 mm", "chip.length": "1.8 mm", "board.width": "3 mm", "board.length": "2.6 mm"}
    solid = small_package({**changes, **sizes, "model.extent": "full", "model.fineness": 0.25})
    mesh = array_mesh(solid, joint_section(solid), "full", Fineness().refined(0.25)).mesh
    foretold = array_forecast(solid)
    assert (foretold.elements, foretold.unknowns) == (len(mesh.cells), 3 * len(mesh.points))


def test_an_open_extent_is_foretold_as_the_smallest() -> None:
    """Less than half of a quarter's elements and more than half of an eighth's are the diagonal's."""
    eighth, quarter = (array_forecast(package(extent=extent)) for extent in ("eighth", "quarter"))
    assert array_forecast(package()) == eighth
    assert quarter.elements / 2 < eighth.elements < quarter.elements


def test_more_joints_and_a_finer_mesh_take_more() -> None:
    """Memory and seconds follow the unknowns; a given fineness goes before the package's own."""
    sizes = [array_forecast(package(fineness=fineness)) for fineness in (0.5, 1.0, 1.5)]
    for name in ("elements", "unknowns", "memory", "seconds"):
        assert [getattr(size, name) for size in sizes] == sorted(getattr(size, name) for size in sizes)
    assert array_forecast(package(fineness=0.5), 1.5) == sizes[-1]
    rows = package().replace("array.rows", 4)
    assert array_forecast(rows.replace("array.columns", 4)).unknowns < sizes[1].unknowns


TAKEN = """
import fem_wlp
fem_wlp.solve(fem_wlp.loads(fem_wlp.template("conventional"), {changes}))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
"""A program that solves, and prints the peak of its memory in kB; getrusage would count what it was forked from."""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("extent", "fineness"), [("strip", 0.25), ("eighth", 0.25)])
def test_a_solve_takes_the_memory_that_was_foretold(extent: str, fineness: float) -> None:
    """Within 0.6 to 1.7 times: numba's compilation, where its cache is cold, takes 0.15 GB more."""
    solid = package("conventional", extent=extent, fineness=fineness)
    program = TAKEN.format(changes=resolved(extent=extent, fineness=fineness))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=600)
    taken = 1.024e-3 * float(done.stdout)
    assert taken / 1.7 < array_forecast(solid).memory < taken / 0.6


def test_an_array_that_does_not_fit_is_refused_with_the_fineness_that_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is named fits indeed; in less than the two seconds of a refusal, and nothing is meshed."""
    solid = package("compliant", extent="full", fineness=1.5)
    left = array_forecast(solid, 0.6).memory + 1.0
    for module in (environment, forecast):
        monkeypatch.setattr(module, "available_memory", lambda: int(1e6 * left))
    start = process_time()
    with pytest.raises(ResourceError) as caught:
        require_array_memory(solid)
    assert process_time() - start < 2.0
    assert caught.value.code == "R301"
    named = re.match(r"model\.fineness = (\S+) ", caught.value.hint)
    assert named
    assert 0.6 <= float(named[1]) < 0.8
    require_array_memory(package("compliant", extent="full", fineness=float(named[1])))


@pytest.mark.parametrize("fineness", [2.5, pytest.param(3.0, marks=pytest.mark.long)])
def test_a_cell_with_its_line_is_foretold_without_meshing_its_finest(
    fineness: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a fineness of 2 to a quarter of what is counted, with as many elements around as at 2, or more."""
    solid = loads(template("conventional"), {"model.kind": "3d", "model.extent": "cell"})
    told = array_forecast(solid, fineness).unknowns
    monkeypatch.setattr("fem_wlp.array.forecast.FINEST_COUNTED", 4.0)
    counted = array_forecast(solid, fineness).unknowns
    assert told != counted
    assert told == pytest.approx(counted, rel=0.25)


def test_processes_that_share_systems_need_memory_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one process needs is too little for four of them on this machine."""
    solid = package(extent="quarter", fineness=0.25)
    alone = array_forecast(solid)
    assert alone.alone == alone.memory
    for module in (forecast, environment):
        monkeypatch.setattr(module, "available_memory", lambda: int(1.01e6 * alone.memory))
    require_array_memory(solid)
    with pytest.raises(ResourceError) as refusal:
        require_array_memory(solid, processes=4, here=4)
    assert refusal.value.code == "R301"
