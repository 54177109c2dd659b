"""From the steps of a process to the stages of its mechanics: what carries, what is born, at which temperature.

Pure data: regions by the names that they have in the joint's section, nothing meshed or solved. In three dimensions
line and pad are of the interconnect, like the base region (`joint.section.MADE_OF`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..joint.section import joint_section
from ..materials.model import plane_constants
from ..package.model import Package
from ..package.process import Apply, Cure, Dice, Fill, Grind, Melt, Open, Place, Plate, Service, Step
from ..units import text

Body = Literal["wafer", "chip", "board"]

WORDS = {
    "first_layer": "first layer",
    "second_layer": "second layer",
    "interconnect": "interconnect",
    "cylinder": "cylinders",
    "ball": "balls",
    "land": "lands",
}
"""Part → its name in tables and pictures."""

REGION = {"first_layer": "first_layer", "second_layer": "second_layer", "interconnect": "base_region", "land": "land"}
"""Part of one region → that region."""


@dataclass(frozen=True)
class Birth:
    """One region becomes solid, free of stress in the shape that its host then has.

    Parameters
    ----------
    region
        Its name in the joint's section.
    shrinkage
        Linear, after it is solid [-]: by its cure, or that of a wide film whose bath leaves it under stress.
    """

    region: str
    shrinkage: float = 0.0


@dataclass(frozen=True)
class Stage:
    """One state of a process: what carries at a temperature, and what is born there.

    Parameters
    ----------
    step
        Index into `Package.process`.
    name
        In words, e.g. "cure the second layer".
    temperature
        At which the state before the births is solved [K]: of melting, the solidus.
    solid
        Regions that carry, before the births: neither what is uncured or molten, nor what is on the other body. Board
        and land carry from mounting on; in the plating of the land, the board alone does.
    loose
        Of these, regions that are a body by itself: a ball that nothing joins yet, or what floats in a molten coat.
    apart
        Regions that are a body by itself after the births.
    births
        Regions that are born at `temperature`. The board is born in mounting, the land with it unless it was plated.
    body
        On what the parts are once the step is done: "wafer", "chip" from dividing, "board" from mounting and in the
        plating of the land.
    thickness
        Of the silicon after the step [mm].
    hottest
        Highest temperature of the step [K]: of melting the peak, else `temperature`.
    """

    step: int
    name: str
    temperature: float
    solid: frozenset[str]
    loose: frozenset[str]
    apart: frozenset[str]
    births: tuple[Birth, ...]
    body: Body
    thickness: float
    hottest: float

    @property
    def born(self) -> tuple[str, ...]:
        """Names of the regions that are born."""
        return tuple(birth.region for birth in self.births)


def mounting_of(stages: Sequence[Stage]) -> Stage:
    """Return the stage in which the joints become solid on the board."""
    return next(stage for stage in stages if "board" in stage.born)


def plating_of_lands(stages: Sequence[Stage]) -> Stage | None:
    """Return the stage in which the lands are plated on the board by itself, if there is one."""
    return next((stage for stage in stages if stage.born == ("land",)), None)


def service_of(stages: Sequence[Stage]) -> list[Stage]:
    """Return the stages on the board, one a temperature of service."""
    return [stage for stage in stages if stage.body == "board" and not stage.births]


def stages(package: Package) -> tuple[Stage, ...]:
    """Return the stages of a package's process: one for every step, and for a cycle one for each of its temperatures.

    Parameters
    ----------
    package
        With a process or without: then there are none.

    Examples
    --------
    >>> from fem_wlp.package import loads, template
    >>> for stage in stages(loads(template("paste-process")))[:4]:
    ...     print(stage.name, [birth.region for birth in stage.births])
    apply the first layer []
    open the first layer []
    cure the first layer ['first_layer']
    plate the interconnect ['base_region']
    """
    if not package.process:
        return ()
    walk = _Walk(package)
    return tuple(stage for number, step in enumerate(package.process) for stage in walk.taken(number, step))


@dataclass(frozen=True)
class _Change:
    """What a step does: in words, at which temperatures, what melts or is born, and what it joins the balls to."""

    name: str
    temperatures: tuple[float, ...]
    born: tuple[str, ...] = ()
    shrinkage: float = 0.0
    joins: bool = False
    hottest: float | None = None


class _Walk:
    """What is there while the steps are taken, one after the other, in an order that the reading has admitted."""

    def __init__(self, package: Package) -> None:
        assert package.wafer is not None
        section = joint_section(package)
        self._package = package
        self._materials = section.materials
        self._balls = tuple(name for name in section.ball_parts if "fillet" not in name)
        self._room = package.wafer.temperature
        self._thickness = package.wafer.thickness
        self._body: Body = "wafer"
        self._solid = {"chip"}
        self._loose: set[str] = set()
        self._land_is_plated = False

    def taken(self, number: int, step: Step) -> list[Stage]:
        """Return the stages of the next step."""
        change = self._change(step)
        on_board = isinstance(step, Plate) and step.part == "land"
        solid = {"board"} if on_board else self._solid - set(change.born)
        loose = set() if on_board else (self._loose | self._afloat(change.born)) & solid
        if isinstance(step, Grind):
            self._thickness = self._package.chip.thickness if step.thickness is None else step.thickness
        if isinstance(step, Dice):
            self._body = "chip"
        if isinstance(step, Melt) and step.step == "mount":
            self._body = "board"
        if isinstance(step, Place):
            self._loose = set(self._balls)
        if change.joins:
            self._loose = set()
        found = [
            Stage(
                step=number,
                name=change.name,
                temperature=temperature,
                solid=frozenset(solid),
                loose=frozenset(loose),
                apart=frozenset(self._loose),
                births=tuple(Birth(region, change.shrinkage) for region in change.born),
                body="board" if on_board else self._body,
                thickness=self._thickness,
                hottest=temperature if change.hottest is None else change.hottest,
            )
            for temperature in change.temperatures
        ]
        if not on_board:
            self._solid |= {*change.born, *(("land",) if self._body == "board" else ())}
        return found

    def _afloat(self, molten: tuple[str, ...]) -> set[str]:
        """Return what lies within the outermost molten coat of a ball: that of a cut ball reaches its contacts."""
        first = next((number for number, name in enumerate(self._balls) if name in molten), len(self._balls))
        return set() if self._package.ball.truncated else set(self._balls[first:])

    def _change(self, step: Step) -> _Change:
        match step:
            case Apply():
                return _Change(f"apply the {WORDS[step.part]}", (self._at(step.temperature),))
            case Open():
                return _Change(f"open the {WORDS[step.part]}", (self._room,))
            case Cure():
                born, name = self._cured(step.part), f"cure the {WORDS[step.part]}"
                joins = step.part == "cylinder" and self._cures_onto_ball()
                return _Change(name, (step.temperature,), born, step.linear_shrinkage, joins)
            case Plate():
                self._land_is_plated |= step.part == "land"
                region = REGION[step.part]
                E, nu = plane_constants(self._materials[region], step.temperature)
                shrunk = step.stress * (1.0 - nu) / E
                return _Change(f"plate the {WORDS[step.part]}", (step.temperature,), (region,), shrunk)
            case Fill():
                return _Change(f"fill the openings ({step.method})", (self._room,))
            case Place():
                return _Change("place the balls", (self._at(step.temperature),), self._balls)
            case Melt():
                return self._melted(step)
            case Grind():
                thickness = self._package.chip.thickness if step.thickness is None else step.thickness
                return _Change(f"grind the wafer to {text(thickness, 'length', 4)}", (self._room,))
            case Dice():
                return _Change("divide the wafer", (self._room,))
            case Service():
                return _Change("on the board", self._package.temperatures.points)

    def _at(self, temperature: float | None) -> float:
        return self._room if temperature is None else temperature

    def _placed(self) -> bool:
        return self._balls[0] in self._solid

    def _fillet_is_cylinders(self) -> bool:
        cylinder, fillet = self._materials.get("cylinder"), self._materials.get("cylinder_fillet")
        return fillet is not None and fillet == cylinder

    def _cures_onto_ball(self) -> bool:
        """Whether a cure of the cylinder holds the ball: its meniscus is no solder, or there is none."""
        fillet = self._materials.get("cylinder_fillet")
        return self._placed() and (fillet is None or not fillet.melts)

    def _cured(self, part: str) -> tuple[str, ...]:
        if part != "cylinder":
            return (REGION[part],)
        with_fillet = "cylinder_fillet" in self._materials and self._cures_onto_ball()
        return ("cylinder", "cylinder_fillet") if with_fillet else ("cylinder",)

    def _melted(self, step: Melt) -> _Change:
        """Return what melts: the cylinder with its meniscus; of a ball what is above its liquidus, and its fillets."""
        born, mounting, fillets = [], step.step == "mount", self._fillets(step)
        if "cylinder" in step.part:
            born.append("cylinder")
        if "ball" in step.part:
            born += [name for name in self._balls if self._is_molten(name, step.temperature)]
        if mounting:
            born += ["board"] if self._land_is_plated else ["land", "board"]
        names = " and ".join(WORDS[part] for part in step.part)
        return _Change(
            f"mount on the board: {names} melt" if mounting else f"remelt the {names}",
            (step.solidus,),
            (*born, *fillets),
            joins=mounting or ("cylinder" if self._fillet_is_cylinders() else "ball") in step.part,
            hottest=step.temperature,
        )

    def _fillets(self, step: Melt) -> list[str]:
        """Return the fillets that are joined, or joined anew."""
        found = []
        if "cylinder_fillet" in self._materials and self._placed():
            own = "cylinder" if self._fillet_is_cylinders() else "ball"
            if own in step.part and (
                "cylinder_fillet" not in self._solid or self._is_molten("cylinder_fillet", step.temperature)
            ):
                found.append("cylinder_fillet")
        if "land_fillet" in self._materials and step.step == "mount":
            found.append("land_fillet")
        return found

    def _is_molten(self, region: str, temperature: float) -> bool:
        liquidus = self._materials[region].liquidus
        return liquidus is not None and liquidus <= temperature
