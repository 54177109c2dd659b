"""The page of a dossier and its folder: what was computed, what it should be, and what a broken control did."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

from .. import __version__
from ..verification.dossier import FAMILIES, Dossier, Finding, as_data, family_of
from ..verification.law import Quantity
from .page import environment
from .whole import as_json, write_contents
from .words import number


def write_verification(dossier: Dossier, folder: str | Path) -> Path:
    """Write a dossier as a folder: its data and its page, both or none.

    Parameters
    ----------
    dossier
        What was found.
    folder
        Made if it isn't there. Other files in it are left alone.

    Returns
    -------
    Path
        ``verification.html``.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R305 if the disk is full. What was there is still there, then.
    """
    data, page = as_json(as_data(dossier)), render_verification(dossier)
    write_contents(Path(folder), {"verification.json": data.encode(), "verification.html": page.encode()})
    return Path(folder) / "verification.html"


def render_verification(dossier: Dossier) -> str:
    """Return a dossier as one self-contained page."""
    by_family: dict[str, list[Finding]] = {family: [] for family in FAMILIES}
    for finding in dossier.findings:
        by_family.setdefault(family_of(finding.law), []).append(finding)
    return (
        environment()
        .get_template("verification.html.j2")
        .render(
            version=__version__,
            dossier=dossier,
            families={family: findings for family, findings in by_family.items() if findings},
            control_of=_control_of,
            number=_shown,
        )
    )


def _shown(value: float, digits: int = 6) -> str:
    return number(value, digits) if isfinite(value) else "not finite"


def _control_of(finding: Finding) -> Quantity | None:
    """Return the quantity that gave the broken control away most."""
    return max(finding.control, key=lambda each: (not each.error <= 1.0, each.error), default=None)
