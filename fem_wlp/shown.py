"""How an object is shown at the end of a notebook's cell: as the text that it prints."""

from __future__ import annotations

from html import escape


class Shown:
    """Prints as a table of fixed columns, also where a page has its own ideas of a font."""

    def _repr_html_(self) -> str:
        return f'<pre style="font-family: monospace">{escape(str(self))}</pre>'
