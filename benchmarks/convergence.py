"""How the mesh of a resolved joint converges: one joint's cell under lateral shift, graded and uniform meshes.

    python benchmarks/convergence.py [--templates compliant conventional paste micro-smd] [--most 800000]

The chip's upper face is shifted by 1 um, the board's lower face is held, the sides of the cell are free. A quarter of
the cell is solved, for the shift along x is even in the plane y = 0 and odd in x = 0; ``--check`` prints how far it is
from the whole. Graded meshes are blunt ones, `Fineness()` refined by 1, 1.5, 2, 3 and, up to ``--most`` unknowns, 4:
those that a package is solved on are sharper at singular lines from a fineness of 0.7 up, see ``accuracy.py``. Uniform
ones have elements of one length, as far as thin layers let them. ``convergence.json`` holds stiffness, energy of the
joint without chip and board, and joint shift of every mesh, the values to which the graded ones converge and the rates,
``docs/images/convergence.png`` the plot. Nothing is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.optimize import brentq

import fem_wlp
from fem_wlp.array.blocks import Fineness
from fem_wlp.array.layout import array_mesh
from fem_wlp.array.model import materials_at, part_of
from fem_wlp.array.readings import Gauges
from fem_wlp.array.sector import Sector
from fem_wlp.array.surfaces import Surface
from fem_wlp.joint.section import joint_section
from fem_wlp.report.style import ACCENT, CONTRAST, MUTED, STYLE_SHEET
from fem_wlp.solid.operator import energies, operator
from fem_wlp.solid.solve import solver

Floats = NDArray[np.float64]

HERE = Path(__file__).parent
PICTURE = HERE.parent / "docs" / "images" / "convergence.png"

SHIFT = 1e-3
"""Of the chip's upper face [mm]."""

FACTORS = {"graded": (1, 1.5, 2, 3, 4), "uniform": (1, 2, 3, 4, 6, 8)}
"""Element lengths are divided by them [-]."""

ALIKE = (1, 2, 3, 4)
"""Factors of the graded meshes that are alike: times as many elements in each direction; the last three that there are
are extrapolated [-]."""

QUANTITIES = {"stiffness": "lateral stiffness", "joint_energy": "energy of the joint", "joint_shift": "joint shift"}
ALLOWED = {"stiffness": 0.01, "joint_energy": 0.01, "joint_shift": 0.015}
"""Largest error of a mesh of fineness 1 [-]."""

COLOURS = {"uniform": CONTRAST, "graded": ACCENT}

BARE = {"interconnect.line": "none", "chip.pads": "none"}
"""The joint of an array: the line and the pad are resolved in a lone cell only, by an unstructured mesh."""


def main() -> None:
    """Solve every mesh and write record and picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--templates", nargs="+", default=["compliant", "conventional", "paste", "micro-smd"])
    parser.add_argument("--most", type=int, default=800_000, help="largest number of unknowns solved for")
    parser.add_argument("--check", action="store_true", help="print what the quarter misses of the whole")
    parser.add_argument("--plot", action="store_true", help="draw the picture of the record that is there")
    options = parser.parse_args()
    if options.check:
        for name in options.templates:
            whole, quarter = (sheared(name, Fineness(), quarter=part) for part in (False, True))
            print(name, {key: f"{abs(quarter[key] / whole[key] - 1):.0e}" for key in QUANTITIES})
        return
    path = HERE / "convergence.json"
    if not options.plot:
        path.write_text(json.dumps(record(options.templates, options.most), indent=1) + "\n", encoding="utf-8")
    data = json.loads(path.read_text(encoding="utf-8"))
    plot(data["templates"])
    for name, found in data["templates"].items():
        print(name, found["default_error"], found["rates"])


def record(templates: list[str], most: int) -> dict[str, Any]:
    """Return the meshes' answers, what they converge to, and how fast."""
    found = {}
    for name in templates:
        meshes: dict[str, list[dict[str, Any]]] = {"graded": [], "uniform": []}
        for family, factors in FACTORS.items():
            for factor in factors:
                fineness = Fineness().refined(factor) if family == "graded" else Fineness().uniform(factor)
                row = sheared(name, fineness, most=most)
                if row:
                    meshes[family].append({"factor": factor, **row})
                    print(name, family, json.dumps(meshes[family][-1]), flush=True)
        found[name] = judged(meshes)
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("numpy", "scipy", "numba", "pyamg")},
        "python": platform.python_version(),
        "units": {"stiffness": "N/mm", "joint_energy": "N mm", "joint_shift": "mm", "unknowns": "of the whole cell"},
        "allowed": ALLOWED,
        "templates": found,
    }


