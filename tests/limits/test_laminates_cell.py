"""The joint cell against plate theory: free laminates bow as Timoshenko and Hsueh say."""

from collections.abc import Sequence

import numpy as np
import pytest

from fem_wlp import limits
from fem_wlp.joint.cell import CellLoad, CellSolution, JointCell, Region, solve_cell
from fem_wlp.materials.model import isotropic
from fem_wlp.mesh.outline import rectangle

Layer = tuple[str, float, float, float, float]  # name, thickness, E, nu, alpha

BIMETAL: list[Layer] = [("FR4", 1.0, 22e3, 0.28, 18e-6), ("silicon", 0.3, 131e3, 0.28, 2.6e-6)]
COATED: list[Layer] = [
    ("silicon", 0.3, 131e3, 0.28, 2.6e-6),
    ("polyimide", 0.010, 3300.0, 0.34, 35e-6),
    ("buffer", 0.050, 2000.0, 0.40, 60e-6),
]


def wide_disc(layers: Sequence[Layer], change: float, width: float = 20.0) -> CellSolution:
    """Return a free laminate whose radius is ``width`` thicknesses, after a temperature change."""
    total, z, regions = sum(layer[1] for layer in layers), 0.0, []
    for name, thickness, E, nu, alpha in layers:
        outline = rectangle((0.0, width * total), (z, z + thickness))
        regions.append(Region(name, outline, isotropic(name, E, nu, alpha)))
        z += thickness
    return solve_cell(JointCell(tuple(regions), "free", "free"), CellLoad(temperature_change=change))


def exact(layers: Sequence[Layer], change: float) -> limits.Laminate:
    thickness, E, nu, alpha = zip(*(layer[1:] for layer in layers), strict=True)
    moduli = [e / (1 - n) for e, n in zip(E, nu, strict=True)]
    return limits.layered_plate(thickness, moduli, [a * change for a in alpha])


def bow(disc: CellSolution) -> float:
    """Curvature from u_z of the lower face between the axis and a quarter of the radius [1/mm]."""
    r = disc.cell.mesh.points[:, 0].max() / 4
    return float(-2 * (disc.displacement(r, 0.0)[2] - disc.displacement(0.0, 0.0)[2]) / r**2)


@pytest.mark.parametrize(
    ("layers", "change", "golden"),
    [(BIMETAL, -100.0, 1.745786e-3), (COATED, -150.0, -7.253591e-4)],
    ids=["silicon on FR4", "two films on silicon"],
)
def test_a_free_laminate_bows_like_its_plate(layers: list[Layer], change: float, golden: float) -> None:
    """Curvature and the stress at both faces of every layer, far from the edge: within 0.3 %.

    The edge zone carries hoop stress and spoils the balance of the interior by its width over the radius.
    """
    disc, plate = wide_disc(layers, change), exact(layers, change)
    assert plate.curvature == pytest.approx(golden, rel=1e-6)
    assert bow(disc) == pytest.approx(golden, rel=3e-3)
    z, largest = 0.0, np.abs(plate.stress).max()
    for (name, thickness, *_), stress in zip(layers, plate.stress, strict=True):
        found = [disc.stress(0.5, height, region=name)[0] for height in (z, z + thickness)]
        assert found == pytest.approx(list(stress), rel=3e-3, abs=3e-3 * largest)
        z += thickness
    assert disc.energy_mismatch < 1e-9


def test_the_edge_spoils_the_interior_by_its_width_over_the_radius() -> None:
    """Twice the radius halves the error of the curvature: 1.8 to 2.2."""
    golden = exact(COATED, -150.0).curvature
    errors = [abs(bow(wide_disc(COATED, -150.0, width)) / golden - 1) for width in (6.0, 12.0)]
    assert 1.8 < errors[0] / errors[1] < 2.2


def test_the_laminate_bites() -> None:
    """Narrow-strip moduli E instead of E/(1-nu) are seen where the layers' nu differ; a doubled alpha anyway."""
    plate = exact(COATED, -150.0)
    strip = limits.layered_plate([0.3, 0.01, 0.05], [131e3, 3300.0, 2000.0], [-150 * layer[4] for layer in COATED])
    assert abs(strip.curvature / plate.curvature - 1) > 0.1
    doubled = [*COATED[:2], (*COATED[2][:4], 2 * COATED[2][4])]
    assert abs(bow(wide_disc(doubled, -150.0, 6.0)) / plate.curvature - 1) > 0.5


def test_two_layers_are_timoshenkos_bimetal() -> None:
    """The closed form for two layers and the one for any number agree, and so does the disc: 0.3 %."""
    (_, t1, E1, nu, a1), (_, t2, E2, _, a2) = BIMETAL
    kappa = limits.bimetal_curvature((t1, t2), (E1 / (1 - nu), E2 / (1 - nu)), (-100 * a1, -100 * a2))
    assert bow(wide_disc(BIMETAL, -100.0, 10.0)) == pytest.approx(kappa, rel=3e-3)


def test_a_laminate_kept_flat_is_stressed_without_bow() -> None:
    """Ends held flat, side straight: every layer has the common strain; sum of thickness times stress is zero."""
    z, regions = 0.0, []
    for name, thickness, E, nu, alpha in COATED:
        outline = rectangle((0.0, 1.0), (z, z + thickness))
        regions.append(Region(name, outline, isotropic(name, E, nu, alpha)))
        z += thickness
    names = tuple(layer[0] for layer in COATED)
    cell = JointCell(tuple(regions), "held_flat", "flat", sides={names: "straight"})
    flat = solve_cell(cell, CellLoad(temperature_change=-150.0))
    moduli = np.array([layer[1] * layer[2] / (1 - layer[3]) for layer in COATED])
    free = -150.0 * np.array([layer[4] for layer in COATED])
    strain = (moduli @ free) / moduli.sum()
    assert flat.mean_stretch("top") == pytest.approx(strain, rel=1e-9)
    for name, _, E, nu, alpha in COATED:
        assert flat.mean_stress(name)[0] == pytest.approx(E / (1 - nu) * (strain + 150 * alpha), rel=1e-8)


def test_a_thin_coat_on_a_stiff_plate_is_stoneys_film() -> None:
    """Film of 2 um on 0.3 mm: Stoney's stress from the bow, within 3 % (his neglect of the film's stiffness)."""
    layers = [COATED[0], ("film", 0.002, 3300.0, 0.34, 35e-6)]
    disc = wide_disc(layers, -100.0, 8.0)
    stress = limits.stoney_stress(bow(disc), 131e3 / 0.72, 0.3, 0.002)
    expected = exact(layers, -100.0).stress[1].mean()
    assert abs(stress) == pytest.approx(expected, rel=0.03)
