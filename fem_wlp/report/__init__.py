"""What a solve found out, to look at and to hand on: plots, pictures, the result folder with its report.

The plots take a matplotlib axes and return it:

>>> from matplotlib.figure import Figure
>>> from fem_wlp.package import loads, template
>>> from fem_wlp.report import draw_section
>>> figure = Figure(figsize=(4.6, 6.0))
>>> ax = draw_section(loads(template("compliant")), figure.add_subplot())
"""

from typing import TYPE_CHECKING

from ..door import homes_of, on_first_use

if TYPE_CHECKING:
    from .array_drawing import draw_array, plot_array_map
    from .charts import plot_budget, plot_curve, plot_limits
    from .critical_joint import plot_critical
    from .folder import write
    from .interactive import view
    from .section_drawing import draw_section
    from .solid_drawing import plot_deformed

__all__ = [
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
]

# a cross-section does not wait for what draws results
_HOME = homes_of(
    __name__,
    {
        "array_drawing": (
            "draw_array",
            "plot_array_map",
        ),
        "charts": (
            "plot_budget",
            "plot_curve",
            "plot_limits",
        ),
        "critical_joint": ("plot_critical",),
        "folder": ("write",),
        "interactive": ("view",),
        "section_drawing": ("draw_section",),
        "solid_drawing": ("plot_deformed",),
    },
)
__getattr__ = on_first_use(__name__, _HOME)
