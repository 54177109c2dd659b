"""The resolved array: one joint cell copied to every place, columns for holes, chip margins and the board beyond.

Along each axis chip and board are divided into spans: one for every column (or row) of the ball map, cut off by the
edge, then what is left up to the edge. A span carries its nodes relative to an origin of its own; where two spans of
the same nodes cross, the block over them is a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigError, MeshError
from ..joint.section import JointSection
from ..mesh.quads import Sizes, numbered, windows, with_middles
from ..mesh.revolve import Bricks, side_nodes, swept, welded_mesh
from ..mesh.solid import SolidMesh, Ties
from ..package.geometry import middle_row, strip_columns, symmetries
from ..package.model import JointPlace, Package
from .blocks import Fineness, JointQuads, Wall, joint_quads
from .cell import joint_bricks
from .lead import lead_cell, lead_of
from .lines import meets_rim

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Extent = Literal["cell", "strip", "eighth", "quarter", "full"]
Plane = Literal["x", "y", "diagonal"]

NEAR = 1e-6
"""Lengths below this share of the pitch are none [-]."""

AT_RIM = 40.0
"""How much smaller elements are where a ball bears on a layer by the rim of its opening: there the error falls with
their length to the power of 0.4 only [-]."""

FIRST_BEYOND, GROWTH_BEYOND, LARGEST_BEYOND = 0.25, 1.0, 3.0
"""Elements beyond the joints' cells: first one and largest as shares of the pitch, growth with the distance [-]."""


@dataclass(frozen=True)
class ArrayLayout:
    """The mesh of a part of an array, and what of the whole it stands for.

    Parameters
    ----------
    mesh
        Its mesh; x = y = 0 is the neutral point, z = 0 the board's upper face.
    section
        Of the joint.
    extent
        Which part of the array.
    joints
        The joints meshed, whole or in part; an element's place is an index into them.
    fractions
        Which part of each joint is meshed [-].
    images
        For how many joints of the whole array each stands [-].
    planes
        Mirror planes: "x" is x = 0, "y" is y = 0, "diagonal" is x = y.
    chip, board
        Where the chip and the board end at +x and +y [mm].
    """

    mesh: SolidMesh
    section: JointSection
    extent: Extent
    joints: tuple[JointPlace, ...]
    fractions: tuple[float, ...]
    images: tuple[int, ...]
    planes: tuple[Plane, ...]
    chip: tuple[float, float]
    board: tuple[float, float]


def array_mesh(package: Package, section: JointSection, extent: Extent, fineness: Fineness) -> ArrayLayout:
    """Mesh a part of a package's array.

    Parameters
    ----------
    package
        The package.
    section
        Of its joint.
    extent
        "cell" is one joint with its pitch, and with its interconnect's line and pad, which are left out elsewhere;
        "strip" half a pitch wide, from the neutral point along the middle row to the board's edge, its joints' axes on
        y = 0; "quarter" is x, y >= 0; "eighth" is 0 <= y <= x.
    fineness
        Element lengths.

    Raises
    ------
    ConfigError
        G138: the package does not have the symmetry that the extent needs.
    MeshError
        E401, E410: a joint that cannot be meshed; in a cell, E407, E409: its line or pad.
    """
    grid, fineness = _grid(package, extent, fineness), _at_rim(package, section, fineness)
    lead = lead_of(package, section) if extent == "cell" else None
    if lead is not None:
        mesh = lead_cell(section, lead, grid.pitch / 2, fineness)
    else:
        quads = _quads(grid, section, fineness)
        mesh = _copied(_placed(grid, quads, fineness, extent == "eighth"), quads.mesh.names)
        mesh = tied_on_diagonal(mesh, NEAR * grid.pitch) if extent == "eighth" else mesh
    shares = shares_of(grid.joints, extent, grid.planes, grid.pitch)
    return ArrayLayout(mesh, section, extent, grid.joints, *shares, grid.planes, grid.chip, grid.board)


