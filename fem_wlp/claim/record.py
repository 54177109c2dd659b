"""What holding a package against claims answers: frozen records with the numbers that decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..package.model import Package
from ..shown import Shown
from ..units import DIMENSIONS, Kind, text

Verdict = Literal["met", "not met", "not applicable"]

MET: Verdict = "met"
NOT_MET: Verdict = "not met"
NOT_APPLICABLE: Verdict = "not applicable"


@dataclass(frozen=True)
class Figure:
    """A number that decides.

    Parameters
    ----------
    words
        What it is, in few words.
    value
        In `unit`.
    kind
        Its dimension.
    """

    words: str
    value: float
    kind: Kind = "fraction"

    @property
    def unit(self) -> str:
        """Unit of its value, as in `fem_wlp.units`; "1" for a pure number."""
        inside = DIMENSIONS[self.kind].inside
        return "1" if inside == "-" else inside

    def __str__(self) -> str:
        shown = text(self.value, self.kind, 4)
        for written, printed in (("um", "µm"), ("Ohm", "Ω"), ("uΩ", "µΩ"), ("degC", "°C"), ("*", " ")):
            shown = shown.replace(written, printed)
        return f"{self.words} {shown}"


@dataclass(frozen=True)
class Finding:
    """What a rule finds.

    Parameters
    ----------
    verdict
        "met", "not met" or "not applicable".
    reason
        Why, in few words.
    figures
        The numbers that decide.
    hint
        What would make the claim met; empty where it is.
    """

    verdict: Verdict
    reason: str
    figures: tuple[Figure, ...] = ()
    hint: str = ""


def met(reason: str, *figures: Figure) -> Finding:
    """Return that a claim is met."""
    return Finding(MET, reason, figures)


def not_met(reason: str, hint: str, *figures: Figure) -> Finding:
    """Return that a claim is not met, and what would make it so."""
    return Finding(NOT_MET, reason, figures, hint)


def not_applicable(reason: str, hint: str = "", *figures: Figure) -> Finding:
    """Return that there is nothing in the package that a claim could be held against."""
    return Finding(NOT_APPLICABLE, reason, figures, hint)


class Rule(NamedTuple):
    """A claim as a rule: its name, what it says in one sentence, and what finds whether a package meets it."""

    id: str
    text: str
    find: Callable[[Package], Finding]


@dataclass(frozen=True)
class Claim:
    """A claim, held against a package.

    Parameters
    ----------
    id
        D1, D2, … of the device, M1, M2, … of the method.
    text
        What is claimed, in one sentence.
    finding
        Whether the package meets it, and why.
    """

    id: str
    text: str
    finding: Finding

    @property
    def verdict(self) -> Verdict:
        """Whether it is met."""
        return self.finding.verdict


@dataclass(frozen=True)
class Claims(Shown):
    """All claims, held against a package; ``print`` it.

    Parameters
    ----------
    package
        That was looked at.
    claims
        In the order of the documents.
    """

    package: Package
    claims: tuple[Claim, ...]

    def __getitem__(self, name: str) -> Claim:
        """Return a claim by its id."""
        return {claim.id: claim for claim in self.claims}[name]

    def of(self, verdict: Verdict) -> tuple[Claim, ...]:
        """Return the claims with one verdict."""
        return tuple(claim for claim in self.claims if claim.verdict == verdict)

    @property
    def sentence(self) -> str:
        """How many are met, and which are not."""
        names = ", ".join(claim.id for claim in self.of(NOT_MET))
        return (
            f"{self.package.name}: {len(self.of(MET))} claims met, {len(self.of(NOT_MET))} not met"
            f"{f' ({names})' if names else ''}, {len(self.of(NOT_APPLICABLE))} not applicable"
        )

    def __str__(self) -> str:
        lines = [self.sentence]
        for claim in self.claims:
            finding = claim.finding
            lines.append(f"  {claim.id:4s}{finding.verdict:16s}{claim.text}")
            lines.append(f"      {'; '.join([finding.reason, *map(str, finding.figures)])}")
            if finding.hint:
                lines.append(f"      to do: {finding.hint}")
        return "\n".join(lines)
