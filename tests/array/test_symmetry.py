"""The part of an array that is meshed tells of the whole: eighth, quarter and full, and a package that is turned."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from fem_wlp.analysis.resolved import Array, meshed
from fem_wlp.array.model import How, imbalance, service_states, solve_severed, solve_states, with_rigid_joints
from fem_wlp.array.readings import deflections, read_joints, read_severed
from fem_wlp.decoupling import decoupling_figures
from fem_wlp.joint.condense import middles
from fem_wlp.mesh.solid import Floats

from .bricks import small_package

ACCURATE = How("auto", tolerance=1e-11)
COARSEST = 0.25

Answer = dict[str, Floats]


def answer(changes: Mapping[str, object]) -> tuple[Array, Answer]:
    """A package on the program's coarsest mesh, and what is told of it: joints in the order of the whole package."""
    array = meshed(small_package({**changes, "model.kind": "3d"}), COARSEST)
    sector, gauges = array.gauges.sector, array.gauges
    states = service_states(array.package, sector)
    (field,) = solve_states(sector, states, ACCURATE).fields
    assert max(imbalance(gauges, field)) < 1e-7
    joints = read_joints(gauges, field)
    cut = read_severed(gauges, *solve_severed(sector, states, ACCURATE).sides[0])
    stiff = with_rigid_joints(gauges)
    (rigid,) = solve_states(
        stiff.sector, service_states(array.package, stiff.sector), ACCURATE, None, stiff.rigid
    ).fields
    outline, middle = (array.package.chip.width, array.package.chip.length), middles(sector.section)
    bows = [deflections(field, outline, middle[plate], (2, 2)).warpage for plate in ("chip", "board")]
    return array, {
        "force": joints.force,
        "moment": joints.moment,
        "rigid_force": read_joints(stiff, rigid).force,
        "shift": joints.shift,
        "pad_to_pad": joints.pad_to_pad,
        "chip": joints.chip,
        "board": joints.board,
        "free": cut.shift,
        "free_pad_to_pad": cut.pad_to_pad,
        "figure": decoupling_figures(joints.shift, cut.shift),
        "raw_figure": decoupling_figures(joints.pad_to_pad, cut.pad_to_pad),
        "warpage": np.array(bows),
    }


def square(rows: int, **changes: object) -> dict[str, object]:
    size = {"chip.width": f"{0.5 * rows + 0.1} mm", "board.width": f"{0.5 * rows + 0.6} mm"}
    return {"array.rows": rows, "array.columns": rows, **size, **changes}


MAPS: dict[str, dict[str, object]] = {
    "even": square(2),
    "odd": square(3),
    "hole": square(3, **{"array.rows": None, "array.columns": None, "array.map": "OOO\nO.O\nOOO"}),
}


def parts_are_alike(case: str, extents: tuple[str, ...]) -> None:
    found = [answer({**MAPS[case], "model.extent": extent})[1] for extent in extents]
    for name, one in found[0].items():
        largest = np.nanmax(np.abs(one))
        assert largest > 1e-6, name
        for other in found[1:]:
            assert other[name] == pytest.approx(one, abs=1e-6 * largest, nan_ok=True), name


@pytest.mark.long
def test_of_an_even_map_an_eighth_and_a_quarter_are_the_whole() -> None:
    """Forces, those of rigid joints too, moments, shifts, free mismatch, D and the bow of chip and board, to 1e-6.

    So are the footprints' own motions and what the pads do to each other, tilt left in: they tell of the frame.
    """
    parts_are_alike("even", ("full", "quarter", "eighth"))


@pytest.mark.long
@pytest.mark.parametrize("case", ["odd", "hole"])
def test_of_an_odd_map_an_eighth_and_a_quarter_are_the_whole(case: str) -> None:
    """With joints on the axes and the diagonal; that in the centre as a whole, a quarter, an eighth, or none there."""
    parts_are_alike(case, ("full", "quarter", "eighth"))