def array_size(package: Package, section: JointSection, extent: Extent, fineness: Fineness) -> tuple[int, int, int]:
    """Return how many elements, distinct elements and nodes a mesh of `array_mesh` has.

    Only the sides of its blocks are put in place.
    """
    grid, fineness = _grid(package, extent, fineness), _at_rim(package, section, fineness)
    lead = lead_of(package, section) if extent == "cell" else None
    if lead is not None:
        mesh = lead_cell(section, lead, grid.pitch / 2, fineness)
        return len(mesh.cells), len(np.unique(mesh.twins)), len(mesh.points)
    quads = _quads(grid, section, fineness)
    placed = _placed(grid, quads, fineness, extent == "eighth")
    distinct = sum(len(block.mesh.cells) for block in {id(block): block for block, *_ in placed}.values())
    elements = sum(len(block.mesh.cells) for block, *_ in placed)
    sides = np.concatenate([block.mesh.points[block.sides] + np.array([x, y, 0.0]) for block, x, y, _ in placed])
    inner = sum(len(block.mesh.points) - len(block.sides) for block, *_ in placed)
    return elements, distinct, inner + len(numbered(sides)[1])


def _at_rim(package: Package, section: JointSection, fineness: Fineness) -> Fineness:
    """Return a graded fineness with smaller elements at a rim that the ball bears on."""
    if fineness.growth == 0.0 or not meets_rim(section, package.temperatures.points[0]):
        return fineness
    return replace(fineness, deeper=AT_RIM)


def _quads(grid: _Grid, section: JointSection, fineness: Fineness) -> JointQuads:
    """Return the section of the joint in its cells."""
    boxes = [(x, y) for x, y, joint in grid.cells if joint is not None]
    return joint_quads(
        section,
        min(min(side for span in pair for side in span[0].sides) for pair in boxes),
        min(min(side for span in pair for side in span[1].sides) for pair in boxes),
        fineness,
    )


def refuse_asymmetry(package: Package, extent: Extent) -> None:
    """Raise G138 where a package does not have the symmetry that a part of its array needs."""
    if extent == "strip" and not strip_columns(package.array):
        raise ConfigError(
            "G138",
            "a strip follows the middle row from the centre, and this row is not its own mirror image in x = 0",
            where="model.extent",
            hint='extent = "full"',
        )
    if extent not in ("quarter", "eighth"):
        return
    found = symmetries(package)
    if found.x and found.y and (found.diagonal or extent == "quarter"):
        return
    planes = {"x = 0": found.x, "y = 0": found.y, "x = y": found.diagonal}
    has = [name for name, there in planes.items() if there]
    raise ConfigError(
        "G138",
        f"{'a quarter' if extent == 'quarter' else 'an eighth'} needs mirror symmetry about x = 0"
        f"{' and y = 0' if extent == 'quarter' else ', y = 0 and x = y'}; this package has it about "
        f"{' and '.join(has) or 'none of them'}",
        where="model.extent",
        hint='extent = "auto" takes the smallest part that the package allows',
    )


# --- spans along the axes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Span:
    """A piece of an axis."""

    origin: float
    nodes: Floats  # relative to the origin
    sides: tuple[float, float] = (0.0, 0.0)  # of a cell: distances from the joint's axis to its ends at + and -

    @property
    def key(self) -> tuple[float, ...]:
        """The same for spans that are copies of each other."""
        return tuple(np.round(self.nodes, 9))


Cell = tuple[tuple[_Span, _Span], tuple[_Span, _Span], "int | None"]
"""Spans of chip and board along x, the same along y, and the joint's number, None for a hole."""


@dataclass(frozen=True)
class _Grid:
    cells: list[Cell]
    upper: list[tuple[_Span, _Span]]
    lower: list[tuple[_Span, _Span]]
    joints: tuple[JointPlace, ...]
    planes: tuple[Plane, ...]
    pitch: float
    chip: tuple[float, float]
    board: tuple[float, float]


