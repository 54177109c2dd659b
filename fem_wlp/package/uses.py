"""Where a package uses which material, and at which temperature that was free of stress on which host."""

from __future__ import annotations

from fem_wlp.materials.model import Material
from fem_wlp.package.model import Package


def material_uses(package: Package) -> list[tuple[str, Material, float, Material]]:
    """Return every use of a material: key, material, its stress-free temperature [K], and its host's material.

    A part without stress-free temperature takes the assembly's. A fillet of the cylinder's material takes the
    cylinder's, any other fillet the ball's.
    """
    assembly = package.temperatures.assembly
    chip, board, ball = package.chip.material, package.board.material, package.ball
    uses = [("chip.material", chip, assembly, chip), ("board.material", board, assembly, board)]

    def add(where: str, material: Material | None, born: float | None, host: Material) -> None:
        if material is not None:
            uses.append((where, material, assembly if born is None else born, host))

    for name in ("first_layer", "interconnect", "second_layer", "cylinder"):
        part = getattr(package, name)
        if part is not None:
            add(f"{name}.material", part.material, part.stress_free, chip)
    add("ball.material", ball.material, ball.stress_free, chip)
    for number, coat in enumerate(ball.coats):
        add(f"ball.coats.{number}.material", coat.material, ball.stress_free, chip)
    fillet, cylinder = ball.cylinder_side.fillet, package.cylinder
    cured = cylinder.stress_free if cylinder is not None and cylinder.material == fillet else ball.stress_free
    add("ball.cylinder_side.fillet", fillet, cured, chip)
    add("ball.land_side.fillet", ball.land_side.fillet, ball.stress_free, chip)
    add("land.material", package.land.material, package.land.stress_free, board)
    return uses
