"""How a material stands in a file."""

import pytest
from pydantic import ValidationError

from fem_wlp.errors import ConfigErrors, MaterialError
from fem_wlp.materials.library import completed, library
from fem_wlp.materials.model import Isotropic, Material, Orthotropic
from fem_wlp.materials.table import MaterialTable, material_from

SOLID = {"E": "3 GPa", "nu": 0.3, "CTE": "50 ppm/K"}
LAMINATE = {
    "E_xy": "20 GPa",
    "E_z": "8 GPa",
    "nu_xy": 0.1,
    "nu_xz": 0.3,
    "G_xz": "3 GPa",
    "CTE_xy": "16 ppm/K",
    "CTE_z": "60 ppm/K",
}


def read(keys: dict[str, object]) -> Material:
    return material_from("mine", MaterialTable.model_validate(keys))


def codes(keys: dict[str, object]) -> set[str]:
    """Return the codes of all faults of a table."""
    try:
        read(keys)
    except ValidationError as error:
        return {fault["type"] for fault in error.errors()}
    except ConfigErrors as error:
        return {fault.code for fault in error.faults}
    except MaterialError as error:
        return {error.code}
    return set()


def test_a_straight_line_is_the_law_at_both_its_ends_and_between() -> None:
    """E = 61251 - 58.5 T [MPa, K]."""
    line = {"at": "0 K", "value": "61251 MPa", "slope": "-58.5 MPa/K", "from": "220 K", "to": "490 K"}
    elasticity = read({**SOLID, "E": line}).elasticity
    assert isinstance(elasticity, Isotropic)
    for T in (220.0, 298.0, 490.0):
        assert elasticity.E(T) == pytest.approx(61251 - 58.5 * T, rel=1e-12)


def test_a_laminate_alike_in_the_plane_has_one_modulus_and_the_shear_modulus_that_follows() -> None:
    """G_xy = E_xy / (2 (1 + nu_xy)) unless given."""
    elasticity = read(LAMINATE).elasticity
    assert isinstance(elasticity, Orthotropic)
    assert elasticity.E_x == elasticity.E_y
    assert elasticity.G_xy(298.0) == pytest.approx(20e3 / 2.2)
    given = read({**LAMINATE, "G_xy": "7 GPa"}).elasticity
    assert isinstance(given, Orthotropic)
    assert given.G_xy(298.0) == 7e3


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("M101", {"nu": 0.5}),
        ("M101", {"nu": -1.0}),
        ("M102", {"E": "0 GPa"}),
        ("M102", {"E": "-3 GPa"}),
        ("M103", {"E": "163e9 GPa"}),
        ("M103", {"E": "1 Pa"}),
        ("M104", {"CTE": "2000 ppm/K"}),
        ("M104", {"CTE": "0.1 1/K"}),
        ("M107", {"E": {"temperature": ["300 K", "300 K"], "value": ["3 GPa", "2 GPa"]}}),
        ("M107", {"E": {"at": "0 K", "value": "3 GPa", "slope": "0 MPa/K", "from": "400 K", "to": "300 K"}}),
        ("M109", {"CTE": {"temperature": ["300 K", "400 K"], "value": ["50 ppm/K", "60 ppm/K"]}}),
        ("M109", {"CTE_kind": "mean"}),
        ("M109", {"CTE_reference": "25 degC"}),
        ("M110", {"nu": None}),
        ("M110", {"E_xy": "3 GPa"}),
        ("M110", {"conductivity_xy": "1 W/(m K)"}),
        ("M111", {"E": {"temperature": ["300 K", "400 K"], "value": ["3 GPa"]}}),
        ("M111", {"E": {"temperature": ["300 K"], "value": ["3 GPa"]}}),
        ("M111", {"E": {"temperature": "300 K", "value": "3 GPa"}}),
        ("M111", {"E": {"temperatures": ["300 K"], "values": ["3 GPa"]}}),
        ("M113", {"conductivity": "0 W/(m K)"}),
        ("M113", {"resistivity": "-1 nOhm*m"}),
        ("U102", {"E": 3000}),
        ("U106", {"E": "22 ppm/K"}),
    ],
)
def test_a_table_of_no_solid_is_refused_with_its_code(code: str, changes: dict[str, object]) -> None:
    """One change to a sound table provokes exactly that refusal."""
    keys = {key: value for key, value in {**SOLID, **changes}.items() if value is not None}
    assert codes(keys) == {code}
    assert codes(SOLID) == set()


def test_a_modulus_in_the_wrong_unit_is_recognised() -> None:
    """163e9 GPa was meant as Pa; `force` admits what is meant."""
    with pytest.raises(ConfigErrors, match=r"1\.63e\+11 GPa is not a solid[\s\S]*did you mean Pa\?"):
        read({**SOLID, "E": "163e9 GPa"})
    assert codes({**SOLID, "E": "10 kPa"}) == {"M103"}
    assert codes({**SOLID, "E": "10 kPa", "force": True}) == set()
    assert codes({**SOLID, "CTE": "2000 ppm/K", "force": True}) == set()


def test_several_faults_of_one_material_are_told_together() -> None:
    """Modulus, Poisson's ratio and expansion at once."""
    assert codes({"E": "0 GPa", "nu": 0.6, "CTE": "1 1/K"}) == {"M101", "M102", "M104"}


def test_a_set_of_constants_replaces_the_set_it_is_based_on() -> None:
    """E and nu on top of a laminate leave nothing of its constants; a part of the same set replaces just that."""
    tables = {**library(), "soft board": {"based_on": "FR4-D", "E": "10 GPa", "nu": 0.2}}
    keys = completed("soft board", tables)
    assert "E_xy" not in keys
    assert "G_xy" not in keys
    assert keys["CTE_xy"] == "16.0 ppm/K"
    tables = {**library(), "board": {"based_on": "FR4-D", "G_xy": "7 GPa"}}
    assert completed("board", tables)["E_xy"] == library()["FR4-D"]["E_xy"]


def test_changed_numbers_lose_the_source_of_those_they_replace() -> None:
    """A modulus of one's own is not Zahn's."""
    keys = completed("mine", {**library(), "mine": {"based_on": "BCB", "E": "3 GPa"}})
    assert keys["confidence"] == "unverified"
    assert str(keys["source"]).startswith("E: not given; otherwise Zahn")
    keys = completed("mine", {**library(), "mine": {"based_on": "BCB", "E": "3 GPa", "source": "my own test"}})
    assert keys["source"] == "my own test"


def test_a_material_may_change_the_library_entry_of_its_own_name_but_not_run_in_a_circle() -> None:
    """[materials.copper] based_on = "copper" changes copper; a ↔ b is refused."""
    assert completed("copper", {**library(), "copper": {"based_on": "copper", "E": "76 GPa"}})["nu"] == 0.34
    with pytest.raises(MaterialError, match="a → b → a") as caught:
        completed("a", {"a": {"based_on": "b"}, "b": {"based_on": "a"}})
    assert caught.value.code == "M112"


def test_a_solid_without_its_expansion_is_no_material() -> None:
    assert codes({"E": "3 GPa", "nu": 0.3}) == {"M110"}
