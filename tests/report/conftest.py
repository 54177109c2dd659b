"""A result without a solver: the real mesh of a joint, made-up smooth fields and figures."""

from collections.abc import Callable
from dataclasses import replace
from math import hypot

import numpy as np
import pytest

from fem_wlp.array.blocks import Fineness
from fem_wlp.array.layout import Extent, array_mesh
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.section import mesh_section
from fem_wlp.package import Package, loads, replace_all, template
from fem_wlp.package.geometry import middle_row
from fem_wlp.process.history import Stage, stages
from fem_wlp.results import (
    ArrayField,
    AtTemperature,
    Certificates,
    ChipWarpage,
    Compared,
    CriticalField,
    Curve,
    Decoupling,
    DiscretisationError,
    Interconnect,
    Joint,
    JointResult,
    OneStep,
    PartMeans,
    Parts,
    Place,
    ProcessResult,
    Resistance,
    Result,
    StepResult,
    Stiffness,
    Warpage,
)


def critical_field(package: Package) -> CriticalField:
    """A lateral shift that grows from board to chip, and a stress that falls off from the land's edge."""
    mesh = mesh_section(joint_section(package).painting)
    levels = joint_section(package).levels
    r, z = mesh.points.T
    share = np.clip(z / levels.chip, 0.0, 1.0)
    shift, rise = 3e-3 * share, -1e-3 * share - 2e-3 * r * z
    displacement = np.array(
        [np.column_stack([side * shift, np.zeros_like(r), rise + side * 2e-3 * r * share]) for side in (1.0, -1.0)]
    )
    edge = np.hypot(r - package.land.diameter / 2, z - package.land.thickness)
    stress = 5.0 + 60.0 * np.exp(-edge / 0.05) + 5.0 / np.sqrt(edge + 1e-4)
    stiff = np.where(mesh.region == mesh.names.index("board"), 0.3, 1.0)[:, None]
    von_mises = np.array([stiff * stress[mesh.triangles], 0.6 * stiff * stress[mesh.triangles]])
    a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
    area = 0.5 * np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    volume = 2.0 * np.pi * area * (a + b + c)[:, 0] / 3.0
    return CriticalField(mesh, displacement, von_mises, volume, temperature=package.temperatures.points[-1])


def joints_of(package: Package) -> tuple[JointResult, ...]:
    """The outer joints let go more; what stands at the centre has no figure."""
    joints = []
    for place in package.array.joints:
        free = (2e-3 * place.x, 2e-3 * place.y)
        share = 0.75 + 0.05 * place.dnp
        shift = (share * free[0], share * free[1])
        joints.append(
            JointResult(
                place.row,
                place.column,
                place.x,
                place.y,
                place.dnp,
                free,
                shift,
                (1.05 * shift[0], 1.05 * shift[1]),
                (300.0 * shift[0], 300.0 * shift[1]),
                0.05 - 0.03 * place.dnp,
                (0.02 * shift[0], 0.02 * shift[1]),
                share if place.dnp > 0.0 else None,
            )
        )
    return tuple(joints)


