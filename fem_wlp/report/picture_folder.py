"""The folder of what is one picture and its numbers, such as a map; written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..package import Package
from .pictures import Picture
from .run_record import UNASKED, Asked, package_texts, write_recorded


def write_picture(
    folder: str | os.PathLike[str],
    picture: Picture,
    package: Package,
    texts: Mapping[str, str],
    asked: Asked = UNASKED,
) -> Path:
    """Write texts, a picture as PNG and SVG, and the package file; the first text is the sign that all is there.

    Parameters
    ----------
    folder
        Made if it isn't there. Other files in it are left alone.
    picture
        Its name is that of its files, and of the verb.
    package
        Written as ``package.toml``.
    texts
        File name → content.
    asked
        Kept in ``run.json``.

    Returns
    -------
    Path
        The PNG.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R303 if it holds what another verb found, R305 if the disk is full. What
        was there is still there, then.
    """
    target = Path(folder)
    contents = {
        **{name: text.encode() for name, text in texts.items()},
        f"{picture.name}.png": picture.png,
        f"{picture.name}.svg": picture.svg,
        **{name: text.encode() for name, text in package_texts(package).items()},
    }

    write_recorded(target, picture.name, contents, asked)
    return target / f"{picture.name}.png"
