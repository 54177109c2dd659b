"""What is read from a field must be what the field says: held against fields that are known in closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fem_wlp.analysis.resolved import meshed
from fem_wlp.array import readings
from fem_wlp.array import sector as sectors
from fem_wlp.array.readings import (
    Field,
    Gauges,
    chip_stress,
    deflections,
    disc_mean,
    energy_budget,
    interconnect_strain,
    interface_shifts,
    nodal_von_mises,
    read_joints,
    read_severed,
    section_gap,
)
from fem_wlp.array.sector import Sector
from fem_wlp.array.surfaces import element_faces, level_surface
from fem_wlp.errors import MeshError
from fem_wlp.joint.recover import shift_budget
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.solid import Floats
from fem_wlp.package import loads, template, template_names
from fem_wlp.solid.elements import HEXAHEDRON, TETRAHEDRON, SolidElement
from fem_wlp.solid.operator import operator

from .bricks import HALF_SIDE, brick_sector, small_package

SHEAR, LAME = 300.0, 500.0  # [MPa]
ELASTICITY = LAME * np.pad(np.ones((3, 3)), (0, 3)) + SHEAR * np.diag([2.0, 2.0, 2.0, 1.0, 1.0, 1.0])
PACKAGE = small_package()
JOINTS = np.array([[joint.x, joint.y] for joint in PACKAGE.array.joints])
WHOLE, QUARTER = (brick_sector(PACKAGE, extent) for extent in ("full", "quarter"))
STIFF = {id(sector): operator(sector.mesh, np.tile(ELASTICITY, (len(sector.mesh.names), 1, 1)))
         for sector in (WHOLE, QUARTER)}  # fmt: skip


def field(u: Floats, sector: Sector = WHOLE) -> Field:
    """Return a field of one material without free strain."""
    return Field(sector, STIFF[id(sector)], np.zeros((len(sector.mesh.names), 6)), u)


def linear(gradient: Floats, sector: Sector = WHOLE) -> Field:
    """Return the field u_i = gradient_ij x_j."""
    return field(sector.mesh.points @ np.asarray(gradient, dtype=float).T, sector)


def test_stresses_on_either_side_of_a_cut_pass_the_same_force() -> None:
    """Strained alike everywhere, where only joints' sides ask for forces. A contact node moved by itself does not."""
    for sector in (WHOLE, QUARTER):
        gauges = Gauges(sector, JOINTS)
        strained = linear([[0, 0, 1], [0, 0, 0], [0, 0, 2]], sector)
        readings = read_joints(gauges, strained)
        assert section_gap(gauges, strained, readings)[0] < 1e-12
        moved = strained.u.copy()
        moved[gauges.contact[0][0]] += 1e-3
        assert min(section_gap(gauges, field(moved, sector), readings)) > 1e-6


def test_a_rigid_tilt_shifts_no_joint() -> None:
    """With u = phi (z, 0, -x) both footprints tilt by phi, and pad to pad they move by H phi. Exact to round-off."""
    read = read_joints(Gauges(WHOLE, JOINTS), linear([[0, 0, 1], [0, 0, 0], [-1, 0, 0]]))
    assert read.shift == pytest.approx(np.zeros((4, 2)), abs=1e-12)
    assert read.chip_tilt == pytest.approx(np.tile([1.0, 0.0], (4, 1)), abs=1e-12)
    assert read.pad_to_pad[:, 0] == pytest.approx(np.full(4, -read.height))  # the tilt itself is there


def test_a_footprint_moves_by_the_mean_of_a_linear_field() -> None:
    """Its mean is the value at its centre, its tilt minus the slope of u_z."""
    gradient = np.array([[0.3, 0.1, 0.2], [-0.4, 0.5, 0.7], [0.9, -0.8, 0.6]])
    read = read_joints(Gauges(WHOLE, JOINTS), linear(gradient))
    centres = np.column_stack([JOINTS, np.full(4, read.height)])
    assert read.chip == pytest.approx(centres @ gradient.T)
    assert read.board == pytest.approx(centres * [1, 1, 0] @ gradient.T)
    assert read.chip_tilt == pytest.approx(np.tile(-gradient[2, :2], (4, 1)))


