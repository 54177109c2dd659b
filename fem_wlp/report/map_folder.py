"""The folder of a map: table and figure, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from ..study.map import Map
from .map_figure import map_picture
from .picture_folder import write_picture
from .run_record import UNASKED, Asked


def write_map(found: Map, folder: str | os.PathLike[str], asked: Asked = UNASKED) -> Path:
    """Write a map as a folder: table, figure, package file.

    Parameters
    ----------
    found
        From `map_of`.
    folder
        Made if it isn't there. Other files in it are left alone.
    asked
        Kept in ``run.json``.

    Returns
    -------
    Path
        ``map.png``.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R303 if it holds what another verb found, R305 if the disk is full. What
        was there is still there, then.
    """
    return write_picture(folder, map_picture(found), found.package, {"map.csv": found.csv()}, asked)
