"""What every teacher still owes in the category a round treats, and what she takes outside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from diagnostics.credit.due import Account, account
from diagnostics.credit.ledger import LedgerLine, Posting
from diagnostics.credit.rules import Requirement, RuleSet, rule_set
from matching.rounds.errors import BadSettings
from matching.rounds.settings import RoundSettings

SOURCE = "required"
"""Source of the hours that everybody books outside the round."""


@dataclass(frozen=True)
class Dues:
    """Who owes what.

    Attributes
    ----------
    asked
        The requirements of the round, the category itself first.
    due
        (teacher, requirement) -> account minutes still due; nothing due has no entry.
    """

    rules: RuleSet
    asked: tuple[Requirement, ...]
    due: Mapping[tuple[str, str], int]

    @property
    def total(self) -> int:
        """Minutes due in the category, by all teachers together."""
        main = self.asked[0].id
        return sum(minutes for (_, name), minutes in self.due.items() if name == main)


def required_bookings(settings: RoundSettings, teachers: Iterable[str]) -> Iterator[Posting]:
    """Yield what every teacher books outside the round, such as platform hours without seats."""
    for teacher in teachers:
        for module in settings.required:
            yield Posting(
                teacher_id=teacher,
                year=settings.year,
                category=module.category,
                minutes=module.minutes,
                source=SOURCE,
                evidence=f"{module.id} {module.title}",
                origin="required",
                level="",
                mode="online",
                topics=module.topics,
            )


def dues(settings: RoundSettings, ledger: Mapping[str, Iterable[LedgerLine]]) -> Dues:
    """Return what is due in the category: the year's minimum less what counts and what is required.

    Parameters
    ----------
    ledger
        Teacher -> her lines that count.
    """
    rules = rule_set(settings.rule_set)
    asked = tuple(_asked(rules, settings.category))
    due: dict[tuple[str, str], int] = {}
    for teacher, lines in ledger.items():
        standing = with_required(settings, rules, teacher, lines)
        for node in asked:
            if minutes := standing.of(node.id).due:
                due[teacher, node.id] = minutes
    return Dues(rules, asked, due)


def with_required(
    settings: RoundSettings, rules: RuleSet, teacher: str, lines: Iterable[LedgerLine]
) -> Account:
    """Return a teacher's account as if the required hours were booked, once and not twice."""
    have = tuple(lines)
    booked = {line.key for line in have}
    more = (row for row in required_bookings(settings, [teacher]) if row.key not in booked)
    return account(rules, (*have, *more), settings.year)


def _asked(rules: RuleSet, category: str) -> Iterator[Requirement]:
    """Yield the requirement of a category and the minima inside it."""
    main = next(
        (node for node in rules.requirements if node.where.get("category") == (category,)), None
    )
    if main is None:
        known = sorted({value for r in rules.requirements for value in r.where.get("category", ())})
        raise BadSettings(
            "round_bad_value", key="hours.category", value=category, right=" | ".join(known)
        )
    yield main
    for node in rules.children(main.id):
        if node.inside:
            yield node


def requirement_rows(settings: RoundSettings, dues: Dues, *, last: bool) -> list[dict[str, object]]:
    """Return the requirements somebody still owes; strict in the last round only."""
    owed = {name for _, name in dues.due}
    return [
        {
            "id": node.id,
            "title": node.zh,
            "where": requirement_where(dues, node),
            "weight": settings.hours_weight,
            "strict": int(last and settings.hours_strict),
        }
        for node in dues.asked
        if node.id in owed
    ]


def requirement_where(dues: Dues, node: Requirement) -> str:
    """Return which sections a requirement counts; one inside the category counts only in it."""
    main = dues.asked[0]
    return main.predicate if node is main else f"{main.predicate};{node.predicate}"
