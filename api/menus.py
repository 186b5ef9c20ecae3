"""What a menu needs of a round: the sections as items, a teacher as a chooser, and her needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.choices import Chooser, Item
    from catalog.menus import Needs
    from diagnostics.framework import Framework
    from diagnostics.profile import Profile
    from diagnostics.tables import RatingRow
    from matching.rounds.facts import Facts


def own_profile(teacher_id: str, rows: Sequence[RatingRow]) -> tuple[Framework, Profile]:
    """Return the profile of a teacher as she herself may read it."""
    from diagnostics.framework import framework
    from diagnostics.profile import profiles
    from diagnostics.responses import Rating

    frame = framework()
    ratings = [Rating(r.teacher_id, r.dimension, r.source, r.rater, r.level) for r in rows]
    (profile,) = profiles(frame, [teacher_id], ratings)
    return frame, profile.read_by(teacher_id)


def needs(facts: Facts, teacher_id: str, items: Sequence[Item]) -> Needs:
    """Return what a menu may count on of a teacher's needs."""
    from diagnostics.need import menu_needs

    teacher = facts.stored.teachers[teacher_id]
    rows = [row for row in facts.stored.ratings if row.teacher_id == teacher_id]
    frame, profile = own_profile(teacher_id, rows)
    return menu_needs(frame, profile, frame.targets_for(teacher), items)


def chooser(facts: Facts, teacher_id: str) -> Chooser:
    """Return a teacher as a menu looks at her."""
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


def items(facts: Facts) -> list[Item]:
    """Return every section of a round as a menu looks at it."""
    from catalog.choices import Item

    found = []
    for id_, section in facts.stored.sections.items():
        offering = facts.stored.offerings[section.offering_id]
        found.append(
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
    return found
