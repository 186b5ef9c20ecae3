"""`xuanke diagnose` and `xuanke menu`: what one teacher asked to see about herself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.commands.settings import round_settings
from api.console import Desk
from api.database import reading
from api.errors import UserError

if TYPE_CHECKING:
    from catalog.choices import Chooser, Item
    from catalog.menus import Needs
    from diagnostics.framework import Framework
    from diagnostics.profile import Profile
    from diagnostics.tables import RatingRow
    from diagnostics.teachers import Teacher
    from matching.rounds.facts import Facts


def diagnose(desk: Desk, teacher_id: str) -> None:
    """Print the profile of one teacher: a distribution over levels per dimension, and the gaps.

    It is meant for her eyes; figures of groups are in the report, single profiles in no export.
    """
    from diagnostics import store
    from diagnostics.need import gaps

    with desk.database() as engine, reading(engine) as opened:
        if teacher_id not in store.teacher_ids(opened):
            raise UserError("no_teacher", id=teacher_id)
        teacher = store.teacher(opened, teacher_id)
        frame, profile = _profile(teacher_id, store.rating_rows(opened, teacher_id))
    desk.say("profile_heading", name=teacher.name, id=teacher_id, framework=frame.title(desk.lang))
    if not profile.diagnosed:
        desk.say("profile_none")
    for estimate in profile.estimates:
        desk.tell("  " + estimate.say(frame, desk.lang))
    desk.say("gaps_heading")
    for gap in gaps(profile, frame.targets_for(teacher)):
        desk.tell("  " + gap.say(frame, desk.lang))


def menu(desk: Desk, teacher_id: str, asked: str | None, settings: Path) -> None:
    """Print at most twenty sections for a teacher with why, or why one section is not for her."""
    from catalog.menus import recommend
    from matching.rounds import store as rounds
    from matching.rounds.facts import Facts

    chosen = round_settings(settings)
    with desk.database() as engine, reading(engine) as opened:
        facts = Facts(rounds.load(opened, chosen), chosen)
    if teacher_id not in facts.stored.teachers:
        raise UserError("no_teacher", id=teacher_id)
    chooser, items = _chooser(facts, teacher_id), _items(facts)
    if asked is not None:
        _tell_why_not(desk, chooser, items, asked)
        return
    shown = recommend(chooser, items, _needs(facts.stored.teachers[teacher_id], facts, items))
    desk.tell(shown.heading(desk.lang))
    for place, entry in enumerate(shown.entries, start=1):
        item = entry.item
        desk.say(
            "menu_line",
            place=place,
            section=item.section,
            title=item.title,
            hours=f"{item.minutes / 60:g}",
            days=_span(item.days),
            site=item.site,
            score=entry.score,
        )
        desk.say("menu_parts", why=entry.why.say(desk.lang), **entry.parts)
    if shown.hidden:
        desk.say("menu_hidden", n=len(shown.hidden))


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


def _profile(teacher_id: str, rows: Sequence[RatingRow]) -> tuple[Framework, Profile]:
    from diagnostics.framework import framework
    from diagnostics.profile import profiles
    from diagnostics.responses import Rating

    frame = framework()
    ratings = [Rating(r.teacher_id, r.dimension, r.source, r.rater, r.level) for r in rows]
    (profile,) = profiles(frame, [teacher_id], ratings)
    return frame, profile.read_by(teacher_id)


def _needs(teacher: Teacher, facts: Facts, items: Sequence[Item]) -> Needs:
    from catalog.menus import Needs
    from diagnostics.need import gaps, need_matrix

    rows = [row for row in facts.stored.ratings if row.teacher_id == teacher.id]
    frame, profile = _profile(teacher.id, rows)
    targets = frame.targets_for(teacher)
    values, _ = need_matrix([profile], [targets], items)
    found = gaps(profile, targets)
    return Needs(
        values={item.section: int(v) for item, v in zip(items, values[0], strict=True)},
        gaps={gap.dimension: gap.expected for gap in found},
        titles={d.code: {"zh": d.zh, "en": d.en} for d in frame.dimensions},
        thin=frozenset(gap.dimension for gap in found if gap.insufficient),
        diagnosed=profile.diagnosed,
    )


def _chooser(facts: Facts, teacher_id: str) -> Chooser:
    from catalog.choices import Chooser
    from matching.predicates import parse

    lines = facts.stored.ledger[teacher_id]
    barred = {
        section: ban.until_day
        for ban in facts.stored.bans
        if ban.teacher == teacher_id
        for section, attributes in facts.courses.items()
        if parse(ban.where).holds(attributes)
    }
    return Chooser(
        teacher_id,
        facts.people[teacher_id],
        completed=frozenset(line.offering_id for line in lines if line.offering_id),
        topics=frozenset(topic for line in lines for topic in line.topics),
        barred=barred,
    )


def _items(facts: Facts) -> list[Item]:
    from catalog.choices import Item

    items = []
    for id_, section in facts.stored.sections.items():
        offering = facts.stored.offerings[section.offering_id]
        items.append(
            Item(
                section=id_,
                offering=offering.id,
                title=offering.title,
                minutes=offering.minutes,
                dimensions=tuple(offering.dimensions),
                attributes=facts.courses[id_],
                asks=facts.asks[id_],
                prerequisites=tuple(offering.prerequisites),
                days=tuple(dict.fromkeys(half[:10] for half in section.meetings)),
                site=section.site,
            )
        )
    return items


def _span(days: Sequence[str]) -> str:
    """Return the first and the last day in short, 08-03–08-05."""
    if not days:
        return "–"
    first, last = min(days)[5:], max(days)[5:]
    return first if first == last else f"{first}–{last}"
