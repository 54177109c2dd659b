"""The command line: verbs, progress, messages and exit codes. No physics.

Each verb imports what it needs when it runs, and what computes after its file is read, so that help and refusals come
at once. Standard output gets results only, standard error everything else.

Exit codes: 0 done, 2 the user's input, 3 resources or environment, 4 numerical failure, 130 and 143 interrupted,
1 a fault of the program itself.
"""

import _thread
import argparse
import atexit
import contextlib
import errno
import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, TextIO

import fem_wlp
from fem_wlp.cli.arguments import (
    MODEL_OPTIONS,
    Parser,
    Verbs,
    add_debug,
    add_folder,
    add_model,
    add_package,
    add_quantity,
    add_verb,
    folder_of,
    layout,
    load_package,
)
from fem_wlp.cli.claims import add_claims
from fem_wlp.cli.converge import add_converge
from fem_wlp.cli.designs import add_design, add_map, add_tolerance
from fem_wlp.cli.display import steps_shown
from fem_wlp.cli.rerun import add_rerun
from fem_wlp.cli.studies import add_sweep
from fem_wlp.cli.verify import add_verify
from fem_wlp.errors import ConfigError, ResourceError, WlpError

if TYPE_CHECKING:
    from fem_wlp.solid.solve import Workshop

SOLVING = ("fem_wlp.analysis.job", "fem_wlp.report.figures")
"""Modules that solving a 2D model in two processes takes."""

PIPE_WIDTH = 160
"""Width of tables that no terminal sees [characters]."""

ROOM = 298.15
"""Temperature at which the list of materials shows their constants [K]."""

TEMPLATES = """\
  compliant         adhesive cylinders in a thick silicone layer, balls with a polymer core
  conventional      the solder ball stands on the chip's pad: no second layer, no cylinder
  micro-smd         a package of 6 x 6 joints whose deformation was measured by moire
  paste             cylinders of remelted solder paste in an epoxy layer, balls all of solder
  adhesive-process  compliant, made step by step: wafer, cures, balls, board, cycle
  paste-process     paste, made step by step"""
"""What `new` can start from."""

PATIENCE = 4.0
"""How long compiled code may hold back the end that was asked for [s]."""

POLL = 0.1
"""How often the end of a verb is looked for while waiting for signals [s]."""

FAULT_OF_THE_PROGRAM = 1
INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM
NOBODY_READS = 128 + signal.SIGPIPE


class _Terminated(BaseException):
    """The process was asked to end by SIGTERM."""


