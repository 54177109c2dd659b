"""How far the answers on the default mesh are from those on a converged one, and what the solve itself says of it.

    python benchmarks/accuracy.py                 # the four templates: writes accuracy.json and prints the table
    python benchmarks/accuracy.py micro-smd       # one of them, printed

A converged mesh has a third of the element size in the joint cell (a ninth at the singular points), and in chip and
board twice as many elements along and three times as many through the thickness.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from fem_wlp.analysis import COARSE, FINE, solve
from fem_wlp.analysis.critical import chip_stress, critical_joint_of
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
from fem_wlp.package import Package, loads, template, template_names

CONVERGED = FINE.refined(3.0)
CONVERGED_PLATES = PlateMesh(per_pitch=4, slenderness=2.0, through=3, growth=1.3)


@dataclass(frozen=True)
class Answers:
    """What is compared, of the critical joint.

    Parameters
    ----------
    figure
        D [-].
    shear_force
        [N].
    interconnect_strain
        Mean over the base region's ring of 25 um [-].
    chip_stress
        Mean von Mises stress over the chip's disc of 5 um [MPa].
    unknowns
        Of the joint cell [-].
    """

    figure: float
    shear_force: float
    interconnect_strain: float
    chip_stress: float
    unknowns: int


def answers(package: Package, grading: Grading, plates: PlateMesh) -> Answers:
    """Solve a package on a mesh of its own, without the estimates, the reference and the curves."""
    section, joint = cell_section(package), critical_joint(package.array.joints)
    model = cell_model(section, grading)
    around = surroundings(package, section, mesh=plates)
    free = respond_severed(around, package, model, cell_states(model, package))
    cells = condensed_cells(model, package)
    response = respond(around, package, section, cells.elements)
    return Answers(
        figure_of(response, free, joint),
        float(np.linalg.norm(response.change("shear_force")[joint])),
        critical_joint_of(package, cells, response, joint).interconnect_strain(),
        chip_stress(cells, response, joint),
        model.space.size,
    )


def compared(name: str) -> dict[str, float | int | str]:
    """Compare one template's default answers and their stated errors with the converged ones."""
    package = loads(template(name))
    result = solve(package)
    stated, coupling = result.certificates.discretisation_error, result.decoupling.coupling
    with threadpool_limits(limits=1):
        coarse = answers(package, COARSE, PLATES)
        start = time.perf_counter()
        best = answers(package, CONVERGED, CONVERGED_PLATES)
    joint = critical_joint(package.array.joints)
    force = float(np.hypot(*result.joints[joint].shear_force))
    figure_error, force_error = result.decoupling.figure - best.figure, force / best.shear_force - 1.0
    return {
        "template": name,
        "D": result.decoupling.figure,
        "D_converged": best.figure,
        "D_error": figure_error,
        "D_error_stated": stated.figure,
        "D_stated_over_true": stated.figure / abs(figure_error),
        "coupling_error": figure_error / coupling,
        "force_error": force_error,
        "force_error_stated": stated.shear_force,
        "force_stated_over_true": stated.shear_force / abs(force_error),
        "interconnect_strain_error": result.interconnect.strain / best.interconnect_strain - 1.0,
        "chip_stress_error_of_the_coarse_mesh": coarse.chip_stress / best.chip_stress - 1.0,
        "unknowns": result.provenance["joint_cell_unknowns"],
        "unknowns_converged": best.unknowns,
        "seconds_converged": round(time.perf_counter() - start, 1),
    }


def table(rows: list[dict[str, float | int | str]]) -> str:
    """Lay the comparison out for a terminal."""
    lines = [
        f"{'template':14s} {'D':>7s} {'error':>9s} {'stated':>8s} {'ratio':>6s} {'of 1-D':>8s} "
        f"{'force':>8s} {'stated':>7s} {'strain':>8s} {'stress':>8s}"
    ]
    lines += [
        f"{row['template']:14s} {row['D']:7.4f} {row['D_error']:+9.1e} {row['D_error_stated']:8.1e} "
        f"{row['D_stated_over_true']:6.2f} {row['coupling_error']:+8.2%} {row['force_error']:+8.2%} "
        f"{row['force_error_stated']:7.2%} {row['interconnect_strain_error']:+8.2%} "
        f"{row['chip_stress_error_of_the_coarse_mesh']:+8.2%}"
        for row in rows
    ]
    return "\n".join(lines)


def main(names: list[str]) -> None:
    """Compare the named templates, or all of them and write the file."""
    rows = [compared(name) for name in names or template_names()]
    print(table(rows))
    if names:
        return
    content = {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numpy", "scipy", "scikit-fem", "gmsh")},
        "templates": [
            {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in row.items()}
            for row in rows
        ],
        "grading": asdict(FINE),
        "grading_converged": asdict(CONVERGED),
        "plates": asdict(PLATES),
        "plates_converged": asdict(CONVERGED_PLATES),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
