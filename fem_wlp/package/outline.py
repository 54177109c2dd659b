r"""Where each key of a TOML text stands: line and column, for messages that point at it.

The standard library's reader gives values without places. This one gives places without values, in one pass over the
tokens; it trusts that the text is valid and no deeper than `DEEPEST`.

>>> places('[ball]\ndiameter = "0.3 mm"\ncoats = [{ thickness = "5 um" }]')[("ball", "coats", 0, "thickness")]
(3, 12)
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from fem_wlp.errors import ConfigError

Path = tuple[str | int, ...]
Place = tuple[int, int]

DEEPEST = 50
"""Deepest nesting of tables and lists, and most parts of a dotted key [-]."""

MOST_WORDS = 50_000
"""Most words, numbers, texts and marks of a file [-]."""

# Plain repetition of single characters: in Python before 3.11.5 possessive ones lose their way among alternatives.
_TOKENS = re.compile(
    r'(?P<string>"""(?:[^"\\]|\\.|"(?!""))*(?:"{3,5}|\Z)'
    r"|'''(?:[^']|'(?!''))*(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\.)*"?'
    r"|'[^'\n]*'?)"
    r"|(?P<skip>[ \t\r]+|\#[^\n]*)"
    r"|(?P<word>[^\s\[\]{}=,.\"'#]+)"
    r"|(?P<mark>.)",
    re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKENS.finditer(text):
        if match.lastgroup and match.lastgroup != "skip":
            yield _Token(match.lastgroup, match.group(), match.start())


def require_shallow(text: str) -> None:
    """Refuse a text that nests too deep or is too long, before anything recursive reads it.

    Raises
    ------
    ConfigError
        F107, F118; `where` is line and column.
    """
    depth = parts = 0
    for number, token in enumerate(_tokens(text)):
        depth += (token.text in {"[", "{"}) - (token.text in {"]", "}"}) if token.kind == "mark" else 0
        parts = parts + (token.text == ".") if token.text == "." or token.kind in {"word", "string"} else 0
        if max(depth, parts) <= DEEPEST and number < MOST_WORDS:
            continue
        line = text.count("\n", 0, token.offset) + 1
        where = f"{line}:{token.offset - text.rfind(chr(10), 0, token.offset)}"
        if number == MOST_WORDS:
            raise ConfigError(
                "F118",
                f"a package file has at most {MOST_WORDS} words, numbers and marks",
                where=where,
                hint="a package needs some hundred; are these data of another program?",
            )
        raise ConfigError(
            "F107",
            f"tables and lists nest deeper than {DEEPEST}",
            where=where,
            hint="a package file needs three levels: close the brackets",
        )


def places(text: str) -> dict[Path, Place]:
    """Return the place of every table, key and list item: path → (line, column), both from 1.

    Parameters
    ----------
    text
        Valid TOML that `require_shallow` has passed.
    """
    return _Outline(text).walk()


class _Outline:
    """One walk over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text), _Token("end", "", len(text))]
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._next = 0
        self._tables: dict[Path, int] = {}
        self._found: dict[Path, Place] = {}

    def walk(self) -> dict[Path, Place]:
        prefix: Path = ()
        while self._token.kind != "end":
            if self._token.text == "\n":
                self._next += 1
            elif self._token.text == "[":
                prefix = self._header()
            else:
                self._pair(prefix)
        return self._found

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _note(self, path: Path, token: _Token) -> None:
        line = bisect_right(self._lines, token.offset)
        self._found.setdefault(path, (line, token.offset - self._lines[line - 1] + 1))

    def _header(self) -> Path:
        start = self._token
        self._next += 1
        many = self._token.text == "["
        self._next += many
        keys = self._key()
        self._next += 2 if many else 1
        path: Path = ()
        for number, key in enumerate(keys, 1):
            path = (*path, key)
            self._note(path, start)
            if many and number == len(keys):
                self._tables[path] = self._tables.get(path, 0) + 1
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
                self._note(path, start)
        return path

    def _pair(self, prefix: Path) -> None:
        start = self._token
        path = prefix
        for key in self._key():
            path = (*path, key)
            self._note(path, start)
        self._next += 1
        self._value(path)

    def _key(self) -> list[str]:
        keys = []
        while True:
            token = self._token
            keys.append(token.text if token.kind == "word" else tomllib.loads(f"key = {token.text}")["key"])
            self._next += 1
            if self._token.text != ".":
                return keys
            self._next += 1

    def _value(self, path: Path) -> None:
        if self._token.text == "[":
            self._next += 1
            self._list(path)
        elif self._token.text == "{":
            self._next += 1
            self._inline_table(path)
        else:
            while self._token.kind != "end" and self._token.text not in {",", "]", "}", "\n"}:
                self._next += 1

    def _list(self, path: Path) -> None:
        number = 0
        while self._token.text != "]":
            if self._token.text in {",", "\n"}:
                self._next += 1
            else:
                self._note((*path, number), self._token)
                self._value((*path, number))
                number += 1
        self._next += 1

    def _inline_table(self, path: Path) -> None:
        while self._token.text != "}":
            if self._token.text in {",", "\n"}:
                self._next += 1
            else:
                self._pair(path)
        self._next += 1
