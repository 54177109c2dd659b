"""The verb that asks how good the mesh is: ``converge``."""

import argparse
import sys
from pathlib import Path

from fem_wlp.cli.arguments import (
    MODEL_OPTIONS,
    Parser,
    Verbs,
    add_model,
    add_package,
    add_verb,
    asked_of,
    load_package,
)
from fem_wlp.cli.display import steps_shown


def add_converge(verbs: "Verbs[Parser]") -> None:
    """Add the verb ``converge``."""
    parser = add_verb(
        verbs,
        "converge",
        _converge,
        "solve a package on finer and finer meshes: what its figures converge to, and how fast",
        "Examples: three meshes, then four, then a resolved array\n\n"
        "  fem-wlp converge device.toml\n"
        "  fem-wlp converge device.toml --levels 4 --fineness 0.7\n"
        "  fem-wlp converge device.toml --model 3d --extent strip\n\n"
        "At the k-th level all element lengths are divided by k: of the joint cell, and of chip and board, through\n"
        "the thickness too. Of every number its limit is told with an error, the order at which it is approached, and\n"
        "whether that is one; the error that fem-wlp solve states is compared with the one found, and the singular\n"
        "corners are listed. The third level takes some minutes. The output folder gets converge.json, converge.html\n"
        "and the figure.",
    )
    add_package(parser)
    add_model(parser, *MODEL_OPTIONS)
    parser.add_argument("--levels", metavar="N", type=_levels, default=3, help="meshes, 3 … 6; default 3")
    parser.add_argument("--out", metavar="DIR", type=Path, help="output folder; default: device-convergence")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON, and nothing else")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _levels(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of meshes, 3 … 6")
    return int(text)


def _converge(options: argparse.Namespace) -> None:
    import json

    package = load_package(options)
    from fem_wlp import environment
    from fem_wlp.analysis.convergence import as_data
    from fem_wlp.analysis.levels import converge, levels_forecast, require_levels
    from fem_wlp.report.convergence_page import write_convergence
    from fem_wlp.report.run_record import require_folder_of

    require_levels(package, options.levels)
    environment.require_libraries()
    folder = None
    if options.out is not None or not options.json:
        folder = options.out or Path(f"{options.file.stem}-convergence")
        require_folder_of(folder, "converge")
    if not options.quiet:
        print(levels_forecast(package, options.levels), file=sys.stderr)
    with steps_shown(options.quiet) as progress:
        found = converge(package, options.levels, progress)
        if folder is not None:
            progress("report")
            write_convergence(found, folder, asked_of(options))
    if options.json:
        print(json.dumps(as_data(found), indent=2, allow_nan=False))
    else:
        print(found)
    if folder is not None:
        print(f"Report: {folder / 'converge.html'}", file=sys.stderr if options.json else sys.stdout)
