"""The folder of a design: figures of merit, the package file that was found, front and figures; whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

from ..package import resolved_toml
from ..study.around import Front
from ..study.design import Design, as_data
from ..study.limits import MEASURES, RESISTANCE
from .design_figures import design_pictures
from .run_record import record_variants
from .whole import write_whole

ENTRIES = ("design.json", "run.json", "design.toml", "front.csv", "figures")
"""What the folder of a design holds; the first is the sign that it is whole."""


def write_design(design: Design, folder: str | os.PathLike[str]) -> Path:
    """Write a design as a folder.

    Parameters
    ----------
    design
        What was found, whatever its status.
    folder
        Made if it isn't there. Other files in it are left alone.

    Returns
    -------
    Path
        ``design.toml``, the package file that was found, to be solved or varied further.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R305 if the disk is full. What was there is still there, then.
    """
    target = Path(folder)
    write_whole(target, ENTRIES, lambda staged: _write_entries(design, staged))
    return target / "design.toml"


def _write_entries(design: Design, folder: Path) -> None:
    data = json.dumps(as_data(design), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "design.json").write_text(data + "\n", "utf-8")
    (folder / "design.toml").write_text(resolved_toml(design.package), "utf-8")
    record_variants(folder, "design", ("design.json", "design.toml"))
    if design.front is not None:
        (folder / "front.csv").write_text(_table(design.front), "utf-8")
    figures = folder / "figures"
    figures.mkdir()
    for picture in design_pictures(design):
        (figures / f"{picture.name}.png").write_bytes(picture.png)
        (figures / f"{picture.name}.svg").write_bytes(picture.svg)


def _table(front: Front) -> str:
    target = io.StringIO()
    table = csv.writer(target, lineterminator="\n")
    unit = MEASURES[RESISTANCE].unit
    table.writerow(
        [
            *(axis.parameter.label for axis in front.ranges),
            "decoupling.figure [1]",
            f"{MEASURES[RESISTANCE].key} [{unit}]",
        ]
    )
    columns = [axis.numbers(front.values[:, number]).tolist() for number, axis in enumerate(front.ranges)]
    for row in zip(*columns, front.figure.tolist(), front.resistance.tolist(), strict=True):
        table.writerow(map(repr, row))
    return target.getvalue()
