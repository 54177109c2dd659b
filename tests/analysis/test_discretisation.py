"""What a solve says of its own error, against the error that it has."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from fem_wlp.analysis import FINE
from fem_wlp.analysis.critical import critical_joint_of
from fem_wlp.analysis.response import (
    PLATES,
    cell_states,
    condensed_cells,
    figure_of,
    respond,
    respond_severed,
    surroundings,
)
from fem_wlp.assembly.plate import PlateMesh
from fem_wlp.decoupling import critical_joint
from fem_wlp.joint.condense import cell_model
from fem_wlp.joint.section import cell_section
from fem_wlp.mesh.section import Grading
from fem_wlp.package import Package, loads, template
from fem_wlp.results import Result
from fem_wlp.verification.packages import OVERHANG, package

from .packages import solved

CONVERGED = FINE.refined(2.0)
"""Its error is a fifth of the default mesh's."""

CONVERGED_PLATES = PlateMesh(per_pitch=3, slenderness=2.0, through=3, growth=1.4)

SHORT = ["micro-smd", "4 x 4 soft", "4 x 4 paste"]
LONG = ["conventional", "compliant", "paste"]
NAMES = [*SHORT, *(pytest.param(name, marks=pytest.mark.long) for name in LONG)]


def named(name: str) -> Package:
    """A template, or a 4 x 4 case of the resolved reference."""
    return package(name.removeprefix("4 x 4 "), OVERHANG) if name.startswith("4 x 4 ") else loads(template(name))


@cache
def default(name: str) -> Result:
    return solved(named(name), FINE)


@cache
def on_meshes(name: str, grading: Grading, plates: PlateMesh) -> tuple[float, float, float]:
    """D, shear force [N] and interconnect strain [-] of the critical joint on some meshes."""
    one = named(name)
    section, joint = cell_section(one), critical_joint(one.array.joints)
    model = cell_model(section, grading)
    around = surroundings(one, section, mesh=plates)
    free = respond_severed(around, one, model, cell_states(model, one))
    cells = condensed_cells(model, one)
    response = respond(around, one, section, cells.elements)
    force = float(np.linalg.norm(response.change("shear_force")[joint]))
    return figure_of(response, free, joint), force, critical_joint_of(one, cells, response, joint).interconnect_strain()


def converged(name: str) -> tuple[float, float, float]:
    return on_meshes(name, CONVERGED, CONVERGED_PLATES)


@pytest.mark.parametrize("name", NAMES)
def test_the_stated_error_is_of_the_size_of_the_true_one(name: str) -> None:
    """Of D and of the shear force: at least a third of it, at most five times, neither cheerful nor useless.

    Errors of the cell and of the plates add up in what is stated; where they differ in sign they need not in D.
    """
    result, best = default(name), converged(name)
    half = on_meshes(name, FINE, CONVERGED_PLATES)
    critical = critical_joint(result.package.array.joints)
    own = result.decoupling.figure, float(np.hypot(*result.joints[critical].shear_force))
    figure, force = (abs(own[n] - half[n]) + abs(half[n] - best[n]) for n in (0, 1))
    stated = result.certificates.discretisation_error
    assert 1 / 3 < stated.figure / figure < 5
    assert 1 / 3 < stated.shear_force / (force / best[1]) < 5


@pytest.mark.parametrize("name", NAMES)
def test_the_default_mesh_is_fine_enough(name: str) -> None:
    """Below 0.003 in D, 3 % in 1 - D, and 3 % in the mean strain of the interconnect, a mean over a fixed volume."""
    result, (figure, _, strain) = default(name), converged(name)
    assert abs(result.decoupling.figure - figure) < 0.003
    assert abs(result.decoupling.figure - figure) < 0.03 * (1.0 - figure)
    assert result.interconnect.strain == pytest.approx(strain, rel=0.03)
    assert result.certificates.discretisation_error.coupling == pytest.approx(
        result.certificates.discretisation_error.figure / result.decoupling.coupling
    )


def test_peaks_do_not_converge_but_means_do() -> None:
    """On a mesh twice as fine the peak stress at singular corners rises by more than 10 %, the mean by under 3 %."""
    name = "4 x 4 paste"
    coarse, fine = solved(named(name)), default(name)
    assert fine.field.von_mises.max() > 1.1 * coarse.field.von_mises.max()
    assert fine.interconnect.strain == pytest.approx(coarse.interconnect.strain, rel=0.03)


ONE_THROUGH = PlateMesh(through=1, growth=1.6)
"""What the default was, and must not become again."""


def test_forces_on_the_default_mesh_are_within_a_fifth_of_a_percent() -> None:
    """Micro-SMD, whose board is thick: 0.16 %; a single element through each plate costs 1.3 %, and is noticed."""
    _, force, _ = converged("micro-smd")
    default_force, single = (on_meshes("micro-smd", FINE, mesh)[1] for mesh in (PLATES, ONE_THROUGH))
    assert abs(default_force / force - 1.0) < 0.002
    assert abs(single / force - 1.0) > 0.008
