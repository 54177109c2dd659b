"""The joint cell as a whole package: a disc chip on a disc board through a compliant layer, free to bend.

Chip R 5, t 0.3 mm, 131 GPa; board t 1.0 mm, 22 GPa; both nu 0.28, 15.4 ppm/K apart, cooled by 100 K; layer 0.2 mm,
nu 0.3, expanding as the mean of both. The same discs by plate theory: Suhir 1986, `limits.bent_disc`.
"""

from __future__ import annotations

import numpy as np
import pytest

from fem_wlp.verification.layered import PLATE_THEORY
from fem_wlp.verification.layered import SUHIR as KNOWN
from fem_wlp.verification.layered import bent_rim as rim


@pytest.mark.parametrize("shear_modulus", KNOWN)
def test_a_disc_package_decouples_as_discs_and_plates_do(shear_modulus: float) -> None:
    """Raw and with the mean of both bodies' tilt taken off, within the 1 % of other finite elements."""
    raw, without_tilt = rim(shear_modulus)
    assert raw == pytest.approx(KNOWN[shear_modulus][0], rel=0.01)
    assert without_tilt == pytest.approx(KNOWN[shear_modulus][1], rel=0.01)


@pytest.mark.parametrize("shear_modulus", KNOWN)
def test_plate_theory_is_above_by_what_it_leaves_out(shear_modulus: float) -> None:
    """Tilt taken off within 10 % at D = 0.2, 1 % at 0.9.

    Plate theory knows no shear of the plates and no normal stress in the layer: the stiffer the layer, the more.
    """
    plate_theory = PLATE_THEORY[int(shear_modulus)][1]
    allowed = np.interp(plate_theory, [0.2, 0.9], [0.10, 0.01])
    assert rim(shear_modulus)[1] == pytest.approx(plate_theory, rel=allowed)


def test_a_wrong_expansion_would_be_noticed() -> None:
    """A board that expands by 3 % more is not within these tolerances."""
    found = rim(100.0, board_expands=1.03 * 18e-6)
    assert all(one != pytest.approx(known, rel=0.01) for one, known in zip(found, KNOWN[100.0], strict=True))
