"""Steps of a solve: who asked hears of them, and the result says how long they took."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Tells the caller what begins, and keeps the seconds of every step."""

    def __init__(self, progress: Callable[[str], None] | None) -> None:
        self.progress = progress
        self._begun: list[tuple[str, float]] = []

    def begin(self, name: str) -> None:
        """Begin a step, which ends the one before."""
        self._begun.append((name, time.perf_counter()))
        if self.progress is not None:
            self.progress(name)

    def seconds(self) -> dict[str, float]:
        """Return how long each step took; the last one lasts until now [s]."""
        ends = [begun for _, begun in self._begun[1:]] + [time.perf_counter()]
        return {name: round(end - begun, 3) for (name, begun), end in zip(self._begun, ends, strict=True)}
