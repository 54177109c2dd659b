"""Solving: what the residual is, how the solver is chosen, prescribed values, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from fem_wlp.errors import SolveError
from fem_wlp.solid import operator as solid
from fem_wlp.solid import solve as module
from fem_wlp.solid.solve import Displacement, solve, solver
from fem_wlp.verification.bricks import border, cube, isotropic_tensor, mapped, named, warped, with_copies

from .loading import STRAINS, cooled
from .meshes import sandwich

methods = pytest.mark.parametrize("method", ["direct", "multigrid"])

CASE = cooled(sandwich(1), 0.45)
RANDOM = np.random.default_rng(0).standard_normal(CASE.load.shape)


@methods
def test_the_residual_is_what_the_assembled_equations_leave(method: module.Method) -> None:
    """|f - K u| over |f - K u_prescribed| on the free unknowns, forces and prescribed values at once."""
    values = np.where(CASE.fixed, 1e-3, 7.0)  # what is asked at free components counts for nothing
    found = solve(CASE.operator, CASE.load, CASE.fixed, values, method, tolerance=1e-6)
    K = CASE.operator.stiffness.assembled()
    free = ~CASE.fixed.ravel()
    prescribed = np.where(CASE.fixed, 1e-3, 0.0).ravel()
    rest = (CASE.load.ravel() - K @ found.u.ravel())[free]
    scale = (CASE.load.ravel() - K @ prescribed)[free]
    assert (found.u[CASE.fixed] == 1e-3).all()
    expected = np.linalg.norm(rest) / np.linalg.norm(scale)
    assert found.residual == pytest.approx(expected, rel=1e-6, abs=1e-15)
    assert found.residual < (1e-12 if method == "direct" else 1e-6)


@methods
def test_prescribed_displacements_alone_drive_a_body(method: module.Method) -> None:
    """A uniform strain prescribed on the border of a curved body: 1e-8 inside, at a residual of 1e-11."""
    box = cube(3)
    mesh = mapped(box, warped)
    one = solid.operator(mesh, isotropic_tensor(1000.0, 0.4)[None])
    exact = mesh.points @ np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0], [0.3, 0.7, 1.1]]).T
    fixed = np.repeat(border(box)[:, None], 3, axis=1)
    found = solve(one, 0 * exact, fixed, exact, method, tolerance=1e-11)
    assert np.abs(found.u - exact).max() < 1e-8


@methods
def test_answers_are_linear_in_the_load_and_forces_on_held_components_count_for_nothing(method: module.Method) -> None:
    """One solver, many loads: u(2 f + g) = 2 u(f) + u(g) to the residual's 1e-9."""
    ready = solver(CASE.operator, CASE.fixed, method)
    other = np.where(CASE.fixed, 0.0, RANDOM)
    one, two, both = (ready.solve(load).u for load in (CASE.load, other, 2 * CASE.load + other))
    assert both == pytest.approx(2 * one + two, abs=1e-6 * np.abs(both).max())
    pushed = ready.solve(CASE.load + np.where(CASE.fixed, RANDOM, 0.0)).u
    assert (pushed == one).all()


@methods
def test_no_load_moves_nothing(method: module.Method) -> None:
    found = solve(CASE.operator, 0 * CASE.load, CASE.fixed, method=method)
    assert (found.u == 0).all()
    assert (found.residual, found.iterations) == (0.0, 0)


def test_the_solver_chooses_itself_by_size_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = solve(CASE.operator, CASE.load, CASE.fixed)
    assert (found.method, found.iterations, found.levels) == ("direct", 0, ())
    assert "direct solver, residual" in str(found)
    monkeypatch.setattr(module, "DIRECT_BELOW", 1000)
    found = solve(CASE.operator, CASE.load, CASE.fixed)
    assert found.method == "multigrid"
    assert found.levels[0] == CASE.operator.size > found.levels[1] > found.levels[2]
    assert f"{found.iterations} iterations on {CASE.operator.size} > " in str(found)


