"""Who may take a section, as rows that referee, "why not" and importer read alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.importing.parse import BadCell, fold
from catalog.messages import Language
from catalog.tables import OfferingRow, ProgrammeRow
from catalog.terms import RESIDENCES, ROLES, STAGES, SUBJECTS, TIERS
from matching.errors import BadInstance
from matching.predicates import Clause, parse
from matching.rounds.messages import say

ROOM = "matching.rounds"
TESTS = {"=": "in", "!=": "not_in", ">=": "ge", "<=": "le"}
SIGNS = {test: sign for sign, test in TESTS.items()}
WORDS = {
    "stage": STAGES,
    "subject": SUBJECTS,
    "main_subject": SUBJECTS,
    "role": ROLES,
    "tier": TIERS,
    "residence": RESIDENCES,
}


NUMBERS = ("years", "office_years", "title_rank")
OTHERS = ("rural", "unit", "school", "flag")
"""Attributes whose values are no words of a vocabulary."""


def condition(cell: str) -> str:
    """Return a programme's condition with codes for words: `stage=小学` becomes `stage=2`.

    Raises
    ------
    BadCell
        If it is not of the form, asks for an attribute that teachers do not have, for a value that
        is none of its words, or compares what is no number.
    """
    try:
        clauses = parse(fold(cell)).clauses
    except BadInstance:
        raise BadCell("round_condition_form", room=ROOM) from None
    return ";".join(f"{c.attribute}{c.test}{'|'.join(_values(c))}" for c in clauses)


def _values(clause: Clause) -> list[str]:
    attribute, values = clause.attribute, list(clause.values)
    if vocabulary := WORDS.get(attribute):
        values = [vocabulary.parse(value) for value in values]
    elif attribute not in (*NUMBERS, *OTHERS):
        raise BadCell("round_condition_attribute", room=ROOM, what=attribute, known=_known())
    elif attribute in NUMBERS and not all(value.isdecimal() for value in values):
        raise BadCell("round_condition_number", room=ROOM, what=attribute)
    if clause.test in (">=", "<=") and attribute not in NUMBERS:
        raise BadCell("round_condition_compare", room=ROOM, what=attribute, numbers=NUMBERS)
    return values


def _known() -> dict[str, str]:
    return {"zh": known_attributes("zh"), "en": known_attributes("en")}


def known_attributes(lang: Language) -> str:
    """Return what a condition may ask of a teacher, each name with its word."""
    names = (*WORDS, *NUMBERS, *OTHERS)
    return ", ".join(f"{name} ({say(f'round_attribute_{name}', lang)})" for name in names)


@dataclass(frozen=True, slots=True, order=True)
class Ask:
    """One thing a section asks of its teachers, such as a stage among some."""

    attribute: str
    test: str
    values: tuple[str, ...]

    def holds(self, attributes: Mapping[str, Collection[str]]) -> bool:
        """Tell whether a teacher with these attributes meets it."""
        return Clause(self.attribute, SIGNS[self.test], self.values).holds(attributes)

    def wording(self, lang: Language) -> str:
        """Return what is asked in the words of the form."""
        vocabulary = WORDS.get(self.attribute)
        values = (vocabulary.word(v, lang) if vocabulary else v for v in self.values)
        return say(f"round_asks_{self.test}", lang, what=self._name(lang), values="/".join(values))

    def _name(self, lang: Language) -> str:
        return say(f"round_attribute_{self.attribute}", lang)

    def row(self, section: str) -> dict[str, str]:
        """Return it as a row of the instance's eligibility table."""
        return {
            "section": section,
            "attribute": self.attribute,
            "test": self.test,
            "values": "|".join(self.values),
        }


def asks(offering: OfferingRow, programme: ProgrammeRow, subject: str = "any") -> tuple[Ask, ...]:
    """Return what a course and its programme ask; all of it must hold.

    Parameters
    ----------
    subject
        `any`: one of the subjects she teaches is enough; `main`: her main subject counts.
    """
    return tuple(sorted({*_of_offering(offering, subject), *_of_programme(programme)}))


def first_unmet(wanted: Iterable[Ask], attributes: Mapping[str, Collection[str]]) -> Ask | None:
    """Return the first thing a teacher does not meet, None when she may take the section."""
    return next((ask for ask in wanted if not ask.holds(attributes)), None)


def _of_offering(offering: OfferingRow, subject: str) -> Iterator[Ask]:
    lists = (
        ("stage", offering.stages),
        ("main_subject" if subject == "main" else "subject", offering.subjects),
        ("role", offering.roles),
    )
    for attribute, values in lists:
        if values:
            yield Ask(attribute, "in", tuple(sorted(values)))
    if offering.min_years is not None:
        yield Ask("years", "ge", (str(offering.min_years),))
    if offering.max_years is not None:
        yield Ask("years", "le", (str(offering.max_years),))


def _of_programme(programme: ProgrammeRow) -> Iterator[Ask]:
    for clause in parse(programme.eligibility).clauses:
        yield Ask(clause.attribute, TESTS[clause.test], clause.values)
