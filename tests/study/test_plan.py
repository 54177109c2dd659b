"""Which points a study has."""

import numpy as np
import pytest

from fem_wlp.study import study_of

from .packages import compliant

RANGES = {"second_layer.thickness": "20 um..150 um", "materials.adhesive.E": "1 MPa..10 GPa:log"}


def test_a_grid_has_every_combination_once_the_last_parameter_fastest() -> None:
    plan = study_of(compliant(), {"second_layer.thickness": "50, 60 um", "array.pitch": "0.5, 0.6, 0.7 mm"}).plan
    assert plan.shape == (2, 3)
    assert plan.rows[:4] == (("50 um", "0.5 mm"), ("50 um", "0.6 mm"), ("50 um", "0.7 mm"), ("60 um", "0.5 mm"))
    assert len(set(plan.rows)) == 6


@pytest.mark.parametrize("sample", ["lhs:64", "sobol:64"])
def test_a_sample_stands_once_in_each_of_as_many_intervals(sample: str) -> None:
    """Both kinds are stratified in each parameter: by its length, or by its logarithm."""
    plan = study_of(compliant(), RANGES, sample=sample, seed=3).plan
    thickness, modulus = plan.numbers().T
    shares = ((thickness - 20.0) / 130.0, np.log10(modulus) / 4.0)
    for share in shares:
        assert sorted(np.floor(64 * share).astype(int)) == list(range(64))


@pytest.mark.parametrize("sample", ["lhs:16", "sobol:16"])
def test_the_same_seed_gives_the_same_points_and_another_one_others(sample: str) -> None:
    first, again, other = (study_of(compliant(), RANGES, sample=sample, seed=seed).plan.rows for seed in (1, 1, 2))
    assert first == again
    assert set(first).isdisjoint(other)


def test_a_sample_takes_lists_and_whole_numbers_evenly() -> None:
    """Words by their share, and every row count from first to last."""
    vary = {"cylinder.material": "adhesive, copper", "array.rows": "2..8"}
    plan = study_of(compliant(), vary, sample="lhs:60").plan
    words, rows = zip(*plan.rows, strict=True)
    assert words.count("copper") == 30
    assert set(rows) == {"2", "3", "4", "5", "6", "7", "8"}


def test_points_that_are_alike_have_one_first() -> None:
    plan = study_of(compliant(), {"array.pitch": "0.5 mm, 0.6 mm, 0.5 mm"}).plan
    assert plan.first_alike() == [0, 1, 0]
