"""The joint cell against plate theory: free laminates bow as Timoshenko and Hsueh say."""

from collections.abc import Sequence

import numpy as np
import pytest

from fem_wlp import limits
from fem_wlp.joint.cell import CellLoad, JointCell, solve_cell
from fem_wlp.verification.layered import BIMETAL, COATED, GOLDEN, Layer, bow, plate, stack, wide_disc


@pytest.mark.parametrize(
    ("layers", "change", "golden"),
    GOLDEN,
    ids=["silicon on FR4", "two films on silicon"],
)
def test_a_free_laminate_bows_like_its_plate(layers: Sequence[Layer], change: float, golden: float) -> None:
    """Curvature and the stress at both faces of every layer, far from the edge: within 0.3 %.

    The edge zone carries hoop stress and spoils the balance of the interior by its width over the radius.
    """
    disc, known = wide_disc(layers, change), plate(layers, change)
    assert known.curvature == pytest.approx(golden, rel=1e-6)
    assert bow(disc) == pytest.approx(golden, rel=3e-3)
    z, largest = 0.0, np.abs(known.stress).max()
    for (name, thickness, *_), stress in zip(layers, known.stress, strict=True):
        found = [disc.stress(0.5, height, region=name)[0] for height in (z, z + thickness)]
        assert found == pytest.approx(list(stress), rel=3e-3, abs=3e-3 * largest)
        z += thickness
    assert disc.energy_mismatch < 1e-9


def test_the_edge_spoils_the_interior_by_its_width_over_the_radius() -> None:
    """Twice the radius halves the error of the curvature: 1.8 to 2.2."""
    golden = plate(COATED, -150.0).curvature
    errors = [abs(bow(wide_disc(COATED, -150.0, width)) / golden - 1) for width in (6.0, 12.0)]
    assert 1.8 < errors[0] / errors[1] < 2.2


def test_the_laminate_bites() -> None:
    """Narrow-strip moduli E instead of E/(1-nu) are seen where the layers' nu differ; a doubled alpha anyway."""
    known = plate(COATED, -150.0)
    strip = limits.layered_plate([0.3, 0.01, 0.05], [131e3, 3300.0, 2000.0], [-150 * layer[4] for layer in COATED])
    assert abs(strip.curvature / known.curvature - 1) > 0.1
    doubled = [*COATED[:2], (*COATED[2][:4], 2 * COATED[2][4])]
    assert abs(bow(wide_disc(doubled, -150.0, 6.0)) / known.curvature - 1) > 0.5


def test_two_layers_are_timoshenkos_bimetal() -> None:
    """The closed form for two layers and the one for any number agree, and so does the disc: 0.3 %."""
    (_, t1, E1, nu, a1), (_, t2, E2, _, a2) = BIMETAL
    kappa = limits.bimetal_curvature((t1, t2), (E1 / (1 - nu), E2 / (1 - nu)), (-100 * a1, -100 * a2))
    assert bow(wide_disc(BIMETAL, -100.0, 10.0)) == pytest.approx(kappa, rel=3e-3)


def test_a_laminate_kept_flat_is_stressed_without_bow() -> None:
    """Ends held flat, side straight: every layer has the common strain; sum of thickness times stress is zero."""
    names = tuple(layer[0] for layer in COATED)
    cell = JointCell(stack(COATED, 1.0), "held_flat", "flat", sides={names: "straight"})
    flat = solve_cell(cell, CellLoad(temperature_change=-150.0))
    moduli = np.array([layer[1] * layer[2] / (1 - layer[3]) for layer in COATED])
    free = -150.0 * np.array([layer[4] for layer in COATED])
    strain = (moduli @ free) / moduli.sum()
    assert flat.mean_stretch("top") == pytest.approx(strain, rel=1e-9)
    for name, _, E, nu, alpha in COATED:
        assert flat.mean_stress(name)[0] == pytest.approx(E / (1 - nu) * (strain + 150 * alpha), rel=1e-8)
