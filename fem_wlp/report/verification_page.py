"""The page of a dossier and its folder: what was computed, what it should be, and what a broken control did."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path

from .. import __version__
from ..verification.dossier import FAMILIES, Dossier, Finding, as_data, family_of
from ..verification.law import Quantity
from .page import environment
from .whole import write_whole
from .words import number

ENTRIES = ("verification.json", "verification.html")
"""What the folder of a dossier holds; the first is the sign that it is whole."""


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
    target = Path(folder)

    def write(staged: Path) -> None:
        data = json.dumps(as_data(dossier), indent=2, allow_nan=False, ensure_ascii=False)
        (staged / "verification.json").write_text(f"{data}\n", "utf-8")
        (staged / "verification.html").write_text(render_verification(dossier), "utf-8")

    write_whole(target, ENTRIES, write)
    return target / "verification.html"


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
