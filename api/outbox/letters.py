"""From rows of the outbox to letters: whom, where, in which language, in which words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.outbox.contacts import Contact
from api.tables import OutboxRow
from catalog.messages import Language
from matching.rounds.life.notices import Message, Wording


@dataclass(frozen=True, slots=True)
class Letter:
    """One message ready to leave.

    `id` stays the same however often it is tried, so that a receiver can tell a repetition.
    """

    id: str
    kind: str
    round_id: str
    school: str
    school_name: str
    contact: Contact
    lang: Language
    message: Message


def letters(
    rows: Iterable[OutboxRow],
    wording: Wording,
    contacts: Mapping[str, Contact],
    lang: Language | None = None,
) -> list[Letter]:
    """Return rows as letters, by school and person; `lang` overrides what people asked for."""
    made = [_letter(row, wording, contacts.get(row.person, Contact()), lang) for row in rows]
    return sorted(made, key=lambda letter: (letter.school, letter.message.person, letter.id))


def _letter(row: OutboxRow, wording: Wording, contact: Contact, lang: Language | None) -> Letter:
    chosen: Language = lang or ("en" if contact.language == "en" else "zh")
    message = wording.message(row.kind, row.person, row.values, chosen)
    school = wording.school_of(row.person)
    named = wording.called(school)
    return Letter(row.id, row.kind, row.round_id, school, named, contact, chosen, message)
