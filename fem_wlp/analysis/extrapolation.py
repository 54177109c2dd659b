"""What a number tends to as the mesh is refined, how fast, and whether that can be said at all.

Richardson's extrapolation: on three meshes of sizes h the answers are

    v(h) = v + c h^p,

three equations for the limit v, the order p and c. They have a solution whenever the answers approach something; it
means something only where the answers are in the asymptotic range: one-sided, and with an order that the elements can
have. Everything else is told as it is, with the spread of the answers instead of an error.

Sources: L. F. Richardson, Phil. Trans. R. Soc. A 210 (1911) 307; P. J. Roache, J. Fluids Eng. 116 (1994) 405.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Verdict = Literal["asymptotic", "settled", "not asymptotic"]
"""Whether a limit could be told; "settled" where the answers differ so little that no order can be read from them."""

ORDERS = (1.0, 5.0)
"""Plausible orders [-]: quadratic elements give four for energies, linear functionals of the load and means, and the
sharpest corner, a crack of exponent 1/2, leaves one on uniform and two on graded meshes."""

SETTLED = 1e-4
"""Answers that differ by less than this share of their scale count as settled [-]."""

SEARCHED = (0.05, 12.0)
"""Orders among which that of a sequence is looked for [-]."""


@dataclass(frozen=True)
class Limit:
    """What a sequence of answers tends to.

    Parameters
    ----------
    value
        The limit; of answers that are not asymptotic the one on the finest mesh.
    error
        Its estimated error: how far it was extrapolated, or has moved since the mesh before; of answers that are not
        asymptotic the spread of the last three.
    order
        Observed order p; None where the answers have none [-].
    verdict
        Whether this is a limit.
    reason
        Why not, in words; empty where it is.
    """

    value: float
    error: float
    order: float | None
    verdict: Verdict
    reason: str = ""

    @property
    def known(self) -> bool:
        """Whether value and error are a limit and its error."""
        return self.verdict != "not asymptotic"


def extrapolated(
    sizes: Sequence[float], values: Sequence[float], scale: float | None = None, orders: tuple[float, float] = ORDERS
) -> Limit:
    """Return what values on meshes of decreasing size tend to; the last three of them decide.

    Parameters
    ----------
    sizes
        Mesh sizes, decreasing, three or more.
    values
        The answers on these meshes.
    scale
        What differences are small against; None: the largest of the values.
    orders
        Lowest and highest plausible order [-].

    Examples
    --------
    >>> extrapolated((1.0, 0.5, 0.25), [3.0 + 0.4 * h**2 for h in (1.0, 0.5, 0.25)]).value
    3.0
    >>> extrapolated((1.0, 0.5, 0.25), (1.0, 2.0, 1.5)).reason
    'the answers swing about their limit'
    """
    if len(sizes) != len(values) or len(values) < 3 or not all(np.diff(sizes) < 0.0):
        raise ValueError("three or more answers are needed, on meshes that become finer")
    h, v = np.asarray(sizes, dtype=float), np.asarray(values, dtype=float)
    last = v[-3:]
    spread = float(np.ptp(last))
    reach = scale if scale is not None else float(np.abs(v).max())
    order, reason = _order(h[-3:], last)
    if order is not None and not orders[0] <= order <= orders[1]:
        low, high = orders
        reason = f"order {order:.2g} is none that the elements have ({low:g} … {high:g})"
    if not reason and order is not None:
        value = _limit(h[-2:], last[-2:], order)
        moved = [abs(value - float(last[-1]))]
        before, _ = _order(h[-4:-1], v[-4:-1]) if len(v) > 3 else (None, "")
        if before is not None:
            moved.append(abs(value - _limit(h[-3:-1], v[-3:-1], before)))
        return Limit(value, max(moved), order, "asymptotic")
    if spread <= SETTLED * reach:
        return Limit(float(last[-1]), spread, None, "settled")
    return Limit(float(last[-1]), spread, order, "not asymptotic", reason)


def _order(h: Floats, v: Floats) -> tuple[float | None, str]:
    """Return p of v + c h^p through three points; None, and why, where there is none."""
    first, second = float(v[0] - v[1]), float(v[1] - v[2])
    if first == 0.0 or second == 0.0:
        return None, "the answers on two of the meshes are the same"
    if first * second < 0.0:
        return None, "the answers swing about their limit"

    def mismatch(p: float) -> float:
        return float((h[1] ** p - h[2] ** p) * first - (h[0] ** p - h[1] ** p) * second) / float(h[0] ** p * first)

    from scipy.optimize import brentq  # 0.05 s to load, which only ladders of meshes need

    low, high = SEARCHED
    if mismatch(low) > 0.0:
        return float(brentq(mismatch, low, high)) if mismatch(high) < 0.0 else high, ""
    return None, "the answers do not come nearer to each other"


def _limit(h: Floats, v: Floats, order: float) -> float:
    """Return the limit of v + c h^p through two points."""
    ratio = float((h[0] / h[1]) ** order)
    return float(v[1] + (v[1] - v[0]) / (ratio - 1.0))
