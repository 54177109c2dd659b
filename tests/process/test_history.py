"""What carries and what is born at each step: the two ready processes by hand, and the laws that hold for any order."""

from typing import Any

import pytest

from fem_wlp.joint.section import joint_section
from fem_wlp.package import loads, template
from fem_wlp.process.history import Stage, stages

from ..package.processes import (
    ADHESIVE,
    BOTH,
    CONVENTIONAL,
    LAND,
    MOUNT,
    PASTE,
    REMELT,
    added,
    made,
)

LAYERS = {"chip", "first_layer", "base_region", "second_layer"}
BALL = {"core", "coat_1", "coat_2", "coat_3"}
WITHIN = {"core", "coat_1", "coat_2"}

ORDERS: list[tuple[str, dict[str, Any], list[Any] | None]] = [
    (ADHESIVE, {}, None),
    (PASTE, {}, None),
    (ADHESIVE, {}, added(LAND, MOUNT)),
    (ADHESIVE, {}, added(REMELT, 10)),
    (PASTE, {"process.9.part": "cylinder"}, [*range(8), 9, 8, BOTH, *range(10, 14)]),
    (PASTE, CONVENTIONAL, [0, 1, 2, 3, 8, REMELT, 10, 11, {**REMELT, "step": "mount"}, 13]),
    (ADHESIVE, {"ball.truncated": True, "ball.land_side.fillet": ..., "ball.cylinder_side": {"diameter": "190 um"}},
        None),
]  # fmt: skip


def celsius(stage: Stage) -> float:
    return round(stage.temperature - 273.15, 6)


def born(stage: Stage) -> dict[str, float]:
    return {birth.region: birth.shrinkage for birth in stage.births}


def test_adhesive_is_cured_with_the_balls_in_it_and_their_outer_coat_melts_on_the_board() -> None:
    """Step by step, as an engineer would tell it."""
    found = {(stage.step, celsius(stage)): stage for stage in stages(loads(template(ADHESIVE)))}
    assert list(found) == [
        *((0, 25.0), (1, 25.0), (2, 350.0), (3, 25.0), (4, 25.0), (5, 25.0), (6, 150.0), (7, 25.0), (8, 25.0)),
        *((9, 150.0), (10, 25.0), (11, 25.0), (12, 217.0), (13, -40.0), (13, 125.0)),
    ]
    births = {step: set(born(stage)) for (step, _), stage in found.items() if stage.births}
    assert births == {
        2: {"first_layer"},
        3: {"base_region"},
        6: {"second_layer"},
        8: BALL,
        9: {"cylinder", "cylinder_fillet"},
        12: {"coat_3", "land_fillet", "land", "board"},
    }
    assert born(found[6, 150.0])["second_layer"] == pytest.approx(0.003)
    assert born(found[9, 150.0]) == pytest.approx({"cylinder": 0.005, "cylinder_fillet": 0.005})
    cure, mount = found[9, 150.0], found[12, 217.0]
    assert (cure.solid, cure.loose) == (LAYERS | BALL, BALL)
    assert (mount.solid, mount.loose) == (LAYERS | WITHIN | {"cylinder", "cylinder_fillet"}, WITHIN)
    assert mount.hottest == pytest.approx(273.15 + 245.0)
    assert [stage.body for stage in found.values()] == ["wafer"] * 11 + ["chip"] + ["board"] * 3
    assert [stage.thickness for stage in found.values()] == [0.725] * 10 + [0.3] * 5
    assert found[13, -40.0].solid == set(joint_section(loads(template(ADHESIVE))).names)


def test_paste_melts_with_the_balls_on_the_wafer_and_again_on_the_board() -> None:
    """While it is molten only the layers carry; nothing of it is left from the first time."""
    found = stages(loads(template(PASTE)))
    remelt, mount = found[9], found[12]
    assert (remelt.solid, remelt.loose) == (LAYERS, set())
    assert set(born(remelt)) == {"cylinder", "ball"}
    assert (mount.solid, mount.loose) == (LAYERS, set())
    assert set(born(mount)) == {"cylinder", "ball", "land", "board"}
    assert {remelt.name, mount.name} == {
        "remelt the cylinders and balls",
        "mount on the board: cylinders and balls melt",
    }


@pytest.mark.parametrize(("name", "changes", "order"), ORDERS)
def test_in_any_order_everything_is_born_and_nothing_carries_before(
    name: str, changes: dict[str, Any], order: list[Any] | None
) -> None:
    """What carries was born before and is not born anew; in the end every region of the joint carries, none loose."""
    package = made(name, changes, order=order)
    carrying = {"chip"}
    for stage in stages(package):
        newborn = set(born(stage))
        of_land = newborn == {"land"}
        assert len(newborn) == len(stage.births)
        assert stage.solid.isdisjoint(newborn)
        assert stage.loose <= stage.solid
        assert stage.solid <= carrying or of_land
        assert stage.hottest >= stage.temperature
        assert stage.name
        carrying |= newborn
    assert {stage.step for stage in stages(package)} == set(range(len(package.process)))
    assert carrying == set(joint_section(package).names) == stages(package)[-1].solid
    assert stages(package)[-1].loose == set()


def test_a_plated_land_is_born_on_its_board_and_not_again_in_mounting() -> None:
    """The board by itself carries it; wafer and joints go on where they were."""
    found = stages(made(ADHESIVE, order=added(LAND, MOUNT)))
    plating, mount, cycle = found[12], found[13], found[14]
    assert (plating.body, plating.solid, set(born(plating)), celsius(plating)) == ("board", {"board"}, {"land"}, 25.0)
    assert "land" not in mount.solid
    assert "land" not in born(mount)
    assert {"land", "board"} <= cycle.solid


def test_a_ball_cut_by_its_contacts_reaches_them_while_its_coat_is_molten() -> None:
    """Of a whole ball what the molten coat encloses floats; the idealised one's coats stand on the cylinder."""
    name, changes, order = ORDERS[-1]
    mount = stages(made(name, changes, order=order))[MOUNT]
    assert mount.solid >= WITHIN
    assert mount.loose == set()


def test_a_ball_that_is_placed_on_solid_paste_brings_the_meniscus_when_both_are_remelted() -> None:
    """The first remelting has no ball to wet, the second joins it; until then it is loose."""
    changes = {"process.9.part": "cylinder", "ball.coats": [{"material": "copper", "thickness": "10 um"}, {
        "material": "SAC305", "thickness": "15 um"}], "ball.cylinder_side.fillet": "cylinder",
        "ball.land_side.fillet": "SAC305", "ball.material": "polymer-core"}  # fmt: skip
    found = stages(made(PASTE, changes, order=[*range(8), 9, 8, BOTH, *range(10, 14)]))
    first, placing, second = found[8:11]
    assert set(born(first)) == {"cylinder"}
    assert set(born(placing)) == {"core", "coat_1", "coat_2"}
    assert set(born(second)) == {"cylinder", "cylinder_fillet", "coat_2"}
    assert second.loose == {"core", "coat_1"}


def test_the_room_s_temperature_is_the_wafer_s_unless_a_step_has_its_own() -> None:
    """Balls placed at another temperature are unstressed there."""
    cold = made(ADHESIVE, {"wafer.temperature": "20 degC"})
    assert {celsius(stage) for stage in stages(cold)} == {20.0, 25.0, 350.0, 150.0, 217.0, -40.0, 125.0}
    warm = made(ADHESIVE, {"process.8.temperature": "60 degC"})
    assert celsius(stages(warm)[8]) == 60.0


def test_a_package_without_process_has_no_stages() -> None:
    assert stages(loads(template("compliant"))) == ()