def test_what_hardly_converges_is_solved_directly_once_and_for_all_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given up after four steps of eighty; another load is not iterated any more. Asked for multigrid, it goes on."""
    for name, value in (("DIRECT_BELOW", 1000), ("TRIAL", 4), ("HOPELESS", 5)):
        monkeypatch.setattr(module, name, value)
    heard: list[int] = []
    ready = module.solver(CASE.operator, CASE.fixed)
    first = ready.solve(CASE.load, progress=lambda step, residual: heard.append(step))
    second = ready.solve(2.0 * CASE.load, progress=lambda step, residual: heard.append(step))
    assert heard == [1, 2, 3, 4]
    assert (first.method, first.iterations, first.levels) == ("direct", 0, ())
    assert first.residual < module.TOLERANCE
    np.testing.assert_allclose(second.u, 2.0 * first.u, rtol=0, atol=1e-9 * np.abs(first.u).max())
    expected = solve(CASE.operator, CASE.load, CASE.fixed, method="direct").u
    np.testing.assert_allclose(first.u, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    assert solve(CASE.operator, CASE.load, CASE.fixed, method="multigrid").method == "multigrid"


@pytest.mark.parametrize(("name", "value"), [("available_memory", lambda: 0), ("DIRECT_WHERE_SLOW", 1000)])
def test_what_is_too_large_to_be_solved_directly_goes_on(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    for key, small in (("DIRECT_BELOW", 1000), ("TRIAL", 4), ("HOPELESS", 5), (name, value)):
        monkeypatch.setattr(module, key, small)
    assert solve(CASE.operator, CASE.load, CASE.fixed).iterations > 4


def test_progress_hears_every_iteration_and_ends_below_the_tolerance() -> None:
    heard: list[tuple[int, float]] = []
    found = solve(CASE.operator, CASE.load, CASE.fixed, method="multigrid", progress=lambda *step: heard.append(step))
    assert [number for number, _ in heard] == list(range(1, found.iterations + 1))
    assert heard[-1][1] < module.TOLERANCE < heard[-2][1] * 2


def test_copies_change_no_solution() -> None:
    """To the residual: 1e-7 of the largest displacement."""
    mesh = sandwich(1)
    alone = cooled(replace(mesh, twins=np.arange(len(mesh.cells))), 0.45)
    found = solve(alone.operator, alone.load, alone.fixed, method="multigrid").u
    assert np.abs(found - solve(CASE.operator, CASE.load, CASE.fixed).u).max() < 1e-7 * np.abs(found).max()


def test_a_cooled_sandwich_stores_the_energy_of_its_free_strain() -> None:
    """Two E = - the work of the stresses on the free strains, since no force does work: 1e-7."""
    found = solve(CASE.operator, CASE.load, CASE.fixed, method="multigrid", tolerance=1e-11)
    strains, volumes = solid.strains_of(CASE.operator, found.u)
    stress = solid.stresses_of(CASE.operator, strains, STRAINS)
    work = -np.einsum("eqa,ea,eq->", stress, STRAINS[CASE.operator.mesh.regions], volumes)
    assert 2 * solid.energies(CASE.operator, found.u, STRAINS).sum() == pytest.approx(work, rel=1e-7)


def refused(code: str, **arguments: object) -> str:
    with pytest.raises(SolveError) as fault:
        solve(CASE.operator, **({"load": CASE.load, "fixed": CASE.fixed} | arguments))
    assert fault.value.code == code
    return str(fault.value)


def test_too_few_iterations_are_refused_with_residual_and_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ITERATIONS", 3)
    assert "after 3 iterations" in refused("S502", method="multigrid")
    monkeypatch.setattr(module, "MOST_ITERATIONS", 100)
    assert isinstance(solve(CASE.operator, CASE.load, CASE.fixed, method="multigrid"), Displacement)


def test_a_tolerance_beyond_double_precision_is_refused() -> None:
    refused("S502", method="direct", tolerance=1e-30)


@methods
@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_load_that_is_not_finite_is_refused(method: module.Method, value: float) -> None:
    load = CASE.load.copy()
    load[-1] = value
    with np.errstate(invalid="ignore"):
        refused("S508", load=load, method=method)


def test_a_region_without_stiffness_is_refused() -> None:
    """Half of a cube is of nothing: the factorisation is singular."""
    mesh = with_copies(named(cube(2), ("solid", "nothing"), lambda centres: centres[:, 2] > 0.5))
    one = solid.operator(mesh, np.stack([isotropic_tensor(1000.0, 0.3), np.zeros((6, 6))]))
    fixed = np.repeat((mesh.points[:, 2] == 0)[:, None], 3, axis=1)
    with pytest.raises(SolveError) as fault:
        solve(one, np.ones(mesh.points.shape), fixed, method="direct")
    assert fault.value.code == "S501"
