"""What git holds of the notebooks; `.ci/run` executes them."""

import json
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
NOTEBOOKS = sorted((CHECKOUT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_and_places_of_a_machine(notebook: Path) -> None:
    """Outputs would tell of another version, metadata of another environment; cells are numbered as they stand."""
    content = json.loads(notebook.read_text())
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    assert [cell["id"] for cell in content["cells"]] == [f"cell-{n:02d}" for n in range(len(content["cells"]))]
    for cell in content["cells"]:
        assert cell["metadata"] == {}
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert not re.search(r"(/root|/home|/tmp|/work|/Users|[A-Z]:\\)\b", "".join(cell["source"]))
        assert all(len(line.rstrip("\n")) <= 120 for line in cell["source"])


def test_every_notebook_is_listed_where_readers_look() -> None:
    """In the folder's table and the index of the pages; README and folder have the line that opens them."""
    names = [path.name for path in NOTEBOOKS]
    listed = (CHECKOUT / "notebooks" / "README.md").read_text()
    assert re.findall(r"^\| \[\w+\]\((\w+\.ipynb)\)", listed, re.MULTILINE) == names
    assert re.findall(r"notebooks/(\w+\.ipynb)", (CHECKOUT / "docs" / "index.md").read_text()) == names
    line = 'python -m pip install ".[notebooks]" && jupyter lab notebooks'
    assert line in listed
    assert line in (CHECKOUT / "README.md").read_text()