def made_up(package: Package) -> Result:
    joints = joints_of(package)
    critical = max(joints, key=lambda joint: round(hypot(joint.x, joint.y), 9))
    compliant_one = package.cylinder is not None
    shift = {"chip": 0.01, "first_layer": 0.004, "base_region": -0.003, "ball": 0.1, "land": 0.009, "board": 0.88}
    if compliant_one:
        shift = {**shift, "cylinder": 0.84, "board": 0.04}
    field = critical_field(package)
    weights = {name: 1.0 + index for index, name in enumerate(field.mesh.names)}
    energy = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    place = Place(critical.row, critical.column, critical.dnp)
    figure = critical.decoupling or 0.0
    at = tuple(
        AtTemperature(T, figure, figure + 0.02, 2e-3, 2e-3 * figure, 0.6, -0.1, 1e-3, -2e-3)
        for T in package.temperatures.points
    )
    thickness = tuple(np.linspace(40.0, 160.0, 9))
    moduli = tuple(np.geomspace(20.0, 43000.0, 11))
    balls = tuple(np.geomspace(0.5, 50.0, 9))
    curves = (
        Curve("cylinder.material", "cylinder modulus [MPa]", moduli, tuple(1 / (1 + m / 900.0) for m in moduli), 200.0),
        Curve("ball.material", "ball modulus [GPa]", balls, tuple(1 / (1 + 0.15 + b / 400) for b in balls), 4.8),
    )
    if compliant_one:
        first = Curve(
            "second_layer.thickness",
            "second-layer thickness [µm]",
            thickness,
            tuple(1 - 10.0 / (t + 10) for t in thickness),
            80.0,
        )
        curves = (first, *curves)
    else:
        curves = curves[1:]
    order = ("chip", "first_layer", "base_region", "cylinder", "ball", "land", "board")
    return Result(
        package,
        Decoupling(
            figure=figure,
            coupling=1.0 - figure,
            pad_to_pad=figure + 0.02,
            force_based=figure + 0.04,
            force_reduction=0.76 if compliant_one else None,
            chip_stress_relief=-0.12 if compliant_one else None,
            reference_figure=0.31 if compliant_one else None,
            critical_joint=place,
            largest_force_joint=place,
            shift_budget={name: shift[name] for name in order if name in shift},
            energy_budget=energy,
            at=at,
        ),
        Joint(Stiffness(310.0, 18.6, 0.4, 0.2), Resistance(21.0, 310.0), joint_section(package).levels.chip),
        joints,
        Warpage(1.2e-3, -3.4e-3),
        Interconnect(1.3e-3),
        Parts(2.1e-2 if compliant_one else None, dict.fromkeys(("core", "coat_1"), 30.0)),
        Certificates(3e-13, 4e-16, 2e-11, 1e-11, 6e-12, 3e-12, 5e-11, DiscretisationError(0.0012, 0.008, 0.011)),
        curves,
        field,
        (
            "The figures are differences between -40 degC and 125 degC.",
            "The second layer is bonded to the cylinder's wall.",
        ),
        {
            "program": "fem_wlp 0.1.0",
            "date": "2026-11-22",
            "seconds": 3.21,
            "versions": {"python": "3.11.2", "numpy": "2.4.0"},
            "mesh": {"nodes": 4321, "triangles": 2100},
        },
    )


def array_field(package: Package, extent: Extent = "quarter", fineness: float = 0.4) -> ArrayField:
    """The real mesh; the board shrinks more than the chip, both bow, and stress falls off from the land's edge."""
    layout = array_mesh(package, joint_section(package), extent, Fineness().refined(fineness))
    mesh, levels = layout.mesh, layout.section.levels
    x, y, z = mesh.points.T
    share = np.clip(z / levels.chip, 0.0, 1.0)
    shrinking = -4e-3 * (1.0 - share) - 5e-4 * share
    displacement = np.column_stack([shrinking * x, shrinking * y, -1e-3 * z - 3e-4 * (x**2 + y**2)])
    axes = np.array([[joint.x, joint.y] for joint in layout.joints])
    distance = np.linalg.norm(mesh.points[:, None, :2] - axes, axis=2).min(axis=1)
    stress = 5.0 + 80.0 * np.exp(-np.hypot(distance - 0.5 * package.land.diameter, z) / 0.05)
    turns = [np.eye(3)]
    for plane in (*layout.planes, *(["y"] if extent == "strip" else [])):  # its axes stand on its second mirror plane
        turns += [MIRRORS[plane] @ turn for turn in turns if not (MIRRORS[plane] @ turn == turns).all((1, 2)).any()]
    critical = int(np.hypot(*axes.T).argmax())
    service = package.temperatures.points[-1]
    return ArrayField(mesh, displacement, stress[mesh.cells], axes, np.array(turns), critical, service)


MIRRORS = {
    "x": np.diag([-1.0, 1.0, 1.0]),
    "y": np.diag([1.0, -1.0, 1.0]),
    "diagonal": np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
}

