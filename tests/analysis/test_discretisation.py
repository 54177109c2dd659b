"""What a solve says of its own error, against the error that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fem_wlp.analysis import FINE, answer
from fem_wlp.analysis.critical import critical_joint_of
from fem_wlp.analysis.findings import Findings
from fem_wlp.analysis.response import PLATES, answered, condensed_cells, surroundings
from fem_wlp.assembly.plate import PlateMesh
from fem_wlp.decoupling import critical_joint
from fem_wlp.joint.condense import cell_model
from fem_wlp.joint.section import cell_section, grading_of
from fem_wlp.mesh.section import Grading
from fem_wlp.package import Package, loads, template
from fem_wlp.results import Result
from fem_wlp.verification.packages import OVERHANG, package

from .packages import solved

CONVERGED = FINE.refined(2.0)
"""Its error is a fifth of the default mesh's."""

CONVERGED_PLATES = PlateMesh(per_pitch=3, slenderness=2.0, through=3, through_band=5, growth=1.4)


def in_long_runs(*names: str) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.long) for name in names]


NAMES = ["4 x 4 soft", *in_long_runs("4 x 4 paste", "micro-smd", "compliant")]
SOFT = ["2 x 2 soft, coarse", *in_long_runs("2 x 2 soft", "2 x 2 paste, coarse")]

TWO_BY_TWO = {"chip.width": "1 mm", "board.width": "1 mm", "array.rows": 2, "array.columns": 2}


def named(name: str) -> Package:
    """A template, or a case of the resolved reference with 4 x 4 or 2 x 2 joints."""
    size, _, rest = name.rpartition(" x ")
    if not size:
        return loads(template(name))
    case, coarse = rest[2:].removesuffix(", coarse"), name.endswith(", coarse")
    return package(case, {**(OVERHANG if size == "4" else TWO_BY_TWO), "model.fineness": 0.4 if coarse else 1.0})


@cache
def default(name: str) -> Result:
    return solved(named(name), grading_of(named(name)))


@cache
def converged(name: str) -> tuple[float, float, float]:
    return on_meshes(name, CONVERGED, CONVERGED_PLATES)


def on_meshes(name: str, grading: Grading, plates: PlateMesh) -> tuple[float, float, float]:
    """D, shear force [N] and interconnect strain [-] of the critical joint on some meshes."""
    one = named(name)
    section, joint = cell_section(one), critical_joint(one.array.joints)
    around = surroundings(one, section, mesh=plates)
    cells = condensed_cells(cell_model(section, grading), one)
    found = answered(around, one, cells)
    strain = critical_joint_of(one, cells, found.response, joint).interconnect_strain()
    return found.figure(joint), found.shear_force(joint), strain


SMALL_ENOUGH = 2e-4
"""Of D: errors of opposite sign leave less of it by chance than anyone could state [-]."""


def of_the_error(result: Result, name: str) -> tuple[float, float]:
    """Stated over true error of D and of the shear force [-]."""
    figure, force, _ = converged(name)
    stated = result.certificates.discretisation_error
    own_figure, own_force = own(result)
    return stated.figure / abs(own_figure - figure), stated.shear_force / abs(own_force / force - 1.0)


def of_both_errors(result: Result, name: str) -> tuple[float, float]:
    """The same over the errors of the cell's mesh and of the plates', each by its amount, whatever its sign."""
    best, plates_only = converged(name), on_meshes(name, CONVERGED, PLATES)
    stated = result.certificates.discretisation_error
    figure, force = (
        abs(mine - one) + abs(one - other) for mine, one, other in zip(own(result), plates_only, best, strict=False)
    )
    return stated.figure / figure, stated.shear_force / (force / best[1])


def own(result: Result) -> tuple[float, float]:
    """D and the shear force of the critical joint [N]."""
    critical = critical_joint(result.package.array.joints)
    return result.decoupling.figure, float(np.hypot(*result.joints[critical].shear_force))


@pytest.mark.parametrize("name", [*NAMES, *SOFT])
def test_the_stated_error_covers_the_true_one_and_is_not_far_above(name: str) -> None:
    """Of D and of the shear force, cell, plates, severed joints together: neither cheerful nor useless.

    Above, each mesh's error counts by its amount: of opposite sign they leave less by chance. Answers may cross their
    limit by chance, too: a factor of four is left.
    """
    assert 0.7 < min(of_the_error(default(name), name))
    figure, force = of_both_errors(default(name), name)
    assert force < 4.0
    assert figure < 4.0 or default(name).certificates.discretisation_error.figure < SMALL_ENOUGH


def one_severed_mesh(found: Findings) -> Findings:
    on = found.meshes
    rough, sketch = (replace(one, free=found.free) for one in (on.rough, on.sketch))
    return replace(found, meshes=replace(on, rough=rough, sketch=sketch))


def one_mesh_of_the_plates(found: Findings) -> Findings:
    return replace(found, meshes=replace(found.meshes, rough_plates=found.meshes.rough))


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("2 x 2 soft, coarse", one_severed_mesh),
        pytest.param("micro-smd", one_mesh_of_the_plates, marks=pytest.mark.long),
    ],
)
def test_an_estimate_that_leaves_a_mesh_out_does_not_cover(
    name: str, left_out: Callable[[Findings], Findings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: delta_0 moves with the cell's mesh where it is coarse, the force with thick plates'."""
    estimate = answer.discretisation_error
    monkeypatch.setattr(answer, "discretisation_error", lambda found, joint: estimate(left_out(found), joint))
    assert min(of_the_error(solved(named(name), grading_of(named(name))), name)) < 0.7


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


ONE_THROUGH = PlateMesh(through=1, through_band=1, growth=1.6)
"""What the default was, and must not become again."""


@pytest.mark.long
def test_forces_on_the_default_mesh_are_within_a_fifth_of_a_percent() -> None:
    """Micro-SMD, whose board is thick: a single element through each plate costs 1.3 %, which is noticed."""
    _, force, _ = converged("micro-smd")
    default_force, single = (on_meshes("micro-smd", FINE, mesh)[1] for mesh in (PLATES, ONE_THROUGH))
    assert abs(default_force / force - 1.0) < 0.002
    assert abs(single / force - 1.0) > 0.008
