"""Decoupling of chip and board by compliant joints of wafer-level packages, by finite elements.

Chip and board of a wafer-level package expand by different amounts. The decoupling figure says how much of that
difference the joints let go: 0 for rigid joints, 1 for severed ones.

>>> import fem_wlp as wlp
>>> package = wlp.loads(wlp.template("compliant"))
>>> thinner = package.replace("second_layer.thickness", "50 um")
>>> thinner.second_layer.thickness  # [mm]
0.05

``wlp.solve(package)`` gives a `Result`, ``wlp.write(result, folder)`` its report, and each figure is a verb that takes
and returns a matplotlib axes, such as ``wlp.plot_budget(result, ax)``. The package's joint by itself is loaded by
``wlp.load_joint(package, wlp.JointLoad(shift=1e-3))``. Many variants at once are a study:
``wlp.sweep(wlp.study_of(package, {"second_layer.thickness": "20 um..150 um:8"}))``. The joint cell can be used without
a package:

>>> rubber = wlp.isotropic("rubber", E=3.0, nu=0.499, alpha=200e-6)
>>> disc = wlp.JointCell((wlp.Region("disc", wlp.rectangle(r=(0.0, 1.0), z=(0.0, 0.5)), rubber),))
>>> pulled = wlp.solve_cell(disc, wlp.CellLoad(axial=1e-3))
>>> pulled.reaction("top").axial  # [N]
0.055

The public names are loaded on first use, so ``import fem_wlp`` stays quick, and a missing system library is reported by
the function that needs it.
"""

from typing import TYPE_CHECKING

from fem_wlp.door import homes_of, on_first_use

if TYPE_CHECKING:
    from fem_wlp.analysis import load_joint, solve
    from fem_wlp.analysis.convergence import Convergence
    from fem_wlp.analysis.levels import converge
    from fem_wlp.claim import Claims, claims
    from fem_wlp.errors import (
        ConfigError,
        ConfigErrors,
        MaterialError,
        MeshError,
        ResourceError,
        SolveError,
        TargetError,
        WlpError,
    )
    from fem_wlp.estimation import Estimate, estimate
    from fem_wlp.joint.cell import CellLoad, CellSolution, JointCell, Reaction, Region, solve_cell
    from fem_wlp.joint.loads import JointLoad
    from fem_wlp.materials.library import material
    from fem_wlp.materials.model import Material, isotropic
    from fem_wlp.mesh.outline import VOID, HalfDisc, Polygon, rectangle
    from fem_wlp.mesh.section import Grading
    from fem_wlp.package import Package, json_schema, load, loads, replace, resolved_toml, template
    from fem_wlp.report import (
        draw_array,
        draw_section,
        plot_array_map,
        plot_budget,
        plot_critical,
        plot_curve,
        plot_deformed,
        plot_limits,
        view,
        write,
    )
    from fem_wlp.report.convergence_page import plot_convergence, write_convergence
    from fem_wlp.report.design_figures import plot_front, plot_interval
    from fem_wlp.report.design_folder import write_design
    from fem_wlp.report.map_figure import plot_map
    from fem_wlp.report.map_folder import write_map
    from fem_wlp.report.rerun import Drift, rerun
    from fem_wlp.report.study_figures import plot_study
    from fem_wlp.report.study_folder import write_study
    from fem_wlp.report.tolerance_figure import plot_influences, plot_scatter, write_tolerance
    from fem_wlp.results import Result
    from fem_wlp.study import Answers, Study, study_of, sweep
    from fem_wlp.study.design import Design, design
    from fem_wlp.study.map import Map, map_of
    from fem_wlp.study.tolerance import Tolerance, tolerance_of

__version__ = "0.1.0"

__all__ = [
    "VOID",
    "Answers",
    "CellLoad",
    "CellSolution",
    "Claims",
    "ConfigError",
    "ConfigErrors",
    "Convergence",
    "Design",
    "Drift",
    "Estimate",
    "Grading",
    "HalfDisc",
    "JointCell",
    "JointLoad",
    "Map",
    "Material",
    "MaterialError",
    "MeshError",
    "Package",
    "Polygon",
    "Reaction",
    "Region",
    "ResourceError",
    "Result",
    "SolveError",
    "Study",
    "TargetError",
    "Tolerance",
    "WlpError",
    "__version__",
    "claims",
    "converge",
    "design",
    "draw_array",
    "draw_section",
    "estimate",
    "isotropic",
    "json_schema",
    "load",
    "load_joint",
    "loads",
    "map_of",
    "material",
    "plot_array_map",
    "plot_budget",
    "plot_convergence",
    "plot_critical",
    "plot_curve",
    "plot_deformed",
    "plot_front",
    "plot_influences",
    "plot_interval",
    "plot_limits",
    "plot_map",
    "plot_scatter",
    "plot_study",
    "rectangle",
    "replace",
    "rerun",
    "resolved_toml",
    "solve",
    "solve_cell",
    "study_of",
    "sweep",
    "template",
    "tolerance_of",
    "view",
    "write",
    "write_convergence",
    "write_design",
    "write_map",
    "write_study",
    "write_tolerance",
]

_HOME = homes_of(__name__, {
    "analysis": ("load_joint", "solve"),
    "analysis.convergence": ("Convergence",),
    "analysis.levels": ("converge",),
    "claim": ("Claims", "claims"),
    "errors": (
        "ConfigError",
        "ConfigErrors",
        "MaterialError",
        "MeshError",
        "ResourceError",
        "SolveError",
        "TargetError",
        "WlpError",
    ),
    "estimation": ("Estimate", "estimate"),
    "joint.cell": ("CellLoad", "CellSolution", "JointCell", "Reaction", "Region", "solve_cell"),
    "joint.loads": ("JointLoad",),
    "materials.library": ("material",),
    "materials.model": ("Material", "isotropic"),
    "mesh.outline": ("VOID", "HalfDisc", "Polygon", "rectangle"),
    "mesh.section": ("Grading",),
    "package": ("Package", "json_schema", "load", "loads", "replace", "resolved_toml", "template"),
    "report": (
        "draw_array",
        "draw_section",
        "plot_array_map",
        "plot_budget",
        "plot_critical",
        "plot_curve",
        "plot_deformed",
        "plot_limits",
        "view",
        "write",
    ),
    "report.convergence_page": ("plot_convergence", "write_convergence"),
    "report.design_figures": ("plot_front", "plot_interval"),
    "report.design_folder": ("write_design",),
    "report.map_figure": ("plot_map",),
    "report.map_folder": ("write_map",),
    "report.rerun": ("Drift", "rerun"),
    "report.tolerance_figure": ("plot_influences", "plot_scatter", "write_tolerance"),
    "report.study_figures": ("plot_study",),
    "report.study_folder": ("write_study",),
    "results": ("Result",),
    "study": ("Answers", "Study", "study_of", "sweep"),
    "study.design": ("Design", "design"),
    "study.map": ("Map", "map_of"),
    "study.tolerance": ("Tolerance", "tolerance_of"),
})  # fmt: skip
__getattr__ = on_first_use(__name__, _HOME)


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return list(__all__)
