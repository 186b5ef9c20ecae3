"""A quick pass over the XML of an .xlsx sheet: its size, its formulas, its merged cells."""

from __future__ import annotations

import re
from functools import cache
from xml.parsers import expat

from catalog.errors import FileRefused
from catalog.importing.scan import Place, SheetScan

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@cache
def _column_number(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


class NotASheet(Exception):
    """The part is some other XML; nothing to scan."""


class SheetXml:
    """Feeds the bytes of one part through expat and fills a `SheetScan`.

    Whatever the file calls its parts: a part is a sheet when its root element is `worksheet`.

    Parameters
    ----------
    name
        What refusals call the sheet.
    """

    def __init__(self, name: str) -> None:
        self.scan = SheetScan(name)
        self.is_sheet = False
        self._row = 0
        self._column = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, data: bytes, last: bool = False) -> None:
        """Take the next bytes.

        Raises
        ------
        NotASheet
            At the root element, if it is no worksheet.
        FileRefused
            If the XML is damaged, declares entities or claims too much.
        """
        try:
            self._parser.Parse(data, last)
        except (expat.ExpatError, ValueError) as error:
            raise FileRefused("file_damaged", detail=str(error)) from error

    def _doctype(self, *_: object) -> None:
        raise FileRefused("file_damaged", detail="DOCTYPE")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "v":
            return
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if not self.is_sheet:
            if tag != "worksheet":
                raise NotASheet
            self.is_sheet = True
        elif tag == "c":
            self._cell(attributes.get("r"))
            if attributes.get("t") == "e":
                self.scan.failures.add((self._row, self._column))
        elif tag == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = 0
            self.scan.see(self._row, 0)
        elif tag == "f":
            self.scan.formulas.add((self._row, self._column))
        elif tag == "dimension":
            self._area(attributes.get("ref", ""))
        elif tag == "mergeCell":
            self.scan.merged.append(self._area(attributes.get("ref", "")))

    def _cell(self, reference: str | None) -> None:
        if reference is None:
            self._row, self._column = max(self._row, 1), self._column + 1
        else:
            self._row, self._column = self._place(reference)
        self.scan.see(self._row, self._column)

    def _area(self, reference: str) -> tuple[Place, Place]:
        corners = [self._place(corner) for corner in reference.split(":")]
        for corner in corners:
            self.scan.see(*corner)
        return corners[0], corners[-1]

    def _place(self, reference: str) -> Place:
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise FileRefused("file_damaged", detail=f"cell {reference[:20]!r}")
        return int(found[2]), _column_number(found[1])
