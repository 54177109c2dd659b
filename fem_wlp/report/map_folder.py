"""The folder of a map: table and figure, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from ..package import resolved_toml
from ..study.map import Map
from .map_figure import map_picture
from .whole import write_whole

ENTRIES = ("map.csv", "map.png", "map.svg", "package.toml")
"""What the folder of a map holds; the first is the sign that it is whole."""


def write_map(found: Map, folder: str | os.PathLike[str]) -> Path:
    """Write a map as a folder: table, figure, package file.

    Parameters
    ----------
    found
        From `map_of`.
    folder
        Made if it isn't there. Other files in it are left alone.

    Returns
    -------
    Path
        ``map.png``.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R305 if the disk is full. What was there is still there, then.
    """
    target = Path(folder)

    def write(staged: Path) -> None:
        picture = map_picture(found)
        (staged / "map.csv").write_text(found.csv(), "utf-8")
        (staged / "map.png").write_bytes(picture.png)
        (staged / "map.svg").write_bytes(picture.svg)
        (staged / "package.toml").write_text(resolved_toml(found.package), "utf-8")

    write_whole(target, ENTRIES, write)
    return target / "map.png"
