"""A stand-in for the mesh of an array: bricks on the levels of a package's joint, with square joints.

Coarse and without a single curve, it has everything that the laws of a resolved array need: chip, layers, joints,
lands and board, joints cut by mirror planes, and a board that reaches past the chip.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from fem_wlp.array.sector import Sector
from fem_wlp.joint.section import CHIP_DEPTH, JointSection, joint_section
from fem_wlp.mesh.solid import Floats, SolidMesh
from fem_wlp.package import Package, loads
from fem_wlp.verification.packages import COMMON, DECOUPLED

MIRRORS = {"x": np.diag([-1.0, 1.0, 1.0]), "y": np.diag([1.0, -1.0, 1.0])}

HALF_SIDE = 0.125
"""Half the side of a joint's square section [mm]."""

SMALL = {
    "array.rows": 2,
    "array.columns": 2,
    "chip.width": "1.1 mm",
    "board.width": "1.6 mm",
}
"""2 x 2 joints, chip and board both larger than the array."""


def small_package(changes: dict[str, object] | None = None, layer: str = "soft_layer") -> Package:
    """Return a package of 2 x 2 joints, some keys changed."""
    return loads(DECOUPLED % (layer, "soft_adhesive") + COMMON % "solder", {**SMALL, **(changes or {})})


def brick_sector(package: Package, extent: str = "quarter", halves: int = 1) -> Sector:
    """Return the meshed quarter, half (x > 0), strip (from the axes on, `halves` of a pitch wide), or all of a package.

    A strip of more than one half has a row of joints at every pitch.
    """
    section, pitch = joint_section(package), package.array.pitch
    joints = np.array([[joint.x, joint.y] for joint in package.array.joints])
    mirrors = {"quarter": "xy", "half": "x", "strip": "xy", "full": ""}[extent]
    if extent == "strip":
        row = np.unique(joints * [1.0, 0.0], axis=0)
        joints = np.concatenate([row + np.array([0.0, number * pitch]) for number in range((halves + 1) // 2)])
    x = _lines(package, package.chip.width, package.board.width, list(joints[:, 0]))
    y = _lines(package, package.chip.length, package.board.length, list(joints[:, 1]))
    if extent == "strip":
        y = np.concatenate([np.array([0.0, HALF_SIDE, pitch / 2 - HALF_SIDE]) + n * pitch / 2 for n in range(halves)])
        y = np.unique(np.round([*y, halves * pitch / 2], 9))
    inside = np.ones(len(joints), dtype=bool)
    for column, name in enumerate("xy"):
        if name in mirrors:
            inside &= joints[:, column] > -1e-9
    axes = joints[inside]
    x, y = (line[line > -1e-9] if name in mirrors else line for line, name in ((x, "x"), (y, "y")))
    turns = [np.eye(3)]
    for name in mirrors:
        turns += [MIRRORS[name] @ turn for turn in turns]
    return Sector(_bricks(package, section, x, y, axes), section, axes, np.array(turns))


def _lines(package: Package, chip: float, board: float, joints: list[float]) -> Floats:
    pitch = package.array.pitch
    lines = [0.0, -chip / 2, chip / 2, -board / 2, board / 2]
    for place in set(joints):
        lines += [place - pitch / 2, place - HALF_SIDE, place, place + HALF_SIDE, place + pitch / 2]
    return np.unique(np.round(lines, 9))


def _bricks(package: Package, section: JointSection, x: Floats, y: Floats, axes: Floats) -> SolidMesh:
    levels = section.levels
    z = [levels.board_bottom, levels.board_bottom / 3, 0.0, levels.land, levels.ball_centre, levels.free_end]
    z += [levels.base_region, levels.first_layer, levels.chip, levels.chip + CHIP_DEPTH, levels.chip_top]

    def region(centre: Floats) -> tuple[str, int] | None:
        place = _place(axes, centre, package.array.pitch)
        name = _region(package, section, centre, axes[place] if place >= 0 else None)
        return None if name is None else (name, place)

    return grid_mesh((x, y, np.array(z)), section.names, region)


def grid_mesh(
    lines: tuple[Floats, Floats, Floats],
    names: tuple[str, ...],
    region: Callable[[Floats], tuple[str, int] | None],
) -> SolidMesh:
    """Return the bricks between planes; each has the name and place that its centre is given, or is left out."""
    counts = [2 * len(line) - 1 for line in lines]
    fine = [np.interp(np.arange(n) / 2, np.arange(len(line)), line) for n, line in zip(counts, lines, strict=True)]
    cells, regions, places = [], [], []
    for k, j, i in product(*(range(len(line) - 1) for line in lines[::-1])):
        found = region(np.array([(line[at] + line[at + 1]) / 2 for line, at in zip(lines, (i, j, k), strict=True)]))
        if found is None:
            continue
        here = [range(2 * at, 2 * at + 3) for at in (i, j, k)]
        cells.append([(c * counts[1] + b) * counts[0] + a for c in here[2] for b in here[1] for a in here[0]])
        regions.append(names.index(found[0]))
        places.append(found[1])
    used, numbered = np.unique(np.array(cells), return_inverse=True)
    grid = np.stack(np.meshgrid(*fine, indexing="ij"), axis=-1).transpose(2, 1, 0, 3).reshape(-1, 3)
    own = np.arange(len(cells))
    return SolidMesh(
        grid[used], numbered.reshape(-1, 27), np.array(regions), names, np.array(places), own, np.ones(len(cells))
    )


def _place(axes: Floats, centre: Floats, pitch: float) -> int:
    inside = np.abs(axes - centre[:2]).max(axis=1) < pitch / 2
    return int(inside.argmax()) if inside.any() else -1


def _region(package: Package, section: JointSection, centre: Floats, axis: Floats | None) -> str | None:
    levels, z = section.levels, centre[2]
    in_joint = axis is not None and np.abs(centre[:2] - axis).max() < HALF_SIDE
    if z < 0.0:
        return "board"
    if z < levels.free_end:
        return ("land" if z < levels.land else "ball") if in_joint else None
    if max(abs(centre[0]) - package.chip.width / 2, abs(centre[1]) - package.chip.length / 2) > 0.0:
        return None
    if z > levels.chip:
        return "chip"
    if z > levels.first_layer:
        return "first_layer"
    if not in_joint:
        return "second_layer"
    return "cylinder" if z < levels.base_region else "base_region"
