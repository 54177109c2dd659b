"""How ends and sides are held, in every combination, and what is refused with which words."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import fem_wlp.joint.cell as cells
from fem_wlp.errors import ConfigError, MaterialError, MeshError, SolveError, WlpError
from fem_wlp.joint.cell import CellLoad, CellSolution, JointCell, Region, solve_cell
from fem_wlp.joint.supports import _pins
from fem_wlp.materials.model import Expansion, Isotropic, Material, Property, isotropic
from fem_wlp.mesh.outline import VOID, HalfDisc, Polygon, rectangle
from fem_wlp.verification.sections import COARSE, COPPER, FR4, SILICON, SILICONE, SOLDER, device, post

KINDS = ("free", "flat", "held_flat", "driven")
DEVICE = JointCell(device(), grading=COARSE)
LOADS = {
    "free": CellLoad(temperature_change=-100.0),
    "flat": CellLoad(temperature_change=-100.0),
    "held_flat": CellLoad(temperature_change=-100.0, axial=1e-3, rocking=1e-3),
    "driven": CellLoad(temperature_change=-100.0, axial=1e-3, rocking=1e-3, lateral=1e-3),
}


def amplitudes(solution: CellSolution, face: str, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes' places on a face and their (U, V, W)."""
    nodes = cells.named_face(solution.cell.mesh, face).nodes
    for part in solution.parts:
        if part.system.strain.harmonic == m:
            return solution.cell.mesh.points[nodes], part.displacement.reshape(-1, 3)[nodes]
    return solution.cell.mesh.points[nodes], np.zeros((len(nodes), 3))


@pytest.mark.parametrize("side", ["free", "straight", 1e-3])
@pytest.mark.parametrize(("bottom", "top"), list(itertools.product(KINDS, KINDS)))
def test_every_combination_of_ends_and_sides_holds_what_it_says(bottom: str, top: str, side: object) -> None:
    """Shapes of the held faces to round-off, forces of the free motions zero, both certificates green.

    Forces are compared with those inside the stack, some newtons: 1e-9.
    """
    sides = {"chip": side, "board": side}
    held = solve_cell(replace(DEVICE, bottom=bottom, top=top, sides=sides), LOADS[top])
    assert held.residual < 1e-12
    assert held.energy_mismatch < 1e-9
    for end, kind in (("bottom", bottom), ("top", top)):
        (r, _), (across, _, along) = (array.T for array in amplitudes(held, end, 0))
        rocked = amplitudes(held, end, 1)[1][:, 2]
        if kind != "free":
            assert np.ptp(along) < 1e-15
            tilt = -float(rocked @ r / (r @ r))
            assert rocked == pytest.approx(-tilt * r, abs=1e-16)
        if kind == "driven":
            stretch = side if isinstance(side, float) else 0.0
            assert across == pytest.approx(stretch * r, abs=1e-17)
        if kind in ("free", "flat") and side == "free":
            assert abs(held.reaction(end).moment) < 1e-9
        if kind in ("free", "flat"):
            assert abs(held.reaction(end).axial) < 1e-9
        if kind != "driven" and side == "free":
            assert abs(held.reaction(end).lateral) < 1e-9
            assert abs(held.reaction(end).radial) < 1e-9
    for name in ("chip", "board"):
        (_, z), (across, _, _) = (array.T for array in amplitudes(held, f"side of {name}", 0))
        _, (shifted, hoop, _) = (array.T for array in amplitudes(held, f"side of {name}", 1))
        if side == "straight":
            assert np.ptp(across) < 1e-15
        if isinstance(side, float):
            assert held.mean_stretch(f"side of {name}") == pytest.approx(side, rel=1e-12)
        if side != "free":
            assert shifted == pytest.approx(-hoop, abs=1e-15)
            assert np.polyval(np.polyfit(z, shifted, 1), z) == pytest.approx(shifted, abs=1e-14)
    total = sum(held.reaction(end).axial for end in ("top", "bottom"))
    assert abs(total) < 1e-9


