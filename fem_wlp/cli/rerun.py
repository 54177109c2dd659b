"""The verb that repeats a stored run."""

import argparse
import math
import sys
from pathlib import Path

from fem_wlp.cli.arguments import Parser, Verbs, add_verb
from fem_wlp.cli.display import steps_shown


def add_rerun(verbs: "Verbs[Parser]") -> None:
    """Add the verb ``rerun``."""
    parser = add_verb(
        verbs,
        "rerun",
        _rerun,
        "repeat a stored run, and tell how far it drifts",
        "Examples: does the folder's result come out again on this machine, and with these versions?\n\n"
        "  fem-wlp rerun device-results --compare\n"
        "  fem-wlp rerun device-results --compare --json --output device-again\n\n"
        "The run is repeated from its stored package file. With --compare every key of results.json is held against\n"
        "the stored one, and versions, platform and mesh as well; the exit code is 4 where a key is beyond the\n"
        "tolerance. A folder that was changed after it was written is refused. The stored folder stays as it is;\n"
        "with --output the new results are written, and drift.json beside them.",
    )
    parser.add_argument("run", metavar="RUN", type=Path, help="result folder of fem-wlp solve, or its run.json")
    parser.add_argument("--compare", action="store_true", help="tell the drift of every key, and fail beyond tolerance")
    parser.add_argument(
        "--tolerance", metavar="NUMBER", type=_tolerance, default=1e-9, help="largest drift, relative; default 1e-9"
    )
    parser.add_argument("--output", "--out", metavar="DIR", type=Path, help="folder for the new results; default: none")
    parser.add_argument("--mesh", metavar="FILE", type=Path, help="the mesh of your own that the run was solved on")
    parser.add_argument("--overwrite", action="store_true", help="replace another package's results in that folder")
    parser.add_argument("--json", action="store_true", help="print as JSON, and nothing else")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _tolerance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value < 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return value


def _rerun(options: argparse.Namespace) -> None:
    import json

    from fem_wlp import environment
    from fem_wlp.report.rerun import drift_data, require_same, rerun
    from fem_wlp.results import as_data
    from fem_wlp.solid.solve import THIS_PROCESS

    environment.require_libraries()
    with steps_shown(options.quiet) as progress:
        found = rerun(
            options.run,
            options.output,
            tolerance=options.tolerance,
            mesh=options.mesh,
            overwrite=options.overwrite,
            progress=progress,
            workshop=options.workshop or THIS_PROCESS,
        )
    assert found.result is not None
    if options.json:
        data = drift_data(found) if options.compare else as_data(found.result)
        print(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print(found if options.compare else found.result)
    if options.output is not None:
        print(f"Report: {options.output / 'report.html'}", file=sys.stderr if options.json else sys.stdout)
    if options.compare:
        require_same(found)
