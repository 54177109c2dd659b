"""Quadrilaterals around a circle: they fill the box, follow outlines, and meet the circle's given nodes."""

import math

import gmsh
import numpy as np
import pytest

from fem_wlp.errors import MeshError
from fem_wlp.mesh import planform as module
from fem_wlp.mesh.planform import planform
from fem_wlp.mesh.revolve import even_angles, swept, welded_mesh

from .solids import volumes

BOX = (1.0, 0.8, 0.9, 1.1)
SQUARE = ((0.4, -0.1), (0.7, -0.1), (0.7, 0.2), (0.4, 0.2))
STRIP = ((0.5, -0.05), (2.0, -0.05), (2.0, 0.1), (0.5, 0.1))


def areas(shapes: tuple, around: int = 16) -> dict[str, float]:
    plan, names = planform(even_angles(around), 0.3, BOX, shapes, 0.1, 0.5, 0.3)
    kinds = sorted(set(names))
    bricks = swept(plan, np.array([0.0, 0.5, 1.0]), np.array([[kinds.index(name) for name in names]]))
    return volumes(welded_mesh(bricks, tuple(kinds), 0))


def test_a_planform_fills_the_box_around_its_circle() -> None:
    """Area of the box less that of the circle, which is of 16 parabolas: 1e-4 of it."""
    assert areas(())[""] == pytest.approx(1.9 * 1.9 - math.pi * 0.09, rel=1e-5)


def test_shapes_have_their_areas_where_later_ones_leave_them() -> None:
    """A strip that a square covers in part, and that leaves the box."""
    found = areas((("strip", STRIP), ("square", SQUARE)))
    assert found["square"] == pytest.approx(0.09, rel=1e-9)
    assert found["strip"] == pytest.approx(0.3 * 0.15, rel=1e-9)


def test_the_circle_s_nodes_are_the_given_ones() -> None:
    """To the last bit, however gmsh rounds; each of them is there."""
    angles = even_angles(16)
    plan, _ = planform(angles, 0.3, BOX, (), 0.1, 0.5, 0.3)
    places = 0.3 * np.column_stack([np.cos(angles), np.sin(angles)])
    on = plan[np.abs(np.hypot(plan[..., 0], plan[..., 1]) - 0.3) < 1e-9]
    assert {tuple(place) for place in on} == {tuple(place) for place in places}


def test_an_outline_that_meets_the_circle_between_its_nodes_is_refused() -> None:
    """E407: gmsh would have to divide the circle in another way than the joint is divided."""
    strip = ((0.0, -0.05), (0.6, -0.05), (0.6, 0.07), (0.0, 0.07))
    with pytest.raises(MeshError, match="in another way than the joint") as refused:
        planform(even_angles(16), 0.3, BOX, (("strip", strip),), 0.1, 0.5, 0.3)
    assert refused.value.code == "E407"


def test_somebody_else_s_gmsh_stays_as_it_is() -> None:
    """Their model is current again, and their options have their values."""
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    try:
        gmsh.model.add("theirs")
        gmsh.option.setNumber("Mesh.RecombineAll", 0.0)
        gmsh.option.setNumber("Mesh.RecombinationAlgorithm", 2.0)
        areas(())
        assert gmsh.model.getCurrent() == "theirs"
        assert gmsh.option.getNumber("Mesh.RecombineAll") == 0.0
        assert gmsh.option.getNumber("Mesh.RecombinationAlgorithm") == 2.0
    finally:
        gmsh.finalize()


def test_a_planform_with_triangles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """E407: where gmsh leaves the triangles as they are."""
    kept = {**module._QUADRILATERALS, "Mesh.RecombineAll": 0.0, "Mesh.SubdivisionAlgorithm": 0.0}
    monkeypatch.setattr(module, "_QUADRILATERALS", kept)
    with pytest.raises(MeshError, match="leaves triangles") as refused:
        areas(())
    assert refused.value.code == "E407"
