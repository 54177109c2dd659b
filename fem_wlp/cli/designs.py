"""The verbs that answer which package, instead of how good one is: ``design``, ``map`` and ``tolerance``."""

import argparse
import sys
from pathlib import Path

from fem_wlp.cli.arguments import (
    Parser,
    Verbs,
    add_model,
    add_package,
    add_verb,
    asked_of,
    each_once,
    load_package,
    number_of,
    processes,
)
from fem_wlp.cli.display import steps_shown

LIMITS = "interconnect_strain, cylinder_shear_strain, ball_stress, electrical_resistance, total_height, layer_ratio"


def add_design(verbs: "Verbs[Parser]") -> None:
    """Add the verb ``design``."""
    parser = add_verb(
        verbs,
        "design",
        _design,
        "find the package that reaches a decoupling figure, and how far it may deviate",
        "Examples: the thinnest second layer for D = 0.9, and the stiffest adhesive for it\n\n"
        "  fem-wlp design device.toml --target 0.90\n"
        "  fem-wlp design device.toml --target 0.90 --objective stiffest\n\n"
        "within limits, with both free, and any other parameter\n\n"
        '  fem-wlp design device.toml --target 0.90 --limit interconnect_strain="0.2 %" \\\n'
        '      --limit electrical_resistance="40 mOhm"\n'
        '  fem-wlp design device.toml --target 0.95 --vary "second_layer.thickness=40 um..150 um" \\\n'
        '      --vary "materials.adhesive.E=50 MPa..1 GPa:log"\n'
        '  fem-wlp design device.toml --target 0.90 --objective "max opening.diameter" \\\n'
        '      --vary "opening.diameter=120 um..220 um"\n\n'
        "The answer is one word: feasible, met_everywhere (the bound is the answer), infeasible (with the best that\n"
        "can be reached), limited_by_ and the limit in the way, limited_by_several, limits_conflict, or unconfirmed.\n"
        "The numbers are those of a full solve. The output folder gets design.json, design.toml (the package found,\n"
        "to solve next), front.csv (decoupling against resistance) and the figures. The exit code is 0 only where\n"
        "the target is reached within all limits.",
    )
    add_package(parser)
    add_model(parser, "model", "extent", "fineness")
    asked = parser.add_argument_group("design", "instead of what the file's [design] says")
    asked.add_argument("--target", metavar="D", help="decoupling figure to be reached, e.g. 0.9 or 90%%")
    asked.add_argument(
        "--objective",
        metavar="WHAT",
        help="thinnest second layer (the default), stiffest cylinder, or min or max and a path",
    )
    _add_ranges(asked)
    _add_run(parser)
    parser.add_argument("--out", metavar="DIR", type=Path, help="output folder; default: device-design for device.toml")
    parser.add_argument("--json", action="store_true", help="print the design as JSON, and nothing else")


def add_map(verbs: "Verbs[Parser]") -> None:
    """Add the verb ``map``."""
    parser = add_verb(
        verbs,
        "map",
        _map,
        "draw the decoupling figure over two parameters, with the borders of limits",
        "Examples: second layer and adhesive, which are the default; with limits; any two parameters\n\n"
        "  fem-wlp map device.toml\n"
        '  fem-wlp map device.toml --target 0.9 --limit interconnect_strain="0.2 %" \\\n'
        '      --x "second_layer.thickness=40 um..150 um"\n'
        '  fem-wlp map device.toml --x "array.pitch=0.4 mm..0.6 mm" --y materials.adhesive.E --points 7\n\n'
        "The output folder gets map.png, map.svg, map.csv with the bound of each point's error, and package.toml.\n"
        "Moduli and the second layer's thickness are answered by the reduced model, all else by full solves.",
    )
    add_package(parser)
    add_model(parser, "model", "extent", "fineness")
    asked = parser.add_argument_group("map")
    for side, what in (
        ("x", "across; default: the second layer's thickness"),
        ("y", "upwards; the cylinder's modulus"),
    ):
        asked.add_argument(f"--{side}", metavar="PATH=RANGE", help=what)
    asked.add_argument(
        "--points", metavar="N", type=number_of("points", 2, 400), help="along each side; default 41, or 9 full solves"
    )
    asked.add_argument("--target", metavar="D", help="figure whose line is stressed, e.g. 0.9")
    _add_limit(asked)
    _add_run(parser)
    parser.add_argument("--out", metavar="DIR", type=Path, help="output folder; default: device-map for device.toml")