def test_a_straight_side_carries_no_net_force() -> None:
    """Radial force zero, and under a shift no lateral force and no moment: 1e-9 of what a held side would carry."""
    cell = replace(DEVICE, sides={"layer": "straight"})
    moved = solve_cell(cell, LOADS["driven"]).reaction("side of layer")
    held = solve_cell(replace(DEVICE, sides={"layer": 0.0}), LOADS["driven"]).reaction("side of layer")
    assert abs(moved.radial) < 1e-9 * abs(held.radial)
    assert abs(moved.lateral) < 1e-9
    assert abs(moved.moment) < 1e-9
    assert abs(moved.axial) < 1e-9


def test_sides_that_share_an_edge_stretch_together() -> None:
    """Two straight neighbors are one wall; a neighbor of a side with a strain takes it; apart they differ."""
    change = CellLoad(temperature_change=-100.0)
    cell = replace(DEVICE, bottom="held_flat", top="flat")
    apart = solve_cell(replace(cell, sides={"chip": "straight", "first layer": "straight"}), change)
    one = solve_cell(replace(cell, sides={("chip", "first layer"): "straight"}), change)
    assert apart.mean_stretch("side of chip") == pytest.approx(one.mean_stretch("side of chip"), rel=1e-10)
    assert apart.mean_stretch("side of chip") == pytest.approx(one.mean_stretch("side of first layer"), rel=1e-10)
    follows = solve_cell(replace(cell, sides={"chip": -5e-4, "first layer": "straight", "board": "straight"}), change)
    assert follows.mean_stretch("side of first layer") == pytest.approx(-5e-4, rel=1e-12)
    assert follows.mean_stretch("side of board") == pytest.approx(-1.8e-3, rel=0.05)


def test_a_tuple_of_names_is_one_wall_though_apart() -> None:
    """Chip and board of different materials, tied to one strain between their own free ones."""
    cell = replace(DEVICE, bottom="held_flat", top="flat", sides={("chip", "board"): "straight"})
    tied = solve_cell(cell, CellLoad(temperature_change=-100.0))
    chip, board = (tied.mean_stretch(f"side of {name}") for name in ("chip", "board"))
    assert chip == pytest.approx(board, rel=1e-12)
    assert -1.8e-3 < chip < -2.6e-4


def test_a_straight_side_between_two_driven_ends_stands_still_or_is_refused() -> None:
    """Under temperature and pull it is a confined layer; a shift of the ends against each other it cannot follow."""
    layer = replace(post(2.0, 0.2, SILICONE), sides={"post": "straight"})
    assert solve_cell(layer, CellLoad(axial=1e-3)).reaction().axial > 0
    with pytest.raises(SolveError, match=r"given different motions, 0 and 0\.001") as refused:
        solve_cell(layer, CellLoad(lateral=1e-3))
    assert refused.value.code == "S506"


def test_what_touches_no_load_is_not_solved() -> None:
    """A pull excites no m = 1 and a shift no m = 0; no load, nothing: all answers are zero."""
    assert [p.system.strain.harmonic for p in solve_cell(DEVICE, CellLoad(axial=1.0)).parts] == [0]
    assert [p.system.strain.harmonic for p in solve_cell(DEVICE, CellLoad(rocking=1.0)).parts] == [1]
    idle = solve_cell(DEVICE, CellLoad())
    assert idle.parts == ()
    assert idle.reaction().axial == idle.reaction().moment == 0.0
    assert not idle.displacement(0.1, -0.1).any()
    assert set(idle.energy.values()) == {0.0}


def test_the_answer_prints_itself() -> None:
    """Regions, reactions of held ends with their units, certificates."""
    solution = solve_cell(replace(DEVICE, top="held_flat"), CellLoad(axial=1e-3))
    for text in (str(solution), solution._repr_html_()):
        for word in ("reaction at the top", "(held_flat)", "N·mm", "mm³", "first layer", "residual"):
            assert word in text
    assert "silicone" in str(DEVICE)
    whole = solve_cell(JointCell((Region("ball", HalfDisc(0, 1), COPPER),), "free", "free"), CellLoad(100.0))
    assert "reaction" not in str(whole)


