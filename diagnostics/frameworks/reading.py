"""Reading the items of a framework from its folder, and the checks that need several tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path

from catalog.importing.spec import NumberedRow, Row, RowError, SheetKind
from diagnostics import data_files
from diagnostics.errors import BadFramework
from diagnostics.framework import Framework, framework
from diagnostics.frameworks import tables
from diagnostics.frameworks.items import Item, Questionnaire, Scale, Wording
from diagnostics.frameworks.tree import ancestor
from diagnostics.frameworks.wordings import Texts, Words, by_stage

LEVELS = "levels"
"""The scale whose options are the level descriptors of the item's dimension."""


def questionnaire(name: str = "common") -> Questionnaire:
    """Return a framework with its items by its name, a province's own before ours.

    Raises
    ------
    BadFramework
        With everything that is wrong in its files.
    """
    return _cached(name, data_files.find("frameworks", name).with_suffix(""))


@cache
def _cached(name: str, folder: Path) -> Questionnaire:
    return read_questionnaire(framework(name), folder)


def read_questionnaire(frame: Framework, folder: Path) -> Questionnaire:
    """Return the items in a folder, checked against their framework.

    Scales and words that the folder does not bring are those of the framework it is like.

    Raises
    ------
    BadFramework
        With everything that is wrong in the tables.
    """
    reader = _Reader(frame, folder)
    found = reader.read()
    if reader.faults:
        raise BadFramework(reader.faults)
    return found


