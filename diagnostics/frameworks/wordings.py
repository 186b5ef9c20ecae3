"""Texts that read otherwise for some stages, made from a table's rows and words in braces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from catalog.importing.spec import NumberedRow
from diagnostics.frameworks.items import Wording
from diagnostics.frameworks.tables import Table

Texts = Mapping[str, tuple[str, str]]
"""Stage -> text in Chinese and English; the empty stage stands for all that are not named."""

_WORD = re.compile(r"[{｛]([^{}｛｝]*)[}｝]")


def by_stage(rows: Iterable[NumberedRow]) -> dict[str, tuple[str, str]]:
    """Return the texts of rows that differ in their stages only."""
    return {
        stage: (row.row["zh"], row.row["en"])
        for row in rows
        for stage in row.row.get("stages") or ("",)
    }


class Words:
    """The words in braces: `{学生}` becomes 幼儿 where the table says so for a stage."""

    def __init__(self, table: Table) -> None:
        rows: dict[str, list[NumberedRow]] = {}
        for row, cells in table:
            rows.setdefault(cells["word"], []).append(row)
        self._texts = {word: by_stage(found) for word, found in rows.items()}
        for word, found in rows.items():
            if "" not in self._texts[word]:
                table.wrong(found[0], "stages", "word_default", word=word)
                self._texts[word][""] = (word, word)
        self.stages = {stage for texts in self._texts.values() for stage in texts}

    def check(self, table: Table, row: NumberedRow) -> None:
        """Note every word in braces of a row that the table of words does not have."""
        for column in ("zh", "en"):
            for word in _WORD.findall(row.row[column]):
                if word not in self._texts:
                    table.wrong(row, column, "word_unknown", word=word, words=tuple(self._texts))

    def wording(self, texts: Texts) -> Wording:
        """Return a text with its words filled in for every stage."""
        stages = {"", *self.stages, *texts}
        filled = {stage: self._filled(texts, stage) for stage in sorted(stages)}
        zh, en = filled[""]
        others = {stage: text for stage, text in filled.items() if text != (zh, en)}
        return Wording(zh, en, others)

    def _filled(self, texts: Texts, stage: str) -> tuple[str, str]:
        zh, en = texts.get(stage) or texts.get("") or next(iter(texts.values()))
        return self._fill(zh, stage, 0), self._fill(en, stage, 1)

    def _fill(self, text: str, stage: str, lang: int) -> str:
        def word(found: re.Match[str]) -> str:
            texts = self._texts.get(found[1])
            return texts.get(stage, texts[""])[lang] if texts else found[0]

        filled = _WORD.sub(word, text)
        return filled[:1].upper() + filled[1:] if lang else filled