def _grid(package: Package, extent: Extent, fineness: Fineness) -> _Grid:
    """Return where cells and columns stand."""
    refuse_asymmetry(package, extent)
    array, around = package.array, fineness.around
    pitch = array.pitch
    if extent == "cell":
        span = _cell_span(0.0, pitch, np.inf, around)
        joint = JointPlace(1, 1, 0.0, 0.0)
        return _Grid([((span, span), (span, span), 0)], [], [], (joint,), (), pitch, *[(pitch / 2, pitch / 2)] * 2)
    chip = (package.chip.width / 2, package.chip.length / 2)
    board = (package.board.width / 2, package.board.length / 2)
    found = {(joint.column, joint.row): joint for joint in array.joints}
    columns = {n: (n - (array.columns + 1) / 2) * pitch for n in range(1, array.columns + 1)}
    rows = {n: ((array.rows + 1) / 2 - n) * pitch for n in range(array.rows, 0, -1)}
    cut_x, cut_y = extent != "full", extent in ("quarter", "eighth")
    x_cells, x_chip, x_board = _spans(columns, chip[0], board[0], pitch, around, cut_x)
    if extent == "strip":
        row = middle_row(array)
        span = _cut(_cell_span(0.0, pitch, np.inf, around))
        y_cells, y_chip, y_board = {row: (span, span)}, [span], [span]
        found = {key: joint._replace(y=0.0) for key, joint in found.items()}
    else:
        y_cells, y_chip, y_board = _spans(rows, chip[1], board[1], pitch, around, cut_y)
    planes: tuple[Plane, ...] = ("x",) if cut_x else ()
    if cut_y:
        planes = ("x", "y", "diagonal") if extent == "eighth" else ("x", "y")
    joints: list[JointPlace] = []
    cells: list[Cell] = []
    for row, y in y_cells.items():
        for column, x in x_cells.items():
            if extent == "eighth" and y[0].origin > x[0].origin + NEAR * pitch:
                continue
            here = found.get((column, row))
            cells.append((x, y, None if here is None else len(joints)))
            if here is not None:
                joints.append(here)
    upper, lower = (
        [
            (x, y)
            for j, y in enumerate(y_spans)
            for i, x in enumerate(x_spans)
            if not (_is_cell(x) and _is_cell(y)) and not (extent == "eighth" and j > i)
        ]
        for x_spans, y_spans in ((x_chip, y_chip), (x_board, y_board))
    )
    ends = ((chip[0], pitch / 2), (board[0], pitch / 2)) if extent == "strip" else (chip, board)
    return _Grid(cells, upper, lower, tuple(joints), planes, pitch, *ends)


def _is_cell(span: _Span) -> bool:
    return span.sides[0] > 0.0


def _spans(
    places: dict[int, float], chip: float, board: float, pitch: float, around: int, cut: bool
) -> tuple[dict[int, tuple[_Span, _Span]], list[_Span], list[_Span]]:
    """Return the cells of chip and board of every column, and all spans of the chip and of the board, ascending."""
    cells: dict[int, tuple[_Span, _Span]] = {}
    for number, place in places.items():
        if cut and place < -NEAR * pitch:
            continue
        pair = tuple(_cell_span(place, pitch, edge, around) for edge in (chip, board))
        if cut and place < NEAR * pitch:
            pair = tuple(_cut(span) for span in pair)
        cells[number] = (pair[0], pair[1])
    last = max(places.values()) + pitch / 2
    sizes = Sizes(FIRST_BEYOND * pitch, GROWTH_BEYOND, LARGEST_BEYOND * pitch)
    spans = []
    for side, edge, lines in ((0, chip, [chip]), (1, board, [chip, board])):
        beyond = []
        start = last
        for line in lines:
            if line > start + NEAR * pitch and line <= edge * (1 + NEAR):
                beyond.append(_Span(start, with_middles(sizes.levels(start, line, (last,))) - start))
                start = line
        before = [] if cut else [_Span(-span.origin, -span.nodes[::-1]) for span in reversed(beyond)]
        spans.append([*before, *(pair[side] for pair in cells.values()), *beyond])
    return cells, spans[0], spans[1]


def _cell_span(place: float, pitch: float, edge: float, around: int) -> _Span:
    above, below = min(pitch / 2, edge - place), min(pitch / 2, edge + place)
    return _Span(place, side_nodes(around, below, above), (above, below))


