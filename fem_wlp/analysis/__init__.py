"""The main job, from a package to its decoupling figure."""

from .job import COARSE, FINE, solve
from .trust import CERTIFIED

__all__ = ["CERTIFIED", "COARSE", "FINE", "solve"]
