"""The folder of a convergence, of power laws whose limits and orders are known; and the verb that writes it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from fem_wlp.analysis import levels
from fem_wlp.analysis.convergence import FIGURE, FORCE, Convergence, Family, as_data, compared, quantity_of
from fem_wlp.analysis.corners import Corner
from fem_wlp.cli import main
from fem_wlp.package import Package, load, loads, template
from fem_wlp.report import convergence_page
from fem_wlp.report.convergence_page import DRAWN, in_words, plot_convergence, write_convergence

ORDERS = {"joint cell": 2.0, "plates": 4.0}
SLOPES = {"joint cell": -0.01, "plates": 0.03}
LIMITS = {FIGURE: 0.9, "decoupling.coupling": 0.1, FORCE: 2.0, "decoupling.energy_budget.land": 0.3}
SIZES = (1.0, 1 / 2, 1 / 3)


ENTRIES = ("converge.json", "run.json", "package.toml", "converge.png", "converge.svg", "converge.html")


def power_laws(package: Package, stated: float = 0.02) -> Convergence:
    """Every quantity is its limit times 1 - 0.01 h^2 + 0.03 h^4, of cell and plates; one swings."""

    def value(limit: float, cell: float, plates: float) -> float:
        shares = (SLOPES[name] * size ** ORDERS[name] for name, size in (("joint cell", cell), ("plates", plates)))
        return limit * (1.0 + sum(shares))

    quantities = [
        quantity_of(
            key,
            dict.fromkeys(ORDERS, SIZES),
            tuple(value(limit, size, size) for size in SIZES),
            {
                "joint cell": tuple(value(limit, size, SIZES[-1]) for size in SIZES),
                "plates": tuple(value(limit, SIZES[-1], size) for size in SIZES),
            },
            limit,
        )
        for key, limit in LIMITS.items()
    ]
    swing = (1.0, 1.1, 1.05)
    quantities.append(
        quantity_of("warpage.chip", dict.fromkeys(ORDERS, SIZES), swing, dict.fromkeys(ORDERS, swing), 1.1)
    )
    limits = {quantity.key: quantity.limit for quantity in quantities}
    return Convergence(
        package,
        (1, 2, 3),
        tuple(Family(name, f"The {name} is refined.", (10, 40, 90), (1, 2, 3)) for name in ORDERS),
        tuple(quantities),
        (
            compared(FIGURE, value(0.9, 1.0, 1.0), stated, limits[FIGURE], relative=False),
            compared(FORCE, value(2.0, 1.0, 1.0), 0.02, limits[FORCE], relative=True),
        ),
        (Corner(("land", "board"), "interface at a surface", 0.12, 0.0, (90.0, 180.0), False, (0.57 + 0.1j,)),),
        {"solve": 1.5},
        {"program": "fem-wlp", "versions": {}, "python": "3", "date": "2026-01-01"},
    )


@pytest.fixture(scope="module")
def found() -> Convergence:
    return power_laws(loads(template("compliant")))


class Balance(HTMLParser):
    """Whether every element that is opened is closed, in order."""

    VOID = ("meta", "img", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Open an element."""
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the one opened last."""
        assert self.open.pop() == tag


def test_what_both_families_leave_adds_up(found: Convergence) -> None:
    """Though their orders differ and their signs too: the limits are those that the laws were made of."""
    for key, limit in LIMITS.items():
        quantity = found.quantity(key)
        assert quantity.limit.value == pytest.approx(limit, rel=1e-9)
        assert {name: one.order for name, one in quantity.limits.items()} == pytest.approx(ORDERS, rel=1e-6)
        assert quantity.default_error == pytest.approx(0.02, rel=1e-6)
    assert found.stated[0].found == pytest.approx(0.9 * 0.02, rel=1e-6)
    assert [quantity.key for quantity in found.open] == ["warpage.chip"]


def test_the_folder_is_whole(found: Convergence, tmp_path: Path) -> None:
    page = write_convergence(found, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(ENTRIES)
    assert json.loads((tmp_path / "out" / "converge.json").read_text("utf-8")) == json.loads(json.dumps(as_data(found)))
    assert (tmp_path / "out" / "converge.png").read_bytes().startswith(b"\x89PNG")
    assert load(tmp_path / "out" / "package.toml").second_layer == found.package.second_layer
    text, balance = page.read_text("utf-8"), Balance()
    balance.feed(text)
    assert balance.open == [] and text.rstrip().endswith("</html>")
    assert "http" not in text.replace("http://www.w3.org", "")


def test_the_reference_package_stands_beside_the_package(found: Convergence, tmp_path: Path) -> None:
    named = replace(found, package=found.package.model_copy(update={"reference": loads(template("conventional"))}))
    write_convergence(named, tmp_path)
    assert load(tmp_path / "package.toml") == named.package


def test_the_page_says_what_was_found(found: Convergence, tmp_path: Path) -> None:
    text = write_convergence(found, tmp_path).read_text("utf-8")
    assert found.verdict in text and "confirmed" in text
    for quantity in found.quantities:
        assert f"<th>{in_words(quantity.key)}" in text
    assert "0.570 ± 0.100i" in text and "land / board: interface at a surface" in text
    assert "Not asymptotic" in text and "swing about their limit" in text


def test_a_page_that_cannot_be_made_leaves_what_was_there(
    found: Convergence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_convergence(found, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    other = power_laws(found.package, stated=0.5)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", _full)
        with pytest.raises(Exception, match="R305"):
            write_convergence(other, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def _full(path: Path, content: bytes) -> int:
    if path.name == "converge.html":
        raise OSError(28, "No space left on device")
    with path.open("wb") as file:
        return file.write(content)


@pytest.mark.parametrize("family", sorted(ORDERS))
def test_lines_of_the_figure_have_the_slopes_of_the_orders(found: Convergence, family: str) -> None:
    """Straight on logarithmic axes: the law's order between all levels."""
    ax = plot_convergence(found, Figure().subplots(), family)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    drawn = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    assert len(drawn) == len(set(DRAWN) & set(LIMITS)) == 2
    for line in drawn:
        x, y = np.log(np.asarray(line.get_xdata())), np.log(np.asarray(line.get_ydata()))
        assert np.diff(y) / np.diff(x) == pytest.approx(ORDERS[family], rel=1e-4)
        assert str(line.get_label()).endswith(f"order {ORDERS[family]:.1f}")


