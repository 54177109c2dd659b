"""The meshes that are kept for other programs are those of today's templates, and can be solved on."""

import runpy
from pathlib import Path

import meshio
import numpy as np
import pytest
from numpy.typing import NDArray

import fem_wlp as wlp
from fem_wlp.analysis.job import solve
from fem_wlp.array.own_mesh import OPTIONAL, read_own_mesh
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.gmsh_files import read_solid

FOLDER = Path(__file__).parent.parent / "meshes"
MAKE = runpy.run_path(str(FOLDER / "make.py"))
CELLS = MAKE["CELLS"]


def areas(points: NDArray[np.float64], triangles: NDArray[np.int64], region: NDArray[np.int64]) -> NDArray[np.float64]:
    """Area of every region, from the corners of its triangles [mm^2]."""
    a, b, c = (points[triangles[:, corner], :2] for corner in range(3))
    (x1, y1), (x2, y2) = (b - a).T, (c - a).T
    return np.bincount(region, weights=0.5 * (x1 * y2 - x2 * y1))


def test_the_kept_mesh_has_the_regions_of_the_template() -> None:
    """Names exactly, areas to 1e-3: chords for arcs are all that may differ from one version of gmsh to the next."""
    kept = meshio.read(FOLDER / "compliant_joint.msh")
    (block,) = kept.cells
    (physical,) = kept.cell_data["gmsh:physical"]
    now = MAKE["joint_mesh"]("compliant")
    names = sorted(kept.field_data, key=lambda name: kept.field_data[name][0])
    assert tuple(names) == now.names
    assert block.type == "triangle6"
    assert areas(kept.points, block.data, physical - 1) == pytest.approx(
        areas(now.points, now.triangles, now.region), rel=1e-3
    )


@pytest.mark.parametrize("template", CELLS)
def test_the_kept_cell_is_the_one_that_the_program_makes(template: str) -> None:
    """Nothing but our own arithmetic makes it: elements exactly, places to 1e-9 mm; and it is small."""
    path = FOLDER / f"{template}_cell.msh"
    now = MAKE["cell_mesh"](template)
    kept = read_solid(path, joint_section(wlp.loads(wlp.template(template))).names, OPTIONAL)
    assert kept.names == now.names
    np.testing.assert_array_equal(kept.cells, now.cells)
    np.testing.assert_array_equal(kept.regions, now.regions)
    np.testing.assert_allclose(kept.points, now.points, atol=1e-9)
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("template", CELLS)
def test_the_kept_cell_fits_its_template(template: str) -> None:
    """Read as a user's own mesh, it is one joint in its cell."""
    package = wlp.loads(wlp.template(template), {"model.kind": "3d", "model.extent": "cell"})
    layout = read_own_mesh(package, FOLDER / f"{template}_cell.msh")
    assert layout.extent == "cell"
    assert (layout.mesh.places == 0).all()


def test_the_readme_lists_every_file() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    files = {path.name for path in FOLDER.iterdir() if path.is_file()} - {"README.md", "make.py"}
    assert {name for name in files if f"[{name}]({name})" not in text} == set()


@pytest.mark.long
def test_a_solve_on_the_kept_section_is_the_programs_own() -> None:
    """As far as the nine digits of the file and versions of gmsh go: D to 1e-6."""
    package = wlp.loads(wlp.template("compliant"))
    own, kept = solve(package), solve(package, mesh=FOLDER / "compliant_joint.msh")
    assert kept.decoupling.figure == pytest.approx(own.decoupling.figure, abs=1e-6)
    assert any("compliant_joint.msh" in note for note in kept.notes)
