"""The folder of a study: its table, dataset, figures and page, written whole or not at all beside its journal."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from ..study.outcome import Answers
from .pictures import Picture, write_pictures
from .run_record import UNASKED, Asked, record_variants, require_folder_of, write_package
from .study_figures import study_pictures
from .study_page import render_study
from .whole import write_whole

ENTRIES = ("study.csv", "study.nc", "run.json", "package.toml", "reference.toml", "figures", "study.html")
"""What the folder of a study holds; the first is the sign that it is whole."""


def write_study(answers: Answers, folder: str | Path, asked: Asked = UNASKED) -> Path:
    """Write a study as a folder: table, dataset where xarray is there, package file, figures, page.

    Parameters
    ----------
    answers
        Of the study.
    folder
        Where its journal is, or any other; made if it isn't there. Other files in it are left alone.
    asked
        Kept in ``run.json``.

    Returns
    -------
    Path
        ``study.html``.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R303 if it holds what another verb found, R305 if the disk is full. What
        was there is still there, then.
    """
    target = Path(folder)
    require_folder_of(target, "sweep")
    write_whole(target, ENTRIES, lambda staged: _write_entries(answers, staged, asked))
    return target / "study.html"


def _write_entries(answers: Answers, folder: Path, asked: Asked) -> None:
    pictures: tuple[Picture, ...] = study_pictures(answers) if len(answers.failures) < len(answers.rows) else ()
    write_pictures(pictures, folder / "figures")
    (folder / "study.csv").write_text(answers.csv(), "utf-8")
    if importlib.util.find_spec("xarray") is not None:
        # netCDF 3, which SciPy writes: every reader knows it, and no further library is needed
        answers.dataset().to_netcdf(folder / "study.nc", engine="scipy")
    write_package(answers.study.package, folder)
    record_variants(folder, "sweep", ("package.toml", "reference.toml", "study.csv"), asked)
    (folder / "study.html").write_text(render_study(answers, pictures), "utf-8")
