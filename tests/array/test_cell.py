"""One joint as hexahedra: every part has its volume, and the parts fill the cell without gap or overlap."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest

from fem_wlp.array.blocks import BLUNT, Fineness, joint_quads
from fem_wlp.array.layout import array_mesh
from fem_wlp.errors import MeshError
from fem_wlp.joint.section import JointSection, joint_section
from fem_wlp.mesh.outline import HalfDisc, Polygon
from fem_wlp.mesh.quads import SLOPE
from fem_wlp.mesh.revolve import jacobians
from fem_wlp.mesh.solid import SolidMesh
from fem_wlp.package import Package, loads, template

from ..mesh.solids import face_areas, faces, volumes

NAMES = ("compliant", "conventional", "paste", "micro-smd")

Changes = Mapping[str, object]

METAL_BALL: Changes = {"ball.material": "SAC305", "ball.coats": []}
PASTE: Changes = {"cylinder.material": "SAC305", "cylinder.stress_free": "217 degC"}

TAPERED: Changes = {"opening.free_end_diameter": "230 um"}
GAP: Changes = {"second_layer.wall": "gap", "second_layer.gap": "5 um", "ball.cylinder_side.diameter": "180 um"}
TRUNCATED: Changes = {
    "ball.truncated": True,
    "ball.cylinder_side.fillet": "none",
    "ball.land_side.fillet": "none",
}
NARROW: Changes = {**TRUNCATED, "ball.cylinder_side.diameter": "60 um", "ball.land_side.diameter": "150 um"}

TWO_MELT: Changes = {
    "ball.coats": [
        {"material": "copper", "thickness": "10 um"},
        {"material": "SnPb", "thickness": "9 um"},
        {"material": "SAC305", "thickness": "8 um"},
    ]
}

VARIANTS: dict[str, tuple[str, Changes]] = {
    **{name: (name, {}) for name in NAMES},
    "adhesive, metal ball": ("compliant", METAL_BALL),
    "paste, metallised polymer ball": ("compliant", PASTE),
    "paste, metal ball": ("compliant", {**METAL_BALL, **PASTE}),
    "tapered": ("compliant", TAPERED),
    "tapered inwards": ("paste", {"opening.free_end_diameter": "170 um", "ball.cylinder_side.diameter": "150 um"}),
    "gap": ("compliant", GAP),
    "tapered gap": ("compliant", {**GAP, **TAPERED}),
    "truncated coats": ("compliant", TRUNCATED),
    "coats cut on one side only": ("compliant", NARROW),
    "coat of 50 nm": (
        "compliant",
        {
            "ball.coats": [
                {"material": "copper", "thickness": "50 nm"},
                {"material": "nickel", "thickness": "2 um"},
                {"material": "SAC305", "thickness": "15 um"},
            ]
        },
    ),
    "dip": ("compliant", {"ball.cylinder_side.dip": "5 um"}),
    "deep dip": ("compliant", {"ball.cylinder_side.dip": "30 um"}),
    "fillet of another solder": ("compliant", {"ball.land_side.fillet": "SnPb"}),
    "two coats that melt": ("compliant", TWO_MELT),
    "tiny melted fillet": ("compliant", {"ball.land_side.diameter": "122 um", "ball.cylinder_side.diameter": "150 um"}),
    "small base region": ("conventional", {"interconnect.base_region.diameter": "232 um", "land.diameter": "232 um"}),
}


def package_of(variant: str) -> Package:
    """Return a package whose joint is a body of revolution: without a line; `test_lead` holds the laws of lines."""
    name, changes = VARIANTS[variant]
    bare = {"interconnect.line": "none", "chip.pads": "none"} if "[interconnect.line]" in template(name) else {}
    return loads(template(name), {**bare, **changes})


def cell_of(package: Package, fineness: Fineness | None = None) -> SolidMesh:
    return array_mesh(package, joint_section(package), "cell", fineness or Fineness.of(1.0)).mesh


def cap(radius: float, distance: float) -> float:
    """Volume of a ball's cap beyond a plane."""
    height = max(radius - distance, 0.0)
    return math.pi * height**2 * (3 * radius - height) / 3