def test_a_pulled_and_bent_joint_carries_the_force_and_moment_of_the_beam() -> None:
    """Uniaxial stress E (s + kappa x'): force -E s A and moment E kappa I of the lower on the upper half; exact.

    u = (-nu s x' - kappa z^2/2 - nu kappa (x'^2 - y^2)/2, -nu (s + kappa x') y, (s + kappa x') z), x' from the axis.
    """
    s, kappa, side, nu = 1e-3, 2e-3, 2 * HALF_SIDE, LAME / (2 * (LAME + SHEAR))
    E = 2 * SHEAR * (1 + nu)
    x, y, z = (WHOLE.mesh.points - [*JOINTS[1], 0.0]).T
    u = [-nu * s * x - kappa * (z**2 + nu * (x**2 - y**2)) / 2, -nu * (s + kappa * x) * y, (s + kappa * x) * z]
    read = read_joints(Gauges(WHOLE, JOINTS), field(np.stack(u, axis=1)))
    assert read.force[1] == pytest.approx([0.0, 0.0, -E * s * side**2], abs=1e-9)
    assert read.axial_force[1] == pytest.approx(E * s * side**2)
    assert read.moment[1] == pytest.approx([0.0, E * kappa * side**4 / 12, 0.0], abs=1e-9)


def symmetric(points: Floats) -> Floats:
    """A field that is its own mirror image in x = 0 and y = 0."""
    x, y, z = points.T
    return np.stack([x * (1 + z + y**2), y * (2 - x**2), z * (1 + 2 * x**2) + 0.5 * y**2], axis=1)


def test_a_quarter_tells_what_the_whole_does() -> None:
    """Displacements, tilts, forces, moments of all joints, by turned vectors and moments; to round-off."""
    whole, quarter = (
        read_joints(Gauges(sector, JOINTS), field(symmetric(sector.mesh.points), sector)) for sector in (WHOLE, QUARTER)
    )
    for name in ("chip", "board", "chip_tilt", "board_tilt", "force", "moment", "shift", "pad_to_pad"):
        one, other = getattr(whole, name), getattr(quarter, name)
        assert one == pytest.approx(other, abs=1e-10 * np.abs(one).max()), name
        assert np.abs(one).max() > 0.0
    # an axial vector is not mirrored as a displacement is
    assert np.sign(whole.force[1, :2] / whole.force[0, :2]) == pytest.approx([-1, 1])
    assert np.sign(whole.moment[1, :2] / whole.moment[0, :2]) == pytest.approx([1, -1])


def test_a_joint_cut_by_mirror_planes_is_completed() -> None:
    """3 x 3 joints: that in the middle is met as a quarter, those on the axes as halves."""
    package = small_package({"array.rows": 3, "array.columns": 3, "chip.width": "1.6 mm", "board.width": "2 mm"})
    joints = np.array([[joint.x, joint.y] for joint in package.array.joints])
    found = []
    for extent in ("full", "quarter"):
        sector = brick_sector(package, extent)
        stiff = operator(sector.mesh, np.tile(ELASTICITY, (len(sector.mesh.names), 1, 1)))
        free = np.zeros((len(sector.mesh.names), 6))
        found.append(read_joints(Gauges(sector, joints), Field(sector, stiff, free, symmetric(sector.mesh.points))))
    for name in ("chip", "board", "chip_tilt", "board_tilt", "force", "moment"):
        one, other = (getattr(read, name) for read in found)
        assert one == pytest.approx(other, abs=1e-10 * np.abs(one).max()), name


def test_a_severed_chip_is_placed_by_its_joints() -> None:
    """Whatever rigid motion its supports left it with, its shifts are the same; its own deformation stays."""
    gauges = Gauges(WHOLE, JOINTS)
    grown = 1e-3 * WHOLE.mesh.points
    turn = np.array([[0.0, 0.3, -0.7], [-0.3, 0.0, 0.5], [0.7, -0.5, 0.0]])
    moved = grown + WHOLE.mesh.points @ turn.T + [1.0, 2.0, 3.0]
    one, other = (read_severed(gauges, chip, np.zeros_like(grown)) for chip in (grown, moved))
    assert one.shift == pytest.approx(other.shift, abs=1e-12)
    assert one.shift == pytest.approx(-1e-3 * JOINTS, abs=1e-12)
    assert other.force == pytest.approx(np.zeros((4, 3)), abs=0.0)


