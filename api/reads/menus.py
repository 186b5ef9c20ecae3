"""A teacher's menu in a round: what is recommended, all she may take, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

from sqlalchemy import bindparam, select
from sqlmodel import Session

from api.http_errors import not_found
from api.menus import chooser, needs, own_profile
from api.reads import boards
from api.reads import rounds as reads
from api.reads.boards import Laid
from api.reads.chances import LastTime
from api.reads.reach import school
from catalog.choices import Chooser, Filter, Item, SortKey, find, why_not
from catalog.entries import Entry, Menu, Needs
from catalog.messages import Sentence
from catalog.prepared import Prepared, connection_of
from diagnostics import hers
from diagnostics.credit.ledger import counting
from diagnostics.framework import Framework
from diagnostics.profile import Profile
from diagnostics.teachers import Teacher
from matching.rounds.attributes import teacher_attributes
from matching.rounds.life.calls import Scope
from matching.rounds.life.drafting import settings_of
from matching.rounds.store import is_of_round

_SCHOOL = Prepared(select(school.flags, school.residence).where(school.id == bindparam("school")))


@dataclass(frozen=True, eq=False)
class AtBoard:
    """A teacher before the sections of a round, whatever she needs of them."""

    laid: Laid
    chooser: Chooser

    def may_take(self) -> dict[str, Item]:
        """Return the sections that are open to her, by their ids."""
        board = self.laid.board
        is_open = board.open_to(self.chooser).tolist()
        return {item.section: item for item in compress(board.items, is_open)}


@dataclass(frozen=True, eq=False)
class Her(AtBoard):
    """A teacher before the sections of a round, with what she needs."""

    needs: Needs

    def menu(self) -> Menu:
        """Return what is recommended to her."""
        return self.laid.board.menu(self.chooser, self.needs)

    def ranked(self, wanted: Filter) -> tuple[Entry, ...]:
        """Return all she may take that is looked for, the best first."""
        return self.laid.board.ranked(self.chooser, self.needs, wanted)

    def basis(self) -> tuple[Sentence, ...]:
        """Return what scores and odds rest on."""
        last, recorded = self.laid.last, self.laid.recorded
        return (
            _basis_of_prices(last),
            Sentence("menu_basis_history", {"teachers": recorded})
            if recorded
            else Sentence("menu_basis_no_history"),
        )


def _basis_of_prices(last: LastTime) -> Sentence:
    if last.day:
        return Sentence("menu_basis_dry_run", {"day": last.day})
    if last.round_id:
        return Sentence("menu_basis_prices", {"round": last.title})
    return Sentence("menu_basis_no_prices")


def profile(session: Session, teacher: Teacher, code: str) -> tuple[Framework, Profile]:
    """Return a teacher's profile for her own eyes: her answers and others', else ratings."""
    rated = hers.ratings(session, teacher.id)
    return own_profile(teacher.id, rated, hers.responses(session, code, teacher.id), code)


def before(session: Session, laid: Laid, teacher_id: str) -> Her:
    """Return a teacher before the sections of a round."""
    teacher = hers.teacher(session, teacher_id)
    frame, known = profile(session, teacher, laid.settings.framework)
    needed = needs(frame, known, teacher, laid.board.items)
    return Her(laid, _chooser(session, laid, teacher), needed)


def _chooser(session: Session, laid: Laid, teacher: Teacher) -> Chooser:
    """Return a teacher as the board of a round looks at her: what she did before it counts."""
    settings = laid.settings
    her_school = _SCHOOL.first(connection_of(session), {"school": teacher.school})
    attributes = teacher_attributes(teacher, her_school, settings.points.rural_residence)
    lines = counting(hers.ledger(session, teacher.id))
    earlier = [line for line in lines if not is_of_round(line, settings.id)]
    bans = hers.bans(session, teacher.id)
    return chooser(teacher.id, attributes, earlier, bans, laid.courses)


def her(session: Session, scope: Scope, round_id: str) -> Her:
    """Return the teacher who asks before the sections of a round that she may know of."""
    return before(session, _laid(session, scope, round_id), scope.id)


def at_board(session: Session, scope: Scope, round_id: str) -> AtBoard:
    """Return the teacher who asks as `her` does, where nothing rests on her needs."""
    laid = _laid(session, scope, round_id)
    return AtBoard(laid, _chooser(session, laid, hers.teacher(session, scope.id)))


def _laid(session: Session, scope: Scope, round_id: str) -> Laid:
    row = reads.the_round(session, scope, round_id)
    return boards.shelf.of(session, settings_of(row), row.version)


def search(
    session: Session, scope: Scope, round_id: str, wanted: Filter, by: SortKey
) -> tuple[Item, ...]:
    """Return every section she may take that is looked for, on the menu or not."""
    known = at_board(session, scope, round_id)
    return find(known.chooser, known.laid.board.items, wanted, by)


def reasons(
    session: Session, scope: Scope, round_id: str, section_id: str
) -> tuple[Item, tuple[Sentence, ...]]:
    """Return a section and every rule that keeps her out of it; none if she may take it."""
    known = at_board(session, scope, round_id)
    item = next((one for one in known.laid.board.items if one.section == section_id), None)
    if item is None:
        raise not_found()
    return item, tuple(why_not(known.chooser, item))