def frustum(one: float, other: float, height: float) -> float:
    return math.pi * height * (one**2 + one * other + other**2) / 3


def closed_forms(section: JointSection, pitch: float) -> dict[str, float]:
    """Volumes of all parts of a cell [mm3]; coats and fillets of one melted material together, as "melted"."""
    levels = section.levels
    height = levels.base_region - levels.free_end
    base = math.pi * section.base_radius**2 * (levels.first_layer - levels.base_region)
    found = {
        "chip": pitch**2 * (levels.chip_top - levels.chip),
        "first_layer": pitch**2 * (levels.chip - levels.first_layer),
        "base_region": base,
        "land": math.pi * section.land_radius**2 * levels.land,
        "board": -(pitch**2) * levels.board_bottom,
    }
    if "cylinder" in section.names:
        found["cylinder"] = frustum(*section.cylinder_radii, height)
        voids = [item.outline for item in section.painting if item.name == "void"]
        hole = found["cylinder"]
        if voids:
            assert isinstance(voids[0], Polygon)
            hole = frustum(voids[0].corners[1][0], voids[0].corners[2][0], height)
        found["second_layer"] = pitch**2 * (levels.first_layer - levels.free_end) - hole - base
    top, bottom = levels.free_end - levels.ball_centre, levels.ball_centre - levels.land
    outlines = {item.name: item.outline for item in section.painting if isinstance(item.outline, HalfDisc)}
    discs = sorted((outline.radius, name) for name, outline in outlines.items())
    outer = discs[-1][0]
    dips = outer > top and all(math.isinf(outline.above) for outline in outlines.values())
    if dips:
        found["cylinder"] -= cap(outer, top)
    inside = 0.0
    for radius, name in discs:
        ball = 4 / 3 * math.pi * radius**3 - (0.0 if dips else cap(radius, top)) - cap(radius, bottom)
        found[name] = ball - inside
        inside = ball
    for name, distance in (("cylinder_fillet", top), ("land_fillet", bottom)):
        cone = next((item.outline for item in section.painting if item.name == name), None)
        if cone is not None:
            assert isinstance(cone, Polygon)
            _, (reach, _), (meeting, height_of_meeting), _ = cone.corners
            angle = math.atan2(meeting, abs(height_of_meeting - levels.ball_centre))
            height = distance - outer * math.cos(angle)
            within = cap(outer, outer * math.cos(angle)) - cap(outer, distance)
            found[name] = frustum(reach, meeting, height) - within
    return found


def melted(section: JointSection) -> tuple[str, ...]:
    """Names of the outermost coat and the fillets of its own material: no border is meshed between them."""
    material = {item.name: item.material for item in section.painting}
    outermost = max((item.outline.radius, item.name) for item in section.painting if isinstance(item.outline, HalfDisc))
    return tuple(
        name
        for name in section.names
        if "fillet" in name or name == outermost[1]
        if material[name] == material[outermost[1]]
    )


