"""Draw the picture of the README from a solve of the compliant template.

``python docs/images/make.py``
"""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import fem_wlp as wlp
from fem_wlp.report.style import STYLE_SHEET

WIDTH, HEIGHT = 13.2, 5.1
"""Size of the picture [in]."""


def main() -> None:
    """Solve and draw."""
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
