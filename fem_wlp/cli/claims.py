"""The verb that asks whether a package is what the source documents claim: ``claims``."""

import argparse
import sys
from typing import TYPE_CHECKING

from fem_wlp.cli.arguments import Parser, Verbs, add_model, add_package, add_verb, load_package
from fem_wlp.cli.display import steps_shown

if TYPE_CHECKING:
    from fem_wlp.claim import Claims

PIPE_WIDTH = 160
"""Width of the table where no terminal sees it [characters]."""


def add_claims(verbs: "Verbs[Parser]") -> None:
    """Add the verb ``claims``."""
    parser = add_verb(
        verbs,
        "claims",
        _claims,
        "hold a package against the device and method that the source documents claim",
        "Examples: every claim with the numbers that decide; is the desired decoupling reached; would it be with a\n"
        "thinner second layer, by closed forms; which claims are not met\n\n"
        "  fem-wlp claims device.toml\n"
        "  fem-wlp claims device.toml --set design.target=0.85\n"
        '  fem-wlp claims device.toml --set design.target=0.7 --set second_layer.thickness="60 um" --estimate\n'
        "  fem-wlp claims device.toml --json\n\n"
        "Each claim is met, not met or not applicable. A missing part, such as the second layer of a conventional\n"
        "package, makes the claim that asks for it not met; what is claimed of that part then does not apply.\n"
        "Whether a level of decoupling is reached is solved for, in seconds, where the file has [design] target;\n"
        "everything else takes no solve. The method is looked at where the file has [[process]]. docs/claims.md says\n"
        "what stands for each claim. The exit code is 0 only where no claim is not met.",
    )
    add_package(parser)
    add_model(parser, "model", "extent", "fineness")
    parser.add_argument(
        "--estimate", action="store_true", help="closed forms instead of a solve, where their band can tell"
    )
    parser.add_argument("--json", action="store_true", help="print the claims as JSON, and nothing else")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _claims(options: argparse.Namespace) -> None:
    import json

    package = load_package(options)
    from fem_wlp import environment
    from fem_wlp.claim import as_data, claims, require_met

    if package.design is not None and package.design.target is not None and not options.estimate:
        environment.require_libraries()
    with steps_shown(options.quiet) as progress:
        found = claims(package, options.estimate, progress)
    if options.json:
        print(json.dumps(as_data(found), indent=2, allow_nan=False))
    else:
        _show(found)
    require_met(found)


def _show(found: "Claims") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("", "claim", "verdict", "what decides", show_lines=True)
    for claim in found.claims:
        finding = claim.finding
        decides = "; ".join([finding.reason, *map(str, finding.figures)])
        to_do = f"\nto do: {finding.hint}" if finding.hint else ""
        table.add_row(*map(Text, (claim.id, claim.text, claim.verdict, decides + to_do)))
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    with console.capture() as printed:
        console.print(table)
    print(printed.get(), end="")
    print(found.sentence)
