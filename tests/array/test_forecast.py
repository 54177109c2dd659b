"""What is foretold of a resolved array, against the mesh that is then made."""

import re
from time import process_time

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


def package(name: str = "micro-smd", **model: object) -> Package:
    return loads(template(name), {"model.kind": "3d", **{f"model.{key}": value for key, value in model.items()}})


@pytest.mark.parametrize("name", ["micro-smd", "compliant"])
@pytest.mark.parametrize("extent", ["cell", "strip", "eighth", "quarter", "full"])
def test_the_mesh_is_the_one_that_was_foretold(name: str, extent: str) -> None:
    """Elements exactly; nodes within 15 %, those on a narrow mesh's own sides being counted by halves."""
    solid = package(name, extent=extent, fineness=0.5)
    foretold = array_forecast(solid)
    mesh = array_mesh(solid, joint_section(solid), extent_of(solid), Fineness().refined(0.5)).mesh
    assert foretold.elements == len(mesh.cells)
    assert foretold.unknowns == pytest.approx(3 * len(mesh.points), rel=0.15)
    assert str(foretold.unknowns) in str(foretold)
    assert extent in str(foretold)


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


def test_an_array_that_does_not_fit_is_refused_with_the_fineness_that_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is named fits indeed; in less than the two seconds of a refusal, and nothing is meshed."""
    solid = package("compliant", extent="full", fineness=2.0)
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
