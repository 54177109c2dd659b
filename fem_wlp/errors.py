"""Everything that can be refused, in one family.

::

    WlpError
    ├── ConfigError         the package file or the command line         exit code 2
    │   ├── ConfigErrors    several faults of one file, told together
    │   └── MaterialError   constants that describe no solid, or are asked outside their range
    ├── ResourceError       memory, disk, a missing system library       exit code 3
    ├── MeshError           a mesh that cannot be built or used          exit code 4
    └── SolveError          a solution that fails its certificates       exit code 4

A fault says which (`code`), where (`where`), what was written (`value`), why it cannot be (the message) and what to do
(`hint`). A `Notice` has the same parts, and the work goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_VALUE = 80
"""Values are cut to this many characters in a message [-]."""

MOST_FAULTS_SHOWN = 20
"""Faults of one file that are printed; all of them are kept in `ConfigErrors.faults` [-]."""

CATALOGUE: dict[str, str] = {
    "C201": "unknown verb, option or argument",
    "C202": "an option's value is missing or cannot be used",
    "C203": "the file to write exists already",
    "C206": "no array to draw in space",
    "C207": "more processes than the mesh has work for",
    "C208": "a model that is not spread over processes",
    "C210": "mesh levels that cannot be made",
    "D101": "target that is no decoupling figure",
    "D102": "objective that cannot be used",
    "D103": "range in which no design can be looked for",
    "D104": "limit that cannot be used",
    "D105": "target out of reach within the bounds",
    "D106": "target out of reach within a limit",
    "D107": "limits that no variant keeps",
    "D108": "design that its full solve does not confirm",
    "D109": "scatter that cannot be drawn",
    "D110": "claims that the package does not meet",
    "E401": "mesh with inverted elements",
    "E402": "empty region",
    "E403": "no region or face of that name",
    "E405": "point outside the section or the package",
    "E406": "section that encloses nothing",
    "E407": "section that gmsh cannot mesh",
    "E408": "elements of another kind",
    "E409": "line or pad that a three-dimensional cell cannot resolve",
    "E410": "no room between a joint and the side of its cell",
    "E411": "mesh file that cannot be read",
    "E412": "regions of a mesh file other than the package's",
    "E413": "bodies that are not joined",
    "E414": "mesh that does not fit the package",
    "F101": "file cannot be read",
    "F102": "not a text file in UTF-8",
    "F103": "empty file",
    "F104": "file larger than 1 MiB",
    "F105": "not TOML",
    "F106": "key given twice",
    "F107": "nested deeper than 50",
    "F108": "unknown key",
    "F109": "missing key",
    "F110": "wrong type",
    "F111": "not one of the admissible words",
    "F112": "files that extend each other in a circle",
    "F113": "named file missing or outside the folder",
    "F114": "name that cannot be used",
    "F115": "no such place in the package file",
    "F116": "unknown template",
    "F117": "reference package that names a reference itself",
    "F118": "too many words in a file",
    "F119": "number outside the admissible range",
    "F130": "no run that can be repeated",
    "F131": "run that was changed after it was written",
    "F132": "another mesh than that of the run",
    "G101": "length not greater than zero",
    "G102": "layer thinner than the meshing floor",
    "G103": "length outside the admissible range",
    "G110": "contact as wide as the ball: no standoff",
    "G111": "ball wider than the pitch",
    "G112": "opening wider than the pitch",
    "G113": "ball smaller than its contact on the land",
    "G114": "contact plane cuts a part that does not melt",
    "G115": "coats thicker than the ball's radius",
    "G116": "contact wider than the face it stands on",
    "G117": "dip that cannot be",
    "G118": "truncated ball with a fillet",
    "G119": "fillet of the cylinder's material, without cylinder",
    "G120": "interconnect wider than the pitch",
    "G121": "interconnect outside the chip",
    "G122": "opening wider than the base region",
    "G123": "gap that does not fit the wall or the opening",
    "G124": "second layer without room for a cylinder",
    "G125": "second layer, opening and cylinder not together",
    "G126": "land wider than the pitch",
    "G127": "pad, its opening and the line do not meet",
    "G130": "array of an impossible number of joints",
    "G131": "unknown character in the ball map",
    "G132": "ragged ball map",
    "G133": "ball map without a joint",
    "G134": "array given twice or not at all",
    "G135": "joint outside the chip",
    "G136": "chip larger than the board",
    "G138": "symmetry that the package does not have",
    "M101": "Poisson's ratio out of bounds",
    "M102": "modulus not greater than zero",
    "M103": "modulus of no known solid",
    "M104": "thermal expansion of no known solid",
    "M105": "unknown material",
    "M106": "elastic constants not positive definite",
    "M107": "temperature table that does not increase",
    "M108": "property asked outside its temperature range",
    "M109": "thermal expansion without its kind or reference",
    "M110": "incomplete or doubled set of constants",
    "M111": "property table that cannot be read",
    "M112": "materials based on each other in a circle",
    "M113": "conductivity or resistivity not greater than zero",
    "P101": "nothing to vary",
    "P102": "path that cannot be varied",
    "P103": "values of a parameter that cannot be read",
    "P104": "logarithmic range that reaches zero",
    "P105": "too many points",
    "P106": "no such result to record",
    "P107": "parameter varied twice",
    "P108": "parameter without effect",
    "P109": "sample that cannot be drawn",
    "P110": "study of which no point is a package",
    "P201": "unknown step",
    "P202": "part used before it is there",
    "P203": "step taken twice",
    "P204": "part that no step makes",
    "P205": "step for a part that the package does not have",
    "P206": "solder heated to less than its liquidus",
    "P207": "solidus above the liquidus",
    "P208": "wafer not divided before mounting",
    "P209": "step on the wafer after it was divided",
    "P210": "wafer ground to another thickness than the chip's",
    "P211": "shrinkage without its kind, or the reverse",
    "P212": "process that does not end on the board",
    "P213": "wafer smaller than its chip",
    "P214": "process without a wafer",
    "P215": "temperature given beside the process",
    "P216": "solder that melts without being named",
    "P217": "melting of what does not melt, or cure of what does",
    "P218": "ball that nothing joins",
    "R301": "not enough memory",
    "R302": "output folder cannot be written",
    "R303": "output folder holds another configuration's results",
    "R304": "gmsh or its system libraries missing",
    "R305": "disk full while writing",
    "R306": "pyvista missing or not to be loaded",
    "R307": "PETSc or MPI missing or not to be loaded",
    "R308": "study that another process is writing",
    "R309": "journal of another study",
    "R310": "journal that cannot be used",
    "R311": "Dask or xarray missing or not to be loaded",
    "R312": "scheduler that does not answer",
    "R313": "process that ended while it computed a point",
    "R314": "point that took longer than it may",
    "R315": "verification for which the machine lacks everything",
    "S501": "singular or indefinite matrix",
    "S502": "residual too large",
    "S503": "forces or moments not in equilibrium",
    "S504": "energies do not agree",
    "S505": "body free to move",
    "S506": "displacement prescribed twice",
    "S507": "region attached to nothing",
    "S508": "result not finite",
    "S509": "points of a study without an answer",
    "S510": "laws of the dossier that do not hold",
    "S511": "broken controls that were not noticed",
    "S520": "run that does not repeat",
    "T101": "no assembly temperature",
    "T102": "temperature outside the admissible range",
    "T103": "no temperature change",
    "T104": "service temperature missing or given more than once",
    "T105": "unknown temperature condition",
    "T106": "solder molten in service",
    "T107": "cycle that is not two temperatures",
    "U101": "no value",
    "U102": "number without its unit",
    "U103": "not a number",
    "U104": "number not finite",
    "U105": "unknown unit",
    "U106": "wrong dimension",
    "U107": "decimal comma",
    "U108": "below absolute zero",
    "W101": "second layer thinner than four times the first",
    "W102": "material without a source",
    "W103": "key without effect in this kind of model",
    "W104": "damaged line of a journal",
    "W105": "temperatures that follow from the process",
    "W106": "wafer without a process",
    "W107": "assembly at which a solder is molten",
    "W108": "decoupling figure that is no share of the mismatch",
    "W109": "decoupling figure that the mesh does not settle",
}
"""Code → what it stands for. The letter tells the subject: C command line, D designs, E mesh, F files, G geometry,
M materials, P1 parameter studies, P2 process, R resources, S solve, T temperatures, U units, W warnings."""


def shortened(text: str) -> str:
    """Return `text` on one line, cut to a length that fits a message."""
    line = " ".join(text.split()).replace("\x00", "\\0")
    return line if len(line) <= LONGEST_VALUE else f"{line[:LONGEST_VALUE]}… ({len(text)} characters)"


def _block(heading: str, where: str, value: str, message: str, hint: str) -> str:
    lines = [f"{heading} {where}".rstrip(), f"  {message}"]
    if value:
        lines.insert(1, f"  written: {value}")
    if hint:
        lines.append(f"  to do:   {hint}")
    return "\n".join(lines)


class WlpError(Exception):
    """A fault: what, where, why, and what to do.

    Parameters
    ----------
    code
        Key of `CATALOGUE`, e.g. "G111".
    message
        Why it cannot be, in one sentence.
    where
        File, line, column and key; or the part of the computation.
    value
        What was written there, as it was written.
    hint
        What to do about it.
    """

    exit_code = 1

    def __init__(self, code: str, message: str, *, where: str = "", value: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where
        self.value = shortened(value)
        self.hint = hint

    def __str__(self) -> str:
        return _block(f"error[{self.code}]", self.where, self.value, self.message, self.hint)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self.code, self.message, self.where, self.value, self.hint)

    def at(self, where: str) -> WlpError:
        """Return the same fault with its place filled in."""
        return _rebuilt(type(self), self.code, self.message, where, self.value, self.hint)


def _rebuilt(kind: type[WlpError], code: str, message: str, where: str, value: str, hint: str) -> WlpError:
    return kind(code, message, where=where, value=value, hint=hint)


class ConfigError(WlpError):
    """The package file or the command line asks for something that cannot be."""

    exit_code = 2


class MaterialError(ConfigError):
    """A material's constants describe no solid, or are asked outside their range."""


