"""The joint cell as a whole package: a disc chip on a disc board through a compliant layer, free to bend.

Chip R 5, t 0.3 mm, 131 GPa; board t 1.0 mm, 22 GPa; both nu 0.28, 15.4 ppm/K apart, cooled by 100 K; layer 0.2 mm,
nu 0.3, expanding as the mean of both. The same discs by plate theory: Suhir 1986, `limits.bent_disc`.
"""

from __future__ import annotations

import numpy as np
import pytest

from fem_wlp.verification.layered import SUHIR as KNOWN
from fem_wlp.verification.layered import bent_rim as rim


@pytest.mark.parametrize("shear_modulus", KNOWN)
def test_a_disc_package_decouples_as_discs_and_plates_do(shear_modulus: float) -> None:
    """Raw within 2 % of other finite elements; tilt taken off within 10 % of plate theory at D = 0.2, 1 % at 0.9.

    Plate theory knows no shear of the plates and no normal stress in the layer: the stiffer the layer, the more.
    """
    raw_known, plate_theory = KNOWN[shear_modulus]
    raw, without_tilt = rim(shear_modulus)
    assert raw == pytest.approx(raw_known, rel=0.02)
    allowed = np.interp(plate_theory, [0.2, 0.9], [0.10, 0.01])
    assert without_tilt == pytest.approx(plate_theory, rel=allowed)


def test_a_wrong_expansion_would_be_noticed() -> None:
    """A board that expands by a tenth more is not within these tolerances."""
    raw, _ = rim(100.0, board_expands=1.1 * 18e-6)
    assert raw != pytest.approx(KNOWN[100.0][0], rel=0.02)
