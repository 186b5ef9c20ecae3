"""Telling people: take what waits in the outbox, hand it over, and mark what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from api.outbox import box, paper
from api.outbox.contacts import Contact
from api.outbox.letters import Letter, letters
from api.outbox.post import Courier, NotSent
from catalog.messages import Language
from matching.rounds.life.notices import Wording

Transaction = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction that commits at the end of the block."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a run.

    Attributes
    ----------
    unreachable
        Letters nobody has an address for; they wait on, for paper.
    unclear
        Letters that may or may not have arrived; shown as `sending`, never repeated by themselves.
    """

    sent: int = 0
    failed: int = 0
    unreachable: int = 0
    unclear: int = 0
    path: Path | None = None


def by_courier(
    transaction: Transaction,
    round_id: str,
    courier: Courier,
    contacts: Mapping[str, Contact],
    clock: Clock,
    public_url: str = "",
) -> Told:
    """Send what waits, each letter once: marked before it leaves, and again when it has arrived."""
    sent = lost = unclear = 0
    ready = _ready(transaction, round_id, contacts, public_url)
    reached = [letter for letter in ready if courier.reaches(letter)]
    for letter in reached:
        with transaction() as session:
            if not box.take(session, letter.id, courier.name):
                continue
        try:
            courier.carry(letter)
        except NotSent as error:
            lost += 1
            with transaction() as session:
                box.failed(session, letter.id, str(error))
        except OSError:
            unclear += 1
        else:
            sent += 1
            with transaction() as session:
                box.told(session, letter.id, clock())
    return Told(sent, lost, len(ready) - len(reached), unclear)


def on_paper(
    transaction: Transaction,
    round_id: str,
    folder: Path,
    contacts: Mapping[str, Contact],
    clock: Clock,
    *,
    form: str,
    shown: Callable[[set[str]], None],
    public_url: str = "",
    lang: Language = "zh",
) -> Told:
    """Write what waits as a sheet for mass sending or as slips, and mark it as handed over.

    The file is complete before anything is marked; after a crash in between the next run writes the
    same letters to a file of the same name.

    Parameters
    ----------
    shown
        Writes down whom whoever asked for the file is about to see.
    """
    ready = _ready(transaction, round_id, contacts, public_url)
    if not ready:
        return Told()
    shown({letter.message.person for letter in ready})
    write = paper.mass_sheet if form == "sheet" else _slips(public_url)
    path = write(ready, folder, lang)
    with transaction() as session:
        box.on_paper(session, [letter.id for letter in ready], form, clock())
    return Told(sent=len(ready), path=path)


def _slips(public_url: str) -> Callable[[list[Letter], Path, Language], Path]:
    return lambda ready, folder, lang: paper.slips(ready, folder, public_url, lang)


def _ready(
    transaction: Transaction, round_id: str, contacts: Mapping[str, Contact], public_url: str
) -> list[Letter]:
    with transaction() as session:
        rows = box.waiting(session, round_id, most=1_000_000)
        return letters(rows, Wording(session, round_id, public_url), contacts)
