"""Cycles, properties that change with temperature, and parts with a stress-free temperature of their own."""

from __future__ import annotations

import numpy as np
import pytest

from fem_wlp.decoupling import decoupling_figures
from fem_wlp.joint.section import cell_section
from fem_wlp.limits import layered_plate
from fem_wlp.materials.model import is_temperature_dependent, plane_constants, thermal_strain
from fem_wlp.package import Package, loads
from fem_wlp.results import Result
from fem_wlp.verification.packages import COMMON, Changes, package

from .packages import solved

CYCLE: Changes = {"temperatures": '{ assembly = "217 degC", cycle = ["-40 degC", "125 degC"] }'}
REAL: Changes = {"board.material": "FR4-D", "materials.solder": '{ based_on = "SAC305" }'}
OWN: Changes = {"second_layer.stress_free": "150 degC", "interconnect.stress_free": "25 degC"}


def at(service: str) -> Changes:
    return {"temperatures": f'{{ assembly = "217 degC", service = "{service}" }}'}


@pytest.fixture(scope="module")
def cycle() -> Result:
    """Temperature-dependent board and solder, layers and copper with stress-free temperatures of their own."""
    return solved(package("paste", {**REAL, **OWN, **CYCLE}))


@pytest.fixture(scope="module")
def extremes() -> tuple[Result, Result]:
    """The same package at each end of the cycle by itself."""
    return solved(package("paste", {**REAL, **OWN, **at("-40 degC")})), solved(
        package("paste", {**REAL, **OWN, **at("125 degC")})
    )


def difference(extremes: tuple[Result, Result], name: str) -> np.ndarray:
    cold, hot = (np.array([np.ravel(getattr(joint, name)) for joint in result.joints]) for result in extremes)
    return np.asarray(hot - cold)


def test_the_package_of_these_tests_changes_with_temperature() -> None:
    section = cell_section(package("paste", {**REAL, **OWN, **CYCLE}))
    assert is_temperature_dependent(section.materials["board"])
    assert is_temperature_dependent(section.materials["ball"])


@pytest.mark.parametrize("name", ["free", "shift", "pad_to_pad", "shear_force", "axial_force", "moment"])
def test_a_cycle_is_the_difference_of_its_extremes(cycle: Result, extremes: tuple[Result, Result], name: str) -> None:
    """Total form: each extreme is solved with its own properties, nothing depends on the way between them; 1e-9."""
    found = np.array([np.ravel(getattr(joint, name)) for joint in cycle.joints])
    expected = difference(extremes, name)
    assert np.abs(found - expected).max() < 1e-9 * np.abs(expected).max()


def test_the_headline_is_made_of_differences_and_each_extreme_is_listed(
    cycle: Result, extremes: tuple[Result, Result]
) -> None:
    """D of the cycle from the changes of delta and delta_0; D of each extreme as if it were solved alone."""
    figures = decoupling_figures(difference(extremes, "shift"), difference(extremes, "free"))
    assert cycle.decoupling.figure == pytest.approx(figures[0], abs=1e-9)
    for listed, alone in zip(cycle.decoupling.at, extremes, strict=True):
        assert listed.figure == pytest.approx(alone.decoupling.figure, abs=1e-9)
        assert listed.pad_to_pad == pytest.approx(alone.decoupling.pad_to_pad, abs=1e-9)
        assert listed.shear_force == pytest.approx(np.hypot(*alone.joints[0].shear_force), rel=1e-9)
        assert listed.warpage_chip == pytest.approx(alone.warpage.chip, rel=1e-9)
        assert listed.warpage_board == pytest.approx(alone.warpage.board, rel=1e-9)
    # parts with histories of their own don't scale: the three figures differ
    three = [cycle.decoupling.figure, *(one.decoupling.figure for one in extremes)]
    assert np.ptp(three) > 1e-3


def test_a_cycle_backwards_turns_forces_and_keeps_figures(cycle: Result) -> None:
    backwards: Changes = {"temperatures": '{ assembly = "217 degC", cycle = ["125 degC", "-40 degC"] }'}
    other = solved(package("paste", {**REAL, **OWN, **backwards}))
    assert other.decoupling.figure == pytest.approx(cycle.decoupling.figure, abs=1e-9)
    assert other.interconnect.strain == pytest.approx(cycle.interconnect.strain, rel=1e-9)
    assert other.decoupling.shift_budget == pytest.approx(cycle.decoupling.shift_budget, abs=1e-9)
    assert other.joints[0].shear_force == pytest.approx([-f for f in cycle.joints[0].shear_force], rel=1e-9)


