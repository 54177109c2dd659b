"""Places of keys, against the standard library's reader."""

import tomllib
from contextlib import suppress
from time import process_time
from typing import Any

import pytest

from fem_wlp.errors import ConfigError
from fem_wlp.package.outline import Path, places, require_shallow
from fem_wlp.package.templates import process_template_names, template, template_names

HARD = r'''
# a comment with [brackets] and "quotes
plain = 1
a.b."c d" = "text with ] and # and \" in it"
"quoted key" = 'literal \ text'
number = 1.5e-3 # 2.5
date = 1979-05-27 07:32:00
many = """
[not a table]
key = "no key" \""" """
raw = """""" # empty
lit = QQQ 'a' [x] QQQ
list = [ 1, [2, 3], # inner
  "x,]y", { p = 1, q.r = [4, 5] },
]
inline = { x = 1, y = { z = "}" } }

[table]
  indented = true
[table.sub . "deep er"]
k = 0
[[rows]]
v = 1
[[rows]]
v = 2
  [rows.inner]
  w = 3
  [[rows.cells]]
  c = 1
  [[rows.cells]]
  c = 2
'''.replace("QQQ", "'''")


def paths(tree: Any, path: Path = ()) -> list[Path]:
    """Return all paths of a tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [inner for key, value in items for inner in ((*path, key), *paths(value, (*path, key)))]


@pytest.mark.parametrize(
    "text", [HARD, HARD.replace("\n", "\r\n"), *map(template, (*template_names(), *process_template_names()))]
)
def test_every_key_of_the_tree_has_the_place_where_it_is_written(text: str) -> None:
    """Reader and walk over the tokens know the same paths, and at each place the key or its value begins."""
    found = places(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    lines = text.split("\n")
    for path, (line, column) in found.items():
        rest = lines[line - 1][column - 1 :]
        if isinstance(path[-1], str) and not rest.startswith("["):
            names = [str(key) for key in path if isinstance(key, str)]
            assert any(rest.startswith((name, f'"{name}"')) for name in names)
        assert column == 1 or not lines[line - 1][column - 2].isalnum()


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 51, "a = " + "{b = " * 51, ".".join("a" * 52) + " = 1", "[" + ".".join("a" * 52) + "]"]
)
def test_deep_nesting_is_refused_before_anything_recursive_reads_it(text: str) -> None:
    """51 levels of lists, tables or dotted keys."""
    with pytest.raises(ConfigError) as caught:
        require_shallow("x = 1\n" + text)
    assert caught.value.code == "F107"
    assert caught.value.where.startswith("2:")


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 2**20, "a" * 2**20, "." * 2**20, '"' * 2**20, '\\"""' * 2**18, "a." * 2**19, "'''" * 2**18 + "''"],
)
def test_a_mebibyte_of_nonsense_takes_linear_time(text: str) -> None:
    """No pattern looks back: each text passes or is refused in well under the two seconds of a refusal."""
    start = process_time()
    with suppress(ConfigError):
        require_shallow(text)
    assert process_time() - start < 2.0


@pytest.mark.parametrize("text", ["a = " + "[" * 50 + "]" * 50, "a = " + "{b = " * 49 + "{}" + "}" * 49])
def test_fifty_levels_are_admitted_and_read(text: str) -> None:
    """The limit itself is within; one level more is not."""
    require_shallow(text)
    assert set(places(text)) == set(paths(tomllib.loads(text)))
    with pytest.raises(ConfigError):
        require_shallow(text.replace("a = ", "a = [") + "]")
