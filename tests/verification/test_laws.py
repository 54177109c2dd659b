"""Every law of the dossier holds, and its broken control does not."""

import pytest

from fem_wlp.verification.dossier import LAWS, examine

PARTS = [pytest.param(name, marks=() if law.quick else pytest.mark.long) for name, law in LAWS.items()]


@pytest.mark.parametrize("name", PARTS)
def test_a_law_holds_and_its_broken_control_does_not(name: str) -> None:
    """Each tolerance has its reason in the law; nothing but what is computed may differ between law and control."""
    law = LAWS[name]
    if law.missing():
        pytest.skip(law.missing())
    found = examine(law)
    assert found.fault == ""
    assert [each for each in found.quantities if not each.passed] == []
    assert found.caught
    if not found.refusal:
        asked, broken = (
            [(each.name, each.unit, each.expected, each.tolerance) for each in side]
            for side in (found.quantities, found.control)
        )
        assert asked == broken


def test_every_law_says_what_it_is() -> None:
    """Names are short words for the command line, and nothing that a reader needs is left out."""
    for law in LAWS.values():
        assert law.name == law.name.lower().replace(" ", "-")
        assert all((law.title, law.statement, law.source, law.control))
        assert not law.title.endswith(".") and not law.control.endswith(".")


def test_the_quick_set_touches_every_family() -> None:
    """A minute's check leaves no part of the program out."""
    from fem_wlp.verification.dossier import FAMILIES

    assert all(any(law.quick for law in laws) for laws in FAMILIES.values())
