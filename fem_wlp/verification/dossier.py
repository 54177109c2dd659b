"""The dossier: all laws in their order, and what runs them with their broken controls."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from typing import Any

from ..analysis.provenance import USUAL, program_facts
from ..errors import ConfigError, MeshError, ResourceError, SolveError
from ..study.crews import crew_of
from ..study.loop import POLL
from .benchmarks import BENCHMARKS
from .closed_forms import CLOSED_FORMS
from .conduction import CONDUCTION
from .corners import CORNERS
from .exactness import EXACTNESS
from .growth import GROWTH
from .law import Law, Quantity
from .layered import LAYERED
from .manufactured import MANUFACTURED
from .models import MODELS
from .trust import TRUST

FAMILIES: dict[str, tuple[Law, ...]] = {
    "Exactness": EXACTNESS,
    "One joint": (*CLOSED_FORMS, *CONDUCTION),
    "Chip on board": LAYERED,
    "Making": GROWTH,
    "Published benchmarks": BENCHMARKS,
    "Rates": MANUFACTURED,
    "Singular corners": CORNERS,
    "Whole packages": (*MODELS, *TRUST),
}
"""Family → its laws, in the order of the dossier."""

LAWS: dict[str, Law] = {law.name: law for laws in FAMILIES.values() for law in laws}
"""Name → law."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """What came of one law and its control.

    Parameters
    ----------
    law
        The law.
    quantities, control
        Of the law, and of its broken control.
    fault
        Why the law could not be computed; "" where it could.
    refusal
        By which fault the program refused the broken control; "" where it computed it.
    skipped
        What this machine lacks for the law; "" where nothing does.
    seconds
        Of both together [s].
    """

    law: Law
    quantities: tuple[Quantity, ...] = ()
    control: tuple[Quantity, ...] = ()
    fault: str = ""
    refusal: str = ""
    skipped: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the law holds."""
        return not self.fault and bool(self.quantities) and all(each.passed for each in self.quantities)

    @property
    def caught(self) -> bool:
        """Whether the broken control was refused, or differs by more than the tolerance."""
        return bool(self.refusal) or any(not each.passed for each in self.control)

    @property
    def turned(self) -> tuple[str, ...]:
        """Names of the quantities that the broken control turns red; all where it was refused."""
        red = self.quantities if self.refusal else (each for each in self.control if not each.passed)
        return tuple(each.name for each in red)

    @property
    def worst(self) -> Quantity | None:
        """The quantity nearest to its tolerance, or farthest beyond."""
        return max(self.quantities, key=lambda each: (not each.error <= 1.0, each.error), default=None)


@dataclass(frozen=True)
class Dossier:
    """What came of a run.

    Parameters
    ----------
    findings
        Of the chosen laws, in the order of the dossier.
    selection
        "all", "quick", or the names that were asked for.
    provenance
        Versions, date, machine and seconds.
    """

    findings: tuple[Finding, ...]
    selection: str
    provenance: dict[str, Any]

    @property
    def failed(self) -> tuple[Finding, ...]:
        """Laws that do not hold."""
        return tuple(each for each in self.findings if not each.skipped and not each.passed)

    @property
    def unnoticed(self) -> tuple[Finding, ...]:
        """Laws whose broken control was not noticed."""
        return tuple(each for each in self.findings if not each.skipped and not each.caught)

    @property
    def skipped(self) -> tuple[Finding, ...]:
        """Laws for which this machine lacks something."""
        return tuple(each for each in self.findings if each.skipped)

    @property
    def believed(self) -> bool:
        """Whether something was computed, all its laws hold, and all its broken controls were noticed."""
        return len(self.skipped) < len(self.findings) and not self.failed and not self.unnoticed

    @property
    def verdict(self) -> str:
        """One sentence."""
        run = len(self.findings) - len(self.skipped)
        holds = f"{run - len(self.failed)} of {run} laws hold, {run - len(self.unnoticed)} of {run} broken controls"
        part = "" if self.selection == "all" else f" This is a part of the dossier: {self.selection}."
        return f"{holds} were noticed; {len(self.skipped)} skipped.{part}"


def chosen(quick: bool = False, only: Sequence[str] = ()) -> tuple[Law, ...]:
    """Return the laws of the quick set, those of the given names, or all.

    Raises
    ------
    ConfigError
        C202: no law of that name.
    """
    for name in only:
        if name not in LAWS:
            raise ConfigError(
                "C202", "there is no such law", where="--only", value=name, hint=f"the laws are {', '.join(LAWS)}"
            )
    return tuple(law for law in LAWS.values() if (law.quick or not quick) and (law.name in only or not only))


