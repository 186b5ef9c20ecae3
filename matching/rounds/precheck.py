"""Before anything is solved: demands that cannot be met whatever anybody chooses, with counts.

Each line is certain: it compares what a level share or a section's minimum asks for with how many
could come at most, counting every eligible teacher and every school's limit for each section alone. A
round without such a line may still be impossible; the engine answers that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matching.predicates import parse
from matching.rounds.attributes import halves
from matching.rounds.eligibility import first_unmet
from matching.rounds.facts import Facts
from matching.rounds.limits import in_term, most_away
from matching.rounds.reasons import RoundReason
from matching.rounds.settings import Share

STRICT_SHARE = "share"
"""Field of a demand that the last round must meet."""


def certain_conflicts(facts: Facts) -> tuple[RoundReason, ...]:
    """Return the demands that certainly cannot be met, each with the schools that stand against it."""
    return (*_shares(facts), *_minima(facts), *_fills(facts))


def _shares(facts: Facts) -> Iterator[RoundReason]:
    reach = {section: _reach(facts, section) for section in facts.stored.sections}
    for share in facts.settings.shares:
        condition, covered = parse(share.where), parse(share.teachers)
        wanted = share.minimum(sum(covered.holds(one) for one in facts.people.values()))
        mine = [s for s, attributes in facts.courses.items() if condition.holds(attributes)]
        most = sum(min(facts.sizes[s][0], sum(reach[s].values())) for s in mine)
        if most < wanted:
            stopped = sorted(
                school
                for school in facts.stored.schools
                if mine and not any(reach[section][school] for section in mine)
            )
            code = "round_certain_share" if mine else "round_certain_no_section"
            detail = {"title": share.title, "schools": _list(stopped), "where": share.where}
            yield RoundReason(code, "", share.id, most, wanted, _field(share), detail)


def _minima(facts: Facts) -> Iterator[RoundReason]:
    """Yield sections whose minimum is above the number of teachers who are eligible at all."""
    for section, (_, minimum) in facts.sizes.items():
        eligible = sum(_eligible(facts, section).values())
        if eligible < minimum:
            yield RoundReason(
                "round_certain_minimum", "", section, eligible, minimum, "minimum_to_open"
            )


def _fills(facts: Facts) -> Iterator[RoundReason]:
    """Yield fill targets that cover no section, such as those a template came with."""
    for fill in facts.settings.fills:
        if not any(parse(fill.where).holds(attributes) for attributes in facts.courses.values()):
            detail = {"title": fill.title, "where": fill.where}
            yield RoundReason("round_fill_no_section", "", fill.id, field="fill", detail=detail)


def is_certain(conflicts: tuple[RoundReason, ...]) -> bool:
    """Tell whether the round cannot be met: only strict demands stop it, others are just told."""
    return any(line.field == STRICT_SHARE for line in conflicts)


def _field(share: Share) -> str:
    return STRICT_SHARE if share.strict else "soft_share"


def _reach(facts: Facts, section: str) -> Counter[str]:
    """Return how many of each school could sit in a section at most."""
    release, schools = facts.settings.release, facts.stored.schools
    term = [day for day, _ in halves(facts.stored.sections[section]) if in_term(release, day)]
    found: Counter[str] = Counter()
    for school, eligible in _eligible(facts, section).items():
        limits = (most_away(release, schools[school], day) for day in term)
        found[school] = min(eligible, min(limits, default=eligible))
    return found


def _eligible(facts: Facts, section: str) -> Counter[str]:
    wanted = facts.asks[section]
    return Counter(
        facts.stored.teachers[id_].school
        for id_, attributes in facts.people.items()
        if first_unmet(wanted, attributes) is None
    )


def _list(names: list[str]) -> str:
    return "、".join(names) or "–"