def _cut(span: _Span) -> _Span:
    return replace(span, nodes=span.nodes[len(span.nodes) // 2 :])


# --- blocks over pairs of spans ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Template:
    """A block and its side nodes, on which neighbours may be welded."""

    mesh: SolidMesh
    sides: Ints


_Placed = tuple[_Template, float, float, int]
"""A block, x and y of its origin [mm], and the number of its joint; -1 for none."""


def _placed(grid: _Grid, quads: JointQuads, fineness: Fineness, diagonal: bool) -> list[_Placed]:
    """Return the blocks of a grid, each kind made once."""
    names = quads.mesh.names
    templates: dict[object, _Template] = {}
    placed: list[_Placed] = []

    def place(key: object, make: Callable[[], Bricks], x: _Span, y: _Span, number: int) -> None:
        on_diagonal = diagonal and abs(x.origin - y.origin) < NEAR * grid.pitch and x.key == y.key
        key = (key, on_diagonal)
        if key not in templates:
            templates[key] = _template(make(), names, x.nodes, on_diagonal)
        placed.append((templates[key], x.origin, y.origin, number))

    for (x_chip, x_board), (y_chip, y_board), joint in grid.cells:
        if joint is None:
            for x, y, wall in ((x_chip, y_chip, quads.upper), (x_board, y_board, quads.lower)):
                place(_plate_key(x, y, wall), _plate_maker(x, y, wall, names), x, y, -1)
            continue
        key = ("joint", x_chip.key, y_chip.key, x_board.key, y_board.key)
        place(key, _joint_maker(quads, fineness.around, (x_chip, y_chip), (x_board, y_board)), x_chip, y_chip, joint)
    for spans, wall in ((grid.upper, quads.upper), (grid.lower, quads.lower)):
        for x, y in spans:
            place(_plate_key(x, y, wall), _plate_maker(x, y, wall, names), x, y, -1)
    return placed


def _plate_key(x: _Span, y: _Span, wall: Wall) -> object:
    return wall.names, x.key, y.key


def _plate_maker(x: _Span, y: _Span, wall: Wall, names: tuple[str, ...]) -> Callable[[], Bricks]:
    def make() -> Bricks:
        plan = np.stack(np.meshgrid(x.nodes, y.nodes, indexing="ij"), axis=-1)
        return swept(windows(plan), wall.heights, wall.regions(names))

    return make


def _joint_maker(
    quads: JointQuads, around: int, upper: tuple[_Span, _Span], lower: tuple[_Span, _Span]
) -> Callable[[], Bricks]:
    def make() -> Bricks:
        boxes = [(x.sides[0], y.sides[0], x.sides[1], y.sides[1]) for x, y in (upper, lower)]
        bricks = joint_bricks(quads, around, boxes[0], boxes[1])
        centres = bricks.nodes[:, 13]
        kept = np.ones(len(centres), dtype=bool)
        for axis, span in enumerate(upper):
            if span.nodes[0] == 0.0:  # cut by a mirror plane
                kept &= centres[:, axis] > 0.0
        return Bricks(bricks.nodes[kept], bricks.regions[kept])

    return make


def _template(bricks: Bricks, names: tuple[str, ...], x: Floats, diagonal: bool) -> _Template:
    near = 1e-6 * (x[-1] - x[0])
    if diagonal:
        centre = bricks.nodes[:, [0, 2, 6, 8, 18, 20, 24, 26]].mean(axis=1)
        kept = centre[:, 1] < centre[:, 0] + near
        bricks = Bricks(bricks.nodes[kept], bricks.regions[kept])
    mesh = welded_mesh(bricks, names, -1)
    return _Template(mesh, _sides(mesh))


def _sides(mesh: SolidMesh) -> Ints:
    """Return the nodes on vertical outer faces of a block."""
    points = mesh.points
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    near = 1e-6 * (high - low).max()
    outer = np.zeros(len(points), dtype=bool)
    for region in np.unique(mesh.regions):  # chip and board may end at different places
        nodes = np.unique(mesh.cells[mesh.regions == region])
        low, high = points[nodes, :2].min(axis=0), points[nodes, :2].max(axis=0)
        at_end = (np.abs(points[nodes, :2] - low) < near) | (np.abs(points[nodes, :2] - high) < near)
        outer[nodes[at_end.any(axis=1)]] = True
    return np.flatnonzero(outer)


def _copied(placed: list[_Placed], names: tuple[str, ...]) -> SolidMesh:
    """Copy blocks to their places and weld them at their sides."""
    points, cells, sides, twins = [], [], [], []
    first: dict[int, int] = {}
    nodes = elements = 0
    for template, x, y, _ in placed:
        mesh = template.mesh
        points.append(mesh.points + np.array([x, y, 0.0]))
        cells.append(mesh.cells + nodes)
        sides.append(template.sides + nodes)
        twins.append(mesh.twins + first.setdefault(id(template), elements))
        nodes += len(mesh.points)
        elements += len(mesh.cells)
    every = np.concatenate(points)
    side = np.concatenate(sides)
    number, one = numbered(every[side])
    same = np.arange(nodes)
    same[side] = side[one[number]]
    kept = same == np.arange(nodes)
    renumbered = np.cumsum(kept) - 1
    counts = [len(template.mesh.cells) for template, *_ in placed]
    return SolidMesh(
        every[kept],
        renumbered[same][np.concatenate(cells)],
        np.concatenate([template.mesh.regions for template, *_ in placed]),
        names,
        np.repeat(np.array([number for *_, number in placed], dtype=np.int64), counts),
        np.concatenate(twins),
        np.concatenate([template.mesh.shares for template, *_ in placed]),
    )


# --- mirror planes ----------------------------------------------------------------------------------------------------

_DIAGONAL = np.sqrt(0.5)

FRAMES = np.array(
    [
        np.eye(3),
        [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],  # mirrored in x = y
        [[_DIAGONAL, -_DIAGONAL, 0.0], [_DIAGONAL, _DIAGONAL, 0.0], [0.0, 0.0, 1.0]],  # along, across the plane, z
    ]
)
"""Frames of the ties of an eighth; on the plane x = y, the second component is the one across it."""


def tied_on_diagonal(mesh: SolidMesh, near: float) -> SolidMesh:
    """Halve the elements astride the plane x = y, tie their nodes beyond it to their images, and turn those on it.

    Parameters
    ----------
    mesh
        Of an eighth: its elements lie in y <= x or are their own mirror images.
    near
        Nodes nearer to the plane than that lie on it [mm].

    Raises
    ------
    MeshError
        E414: an element astride the plane is not its own mirror image.
    """
    points = mesh.points
    across = points[:, 1] - points[:, 0]
    astride = np.asarray((across[mesh.cells] > near).any(axis=1))
    nodes = np.unique(mesh.cells[astride])
    beyond, before = nodes[across[nodes] > near], nodes[across[nodes] < -near]
    master = np.arange(len(points), dtype=np.int64)
    if astride.any():
        number, _ = numbered(np.concatenate([points[before], points[beyond][:, [1, 0, 2]]]))
        image = np.full(number.max() + 1, -1, dtype=np.int64)
        image[number[: len(before)]] = before
        master[beyond] = image[number[len(before) :]]
    if (master < 0).any():
        x, y, z = points[master < 0][0]
        raise MeshError(
            "E414",
            f"an element astride the plane x = y is not its own mirror image near x = {x:.6g}, y = {y:.6g}, "
            f"z = {z:.6g} mm",
            hint="let an eighth end at x = y, or mesh a quarter",
        )
    frame = np.zeros(len(points), dtype=np.int64)
    frame[beyond] = 1
    frame[np.abs(across) <= near] = 2
    return replace(mesh, shares=np.where(astride, 0.5, 1.0), ties=Ties(master, frame, FRAMES))


def shares_of(
    joints: Sequence[JointPlace], extent: Extent, planes: Sequence[Plane], pitch: float
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return which part of each joint is meshed, and for how many joints of the whole array it stands."""
    own = [_own_images(joint, planes, NEAR * pitch) for joint in joints]
    images = (1, 2, 4, 8)[len(planes)]
    part = 0.5 if extent == "strip" else 1.0
    return tuple(part / count for count in own), tuple(images // count for count in own)


def _own_images(joint: JointPlace, planes: Sequence[Plane], near: float) -> int:
    """Return how many of the mirror images of a joint are the joint itself."""
    on = {"x": abs(joint.x) < near, "y": abs(joint.y) < near, "diagonal": abs(joint.x - joint.y) < near}
    count = sum(on[plane] for plane in planes)
    return 8 if count == 3 else 2**count
