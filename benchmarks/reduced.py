"""The headline study by the reduced model: its time, its errors against full solves, and what other ways would take.

Second layer 20 to 150 um x cylinder modulus 1 MPa to 50 GPa x modulus of core, copper and nickel of the ball 0.1 to 5
times theirs, on the `compliant` template with all of its 64 joints and its temperature cycle:

    python benchmarks/reduced.py                   # writes reduced.json
    python benchmarks/reduced.py --points 20       # fewer full solves, printed only

Full solves are made on the reduced model's own meshes, stretched to each point's thickness: the bound is against them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import skfem
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve
from scipy.stats import qmc
from skfem.helpers import grad
from threadpoolctl import threadpool_limits

from fem_wlp.analysis.figures import figures
from fem_wlp.analysis.response import answered, condensed_cells, surroundings
from fem_wlp.decoupling import critical_joint
from fem_wlp.joint.condense import CellModel, cell_model, thickened
from fem_wlp.joint.section import cell_section, grading_of
from fem_wlp.package import Package, loads, template
from fem_wlp.reduced.axes import Axis
from fem_wlp.reduced.package import Answers, ReducedPackage

Floats = NDArray[np.float64]

POINTS = 10_000
GRID = (25, 20, 20)
"""The same number of points on a grid, which have 400 pairs of moduli [-]."""

LISTED = (0.02, 0.04, 0.075, 0.15)
"""Thicknesses that are condensed one by one in the second study [mm]."""

BALL = {"core": ("polymer-core", 4.8e3), "copper": ("copper", 117e3), "nickel": ("nickel", 207e3)}
"""Parts of the ball whose moduli vary together: material, E [MPa]."""

OWN = {
    **{f"materials.ball-{part}.based_on": material for part, (material, _) in BALL.items()},
    **{f"materials.ball-{part}.E": f"{modulus} MPa" for part, (_, modulus) in BALL.items()},
    **{f"materials.ball-{part}.source": f"as {material}" for part, (material, _) in BALL.items()},
    "ball.material": "ball-core",
    "ball.coats.0.material": "ball-copper",
    "ball.coats.1.material": "ball-nickel",
}


def changed(package: Package, changes: dict[str, object]) -> Package:
    """Return a package with several keys changed at once."""
    return package.origin.reread(package.origin.document, changes)


def settings(values: Sequence[float]) -> dict[str, object]:
    """Return what a point of the study says in the package file."""
    thickness, modulus, factor = map(float, values)
    ball = {f"materials.ball-{part}.E": f"{E * factor!r} MPa" for part, (_, E) in BALL.items()}
    return {"second_layer.thickness": f"{thickness!r} mm", "materials.adhesive.E": f"{modulus!r} MPa", **ball}


def axes_of(package: Package) -> list[Axis]:
    """Return the study's three parameters."""
    names = list(settings((1.0, 1.0, 1.0)))
    groups = (names[:1], names[1:2], names[2:])

    def axis(number: int, low: float, high: float) -> Axis:
        def at(value: float) -> Package:
            point = [1.0, 1.0, 1.0]
            point[number] = value
            return changed(package, {name: settings(point)[name] for name in groups[number]})

        return Axis(("thickness", "cylinder modulus", "ball modulus")[number], low, high, at)

    return [axis(0, 0.02, 0.15), axis(1, 1.0, 5e4), axis(2, 0.1, 5.0)]


def sampled(axes: Sequence[Axis], points: int, seed: int) -> Floats:
    """Return points of a Latin hypercube in the logarithms."""
    low, high = np.log([[axis.low, axis.high] for axis in axes]).T
    share = qmc.LatinHypercube(len(axes), rng=np.random.default_rng(seed)).random(points)
    return np.asarray(np.exp(low + share * (high - low)))


def gridded(axes: Sequence[Axis]) -> Floats:
    """Return points of a grid in the logarithms."""
    sides = [np.geomspace(axis.low, axis.high, steps) for axis, steps in zip(axes, GRID, strict=True)]
    return np.array(list(product(*sides)))


