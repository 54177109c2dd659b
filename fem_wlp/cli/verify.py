"""The verb that lets the program prove itself on the user's machine."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fem_wlp.cli.arguments import Parser, Verbs, add_verb, processes
from fem_wlp.cli.display import steps_shown

if TYPE_CHECKING:
    from rich.table import Table

    from fem_wlp.verification.dossier import Dossier, Finding

FOLDER = Path("verification")
"""Where the table is written by default."""

PIPE_WIDTH = 200
"""Width of the table where no terminal sees it [characters]."""


def add_verify(verbs: "Verbs[Parser]") -> None:
    """Add the verb ``verify``."""
    parser = add_verb(
        verbs,
        "verify",
        _verify,
        "check on this machine that the program obeys its laws, and would notice if it did not",
        "Examples: the whole dossier, its quick part in under a minute, one law\n\n"
        "  fem-wlp verify\n"
        "  fem-wlp verify --quick\n"
        "  fem-wlp verify --only coated-sphere\n\n"
        "Each law is computed and laid beside what it should be, from a closed form or a publication. Its broken\n"
        "control, with one thing wrong, is computed as well and must differ by more than the tolerance. The folder\n"
        "gets verification.json and verification.html; with --json the table goes to standard output, and a folder is\n"
        "written only where --out names one. The exit code is 0 only if all laws hold and all broken controls are\n"
        "noticed.",
    )
    parser.add_argument("--quick", action="store_true", help="only the laws that take seconds")
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], help="one law by its name; may be repeated"
    )
    parser.add_argument("--out", "--output", metavar="DIR", type=Path, help=f"output folder; default: {FOLDER}")
    parser.add_argument("--workers", metavar="N", type=processes, help="processes; default: one for each core")
    parser.add_argument("--json", action="store_true", help="print the table as JSON, and nothing else")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _verify(options: argparse.Namespace) -> None:
    import json

    from fem_wlp import environment
    from fem_wlp.beside import cores
    from fem_wlp.report.verification_page import write_verification
    from fem_wlp.report.whole import require_writable
    from fem_wlp.verification.dossier import as_data, chosen, require_belief, verify

    laws = chosen(options.quick, options.only)
    environment.require_libraries()
    folder = None if options.json and options.out is None else options.out or FOLDER
    if folder is not None:
        require_writable(folder)
    selection = ", ".join(options.only) or ("quick" if options.quick else "all")
    workers = options.workers or cores()
    with steps_shown(options.quiet) as progress:
        dossier = verify(laws, selection, workers, progress)
        if folder is not None:
            progress("table")
            write_verification(dossier, folder)
    if options.json:
        print(json.dumps(as_data(dossier), indent=2, allow_nan=False))
    else:
        _show(dossier)
    if folder is not None:
        print(f"Table: {folder / 'verification.html'}", file=sys.stderr if options.json else sys.stdout)
    require_belief(dossier)


def _show(dossier: "Dossier") -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    with console.capture() as printed:
        console.print(_table(dossier))
    print(printed.get(), end="")
    for finding in dossier.skipped:
        print(f"skipped, {finding.law.name}: {finding.skipped}")
    print(dossier.verdict)


def _table(dossier: "Dossier") -> "Table":
    """Return a row for each law, with the quantity nearest to its tolerance."""
    from rich.table import Table
    from rich.text import Text

    table = Table("law", "source", "of its quantities, nearest to its tolerance")
    for title in ("computed", "should be", "±"):
        table.add_column(title, justify="right")
    for title in ("law", "broken control"):
        table.add_column(title)
    for finding in dossier.findings:
        table.add_row(*map(Text, _row(finding)))
    return table


def _row(finding: "Finding") -> tuple[str, ...]:
    law, worst = finding.law, finding.worst
    if worst is None:
        ending = ("skipped", "") if finding.skipped else ("FAILS", "noticed" if finding.caught else "NOT NOTICED")
        return law.name, law.source, finding.skipped or finding.fault, "", "", "", *ending
    unit = "" if worst.unit == "-" else f" {worst.unit}"
    more = f" (of {len(finding.quantities)})" if len(finding.quantities) > 1 else ""
    return (
        law.name,
        law.source,
        f"{worst.name}{more}",
        f"{worst.computed:.6g}{unit}",
        f"{worst.expected:.6g}",
        f"{worst.tolerance:.1g}",
        "holds" if finding.passed else "FAILS",
        "noticed" if finding.caught else "NOT NOTICED",
    )
