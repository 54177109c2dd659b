"""Changes of stacks for the tests of the joint cell."""

from dataclasses import replace

from fem_wlp.joint.cell import Region
from fem_wlp.mesh.outline import HalfDisc, Outline, Polygon


def with_materials(regions: tuple[Region, ...], changed: object) -> tuple[Region, ...]:
    """Return the regions with every material changed by a function."""
    return tuple(r if r.material is None else replace(r, material=changed(r.material)) for r in regions)  # type: ignore[operator]


def with_outlines(regions: tuple[Region, ...], place: object) -> tuple[Region, ...]:
    """Return the regions with every height and radius changed by a function (r, z) -> (r, z) that keeps discs round."""

    def moved(outline: Outline) -> Outline:
        if isinstance(outline, Polygon):
            return Polygon(tuple(place(*corner) for corner in outline.corners))  # type: ignore[operator]
        centre, radius = place(0.0, outline.centre)[1], place(outline.radius, 0.0)[0]  # type: ignore[operator]
        cuts = sorted(place(0.0, z)[1] for z in (outline.below, outline.above))  # type: ignore[operator]
        return HalfDisc(centre, radius, *cuts)

    return tuple(replace(region, outline=moved(region.outline)) for region in regions)
