"""The vocabulary of teacher training: stages, subjects, roles, levels, modes and their codes.

Codes come from `catalog/data/*.csv` (columns code, zh, en, aliases, source), not from Python. A cell may
hold the code, the Chinese or English name, or an alias; what is stored is the code. A province adds
its own codes with `extend(folder)`: files of the same names and columns.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from catalog.errors import BadTerms
from catalog.importing.parse import BadCell, fold
from catalog.messages import Language

DATA = Path(__file__).with_name("data")
COLUMNS = ["code", "zh", "en", "aliases", "source"]


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a vocabulary, with where it comes from."""

    code: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    source: str


class Vocabulary:
    """The terms of one code list, read from its file at first use.

    Parameters
    ----------
    path
        The CSV file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def terms(self) -> dict[str, Term]:
        """Code -> term, in the order of the file."""
        return {term.code: term for term in _read(self._path)}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return _names(self.terms)

    @property
    def choices(self) -> Mapping[str, str]:
        """Code -> Chinese word, as templates offer it; read when it is looked at."""
        return _Words(self)

    def find(self, cell: str) -> Term | None:
        """Return the term whose code, name or alias a cell holds."""
        code = self._by_name.get(_folded(cell))
        return None if code is None else self.terms[code]

    def parse(self, cell: str) -> str:
        """Return the code of the term a cell holds; the parser of a column.

        Raises
        ------
        catalog.importing.parse.BadCell
            If there is no such term; it names the nearest legal words.
        """
        term = self.find(cell)
        if term is None:
            raise BadCell("cell_term", item=cell, nearest=self.nearest(cell))
        return term.code

    def nearest(self, cell: str, most: int = 4) -> tuple[str, ...]:
        """Return the legal words nearest to what a cell says, or the first ones."""
        near = difflib.get_close_matches(_folded(cell), self._by_name, n=most, cutoff=0.3)
        codes = dict.fromkeys(self._by_name[name] for name in near)
        near_terms = [self.terms[code] for code in codes] or list(self.terms.values())[:most]
        return tuple(f"{term.zh}({term.code})" for term in near_terms)

    def word(self, code: str | None, lang: Language = "zh") -> str:
        """Return the word for a stored code; an unknown code is shown as it is."""
        term = self.terms.get(code or "")
        if term is None:
            return code or ""
        return term.zh if lang == "zh" else term.en

    def words(self, codes: Iterable[str] | None, lang: Language = "zh") -> str:
        """Return the words for several codes, joined as a cell holds them."""
        return ";".join(self.word(code, lang) for code in codes or ())

    def add(self, path: Path) -> None:
        """Add the terms of another file, such as a province's own.

        Raises
        ------
        catalog.errors.BadTerms
            If a code or name already means something else.
        """
        terms = dict(self.terms)
        for term in _read(path):
            if term.code in terms and terms[term.code].zh != term.zh:
                raise BadTerms(f"{path.name}: code {term.code} already means {terms[term.code].zh}")
            terms[term.code] = term
        self._by_name, self.terms = _names(terms), terms


class _Words(Mapping[str, str]):
    """The Chinese words of a vocabulary by code, those of a province included once it is loaded."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def __getitem__(self, code: str) -> str:
        return self._vocabulary.terms[code].zh

    def __iter__(self) -> Iterator[str]:
        return iter(self._vocabulary.terms)

    def __len__(self) -> int:
        return len(self._vocabulary.terms)


def _folded(cell: str) -> str:
    return fold(cell).replace(" ", "").lower()


def _names(terms: Mapping[str, Term]) -> dict[str, str]:
    """Return every folded code, name and alias -> code; one name for two codes is an error."""
    codes: dict[str, str] = {}
    for term in terms.values():
        for name in dict.fromkeys(map(_folded, (term.code, term.zh, term.en, *term.aliases))):
            if codes.setdefault(name, term.code) != term.code:
                raise BadTerms(f"{name} means both {codes[name]} and {term.code}")
    return codes


def _read(path: Path) -> Iterator[Term]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise BadTerms(f"{path.name}: the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            if not row["code"] or not row["zh"] or not row["source"]:
                raise BadTerms(f"{path.name}: {row} lacks a code, a name or a source")
            aliases = tuple(alias for alias in row["aliases"].split("|") if alias)
            yield Term(row["code"], row["zh"], row["en"], aliases, row["source"])


STAGES = Vocabulary(DATA / "stages.csv")
SUBJECTS = Vocabulary(DATA / "subjects.csv")
ROLES = Vocabulary(DATA / "roles.csv")
RESIDENCES = Vocabulary(DATA / "residences.csv")
LEVELS = Vocabulary(DATA / "levels.csv")
CATEGORIES = Vocabulary(DATA / "categories.csv")
MODES = Vocabulary(DATA / "modes.csv")
METHODS = Vocabulary(DATA / "methods.csv")
INSTITUTION_TYPES = Vocabulary(DATA / "institution_types.csv")
TIERS = Vocabulary(DATA / "tiers.csv")
TITLE_RANKS = Vocabulary(DATA / "title_ranks.csv")
UNIT_KINDS = Vocabulary(DATA / "unit_kinds.csv")
NATIONAL_TYPES = Vocabulary(DATA / "national_types.csv")
NATIONAL_MODES = Vocabulary(DATA / "national_modes.csv")

ALL: Mapping[str, Vocabulary] = {
    "stages": STAGES,
    "subjects": SUBJECTS,
    "roles": ROLES,
    "residences": RESIDENCES,
    "levels": LEVELS,
    "categories": CATEGORIES,
    "modes": MODES,
    "methods": METHODS,
    "institution_types": INSTITUTION_TYPES,
    "tiers": TIERS,
    "title_ranks": TITLE_RANKS,
    "unit_kinds": UNIT_KINDS,
    "national_types": NATIONAL_TYPES,
    "national_modes": NATIONAL_MODES,
}
"""Every vocabulary by the name of its file."""

RURAL = frozenset({"210", "220"})
"""Residence codes that count as rural unless a round says otherwise."""


def extend(folder: Path) -> tuple[str, ...]:
    """Add a province's own code files to the vocabularies of the same names; return the names.

    Raises
    ------
    catalog.errors.BadTerms
        If a file has a name that is no vocabulary, or contradicts what is known.
    """
    names = []
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in ALL:
            raise BadTerms(f"{path.name}: no vocabulary of this name; known: {', '.join(ALL)}")
        ALL[path.stem].add(path)
        names.append(path.stem)
    return tuple(names)