def sheared(name: str, fineness: Fineness, quarter: bool = True, most: float = np.inf) -> dict[str, Any]:
    """Shift the chip of one joint's cell, and read what the joint does; empty where there are too many unknowns."""
    return sheared_package(fem_wlp.loads(fem_wlp.template(name), overrides=BARE), fineness, quarter, most)


def sheared_package(
    package: fem_wlp.Package, fineness: Fineness, quarter: bool = True, most: float = np.inf
) -> dict[str, Any]:
    """Do so with any package's joint."""
    section = joint_section(package)
    mesh = array_mesh(package, section, "cell", fineness).mesh
    unknowns, elements = 3 * len(mesh.points), len(mesh.cells)
    sector = Sector(mesh, section, np.zeros((1, 2)), np.eye(3)[None])
    if quarter:
        mesh, _ = part_of(mesh, (sector.centres[:, :2] > 0.0).all(axis=1))
        sector = Sector(mesh, section, np.zeros((1, 2)), np.eye(3)[None])
    if 3 * len(mesh.points) > most:
        return {}
    temperatures = package.temperatures
    state = materials_at(section, mesh.names, temperatures.assembly, temperatures.points[0])
    stiff = operator(mesh, state.tensors)
    fixed, values = supports(mesh.points, quarter)
    answer = solver(stiff, fixed).solve(np.zeros(mesh.points.shape), values, tolerance=1e-8)
    by_element = energies(stiff, answer.u, np.zeros_like(state.free)) * (4.0 if quarter else 1.0)
    total, joint = by_element.sum(), by_element[~mesh.within("chip", "board")].sum()
    return {
        "unknowns": unknowns,
        "elements": elements,
        "unknowns_solved": 3 * len(mesh.points),
        "iterations": answer.iterations,
        "residual": answer.residual,
        "stiffness": 2.0 * float(total) / SHIFT**2,
        "joint_energy": float(joint),
        "joint_shift": joint_shift(sector, answer.u),
    }


def supports(points: Floats, quarter: bool) -> tuple[NDArray[np.bool_], Floats]:
    """Return what is held of a cell, and by how much it is moved, each shape (n, 3)."""
    z = points[:, 2]
    near = 1e-9 * np.ptp(z)
    top, bottom = z > z.max() - near, z < z.min() + near
    fixed = np.repeat((top | bottom)[:, None], 3, axis=1)
    if quarter:
        fixed[np.abs(points[:, 0]) < near, 1:] = True
        fixed[np.abs(points[:, 1]) < near, 1] = True
    return fixed, np.outer(top, [SHIFT, 0.0, 0.0])


def joint_shift(sector: Sector, u: Floats) -> float:
    """Return by how much the chip's footprint is shifted against the board's, their mean tilt taken off [mm]."""
    section, gauges = sector.section, Gauges(sector, np.zeros((1, 2)))
    chip, chip_slope = footprint(sector, gauges.chip, section.base_radius, u)
    board, board_slope = footprint(sector, gauges.board, section.land_radius, u)
    return chip - board + 0.5 * section.levels.chip * (chip_slope + board_slope)


def footprint(sector: Sector, surface: Surface, radius: float, u: Floats) -> tuple[float, float]:
    """Mean shift along x over a disc, and least-squares slope along x of the rise, which is odd in x."""
    values, x = surface.values(sector.mesh, u), surface.points[..., 0]
    areas = np.where(np.linalg.norm(surface.points[..., :2], axis=2) < radius, surface.areas, 0.0)
    mean = (areas * values[..., 0]).sum() / areas.sum()
    slope = (areas * values[..., 2] * x).sum() / (areas * x**2).sum()
    return float(mean), float(slope)


