"""The folder of a design: figures of merit, the package file that was found, front and figures; whole or not at all."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from ..study.around import Front
from ..study.design import Design, as_data
from ..study.limits import MEASURES, RESISTANCE
from .design_figures import design_pictures
from .pictures import write_pictures
from .run_record import REFERENCE, UNASKED, Asked, record_variants, require_folder_of, write_package
from .whole import as_json, write_whole

FOUND = "design.toml"
"""Name of the package file that was found."""

ENTRIES = ("design.json", "run.json", FOUND, REFERENCE, "front.csv", "figures")
"""What the folder of a design holds; the first is the sign that it is whole."""


def write_design(design: Design, folder: str | os.PathLike[str], asked: Asked = UNASKED) -> Path:
    """Write a design as a folder.

    Parameters
    ----------
    design
        What was found, whatever its status.
    folder
        Made if it isn't there. Other files in it are left alone.
    asked
        Kept in ``run.json``.

    Returns
    -------
    Path
        ``design.toml``, the package file that was found, to be solved or varied further.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R303 if it holds what another verb found, R305 if the disk is full. What
        was there is still there, then.
    """
    target = Path(folder)
    require_folder_of(target, "design")
    write_whole(target, ENTRIES, lambda staged: _write_entries(design, staged, asked))
    return target / FOUND


def _write_entries(design: Design, folder: Path, asked: Asked) -> None:
    (folder / "design.json").write_text(as_json(as_data(design)), "utf-8")
    write_package(design.package, folder, FOUND)
    record_variants(folder, "design", ("design.json", FOUND, REFERENCE), asked)
    if design.front is not None:
        (folder / "front.csv").write_text(_table(design.front), "utf-8")
    write_pictures(design_pictures(design), folder / "figures")


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
