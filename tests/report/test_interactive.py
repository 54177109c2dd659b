"""The window on a resolved array: what it holds, and what is said where it cannot be opened."""

import sys

import numpy as np
import pytest

from fem_wlp import report
from fem_wlp.errors import ConfigError, ResourceError
from fem_wlp.report.interactive import _cells, plotter_of
from fem_wlp.report.outer_faces import images
from fem_wlp.results import ArrayField, Result


def test_without_pyvista_the_line_that_installs_it_is_printed(
    resolved_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyvista", None)
    with pytest.raises(ResourceError) as refused:
        report.view(resolved_result)
    assert refused.value.code == "R306"
    assert 'pip install ".[interactive]"' in (refused.value.hint or "")


def test_condensed_joints_cannot_be_viewed(compliant_result: Result) -> None:
    """Said before anything is asked of the machine."""
    with pytest.raises(ConfigError) as refused:
        report.view(compliant_result)
    assert refused.value.code == "C206"


def test_small_cells_fill_the_elements_of_every_image(resolved_result: Result) -> None:
    """Volumes of hexahedra, each as six tetrahedra around a diagonal: those of the mesh, to the bulges they miss."""
    field = resolved_result.field
    assert isinstance(field, ArrayField)
    mesh = field.mesh

    def whole(centres: object, regions: np.ndarray, places: object) -> np.ndarray:
        return regions == mesh.names.index("chip")

    bodies = images(mesh, 0.0 * mesh.points, np.zeros(mesh.cells.shape), field.turns, whole)
    cells, kinds, points = _cells(bodies)
    corners = points[cells.reshape(-1, 9)[:, 1:]]
    assert (kinds == 12).all()
    tetrahedra = [(0, a, b, 6) for a, b in ((1, 2), (2, 3), (3, 7), (7, 4), (4, 5), (5, 1))]
    volume = sum(
        np.linalg.det(np.stack([corners[:, k] - corners[:, i] for k in (j, m, n)], axis=1)) / 6.0
        for i, j, m, n in tetrahedra
    )
    chip = resolved_result.package.chip
    assert (volume > 0.0).all()
    assert volume.sum() == pytest.approx(chip.width * chip.length * chip.thickness, rel=1e-9)


@pytest.mark.parametrize("colours", ["part", "displacement", "von_mises"])
def test_the_window_shows_the_array(colours: str, resolved_result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn without a screen: the picture is not empty."""
    pyvista = pytest.importorskip("pyvista", reason="the extra 'interactive' is not installed")
    monkeypatch.setattr(pyvista, "OFF_SCREEN", True)
    plotter = plotter_of(resolved_result, colours)  # type: ignore[arg-type]
    picture = plotter.screenshot(return_img=True, window_size=(320, 240))
    plotter.close()
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 50
