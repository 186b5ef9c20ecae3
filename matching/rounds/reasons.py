"""Reasons as they are kept and read back, and which of them can be proved wrong by looking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as stored

from catalog.messages import Language
from matching.result import Reason
from matching.rounds.attributes import halves
from matching.rounds.eligibility import first_unmet
from matching.rounds.evidence import Evidence
from matching.rounds.messages import say
from matching.rounds.tables import ReasonRow

PREFIX = "round_"
DOUBT = ("from_need", "need_sd")
"""What a doubted reason tells beside its other details."""


@dataclass(frozen=True, slots=True)
class RoundReason:
    """A reason of the round itself, such as the rule that forced an assigned seat."""

    code: str
    teacher: str
    subject: str
    have: int = 0
    need: int = 0
    field: str = ""
    detail: Mapping[str, str | int] = stored(default_factory=dict)

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence for the reader."""
        numbers = {"subject": self.subject, "have": self.have, "need": self.need}
        return say(self.code, lang, **numbers, **self.detail)


class Doubted(Reason):
    """A miss decided by fewer points than one standard deviation of her diagnosed need is worth.

    `detail` holds her points of need (`from_need`) and that standard deviation (`need_sd`) as well.
    """

    __slots__ = ()

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence for the reader, and that evidence is thin."""
        plain = Reason.say(self, lang)
        return plain + say("round_doubted", lang, **{name: self.detail[name] for name in DOUBT})


def row_of(reason: Reason | RoundReason, round_id: str, number: int) -> ReasonRow:
    """Return the row that keeps a reason."""
    return ReasonRow(
        round_id=round_id,
        number=number,
        teacher_id=reason.teacher,
        subject=reason.subject,
        code=reason.code,
        have=reason.have,
        need=reason.need,
        field=reason.field,
        detail=dict(reason.detail),
    )


def reason_of(row: ReasonRow) -> Reason | RoundReason:
    """Return the reason that a row keeps."""
    numbers = (row.have, row.need, row.field)
    return _kind(row)(row.code, row.teacher_id, row.subject, *numbers, row.detail)


def _kind(row: ReasonRow) -> type[Reason | RoundReason]:
    if row.code.startswith(PREFIX):
        return RoundReason
    return Doubted if row.detail.keys() >= set(DOUBT) else Reason


def known(row: ReasonRow) -> bool:
    """Tell whether a reason has a sentence in both languages."""
    try:
        return all(reason_of(row).say(lang) for lang in ("zh", "en"))
    except KeyError:
        return False


def untrue(evidence: Evidence, row: ReasonRow) -> bool:
    """Tell whether a look at the seats proves a reason wrong; most codes cannot be judged so."""
    proof = PROOFS.get(row.code)
    return proof is not None and not proof(evidence, row)


def _is_full(evidence: Evidence, row: ReasonRow) -> bool:
    return len(evidence.seated[row.subject]) >= evidence.facts.sizes[row.subject][0]


def _is_closed(evidence: Evidence, row: ReasonRow) -> bool:
    return not evidence.seated[row.subject]


def _clashes(evidence: Evidence, row: ReasonRow) -> bool:
    sections = evidence.facts.stored.sections
    wanted = {day for day, _ in halves(sections[row.subject])}
    held = {day for s in evidence.held[row.teacher_id] for day, _ in halves(sections[s])}
    return not wanted.isdisjoint(held)


def _is_not_eligible(evidence: Evidence, row: ReasonRow) -> bool:
    facts = evidence.facts
    return first_unmet(facts.asks[row.subject], facts.people[row.teacher_id]) is not None


PROOFS: Mapping[str, Callable[[Evidence, ReasonRow], bool]] = {
    "full": _is_full,
    "full_goals": _is_full,
    "full_points": _is_full,
    "closed_below_minimum": _is_closed,
    "closed_costly": _is_closed,
    "closed_impossible": _is_closed,
    "time_conflict_held": _clashes,
    "time_conflict_assigned": _clashes,
    "eligible": _is_not_eligible,
}
"""Reason code -> what must be seen where the reason is true."""
