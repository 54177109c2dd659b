"""The main job, from a package to its decoupling figure."""

from typing import TYPE_CHECKING

from ..door import homes_of, on_first_use
from ..joint.section import FINE

if TYPE_CHECKING:
    from .foretold import forecast_of
    from .job import COARSE
    from .kinds import load_joint, mesh_of, solve
    from .trust import CERTIFIED

__all__ = ["CERTIFIED", "COARSE", "FINE", "forecast_of", "load_joint", "mesh_of", "solve"]

# a forecast does not wait for what solves
_HOME = homes_of(
    __name__,
    {
        "foretold": ("forecast_of",),
        "job": ("COARSE",),
        "kinds": ("load_joint", "mesh_of", "solve"),
        "trust": ("CERTIFIED",),
    },
)
__getattr__ = on_first_use(__name__, _HOME)
