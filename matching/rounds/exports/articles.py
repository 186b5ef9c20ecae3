"""Reading a page of slips back: the table rows of each article."""

from __future__ import annotations

from html.parser import HTMLParser


class Articles(HTMLParser):
    """The table rows of a page of slips, by the id of their article."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[tuple[str, ...]]] = {}
        self._said: list[str] = []
        self._article = ""
        self._row: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an article, a row or a cell."""
        if tag == "article":
            self._article = dict(attrs).get("id") or ""
            self.found[self._article] = []
        elif tag == "tr":
            self._row = []
        elif tag == "td":
            self._row.append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        """End a cell or a row."""
        if tag == "td":
            self._inside = False
        elif tag == "tr" and self._row:
            self.found[self._article].append(tuple(self._row))

    def handle_data(self, data: str) -> None:
        """Collect text, and the text of cells."""
        self._said.append(data)
        if self._inside:
            self._row[-1] += data

    @property
    def text(self) -> str:
        """Everything the page says, without its marks."""
        return "".join(self._said)