class _Reader:
    """The tables of one folder while they are joined."""

    def __init__(self, frame: Framework, folder: Path) -> None:
        self.frame = frame
        self.folder = folder
        self.faults: list[RowError] = []
        self._check_files()
        self.codes = tuple(dimension.code for dimension in frame.dimensions)
        self.words = Words(self._table(tables.WORDS))
        self.descriptors = self._read_descriptors()
        self.scales = self._read_scales()

    def read(self) -> Questionnaire:
        """Return the items of the table, and one for each leaf of the tree if that is asked for."""
        table = self._table(tables.ITEMS)
        wordings = self._read_wordings({cells["code"] for _, cells in table})
        items = [
            self._item(cells, self._stem(cells, wordings))
            for row, cells in table
            if self._is_sound(table, row)
        ]
        self._check_vignettes(table)
        return Questionnaire(self.frame, (*items, *self._leaves()), self.descriptors)

    def _check_files(self) -> None:
        """Note files that would be passed over, such as a workbook in the place of a CSV file."""
        known = tuple(f"{kind.slug}.csv" for kind in tables.ALL)
        for path in sorted(self.folder.glob("[!.~]*")):
            if path.name not in known:
                file, values = f"{self.folder.name}/{path.name}", {"names": known}
                self.faults.append(RowError(file, 0, "", "", "table_unknown", values, tables.ROOM))

    def _table(self, kind: SheetKind) -> tables.Table:
        """Read a table from the folder; scales and words else from the framework it is like."""
        folder = self.folder
        shared = kind in (tables.SCALES, tables.WORDS) and self.frame.like
        if shared and not (folder / f"{kind.slug}.csv").is_file():
            folder = data_files.find("frameworks", self.frame.like).with_suffix("")
        return tables.read(folder, kind, self.faults)

    def _stem(self, cells: Row, wordings: Mapping[str, Texts]) -> Wording:
        texts = {"": (cells["zh"], cells["en"]), **wordings.get(cells["code"], {})}
        return self.words.wording(texts)

    def _read_descriptors(self) -> dict[tuple[str, int], Wording]:
        table = self._table(tables.DESCRIPTORS)
        rows: dict[tuple[str, int], list[NumberedRow]] = {}
        for row, cells in table:
            self._check_dimension(table, row)
            if cells["level"] > self.frame.top:
                table.wrong(row, "level", "level_above", top=self.frame.top)
            self.words.check(table, row)
            rows.setdefault((cells["dimension"], cells["level"]), []).append(row)
        if table.rows:
            for code in self.codes:
                for level in range(1, self.frame.top + 1):
                    if (code, level) not in rows:
                        table.wrong_as_a_whole("descriptor_missing", dimension=code, level=level)
        return {key: self.words.wording(by_stage(found)) for key, found in rows.items()}

    def _read_scales(self) -> dict[str, Scale]:
        table = self._table(tables.SCALES)
        rows: dict[str, dict[int, Wording]] = {}
        for row, cells in table:
            self.words.check(table, row)
            wording = self.words.wording(by_stage([row]))
            rows.setdefault(cells["scale"], {})[cells["category"]] = wording
        for code, options in rows.items():
            least = 1 if code == LEVELS else 3
            if sorted(options) != list(range(len(options))) or len(options) < least:
                table.wrong_as_a_whole("scale_options", scale=code)
        return {
            code: Scale(code, options[0], tuple(options[k] for k in sorted(options) if k))
            for code, options in rows.items()
            if 0 in options
        }

    def _read_wordings(self, items: set[str]) -> dict[str, Texts]:
        table = self._table(tables.WORDINGS)
        found: dict[str, dict[str, tuple[str, str]]] = {}
        for row, cells in table:
            if cells["item"] not in items:
                table.wrong(row, "item", "item_unknown")
            self.words.check(table, row)
            found.setdefault(cells["item"], {}).update(by_stage([row]))
        return dict(found)

    def _check_dimension(self, table: tables.Table, row: NumberedRow) -> bool:
        if row.row["dimension"] in self.codes:
            return True
        table.wrong(row, "dimension", "cell_dimension", codes=self.codes)
        return False

    def _is_sound(self, table: tables.Table, row: NumberedRow) -> bool:
        """Tell whether an item can be made of a row; note everything that is wrong with it."""
        before = len(self.faults)
        cells = row.row
        self._check_dimension(table, row)
        table.check_source(row)
        self.words.check(table, row)
        if cells["scale"] not in {LEVELS, *self.scales}:
            table.wrong(row, "scale", "scale_unknown", scales=tuple({LEVELS: 0, **self.scales}))
        if cells["scale"] == LEVELS and not self._is_described(cells["dimension"]):
            table.wrong(row, "scale", "scale_levels")
        if (cells["kind"] == "vignette") != (cells["expected"] is not None):
            table.wrong(row, "expected", "expected_of_vignettes")
        elif cells["expected"] is not None and not self._on_scale(Fraction(cells["expected"])):
            table.wrong(row, "expected", "expected_off", top=self.frame.top)
        if (cells["kind"] == "test") != (cells["answer"] is not None):
            table.wrong(row, "answer", "answer_of_tests")
        elif cells["answer"] and len(self._options(cells)) < cells["answer"]:
            table.wrong(row, "answer", "answer_off", options=len(self._options(cells)))
        if cells["reversed"] and cells["kind"] not in ("self", "observer"):
            table.wrong(row, "reversed", "reversed_of_ratings")
        return len(self.faults) == before

    def _is_described(self, dimension: str) -> bool:
        levels = range(1, self.frame.top + 1)
        return all((dimension, level) in self.descriptors for level in levels)

    def _on_scale(self, place: Fraction) -> bool:
        return 1 <= place <= self.frame.top

    def _options(self, cells: Row) -> tuple[Wording, ...]:
        scale = self.scales.get(cells["scale"])
        return scale.options if scale else ()

    def _check_vignettes(self, table: tables.Table) -> None:
        """Note vignettes of a dimension that stand for the same place: they order nobody."""
        seen: dict[tuple[str, str], str] = {}
        for row, cells in table:
            if cells["kind"] == "vignette" and cells["expected"] is not None:
                place = (cells["dimension"], cells["expected"])
                if place in seen:
                    table.wrong(row, "expected", "expected_twice", other=seen[place])
                seen.setdefault(place, cells["code"])

    def _item(self, cells: Row, stem: Wording) -> Item:
        return Item(
            cells["code"],
            cells["dimension"],
            cells["kind"],
            self._scale(cells["scale"], cells["dimension"]),
            stem,
            tuple(cells["stages"] or ()),
            cells["reversed"],
            None if cells["expected"] is None else Fraction(cells["expected"]),
            cells["answer"],
            cells["status"],
            cells["source"],
        )

    def _scale(self, code: str, dimension: str) -> Scale:
        if code != LEVELS:
            return self.scales[code]
        levels = range(1, self.frame.top + 1)
        options = tuple(self.descriptors[dimension, level] for level in levels)
        prompt = self.scales[LEVELS].prompt if LEVELS in self.scales else Wording("", "")
        return Scale(LEVELS, prompt, options)

    def _leaves(self) -> Iterator[Item]:
        """Yield a self item for each leaf of the tree, on the scale that the framework names."""
        if not self.frame.leaf_scale:
            return
        if self.frame.leaf_scale not in self.scales:
            table = self._table(tables.SCALES)
            table.wrong_as_a_whole("leaf_scale", scale=self.frame.leaf_scale)
            return
        nodes = {node.code: node for node in self.frame.tree}
        parents = {node.parent for node in self.frame.tree}
        tier = nodes[self.codes[0]].tier
        for node in self.frame.tree:
            if node.code not in parents and node.tier > tier:
                dimension = ancestor(nodes, node.code, tier).code
                stem = self.words.wording({"": (node.zh, node.en)})
                scale = self.scales[self.frame.leaf_scale]
                yield Item(
                    node.code, dimension, "self", scale, stem,
                    status=node.status, source=node.source,
                )  # fmt: skip
