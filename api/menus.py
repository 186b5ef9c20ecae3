"""What a menu needs of a round: the sections as items, a teacher as a chooser, and her needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.choices import Chooser, Item
    from catalog.entries import Boost
    from catalog.menus import Needs
    from diagnostics.credit.integrity import Ban
    from diagnostics.credit.ledger import LedgerLine
    from diagnostics.framework import Framework
    from diagnostics.profile import Profile
    from diagnostics.responses import Rating
    from diagnostics.tables import ResponseRow
    from diagnostics.teachers import Teacher
    from matching.rounds.facts import Facts
    from matching.rounds.settings import Points


def own_profile(
    teacher_id: str,
    ratings: Sequence[Rating],
    responses: Sequence[ResponseRow] = (),
    code: str = "common",
) -> tuple[Framework, Profile]:
    """Return the profile of a teacher by her answers or ratings, as she herself may read it."""
    from diagnostics.county import county
    from diagnostics.frameworks.reading import questionnaire

    questions = questionnaire(code)
    (profile,) = county(questions, [teacher_id], ratings, responses).profiles
    return questions.framework, profile.read_by(teacher_id)


def needs(frame: Framework, profile: Profile, teacher: Teacher, items: Sequence[Item]) -> Needs:
    """Return what a menu may count on of a teacher's needs."""
    from diagnostics.need import menu_needs

    return menu_needs(frame, profile, frame.targets_for(teacher), items)


def chooser(
    teacher_id: str,
    attributes: Mapping[str, set[str]],
    lines: Sequence[LedgerLine],
    bans: Sequence[Ban],
    courses: Mapping[str, Mapping[str, set[str]]],
) -> Chooser:
    """Return a teacher as a menu looks at her.

    Parameters
    ----------
    lines, bans
        Hers alone.
    courses
        Section -> its attributes.
    """
    from catalog.choices import Chooser
    from matching.predicates import parse

    barred = {
        section: ban.until_day
        for ban in bans
        for section, of_section in courses.items()
        if parse(ban.where).holds(of_section)
    }
    return Chooser(
        teacher_id,
        attributes,
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


def boosts(points: Points, first_choice: int) -> tuple[Boost, ...]:
    """Return what the policy of a round adds: the points of a shortage subject.

    Points for rural schools are the same for every section, so they move nothing on her menu.

    Parameters
    ----------
    first_choice
        Points of a menu for as much as a first choice is worth in the round.
    """
    from catalog.entries import Boost
    from catalog.messages import say

    if not points.shortage or not points.shortage_subjects:
        return ()
    words = (say("menu_policy_shortage", "zh"), say("menu_policy_shortage", "en"))
    worth = points.shortage * first_choice // max(points.of_rank(1), 1)
    return (Boost(*words, worth, section={"subject": points.shortage_subjects}),)
