"""What must hold between solutions: mirrors, refinement, scaling, reciprocity; and the same by stock elements."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.linalg import splu
from skfem import Basis, BilinearForm, ElementHex2, ElementVector, LinearForm, MeshHex, MeshHex2
from skfem.helpers import ddot, sym_grad

from fem_wlp import assembly
from fem_wlp.assembly import CondensedPlate, Film, Plate, PlateMesh, Symmetry, parity
from fem_wlp.assembly.axis import half_axis, whole_axis
from fem_wlp.assembly.slabs import Slabs
from fem_wlp.joint.element import JointElement

from .models import (
    BOARD,
    CHIP_STRAIN,
    HEIGHT,
    NO_SYMMETRY,
    PITCH,
    FloatArray,
    array,
    decoupling,
    grid,
    isotropic,
    layered,
    plates,
    post,
    solve_pair,
)

FILM = assembly.laminate_film([Film(0.05, -0.175, isotropic(300.0, 0.42), np.full(3, -1e-2))])
PERIMETER = np.array([r for r in grid(6, 6) if np.abs(r).max() > PITCH])
LOPSIDED = np.delete(grid(3, 2), 1, axis=0)
SIDES_2X2 = grid(2, 2)


def device(k: float = 500.0) -> JointElement:
    """A post with every kind of coupling: layers on the chip, bending of the cell, an edge's load."""
    joint = layered(post(k), FILM)
    rng = np.random.default_rng(1)
    mixed = rng.normal(size=(6, 3)) * [1.0, 0.1, 0.01]
    mixed[0], mixed[3] = mixed[0] - (mixed[0] + mixed[3]) / 2, mixed[3] - (mixed[0] + mixed[3]) / 2
    return replace(
        joint,
        axial=joint.axial + 10 * mixed @ mixed.T,
        axial_load=joint.axial_load + np.array([0.3, 0.02, 0.01, -0.3, 0.03, 0.01]),
        edge_load=np.array([-0.2, 0.03, 0.2, 0.15]),
    )


def edges(places: FloatArray, outline: tuple[float, float]) -> FloatArray:
    return assembly.edge_factors(places, outline, PITCH, 0.1)


@pytest.mark.parametrize(
    ("places", "outline"),
    [
        (grid(4, 4), (2.2, 2.0)),
        (grid(3, 3), (1.6, 1.5)),
        (grid(4, 3), (2.0, 1.9)),
        (grid(1, 4), (0.4, 2.0)),
        (PERIMETER, (3.0, 3.0)),
        (grid(3, 3) + np.array([0.1, 0.0]), (1.9, 1.5)),
        (np.delete(grid(3, 3), [0, 2], axis=0), (1.6, 1.5)),
    ],
    ids=["even", "odd", "oblong", "one column", "perimeter", "off centre", "one mirror"],
)
def test_mirrors_change_no_answer(places: FloatArray, outline: tuple[float, float]) -> None:
    """A quarter or a half is the whole, with joints on the mirror planes too: 1e-9 of the largest value."""
    answers = []
    for symmetry in (assembly.symmetry_of(places), NO_SYMMETRY):
        condensed = plates(places, outline, overhang=0.7, symmetry=symmetry)
        answers.append(assembly.assemble(*condensed, [device()], edges(places, outline), FILM))
    for name in ("shift", "pad_to_pad", "chip", "board", "shear_force", "axial_force", "moment"):
        part, whole = (getattr(answer, name) for answer in answers)
        np.testing.assert_allclose(part, whole, rtol=0, atol=1e-9 * np.abs(whole).max(), err_msg=name)
    part, whole = answers
    np.testing.assert_allclose(part.chip_shape.deflection, whole.chip_shape.deflection, rtol=0, atol=1e-13)
    assert part.board_shape.warpage == pytest.approx(whole.board_shape.warpage, rel=1e-9)


def test_the_image_of_a_package_has_the_image_of_its_answer() -> None:
    """Reflected in x = 0: x components of shift and force and the moment about x change as vectors do."""
    original, image = (
        assembly.assemble(
            *plates(places, (1.9, 1.2)), [device()], edges(places, (1.9, 1.2)), FILM
        )
        for places in (LOPSIDED, LOPSIDED * [-1, 1])
    )  # fmt: skip
    np.testing.assert_allclose(image.shift, original.shift * [-1, 1], atol=1e-14)
    np.testing.assert_allclose(image.shear_force, original.shear_force * [-1, 1], atol=1e-10)
    np.testing.assert_allclose(image.moment, original.moment * [1, -1], atol=1e-10)
    np.testing.assert_allclose(image.axial_force, original.axial_force, atol=1e-10)


