"""Bonded discs and posts up to nu = 0.4999 against tables on which two independent codes agree to 0.1 %."""

import pytest

from fem_wlp.verification.closed_forms import DISC_PULL as DISC
from fem_wlp.verification.closed_forms import POST_SHEAR as POST
from fem_wlp.verification.closed_forms import solid_pull as pull
from fem_wlp.verification.closed_forms import solid_shear as shear


@pytest.mark.parametrize(("slenderness", "nu"), DISC)
def test_a_bonded_disc_has_its_stiffness_up_to_incompressibility(slenderness: float, nu: float) -> None:
    """A quarter per cent on 81 hexahedra: 0.1 % of the table, the rest the singular rim."""
    assert pull(slenderness, nu) == pytest.approx(DISC[slenderness, nu], rel=2.5e-3)


@pytest.mark.parametrize(("slenderness", "nu"), POST)
def test_a_guided_post_has_its_stiffness(slenderness: float, nu: float) -> None:
    """As the discs."""
    assert shear(slenderness, nu) == pytest.approx(POST[slenderness, nu], rel=2.5e-3)


@pytest.mark.parametrize("nu", [0.49, 0.499, 0.4999])
def test_without_projection_the_disc_locks(nu: float) -> None:
    """The laws above bite: the plain element is off by more than 1 %, growing with nu, and its tetrahedron too."""
    plain = pull(0.25, nu, projected=False) / DISC[0.25, nu] - 1
    assert plain > 0.01
    assert plain > 20 * abs(pull(0.25, nu) / DISC[0.25, nu] - 1)
    assert pull(0.25, nu, projected=False, split_up=True) > 1.01 * DISC[0.25, nu]


def test_without_projection_the_post_is_too_stiff() -> None:
    assert shear(1.0, 0.49, projected=False) > 1.01 * POST[1.0, 0.49]


@pytest.mark.parametrize("nu", [0.49, 0.499, 0.4999])
def test_tetrahedra_of_mean_dilatation_are_too_soft_in_a_flat_disc_but_do_not_lock(nu: float) -> None:
    """From below at all nu, and no worse towards 1/2 than 1.5 times the error at 0.49; 3 % on 486 of them.

    A pressure constant in each element follows the disc's parabola at first order only.
    """
    errors = [1 - pull(0.25, value, split_up=True) / DISC[0.25, value] for value in (0.49, nu)]
    assert 0 < errors[1] < 0.04
    assert errors[1] < 1.5 * errors[0]


@pytest.mark.parametrize("nu", [0.30, 0.49, 0.499])
def test_tetrahedra_meet_a_disc_as_high_as_wide(nu: float) -> None:
    """Half per cent."""
    assert pull(1.0, nu, split_up=True) == pytest.approx(DISC[1.0, nu], rel=5e-3)


@pytest.mark.parametrize(("slenderness", "nu"), POST)
def test_tetrahedra_meet_the_guided_post(slenderness: float, nu: float) -> None:
    """Half per cent and the table's 0.1 %."""
    assert shear(slenderness, nu, split_up=True) == pytest.approx(POST[slenderness, nu], rel=6e-3)


def test_a_wrong_constant_is_seen() -> None:
    """Poisson's ratio 0.005 too low moves a flat disc by 4 %, 0.05 a post by 1 %."""
    assert pull(0.25, 0.485) < 0.96 * DISC[0.25, 0.49]
    assert shear(0.5, 0.44) < 0.99 * POST[0.5, 0.49]
