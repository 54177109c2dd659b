"""Packages that have a decoupling figure: something shears their joints."""

from __future__ import annotations

from ..errors import ConfigError
from .geometry import strip_columns
from .model import Package


def refuse_one_joint(package: Package) -> None:
    """Check that something shears the joints: without it there is no decoupling figure.

    Parameters
    ----------
    package
        What is asked for its figure.

    Raises
    ------
    ConfigError
        G130: one joint by itself, a strip whose only joint stands on x = 0, or a joint cell.
    """
    if len(package.array.joints) == 1:
        raise ConfigError(
            "G130",
            "one joint by itself is its own neutral point, wherever it stands: chip and board expand freely around it, "
            "it is not sheared, and there is no decoupling figure",
            where="array",
            hint='give two joints or more, or load the joint by itself: fem-wlp cell FILE --shift "1 um"',
        )
    model, array = package.model, package.array
    centre = (array.columns + 1) / 2
    if model.kind == "3d" and model.extent == "strip" and strip_columns(array) == (centre,):
        raise ConfigError(
            "G130",
            "this strip has one joint, on the plane x = 0 of the neutral point: it is not sheared, and there is no "
            "decoupling figure",
            where="model.extent",
            value="strip",
            hint='extent = "auto" takes the smallest part that is there',
        )
    if model.kind == "3d" and model.extent == "cell":
        raise ConfigError(
            "G130",
            "a joint cell stands on the neutral point: nothing shears it, and there is no decoupling figure",
            where="model.extent",
            value="cell",
            hint='take another extent, or load the joint by itself: fem-wlp cell FILE --model 3d --shift "1 um"',
        )
