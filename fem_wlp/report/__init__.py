"""What a solve found out, to look at and to hand on: plots, pictures, the result folder with its report.

The plots take a matplotlib axes and return it:

>>> from matplotlib.figure import Figure
>>> from fem_wlp.package import loads, template
>>> figure = Figure(figsize=(4.6, 6.0))
>>> ax = draw_section(loads(template("compliant")), figure.add_subplot())
"""

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
