"""Valid packages drawn at random over the ranges that the documentation of the package file names, one for each seed.

Lengths are even in their logarithm: seven in ten over what is made, the others over the whole documented range as far
as the neighbouring parts leave room. What a rule of the package file refuses all the same is drawn anew, and counted.

>>> package = drawn(17)
>>> package.files["device.toml"] == drawn(17).files["device.toml"]
True
"""

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

from fem_wlp.errors import ConfigError
from fem_wlp.package import Package, load, template
from fem_wlp.package.conditions import CONDITIONS
from fem_wlp.package.sheared import refuse_one_joint

Kind = Literal["2d", "3d"]
Table = dict[str, Any]

FILE = "device.toml"
REFERENCE = "reference.toml"

UNUSUAL = 0.3
"""Share of lengths that are drawn over all that is documented instead of what is made [-]."""

CHIPS = ("silicon", "silicon-131", "silicon-110")
BOARDS = ("FR4-D", "FR4-J", "FR4-Lau", "BT")
METALS = ("copper", "copper-Zahn", "nickel", "nickel-electroless", "gold")
SOLDERS = ("SAC305", "SAC305-constant", "SAC305-Johnson", "SAC396", "SnPb")
DIELECTRICS = ("polyimide", "BCB", "PBO", "epoxy")
COMPLIANT = ("silicone-photopatternable", "silicone-soft", "sylgard-184")
ADHESIVES = ("adhesive-soft", "adhesive-stiff", "adhesive-Zahn")
CORES = ("polymer-core", "polystyrene", "PMMA", "copper")

OWN: Mapping[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "chip": ((50e3, 1300e3), (0.05, 0.4), (0.5, 8.0)),
    "board": ((2e3, 400e3), (0.05, 0.45), (4.0, 80.0)),
    "metal": ((10e3, 1300e3), (-0.2, 0.45), (3.0, 30.0)),
    "dielectric": ((1.0, 20e3), (0.0, 0.499), (2.0, 400.0)),
    "cylinder": ((0.5, 100e3), (0.0, 0.499), (5.0, 400.0)),
    "core": ((10.0, 400e3), (0.0, 0.495), (3.0, 300.0)),
}
"""What a material of the file is for → its modulus [MPa], Poisson's ratio [-] and expansion [ppm/K], from, to."""

ATTEMPTS = 200
"""Draws before it is a fault of this module that no package came [-]."""


@dataclass(frozen=True)
class Drawn:
    """A package that was drawn.

    Parameters
    ----------
    kind, seed
        Which.
    files
        Name → text: the package file, and its reference if it names one.
    package
        What they say.
    redrawn
        Code → how often a draw was refused before.
    """

    kind: Kind
    seed: int
    files: Mapping[str, str]
    package: Package
    redrawn: Mapping[str, int]


def drawn(seed: int, kind: Kind = "2d") -> Drawn:
    """Return the package of a seed; always the same."""
    random = Random(f"{kind} {seed}")
    redrawn: Counter[str] = Counter()
    for _ in range(ATTEMPTS):
        files = _files(random, kind, seed)
        try:
            package = read(files)
            refuse_one_joint(package)
            return Drawn(kind, seed, files, package, dict(redrawn))
        except ConfigError as fault:
            redrawn[fault.code] += 1
    raise AssertionError(f"seed {seed} draws no package: {redrawn}")


