"""Text and numbers mean the same, and what means nothing is refused by name."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fem_wlp.errors import ConfigError
from fem_wlp.units import DIMENSIONS, Kind, parse, text


@pytest.mark.parametrize(
    ("written", "kind", "number"),
    [
        ("5 um", "length", 0.005),
        ("5µm", "length", 0.005),
        ("0.3 mm", "length", 0.3),
        ("1 mil", "length", 0.0254),
        (" 3  in ", "length", 76.2),
        ("+.5 mm", "length", 0.5),
        ("1.5e-3 m", "length", 1.5),
        ("43 GPa", "stress", 43e3),
        ("43GPa", "stress", 43e3),
        ("1 N/mm²", "stress", 1.0),
        ("1 N/mm2", "stress", 1.0),
        ("1 ksi", "stress", 6.894757293168),
        ("-58.5 MPa/K", "stress_slope", -58.5),
        ("-0.037 GPa/degC", "stress_slope", -37.0),
        ("17 ppm/K", "expansion", 17e-6),
        ("17 ppm/degC", "expansion", 17e-6),
        ("17 ppm/°C", "expansion", 17e-6),
        ("1e-6/K", "expansion", 1e-6),
        ("1e-6 1/K", "expansion", 1e-6),
        ("25 degC", "temperature", 298.15),
        ("25 °C", "temperature", 298.15),
        ("298 K", "temperature", 298.0),
        ("0 K", "temperature", 0.0),
        ("25 degC", "temperature_difference", 25.0),
        ("25 K", "temperature_difference", 25.0),
        ("180 deg", "angle", math.pi),
        ("2 mrad", "angle", 0.002),
        ("5 mN", "force", 0.005),
        ("-1 kN", "force", -1000.0),
        ("0.3 %", "fraction", 0.003),
        ("0.3", "fraction", 0.3),
        (0.3, "fraction", 0.3),
        ("130 nOhm*m", "resistivity", 130e-6),
        ("130 nΩ·m", "resistivity", 130e-6),
        ("13 uOhm cm", "resistivity", 130e-6),
        ("58 W/(m K)", "conductivity", 58.0),
        ("58 W/(m·K)", "conductivity", 58.0),
        ("58 W/m/K", "conductivity", 58.0),
        ("58 W/mK", "conductivity", 58.0),
    ],
)
def test_text_with_a_unit_is_the_number_by_definition_of_the_unit(written: object, kind: Kind, number: float) -> None:
    """SI prefixes, the inch of 25.4 mm, 0 degC = 273.15 K; one rounding of the decimal result is all that is lost."""
    assert parse(written, kind) == pytest.approx(number, rel=1e-15, abs=0.0)


def test_micrometres_and_millimetres_are_one_number_to_the_last_bit() -> None:
    """Decimal arithmetic: a change of units changes nothing, not even the last bit."""
    for tenths in range(1, 2000):
        assert parse(f"{tenths / 10} um", "length") == parse(f"{tenths / 10}e-3 mm", "length")


@pytest.mark.parametrize(
    ("code", "written", "kind", "told"),
    [
        ("U101", "", "length", "5 um"),
        ("U101", "   ", "stress", "43 GPa"),
        ("U102", "3", "length", "um"),
        ("U102", 0.3, "stress", "GPa"),
        ("U103", "thick", "length", "5 um"),
        ("U103", "2*3 um", "length", "nothing is evaluated"),
        ("U103", "6/2 um", "length", "nothing is evaluated"),
        ("U103", "1.2.3 mm", "length", "5 um"),
        ("U103", "__import__('os')", "length", "nothing is evaluated"),
        ("U103", "x" * 2**20, "length", "characters"),
        ("U104", "nan mm", "length", "no number"),
        ("U104", float("nan"), "fraction", "no number"),
        ("U104", "-inf", "fraction", "no number"),
        ("U104", "1e400 mm", "length", "too large"),
        ("U104", "9" * 70 + "e300 mm", "length", "too large"),
        ("U105", "43 Gpa", "stress", "did you mean GPa?"),
        ("U105", "25 C", "temperature", "did you mean degC?"),
        ("U105", "5 furlong", "length", "known here"),
        ("U106", "22 ppm/K", "stress", "22 ppm/K is not a stress"),
        ("U106", "5 um", "temperature", "it is a length"),
        ("U106", "0.3 mm", "fraction", "it is a length"),
        ("U107", "0,3 mm", "length", "0.3 mm"),
        ("U108", "-300 degC", "temperature", "26.85 K below absolute zero"),
        ("U108", "-1 K", "temperature", "1 K below"),
        ("F110", True, "length", "true or false"),
        ("F110", [1], "length", "a list"),
        ("F110", {"a": 1}, "length", "a table"),
    ],
)
def test_what_is_no_quantity_is_refused_with_its_code_and_a_cure(
    code: str, written: object, kind: Kind, told: str
) -> None:
    """Every way to write a quantity wrongly has its own code, and the message helps."""
    with pytest.raises(ConfigError) as caught:
        parse(written, kind)
    assert caught.value.code == code
    assert told in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_a_temperature_and_a_temperature_difference_are_two_kinds() -> None:
    """25 degC is 298.15 K as a temperature and 25 K as a difference; 17 ppm/degC is 17 ppm/K, not 0.06."""
    assert parse("25 degC", "temperature") - parse("25 degC", "temperature_difference") == pytest.approx(273.15)
    assert parse("17 ppm/degC", "expansion") == parse("17 ppm/K", "expansion")


@given(st.sampled_from(sorted(DIMENSIONS)), st.floats(1e-12, 1e12))
def test_text_reads_back_as_the_same_number(kind: Kind, number: float) -> None:
    """`parse` undoes `text`; two roundings of 2^-53 each, more for 0 degC, which lies 273.15 away."""
    near = max(abs(number), 273.15) if kind == "temperature" else abs(number)
    assert parse(text(number, kind), kind) == pytest.approx(number, rel=0, abs=4e-16 * near)


@pytest.mark.parametrize(
    ("number", "kind", "written"),
    [
        (0.005, "length", "5 um"),
        (1.5, "length", "1.5 mm"),
        (0.00005, "length", "50 nm"),
        (0.0, "length", "0 mm"),
        (43e3, "stress", "43 GPa"),
        (0.5, "stress", "500 kPa"),
        (17e-6, "expansion", "17 ppm/K"),
        (298.15, "temperature", "25 degC"),
        (130e-6, "resistivity", "130 nOhm*m"),
        (0.36, "fraction", "0.36"),
    ],
)
def test_numbers_are_written_with_the_unit_that_an_engineer_takes(number: float, kind: Kind, written: str) -> None:
    """At least one of the unit, and no more digits than the number has."""
    assert text(number, kind) == written


def test_rounding_for_messages_hides_the_noise_of_floating_point() -> None:
    """0.6 - 0.5 is 0.09999999999999998 in binary, and 100 um to a reader."""
    assert text(0.6 - 0.5, "length", 6) == "100 um"
