"""The library says what its sources print, and every entry names one."""

import pytest

from fem_wlp.errors import MaterialError
from fem_wlp.materials.library import completed, library, material
from fem_wlp.materials.model import Orthotropic, stiffness, thermal_strain

ROOM = 298.0


@pytest.mark.parametrize("name", list(library()))
def test_every_entry_is_a_solid_with_source_and_range_of_temperature(name: str) -> None:
    """Stiffness and expansion exist over at least -40 … 125 degC, the commonest cycle."""
    found = material(name)
    assert found.source
    assert found.description
    assert completed(name, library())["confidence"] in {"cited", "abstract only", "unverified"}
    if "unverified" in found.confidence:
        assert "common use" in found.source or "range" in found.source
    for temperature in (233.15, 298.15, 398.15):
        assert stiffness(found, temperature).shape == (6, 6)
        assert thermal_strain(found, 298.15, temperature).shape == (3,)


def test_linear_laws_give_the_values_that_their_sources_print_at_room_temperature() -> None:
    """To the digits printed, at 298 K.

    FR4-D 16.90 / 7.44 / 7.62 / 3.33 GPa, SnPb 30.5, SAC 43.8 (Schubert) and 51.0 (Vianco); copper 16.6 ppm/K, SAC396
    21.7.
    """
    board = material("FR4-D").elasticity
    assert isinstance(board, Orthotropic)
    moduli = [board.E_x(ROOM), board.E_z(ROOM), board.G_xy(ROOM), board.G_xz(ROOM)]
    assert moduli == pytest.approx([16.90e3, 7.44e3, 7.62e3, 3.33e3], abs=6.0)
    young = {name: 1 / _compliance(name) for name in ("SnPb", "SAC305", "SAC396")}
    assert young == pytest.approx({"SnPb": 30.5e3, "SAC305": 43.8e3, "SAC396": 51.0e3}, abs=50.0)
    assert material("copper-Zahn").expansion.x(ROOM) == pytest.approx(16.6e-6, abs=0.05e-6)
    assert material("SAC396").expansion.x(ROOM) == pytest.approx(21.7e-6, abs=0.05e-6)


def _compliance(name: str) -> float:
    import numpy as np

    return float(np.linalg.inv(stiffness(material(name), ROOM))[0, 0])


def test_only_solders_melt() -> None:
    """A liquidus marks what melts while the package is joined."""
    assert {name for name in library() if material(name).melts} == {
        "SAC305",
        "SAC305-constant",
        "SAC305-Johnson",
        "SAC396",
        "SnPb",
    }


def test_conductors_have_a_resistivity_and_insulators_none() -> None:
    """Electrical current flows through metals and adhesives, heat through all solids of the joint."""
    conductors = {name for name in library() if material(name).resistivity is not None}
    assert {"copper", "nickel", "gold", "SAC305", "SnPb", "adhesive-soft", "adhesive-stiff"} <= conductors
    assert not conductors & {"polyimide", "BCB", "PBO", "epoxy", "silicone-soft", "polymer-core", "silicon", "FR4-D"}
    assert material("FR4-D").conductivity == (0.8, 0.3)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    """M105, and no guess is taken."""
    with pytest.raises(MaterialError, match='did you mean "copper"') as caught:
        material("Coper")
    assert caught.value.code == "M105"
