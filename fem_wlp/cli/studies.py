"""The verbs that ask about many variants of a package."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fem_wlp.cli.arguments import (
    Parser,
    Verbs,
    add_model,
    add_package,
    add_quantity,
    add_verb,
    asked_of,
    each_once,
    load_package,
    processes,
)
from fem_wlp.cli.display import points_shown
from fem_wlp.errors import ResourceError, SolveError

if TYPE_CHECKING:
    from fem_wlp.study import Answers


def add_sweep(verbs: "Verbs[Parser]") -> None:
    """Add the verb ``sweep``."""
    parser = add_verb(
        verbs,
        "sweep",
        _sweep,
        "compute many variants of a package: tables and curves of D against anything in its file",
        "Examples: thickness of the second layer, with a curve for each modulus of the adhesive\n\n"
        '  fem-wlp sweep device.toml --vary "second_layer.thickness=20 um..150 um:8" \\\n'
        '      --vary "materials.adhesive.E=1 MPa..50 GPa:log 6"\n\n'
        "a list, all metals of the ball by one factor, and 200 points spread over both ranges\n\n"
        '  fem-wlp sweep device.toml --vary "array.pitch=0.4 mm, 0.5 mm, 0.6 mm"\n'
        '  fem-wlp sweep device.toml --vary "materials.SAC305.E, materials.copper.E = x 0.1..10:log 5"\n'
        '  fem-wlp sweep device.toml --vary "opening.diameter=150 um..220 um" \\\n'
        '      --vary "cylinder.stress_free=100 degC..150 degC" --sample lhs:200 --seed 1\n\n'
        "What the file's [study] says is asked where nothing is given here. The output folder gets study.csv,\n"
        "study.nc, the figures and study.html. Every answer is in its journal at once: a study that was stopped,\n"
        "whatever way, goes on with the same command. A point that cannot be answered is recorded with the reason,\n"
        "and the others go on.",
    )
    add_package(parser)
    add_model(parser, "model", "extent", "fineness")
    asked = parser.add_argument_group("study", "instead of what the file's [study] says")
    asked.add_argument(
        "--vary",
        metavar="PATH=VALUES",
        type=_variation,
        action="append",
        help='what to vary, by its path in the file, and its values: a range "20 um..150 um:8" or\n'
        '"1 MPa..50 GPa:log 12", a list "10 um, 20 um", factors "x 0.1..10:log 5"; may be repeated',
    )
    asked.add_argument("--sample", metavar="HOW", help="grid (all combinations, the default), lhs:N or sobol:N points")
    asked.add_argument("--seed", metavar="NUMBER", type=int, help="of lhs and sobol; the same seed, the same points")
    asked.add_argument(
        "--record",
        metavar="KEY",
        action="append",
        help="number of results.json to record, e.g. joint.stiffness.lateral; may be repeated",
    )
    run = parser.add_argument_group("run")
    run.add_argument(
        "--full", action="store_true", help="solve every point in full, also where the reduced model would do"
    )
    run.add_argument(
        "--workers", metavar="N", type=processes, help="processes; default: as many as cores and memory allow"
    )
    run.add_argument(
        "--scheduler", metavar="ADDRESS", help="let the workers of this Dask scheduler compute, e.g. tcp://host:8786"
    )
    add_quantity(
        run,
        "--timeout",
        "time",
        "TIME",
        'how long a full solve of one point may take, e.g. "10 min"; it is recorded as failed then',
        default=None,
    )
    run.add_argument("--out", metavar="DIR", type=Path, help="output folder; default: device-study for device.toml")
    run.add_argument("--overwrite", action="store_true", help="begin anew, whatever study is in that folder")
    run.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _variation(text: str) -> tuple[str, str]:
    path, equals, values = text.partition("=")
    if not equals:
        # "a.E, b.E x 0.1..10:5", as one says it
        path, sign, values = text.partition(" x ")
        equals, values = sign, f"x {values}"
    if not equals or not path.strip() or not values.strip():
        message = f'{text!r} is not of the form path=values, e.g. second_layer.thickness="20 um..150 um:8"'
        raise argparse.ArgumentTypeError(message)
    return path.strip(), values.strip()


def _sweep(options: argparse.Namespace) -> None:
    package = load_package(options)
    from fem_wlp import environment
    from fem_wlp.report.run_record import require_folder_of
    from fem_wlp.report.study_folder import write_study
    from fem_wlp.study import study_of, sweep
    from fem_wlp.study.conduct import limit_of
    from fem_wlp.study.journal import kept
    from fem_wlp.study.quick import quickened

    varied = each_once(options.vary, "--vary", "varied") if options.vary else None
    study = study_of(package, varied, options.record, options.sample, options.seed)
    study = study if options.full else quickened(study)
    timeout = limit_of(study, options.timeout)
    folder = options.out or Path(f"{options.file.stem}-study")
    environment.require_libraries()
    require_folder_of(folder, "sweep")
    if not options.quiet:
        print(study, file=sys.stderr)
    try:
        with points_shown(len(study.plan), options.quiet) as tell:
            answers = sweep(
                study,
                folder,
                options.workers,
                options.scheduler,
                options.overwrite,
                progress=tell,
                full=options.full,
                notice=lambda notice: print(notice, file=sys.stderr),
                stage=tell.stage,
                timeout=timeout,
            )
    except BaseException as end:
        if not isinstance(end, Exception):
            end.add_note(
                f"{kept(folder)} of {len(study.plan)} points are kept in {folder}; the same command goes on from there"
            )
        raise
    page = write_study(answers, folder, asked_of(options))
    print(answers)
    print(f"Table: {folder / 'study.csv'}\nFigures: {page}")
    _require_answers(answers)


def _require_answers(answers: "Answers") -> None:
    """Raise where points have no answer for another reason than that such a package cannot be."""
    codes = answers.reasons()
    for kind, letters in ((ResourceError, "R"), (SolveError, "ESi")):
        count = sum(number for code, number in codes.items() if code[0] in letters)
        if count:
            raise kind(
                "S509",
                f"{count} of {len(answers.rows)} points have no answer; study.csv says why",
                hint="the same command tries those again that a lack of memory or time or a lost worker stopped"
                if kind is ResourceError
                else "solve one of them by itself, with --debug",
            )
