"""The sections of a round laid out for menus, kept until the round, an import or a result changes them.

What is laid out holds nothing of a single teacher; what is taken together is sums over all of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import func, select
from sqlmodel import Session

from api.menus import boosts, companions, items
from api.reads import chances
from api.reads.chances import FIRST_CHOICE, LastTime
from api.reads.reach import columns
from catalog.board import Board
from catalog.tables import ImportBatchRow, OfferingRow
from catalog.texts import Texts
from matching.rounds import store
from matching.rounds.facts import Facts
from matching.rounds.settings import RoundSettings
from matching.rounds.tables import RoundRow

MOST_KEPT = 8
POSTED = ("posted", "archived")
"""States of a round whose hours are in the ledger."""

Name = tuple[object, ...]
_round = columns(RoundRow)
_batch = columns(ImportBatchRow)


@dataclass(frozen=True, eq=False)
class Laid:
    """What menus of a round count on.

    Parameters
    ----------
    courses
        Section -> its attributes.
    recorded
        How many teachers' records say what is taken together; 0 where nothing is learned.
    """

    settings: RoundSettings
    board: Board
    courses: Mapping[str, Mapping[str, set[str]]]
    last: LastTime
    recorded: int


class Shelf:
    """What is laid out for a few rounds."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Name, Laid] = OrderedDict()
        self._lock = Lock()

    def of(self, session: Session, settings: RoundSettings, version: int) -> Laid:
        """Return what menus of a round count on; it is laid out once, whoever waits for it."""
        told = chances.last_round(session, settings)
        published = told.published if told else ""
        name = (_place(session), settings.id, version, published, *_changes(session))
        with self._lock:
            if name not in self._kept:
                self._kept[name] = lay(session, settings, chances.last_time(session, told))
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[name]


shelf = Shelf()


def _place(session: Session) -> str:
    return str(session.get_bind().engine.url)


def _changes(session: Session) -> tuple[object, ...]:
    """Return what changes with every import, every undoing of one, and every posting of hours."""
    undone = select(func.count()).where(_batch.undone).scalar_subquery()
    posted = select(func.count()).where(_round.state.in_(POSTED)).scalar_subquery()
    return tuple(session.execute(select(func.max(_batch.id), undone, posted)).one())


def lay(session: Session, settings: RoundSettings, last: LastTime) -> Laid:
    """Lay out the sections of a round, with all that menus count on."""
    facts = Facts(store.load(session, settings), settings)
    offerings = facts.stored.offerings
    sections = [last.of(item, offerings[item.offering].institution_id) for item in items(facts)]
    together = companions(facts)
    taken = {line.offering_id for lines in facts.stored.ledger.values() for line in lines} - {None}
    titles = _titles(session) if taken else {}
    own = [item.title for item in sections]
    board = Board(
        sections,
        boosts(settings.points, FIRST_CHOICE),
        companions=together,
        texts=Texts([*titles.values(), *own]) if titles else None,
        titles=titles,
    )
    recorded = sum(
        any(line.offering_id for line in lines) for lines in facts.stored.ledger.values()
    )
    return Laid(settings, board, facts.courses, last, recorded if together else 0)


def _titles(session: Session) -> dict[str, str]:
    """Return the title of every course that ever was, by its code."""
    return {row.id: row.title for row in store.everything(session, OfferingRow)}
