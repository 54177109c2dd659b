"""A package of plain layers, no joint among them, is Timoshenko's and Hsueh's laminate, by all that reads an array.

The layers end with free edges. What these do dies out within a few thicknesses, and the joint that is read stands in
the middle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from fem_wlp.array.model import How, Materials, energy_mismatch, solve_severed, solve_states
from fem_wlp.array.readings import Gauges, chip_stress, deflections, read_joints, read_severed
from fem_wlp.array.sector import Sector
from fem_wlp.joint.section import CHIP_DEPTH, JointSection, joint_section
from fem_wlp.limits import Laminate, layered_plate
from fem_wlp.materials.model import isotropic, stiffness
from fem_wlp.mesh.solid import Floats

from .bricks import HALF_SIDE, MIRRORS, grid_mesh, small_package

Layer = tuple[float, float, float]  # E [MPa], nu, alpha [1/K]

DIE, FR4, POLYIMIDE, BUFFER = (
    (131e3, 0.28, 2.6e-6), (22e3, 0.28, 18e-6), (3.3e3, 0.34, 35e-6), (2e3, 0.40, 60e-6),
)  # fmt: skip

JOINTS = np.array([[0.25, 0.25], [-0.25, 0.25], [0.25, -0.25], [-0.25, -0.25]])
EDGE = np.array([0.0, 0.05, 0.15, 0.4, 0.9, 2.0, 4.0, 6.5])
"""Lines that close up towards the edge, from the joint's pitch cell on [mm]."""

TURNS = np.array([np.eye(3), MIRRORS["x"], MIRRORS["y"], MIRRORS["x"] @ MIRRORS["y"]])


def section_of(thickness: Mapping[str, float]) -> JointSection:
    changes: dict[str, object] = {f"{part}.thickness": f"{value!r} mm" for part, value in thickness.items()}
    return joint_section(small_package(changes))


def layered_sector(section: JointSection, layers: Sequence[str]) -> Sector:
    """A quarter of a square of full layers, by the names of regions; between them gaps, where none is named."""
    levels = section.levels
    lines = np.array([0.0, 0.25 - HALF_SIDE, 0.25, 0.25 + HALF_SIDE, *(0.5 + EDGE[-1] - EDGE[::-1])])
    tops = {
        "board": 0.0,
        "land": levels.land,
        "ball": levels.free_end,
        "second_layer": levels.first_layer,
        "first_layer": levels.chip,
        "chip": levels.chip_top,
    }
    heights = np.array([levels.board_bottom, *tops.values(), levels.chip + CHIP_DEPTH])

    def region(centre: Floats) -> tuple[str, int] | None:
        name = next(name for name, top in tops.items() if centre[2] < top)
        return (name, 0 if centre[:2].max() < 0.5 else -1) if name in layers else None

    return Sector(grid_mesh((lines, lines, np.sort(heights)), section.names, region), section, JOINTS[:1], TURNS)


def state_of(sector: Sector, made_of: Mapping[str, Layer], change: float) -> Materials:
    names = sector.mesh.names
    layers = [made_of.get(name, DIE) for name in names]
    tensors = np.array([stiffness(isotropic(name, *layer), 300.0) for name, layer in zip(names, layers, strict=True)])
    return Materials(300.0, tensors, np.outer([layer[2] for layer in layers], [change] * 3 + [0.0] * 3))


def plate(thickness: Sequence[float], layers: Sequence[Layer], change: float) -> Laminate:
    return layered_plate(thickness, [E / (1 - nu) for E, nu, _ in layers], [alpha * change for *_, alpha in layers])