SQUARE = rectangle((0.0, 1.0), (0.0, 1.0))
BLOCK = Region("block", SQUARE, COPPER)
DOME = Region("dome", HalfDisc(1.2, 0.5, below=1.0), COPPER)
BALL = Region("ball", HalfDisc(1.0 + 0.5, 0.5), COPPER)
TABLE = Material(
    "tabled",
    Isotropic(Property((50e3, 30e3), (300.0, 400.0)), Property((0.35,))),
    Expansion(*(3 * [Property((20e-6,))])),
)
PULL, HEAT = CellLoad(axial=1e-3), CellLoad(temperature_change=100.0)

REFUSALS: dict[str, tuple[Callable[[], object], type[WlpError], str, str]] = {
    "unknown end": (lambda: solve_cell(JointCell((BLOCK,), top="fixed"), PULL), ConfigError, "F111", "top end"),
    "unknown side": (
        lambda: solve_cell(JointCell((BLOCK,), sides={"block": "flat"}), PULL),
        ConfigError,
        "F111",
        "side of 'block' cannot be held like this",
    ),
    "side not finite": (
        lambda: solve_cell(JointCell((BLOCK,), sides={"block": np.nan}), PULL),
        ConfigError,
        "F111",
        "side of 'block' cannot be held like this",
    ),
    "load not finite": (lambda: solve_cell(JointCell((BLOCK,)), CellLoad(axial=np.inf)), ConfigError, "U104", "axial"),
    "no material": (lambda: solve_cell(JointCell((Region("block", SQUARE),)), PULL), ConfigError, "F109", "'block'"),
    "two materials": (
        lambda: solve_cell(JointCell((BLOCK, Region("block", rectangle((0, 1), (1, 2)), FR4))), PULL),
        ConfigError,
        "F114",
        "different materials",
    ),
    "no region": (lambda: solve_cell(JointCell(()), PULL), MeshError, "E406", "no region"),
    "bad outline": (
        lambda: solve_cell(JointCell((Region("block", Polygon(((0, 0), (1, 0))), COPPER),)), PULL),
        MeshError,
        "E406",
        "'block' bounds no area",
    ),
    "side of an unknown region": (
        lambda: solve_cell(JointCell((BLOCK,), sides={"blok": "straight"}), PULL),
        MeshError,
        "E403",
        "'blok'",
    ),
    "side without a wall": (
        lambda: solve_cell(JointCell((BLOCK, DOME), "held_flat", "free", sides={"dome": "straight"}), HEAT),
        MeshError,
        "E403",
        "no outer vertical face",
    ),
    "end without a face": (
        lambda: solve_cell(JointCell((Region("ball", HalfDisc(0.0, 1.0), COPPER),)), PULL),
        MeshError,
        "E403",
        "no flat face at its bottom",
    ),
    "pull of a free end": (lambda: solve_cell(JointCell((BLOCK,), top="flat"), PULL), SolveError, "S505", "'flat'"),
    "shift of a sliding end": (
        lambda: solve_cell(JointCell((BLOCK,), top="held_flat"), CellLoad(lateral=1.0)),
        SolveError,
        "S505",
        "lateral",
    ),
    "rocking of a free end": (
        lambda: solve_cell(JointCell((BLOCK,), top="free"), CellLoad(rocking=1.0)),
        SolveError,
        "S505",
        "rocking",
    ),
    "a ball that touches a plane in one point": (
        lambda: solve_cell(JointCell((BLOCK, BALL), "driven", "free"), HEAT),
        SolveError,
        "S507",
        "'ball' near .* along a corner only",
    ),
    "a part that hangs in the air": (
        lambda: solve_cell(JointCell((BLOCK, Region("lid", rectangle((0.0, 0.5), (1.5, 2.0)), SILICON))), PULL),
        SolveError,
        "S507",
        "'lid'",
    ),
    "two strains at one edge": (
        lambda: solve_cell(
            JointCell(
                (BLOCK, Region("lid", rectangle((0.0, 1.0), (1.0, 1.2)), SILICON)),
                "held_flat",
                "free",
                sides={"block": 1e-3, "lid": 2e-3},
            ),
            HEAT,
        ),
        SolveError,
        "S506",
        "side of lid and the side of block|side of block and the side of lid",
    ),
    "temperature beyond the table": (
        lambda: solve_cell(JointCell((Region("block", SQUARE, TABLE),)), CellLoad(50.0, stress_free=380.0)),
        MaterialError,
        "M108",
        "tabled",
    ),
    "a place outside": (
        lambda: solve_cell(JointCell((BLOCK,), grading=COARSE), PULL).displacement(1.1, 0.5),
        MeshError,
        "E405",
        "r = 1.1 mm",
    ),
    "a face that is none": (
        lambda: solve_cell(JointCell((BLOCK,), grading=COARSE), PULL).mean_displacement("block"),
        MeshError,
        "E403",
        "'block' is not a face",
    ),
    "the stress in a region elsewhere": (
        lambda: solve_cell(
            JointCell((BLOCK, Region("lid", rectangle((0.0, 1.0), (1.0, 1.2)), SILICON)), grading=COARSE), PULL
        ).stress(0.5, 0.5, region="lid"),
        MeshError,
        "E405",
        "outside",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_says_what_and_what_to_do(case: str) -> None:
    """Each with its kind, its code, the thing named, and a hint."""
    act, kind, code, words = REFUSALS[case]
    with pytest.raises(kind, match=words) as refused:
        act()
    assert refused.value.code == code
    assert refused.value.hint or kind is MaterialError


def test_a_void_needs_no_material() -> None:
    """It removes what was painted before."""
    hole = Region(VOID, rectangle((0.0, 0.5), (0.2, 0.8)))
    pulled = solve_cell(JointCell((BLOCK, hole), grading=COARSE), PULL)
    assert pulled.volume["block"] == pytest.approx(np.pi * (1 - 0.25 * 0.6), rel=1e-9)


def test_a_stack_that_is_too_uneven_to_solve_is_told_by_its_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The energy balance is asked after: made impossible, it refuses."""
    monkeypatch.setattr(cells, "ENERGY_MISMATCH_ASKED", -1.0)
    with pytest.raises(SolveError) as refused:
        solve_cell(JointCell((BLOCK,), grading=COARSE), PULL)
    assert refused.value.code == "S504"


def test_moduli_from_silicone_to_rigid_keep_their_certificates() -> None:
    """Silicone 2 MPa at nu 0.499 beside a part of 1e9 MPa: residual and energies stay green."""
    rigid = isotropic("rigid", 1e9, 0.3, 0.0)
    stack = (
        Region("chip", rectangle((0.0, 0.3), (0.1, 0.3)), rigid),
        Region("layer", rectangle((0.0, 0.3), (0.0, 0.1)), SILICONE),
        Region("cylinder", rectangle((0.0, 0.1), (0.0, 0.1)), SOLDER),
    )
    solution = solve_cell(JointCell(stack, grading=COARSE), LOADS["driven"])
    assert solution.residual < 1e-12
    assert solution.energy_mismatch < 1e-9
    assert solution.energy["chip"] < 1e-3 * solution.energy["cylinder"]


def test_a_section_that_is_held_everywhere_has_no_node_to_pin() -> None:
    """E402: a motion is left to hold, and every node follows a face already."""
    mesh = DEVICE.mesh
    ruled = np.zeros((len(mesh.points), 3), dtype=bool)
    assert mesh.points[_pins(mesh, ruled, ["axial"])[0] // 3, 0] == mesh.points[:, 0].max()
    ruled[:, 2] = True
    with pytest.raises(MeshError, match="all nodes") as refused:
        _pins(mesh, ruled, ["axial"])
    assert refused.value.code == "E402"