@pytest.mark.parametrize("k", [20.0, 300.0, 3000.0])
@pytest.mark.parametrize("overhang", [0.0, 0.75])
def test_refining_the_plates_leaves_the_decoupling(k: float, overhang: float) -> None:
    """Twice as many elements in all three directions, and a gentler grading: D moves by less than 0.002."""
    figures = [
        solve_pair(array(4, 4, overhang=overhang, mesh=mesh), post(k))[1]
        for mesh in (PlateMesh(), PlateMesh(per_pitch=4, through=4, through_band=6, growth=1.4))
    ]
    assert np.abs(figures[0] - figures[1]).max() < 0.002


def test_a_wide_margin_of_the_chip_is_divided_coarsely_and_costs_no_accuracy() -> None:
    """Six pitches of film beyond 4 x 4 joints, against a margin that is divided almost evenly.

    Lengths that grow two-fold, as those of the board do, where nothing pulls at the edge, are not fine enough.
    """
    outline = (16 * PITCH, 16 * PITCH)
    default, doubling, even = (
        plates(grid(4, 4), outline, 0.5, mesh=mesh)
        for mesh in (PlateMesh(), PlateMesh(growth_loaded=2.0), PlateMesh(growth_loaded=1.02))
    )
    assert 3 * default[0].unknowns < even[0].unknowns
    found, coarser, known = (
        assembly.assemble(*both, [device()], edges(grid(4, 4), outline), FILM) for both in (default, doubling, even)
    )
    for name, lost in {"shift": 1e-4, "shear_force": 1e-4, "moment": 1e-3, "axial_force": 1e-3}.items():
        allowed = lost * np.abs(getattr(known, name)).max()
        assert np.abs(getattr(found, name) - getattr(known, name)).max() < allowed, name
        assert np.abs(getattr(coarser, name) - getattr(known, name)).max() > allowed, name
    assert found.chip_shape.warpage == pytest.approx(known.chip_shape.warpage, rel=1e-3)


@pytest.mark.long
def test_a_thin_wide_chip_is_solved_as_well() -> None:
    """50 um of silicon over 3 mm: round-off stays below 1e-6, and refinement leaves D within 0.002."""
    figures = []
    for per_pitch in (2, 8):
        thick, board = array(6, 6, mesh=PlateMesh(per_pitch=per_pitch))
        thin = replace(thick.plate, thickness=0.05, height=thick.plate.height - 0.125)
        mesh, symmetry = PlateMesh(per_pitch=per_pitch), Symmetry(x=True, y=True)
        chip = assembly.condense_plate(thin, thick.places, PITCH, symmetry, mesh)
        assert chip.roundoff < 1e-6
        joint = assembly.post_element(300.0, 1e4, 10.0, HEIGHT, (0.05, BOARD))
        figures.append(solve_pair((chip, board), joint)[1])
    assert np.abs(figures[0] - figures[1]).max() < 0.002


def test_what_a_factor_has_lost_is_solved_for_once_more() -> None:
    """Factors of a matrix that is off by 1e-4: solutions and the error that is told are of its square."""
    root = np.random.default_rng(3).standard_normal((11, 11))
    K, load = root @ root.T + np.eye(11), np.arange(22.0).reshape(11, 2)
    planes = [slice(0, 4), slice(4, 7), slice(7, 11)]
    factor = Slabs(lambda row, column: 1.0001 * K[planes[row], planes[column]], np.repeat([0, 1, 2], [4, 3, 4]))
    exact = np.linalg.solve(K, load)
    once, (refined, lost) = factor.solve(load), parity._solved(lambda u: K @ u, factor, load)
    left = [np.linalg.norm(u - exact) / np.linalg.norm(exact) for u in (once, refined)]
    assert left == pytest.approx([1e-4, 1e-8], rel=0.01)
    assert lost == pytest.approx(1e-8, rel=0.01)


