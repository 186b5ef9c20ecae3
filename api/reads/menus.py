"""A teacher's menu in a round: what is read of the catalogue once is kept until it changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from fractions import Fraction
from threading import Lock

from sqlalchemy import func, select
from sqlmodel import Session

from api.http_errors import not_found
from api.menus import chooser, items, needs
from api.reads import chances, reach
from api.reads import rounds as reads
from api.reads.reach import columns
from catalog.choices import Chooser, Filter, Item, find, why_not
from catalog.menus import Menu, recommend
from catalog.messages import Sentence
from catalog.odds import as_of_last_time
from catalog.tables import ImportBatchRow, SchoolRow
from diagnostics import store as diagnosed
from diagnostics.credit.ledger import counting
from matching.rounds import store
from matching.rounds.facts import Facts
from matching.rounds.life.calls import Scope
from matching.rounds.life.drafting import settings_of
from matching.rounds.store import Stored
from matching.rounds.tables import RoundRow

MOST_KEPT = 8
Name = tuple[object, ...]


class Shelf:
    """The catalogue of a few rounds, kept as long as neither the round nor an import changed it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Name, Stored] = OrderedDict()
        self._lock = Lock()

    def of(self, session: Session, row: RoundRow) -> Stored:
        """Return what a round is made of, without its people."""
        name = (str(session.get_bind().engine.url), row.id, row.version, *_imports(session))
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        found = store.load(session, settings_of(row))
        bare = replace(found, teachers={}, ballots={}, ledger={}, bans=(), ratings=())
        with self._lock:
            self._kept[name] = bare
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return bare


shelf = Shelf()


def _imports(session: Session) -> tuple[object, ...]:
    """Return what changes with every import and every undoing of one."""
    mine = columns(ImportBatchRow)
    undone = select(func.count()).where(mine.undone).scalar_subquery()
    return tuple(session.execute(select(func.max(mine.id), undone)).one())


def offered(session: Session, known: Facts) -> tuple[Item, ...]:
    """Return the sections of a round with what became of those who asked for them last time."""
    row = session.get_one(RoundRow, known.settings.id)
    return as_of_last_time(items(known), {}, Fraction(0), chances.last_time(session, row))


def facts(session: Session, scope: Scope, round_id: str) -> Facts:
    """Return the facts of a round for one teacher alone."""
    row = reads.the_round(session, scope, round_id)
    reach.require_teacher(session, scope, scope.id)
    bare = shelf.of(session, row)
    her = diagnosed.teacher(session, scope.id)
    lines = counting(diagnosed.ledger_lines(session, {her.id}))
    stored = replace(
        bare,
        teachers={her.id: her},
        schools={her.school: session.get_one(SchoolRow, her.school)},
        ledger={her.id: tuple(line for line in lines if not store.is_of_round(line, row.id))},
        bans=tuple(ban for ban in diagnosed.bans(session) if ban.teacher == her.id),
        ratings=tuple(diagnosed.rating_rows(session, her.id)),
    )
    return Facts(stored, settings_of(row))


def menu(session: Session, scope: Scope, round_id: str) -> Menu:
    """Return a teacher's own menu."""
    known = facts(session, scope, round_id)
    sections = offered(session, known)
    return recommend(chooser(known, scope.id), sections, needs(known, scope.id, sections))


def search(session: Session, scope: Scope, round_id: str, wanted: Filter) -> tuple[Item, ...]:
    """Return every section she may take that is looked for, on the menu or not."""
    known = facts(session, scope, round_id)
    return find(chooser(known, scope.id), offered(session, known), wanted)


def reasons(
    session: Session, scope: Scope, round_id: str, section_id: str
) -> tuple[Item, tuple[Sentence, ...]]:
    """Return a section and every rule that keeps her out of it; none if she may take it."""
    known = facts(session, scope, round_id)
    item = next((item for item in offered(session, known) if item.section == section_id), None)
    if item is None:
        raise not_found()
    who: Chooser = chooser(known, scope.id)
    return item, tuple(why_not(who, item))
