"""Draw the pictures of README and docs from solves of the templates: compliant, micro-SMD resolved, a process; a map.

``python docs/images/make.py``
"""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import fem_wlp as wlp
from fem_wlp.report.map_figure import map_picture
from fem_wlp.report.process_drawing import plot_process, strip_height
from fem_wlp.report.solid_drawing import plot_deformed
from fem_wlp.report.style import STYLE_SHEET

WIDTH, HEIGHT = 13.2, 5.1
"""Size of the picture [in]."""


RESOLVED = 9.6, 6.2
"""Size of the picture of the resolved array [in]."""

STRIP = 9.4
"""Width of the picture of a process [in]."""


def main() -> None:
    """Solve and draw all."""
    draw_report()
    draw_resolved()
    draw_map()
    draw_process()


def draw_process() -> None:
    """Solve the ready process with conductive adhesive and draw it step by step."""
    result = wlp.solve(wlp.loads(wlp.template("adhesive-process")))
    figure = Figure(figsize=(STRIP, strip_height(result, STRIP)))
    plot_process(result, figure.add_axes((0.0, 0.0, 1.0, 1.0)))
    figure.savefig(Path(__file__).with_name("process.png"), dpi=110)


def draw_resolved() -> None:
    """Solve an eighth of the micro-SMD package in three dimensions and draw all of it."""
    package = wlp.loads(wlp.template("micro-smd"), overrides={"model.kind": "3d", "model.extent": "eighth"})
    result = wlp.solve(package)
    figure = Figure(figsize=RESOLVED)
    plot_deformed(result, figure.add_axes((0.0, 0.0, 1.0, 1.0)))
    figure.savefig(Path(__file__).with_name("array.png"), dpi=110)


def draw_map() -> None:
    """Draw D of the compliant template over thickness and modulus, with limits."""
    limits = {"interconnect_strain": "0.15 %", "cylinder_shear_strain": "4 %", "electrical_resistance": "50 mOhm"}
    found = wlp.map_of(wlp.loads(wlp.template("compliant")), limits=limits, target=0.9)
    Path(__file__).with_name("map.png").write_bytes(map_picture(found).png)


def draw_report() -> None:
    """Solve and draw the critical joint, the limits, the budget and the map."""
    result = wlp.solve(wlp.loads(wlp.template("compliant")))
    with mpl.rc_context(fname=STYLE_SHEET):
        figure = Figure(figsize=(WIDTH, HEIGHT))

        def at(left: float, bottom: float, width: float, height: float) -> Axes:
            return figure.add_axes((left / WIDTH, bottom / HEIGHT, width / WIDTH, height / HEIGHT))

        wlp.plot_critical(result, at(0.6, 0.65, 3.2, 4.0))
        wlp.plot_limits(result, at(5.0, 3.35, 3.9, 1.5))
        wlp.plot_budget(result, at(6.15, 0.65, 2.5, 1.5))
        wlp.plot_array_map(result, at(9.5, 0.95, 2.9, 3.2))
        figure.savefig(Path(__file__).with_name("report.png"), dpi=110)


if __name__ == "__main__":
    main()