def test_a_field_is_known_all_over_the_package() -> None:
    """Quadratic functions are met exactly, in the other quarters too; outside there is nothing."""
    points = np.array([[0.3, 0.2, 0.33], [-0.3, 0.2, 0.33], [-0.31, -0.21, -0.4], [0.25, -0.25, 0.15]])
    x, y, z = QUARTER.mesh.points.T
    u = np.stack([x * z, y * z, x**2 + y**2 - z**2], axis=1)
    x, y, z = points.T
    exact = np.stack([x * z, y * z, x**2 + y**2 - z**2], axis=1)
    assert QUARTER.values(u, points) == pytest.approx(exact, abs=1e-12)
    with pytest.raises(MeshError, match="outside the package"):
        QUARTER.values(u, np.array([[0.0, 0.0, 0.1]]))  # between the joints


def test_a_joint_that_the_mesh_does_not_know_is_refused() -> None:
    with pytest.raises(MeshError, match="no image"):
        _ = Gauges(QUARTER, np.array([[0.75, 0.25]])).images


def test_a_disc_has_the_mean_of_a_harmonic_field_at_its_centre() -> None:
    """u_x = x^2 - y^2 is harmonic: its mean is its value in the middle; to the error of the quadrature."""
    x, y, z = WHOLE.mesh.points.T
    one = field(np.stack([x**2 - y**2, x * y, z], axis=1))
    assert disc_mean(one, JOINTS[1], 0.2, 0.1) == pytest.approx([0.0, 0.0625, 0.2], abs=1e-9)


def test_shifts_of_the_parts_are_their_heights_under_even_shear() -> None:
    """A part's share is its share of the height where everything shears alike; the shares sum to 1."""
    one = linear([[0, 0, -1e-3], [0, 0, 0], [0, 0, 0]])
    read = read_joints(Gauges(WHOLE, JOINTS), one)
    shares = shift_budget(interface_shifts(one, read, 1, JOINTS[1], np.array([1.0, 0.0])))
    levels = WHOLE.section.levels
    faces = [levels.chip, levels.first_layer, levels.base_region, levels.free_end, levels.land, 0.0]
    assert list(shares) == ["first_layer", "base_region", "cylinder", "ball", "land"]
    assert list(shares.values()) == pytest.approx(-np.diff(faces) / levels.chip, abs=1e-9)
    assert sum(shares.values()) == pytest.approx(1.0)


def test_the_energy_budget_is_that_of_the_volumes_under_even_strain() -> None:
    """And it sums to 1. What stands beyond the joint's pitch counts for nothing."""
    one = linear(1e-3 * np.eye(3))
    shares = energy_budget(one, one.u, one.u, 0)
    assert sum(shares.values()) == pytest.approx(1.0)
    levels, pitch = WHOLE.section.levels, PACKAGE.array.pitch
    ratio = (levels.chip_top - levels.chip) / -levels.board_bottom
    assert shares["chip"] / shares["board"] == pytest.approx(ratio)
    land = (2 * HALF_SIDE) ** 2 * levels.land
    assert shares["land"] / shares["board"] == pytest.approx(land / (pitch**2 * -levels.board_bottom))


def test_means_of_even_fields_are_their_values() -> None:
    """Von Mises stress of a shear gamma is sqrt(3) G gamma, its equivalent strain gamma/sqrt(3); a change is read."""
    gamma = 2e-3
    one, other = (linear([[0, 0, g], [0, 0, 0], [0, 0, 0]]) for g in (gamma, -gamma))
    assert chip_stress([one], 0) == pytest.approx(np.sqrt(3.0) * SHEAR * gamma)
    assert interconnect_strain([one], 0) == pytest.approx(gamma / np.sqrt(3.0))
    assert interconnect_strain([one, other], 0) == pytest.approx(2 * gamma / np.sqrt(3.0))
    assert nodal_von_mises(one) == pytest.approx(np.full(WHOLE.mesh.cells.shape, np.sqrt(3.0) * SHEAR * gamma))


def test_the_bow_of_a_sphere_is_that_of_its_sag() -> None:
    """u_z = -k (x^2 + y^2)/2 and any tilt: warpage k (w^2 + l^2)/8 with the centre high; exact for quadratics."""
    k, side = 0.3, PACKAGE.chip.width
    for sector, tilt in ((WHOLE, 0.7), (QUARTER, 0.0)):
        x, y, _ = sector.mesh.points.T
        u = np.stack([0 * x, 0 * x, tilt * x - 0.5 * k * (x**2 + y**2)], axis=1)
        shape = deflections(field(u, sector), (side, side), 0.45, (3, 3))
        assert shape.warpage == pytest.approx(k * side**2 / 4)
        assert deflections(field(-u, sector), (side, side), 0.45, (3, 3)).warpage == pytest.approx(-k * side**2 / 4)