def main(arguments: Sequence[str] | None = None, workshop: "Workshop | None" = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        What stands behind the program's name; by default that of this process.
    workshop
        Where ``solve`` solves systems; by default in this process.

    Returns
    -------
    int
        The exit code [-].
    """
    for stream in (sys.stdout, sys.stderr):
        _never_refuse_a_character(stream)
    begun = time.perf_counter()
    atexit.register(gc.freeze)  # a last search for garbage takes half a second after a solve
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    try:
        with _ending_on_request():
            options = _parser().parse_args(arguments)
            options.workshop, options.begun = workshop, begun
            options.verb(options)
            sys.stdout.flush()
    except BrokenPipeError:
        # what is still in the buffer would fail again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except (Exception, KeyboardInterrupt, _Terminated) as failure:
        if debug:
            traceback.print_exc()
        message, code = _told(failure)
        print(message, file=sys.stderr)
        return code
    return 0


def main_across_processes() -> int:
    """Run the command line on the first process of ``mpirun``, all others solving with it; return the exit code [-]."""
    from fem_wlp.distributed.ranks import across_processes

    try:
        with across_processes() as workshop:
            return 0 if workshop is None else main(workshop=workshop)
    except ResourceError as missing:
        print(missing, file=sys.stderr)
        return missing.exit_code


def _told(failure: BaseException) -> tuple[str, int]:
    """Return what to say about a failure, and the exit code."""
    left = "; ".join(getattr(failure, "__notes__", ["no partial result was left, the same command starts again"]))
    if isinstance(failure, KeyboardInterrupt):
        return f"interrupted; {left}", INTERRUPTED
    if isinstance(failure, _Terminated):
        return f"terminated; {left}", TERMINATED
    if isinstance(failure, MemoryError):
        failure = ResourceError("R301", "the machine refused more memory", hint="close other programs, or ask for less")
    if isinstance(failure, OSError):
        code = "R305" if failure.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "R302"
        hint = "make room on the disk" if code == "R305" else ""
        failure = ResourceError(code, failure.strerror or str(failure), where=str(failure.filename or ""), hint=hint)
    if isinstance(failure, WlpError):
        return str(failure), failure.exit_code
    return (
        f"error[internal] {type(failure).__name__}: {failure}\n"
        "  this is a fault of the program, not of your input\n"
        "  to do:   run the same command with --debug and report what it prints"
    ), FAULT_OF_THE_PROGRAM


@contextlib.contextmanager
def _ending_on_request() -> Iterator[None]:
    """Let SIGINT and SIGTERM end a verb as exceptions, so that files half written are cleared away.

    A thread waits for both: gmsh replaces the handler of SIGTERM, and Python's own handlers wait for compiled code to
    return. Where that takes longer than `PATIENCE`, the process ends without clearing up.
    """

    def end(signal_number: int, frame: FrameType | None) -> NoReturn:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, end)
    requests = {each for each in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(each) != signal.SIG_IGN}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, requests)
    done = threading.Event()

    def pass_on() -> None:
        while not done.is_set():
            request = signal.sigtimedwait(requests, POLL)
            # a process that was stopped and goes on gets a request that nobody made, of any number
            if request is not None and request.si_signo in requests:
                _thread.interrupt_main(signal.Signals(request.si_signo))
                if not done.wait(PATIENCE):
                    os._exit(128 + request.si_signo)

    threading.Thread(target=pass_on, daemon=True).start()
    try:
        yield
    finally:
        done.set()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGTERM, before)


def _never_refuse_a_character(stream: TextIO) -> None:
    """Print Greek letters as escapes on terminals that have none, instead of failing."""
    reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


# The arguments


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="fem-wlp",
        description="How far a wafer-level package decouples chip and board: 0 rigid joints, 1 severed joints.",
        epilog="A first run:\n\n  fem-wlp new device\n  fem-wlp check device.toml\n  fem-wlp solve device.toml\n\n"
        "Every verb explains itself: fem-wlp solve --help",
        formatter_class=layout,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"fem-wlp {fem_wlp.__version__}")
    add_debug(parser, default=False)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for add in (
        _add_new,
        _add_check,
        _add_estimate,
        _add_solve,
        add_rerun,
        add_converge,
        add_sweep,
        add_map,
        add_design,
        add_tolerance,
        add_claims,
        add_verify,
        _add_cell,
        _add_mesh,
        _add_materials,
        _add_schema,
    ):
        add(verbs)
    return parser


# The verbs


def _add_new(verbs: "Verbs[Parser]") -> None:
    parser = add_verb(
        verbs,
        "new",
        _new,
        "write a commented package file to start from",
        f"Templates:\n\n{TEMPLATES}\n\n"
        "Example: a conventional package in soldered.toml\n\n  fem-wlp new soldered --template conventional",
    )
    parser.add_argument("name", metavar="NAME", help="the file becomes NAME.toml in the current folder")
    parser.add_argument(
        "--template", default="compliant", metavar="TEMPLATE", help="what to start from; default compliant"
    )


def _new(options: argparse.Namespace) -> None:
    from fem_wlp.package import template

    name = options.name.removesuffix(".toml")
    if not name:
        raise ConfigError(
            "F114", "the name is empty", where="NAME", value=options.name, hint="a plain name such as device"
        )
    text = template(options.template, name)
    path = Path(f"{name}.toml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        hint = "choose another name, or remove the file"
        raise ConfigError("C203", "a package file is never overwritten", where=str(path), hint=hint) from None
    except OSError:
        path.unlink(missing_ok=True)  # no part of it stays
        raise
    print(f"{path} written. Next: fem-wlp check {path}")


def _add_check(verbs: "Verbs[Parser]") -> None:
    parser = add_verb(
        verbs,
        "check",
        _check,
        "validate a package file, draw its cross-section, foretell what solving takes",
        "Example: would a thicker second layer fit?\n\n"
        '  fem-wlp check device.toml --set second_layer.thickness="120 um"\n\n'
        "and would the whole array in three dimensions fit into this machine?\n\n"
        "  fem-wlp check device.toml --model 3d --fineness 1.5\n\n"
        "The drawing is written as section.svg and section.png into the output folder. What solve would refuse is\n"
        "refused here as well, after all that can be said of the package.",
    )
    add_package(parser)
    add_model(parser, *MODEL_OPTIONS)
    add_folder(parser)


def _check(options: argparse.Namespace) -> None:
    package = load_package(options)
    from fem_wlp.analysis import forecast_of
    from fem_wlp.environment import require_memory
    from fem_wlp.package.sheared import refuse_one_joint
    from fem_wlp.report.pictures import section_picture
    from fem_wlp.report.whole import write_contents

    foretold = forecast_of(package)
    print(package)
    print(foretold)
    if package.study is not None:
        from fem_wlp.study import study_of

        print(study_of(package))
    if package.design is not None and package.design.target is not None:
        from fem_wlp.study.aim import aim_of

        print(aim_of(package))
    picture = section_picture(package)
    folder = folder_of(options)
    write_contents(folder, {"section.svg": picture.svg, "section.png": picture.png})
    print(f"cross-section: {folder / 'section.svg'}")
    refuse_one_joint(package)
    require_memory(1e6 * foretold.memory, hint="a smaller --fineness or --extent takes less; or end other programs")


def _add_estimate(verbs: "Verbs[Parser]") -> None:
    parser = add_verb(
        verbs,
        "estimate",
        _estimate,
        "answer by closed forms, in milliseconds, with their bands",
        "Example: the order of magnitude, before any mesh\n\n  fem-wlp estimate device.toml",
    )
    add_package(parser)


def _estimate(options: argparse.Namespace) -> None:
    package = load_package(options)
    from fem_wlp.estimation import estimate

    print(estimate(package))


def _add_solve(verbs: "Verbs[Parser]") -> None:
    parser = add_verb(
        verbs,
        "solve",
        _solve,
        "compute the decoupling figure and write the report",
        "Examples:\n\n"
        "  fem-wlp solve device.toml\n"
        '  fem-wlp solve device.toml --set ball.coats.0.thickness="5 um" --out thin-coat\n'
        "  fem-wlp solve device.toml --json | python3 -m json.tool\n"
        "  fem-wlp solve device.toml --model 3d --extent quarter --fineness 0.7\n"
        "  fem-wlp solve device.toml --mesh joint.msh\n\n"
        "The output folder gets report.html (one page, to hand on), results.json, fields.vtu for ParaView, the\n"
        "figures, run.json (where all this comes from; fem-wlp rerun repeats it), and the package file with every\n"
        "default and its source. With --json the results go to standard output, and a folder is written only where\n"
        "--out names one. A mesh of your own has quadratic elements and a physical group for each region, named as in\n"
        "the file that fem-wlp mesh writes.",
    )
    add_package(parser)
    add_model(parser, *MODEL_OPTIONS)
    add_folder(parser)
    parser.add_argument(
        "--mesh",
        metavar="FILE",
        type=Path,
        help="solve on this mesh of your own: the joint's half section or, with --model 3d, a part of the array",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace another package's results in that folder")
    parser.add_argument("--json", action="store_true", help="print the results as JSON, and nothing else")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _solve(options: argparse.Namespace) -> None:
    import json

    package = load_package(options)
    from fem_wlp import environment
    from fem_wlp.beside import second_process
    from fem_wlp.results import as_data

    _require_mesh(options)
    environment.require_libraries()
    folder = None if options.json and options.out is None else folder_of(options)
    helper = contextlib.nullcontext() if package.model.kind == "3d" else second_process(*SOLVING)
    with helper as beside:
        from fem_wlp.analysis import solve
        from fem_wlp.solid.solve import THIS_PROCESS

        if folder is not None:
            from fem_wlp.report.folder import require_folder, write

            require_folder(package, folder, options.overwrite)
        with steps_shown(options.quiet) as progress:
            result = solve(package, progress, options.mesh, options.workshop or THIS_PROCESS, beside)
            if folder is not None:
                progress("report")
                write(result, folder, options.overwrite, _given(options), beside)
    if options.json:
        print(json.dumps(as_data(result), indent=2, allow_nan=False))
        for notice in result.doubts:
            print(notice, file=sys.stderr)
    else:
        print(result)
    if folder is not None:
        print(f"Report: {folder / 'report.html'}", file=sys.stderr if options.json else sys.stdout)


def _given(options: argparse.Namespace) -> dict[str, object]:
    """What was asked for besides the folder, to be kept with the results."""
    mesh = None if options.mesh is None else str(options.mesh)
    return {"file": str(options.file), "set": dict(options.changes), "mesh": mesh}


def _require_mesh(options: argparse.Namespace) -> None:
    if options.mesh is not None and not options.mesh.is_file():
        hint = "fem-wlp mesh FILE writes one to begin with"
        raise ConfigError("F101", "there is no such mesh file", where=str(options.mesh), hint=hint)


def _add_cell(verbs: "Verbs[Parser]") -> None:
    parser = add_verb(
        verbs,
        "cell",
        _cell,
        "load one joint between chip and board, and print its forces, stiffness and energies",
        "Examples: shear one joint by a micrometre, pull it, cool it, all of it in three dimensions\n\n"
        '  fem-wlp cell device.toml --shift "1 um"\n'
        '  fem-wlp cell device.toml --pull "0.1 N" --rock "1 mrad"\n'
        '  fem-wlp cell device.toml --temperature "-40 degC" --json\n'
        '  fem-wlp cell device.toml --shift "1 um" --model 3d\n'
        '  fem-wlp cell device.toml --shift "1 um" --model 3d --mesh cell.msh\n\n'
        "The joint stands on one pitch of the board, which is held, and carries one pitch of the chip, which is moved\n"
        "as a whole. Without --elongation the chip rises freely, or as --pull lets it. Stiffness is always printed.",
    )
    add_package(parser)
    add_model(parser, "model", "solver", "fineness")
    load = parser.add_argument_group("load", "what the chip does against the board; anything may be combined")
    add_quantity(load, "--shift", "length", "LENGTH", "along x, e.g. 1 um")
    along = load.add_mutually_exclusive_group()
    add_quantity(along, "--elongation", "length", "LENGTH", "along the axis, e.g. 0.1 um", default=None)
    add_quantity(along, "--pull", "force", "FORCE", "force along the axis, e.g. 0.1 N")
    add_quantity(load, "--rock", "angle", "ANGLE", "about the chip's upper face, e.g. 1 mrad")
    thermal = 'thermal strains from assembly to it, e.g. "-40 degC"; without it none'
    add_quantity(load, "--temperature", "temperature", "TEMPERATURE", thermal, default=None)
    parser.add_argument(
        "--mesh", metavar="FILE", type=Path, help="3d: solve on this mesh of your own, of one pitch around the joint"
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON, and nothing else")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _cell(options: argparse.Namespace) -> None:
    import json

    package = load_package(options)
    from fem_wlp import environment
    from fem_wlp.analysis import load_joint
    from fem_wlp.joint.loads import JointLoad

    load = JointLoad(options.shift, options.elongation, options.pull, options.rock, options.temperature)
    _require_mesh(options)
    environment.require_libraries()
    with steps_shown(options.quiet) as progress:
        loaded = load_joint(package, load, progress, options.mesh)
    print(json.dumps(loaded.as_data(), indent=2, allow_nan=False) if options.json else loaded)


def _add_mesh(verbs: "Verbs[Parser]") -> None:
    parser = add_verb(
        verbs,
        "mesh",
        _mesh,
        "write the mesh of a package, to look at it in Gmsh or ParaView",
        "Examples: the section of the joint, then an eighth of the array\n\n"
        "  fem-wlp mesh device.toml --out joint.vtu\n"
        "  fem-wlp mesh device.toml --model 3d --extent eighth --out array.msh\n\n"
        "Regions have the names of the package file. In 2D x is r and y is z; lengths are in mm.",
    )
    add_package(parser)
    add_model(parser, "model", "extent", "fineness")
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        type=_mesh_file,
        help="file to write, .msh for Gmsh or .vtu for ParaView; default: device.msh for device.toml",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it is there")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _mesh_file(name: str) -> Path:
    if Path(name).suffix not in (".msh", ".vtu"):
        raise argparse.ArgumentTypeError(f"{name!r} ends neither in .msh nor in .vtu")
    return Path(name)


def _mesh(options: argparse.Namespace) -> None:
    package = load_package(options)
    from fem_wlp import environment
    from fem_wlp.analysis import mesh_of
    from fem_wlp.mesh.files import write_mesh

    path = Path(f"{options.file.stem}.msh") if options.out is None else options.out
    if path.exists() and not options.overwrite:
        hint = "name another file with --out, or replace it with --overwrite"
        raise ConfigError("C203", "the file is there already", where=str(path), hint=hint)
    environment.require_libraries()
    with steps_shown(options.quiet) as progress:
        mesh = mesh_of(package, progress)
        write_mesh(path, mesh)
    print(f"{path} written: {len(mesh.points)} nodes in {', '.join(mesh.names)}")


def _add_materials(verbs: "Verbs[Parser]") -> None:
    parser = add_verb(
        verbs,
        "materials",
        _materials,
        "show the library of materials with its sources",
        "Examples: all of them, then one with its tables, range and source\n\n"
        "  fem-wlp materials\n  fem-wlp materials SAC305",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="one material instead of the list")


def _materials(options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from fem_wlp.materials.library import completed, library

    if options.name is None:
        table = Table("name", f"E at {ROOM - 273.15:.0f} °C", "ν", "CTE", "what it is", "source", "confidence")
        for name in library():
            table.add_row(*map(Text, _summary(name)))
    else:
        table = Table("entry", "value", title=options.name, show_header=False)
        for key, written in completed(options.name, library()).items():
            table.add_row(Text(key), Text(_written(written)))
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    with console.capture() as printed:
        console.print(table)
    print(printed.get(), end="")


def _summary(name: str) -> tuple[str, ...]:
    """Return a row of the list of materials: name, moduli, Poisson's ratios, expansion, description with source."""
    from fem_wlp.materials.library import material
    from fem_wlp.materials.model import Isotropic
    from fem_wlp.units import text

    entry = material(name)
    elasticity, expansion = entry.elasticity, entry.expansion
    if isinstance(elasticity, Isotropic):
        moduli, ratios = [elasticity.E], [elasticity.nu]
    else:
        moduli = [elasticity.E_x, elasticity.E_y, elasticity.E_z]
        ratios = [elasticity.nu_xy, elasticity.nu_xz, elasticity.nu_yz]
    directions = [expansion.x, expansion.y, expansion.z]
    return (
        name,
        _distinct(text(modulus(ROOM), "stress", 4) for modulus in moduli),
        _distinct(f"{ratio(ROOM):.4g}" for ratio in ratios),
        _distinct(text(coefficient(ROOM), "expansion", 4) for coefficient in directions),
        entry.description,
        entry.source,
        entry.confidence,
    )


def _distinct(values: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(values))


def _written(value: object) -> str:
    """Return a value of a material's table as an engineer reads it: tables as one pair a line."""
    if isinstance(value, Mapping) and {"temperature", "value"} <= value.keys():
        return "\n".join(f"{at}: {each}" for at, each in zip(value["temperature"], value["value"], strict=True))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return str(value)


def _add_schema(verbs: "Verbs[Parser]") -> None:
    add_verb(
        verbs,
        "schema",
        _schema,
        "print the JSON Schema of package files, for editors that complete and check",
        "Example:\n\n  fem-wlp schema > package.schema.json\n\n"
        "An editor with a TOML language server uses it for files that begin with\n\n  #:schema ./package.schema.json",
    )


def _schema(options: argparse.Namespace) -> None:
    import json

    from fem_wlp.package import json_schema

    print(json.dumps(json_schema(), indent=2))
