"""What can be recorded is what results.json has, in the units that its page says."""

import re
from pathlib import Path

from fem_wlp.study.recorded import DEFAULT, UNITS, unit_of

PAGE = Path(__file__).parents[2] / "docs" / "results.md"


ROOTS = {"decoupling", "joint", "joints", "warpage", "interconnect", "parts", "certificates"}
PAIRS = re.compile(r"joints\.#\.(free|shift|pad_to_pad|shear_force|moment)")


def test_every_number_of_the_results_page_can_be_recorded_in_its_unit() -> None:
    """Lists are counted; an empty cell has the unit of the one above; places in the ball map are no results."""
    section = PAGE.read_text("utf-8").split("## results.json")[1].split("\n## ")[0]
    documented, unit = {}, ""
    for key, written in re.findall(r"^\| `([\w.*\[\]]+)` \| ([^|]*)\|", section, re.MULTILINE):
        unit = {"-": "1", "mΩ": "mOhm"}.get(written.strip(), written.strip() or unit)
        pattern = key.replace("[]", ".#")
        if key.split(".")[0].removesuffix("[]") in ROOTS and not key.endswith((".row", ".column")):
            documented[f"{pattern}.#" if PAIRS.fullmatch(pattern) else pattern] = unit
    assert documented == UNITS


def test_the_default_ones_are_among_them() -> None:
    assert all(unit_of(key) for key in DEFAULT)