@pytest.mark.parametrize("lines", [(5, 3), (3, 5)])
@pytest.mark.parametrize("odd", list(product((1, -1), repeat=3)))
def test_the_stiffness_between_mesh_planes_is_what_acts_direction_by_direction(
    odd: parity.Parity, lines: tuple[int, int]
) -> None:
    """All blocks put together are K, column by column, of orthotropic plates; one held unknown is left out of both."""
    C = np.diag([5.0, 7.0, 11.0, 2.0, 3.0, 4.0])
    C[:3, :3] += 1.0
    axes = (
        half_axis(np.linspace(0.0, 1.3, lines[0])),
        half_axis(np.linspace(0.0, 0.9, lines[1])),
        whole_axis(np.array([-0.1, -0.02, 0.0, 0.02, 0.1])),
    )
    plane, blocks = parity._planes(axes, odd), parity.stiffness_planes(axes, C, odd)
    K = parity.stiffness_times(axes, C, odd, np.eye(len(plane)))
    order = np.argsort(plane, kind="stable")
    count = plane.max() + 1
    rebuilt = np.block([[blocks(row, column) for column in range(count)] for row in range(count)])
    np.testing.assert_allclose(rebuilt, K[np.ix_(order, order)], rtol=0, atol=1e-12 * np.abs(K).max())
    free = np.ones(len(K), dtype=bool)
    free[len(K) // 2] = False
    spring = K + 0.1 * np.abs(K).max() * np.eye(len(K))  # holds rigid motions
    load = np.where(free, np.arange(1.0, len(K) + 1), 0.0)
    members = [np.flatnonzero(plane == number) for number in range(count)]
    solution = Slabs(lambda row, column: spring[np.ix_(members[row], members[column])], plane, free).solve(load)
    assert solution[~free] == 0.0
    np.testing.assert_allclose(spring[np.ix_(free, free)] @ solution[free], load[free], rtol=1e-10)


def test_a_chip_much_thinner_than_the_pitch_needs_no_more_elements_on_it_than_eight() -> None:
    """10 um under a pitch of 0.5 mm: with twenty of them joints are loaded alike, within 0.1 %."""
    answers = []
    for most in (8, 20):
        mesh = PlateMesh(most_per_pitch=most)
        thick, board = array(2, 2, mesh=mesh)
        thin = replace(thick.plate, thickness=0.01, height=thick.plate.height - 0.145)
        symmetry = Symmetry(x=True, y=True)
        chip = assembly.condense_plate(thin, thick.places, PITCH, symmetry, mesh)
        joint = assembly.post_element(300.0, 1e4, 10.0, HEIGHT, (0.01, BOARD))
        answers.append(assembly.assemble(chip, board, [joint]).shear_force)
    np.testing.assert_allclose(answers[0], answers[1], rtol=1e-3)


@pytest.mark.parametrize("factor", [2.0, -0.5])
def test_answers_scale_with_the_temperature_change(factor: float) -> None:
    """All free strains times c: everything times c, so D stays; the plates need no second condensation."""
    first = array(3, 3)
    second = tuple(
        assembly.with_plate(c, replace(c.plate, thermal_strain=factor * c.plate.thermal_strain)) for c in first
    )
    one, other = (assembly.assemble(*pair, [post(300.0)]) for pair in (first, second))
    np.testing.assert_allclose(other.shift, factor * one.shift, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(other.moment, factor * one.moment, rtol=1e-9, atol=1e-12)
    assert other.chip_shape.warpage == pytest.approx(factor * one.chip_shape.warpage, rel=1e-9)


def test_no_temperature_change_moves_nothing() -> None:
    """The homogeneous problem has the zero solution only, and its certificates are zero, not nan."""
    solution = assembly.assemble(*array(3, 2, strains=(0.0, 0.0)), [post(300.0)])
    assert not solution.shift.any()
    assert not solution.shear_force.any()
    assert solution.certificates.energy == solution.certificates.equilibrium == 0
    assert solution.certificates.residual < 1e-10


def test_flexibility_is_reciprocal_and_never_negative() -> None:
    """Maxwell and Betti, 1e-10; stored energy f G f >= 0 for any forces."""
    for condensed in plates(LOPSIDED, (1.9, 1.2), overhang=0.4):
        assert condensed.asymmetry < 1e-10
        values = np.linalg.eigvalsh(condensed.flexibility)
        assert values.min() > -1e-10 * values.max()


def test_a_stiffer_joint_next_door_changes_its_neighbours() -> None:
    """Elements of their own at each place: one stiff joint among soft ones takes the force, the others less."""
    condensed = array(2, 2, symmetry=NO_SYMMETRY)
    same = assembly.assemble(*condensed, [post(300.0)])
    one = assembly.assemble(*condensed, [post(3000.0), *[post(300.0)] * 3])
    forces = [np.linalg.norm(answer.shear_force, axis=1) for answer in (same, one)]
    assert forces[1][0] > 1.2 * forces[0][0]
    assert one.certificates.equilibrium < 1e-12
    np.testing.assert_allclose(one.shear_force.sum(axis=0), 0, atol=1e-12)


def test_the_moment_at_mid_height_is_what_bends_the_post() -> None:
    """F = k_lateral s, M = k_rocking (relative rotation of the ends), N = k_axial (change of distance).

    M is the vector, about x and about y; exact up to the solve's round-off.
    """
    k, k_rocking = 300.0, 25.0
    solution = assembly.assemble(*plates(LOPSIDED, (1.9, 1.2)), [post(k, 1e4, k_rocking)])
    np.testing.assert_allclose(solution.shear_force, k * solution.shift, rtol=1e-9, atol=1e-12)
    relative = solution.footprint[:, :, 3] - solution.footprint[:, :, 1]
    turned = np.column_stack([-relative[:, 1], relative[:, 0]])
    np.testing.assert_allclose(solution.moment, k_rocking * turned, rtol=1e-9, atol=1e-12)
    stretch = solution.chip[:, 4] - solution.board[:, 4]
    np.testing.assert_allclose(solution.axial_force, 1e4 * stretch, rtol=1e-6, atol=1e-10)


def test_a_free_edge_pulls_inwards_on_all_four_sides_alike() -> None:
    """A shrinking layer's load faces +x: on the other sides it is turned, so the answer keeps the array's symmetry."""
    joint = replace(post(300.0), edge_load=np.array([-0.2, 0.03, 0.2, 0.15]))
    condensed = array(3, 3, strains=(0.0, 0.0), symmetry=NO_SYMMETRY)
    factors = edges(condensed[0].places, (1.5, 1.5))
    solution = assembly.assemble(*condensed, [joint], factors)
    right, top, middle = (int(np.argmin(np.hypot(*(condensed[0].places - r).T))) for r in ([0.5, 0], [0, 0.5], [0, 0]))
    assert solution.shear_force[right, 0] == pytest.approx(solution.shear_force[top, 1], rel=1e-9)
    assert solution.shear_force[right, 0] != pytest.approx(0, abs=1e-3)
    assert np.abs(solution.shear_force[middle]).max() < 1e-12
    assert factors[right].tolist() == pytest.approx([1, np.exp(-10), np.exp(-5), np.exp(-5)])


# The same assembly by stock elements: whole plates, 27-node hexahedra, joints added to the sparse matrix.


def fourth_order(C: FloatArray) -> FloatArray:
    voigt = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])
    return C[voigt[:, :, None, None], voigt[None, None]]