def merged(found: Mapping[str, float], together: tuple[str, ...]) -> dict[str, float]:
    apart = {name: volume for name, volume in found.items() if name not in together}
    return {**apart, "melted": sum(found[name] for name in together)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_part_has_its_volume(variant: str) -> None:
    """That of cylinders, frusta, ball zones, shells and cones within 5e-3.

    Circles and arcs are parabolas over 45 degrees by default. What is between a ball and something else, a fillet, has
    the ball's error besides: 1e-3 of the ball.
    """
    compare_volumes(variant, 1, 5e-3, 1e-3)


@pytest.mark.long
@pytest.mark.parametrize("variant", VARIANTS)
def test_twice_refined_every_part_has_its_volume(variant: str) -> None:
    """Within 3e-4: parabolas over 22.5 degrees are sixteen times as close."""
    compare_volumes(variant, 2, 3e-4, 1e-4)


def compare_volumes(variant: str, refined: int, allowed: float, allowed_of_ball: float) -> None:
    package = package_of(variant)
    section = joint_section(package)
    exact = merged(closed_forms(section, package.array.pitch), melted(section))
    found = merged(volumes(cell_of(package, Fineness.of(1.0, refined))), melted(section))
    assert found.keys() == exact.keys()
    for name, volume in exact.items():
        of_ball = math.pi / 6 * package.ball.diameter**3 if "fillet" in name else 0.0
        assert found[name] == pytest.approx(volume, rel=allowed, abs=allowed_of_ball * of_ball), name


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_cell_has_neither_crack_nor_overlap(variant: str) -> None:
    """Every inner face belongs to two elements, on the same nine nodes; no two nodes lie at one place.

    A crack would leave two outer faces at one place, and their nodes with them.
    """
    mesh = cell_of(package_of(variant))
    _, count, _ = faces(mesh)
    assert set(count.tolist()) == {1, 2}
    order = np.lexsort(np.round(mesh.points / 1e-7).T)
    apart = np.linalg.norm(np.diff(mesh.points[order], axis=0), axis=1)
    assert apart.min() > 1e-6
    assert np.bincount(mesh.regions, minlength=len(mesh.names)).min() > 0
    assert np.unique(mesh.cells).size == len(mesh.points)


def test_outer_faces_are_those_of_the_bodies() -> None:
    """Outer area of a conventional cell: the plates' faces, free rings, the ball's zone, within 5e-4."""
    package = package_of("conventional")
    section, pitch = joint_section(package), package.array.pitch
    levels = section.levels
    top, bottom = section.contact_radii
    discs = math.pi * (section.base_radius**2 - top**2 + section.land_radius**2 - bottom**2)
    walls = 2 * math.pi * (section.base_radius * package.interconnect.thickness + section.land_radius * levels.land)
    zone = math.pi * package.ball.diameter * (levels.free_end - levels.land)
    heights = levels.chip_top - levels.first_layer - levels.board_bottom
    plates = 4 * pitch**2 + 4 * pitch * heights - math.pi * (section.base_radius**2 + section.land_radius**2)
    mesh = cell_of(package)
    nodes, count, _ = faces(mesh)
    assert face_areas(mesh, nodes[count == 1]).sum() == pytest.approx(plates + discs + walls + zone, rel=5e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_element_is_degenerate(variant: str) -> None:
    """Jacobians are positive at all nodes, by how much of the largest in the element: a hundredth at least."""
    mesh = cell_of(package_of(variant))
    values = jacobians(mesh.points[mesh.cells])
    assert (values.min(axis=1) / values.max(axis=1)).min() > 0.01


@pytest.mark.parametrize(
    "variant", ["coats cut on one side only", "dip", "fillet of another solder", "two coats that melt"]
)
def test_sections_stay_sound_on_the_finest_levels(variant: str) -> None:
    """Thin shells and wedges, whose opposite sides are divided very unlike then: no quadrilateral is inverted."""
    package = package_of(variant)
    section, half = joint_section(package), package.array.pitch / 2
    for level in (3.0, 4.0):
        mesh = joint_quads(section, half, half, Fineness.of(1.0, level)).mesh
        nodes = mesh.points[mesh.quads].reshape(-1, 3, 3, 2)  # eta, xi
        xi, eta = np.einsum("ab,mebc->meac", SLOPE, nodes), np.einsum("ab,mbxc->maxc", SLOPE, nodes)
        values = xi[..., 0] * eta[..., 1] - xi[..., 1] * eta[..., 0]
        assert values.min() > 0.0


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_has_the_symmetries_of_its_square(name: str) -> None:
    """Mirrored in x = 0, y = 0 or x = y, the nodes are the same ones."""
    points = cell_of(package_of(name)).points
    places = np.unique(np.round(points / 1e-8), axis=0)
    for image in (points * (-1, 1, 1), points * (1, -1, 1), points[:, [1, 0, 2]]):
        other = np.unique(np.round(image / 1e-8), axis=0)
        assert len(np.unique(np.concatenate([places, other]), axis=0)) < len(places) * 1.001


def test_means_are_taken_over_regions_that_the_mesh_resolves() -> None:
    """Faces of elements bound the base region's ring and the disc in the chip over which means are taken."""
    for name in NAMES:
        package = package_of(name)
        section = joint_section(package)
        mesh = cell_of(package)
        points = mesh.points[mesh.cells]
        radii = np.hypot(points[..., 0], points[..., 1])
        ring = mesh.within("base_region") & (radii.mean(axis=1) > section.base_radius - 0.025)
        assert radii[ring].min() == pytest.approx(section.base_radius - 0.025, rel=1e-9)
        disc = mesh.within("chip") & (points[..., 2].mean(axis=1) < section.levels.chip + 0.005)
        assert points[disc, :, 2].max() == pytest.approx(section.levels.chip + 0.005, rel=1e-9)


def test_refining_divides_lengths_by_the_factor_and_at_singular_lines_by_its_square() -> None:
    """Twice as fine: 2 tips of a quarter, growth halved, twice as many elements around."""
    fine = Fineness().refined(2.0)
    assert (fine.around, fine.tip, fine.growth, fine.largest) == (16, 0.0025, 0.7, 0.15)
    even = Fineness().uniform(2.0)
    assert (even.around, even.tip, even.growth, even.largest) == (16, 0.15, 0.0, 0.15)


def lengths(fineness: Fineness) -> tuple[float, ...]:
    return fineness.around, fineness.tip, fineness.growth, fineness.largest


def test_meshes_are_sharper_at_singular_lines_from_the_blunt_one_to_the_default() -> None:
    """Up to `BLUNT` only as the rest asks; from 1 on tips by 1/0.49 and growth by 1/0.7 of that, without a jump."""
    for fineness in (0.25, 0.5, BLUNT):
        assert lengths(Fineness.of(fineness)) == pytest.approx(lengths(Fineness().refined(fineness)), rel=1e-12)
    for fineness in (1.0, 1.5, 4.0):
        around, tip, growth, largest = lengths(Fineness().refined(fineness))
        assert lengths(Fineness.of(fineness)) == pytest.approx((around, 0.49 * tip, 0.7 * growth, largest), rel=1e-12)
    tips, growths = zip(*(lengths(Fineness.of(f))[1:3] for f in np.linspace(0.25, 4.0, 61)), strict=True)
    assert np.all(np.diff(tips) < 0.0) and np.all(np.diff(growths) < 0.0)


@pytest.mark.parametrize("fineness", [0.4, 0.85, 1.0, 1.3])
def test_meshes_of_one_family_are_alike(fineness: float) -> None:
    """At every level tips are divided by its square, all other lengths by itself, whatever the first one is."""
    _, tip, growth, largest = lengths(Fineness.of(fineness))
    for level in (2.0, 3.0):
        found = lengths(Fineness.of(fineness, level))
        assert found[1:] == pytest.approx((tip / level**2, growth / level, largest / level), rel=1e-12)
        assert found[0] == max(8, 8 * round(fineness * level))
    assert lengths(Fineness.of(1.0, 2.0)) == pytest.approx(lengths(Fineness.of(2.0)), rel=1e-12)


@pytest.mark.parametrize(
    ("code", "name", "changes", "words"),
    [
        ("E410", "conventional", {"interconnect.base_region.diameter": "0.495 mm"}, "247.5 um from its axis"),
        ("E410", "conventional", {"land.diameter": "0.495 mm"}, "its cell of the board ends after 250 um"),
    ],
)
def test_what_is_not_known_in_three_dimensions_is_refused(code: str, name: str, changes: Changes, words: str) -> None:
    """Code, words, and what to do."""
    package = loads(template(name), dict(changes))
    with pytest.raises(MeshError, match=words) as refused:
        joint_quads(joint_section(package), package.array.pitch / 2, package.array.pitch / 2, Fineness.of(1.0))
    assert refused.value.code == code
    assert refused.value.where
    assert refused.value.hint