def test_the_strain_range_of_a_cycle_is_no_more_than_both_strains(
    cycle: Result, extremes: tuple[Result, Result]
) -> None:
    """The mean of |a - b| is at most that of |a| + |b|, and at least their difference."""
    cold, hot = (one.interconnect.strain for one in extremes)
    assert abs(hot - cold) < cycle.interconnect.strain < hot + cold


def test_without_histories_of_their_own_half_the_cycle_is_half_the_force() -> None:
    """Constant properties: what counts is the difference of the temperatures, wherever the cycle lies."""
    one = solved(package("soft", {"temperatures": '{ assembly = "125 degC", cycle = ["25 degC", "75 degC"] }'}))
    whole = solved(package("soft"))
    assert one.decoupling.figure == pytest.approx(whole.decoupling.figure, abs=1e-9)
    assert one.joints[0].shear_force == pytest.approx([-0.5 * f for f in whole.joints[0].shear_force], rel=1e-9)


CURED = (
    COMMON % "solder"
    + """
copper = { E = "117 GPa", nu = 0.34, CTE = "16.6 ppm/K", source = "chosen" }
polyimide = { E = "3.3 GPa", nu = 0.34, CTE = "35 ppm/K", source = "chosen" }
silicon = { E = "131 GPa", nu = 0.28, CTE = "2.6 ppm/K", source = "chosen" }
"""
)


def cured_chip() -> Package:
    """Chip 0.3 mm, polyimide 10 um cured at 350 degC, copper 8 um plated at 25 degC; assembled at 217, read at -40."""
    changes = {
        "chip.material": "silicon",
        "first_layer": '{ thickness = "10 um", material = "polyimide", stress_free = "350 degC" }',
        "interconnect.thickness": "8 um",
        "interconnect.material": "copper",
        "interconnect.stress_free": "25 degC",
        **at("-40 degC"),
    }
    return loads(CURED, changes)


def copper_stress(host_strain: bool) -> float:
    """Stress in a wide copper film over polyimide on the chip, all three layers bending together [MPa]."""
    one = cured_chip()
    section, assembly, service = cell_section(one), one.temperatures.assembly, one.temperatures.points[0]
    names = ("base_region", "first_layer", "chip")
    moduli, strains = [], []
    for name in names:
        E, nu = plane_constants(section.materials[name], service)[:2]
        moduli.append(E / (1 - nu))
        own = thermal_strain(section.materials[name], section.stress_free[name], service)
        strains.append(float((section.free_strain(name, assembly, service) if host_strain else own)[0]))
    thickness = [one.interconnect.thickness, one.first_layer.thickness, one.chip.thickness]
    return float(layered_plate(thickness, moduli, strains).stress[0].mean())


def test_a_part_plated_cold_carries_the_strain_of_its_host() -> None:
    """136 MPa; 57 where the chip's own contraction before plating is forgotten: the constants give both to 1 MPa."""
    assert copper_stress(host_strain=True) == pytest.approx(136.0, abs=1.0)
    assert copper_stress(host_strain=False) == pytest.approx(57.0, abs=1.0)


def test_a_film_cured_hot_bows_the_severed_chip_more() -> None:
    """Cured at 350 degC a film contracts more against its chip than from assembly on: delta_0 is smaller."""
    late, early = (
        solved(package("conventional", {**at("25 degC"), "first_layer.stress_free": T}))
        for T in ("217 degC", "350 degC")
    )
    assert np.hypot(*early.joints[0].free) < np.hypot(*late.joints[0].free)


def test_what_is_there_at_every_temperature_cancels_over_a_cycle() -> None:
    """Of a package whose stiffness does not change: delta(T) = D delta_0(T) + delta_i, to 1e-9 of delta.

    Parts that were free of stress at other temperatures than assembly make delta_i, which puts D of one temperature
    by itself off.
    """
    result = solved(package("paste", {**OWN, **CYCLE}))
    cold, hot = result.decoupling.at
    left = [one.shift - result.decoupling.figure * one.free for one in (cold, hot)]
    assert left[0] == pytest.approx(left[1], abs=1e-9 * abs(cold.shift))
    assert abs(left[0]) > 1e-4 * abs(cold.shift)
    assert hot.figure == pytest.approx(result.decoupling.figure + left[0] / hot.free, rel=1e-9)