def stock_plate(plate: Plate, lines: list[FloatArray]) -> tuple[Basis, sp.csr_matrix, FloatArray]:
    """Basis, stiffness and thermal load of the whole plate, z from its mid-plane."""
    mesh = MeshHex2.from_mesh(MeshHex.init_tensor(*lines, np.array([-plate.thickness / 2, plate.thickness / 2])))
    basis = Basis(mesh, ElementVector(ElementHex2()), intorder=4)
    tensor = fourth_order(plate.stiffness)
    K = BilinearForm(lambda u, v, w: ddot(np.einsum("ijkl,kl...->ij...", tensor, sym_grad(u)), sym_grad(v)))
    stress = np.einsum("ijkl,kl->ij", tensor, np.diag(plate.thermal_strain))
    load = LinearForm(lambda v, w: np.einsum("ij,ij...->...", stress, sym_grad(v)))
    return basis, K.assemble(basis), load.assemble(basis)


def stock_rows(basis: Basis, cell: FloatArray, thickness: float) -> FloatArray:
    """The 11 coordinates of a cell as integrals over its elements."""
    x, y, _ = basis.mesh.p[:, basis.mesh.t].mean(axis=1)
    inside = np.flatnonzero((x > cell[0]) & (x < cell[1]) & (y > cell[2]) & (y < cell[3]))
    part = Basis(basis.mesh, basis.elem, intorder=4, elements=inside)
    volume = (cell[1] - cell[0]) * (cell[3] - cell[2]) * thickness
    integrands = [
        lambda v, g: v[0],
        lambda v, g: v[1],
        lambda v, g: v[2],
        lambda v, g: (g[0, 0] + g[1, 1]) / 2,
        lambda v, g: (g[0, 0] - g[1, 1]) / 2,
        lambda v, g: (g[0, 1] + g[1, 0]) / 2,
    ]
    means = [LinearForm(lambda v, w, f=f: f(v, v.grad)).assemble(part) / volume for f in integrands]
    slopes = [
        LinearForm(lambda v, w, f=f: w.x[2] * f(v, v.grad)).assemble(part) / (volume * thickness**2 / 12)
        for f in integrands
    ]
    order = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (3, 0), (3, 1), (4, 0), (4, 1), (5, 0), (5, 1)]
    return np.array([(means, slopes)[power][integrand] for integrand, power in order])


