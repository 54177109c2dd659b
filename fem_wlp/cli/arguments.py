"""What verbs share: the parser, the options that several have, and the package that these ask for."""

import argparse
import difflib
import functools
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from fem_wlp.errors import ConfigError

if TYPE_CHECKING:
    from fem_wlp.package.model import Package
    from fem_wlp.report.run_record import Asked
    from fem_wlp.units import Kind


class Parser(argparse.ArgumentParser):
    """A parser whose refusals are faults like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise the fault that argparse found."""
        unknown = re.search(r"unrecognized arguments: (\S*)|invalid choice: '([^']*)'", message)
        if unknown is None:
            raise ConfigError("C202", message, where="command line", hint=f"see {self.prog} --help")
        word = unknown[1] or unknown[2]
        nearest = difflib.get_close_matches(word, self._words(), n=1, cutoff=0.7)
        hint = f"did you mean {nearest[0]}?" if nearest else f"see {self.prog} --help"
        raise ConfigError("C201", message, where="command line", value=word, hint=hint)

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Refuse what this parser doesn't know, with its own options as hints, not those of other verbs."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def _words(self) -> list[str]:
        """Return the options and verbs that this parser and those below it know."""
        words: list[str] = []
        for action in self._actions:
            words += action.option_strings
            for verb, parser in action.choices.items() if isinstance(action.choices, dict) else ():
                words += [verb, *parser._words()]
        return words


def layout(prog: str) -> argparse.HelpFormatter:
    """Return a layout that keeps the examples as they are written."""
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=28, width=100)


Verbs = argparse._SubParsersAction  # what add_subparsers returns has no public name


def add_verb(
    verbs: "Verbs[Parser]", name: str, run: Callable[[argparse.Namespace], None], summary: str, text: str
) -> Parser:
    """Add a verb with its summary, and a text that teaches by examples."""
    parser = verbs.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=text,
        formatter_class=layout,
        allow_abbrev=False,
    )
    add_debug(parser, default=argparse.SUPPRESS)
    parser.set_defaults(verb=run)
    return parser


def add_debug(parser: Parser, default: object) -> None:
    """Add the option that shows tracebacks."""
    parser.add_argument("--debug", action="store_true", default=default, help="show the traceback of a failure")


def add_package(parser: Parser) -> None:
    """Add the package file and changes to it."""
    parser.add_argument("file", metavar="FILE", type=Path, help="package file (TOML)")
    parser.add_argument(
        "--set",
        metavar="PATH=VALUE",
        dest="changes",
        type=_change,
        action="append",
        default=[],
        help='change one entry of the file, e.g. second_layer.thickness="80 um"; may be repeated',
    )


def _change(text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise argparse.ArgumentTypeError(f'{text!r} is not of the form path=value, e.g. ball.diameter="0.3 mm"')
    return path.strip(), value.strip()


MODEL_OPTIONS = {
    "model": ("kind", "2d|3d", "joint cell and assembly, or every joint resolved"),
    "extent": ("extent", "PART", "3d: auto, cell, strip, eighth, quarter or full"),
    "lateral": ("lateral", "free|held", "3d, strip: how its lateral face is held"),
    "solver": ("solver", "NAME", "3d: auto, direct or multigrid"),
    "fineness": ("fineness", "NUMBER", "0.5 for a coarse mesh, 2 for a fine one"),
}
"""Options that set a key of the file's [model]: option → key, what is written behind it, what it does."""


def add_model(parser: Parser, *options: str) -> None:
    """Add options of the file's [model], by their names in `MODEL_OPTIONS`."""
    group = parser.add_argument_group("model", "the same as --set model.KEY=VALUE")
    for option in options:
        key, metavar, text = MODEL_OPTIONS[option]
        setting = functools.partial(_setting, f"model.{key}")
        group.add_argument(
            f"--{option}", metavar=metavar, dest="changes", type=setting, action="append", default=[], help=text
        )


def _setting(path: str, value: str) -> tuple[str, str]:
    return path, value


def add_quantity(
    group: "argparse._ActionsContainer", option: str, kind: "Kind", metavar: str, text: str, default: float | None = 0.0
) -> None:
    """Add an option behind which a number with its unit stands."""

    def read(written: str) -> float:
        from fem_wlp.units import parse

        try:
            return parse(written, kind)
        except ConfigError as fault:
            raise fault.at(f"command line {option}") from None

    group.add_argument(option, metavar=metavar, type=read, default=default, help=text)


def add_folder(parser: Parser) -> None:
    """Add the output folder."""
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="output folder; default: named after the file, e.g. device-results for device.toml, in the current folder",
    )


def folder_of(options: argparse.Namespace) -> Path:
    """Return the output folder."""
    return Path(f"{options.file.stem}-results") if options.out is None else Path(options.out)


def load_package(options: argparse.Namespace) -> "Package":
    """Return the package that was asked for; what should be known of it goes to standard error."""
    from fem_wlp.package import load

    package = load(options.file, dict(options.changes))
    for notice in package.notices:
        print(notice, file=sys.stderr)
    return package


UNRECORDED = ("verb", "debug", "workshop", "begun", "quiet", "json", "out")
"""Options that no answer depends on, and what is no option."""


def asked_of(options: argparse.Namespace) -> "Asked":
    """Return what was asked of a verb and how long it has taken, to be kept with what it found."""
    from fem_wlp.report.run_record import Asked

    given = {name: value for name, value in vars(options).items() if name not in UNRECORDED and value}
    for name, value in given.items():
        if isinstance(value, Path):
            given[name] = str(value)
        elif isinstance(value, list) and isinstance(value[0], tuple):  # names and what they were given
            given[name] = dict(value)
    given["set"] = given.pop("changes", {})
    return Asked(given, time.perf_counter() - options.begun)


def number_of(what: str, least: int, most: int) -> Callable[[str], int]:
    """Return a reader of how many there are to be of something."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no number of {what}, {least} … {most}")
        return int(text)

    return read


processes = number_of("processes", 1, 1000)
"""Reads a number of processes."""


def each_once(pairs: list[tuple[str, str]], option: str, how: str = "given") -> dict[str, str]:
    """Return the pairs of an option that may be repeated by their names, each of which stands once (P107)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise ConfigError(
                "P107", f"{name} is {how} twice", where=f"{option} {name}", value=value, hint="give it once"
            )
        found[name] = value
    return found