class Full:
    """Full solves on the reduced model's meshes."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.model = cell_model(cell_section(package), grading_of(package))
        self.around = surroundings(package, cell_section(package))

    def figure(self, values: Sequence[float]) -> float:
        """Return D of the critical joint."""
        assert self.package.second_layer is not None
        point = settings(values)
        del point["second_layer.thickness"]
        other = changed(self.package, point)
        growth = float(values[0]) - self.package.second_layer.thickness
        model = thickened(replace(self.model, section=cell_section(other)), growth)
        return answered(self.around, other, condensed_cells(model, other)).figure(critical_joint(other.array.joints))


def against(full: Full, values: Floats, answers: Answers) -> dict[str, Any]:
    """Return errors against full solves, and every miss of a bound."""
    errors = []
    for number, one in enumerate(values):
        errors.append(abs(full.figure(one) - float(answers.figure[number])))
        print(f"\r  {number + 1} of {len(values)} solved in full", end="", flush=True)
    print()
    ratio = answers.bound / np.maximum(errors, 1e-13)
    return {
        "points": len(values),
        "certified": int(answers.certified.sum()),
        "largest_error": max(errors),
        "median_error": float(np.median(errors)),
        "largest_bound": float(answers.bound.max()),
        "median_bound_over_error": float(np.median(ratio)),
        "misses": [
            {"values": one.tolist(), "error": error, "bound": float(bound)}
            for one, error, bound in zip(values, errors, answers.bound, strict=True)
            if error > bound + 1e-12
        ],
    }


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what a piece of work gives, and the seconds it takes by the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def stock_point(model: CellModel) -> None:
    """Three harmonics of one joint at one temperature by stock scikit-fem forms and SciPy, seven columns each."""
    mesh = skfem.MeshTri2(model.mesh.points.T.copy(), model.mesh.triangles.T.copy())
    basis = skfem.Basis(mesh, skfem.ElementVector(skfem.ElementTriP2(), 3), intorder=5)
    region = model.mesh.region
    stiff, shear = 1e3 * (1.0 + region), 4e2 * (1.0 + region)

    for m in (0, 1, 2):

        def strains(u: Any, r: Any, m: int = m) -> list[Any]:
            d = grad(u)
            return [
                d[0][0], (u[0] + m * u[1]) / r, d[2][1], d[1][1] - m * u[2] / r, d[0][1] + d[2][0],
                d[1][0] - (u[1] + m * u[0]) / r,
            ]  # fmt: skip

        @skfem.BilinearForm
        def stiffness(u: Any, v: Any, w: Any) -> Any:
            one, other = strains(u, w.x[0]), strains(v, w.x[0])
            normal = sum(a * b for a, b in zip(one[:3], other[:3], strict=True))
            dilatation = sum(one[:3]) * sum(other[:3])
            sheared = sum(a * b for a, b in zip(one[3:], other[3:], strict=True))
            return (w.lam * dilatation + w.mu * (2.0 * normal + sheared)) * w.x[0]

        lam, mu = (np.broadcast_to(value[:, None], basis.dx.shape) for value in (stiff, shear))
        K = stiffness.assemble(basis, lam=lam, mu=mu) + 1e-3 * skfem.BilinearForm(
            lambda u, v, w: sum(u[i] * v[i] for i in range(3)) * w.x[0]
        ).assemble(basis)
        spsolve(K.tocsc(), np.random.default_rng(0).normal(size=(K.shape[0], 7)))


def measure(solved: int) -> dict[str, Any]:
    """Run everything."""
    package = changed(loads(template("compliant")), OWN)
    axes = axes_of(package)
    model, build, build_cpu = timed(lambda: ReducedPackage(package, axes))
    values = sampled(axes, POINTS, seed=1)
    answers, online, online_cpu = timed(lambda: model.answers(values))
    on_grid, grid, _ = timed(lambda: model.answers(gridded(axes)))
    print(f"built in {build:.1f} s, {POINTS} points in {online:.1f} s, on a grid {grid:.1f} s", flush=True)
    full, chosen = Full(package), np.random.default_rng(2).choice(POINTS, solved, replace=False)
    estimated = against(full, values[chosen], model.answers(values[chosen]))
    listed = ReducedPackage(package, axes, listed=LISTED)
    on_nodes = sampled(axes, solved // 2, seed=3)
    on_nodes[:, 0] = np.array(LISTED)[np.arange(len(on_nodes)) % len(LISTED)]
    certified = against(full, on_nodes, listed.answers(on_nodes))
    few = sampled(axes, 5, seed=4)
    with threadpool_limits(limits=1):
        _, _, full_cpu = timed(lambda: [figures(changed(package, settings(one)), ["decoupling.figure"]) for one in few])
        _, _, stock_cpu = timed(lambda: stock_point(full.models[0]))
    quick_cpu = build_cpu + 1000 * online_cpu / POINTS
    temperatures = len(package.temperatures.points)
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "versions": {name: version(name) for name in ("fem-wlp", "numpy", "scipy", "scikit-fem")},
        "headline": {
            "points": POINTS,
            "build_seconds": build,
            "build_cpu_seconds": build_cpu,
            "online_seconds": online,
            "online_cpu_seconds": online_cpu,
            "milliseconds_a_point": 1e3 * online / POINTS,
            "grid_seconds": grid,
            "grid_milliseconds_a_point": 1e3 * grid / POINTS,
            "largest_bound": float(max(answers.bound.max(), on_grid.bound.max())),
            "share_within_0.002": float((answers.bound <= 2e-3).mean()),
        },
        "estimated": estimated,
        "certified": certified,
        "thousand_points_cpu_seconds": {
            "reduced": quick_cpu,
            "full": 1000 * full_cpu / len(few),
            "stock": 1000 * temperatures * stock_cpu,
            "full_over_reduced": 1000 * full_cpu / len(few) / quick_cpu,
            "stock_over_reduced": 1000 * temperatures * stock_cpu / quick_cpu,
        },
    }


def main() -> None:
    """Measure, print, and write unless fewer points were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, help="full solves; 200 are written to reduced.json")
    wanted = parser.parse_args().points
    found = measure(wanted or 200)
    text = json.dumps(found, indent=1)
    if wanted is None:
        Path(__file__).with_suffix(".json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
