"""The main job, from a package to its decoupling figure."""

from ..joint.section import FINE
from .job import COARSE, solve
from .trust import CERTIFIED

__all__ = ["CERTIFIED", "COARSE", "FINE", "solve"]