# Turned packages

ALONG = {"E": (26.0, 17.0, 8.0), "nu": (0.16, 0.35, 0.3), "G": (5.0, 3.0, 2.0), "CTE": (12.0, 17.0, 60.0)}
"""Of a board: moduli x, y, z, ratios xy, xz, yz, moduli of shear xy, xz, yz [GPa], expansions x, y, z [ppm/K]."""


def board_material(turned: bool) -> dict[str, object]:
    (x, y, z), (xy, xz, yz), (shear, along, across), expansion = ALONG.values()
    if turned:  # what was along x is along y
        (x, y), xy, (xz, yz), (along, across) = (y, x), xy * y / x, (yz, xz), (across, along)
        expansion = (expansion[1], expansion[0], expansion[2])
    moduli = {"E_x": x, "E_y": y, "E_z": z, "G_xy": shear, "G_xz": along, "G_yz": across}
    table: dict[str, object] = {name: f"{value} GPa" for name, value in moduli.items()}
    table |= {"nu_xy": xy, "nu_xz": xz, "nu_yz": yz, "source": "chosen"}
    return table | {f"CTE_{axis}": f"{value} ppm/K" for axis, value in zip("xyz", expansion, strict=True)}


def package_of(lines: list[str], extent: str, turned: bool, material_turned: bool) -> dict[str, object]:
    """A package whose map has these lines, on an orthotropic board; turned by 90 degrees about z."""
    if turned:
        lines = ["".join(line[column] for line in lines) for column in reversed(range(len(lines[0])))]
    sizes = {"width": len(lines[0]), "length": len(lines)}
    return {
        **{f"chip.{side}": f"{0.5 * count + 0.1} mm" for side, count in sizes.items()},
        **{f"board.{side}": f"{0.5 * count + 0.6} mm" for side, count in sizes.items()},
        "array.rows": None,
        "array.columns": None,
        "array.map": "\n".join(lines),
        "materials.woven": board_material(material_turned),
        "board.material": "woven",
        "model.extent": extent,
    }


QUARTER_TURN = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


def off_the_turned(lines: list[str], extent: str, material_turned: bool) -> dict[str, float]:
    """How far a turned package's answers are off the turned answers, relative to the largest of each."""
    array, one = answer(package_of(lines, extent, turned=False, material_turned=False))
    other_array, other = answer(package_of(lines, extent, turned=True, material_turned=material_turned))
    places, others = array.gauges.joints @ QUARTER_TURN[:2, :2].T, other_array.gauges.joints
    order = np.array([int(np.abs(others - place).max(axis=1).argmin()) for place in places])
    assert others[order] == pytest.approx(places, abs=1e-9)
    off = {}
    for name, values in one.items():
        size = values.shape[1] if values.ndim == 2 else 0
        exact = values @ QUARTER_TURN[:size, :size].T if size else values
        found = other[name] if name == "warpage" else other[name][order]
        off[name] = float(np.abs(found - exact).max() / np.abs(exact).max())
    return off


@pytest.mark.long
def test_a_package_turned_by_ninety_degrees_gives_turned_answers() -> None:
    """Three columns by two rows on an orthotropic board, of which a quarter is solved: vectors turn, to 1e-6.

    Turned without its board's fibres everything is off by more than 1e-4: least the motion of the chip,
    which mostly rises with the board.
    """
    assert max(off_the_turned(["OOO", "OOO"], "quarter", material_turned=True).values()) < 1e-6
    assert min(off_the_turned(["OOO", "OOO"], "quarter", material_turned=False).values()) > 1e-4


@pytest.mark.long
def test_a_package_without_symmetry_turned_by_ninety_degrees_gives_turned_answers() -> None:
    """All of it is meshed; supports at three nodes, which are others when turned, change nothing."""
    assert max(off_the_turned(["OO", "O."], "full", material_turned=True).values()) < 1e-6