def add_tolerance(verbs: "Verbs[Parser]") -> None:
    """Add the verb ``tolerance``."""
    parser = add_verb(
        verbs,
        "tolerance",
        _tolerance,
        "from scatter in manufacture to the probability of a figure, and what to control first",
        "Examples: thickness and modulus, normal with these standard deviations (cut at 3); even between limits\n\n"
        '  fem-wlp tolerance device.toml --target 0.88 --scatter second_layer.thickness="4 um" \\\n'
        '      --scatter materials.adhesive.E="10 %"\n'
        '  fem-wlp tolerance device.toml --target 0.88 --scatter materials.adhesive.E="±25 %" --seed 7\n\n'
        "Printed are the share of packages that reach the target and Sobol' indices: the share of each parameter in\n"
        "the variance of D, alone and with its interactions. The output folder gets tolerance.json, tolerance.csv\n"
        "(the sample), tolerance.png, tolerance.svg and package.toml. The same seed gives the same table.",
    )
    add_package(parser)
    add_model(parser, "model", "extent", "fineness")
    asked = parser.add_argument_group("tolerance")
    asked.add_argument("--target", metavar="D", help="decoupling figure to be reached, e.g. 0.9 or 90%%")
    asked.add_argument(
        "--scatter",
        metavar="PATH=WIDTH",
        type=_assignment,
        action="append",
        help='what scatters, e.g. materials.adhesive.E="10 %%"; may be repeated',
    )
    asked.add_argument("--samples", metavar="N", type=_count, default=4096, help="a power of two; default 4096")
    asked.add_argument("--seed", metavar="N", type=_count, default=0, help="of the sample; default 0")
    _add_run(parser)
    parser.add_argument("--out", metavar="DIR", type=Path, help="output folder; default: device-tolerance")


def _add_ranges(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--vary",
        metavar="PATH=RANGE",
        type=_assignment,
        action="append",
        help='what may be varied, and its range, e.g. materials.adhesive.E="1 MPa..1 GPa:log"; may be repeated',
    )
    _add_limit(group)


def _add_limit(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--limit",
        metavar="NAME=VALUE",
        type=_assignment,
        action="append",
        help=f'what is kept, e.g. interconnect_strain="0.2 %%"; may be repeated; names: {LIMITS}',
    )


def _add_run(parser: Parser) -> None:
    run = parser.add_argument_group("run")
    run.add_argument("--full", action="store_true", help="full solves also where the reduced model would do")
    run.add_argument("--workers", metavar="N", type=processes, default=1, help="processes for full solves; default 1")
    run.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f'{text!r} is not of the form name=value, e.g. total_height="0.8 mm"')
    return name, value


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def _given(pairs: list[tuple[str, str]] | None, option: str) -> dict[str, str] | None:
    """Return what an option was given, each name once; None where it was not given at all."""
    return None if pairs is None else each_once(pairs, option)


def _design(options: argparse.Namespace) -> None:
    import json

    package = load_package(options)
    from fem_wlp import environment
    from fem_wlp.report.design_folder import write_design
    from fem_wlp.report.run_record import require_folder_of
    from fem_wlp.study.aim import aim_of
    from fem_wlp.study.design import as_data, find, require_reached

    aim = aim_of(
        package, options.target, options.objective, _given(options.vary, "--vary"), _given(options.limit, "--limit")
    )
    environment.require_libraries()
    folder = None if options.json and options.out is None else options.out or Path(f"{options.file.stem}-design")
    if folder is not None:
        require_folder_of(folder, "design")
    if not options.quiet:
        print(aim, file=sys.stderr)
    with steps_shown(options.quiet) as progress:
        found = find(aim, options.full, options.workers, tell=progress)
        if folder is not None:
            progress("figures")
            write_design(found, folder, asked_of(options))
    if options.json:
        print(json.dumps(as_data(found), indent=2, allow_nan=False))
    else:
        print(found)
    if folder is not None:
        target = sys.stderr if options.json else sys.stdout
        print(f"Package file: {folder / 'design.toml'}\nFigures: {folder / 'figures'}", file=target)
    require_reached(found)


def _map(options: argparse.Namespace) -> None:
    package = load_package(options)
    from fem_wlp import environment
    from fem_wlp.report.map_folder import write_map
    from fem_wlp.report.run_record import require_folder_of
    from fem_wlp.study.aim import target_of
    from fem_wlp.study.map import map_of

    target = None if options.target is None else target_of(options.target, "--target")
    environment.require_libraries()
    folder = options.out or Path(f"{options.file.stem}-map")
    require_folder_of(folder, "map")
    limits = _given(options.limit, "--limit")
    with steps_shown(options.quiet) as progress:
        found = map_of(
            package, options.x, options.y, options.points, limits, target, options.full, options.workers, tell=progress
        )
        progress("figure")
        picture = write_map(found, folder, asked_of(options))
    print(found)
    print(f"Table: {folder / 'map.csv'}\nFigure: {picture}")


def _tolerance(options: argparse.Namespace) -> None:
    package = load_package(options)
    from fem_wlp import environment
    from fem_wlp.report.run_record import require_folder_of
    from fem_wlp.report.tolerance_figure import write_tolerance
    from fem_wlp.study.aim import target_of
    from fem_wlp.study.tolerance import tolerance_of

    target = target_of(options.target, "--target")
    scatter = _given(options.scatter, "--scatter") or {}
    environment.require_libraries()
    folder = options.out or Path(f"{options.file.stem}-tolerance")
    require_folder_of(folder, "tolerance")
    with steps_shown(options.quiet) as progress:
        found = tolerance_of(
            package, target, scatter, options.samples, options.seed, options.full, options.workers, tell=progress
        )
        progress("figure")
        picture = write_tolerance(found, folder, asked_of(options))
    print(found)
    print(f"Sample: {folder / 'tolerance.csv'}\nFigure: {picture}")