def read(files: Mapping[str, str]) -> Package:
    """Return the package of its files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, "utf-8")
        return load(Path(folder) / FILE)


def _files(random: Random, kind: Kind, seed: int) -> dict[str, str]:
    drawing = _Drawing(random, kind)
    table = drawing.package(f"soak {kind} {seed}")
    files = {}
    if drawing.chance(0.1):
        table = {"name": table.pop("name"), "reference": REFERENCE, **table}
        if kind == "2d" and drawing.chance(0.5):
            files[REFERENCE] = template("conventional")
        else:
            other = _Drawing(random, kind)
            files[REFERENCE] = as_toml(other.package("reference"))
    return {FILE: as_toml(table), **files}


def as_toml(table: Table) -> str:
    """Return a table as the text of a file, its tables inline."""
    return "\n".join(f"{json.dumps(key)} = {_value(value)}" for key, value in table.items()) + "\n"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else json.dumps(value)


class _Drawing:
    """One draw of everything; lengths in um."""

    def __init__(self, random: Random, kind: Kind) -> None:
        self.random, self.kind = random, kind
        self.materials: Table = {}
        self.anisotropic = kind == "2d" or self.chance(0.3)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one_of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def spread(self, low: float, high: float) -> float:
        """Return a number even in its logarithm."""
        return low * (high / low) ** self.random.random() if high > low else low

    def length(self, made: tuple[float, float], documented: tuple[float, float], most: float = math.inf) -> float:
        """Return a length over what is made, or over all that is documented, at most so long."""
        low, high = documented if self.chance(UNUSUAL) else made
        return _round(min(self.spread(min(low, most), min(high, most)), most))

    # Materials

    def material(self, role: str, names: Sequence[str], own: float = 0.25) -> str:
        """Return the name of a material of the library, or of one of the file's own."""
        if not self.chance(own):
            return str(self.random.choice([one for one in names if self.anisotropic or one not in UNEVEN]))
        name = f"{role} {len(self.materials) + 1}"
        self.materials[name] = self.own(role, names)
        return name

    def own(self, role: str, names: Sequence[str]) -> Table:
        (soft, stiff), (least, most), (low, high) = OWN[role]
        if self.chance(0.2):
            table = {"based_on": self.random.choice([one for one in names if self.anisotropic or one not in UNEVEN])}
            return table | {"conductivity": f"{_round(self.spread(0.1, 400))} W/(m K)", "source": "drawn"}
        E, nu, alpha = self.spread(soft, stiff), self.random.uniform(least, most), self.spread(low, high)
        if role == "board" and self.chance(0.5):
            return self.laminate(E, alpha)
        table = {"nu": round(nu, 4), "CTE": f"{_round(alpha)} ppm/K", "source": "drawn"}
        if self.chance(0.35):
            knee, far = self.random.uniform(0, 100), 260.0
            places = [-100.0, knee, knee + self.random.uniform(1, 60), far]
            after = max(E * self.spread(0.03, 1.0), 0.2)
            values = [E, E * self.random.uniform(0.8, 1.0), after, after]
            ends = [f"{place:.2f} degC" for place in places]
            table["E"] = {"temperature": ends, "value": [f"{value:.5g} MPa" for value in values]}
            if self.chance(0.5):
                glassy, rubbery = alpha, min(alpha * self.random.uniform(1, 3), 900)
                values = [f"{value:.4g} ppm/K" for value in (glassy, glassy, rubbery, rubbery)]
                table["CTE"] = {"temperature": ends, "value": values}
                table["CTE_kind"] = self.one_of("instantaneous", "mean")
                if table["CTE_kind"] == "mean":
                    table["CTE_reference"] = "25 degC"
            if self.chance(0.5):
                table["extrapolate"] = "constant"
        else:
            table["E"] = f"{E:.5g} MPa"
        if role in ("metal", "cylinder", "core") and self.chance(0.5):
            table["resistivity"] = f"{_round(self.spread(1e-2, 1e4))} uOhm*m"
        return table

    def laminate(self, E: float, alpha: float) -> Table:
        """Return a board that is alike in its plane, or orthotropic."""
        through = E * self.random.uniform(0.3, 1.0)
        common = {"nu_xy": 0.11, "nu_xz": round(self.random.uniform(0.05, 0.4), 3), "source": "drawn"}
        shear = f"{0.4 * through:.5g} MPa"
        if not self.anisotropic or self.chance(0.4):
            return common | {
                "E_xy": f"{E:.5g} MPa",
                "E_z": f"{through:.5g} MPa",
                "G_xz": shear,
                "CTE_xy": f"{alpha:.4g} ppm/K",
                "CTE_z": f"{alpha * self.random.uniform(1, 5):.4g} ppm/K",
            }
        across, growth = self.random.uniform(0.6, 1.0), self.random.uniform(0.8, 1.3)
        return common | {
            "E_x": f"{E:.5g} MPa",
            "E_y": f"{E * across:.5g} MPa",
            "E_z": f"{through:.5g} MPa",
            "nu_yz": common["nu_xz"],
            "G_xy": f"{0.4 * E * across:.5g} MPa",
            "G_xz": shear,
            "G_yz": shear,
            "CTE_x": f"{alpha:.4g} ppm/K",
            "CTE_y": f"{alpha * growth:.4g} ppm/K",
            "CTE_z": f"{alpha * 3:.4g} ppm/K",
        }

    def free_of_stress(self, part: Table, low: float = 20.0, high: float = 200.0) -> Table:
        if self.chance(0.4):
            part["stress_free"] = f"{self.random.uniform(low, high):.1f} degC"
        return part

    # Parts

    def package(self, name: str) -> Table:
        pitch = self.length((300, 1000), (50, 5000))
        ball = min(max(pitch * self.random.uniform(0.3, 0.92), 20.0), 2000.0)
        ball = _round(min(ball, 0.98 * pitch))
        land = _round(min(max(self.random.uniform(0.5, 0.95) * pitch, 10.0), 2000.0))
        base = _round(min(max(self.random.uniform(0.5, 0.95) * pitch, 10.0), 2000.0))
        table: Table = {"name": name}
        parts: Table = {
            "first_layer": self.free_of_stress(
                {
                    "thickness": um(self.length((3, 20), (0.05, 1000), 2 * pitch)),
                    "material": self.material("dielectric", DIELECTRICS),
                }
            ),
            "interconnect": self.free_of_stress(
                {
                    "thickness": um(metal := self.length((2, 12), (0.05, 1000), pitch)),
                    "material": self.material("metal", METALS),
                    "base_region": {"diameter": um(base)},
                }
            ),
        }
        opening = None
        if self.chance(0.75):
            opening = self.compliant(parts, pitch, base, metal)
        parts["ball"] = self.ball(ball, opening or base, land, bool(opening))
        parts["land"] = self.free_of_stress(
            {
                "diameter": um(land),
                "thickness": um(self.length((10, 40), (0.05, 1000), pitch)),
                "material": self.material("metal", METALS, 0.1),
            }
        )
        array, joints = self.array(pitch)
        table |= self.plates(array, joints, pitch, base if self.kind == "2d" else max(base, land))
        table |= parts | {
            "array": array,
            "temperatures": self.temperatures(),
            "model": self.model(joints[0] * joints[1]),
        }
        if self.chance(0.5):
            self.line(table, pitch)
        if self.materials:
            table["materials"] = self.materials
        return table

    def compliant(self, parts: Table, pitch: float, base: float, metal: float) -> float:
        """Add second layer, opening and cylinder; return the diameter of the cylinder's free end."""
        thickness = _round(metal + self.length((20, 150), (0.05, 1000 - metal if metal < 990 else 1), 2 * pitch))
        diameter = _round(base * self.random.uniform(0.6, 1.0))
        taper = self.random.uniform(0.8, 1.2) if self.chance(0.3) else 1.0
        free_end = _round(min(diameter * taper, 0.95 * pitch, 2000.0))
        names = COMPLIANT if self.chance(0.6) else DIELECTRICS
        layer: Table = {"thickness": um(thickness), "material": self.material("dielectric", names)}
        gap = 0.0
        if self.chance(0.3):
            gap = _round(min(diameter, free_end) * self.spread(0.005, 0.2))
            layer |= {"wall": "gap", "gap": um(gap)}
        parts["second_layer"] = self.free_of_stress(layer)
        parts["opening"] = {"diameter": um(diameter)}
        if free_end != diameter or self.chance(0.2):
            parts["opening"]["free_end_diameter"] = um(free_end)
        names = ADHESIVES if self.chance(0.6) else SOLDERS
        parts["cylinder"] = self.free_of_stress({"material": self.material("cylinder", names)})
        return free_end - 2 * gap

    def ball(self, diameter: float, face: float, land: float, on_cylinder: bool) -> Table:
        look = self.random.choices(("solder", "coated", "truncated"), (0.35, 0.4, 0.25))[0]

        def contact(most: float, share: tuple[float, float]) -> Table:
            return {"diameter": um(_round(min(most, diameter * self.random.uniform(*share))))}

        sides = [contact(face, (0.4, 0.95)), contact(land, (0.4, 0.95))]
        ball: Table = {"diameter": um(diameter)}
        solder = self.one_of(*SOLDERS)
        if look == "solder":
            ball["material"] = solder
            if self.chance(0.2):
                ball["coats"] = []
            for side in sides if self.chance(0.3) else []:
                side["fillet"] = solder
        else:
            ball["material"] = self.material("core", CORES)
            room = 0.5 * diameter * self.random.uniform(0.1, 0.6)
            names = [*(self.one_of(*METALS) for _ in range(self.random.randint(0, 2))), solder]
            shares = [self.random.uniform(0.05, 1.0) for _ in names]
            coats = [max(room * share / sum(shares), 0.05) for share in shares]
            ball["coats"] = [
                {"material": one, "thickness": um(_round(thickness))}
                for one, thickness in zip(names, coats, strict=True)
            ]
            if look == "truncated":
                ball["truncated"] = True
            else:
                sides[0]["fillet"] = "cylinder" if on_cylinder and self.chance(0.7) else solder
                sides[1]["fillet"] = solder
                for side in sides:
                    if self.chance(0.5):
                        side["bond_line"] = um(self.length((1, 20), (0.05, 1000), 0.3 * diameter))
                if on_cylinder and self.chance(0.25):
                    sides[0]["dip"] = um(_round(self.spread(0.5, 0.1 * diameter)))
        ball |= {"cylinder_side": sides[0], "land_side": sides[1]}
        return self.free_of_stress(ball, 20, 180) if self.chance(0.3) else ball

    def array(self, pitch: float) -> tuple[Table, tuple[int, int]]:
        """Return the table and how many rows and columns it has."""
        most = 4 if self.kind == "3d" else 60 if self.chance(0.05) else 10
        most = max(1, min(most, int(96_000 / pitch)))
        rows, columns = (round(self.spread(1, most)) for _ in range(2))
        if self.chance(0.5):
            columns = rows
        if rows * columns == 1:
            columns = 2
        table: Table = {"pitch": um(pitch)}
        if not self.chance(0.4):
            return table | {"rows": rows, "columns": columns}, (rows, columns)
        kinds = ("ring", "odd", "mirrored")
        drawing = [[True] * columns for _ in range(rows)]
        look = self.one_of(*kinds)
        if look == "ring":
            depth = self.random.randint(1, 2)
            for row in range(depth, rows - depth):
                for column in range(depth, columns - depth):
                    drawing[row][column] = False
        else:
            for row in range(rows):
                for column in range(columns):
                    drawing[row][column] = self.chance(0.6)
            if look == "mirrored":
                drawing = [[drawing[min(i, rows - 1 - i)][min(j, columns - 1 - j)] for j in range(columns)]
                           for i in range(rows)]  # fmt: skip
        if sum(map(sum, drawing)) < 2:  # one joint by itself has no decoupling figure
            drawing[0][-1] = drawing[-1][0] = True
        blank = " " if self.chance(0.3) else ""
        table["map"] = "\n".join(blank.join("O" if here else "." for here in line) for line in drawing)
        return table, (rows, columns)

    def plates(self, array: Table, joints: tuple[int, int], pitch: float, base: float) -> Table:
        # a resolved joint needs elements between it and the chip's edge (E410)
        margin = self.spread(1.0 if self.kind == "2d" else 0.1 * pitch, 2000.0)
        rows, columns = joints
        width, length = (_round(max((count - 1) * pitch + base + margin, 200.0)) for count in (columns, rows))
        if self.chance(0.5):
            width = length = max(width, length)
        chip: Table = {
            "width": um(width),
            "thickness": um(self.length((100, 700), (10, 2000))),
            "material": self.material("chip", CHIPS, 0.15),
        }
        if length != width or self.chance(0.2):
            chip["length"] = um(length)
        flush = self.chance(0.25)
        over = [0.0 if flush else self.spread(10, 20_000 if self.kind == "2d" else 2_000) for _ in range(2)]
        if self.chance(0.5):
            over[1] = over[0]
        board: Table = {
            "width": um(_round(width + over[0])),
            "thickness": um(self.length((400, 2000), (50, 10_000))),
            "material": self.material("board", BOARDS),
        }
        board["length"] = um(_round(length + over[1]))
        return {"chip": chip, "board": board}

    def line(self, table: Table, pitch: float) -> None:
        """Add the interconnect's line, inward or at an angle, and perhaps pads at its end."""
        direction = self.one_of("inward", f"{self.random.uniform(0, 360):.1f} deg", "outward")
        width = _round(pitch * self.random.uniform(0.02, 0.2))
        table["interconnect"]["line"] = {
            "width": um(width),
            "length": um(_round(pitch * self.random.uniform(0.1, 0.6))),
            "direction": direction,
        }
        if self.chance(0.7):
            size = max(_round(width * self.random.uniform(1, 3)), 1.0)
            table["chip"]["pads"] = {"size": um(size), "opening": um(max(_round(0.7 * size), 1.0))}

    def temperatures(self) -> Table:
        assembly = self.one_of(217.0, 183.0, 150.0, 125.0, 100.0, self.random.uniform(20, 219))
        table: Table = {"assembly": f"{assembly:.4g} degC"}
        look = self.one_of("service", "condition", "cycle")
        if look == "service":
            return table | {"service": self.one_of(f"{self.random.uniform(-60, 175):.1f} degC", "25 degC", "250 K")}
        if look == "condition":
            return table | {"condition": self.random.choice(sorted(CONDITIONS))}
        low, high = self.random.uniform(-60, 60), self.random.uniform(60, 175)
        cycle = [f"{low:.1f} degC", f"{high:.1f} degC"]
        return table | {"cycle": cycle if self.chance(0.8) else cycle[::-1]}

    def model(self, joints: int) -> Table:
        if self.kind == "2d":
            fineness = 1.0 if self.chance(0.2) else round(self.spread(0.25, 0.8), 2)
            return {"fineness": fineness, "symmetry": self.one_of("auto", "auto", "whole")}
        model: Table = {"kind": "3d", "fineness": round(self.random.uniform(0.4, 0.55), 2)}
        if self.chance(0.3):
            model |= {"extent": "strip", "lateral": self.one_of("free", "held")}
        if self.chance(0.5):
            model["solver"] = self.one_of("multigrid", "direct" if joints <= 4 else "auto")
        return model


UNEVEN = ("silicon-110", "FR4-J")
"""Materials that are not alike along x and y: no mirror plane along the diagonal, no eighth."""


def um(length: float) -> str:
    """Return a length as a file has it."""
    return f"{length:g} um" if length < 1e5 else f"{length / 1e3:.6g} mm"


def _round(length: float) -> float:
    """Return four digits of a length, cut off: parts that fit still do."""
    if length <= 0.0:
        return 0.0
    digits = 3 - math.floor(math.log10(length))
    return math.floor(length * 10**digits + 1e-6) / 10**digits
