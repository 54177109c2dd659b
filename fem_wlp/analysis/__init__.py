"""The main job, from a package to its decoupling figure."""

from ..joint.section import FINE
from .job import COARSE
from .kinds import forecast_of, load_joint, mesh_of, solve
from .trust import CERTIFIED

__all__ = ["CERTIFIED", "COARSE", "FINE", "forecast_of", "load_joint", "mesh_of", "solve"]