def joint_matrix(joint: JointElement) -> FloatArray:
    K = np.zeros((22, 22))
    for index, part in (
        ([0, 1, 11, 12], joint.lateral), ([2, 3, 13, 14], joint.lateral), ([4, 5, 6, 15, 16, 17], joint.axial),
        ([7, 8, 18, 19], joint.planar), ([9, 10, 20, 21], joint.planar),
    ):  # fmt: skip
        K[np.ix_(index, index)] += part
    return K


def joint_load(joint: JointElement, sides: FloatArray) -> FloatArray:
    load = np.zeros(22)
    load[[4, 5, 6, 15, 16, 17]] = joint.axial_load
    load[[0, 1, 11, 12]] += (sides[0] - sides[1]) * joint.edge_load
    load[[2, 3, 13, 14]] += (sides[2] - sides[3]) * joint.edge_load
    return load


def stock_motion(chip: CondensedPlate, board: CondensedPlate, joint: JointElement, factors: FloatArray) -> FloatArray:
    """(n, 22) coordinates of all joints from one sparse system; the board held at three corners."""
    outline, places = chip.plate.outline, chip.places
    parts = [
        stock_plate(plate.plate, [np.concatenate([-line[:0:-1], line]) for line in plate.corners])
        for plate in (chip, board)
    ]
    K = sp.block_diag([part[1] for part in parts], format="csr")
    f = np.concatenate([part[2] for part in parts])
    split = parts[0][1].shape[0]
    cells = assembly.joint_cells(outline, places, PITCH)

    def rows_of(plate: int, cell: FloatArray) -> sp.csr_matrix:
        rows = stock_rows(parts[plate][0], cell, (chip, board)[plate].plate.thickness)
        return sp.csr_matrix(np.pad(rows, ((0, 0), (0, len(f) - split) if plate == 0 else (split, 0))))

    joints = [sp.vstack([rows_of(0, cell), rows_of(1, cell)]) for cell in cells]
    for Q, sides in zip(joints, factors, strict=True):
        K = K + Q.T @ sp.csr_matrix(joint_matrix(joint)) @ Q
        f += Q.T @ joint_load(joint, sides)
    for cell in assembly.bare_cells(outline, cells):
        area = (cell[1] - cell[0]) * (cell[3] - cell[2])
        Q = rows_of(0, cell)[5:]
        K = K + Q.T @ sp.block_diag([area * FILM.axial, area * FILM.planar, area * FILM.planar]) @ Q
        f += Q[:2].T @ (area * FILM.axial_load)
    u = solve_pinned(K.tocsc(), f, parts[1][0], split)
    return np.array([Q @ u for Q in joints])


def solve_pinned(K: sp.csc_matrix, f: FloatArray, board: Basis, split: int) -> FloatArray:
    """Hold the board at three of its corners, statically determinate."""
    p = board.doflocs
    low = np.isclose(p[2], p[2].min())
    corner = {(sx, sy): np.flatnonzero(low & np.isclose(p[0], sx * p[0].max()) & np.isclose(p[1], sy * p[1].max()))
              for sx, sy in product((-1, 1), repeat=2)}  # fmt: skip
    held = split + np.array([*corner[-1, -1], *corner[1, -1][1:], corner[-1, 1][2]])
    free = np.setdiff1d(np.arange(len(f)), held)
    u = np.zeros(len(f))
    u[free] = splu(K[free][:, free]).solve(f[free])
    return u


