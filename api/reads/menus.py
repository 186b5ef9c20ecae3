"""A teacher's menu in a round: what is recommended, all she may take, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from api.http_errors import not_found
from api.menus import chooser, needs, own_profile
from api.reads import boards
from api.reads import rounds as reads
from api.reads.boards import Laid
from api.reads.chances import LastTime
from catalog.choices import Chooser, Filter, Item, SortKey, find, why_not
from catalog.entries import Entry, Menu, Needs
from catalog.messages import Sentence
from catalog.tables import SchoolRow
from diagnostics import store as diagnosed
from diagnostics.credit.ledger import counting
from diagnostics.framework import Framework
from diagnostics.profile import Profile
from diagnostics.teachers import Teacher
from matching.rounds.attributes import teacher_attributes
from matching.rounds.life.calls import Scope
from matching.rounds.life.drafting import settings_of
from matching.rounds.store import is_of_round


@dataclass(frozen=True, eq=False)
class Her:
    """A teacher before the sections of a round."""

    laid: Laid
    chooser: Chooser
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
    rated = diagnosed.rating_rows(session, teacher.id)
    return own_profile(teacher.id, rated, diagnosed.responses(session, code, teacher.id), code)


def before(session: Session, laid: Laid, teacher_id: str) -> Her:
    """Return a teacher before the sections of a round."""
    settings = laid.settings
    teacher = diagnosed.teacher(session, teacher_id)
    school = session.get_one(SchoolRow, teacher.school)
    attributes = teacher_attributes(teacher, school, settings.points.rural_residence)
    lines = counting(diagnosed.ledger_lines(session, {teacher.id}))
    earlier = [line for line in lines if not is_of_round(line, settings.id)]
    bans = diagnosed.bans(session, teacher.id)
    frame, known = profile(session, teacher, settings.framework)
    return Her(
        laid,
        chooser(teacher.id, attributes, earlier, bans, laid.courses),
        needs(frame, known, teacher, laid.board.items),
    )


def her(session: Session, scope: Scope, round_id: str) -> Her:
    """Return the teacher who asks before the sections of a round that she may know of."""
    row = reads.the_round(session, scope, round_id)
    laid = boards.shelf.of(session, settings_of(row), row.version)
    return before(session, laid, scope.id)


def search(
    session: Session, scope: Scope, round_id: str, wanted: Filter, by: SortKey
) -> tuple[Item, ...]:
    """Return every section she may take that is looked for, on the menu or not."""
    known = her(session, scope, round_id)
    return find(known.chooser, known.laid.board.items, wanted, by)


def reasons(
    session: Session, scope: Scope, round_id: str, section_id: str
) -> tuple[Item, tuple[Sentence, ...]]:
    """Return a section and every rule that keeps her out of it; none if she may take it."""
    known = her(session, scope, round_id)
    item = next((one for one in known.laid.board.items if one.section == section_id), None)
    if item is None:
        raise not_found()
    return item, tuple(why_not(known.chooser, item))
