"""The joint cell against beams: slender posts, posts of two materials, tapered ones, and where beams fail."""

import itertools

import numpy as np
import pytest

from fem_wlp import limits
from fem_wlp.joint.cell import CellLoad, JointCell, Region, solve_cell
from fem_wlp.materials.model import isotropic, stiffness
from fem_wlp.mesh.outline import Polygon, rectangle
from fem_wlp.mesh.section import Grading

E, NU, DIAMETER = 1000.0, 0.3, 0.2
ELASTIC = isotropic("elastic", E, NU, 0.0)


def lateral_stiffness(slenderness: float) -> float:
    region = Region("post", rectangle((0.0, DIAMETER / 2), (0.0, slenderness * DIAMETER)), ELASTIC)
    cell = JointCell((region,), grading=Grading(slender=1.0))  # elements as long as wide follow a beam's cubic bending
    return solve_cell(cell, CellLoad(lateral=1.0)).reaction().lateral


def excess(slenderness: float, wrong: float = 1.0) -> float:
    """By how much a bonded post is stiffer than its beam."""
    beam = limits.guided_post_stiffness(wrong * E, NU, DIAMETER, slenderness * DIAMETER)
    return lateral_stiffness(slenderness) / beam - 1


def test_posts_approach_timoshenko_and_cowper_as_they_grow_slender() -> None:
    """Bonded ends stiffen a length of fixed size, so the excess falls like d/h: 1.8 to 2 times a doubling."""
    found = [excess(slenderness) for slenderness in (5.0, 10.0, 20.0, 40.0)]
    assert found[0] < 0.025
    assert all(1.8 < earlier / later < 2.0 for earlier, later in itertools.pairwise(found))
    assert found[-1] < 3.5e-3


@pytest.mark.parametrize(("slenderness", "low", "high"), [(0.5, 0.03, 0.05), (1.0, 0.03, 0.045)])
def test_short_posts_exceed_their_beam_by_the_stated_band(slenderness: float, low: float, high: float) -> None:
    """4 % at nu = 0.3: 0.829/0.7959 and 0.632/0.6094."""
    assert low < excess(slenderness) < high


def test_the_beam_limit_bites() -> None:
    """A modulus 2 % too high leaves the beam stiffer than the bonded post, which cannot be."""
    assert excess(20.0, wrong=1.02) < 0


def test_a_slender_post_bends_with_the_moments_of_a_beam() -> None:
    """Clamped and guided: both end moments are F h / 2, exactly by symmetry, to 1e-3 by the mesh."""
    region = Region("post", rectangle((0.0, DIAMETER / 2), (0.0, 2.0)), ELASTIC)
    shifted = solve_cell(JointCell((region,)), CellLoad(lateral=1.0))
    half = shifted.reaction().lateral * 2.0 / 2
    assert shifted.reaction("top").moment == pytest.approx(-half, rel=1e-3)
    assert shifted.reaction("bottom").moment == pytest.approx(-half, rel=1e-3)


def test_two_posts_end_to_end_are_a_beam_of_two_sections() -> None:
    """Slender parts of 1000 and 300 MPa: 1/k = int (z - z0)^2/(E I) + int 1/(kappa G A), within 2 % (bonded ends)."""
    soft = isotropic("soft", 300.0, 0.4, 0.0)
    stack = (
        Region("lower", rectangle((0.0, 0.1), (0.0, 1.0)), ELASTIC),
        Region("upper", rectangle((0.0, 0.1), (1.0, 1.8)), soft),
    )
    lower = limits.beam_sections(limits.cylinder_profile(1.0, 0.1, 0.1), [E], [NU])
    upper = limits.beam_sections(limits.cylinder_profile(0.8, 0.1, 0.1), [300.0], [0.4])
    beam = limits.guided_beam(limits.stack_sections([lower, upper]))
    shifted = solve_cell(JointCell(stack), CellLoad(lateral=1.0)).reaction()
    assert shifted.lateral == pytest.approx(beam.lateral, rel=0.02)
    # the moment vanishes at the beam's inflection: M_bottom = -F z0
    bottom = solve_cell(JointCell(stack), CellLoad(lateral=1.0)).reaction("bottom")
    assert bottom.moment / bottom.lateral == pytest.approx(beam.inflection, rel=0.01)


def test_a_slender_cone_is_a_beam_of_varying_section() -> None:
    """Radius 0.08 to 0.12 over 2: lateral and axial within 1 % (bonded ends, plane sections)."""
    cone = Polygon(((0.0, 0.0), (0.08, 0.0), (0.12, 2.0), (0.0, 2.0)))
    force = solve_cell(JointCell((Region("cone", cone, ELASTIC),)), CellLoad(axial=1.0, lateral=1.0)).reaction()
    sections = limits.beam_sections(limits.cylinder_profile(2.0, 0.08, 0.12), [E], [NU])
    assert force.lateral == pytest.approx(limits.guided_beam(sections).lateral, rel=0.015)
    assert force.axial == pytest.approx(limits.axial_stiffness(sections), rel=0.01)


def test_rocking_and_shift_of_a_slender_post_are_slope_deflection() -> None:
    """Beam matrix with shear, Phi = 12 E I/(kappa G A h^2): M = (4 + Phi)/(1 + Phi) E I/h phi, within 1.5 %."""
    h, inertia, area = 2.0, np.pi * DIAMETER**4 / 64, np.pi * DIAMETER**2 / 4
    shear = limits.cowper_coefficient(NU) * limits.shear_modulus(E, NU) * area
    phi = 12 * E * inertia / (shear * h**2)
    region = Region("post", rectangle((0.0, DIAMETER / 2), (0.0, h)), ELASTIC)
    turned = solve_cell(JointCell((region,)), CellLoad(rocking=1.0)).reaction()
    assert turned.moment == pytest.approx((4 + phi) / (1 + phi) * E * inertia / h, rel=0.015)
    assert turned.lateral == pytest.approx(-6 / (1 + phi) * E * inertia / h**2, rel=0.015)


def test_a_pad_on_a_deep_body_gives_like_a_half_space() -> None:
    """Rigid bonded pad of radius a on a body 25 a wide and deep, against the give of a half space: within 5 %.

    The body's own column adds up to 6 % of give, the bond under the pad takes a few percent away.
    """
    a = 0.1
    body = Region("body", rectangle((0.0, 25 * a), (-25 * a, 0.0)), ELASTIC)
    stub = Region("stub", rectangle((0.0, a), (0.0, 0.02 * a)), isotropic("rigid", 1e9, 0.3, 0.0))
    lateral, axial, _ = limits.circular_pad_give(stiffness(ELASTIC, 300.0), a)
    force = solve_cell(JointCell((body, stub)), CellLoad(axial=1.0, lateral=1.0)).reaction()
    assert force.axial * axial == pytest.approx(1.02, abs=0.05)
    assert force.lateral * lateral == pytest.approx(1.0, abs=0.05)
