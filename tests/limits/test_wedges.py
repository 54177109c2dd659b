"""Exponents of corners by transfer from face to face, against the eight equations of two wedges and known corners."""

from __future__ import annotations

import pytest

from fem_wlp.limits.corners import singular_exponents
from fem_wlp.limits.wedges import wedge_exponents

SILICON, POLYIMIDE, SOLDER = (131e3, 0.28), (3.3e3, 0.34), (43e3, 0.36)
COPPER, ADHESIVE, SILICONE = (117e3, 0.34), (200.0, 0.45), (2.0, 0.49)


def exponents(*wedges: tuple[tuple[float, float], float]) -> tuple[complex, ...]:
    constants, angles = zip(*wedges, strict=True)
    return wedge_exponents([E for E, _ in constants], [nu for _, nu in constants], angles)


@pytest.mark.parametrize(
    ("stiff", "soft", "square", "flat"),
    [
        (SILICON, POLYIMIDE, 0.713, 0.675),
        (SILICON, SOLDER, 0.896, 0.590),
        (COPPER, ADHESIVE, 0.624, 0.621),
        (SILICON, SILICONE, 0.600, 0.600),
    ],
)
def test_pairs_of_the_device_have_bogys_exponents(
    stiff: tuple[float, float], soft: tuple[float, float], square: float, flat: float
) -> None:
    """D. B. Bogy, J. Appl. Mech. 38 (1971) 377, with Dundurs' parameters; to the three digits given."""
    assert exponents((stiff, 90.0), (soft, 90.0))[0].real == pytest.approx(square, abs=6e-4)
    assert exponents((stiff, 180.0), (soft, 90.0))[0].real == pytest.approx(flat, abs=6e-4)


@pytest.mark.parametrize("angle", [(90.0, 120.0), (180.0, 60.0), (150.0, 110.0), (179.9, 180.0)])
def test_two_wedges_answer_as_airys_function_does(angle: tuple[float, float]) -> None:
    """Another formulation of the same problem, real roots and conjugate pairs alike."""
    pair = (COPPER, ADHESIVE)
    expected = singular_exponents((pair[0][0], pair[1][0]), (pair[0][1], pair[1][1]), angle)
    found = exponents(*zip(pair, angle, strict=True))
    assert len(found) == len(expected) > 0
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_wedge_in_pieces_is_the_wedge() -> None:
    """Williams' re-entrant right angle, 0.5445, whole, in three pieces, and filled with next to nothing."""
    whole = exponents((SILICON, 270.0))
    assert whole[0].real == pytest.approx(0.5445, abs=1e-4)
    assert exponents((SILICON, 70.0), (SILICON, 130.0), (SILICON, 70.0)) == pytest.approx(whole, abs=1e-9)
    assert exponents((SILICON, 270.0), ((1e-4, 0.3), 90.0)) == pytest.approx(whole, abs=1e-5)


def test_where_nothing_turns_nothing_is_singular() -> None:
    """One material all round, a smooth interface, a flat surface, a convex corner."""
    for wedges in (
        [(SILICON, 100.0), (SILICON, 260.0)],
        [(COPPER, 180.0), (SILICONE, 180.0)],
        [(SILICON, 180.0)],
        [(SILICON, 90.0)],
    ):
        assert exponents(*wedges) == ()
    assert exponents((COPPER, 175.0), (SILICONE, 185.0)) != ()