COMPARISON = (
    Compared("decoupling figure D", "1", 0.874, 0.881, 0.007, "1"),
    Compared("free mismatch of the critical joint", "mm", 7.1e-3, 7.0e-3, -0.0141, "the resolved value"),
    Compared("force reduction", "1", None, None, None, "1"),
)


def made_up_resolved(package: Package, extent: Extent = "quarter", fineness: float = 0.4) -> Result:
    provenance = {
        "program": "fem_wlp 0.1.0",
        "extent": extent,
        "unknowns": 12345,
        "coarse_unknowns": 4321,
        "solver": "multigrid",
        "iterations": [71, 68],
        "seconds": {"joined": 20.0, "mesh": 1.5},
    }
    flat = made_up(package)
    result = replace(
        flat,
        certificates=replace(flat.certificates, backward_error=None),
        field=array_field(package, extent, fineness),
        comparison=COMPARISON,
        provenance=provenance,
    )
    if extent != "strip":
        return result
    row = middle_row(package.array)
    joints = tuple(replace(joint, y=0.0, dnp=abs(joint.x)) for joint in result.joints if joint.row == row)
    place = replace(result.decoupling.critical_joint, row=row, dnp=joints[0].dnp)
    return replace(result, joints=joints, decoupling=replace(result.decoupling, critical_joint=place))


def made_up_process(package: Package) -> Result:
    """Every film pulls, the more of them the more; mounting and what is done to the board alone leave no figures."""
    assert package.wafer is not None
    history = [stage for stage in stages(package) if stage.body != "board" or not stage.births]
    room, mounting = package.wafer.temperature, package.temperatures.assembly
    process = ProcessResult(
        wafer_diameter=package.wafer.diameter,
        room=room,
        steps=tuple(made_up_step(stage, room) for stage in history),
        reflow=tuple(
            ChipWarpage(float(T), 1e-5 * (mounting - 30.0 - float(T))) for T in np.linspace(room, mounting, 5)
        ),
        one_step=OneStep(0.85, 0.62),
    )
    return replace(made_up(package), process=process)


def made_up_step(stage: Stage, room: float) -> StepResult:
    on_wafer = stage.body == "wafer"
    there = stage.solid - stage.apart | {birth.region for birth in stage.births} - stage.apart
    cooling = 1e-2 * (500.0 - stage.temperature)
    bow = -0.01 * len(there) / stage.thickness**2
    return StepResult(
        step=stage.step + 1,
        name=stage.name,
        temperature=stage.temperature,
        body=stage.body,
        born=tuple(birth.region for birth in stage.births),
        bow=bow * cooling if on_wafer else None,
        bow_at_room=bow * 1e-2 * (500.0 - room) if on_wafer else None,
        chip_warpage=None if on_wafer else 1e-3 * cooling,
        parts={
            name: PartMeans(30.0 * cooling + 9.0 * place, 20.0 * cooling * (-1.0) ** place, 0.5, 1e-3)
            for place, name in enumerate(sorted(there))
        },
    )


@pytest.fixture(scope="session")
def make_process() -> Callable[[Package], Result]:
    return made_up_process


@pytest.fixture(scope="session")
def process_result() -> Result:
    """Cylinders of adhesive, balls with coats."""
    return made_up_process(loads(template("adhesive-process")))


@pytest.fixture(scope="session")
def make() -> Callable[[Package], Result]:
    return made_up


@pytest.fixture(scope="session")
def make_resolved() -> Callable[..., Result]:
    return made_up_resolved


@pytest.fixture(scope="session")
def resolved_result() -> Result:
    """Four by four joints, the quarter of them meshed."""
    sizes = {"array.rows": 4, "array.columns": 4, "chip.width": "2.2 mm", "board.width": "4 mm"}
    return made_up_resolved(replace_all(loads(template("compliant")), sizes))


@pytest.fixture(scope="session")
def compliant_result() -> Result:
    return made_up(loads(template("compliant")))


@pytest.fixture(scope="session")
def conventional_result() -> Result:
    return made_up(loads(template("conventional")))