def test_the_condensed_assembly_is_that_of_stock_hexahedra() -> None:
    """One sparse system of 27-node hexahedra on the whole plan gives the same shifts, strains and forces.

    Three joints on an L, layers in a margin and an empty site, an orthotropic board; 1e-7, the sparse system's
    round-off.
    """
    places, outline, mesh = np.delete(grid(2, 2), 1, axis=0), (1.3, 1.0), PlateMesh(per_pitch=1, through=1)
    chip, board = plates(places, outline, overhang=0.25, mesh=mesh)
    C = isotropic(22e3, 0.28)
    C[0, 0], C[5, 5] = 1.3 * C[0, 0], 0.8 * C[5, 5]
    woven = replace(board.plate, stiffness=C, thermal_strain=np.array([-1.8e-3, -1.5e-3, -5e-3]))
    board = assembly.condense_plate(woven, places, PITCH, NO_SYMMETRY, mesh)
    joint, factors = device(), edges(places, outline)
    condensed = assembly.assemble(chip, board, [joint], factors, FILM)
    q = stock_motion(chip, board, joint, factors)
    K = joint_matrix(joint)
    forces = np.array([K @ row - joint_load(joint, sides) for row, sides in zip(q, factors, strict=True)])
    ends = np.array([[joint.footprint @ row[index] for index in ([0, 1, 11, 12], [2, 3, 13, 14])] for row in q])
    shift = ends[:, :, 2] - ends[:, :, 0] + joint.height * (ends[:, :, 1] + ends[:, :, 3]) / 2
    for ours, stock in (
        (condensed.chip[:, 5:], q[:, 5:11]),
        (condensed.board[:, 5:], q[:, 16:]),
        (condensed.shift, shift),
        (condensed.shear_force, forces[:, [11, 13]]),
        (condensed.axial_force, -forces[:, 15]),
    ):
        np.testing.assert_allclose(ours, stock, rtol=0, atol=1e-7 * np.abs(stock).max())


def test_decoupling_is_not_changed_by_units_of_force() -> None:
    """All stiffnesses times a thousand (N to mN): D stays to 1e-9."""
    places, outline = grid(3, 3), (1.5, 1.5)
    first = plates(places, outline)
    second = tuple(
        assembly.condense_plate(
            replace(c.plate, stiffness=1e3 * c.plate.stiffness), places, PITCH, Symmetry(x=True, y=True), PlateMesh()
        )
        for c in first
    )
    D = [solve_pair(pair, post(k, 1e2 * k, 0.1 * k))[1] for pair, k in ((first, 300.0), (second, 3e5))]
    np.testing.assert_allclose(D[0], D[1], rtol=1e-9)


def test_a_severed_joint_leaves_the_layers_bow_in_the_mismatch() -> None:
    """With layers on the chip delta0 is no longer linear in alpha alone; the tilt of the bowed chip is taken off."""
    chip, board = array(4, 4)
    cut = layered(post(0.0, 0.0, 0.0), FILM)
    free = assembly.severed(chip, board, [cut], film=FILM)
    assert free.chip_shape.warpage > 0
    bare = assembly.severed(chip, board, [post(0.0, 0.0, 0.0)])
    ratio = decoupling(free, bare)
    assert np.all(np.abs(ratio - 1) > 1e-4)
    tilt = (free.footprint[:, :, 1] + free.footprint[:, :, 3]) / 2
    np.testing.assert_allclose(free.shift - free.pad_to_pad, free.height * tilt, rtol=0, atol=1e-15)
    assert abs(free.chip[0, 5] - CHIP_STRAIN) > 1e-6


def test_a_balanced_joint_keeps_its_stiffness_and_loses_its_noise() -> None:
    """Round-off of 1e-9 N/mm on a soft joint is taken off: forces in equilibrium to 1e-12, stiffness kept to 1e-8."""
    condensed = array(3, 2)
    noise = np.random.default_rng(2).normal(size=(6, 6)) * 1e-9
    soft = post(1e-2, 1.0, 1e-3)
    noisy = replace(soft, lateral=soft.lateral + (noise + noise.T)[:4, :4], axial=soft.axial + noise + noise.T)
    clean = assembly.balanced(noisy, condensed[0].plate, condensed[1].plate)
    np.testing.assert_allclose(clean.lateral, soft.lateral, rtol=0, atol=1e-8)
    np.testing.assert_allclose(clean.axial, soft.axial, rtol=0, atol=1e-8)
    assert assembly.assemble(*condensed, [noisy]).certificates.equilibrium > 1e-9
    assert assembly.assemble(*condensed, [clean]).certificates.equilibrium < 1e-12
