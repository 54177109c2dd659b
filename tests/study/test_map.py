"""Maps of a package that is known in closed form."""

import csv
import io

import numpy as np
import pytest

from fem_wlp.errors import ConfigError
from fem_wlp.package import loads, template
from fem_wlp.study.map import Map, map_of

from .springs import MODULUS, THICKNESS, compliant, figure_of, quick, resistance_of, strain_of

LIMITS = {"interconnect_strain": "0.2 %", "electrical_resistance": "40 mOhm"}


def mapped(**asked) -> Map:
    return map_of(compliant(), model_for=quick(), **{"limits": LIMITS, "points": 12, **asked})


def test_a_map_has_the_closed_form_at_every_point() -> None:
    """Rows are those of the parameter upwards, columns of the one across; quantities likewise."""
    found = mapped()
    assert [axis.name for axis in found.ranges] == [THICKNESS, MODULUS]
    t, modulus = np.meshgrid(found.x, found.y)
    np.testing.assert_allclose(found.figure, figure_of(t, modulus), rtol=1e-12)
    np.testing.assert_allclose(found.quantities["interconnect_strain"], strain_of(t), rtol=1e-12)
    assert found.x[[0, -1]] == pytest.approx([0.032, 0.25]) and found.y[[0, -1]] == pytest.approx([1.0, 5e4])
    assert found.present == pytest.approx((0.075, 200.0))


def test_margins_are_positive_where_a_limit_is_kept() -> None:
    """Strain up to 150 um, resistance up to 112.5 um."""
    found = mapped()
    for limit, most in zip(found.limits, (0.15, 0.1125), strict=True):
        assert ((found.margin(limit) >= 0.0) == (found.x[None] <= most)).all()


def test_the_table_has_every_point_in_the_units_of_its_header() -> None:
    found = mapped(x="second_layer.thickness=50..100 um", y="materials.adhesive.E=0.1..1 GPa")
    head, *rows = csv.reader(io.StringIO(found.csv()))
    assert head[:2] == ["second_layer.thickness [um]", "materials.adhesive.E [GPa]"] and len(rows) == 144
    for row in rows[::17]:
        t, modulus = 1e-3 * float(row[0]), 1e3 * float(row[1])
        assert float(row[2]) == pytest.approx(float(figure_of(t, modulus)))
        assert float(row[6]) == pytest.approx(float(resistance_of(t)))
        assert row[4] == "estimated"


def test_the_ratio_of_the_layers_is_drawn_where_it_is_broken_or_asked_for() -> None:
    assert not mapped(limits={}).limits
    assert [limit.name for limit in mapped(limits={}, x="second_layer.thickness=20..60 um").limits] == ["layer_ratio"]
    assert [limit.value for limit in mapped(limits={"layer_ratio": "5"}).limits] == [5.0]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"x": "array.pitch"}, "D102"),
        ({"x": "materials.adhesive.E"}, "P107"),
        ({"x": "array.rows=2..8:3"}, "D103"),
        ({"points": 1}, "D103"),
        ({"limits": {"height": "1 mm"}}, "D104"),
        ({"x": "second_layer.thicknes=1..2 um"}, "P102"),
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused(asked, code: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        mapped(**asked)
    assert refusal.value.code == code


def test_a_package_without_cylinder_has_no_default_axes() -> None:
    with pytest.raises(ConfigError):
        map_of(loads(template("conventional")), model_for=quick())
