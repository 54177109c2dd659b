"""The folder of a tolerance: whole, readable, and with a figure that has what it says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from fem_wlp.package import loads, template
from fem_wlp.report.tolerance_figure import plot_influences, plot_scatter, write_tolerance
from fem_wlp.study.tolerance import Influence, Tolerance, scatter_of


@pytest.fixture(scope="module")
def found() -> Tolerance:
    package = loads(template("compliant"))
    scatter = tuple(scatter_of(package, name, "5 %") for name in ("second_layer.thickness", "materials.adhesive.E"))
    rng = np.random.default_rng(0)
    influences = tuple(
        Influence(one.range.name, share, share + 0.01, (share - 0.02, share + 0.02), (share, share + 0.03))
        for one, share in zip(scatter, (0.7, 0.2), strict=True)
    )
    return Tolerance(
        package, 0.9, scatter, rng.normal(1.0, 0.05, (512, 2)), rng.normal(0.91, 0.01, 512), 0.84, (0.8, 0.87),
        influences, 1e-4, 0, "reduced",
    )  # fmt: skip


def test_the_folder_is_whole(found: Tolerance, tmp_path: Path) -> None:
    picture = write_tolerance(found, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "tolerance.json",
        "tolerance.csv",
        "tolerance.png",
        "tolerance.svg",
        "package.toml",
        "run.json",
    }
    data = json.loads((tmp_path / "out" / "tolerance.json").read_text("utf-8"))
    assert data["probability"] == 0.84
    assert [one["parameter"] for one in data["influences"]] == ["second_layer.thickness", "materials.adhesive.E"]
    assert len((tmp_path / "out" / "tolerance.csv").read_text("utf-8").splitlines()) == 513
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_bars_on_either_side_of_the_target_add_up_to_their_shares(found: Tolerance) -> None:
    ax = plot_scatter(found, Figure().subplots())
    reached = sum(bar.get_height() for bar in ax.patches if bar.get_x() >= found.target - 1e-12)
    assert reached == pytest.approx(100.0 * (found.figure >= found.target).mean())
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(100.0)


def test_the_strongest_influence_stands_on_top_in_words(found: Tolerance) -> None:
    ax = plot_influences(found, Figure().subplots())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["modulus of adhesive", "second layer thickness"]