def bimetal(board: Layer) -> tuple[float, float, Floats, float]:
    """Warpage over 1 mm x 1 mm, stress below the base region, pad to pad and the shift over it, of a layered package.

    0.3 mm of silicon, of which the package's first layer is a part, lie on 1 mm of board, all between them included.
    """
    first = small_package().first_layer.thickness
    below = section_of({}).levels.first_layer
    section = section_of({"chip": 0.3 - first, "board": 1.0 - below})
    sector = layered_sector(section, ("board", "land", "ball", "second_layer", "first_layer", "chip"))
    state = state_of(sector, dict.fromkeys(("board", "land", "ball", "second_layer"), board), -100.0)
    (field,) = solve_states(sector, [state], How("direct")).fields
    assert energy_mismatch(field) < 1e-8
    shape = deflections(field, (1.0, 1.0), section.levels.chip + 0.1, (2, 2))
    read = read_joints(Gauges(sector, JOINTS), field)
    shift = float(np.abs(read.shift).max() / np.abs(read.pad_to_pad).max())
    return shape.warpage, chip_stress([field], 0), read.pad_to_pad[0] / section.levels.chip, shift


@pytest.mark.long
def test_a_package_bonded_all_over_bows_as_timoshenko_says_and_its_joints_deform_by_nothing() -> None:
    """Silicon on FR4: curvature, stress, and the slip of faces that a plane section has; joints shift by none of it.

    To 3e-4, which the edges leave on so coarse a mesh. Poisson's ratio 0.05 lower is seen in curvature and stress.
    """
    exact = plate([1.0, 0.3], [FR4, DIE], -100.0)
    assert exact.curvature == pytest.approx(1.745786e-3, rel=1e-6)
    lower, upper = exact.stress[1]
    assert (lower, upper) == pytest.approx((-74.107, 21.184), abs=1e-3)
    first = small_package().first_layer.thickness
    below_base = abs(lower + (upper - lower) * (first + CHIP_DEPTH / 2) / 0.3)
    warpage, stress, slip, shift = bimetal(FR4)
    assert warpage == pytest.approx(exact.curvature * (1.0 + 1.0) / 8, rel=3e-4)
    assert stress == pytest.approx(below_base, rel=3e-4)
    assert slip == pytest.approx(-exact.curvature * JOINTS[0], rel=3e-4)
    assert shift < 3e-4
    warpage, stress, *_ = bimetal((FR4[0], FR4[1] - 0.05, FR4[2]))
    assert abs(warpage / (exact.curvature / 4) - 1) > 1e-3
    assert abs(stress / below_base - 1) > 1e-3


def test_the_mismatch_of_a_chip_that_its_layers_bend_is_that_of_hsuehs_plate() -> None:
    """Severed below 0.01 mm of polyimide and 0.05 mm of buffer: delta_0 = (e_board - e_chip + H kappa / 2) r, to 3e-4.

    e is the strain of the face, kappa the chip's curvature, half of whose tilt counts; a board of one material is flat.
    The curvature itself to 2e-3: free edges of layers that differ in Poisson's ratio pull along the edge, which is left
    out of plate theory and counts with thickness over width.
    """
    layers, change = [BUFFER, POLYIMIDE, DIE], -150.0
    exact = plate([0.050, 0.010, 0.3], layers, change)
    assert exact.curvature == pytest.approx(7.253591e-4, rel=1e-6)
    section = section_of({"chip": 0.3, "first_layer": 0.010, "second_layer": 0.050})
    sector = layered_sector(section, ("board", "land", "second_layer", "first_layer", "chip"))
    made_of = {"board": FR4, "land": FR4, "second_layer": BUFFER, "first_layer": POLYIMIDE}
    ((chip, board),) = solve_severed(sector, [state_of(sector, made_of, change)], How("direct")).sides
    read = read_severed(Gauges(sector, JOINTS), chip, board)
    face = exact.bottom_strain + 0.060 * exact.curvature
    height = section.levels.chip
    free = FR4[2] * change - face + 0.5 * height * exact.curvature
    assert read.shift[0] == pytest.approx(free * JOINTS[0], rel=3e-4)
    assert read.chip_tilt[0] == pytest.approx(exact.curvature * JOINTS[0], rel=2e-3)
    assert np.abs(read.board_tilt).max() < 1e-9 * np.abs(read.chip_tilt).max()
    assert abs((FR4[2] - DIE[2]) * change / free - 1) > 0.01  # the chip by itself would read another mismatch
