"""The page says everything, by itself, and in order."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from fem_wlp import analysis, beside
from fem_wlp.analysis import trust
from fem_wlp.array import model
from fem_wlp.beside import second_process
from fem_wlp.decoupling import doubts
from fem_wlp.elasticity import solve as linear
from fem_wlp.materials.model import stiffness
from fem_wlp.package import Package, loads, replace_all, template, template_names
from fem_wlp.report import certificates, figures, page
from fem_wlp.report.figures import all_pictures
from fem_wlp.report.pictures import Picture
from fem_wlp.results import Result, as_data

Make = Callable[[Package], Result]

VOID_ELEMENTS = {"meta", "img", "br", "link", "hr"}


class Outline(HTMLParser):
    """What a browser would see: elements in pairs, text, and whatever is loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.images: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what opens."""
        self.tags.append(tag)
        given = dict(attrs)
        self.addresses += [value for key, value in given.items() if key in ("src", "href", "action") and value]
        if tag == "img":
            self.images.append(given)
        if tag not in VOID_ELEMENTS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that it is what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All text on one line."""
        return " ".join(" ".join(self.words).split()).replace("\u00a0", " ")


def read(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    outline.close()
    assert outline.open == []
    return outline


PIXEL = Picture("", "nothing", (4.6, 3.0), b"", b"<svg/>")


def quick(result: Result) -> str:
    """The page with empty pictures: what it says doesn't depend on them."""
    names = ("section", "array", "limits", "shift_budget", "energy_budget", "critical_joint")
    names += ("map_decoupling", "map_shear_force", "curve_one")
    return page.render(result, [replace(PIXEL, name=name) for name in names])


@pytest.fixture(scope="module")
def pictures(compliant_result: Result) -> tuple[Picture, ...]:
    return all_pictures(compliant_result)


@pytest.mark.long
def test_a_second_process_draws_every_other_figure_alike(
    compliant_result: Result, pictures: tuple[Picture, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same order, to the last pixel."""
    monkeypatch.setattr(beside, "cores", lambda: 2)
    with second_process() as executor:
        shared = all_pictures(compliant_result, executor)
    assert [picture.name for picture in shared] == [picture.name for picture in pictures]
    assert all(one.png == other.png for one, other in zip(shared, pictures, strict=True))
    with second_process() as executor:
        assert executor is not None
        second = executor.submit(figures.pictures, compliant_result, 1, len(pictures)).result()  # there, or it fails
    assert [picture.name for picture in second] == [pictures[1].name]


@pytest.fixture(scope="module")
def html(compliant_result: Result, pictures: tuple[Picture, ...]) -> str:
    return page.render(compliant_result, pictures)


def test_the_page_needs_nothing_from_elsewhere(html: str) -> None:
    """No address but data, no script, no style from outside: it can be mailed and printed without a network."""
    outline = read(html)
    assert all(address.startswith("data:image/svg+xml;base64,") for address in outline.addresses)
    assert not {"script", "link", "iframe"} & set(outline.tags)
    assert not re.search(r"@import|url\(", html)


def test_every_figure_is_on_the_page_and_described(html: str, pictures: tuple[Picture, ...]) -> None:
    images = read(html).images
    assert len(images) == len(pictures)
    assert all(len(image["alt"] or "") > 20 for image in images)


def test_the_page_begins_with_the_figure_and_ends_with_where_it_comes_from(html: str) -> None:
    text = read(html).text
    order = [
        "0.874 ± 0.001",
        "decoupling figure D",
        "largely decoupled",
        "Which part decouples",
        "The array",
        "The package",
        "The critical joint",
        "What would change it",
        "All figures",
        "Every joint",
        "Certificates",
        "Materials",
        "Temperatures",
        "Assumptions",
        "What the figure does not say",
        "Provenance",
    ]
    places = [text.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)


def quick_resolved(result: Result) -> str:
    names = ("section", "array", "limits", "shift_budget", "energy_budget", "critical_joint", "deformed")
    names += ("deformed_stress", "map_decoupling", "map_shear_force", "curve_one")
    return page.render(result, [replace(PIXEL, name=name) for name in names])


def test_a_resolved_array_stands_beside_joint_cell_and_assembly(resolved_result: Result) -> None:
    """Both values in readable units, the difference with its sign and what it is relative to."""
    text = read(quick_resolved(resolved_result)).text
    assert "In three dimensions" in text
    assert "decoupling figure D [-] 0.874 0.881 +0.007 absolute" in text
    assert "free mismatch of the critical joint [µm] 7.1 7 −1.4 % of the resolved value" in text
    assert "force reduction [-] – – – absolute" in text
    assert "None" not in text


def test_the_page_says_what_the_mesh_is_and_how_it_was_solved(resolved_result: Result) -> None:
    text = " ".join(read(quick_resolved(resolved_result)).text.split())
    assert "a quarter; the other three are its mirror images" in text
    assert "hexahedra of 27 nodes, quadratic" in text
    assert "multigrid 71 and 68 iterations at the service temperatures" in text
    assert "21.5 s of which 20 s for the step “joined”" in text
    assert "plates that stretch and bend" not in text


def test_a_condensed_result_says_nothing_of_three_dimensions(compliant_result: Result) -> None:
    text = read(quick(compliant_result)).text
    assert "In three dimensions" not in text
    assert "plates that stretch and bend" in text


def test_certificates_of_a_resolved_array_are_held_against_what_was_asked_of_it(resolved_result: Result) -> None:
    """Its equations are solved by iteration: forces balance to 1e-6 where a direct solution balances to 1e-9."""
    rough = replace(resolved_result.certificates, equilibrium=2e-7, energy=2e-7)
    assert read(quick_resolved(replace(resolved_result, certificates=rough))).text.count("✓ holds") == 8
    bad = replace(rough, equilibrium=2e-6)
    assert read(quick_resolved(replace(resolved_result, certificates=bad))).text.count("✗ fails") == 1
    assert certificates.ASKED_RESOLVED["equilibrium"] == model.BALANCED
    assert certificates.ASKED_RESOLVED["residual"] >= model.TOLERANCE


def test_the_verdict_says_what_the_numbers_say(compliant_result: Result) -> None:
    text = read(quick(compliant_result)).text
    assert "gives way to 87.4 % of the mismatch between them and resists the other 12.6 %" in text
    assert "76 % less than in the reference package" in text
    assert "What gives way is the cylinder (84 %) and the ball (10 %)." in text


def test_a_figure_that_is_no_share_has_no_verdict(compliant_result: Result) -> None:
    """D beyond 0 and 1, and D that the mesh leaves open: printed, in results.json, and instead of the verdict."""
    error = replace(compliant_result.certificates.discretisation_error, figure=0.4)
    odd = replace(
        compliant_result,
        decoupling=replace(compliant_result.decoupling, figure=-1.83),
        certificates=replace(compliant_result.certificates, discretisation_error=error),
    )
    text = read(quick(odd)).text
    assert "D = -1.83 is no share of the mismatch" in text
    assert "The mesh settles D = -1.83 to ± 0.4 only." in text
    assert "decoupled: the joint farthest" not in text
    assert "above the aim" in text and "✗ fails" not in text
    assert [doubt.code for doubt in odd.doubts] == ["W108", "W109"]
    assert "warning[W108] decoupling.figure" in str(odd) and "warning[W109] decoupling.figure" in str(odd)
    assert as_data(odd)["notes"][-2:] == [doubt.message for doubt in odd.doubts]
    assert not compliant_result.doubts and "W10" not in str(compliant_result)


@pytest.mark.parametrize(
    ("figure", "error", "codes"),
    [
        (-0.009, 0.009, []),
        (1.009, 0.009, []),
        (-0.011, 0.009, ["W108"]),
        (1.011, 0.009, ["W108"]),
        (0.5, 0.011, ["W109"]),
        (0.5, float("nan"), ["W109"]),
        (float("nan"), 0.0, ["W108"]),
    ],
)
def test_figures_are_doubted_a_hundredth_beyond_their_range(figure: float, error: float, codes: list[str]) -> None:
    assert [doubt.code for doubt in doubts(figure, 1e-3, error)] == codes


def test_a_package_that_is_its_own_reference_has_dashes(conventional_result: Result) -> None:
    text = read(quick(conventional_result)).text
    assert "Force reduction –" in text
    assert "less than in the reference package" not in text
    assert "None" not in text


def test_text_from_outside_is_shown_and_not_obeyed(compliant_result: Result) -> None:
    hostile = replace(compliant_result, notes=('<script>alert("1")</script> & more',))
    outline = read(quick(hostile))
    assert "script" not in outline.tags
    assert '<script>alert("1")</script> & more' in outline.text


def test_a_certificate_that_does_not_hold_is_seen(compliant_result: Result) -> None:
    """A tick for each that holds; what is asked are the limits of the solver itself."""
    assert read(quick(compliant_result)).text.count("✓ holds") == 9
    bad = replace(compliant_result.certificates, equilibrium=1e-3)
    text = read(quick(replace(compliant_result, certificates=bad))).text
    assert text.count("✓ holds") == 8
    assert text.count("✗ fails") == 1
    assert certificates.ASKED["residual"] == linear.RESIDUAL_ASKED
    assert certificates.ASKED["backward_error"] == linear.RESIDUAL_ASKED
    assert certificates.ASKED["equilibrium"] == certificates.ASKED["energy"] == analysis.CERTIFIED
    assert certificates.ASKED["moments"] == analysis.CERTIFIED
    assert certificates.ASKED["section_forces"] == certificates.ASKED["section_moments"] == trust.SECTIONS_AGREE


@pytest.mark.parametrize(("side", "folded", "rows"), [(6, False, 36), (7, True, 49), (21, True, 40)])
def test_many_joints_are_folded_away_and_very_many_left_to_the_file(
    side: int, folded: bool, rows: int, make: Make
) -> None:
    sizes = dict.fromkeys(("chip.width", "board.width"), f"{0.55 * side} mm")
    p = replace_all(loads(template("conventional")), {**sizes, "array.rows": side, "array.columns": side})
    html = quick(make(p))
    assert ("details" in read(html).tags) is folded
    table = html[html.index("Every joint") : html.index("Certificates")]
    assert table.count("<tr><td>") == rows
    assert ("results.json" in table) is (side > 20)


@pytest.mark.parametrize("name", template_names())
def test_every_material_is_on_the_page_with_its_source_and_confidence(name: str, make: Make) -> None:
    p = loads(template(name))
    outline = read(quick(make(p)))
    for material in (p.chip.material, p.first_layer.material, p.ball.material, p.board.material):
        assert material.name in outline.text
        assert " ".join(material.source.split()) in outline.text
        assert material.confidence in outline.text


def test_the_page_says_which_parts_took_the_assembly_temperature(compliant_result: Result) -> None:
    text = read(quick(compliant_result)).text
    assert "first layer 350 °C given; on the chip" in text
    assert "land 217 °C not given: the assembly temperature was taken" in text


def test_the_through_modulus_is_that_of_a_pull_along_z() -> None:
    """The modulus that a compliance of the orthotropic board has on its diagonal."""
    board = loads(template("compliant")).board.material
    E_z = 1.0 / np.linalg.inv(stiffness(board, 300.0))[2, 2]
    assert page._modulus_through(board, 300.0) == pytest.approx(E_z, rel=1e-12)
