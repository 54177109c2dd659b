"""Temperature conditions by name.

JEDEC JESD22-A104 (temperature cycling) and IPC-9701 (thermal cycling of surface-mount attachments).

>>> temperatures_of("JESD22-A104 G")
(233.15, 398.15)
"""

from __future__ import annotations

from difflib import get_close_matches

from fem_wlp.errors import LONGEST_VALUE, ConfigError
from fem_wlp.units import parse

CONDITIONS: dict[str, tuple[str, str]] = {
    "JESD22-A104 A": ("-55 degC", "85 degC"),
    "JESD22-A104 B": ("-55 degC", "125 degC"),
    "JESD22-A104 C": ("-65 degC", "150 degC"),
    "JESD22-A104 G": ("-40 degC", "125 degC"),
    "JESD22-A104 J": ("0 degC", "100 degC"),
    "JESD22-A104 K": ("0 degC", "125 degC"),
    "JESD22-A104 L": ("-55 degC", "110 degC"),
    "JESD22-A104 M": ("-40 degC", "150 degC"),
    "JESD22-A104 N": ("-40 degC", "85 degC"),
    "IPC-9701 TC1": ("0 degC", "100 degC"),
    "IPC-9701 TC2": ("-25 degC", "100 degC"),
    "IPC-9701 TC3": ("-40 degC", "125 degC"),
    "IPC-9701 TC4": ("-55 degC", "125 degC"),
    "IPC-9701 TC5": ("-55 degC", "100 degC"),
}
"""Standard and letter → lowest and highest temperature."""


def temperatures_of(condition: str) -> tuple[float, float]:
    """Return lowest and highest temperature [K] of a condition.

    Raises
    ------
    ConfigError
        T105 for a name that is not in `CONDITIONS`.
    """
    if condition not in CONDITIONS:
        close = get_close_matches(condition.upper(), CONDITIONS, 1) if len(condition) <= LONGEST_VALUE else []
        hint = f'did you mean "{close[0]}"? ' if close else ""
        raise ConfigError(
            "T105",
            "no such temperature condition",
            value=condition,
            hint=f'{hint}known: {", ".join(CONDITIONS)}; or give cycle = ["-40 degC", "125 degC"]',
        )
    lowest, highest = (parse(written, "temperature") for written in CONDITIONS[condition])
    return lowest, highest