def test_every_quantity_has_words(found: Convergence) -> None:
    assert in_words("parts.ball_stress.core") == "mean stress, ball core"
    with pytest.raises(KeyError):
        in_words("nothing.of.the.kind")
    assert convergence_page.render_convergence(found, convergence_page.convergence_picture(found))


# The verb


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package file, in which answers are power laws."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(levels, "converge", lambda package, count, progress: power_laws(package))
    assert main(["new", "device"]) == 0
    return tmp_path


def test_the_verb_prints_and_writes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["converge", "device.toml"]) == 0
    printed, told = capsys.readouterr()
    assert printed.startswith("device: D = 0.91800 ± 0.02 as solved; converged it is 0.90000")
    assert printed.rstrip().endswith("converge.html") and "Foretold: " in told
    assert {path.name for path in (folder / "device-convergence").iterdir()} == set(ENTRIES)


def test_json_is_all_that_standard_output_gets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["converge", "device.toml", "--json", "--quiet"]) == 0
    printed, told = capsys.readouterr()
    assert json.loads(printed)["package"] == "device" and not told
    assert [path.name for path in folder.iterdir()] == ["device.toml"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--levels", "two"], "C202"),
        (["--levels", "2"], "C210"),
        (["--levels", "99"], "C210"),
        (["--model", "3d", "--fineness", "2"], "C210"),
        (["--out", "device.toml"], "R302"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_computed(
    arguments: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "device"]) == 0
    monkeypatch.setattr(levels, "_condensed", partial(pytest.fail, "it was computed"))
    assert main(["converge", "device.toml", *arguments]) in (2, 3)
    assert f"error[{code}]" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["device.toml"]