class ResourceError(WlpError):
    """Memory, disk or a system library is missing."""

    exit_code = 3


class MeshError(WlpError):
    """The mesh cannot be built or used."""

    exit_code = 4


class SolveError(WlpError):
    """The solution fails one of its certificates."""

    exit_code = 4


class TargetError(WlpError):
    """What was asked about was found, and it is not what was wished for: everything is written or printed."""

    exit_code = 5


class ConfigErrors(ConfigError):
    """All faults of one package file; `code`, `where`, `value` and `hint` are those of the first.

    Parameters
    ----------
    faults
        At least one fault, in the order of the file.
    """

    def __init__(self, faults: Sequence[WlpError]) -> None:
        first = faults[0]
        super().__init__(first.code, first.message, where=first.where, value=first.value, hint=first.hint)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        blocks = [str(fault) for fault in self.faults[:MOST_FAULTS_SHOWN]]
        if len(self.faults) > MOST_FAULTS_SHOWN:
            blocks.append(f"… and {len(self.faults) - MOST_FAULTS_SHOWN} more faults")
        return "\n".join(blocks)

    def __reduce__(self) -> tuple[object, ...]:
        return ConfigErrors, (self.faults,)


@dataclass(frozen=True)
class Notice:
    """A warning: nothing is refused, but somebody should know.

    Parameters
    ----------
    code, message, where, value, hint
        As in `WlpError`; codes begin with W.
    """

    code: str
    message: str
    where: str = ""
    value: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return _block(f"warning[{self.code}]", self.where, self.value, self.message, self.hint)
