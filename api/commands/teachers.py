"""`xuanke diagnose` and `xuanke menu`: what one teacher asked to see about herself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.commands.settings import round_settings
from api.commands.showing import show
from api.console import Desk
from api.database import reading
from api.errors import UserError
from api.menus import own_profile
from api.messages import say

if TYPE_CHECKING:
    from catalog.choices import Chooser, Item
    from catalog.entries import Entry


def diagnose(desk: Desk, teacher_id: str) -> None:
    """Print the profile of one teacher: a distribution over levels per dimension, and the gaps.

    It is meant for her eyes; figures of groups are in the report, single profiles in no export.
    """
    from diagnostics import hers, store
    from diagnostics.need import gaps

    with desk.database() as engine:
        with reading(engine) as opened:
            if teacher_id not in store.teacher_ids(opened):
                raise UserError("no_teacher", id=teacher_id)
            teacher = hers.teacher(opened, teacher_id)
            rated = hers.ratings(opened, teacher_id)
            answered = hers.responses(opened, "common", teacher_id)
            frame, profile = own_profile(teacher_id, rated, answered)
        show(engine, "diagnose", [teacher_id])
    desk.say("profile_heading", name=teacher.name, id=teacher_id, framework=frame.title(desk.lang))
    if not profile.diagnosed:
        desk.say("profile_none")
    for estimate in profile.estimates:
        desk.tell("  " + estimate.say(frame, desk.lang))
    desk.say("gaps_heading")
    for gap in gaps(profile, frame.targets_for(teacher)):
        desk.tell("  " + gap.say(frame, desk.lang))


def menu(
    desk: Desk, teacher_id: str, asked: str | None, settings: Path, everything: bool = False
) -> None:
    """Print at most twenty sections for a teacher with why, or why one section is not for her.

    Parameters
    ----------
    everything
        All she may take, the best first, in place of the best twenty.
    """
    from api.reads import boards, chances, menus
    from catalog.choices import Filter
    from diagnostics import store

    chosen = round_settings(settings)
    with desk.database() as engine:
        with reading(engine) as opened:
            if teacher_id not in store.teacher_ids(opened):
                raise UserError("no_teacher", id=teacher_id)
            _, last = chances.teller(opened, chosen)
            her = menus.before(opened, boards.lay(opened, chosen, last()), teacher_id)
        show(engine, "menu", [teacher_id])
    if asked is not None:
        _tell_why_not(desk, her.chooser, her.laid.board.items, asked)
        return
    shown = her.menu()
    desk.tell(shown.heading(desk.lang))
    for sentence in her.basis():
        desk.tell(sentence.say(desk.lang))
    for place, entry in enumerate(her.ranked(Filter()) if everything else shown.entries, 1):
        _tell_line(desk, place, entry)
    if shown.closed:
        desk.say("menu_hidden", n=len(shown.closed))


def _tell_line(desk: Desk, place: int, entry: Entry) -> None:
    item, days = entry.item, _span(entry.item.days)
    desk.say(
        "menu_line",
        place=place,
        section=item.section,
        title=item.title,
        hours=f"{item.minutes / 60:g}",
        where=say("joined", desk.lang, when=days, site=item.site) if item.site else days,
        score=entry.score,
    )
    desk.say("menu_parts", why=entry.why.say(desk.lang), **entry.parts)
    if item.odds is not None:
        desk.tell("    " + entry.odds.say(desk.lang))


def _tell_why_not(desk: Desk, chooser: Chooser, items: Sequence[Item], asked: str) -> None:
    from catalog.menus import why_not

    item = next((item for item in items if item.section == asked), None)
    if item is None:
        raise UserError("no_section", id=asked)
    reasons = list(why_not(chooser, item))
    if not reasons:
        desk.say("menu_may", section=asked, title=item.title)
    for reason in reasons:
        desk.tell(reason.say(desk.lang))


def _span(days: Sequence[str]) -> str:
    """Return the first and the last day in short, 08-03–08-05."""
    if not days:
        return "–"
    first, last = min(days)[5:], max(days)[5:]
    return first if first == last else f"{first}–{last}"
