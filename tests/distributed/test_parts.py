"""Parts of a mesh, and what is refused before any of them is made: all of it without MPI."""

import sys

import numpy as np
import pytest
from skfem import MeshHex1

from fem_wlp import cli, loads, template
from fem_wlp.analysis import solve
from fem_wlp.analysis.resolved import meshed
from fem_wlp.array.model import part_of, service_states
from fem_wlp.distributed.parts import piecewise_constants
from fem_wlp.distributed.ranks import _require_enough, _require_iteration
from fem_wlp.errors import ConfigError
from fem_wlp.solid.operator import operator
from fem_wlp.solid.solve import Workshop, solver

SMALL = {
    "model.kind": "3d",
    "model.extent": "eighth",
    "model.fineness": 0.25,
    "array.rows": 2,
    "array.columns": 2,
    "chip.width": "1.4 mm",
}


def test_the_stiffness_of_the_parts_adds_up_to_that_of_the_mesh() -> None:
    """Elements dealt at random, so that mirrored nodes and masters, twins and copies are torn apart. Round-off."""
    array = meshed(loads(template("conventional"), SMALL), 0.25)
    mesh, tensors = array.gauges.sector.mesh, service_states(array.package, array.gauges.sector)[0].tensors
    random = np.random.default_rng(3)
    lot, x = random.integers(3, size=len(mesh.cells)), random.standard_normal(mesh.points.shape)
    total = np.zeros_like(x)
    for number in range(3):
        part, nodes = part_of(mesh, np.flatnonzero(lot == number))
        total[nodes] += operator(part, tensors).stiffness @ x[nodes]
    whole = operator(mesh, tensors).stiffness @ x
    np.testing.assert_allclose(total, whole, rtol=0.0, atol=1e-12 * np.abs(whole).max())


def test_scikit_fem_gets_elements_that_are_not_inverted() -> None:
    """Corners in its order: Jacobians of its unit cube's sign, faces shared by two unless outside. Exact."""
    mesh = meshed(loads(template("conventional"), SMALL), 0.25).gauges.sector.mesh
    topology, dofs = piecewise_constants(mesh)
    middle = np.full((3, 1), 0.5)
    assert (np.sign(topology.mapping().detDF(middle)) == np.sign(MeshHex1().mapping().detDF(middle))).all()
    assert 6 * len(mesh.cells) == 2 * topology.nfacets - len(topology.boundary_facets())
    np.testing.assert_array_equal(dofs.element_dofs[0], np.arange(len(mesh.cells)))


def test_more_processes_than_work_are_refused() -> None:
    """With the number that would do."""
    _require_enough(40, 2)
    with pytest.raises(ConfigError, match="too few for 3") as refusal:
        _require_enough(40, 3)
    assert refusal.value.code == "C207"
    assert "at most 2 processes" in refusal.value.hint


def test_what_is_no_shared_iteration_is_refused() -> None:
    """A direct solution, and a model of two dimensions."""
    with pytest.raises(ConfigError) as refusal:
        _require_iteration("direct")
    assert refusal.value.code == "C208"
    with pytest.raises(ConfigError) as refusal:
        solve(loads(template("conventional")), workshop=Workshop(solver, 2, 2))
    assert refusal.value.code == "C208"


def test_without_petsc_the_refusal_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the base environment, where the program is installed all the same."""
    monkeypatch.setitem(sys.modules, "petsc4py", None)
    assert cli.main_across_processes() == 3
    told = capsys.readouterr().err
    assert "error[R307]" in told
    assert "bootstrap.py distributed" in told