def judged(meshes: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Add what the graded meshes converge to, the error of every mesh, and the rates at which errors fall."""
    graded = meshes["graded"]
    limits = {
        key: extrapolated([(row["factor"], row[key]) for row in graded if row["factor"] in ALIKE][-3:])
        for key in QUANTITIES
    }
    for rows in meshes.values():
        for row in rows:
            row["errors"] = {key: abs(row[key] / limits[key].value - 1.0) for key in QUANTITIES}
    return {
        "converged": {key: limit._asdict() for key, limit in limits.items()},
        "default_error": {key: graded[0]["errors"][key] for key in QUANTITIES},
        "default_passes": {key: graded[0]["errors"][key] <= ALLOWED[key] for key in QUANTITIES},
        "rates": {
            family: {key: rate(rows, key) for key in QUANTITIES} for family, rows in meshes.items() if len(rows) > 1
        },
        **meshes,
    }


class Limit(NamedTuple):
    """What a sequence converges to.

    Parameters
    ----------
    value
        The limit, or the last value where the sequence does not tell a limit.
    order
        p of the error ~ factor^-p; None where the sequence does not tell it [-].
    extrapolation
        Relative distance of the limit from the last value; without a limit, of the last value from the one before [-].
    """

    value: float
    order: float | None
    extrapolation: float


def extrapolated(values: Sequence[tuple[float, float]]) -> Limit:
    """Return the limit of values = limit + c factor^-p, through three pairs of factor and value (Richardson)."""
    f, v = np.array(values).T

    def mismatch(p: float) -> float:
        return float((f[1] ** -p - f[2] ** -p) * (v[0] - v[1]) - (f[0] ** -p - f[1] ** -p) * (v[1] - v[2]))

    least, most = 0.25, 20.0
    if mismatch(least) * mismatch(most) >= 0.0:
        return Limit(float(v[2]), None, abs(float(v[1] / v[2] - 1.0)))
    order = float(brentq(mismatch, least, most))
    value = float(v[2] - (v[1] - v[2]) / (f[1] ** -order - f[2] ** -order) * f[2] ** -order)
    return Limit(value, order, abs(value / float(v[2]) - 1.0))


def rate(rows: list[dict[str, Any]], key: str) -> float:
    """Return p of the least-squares fit error ~ unknowns^-p [-]; a mesh that is the limit itself has no error."""
    erring = [row for row in rows if row["errors"][key] > 0.0]
    unknowns, errors = (np.log([row["unknowns"] for row in erring]), np.log([row["errors"][key] for row in erring]))
    return round(float(-np.polyfit(unknowns, errors, 1)[0]), 2)


def plot(templates: dict[str, Any]) -> None:
    """Draw the errors against the unknowns: a panel a quantity, a mark a template, a colour a family of meshes."""
    marks = dict(zip(templates, "osD^", strict=False))
    with mpl.rc_context(fname=STYLE_SHEET):
        figure = Figure(figsize=(8.6, 3.6), layout="constrained")
        panels = figure.subplots(1, len(QUANTITIES), sharex=True, sharey=True)
        for axes, (key, title) in zip(panels, QUANTITIES.items(), strict=True):
            for family, colour in COLOURS.items():
                for name, found in templates.items():
                    rows = [row for row in found[family] if row["errors"][key] > 0.0]
                    unknowns, errors = [row["unknowns"] for row in rows], [100 * row["errors"][key] for row in rows]
                    axes.loglog(unknowns, errors, f"{marks[name]}-", color=colour, ms=3.5, lw=1.0)
            for found in templates.values():
                first = found["graded"][0]
                axes.plot(first["unknowns"], 100 * first["errors"][key], "o", ms=10, mfc="none", mec=ACCENT)
            axes.axhline(100 * ALLOWED[key], color=MUTED, lw=0.8, ls=(0, (4, 3)))
            axes.grid(True, which="major")
            axes.set_title(title)
            axes.set_xlabel("unknowns of the cell [-]")
        panels[0].set_ylabel("error [%]")
        handles = [Line2D([], [], color=colour, label=f"{name} meshes") for name, colour in COLOURS.items()]
        handles += [Line2D([], [], color=MUTED, marker=mark, ls="", ms=4, label=name) for name, mark in marks.items()]
        handles.append(Line2D([], [], color=MUTED, lw=0.8, ls=(0, (4, 3)), label="asked of the default"))
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
        figure.savefig(PICTURE, dpi=130)


if __name__ == "__main__":
    main()