def examine(law: Law) -> Finding:
    """Compute a law and its broken control."""
    start = time.perf_counter()
    skipped = law.missing()
    if skipped:
        return Finding(law, skipped=skipped)
    quantities: tuple[Quantity, ...] = ()
    control: tuple[Quantity, ...] = ()
    fault = refusal = ""
    try:
        quantities = law.measure(False)
    except Exception as failure:  # a fault of any kind is what a dossier is there to find
        fault = f"{type(failure).__name__}: {failure}"
    try:
        control = law.measure(True)
    except (MeshError, SolveError) as failure:  # others, say of memory or a library, say nothing of what is wrong in it
        refusal = f"{failure.code}: {failure.message}"
    except Exception as failure:
        fault = fault or f"its control: {type(failure).__name__}: {failure}"
    return Finding(law, quantities, control, fault, refusal, seconds=time.perf_counter() - start)


def verify(
    laws: Sequence[Law], selection: str = "all", workers: int = 1, tell: Tell = lambda progress: None
) -> Dossier:
    """Examine laws.

    Parameters
    ----------
    laws
        From ``chosen``, or others.
    selection
        How they were chosen, in words.
    workers
        Processes; 1: this one alone.
    tell
        Called after every law with how far it is.

    Raises
    ------
    ResourceError
        R313: a process ended while it computed a law.
    """
    start = time.perf_counter()
    findings: dict[str, Finding] = {}
    with crew_of(min(workers, max(1, len(laws)))) as crew:
        # the longest first, so that no process is left alone with one of them
        waiting: set[Future[Finding]] = set()
        for law in sorted(laws, key=lambda each: each.quick):
            waiting.add(crew.executor.submit(examine, law))
            tell(f"laws: {law.name}" if crew.width == 1 else f"laws: 0 of {len(laws)}")
        while waiting:
            done, waiting = wait(waiting, POLL, FIRST_COMPLETED)
            for future in done:
                try:
                    finding = future.result()
                except BrokenExecutor as lost:
                    raise ResourceError(
                        "R313", "a process ended while it computed a law", hint="close other programs, or --workers 1"
                    ) from lost
                findings[finding.law.name] = finding
                tell(f"laws: {len(findings)} of {len(laws)}")
    provenance = {
        **program_facts(USUAL),
        "workers": workers,
        "seconds": round(time.perf_counter() - start, 1),
    }
    return Dossier(tuple(findings[law.name] for law in laws), selection, provenance)


def require_belief(dossier: Dossier) -> None:
    """Refuse a dossier with a law that does not hold, or a control that was not noticed, or with nothing computed.

    Raises
    ------
    ResourceError
        R315: this machine lacks something for every one of its laws.
    SolveError
        S510: laws that do not hold; S511: broken controls that were not noticed.
    """
    failed, unnoticed = dossier.failed, dossier.unnoticed
    if len(dossier.skipped) == len(dossier.findings):
        raise ResourceError(
            "R315",
            "nothing was verified: this machine lacks something for every law that was asked for",
            where="verify",
            value=", ".join(each.law.name for each in dossier.findings),
            hint="; ".join(dict.fromkeys(each.skipped for each in dossier.findings)) or "ask for a law",
        )
    if failed:
        raise SolveError(
            "S510",
            f"{len(failed)} of {len(dossier.findings)} laws do not hold",
            where="verify",
            value=", ".join(each.law.name for each in failed),
            hint="the table says by how much; this installation computes something wrong",
        )
    if unnoticed:
        raise SolveError(
            "S511",
            f"{len(unnoticed)} of {len(dossier.findings)} broken controls were not noticed",
            where="verify",
            value=", ".join(each.law.name for each in unnoticed),
            hint="these laws would let a wrong constant pass",
        )


def as_data(dossier: Dossier) -> dict[str, Any]:
    """Return a dossier as plain data for ``verification.json``."""
    return {
        "verdict": dossier.verdict,
        "believed": dossier.believed,
        "selection": dossier.selection,
        "provenance": dossier.provenance,
        "laws": [_law_data(finding) for finding in dossier.findings],
    }


def family_of(law: Law) -> str:
    """Return the family of a law; "" for one that is not of the dossier."""
    return next((family for family, laws in FAMILIES.items() if law in laws), "")


def _law_data(finding: Finding) -> dict[str, Any]:
    law = finding.law
    return {
        "name": law.name,
        "family": family_of(law),
        "title": law.title,
        "statement": law.statement,
        "source": law.source,
        "skipped": finding.skipped or None,
        "passed": None if finding.skipped else finding.passed,
        "fault": finding.fault or None,
        "quantities": [_quantity_data(each) for each in finding.quantities],
        "control": {
            "wrong": law.control,
            "caught": None if finding.skipped else finding.caught,
            "refusal": finding.refusal or None,
            "turned": list(finding.turned),
            "quantities": [_quantity_data(each) for each in finding.control],
        },
        "seconds": round(finding.seconds, 2),
    }


def _quantity_data(quantity: Quantity) -> dict[str, Any]:
    computed = quantity.computed
    return {
        "name": quantity.name,
        "unit": quantity.unit,
        "computed": computed if abs(computed) < float("inf") else None,
        "expected": quantity.expected,
        "tolerance": quantity.tolerance,
        "passed": quantity.passed,
    }