@pytest.mark.parametrize("element", [HEXAHEDRON, TETRAHEDRON], ids=lambda element: element.name)
def test_faces_of_an_element_close(element: SolidElement) -> None:
    """The normals' integrals cancel, and those of x n_x give the volume (Gauss)."""
    nodes = element.nodes + 0.1 * np.sin(element.nodes[:, [1, 2, 0]])  # curved faces
    _, slope = element.tabulate(element.points)
    volume = np.linalg.det(np.einsum("qka,kx->qax", slope, nodes)) @ element.weights
    middle = nodes.mean(axis=0)
    normals, flux = np.zeros(3), 0.0
    for face in element_faces(element):
        along, across = np.einsum("tqk,kx->tqx", face.tangents, nodes)
        normal = np.cross(along, across) * face.weights[:, None]
        points = face.shape @ nodes
        outward = np.sign((normal.sum(axis=0) * (points.mean(axis=0) - middle)).sum())
        normals += outward * normal.sum(axis=0)
        flux += outward * float((points[:, 0] * normal[:, 0]).sum())
    assert normals == pytest.approx(np.zeros(3), abs=1e-6)
    assert flux == pytest.approx(volume, rel=1e-3 if len(nodes) == 10 else 1e-9)


@pytest.mark.parametrize("name", template_names())
@pytest.mark.parametrize("fineness", [0.3, 1.0])
def test_footprints_have_the_areas_of_their_circles(name: str, fineness: float) -> None:
    """Pi r^2 of every joint, within 1e-4 for the arcs' quadratic sides; thin faces round a circle are not in it."""
    package = loads(template(name), {"model.kind": "3d", "model.extent": "eighth"})
    section = joint_section(package)
    gauges = meshed(package, fineness).gauges
    shares = np.array([1 / len(gauges.sector.stabiliser(number)) for number in range(len(gauges.sector.axes))])
    for surface, radius in ((gauges.chip, section.base_radius), (gauges.board, section.land_radius)):
        place = gauges.sector.mesh.places[surface.elements]
        areas = np.bincount(place, weights=surface.areas.sum(axis=1))
        assert areas == pytest.approx(shares * np.pi * radius**2, rel=1e-3)


def test_a_mean_over_nothing_is_refused() -> None:
    """Below the lowest of all points there is no element to take it of."""
    still = field(np.zeros_like(WHOLE.mesh.points))
    elements = np.arange(len(WHOLE.mesh.cells))
    with pytest.raises(MeshError, match="where a mean is to be taken") as refusal:
        readings._mean(still, elements, np.ones(1), 0.0, 1.0, -1e3)
    assert refusal.value.code == "E402"


def test_a_circle_without_faces_is_refused() -> None:
    """Between the mesh planes."""
    height = 0.123456 * WHOLE.mesh.points[:, 2].max()
    with pytest.raises(MeshError, match="no faces at the pad") as refusal:
        level_surface(WHOLE, np.ones(len(WHOLE.mesh.cells), dtype=bool), height, 1.0, "the pad")
    assert refusal.value.code == "E403"


def test_a_point_is_outside_a_tetrahedron_by_its_worst_face() -> None:
    """Of x, y, z >= 0 and x + y + z <= 1."""
    points = np.array([[0.2, 0.2, 0.2], [-0.25, 0.5, 0.5], [1.0, 1.0, 1.0]])
    np.testing.assert_allclose(sectors._outside(TETRAHEDRON, points), [-0.2, 0.25, 2.0])


def test_a_joint_without_faces_on_its_footprint_is_refused() -> None:
    """E403: the other joints have theirs."""
    gauges = Gauges(WHOLE, JOINTS)
    theirs = WHOLE.mesh.places[gauges.chip.elements] > 0
    bare = replace(gauges.chip, **{name: part[theirs] for name, part in vars(gauges.chip).items()})
    with pytest.raises(MeshError, match="no footprint") as refusal:
        readings._footprints(gauges, bare, np.zeros_like(WHOLE.mesh.points))
    assert refusal.value.code == "E403"
