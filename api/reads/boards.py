"""The sections of a round laid out for menus, kept until the round, an import or a result changes them.

What is laid out holds nothing of a single teacher; what is taken together is sums over all of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import and_, distinct, func, or_, select
from sqlmodel import Session

from api.menus import boosts, items
from api.reads import chances, reach
from api.reads.chances import FIRST_CHOICE, LastTime
from api.reads.reach import columns
from catalog.board import Board
from catalog.history import learn
from catalog.prepared import Prepared, connection_of
from catalog.tables import (
    ImportBatchRow,
    InstitutionRow,
    OfferingRow,
    ProgrammeRow,
    SectionRow,
)
from catalog.texts import Texts
from diagnostics.credit.ledger import APPROVALS
from diagnostics.tables import LedgerApprovalRow, LedgerEntryRow
from matching.rounds import store
from matching.rounds.facts import Facts
from matching.rounds.life.drafting import settings_of
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.tables import RoundRow

MOST_KEPT = 8
FEWEST_RECORDS = 5
"""With fewer teachers on record nothing is learned of what is taken together."""

CHOOSING = ("announced", "open")
"""States of a round in which teachers look at menus."""

POSTED = ("posted", "archived")
"""States of a round whose hours are in the ledger."""

Name = tuple[object, ...]
_round = columns(RoundRow)
_batch = columns(ImportBatchRow)
_offering = columns(OfferingRow)
_line = columns(LedgerEntryRow)
_approval = columns(LedgerApprovalRow)
_CHANGES = Prepared(
    select(
        func.max(_batch.id),
        select(func.count()).where(_batch.undone).scalar_subquery(),
        select(func.count())
        .where(or_(*(_round.state == state for state in POSTED)))
        .scalar_subquery(),
    )
)


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
        teller, last = chances.teller(session, settings)
        name = (_place(session), settings.id, version, teller, *_changes(session))
        with self._lock:
            if name not in self._kept:
                self._kept[name] = lay(session, settings, last())
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[name]


shelf = Shelf()


def lay_out(session: Session) -> None:
    """Lay out every round that teachers choose in, so that none of them waits for it."""
    rows = session.scalars(select(RoundRow).where(_round.state.in_(CHOOSING)).order_by(_round.id))
    for row in rows.all()[:MOST_KEPT]:
        shelf.of(session, settings_of(row), row.version)


def _place(session: Session) -> str:
    return str(session.get_bind().engine.url)


def _changes(session: Session) -> tuple[object, ...]:
    """Return what changes with every import, every undoing of one, and every posting of hours."""
    return tuple(_CHANGES.first(connection_of(session), {}))


def lay(session: Session, settings: RoundSettings, last: LastTime) -> Laid:
    """Lay out the sections of a round, with all that menus count on."""
    facts = Facts(_catalogue(session, settings), settings)
    offerings = facts.stored.offerings
    sections = [last.of(item, offerings[item.offering].institution_id) for item in items(facts)]
    taken = _taken(session, settings)
    recorded = {teacher for teacher, _ in taken}
    is_enough = len(recorded) >= FEWEST_RECORDS
    titles = _titles(session) if taken else {}
    board = Board(
        sections,
        boosts(settings.points, FIRST_CHOICE),
        companions=learn(taken, _people(session, recorded)) if is_enough else None,
        texts=Texts([*titles.values(), *(item.title for item in sections)]) if titles else None,
        titles=titles,
    )
    return Laid(settings, board, facts.courses, last, len(recorded) if is_enough else 0)


def _catalogue(session: Session, settings: RoundSettings) -> Stored:
    """Return what a round is made of, without its people."""
    programmes = {
        row.id: row
        for row in store.everything(session, ProgrammeRow)
        if store.is_open(row, settings.programmes, settings.year)
    }
    offerings = {
        row.id: row
        for row in store.everything(session, OfferingRow)
        if row.programme_id in programmes
    }
    sections = (r for r in store.everything(session, SectionRow) if r.offering_id in offerings)
    return Stored(
        units={},
        schools={},
        institutions={row.id: row for row in store.everything(session, InstitutionRow)},
        programmes=programmes,
        offerings=offerings,
        sections={row.id: row for row in sections},
        quotas=(),
        teachers={},
        ballots={},
        ledger={},
        bans=(),
        ratings=(),
    )


def _taken(session: Session, settings: RoundSettings) -> list[tuple[str, str]]:
    """Return who of the round's unit took which course by hours that count, but for its own."""
    approved = (
        select(_approval.entry_id)
        .group_by(_approval.entry_id)
        .having(func.count(distinct(_approval.approver)) >= APPROVALS)
    )
    own = and_(_line.origin == "section", _line.evidence.startswith(f"{settings.id}/"))
    of_unit = reach.school.unit_id.in_(reach.below(settings.unit))
    found = (
        select(_line.teacher_id, _line.offering_id)
        .join(reach.teacher.id.table, reach.teacher.id == _line.teacher_id)
        .join(reach.school.id.table, reach.school.id == reach.teacher.school_id)
        .where(_line.offering_id.is_not(None), _line.id.in_(approved), ~own, of_unit)
        .distinct()
    )
    return sorted((teacher, offering) for teacher, offering in session.execute(found))


def _people(session: Session, recorded: set[str]) -> dict[str, dict[str, Collection[str]]]:
    """Return what joins the learning of what is taken together: stage, main subject and post."""
    her = reach.teacher
    found = session.execute(select(her.id, her.stage, her.subject, her.roles))
    return {
        id_: {"stage": [stage], "main_subject": [subject], "role": roles}
        for id_, stage, subject, roles in found
        if id_ in recorded
    }


def _titles(session: Session) -> dict[str, str]:
    """Return the title of every course that ever was, by its code."""
    return {id_: title for id_, title in session.execute(select(_offering.id, _offering.title))}
