"""The joint cell as a whole package: a disc chip on a disc board through a compliant layer, free to bend.

Chip R 5, t 0.3 mm, 131 GPa; board t 1.0 mm, 22 GPa; both nu 0.28, 15.4 ppm/K apart, cooled by 100 K; layer 0.2 mm,
nu 0.3, expanding as the mean of both. The same discs by plate theory: Suhir 1986, `limits.bent_disc`.
"""

from __future__ import annotations

import numpy as np
import pytest

import fem_wlp as wlp

RADIUS, CHIP, LAYER, BOARD = 5.0, 0.3, 0.2, 1.0
ALPHA_CHIP, ALPHA_BOARD, COOLING = 2.6e-6, 18e-6, -100.0
FREE = (ALPHA_BOARD - ALPHA_CHIP) * COOLING * RADIUS

# shear modulus of the layer [MPa]: raw pad to pad by finite elements elsewhere (to 1 %), tilt taken off by plate theory
KNOWN = {
    1000.0: (0.337, 0.191),
    300.0: (0.466, 0.347),
    100.0: (0.642, 0.561),
    30.0: (0.831, 0.792),
    10.0: (0.932, 0.917),
}


def rim(shear_modulus: float, board_expands: float = ALPHA_BOARD) -> tuple[float, float]:
    """Mismatch at the rim, raw and with the tilt of both mid-planes taken off, relative to the free one [-]."""
    chip = wlp.isotropic("silicon", E=131e3, nu=0.28, alpha=ALPHA_CHIP)
    board = wlp.isotropic("laminate", E=22e3, nu=0.28, alpha=board_expands)
    layer = wlp.isotropic("layer", E=2.6 * shear_modulus, nu=0.3, alpha=0.5 * (ALPHA_CHIP + ALPHA_BOARD))
    stack = (
        wlp.Region("board", wlp.rectangle((0.0, RADIUS), (-BOARD, 0.0)), board),
        wlp.Region("layer", wlp.rectangle((0.0, RADIUS), (0.0, LAYER)), layer),
        wlp.Region("chip", wlp.rectangle((0.0, RADIUS), (LAYER, LAYER + CHIP)), chip),
    )
    cell = wlp.JointCell(stack, bottom="free", top="free")
    solution = wlp.solve_cell(cell, wlp.CellLoad(temperature_change=COOLING))
    raw = solution.displacement(RADIUS, 0.0)[0] - solution.displacement(RADIUS, LAYER)[0]
    near = RADIUS - 0.05
    tilt = np.mean(
        [
            (solution.displacement(RADIUS, z)[2] - solution.displacement(near, z)[2]) / (RADIUS - near)
            for z in (-BOARD / 2, LAYER + CHIP / 2)
        ]
    )
    return float(raw / FREE), float((raw - LAYER * tilt) / FREE)


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
    raw, _ = rim(100.0, board_expands=1.1 * ALPHA_BOARD)
    assert raw != pytest.approx(KNOWN[100.0][0], rel=0.02)
