"""Mirror planes of a package, and the part of its array that stands for the whole."""

import pytest

from fem_wlp.package import Package, loads, template
from fem_wlp.package.geometry import Symmetries, extent_of, middle_row, strip_columns, symmetries

SQUARE = "OOO\nO.O\nOOO"


def package(ball_map: str = SQUARE, **overrides: object) -> Package:
    """The compliant package with a drawn array."""
    changes = {key.replace("__", "."): value for key, value in overrides.items()}
    return loads(template("compliant"), {"array": {"pitch": "0.5 mm", "map": ball_map}, **changes})


@pytest.mark.parametrize(
    ("ball_map", "planes", "smallest"),
    [
        (SQUARE, (True, True, True), "eighth"),
        ("OOOO\nO..O\nO..O\nOOOO", (True, True, True), "eighth"),
        ("O..O\n.OO.\n.OO.\nO..O", (True, True, True), "eighth"),
        ("....\nOOOO\n....", (True, True, False), "quarter"),
        ("OOO\nOOO", (True, True, False), "quarter"),
        (".O.\n...\n.O.", (True, True, False), "quarter"),
        # a square of joints beside the centre, and about it in a drawing that is higher than wide
        ("OO\nOO\n..\n..", (True, False, False), "full"),
        ("..\nOO\nOO\n..", (True, True, True), "eighth"),
        ("O.\n.O", (False, False, True), "full"),
        (".O\nO.", (False, False, True), "full"),
        ("OO.\nO..\n...", (False, False, False), "full"),
        (".OO\n..O\n...", (False, False, True), "full"),
        ("O", (True, True, True), "eighth"),
    ],
)
def test_the_map_decides_on_its_mirror_planes(ball_map: str, planes: tuple[bool, bool, bool], smallest: str) -> None:
    """Planes x = 0, y = 0 and x = y; which ones are there is seen in the drawing."""
    found = symmetries(package(ball_map))
    assert (found.x, found.y, found.diagonal) == planes
    assert found.smallest == smallest


def test_by_turning_a_quarter_the_plane_x_is_y_becomes_the_other_diagonal() -> None:
    """A map with the plane x = y alone loses it when it is mirrored in x = 0."""
    assert symmetries(package(".OO\n..O\n...")).diagonal
    assert not symmetries(package("OO.\nO..\n...")).diagonal


BENT = {"based_on": "FR4-D", "source": "a test", "CTE_x": "16 ppm/K", "CTE_y": "17 ppm/K", "CTE_z": "60 ppm/K"}


@pytest.mark.parametrize(
    "oblong",
    [
        {"chip__length": "4 mm"},
        {"board__length": "9 mm"},
        {"board__material": "FR4-J"},
        {"board__material": "bent", "materials__bent": BENT},
    ],
)
def test_outlines_and_materials_take_the_diagonal_away(oblong: dict[str, object]) -> None:
    """And leave the two others: both are symmetric about the axes by construction."""
    assert symmetries(package(**oblong)) == Symmetries(True, True, False)


def test_an_open_extent_is_the_smallest_and_a_given_one_stays() -> None:
    solid: dict[str, object] = {"model__kind": "3d"}
    assert extent_of(package(**solid)) == "eighth"
    assert extent_of(package(**solid, board__material="FR4-J")) == "quarter"
    assert extent_of(package("OO\nO.", **solid)) == "full"
    assert extent_of(package(**solid, model__extent="full")) == "full"


@pytest.mark.parametrize(
    ("ball_map", "row", "columns"),
    [
        ("OOO\nO.O\nOOO", 2, (3,)),
        ("OOO", 1, (2, 3)),
        ("OOOO\nOOOO", 1, (3, 4)),
        ("OOOOO\nO...O\nO.O.O\nOOOOO", 2, (5,)),
        ("OOO\n...\nOOO", 2, ()),
        ("OOO\nOO.\nOOO", 2, ()),
    ],
)
def test_a_strip_follows_the_middle_row_outwards(ball_map: str, row: int, columns: tuple[int, ...]) -> None:
    """The upper one of two; a joint in the centre belongs to it; none where left and right differ."""
    array = package(ball_map).array
    assert middle_row(array) == row
    assert strip_columns(array) == columns
