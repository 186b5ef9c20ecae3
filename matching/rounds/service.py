"""A round from ballots to stored, explained seats. Functions here change rows and never commit.

Round 1 is solved with assignable seats present, as a witness that round 2 can be completed, and
publishes chosen seats only. Round 2 keeps them, may assign what is still due, and is strict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from sqlmodel import Session

from matching.result import Reason, Result, Seat
from matching.rounds import store
from matching.rounds.assemble import Assembly, assemble
from matching.rounds.assigned import assigned_reasons
from matching.rounds.by_hand import NOTHING, ByHand
from matching.rounds.doubts import doubts
from matching.rounds.errors import BadRound
from matching.rounds.evidence import Evidence, ZeroRelease
from matching.rounds.facts import Facts
from matching.rounds.needs import gains
from matching.rounds.precheck import certain_conflicts, is_certain
from matching.rounds.reasons import RoundReason, reason_of, row_of, untrue
from matching.rounds.references import require_known
from matching.rounds.settings import RoundSettings, with_overrides
from matching.rounds.store import Stored
from matching.rounds.tables import ReasonRow, ResultRow, RoundRow, SeatRow
from matching.settings import Settings
from matching.solve import solve
from matching.watch import Watch

FIRST, LAST = 1, 2

Teller = Callable[[str], None]
"""Told the name of each stage before it begins: check, round_1, round_2."""


def silent(stage: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Answer:
    """What one solve of a round answered.

    Attributes
    ----------
    seats
        Every seat published so far, those of an earlier round first; none if it cannot be met.
    witness
        If it cannot be met, an irreducible set of settings that clash.
    conflicts
        Demands that could be seen to be impossible before solving.
    """

    number: int
    settings: RoundSettings
    assembly: Assembly
    result: Result
    seats: tuple[SeatRow, ...]
    reasons: tuple[Reason | RoundReason, ...] = ()
    conflicts: tuple[RoundReason, ...] = ()

    @property
    def is_infeasible(self) -> bool:
        """Whether the settings clash, so that nothing was stored."""
        return self.result.status == "infeasible"

    @property
    def witness(self) -> tuple[Reason, ...]:
        """The settings that clash."""
        return self.result.witness


def open_round(session: Session, settings: RoundSettings) -> RoundRow:
    """Store the round with the digest its lottery seed is committed to; the seed itself stays out."""
    said: dict[str, Any] = {
        "title": settings.title,
        "year": settings.year,
        "unit_id": settings.unit,
        "list_length": settings.list_length,
        "seed_commitment": settings.commitment,
        "settings": _public(settings),
    }
    row = store.round_row(session, settings.id) or RoundRow(id=settings.id, **said)
    row.sqlmodel_update(said)
    store.save_round(session, row)
    return row


def run_round(
    session: Session, settings: RoundSettings, number: int, tell: Teller = silent
) -> Answer:
    """Solve round 1 or 2 and store what it answers; settings that clash store nothing.

    Raises
    ------
    BadRound
        If round 2 is asked for before round 1.
    BadSettings
        If the settings name what is not stored, or nobody could take part.
    """
    stored = store.load(session, settings)
    require_known(stored, settings)
    if number == FIRST:
        answer = first_round(stored, settings, tell)
    elif number == LAST:
        before = first_seats(session, settings.id)
        answer = last_round(stored, settings, before, tell, first_told(session, settings.id))
    else:
        raise BadRound("round_number", number=number)
    if not answer.is_infeasible:
        _keep(session, answer)
    return answer


def first_round(
    stored: Stored,
    settings: RoundSettings,
    tell: Teller = silent,
    by_hand: ByHand = NOTHING,
    watch: Watch | None = None,
) -> Answer:
    """Solve round 1; what it publishes can be completed under the strict settings of round 2."""
    tell("check")
    facts = Facts(stored, settings)
    conflicts = certain_conflicts(facts)
    one = partial(_first, stored, settings, conflicts, by_hand, watch)
    if is_certain(conflicts):
        return one(strict=True)
    tell("round_1")
    answer = one(strict=False)
    if completable(facts, answer.result.seats):
        return answer
    tell("check")
    return one(strict=True)


def _first(
    stored: Stored,
    settings: RoundSettings,
    conflicts: tuple[RoundReason, ...],
    by_hand: ByHand,
    watch: Watch | None,
    *,
    strict: bool,
) -> Answer:
    gain = gains(stored, settings)
    assembly = assemble(stored, settings, last=strict, gain=gain, by_hand=by_hand)
    result = _solved(assembly, settings, watch)
    seats = tuple(published(settings, FIRST, result.seats))
    barred = tuple(_barred(assembly.facts, by_hand, seats))
    reasons: tuple[Reason | RoundReason, ...] = (*doubts(assembly, result, gain), *barred)
    return Answer(FIRST, settings, assembly, result, seats, reasons, conflicts)


def last_round(
    stored: Stored,
    settings: RoundSettings,
    published_before: Iterable[SeatRow],
    tell: Teller = silent,
    told: Mapping[tuple[str, str], Reason | RoundReason] | None = None,
    by_hand: ByHand = NOTHING,
    watch: Watch | None = None,
) -> Answer:
    """Solve round 2: what round 1 published stays, and what is still due may be assigned.

    Parameters
    ----------
    told
        (teacher, section) -> the reason round 1 gave. It was decided there, so it stays, unless the
        seats of round 2 prove it wrong by now: seats that are locked would hide the real reason.
    """
    tell("round_2")
    before = tuple(published_before)
    gain = gains(stored, settings)
    locks = locks_of(before)
    assembly = assemble(stored, settings, last=True, locks=locks, gain=gain, by_hand=by_hand)
    result = _solved(assembly, settings, watch)
    seats: tuple[SeatRow, ...] = ()
    if result.status != "infeasible":
        seats = (*before, *published(settings, LAST, result.seats, before))
    now = Evidence(assembly.facts, seats, (), frozenset(result.closed))
    fresh = doubts(assembly, result, gain)
    reasons = tuple(_standing(reason, told or {}, now) for reason in fresh)
    reasons += assigned_reasons(assembly.facts, seats)
    reasons += tuple(_barred(assembly.facts, by_hand, seats))
    return Answer(LAST, settings, assembly, result, seats, reasons)


def locks_of(before: Iterable[SeatRow]) -> list[Seat]:
    """Return the seats of an earlier round as the next one keeps them."""
    return [Seat(row.teacher_id, row.section_id, row.rank) for row in before]


def published(
    settings: RoundSettings, number: int, seats: Iterable[Seat], before: Iterable[SeatRow] = ()
) -> Iterator[SeatRow]:
    """Yield the seats that a solve adds to those published before: round 1 tells no assigned ones."""
    known = {(row.teacher_id, row.section_id) for row in before}
    for seat in seats:
        told = number == LAST or seat.kind != "assignable"
        if told and (seat.teacher, seat.section) not in known:
            yield _row(settings, seat, number)


def _barred(facts: Facts, by_hand: ByHand, seats: Iterable[SeatRow]) -> Iterator[RoundReason]:
    held: dict[str, set[str]] = {}
    for row in seats:
        held.setdefault(row.teacher_id, set()).add(row.section_id)
    for teacher in sorted({teacher for teacher, _ in by_hand.barred} & facts.ballots.keys()):
        hers = frozenset(held.get(teacher, ()))
        yield from by_hand.reasons(teacher, facts.ballots[teacher], hers)


def _standing(
    reason: Reason, told: Mapping[tuple[str, str], Reason | RoundReason], now: Evidence
) -> Reason | RoundReason:
    """Return what a teacher was told first, if it still is true, else the new reason."""
    first = told.get((reason.teacher, reason.subject))
    if first is None or untrue(now, row_of(first, now.facts.settings.id, LAST)):
        return reason
    return first


def completable(facts: Facts, seats: Iterable[Seat]) -> bool:
    """Tell whether seats, assigned ones too, meet every due hour and level share.

    Then they are themselves the proof that the strict minima of the last round can be met.
    """
    rows = tuple(_row(facts.settings, seat, FIRST) for seat in seats)
    evidence = Evidence(facts, rows, (), frozenset())
    return evidence.strict_shares_met and (not facts.settings.hours_strict or evidence.dues_met)


def replay(session: Session, settings: RoundSettings) -> tuple[tuple[str, str], ...]:
    """Solve the stored rounds once more from the database; return pairs of digests, then and now."""
    stored = store.load(session, settings)
    known = {row.number: row.digest for row in store.results(session, settings.id)}
    pairs = []
    if FIRST in known:
        pairs.append((known[FIRST], first_round(stored, settings).result.digest))
    if LAST in known:
        again = last_round(stored, settings, first_seats(session, settings.id))
        pairs.append((known[LAST], again.result.digest))
    return tuple(pairs)


def zero_release(session: Session, settings: RoundSettings) -> ZeroRelease:
    """Answer the round with a release cap of 0 % and strict level shares, storing nothing."""
    shares = tuple(replace(share, strict=True) for share in settings.shares)
    strict = with_overrides(replace(settings, shares=shares, supply_percent=None), release_cap=0)
    answer = first_round(store.load(session, strict), strict)
    return ZeroRelease(answer.result.status, schools_named(answer), len(answer.result.seats))


def schools_named(answer: Answer) -> tuple[str, ...]:
    """Return the schools that the clash names."""
    names = {
        name
        for reason in answer.witness
        if reason.field == "school_release"
        for name in str(reason.detail.get("names", reason.subject)).split("、")
    }
    return tuple(sorted(names))


def _solved(assembly: Assembly, settings: RoundSettings, watch: Watch | None) -> Result:
    effort: Any = settings.effort
    return solve(assembly.instance, Settings(effort=effort), watch)


def first_seats(session: Session, round_id: str) -> tuple[SeatRow, ...]:
    """Return the seats that round 1 has published.

    Raises
    ------
    BadRound
        If there are none because round 1 has no result.
    """
    if not any(row.number == FIRST for row in store.results(session, round_id)):
        raise BadRound("round_no_first", id=round_id)
    return tuple(row for row in store.seats(session, round_id) if row.number == FIRST)


def first_told(session: Session, round_id: str) -> dict[tuple[str, str], Reason | RoundReason]:
    """Return the reasons that round 1 gave, by teacher and section."""
    rows = (row for row in store.reasons(session, round_id) if row.number == FIRST)
    return {(row.teacher_id, row.subject): reason_of(row) for row in rows}


def _row(settings: RoundSettings, seat: Seat, number: int) -> SeatRow:
    return SeatRow(
        round_id=settings.id,
        teacher_id=seat.teacher,
        section_id=seat.section,
        number=number,
        rank=seat.rank,
        kind=seat.kind,
    )


def _keep(session: Session, answer: Answer) -> None:
    """Store the result with its new seats and reasons; later answers of the round are forgotten."""
    store.forget_answers(session, answer.settings.id, answer.number)
    open_round(session, answer.settings)
    store.keep(session, [result_row(answer)])
    fresh = [SeatRow(**row.model_dump()) for row in answer.seats if row.number == answer.number]
    store.keep(session, [*fresh, *reason_rows(answer)])


def reason_rows(answer: Answer) -> list[ReasonRow]:
    """Return the reasons of an answer as they are kept."""
    return [row_of(reason, answer.settings.id, answer.number) for reason in answer.reasons]


def result_row(answer: Answer) -> ResultRow:
    """Return the result of an answer as it is kept."""
    result = answer.result
    return ResultRow(
        id=f"{answer.settings.id}/{answer.number}",
        round_id=answer.settings.id,
        number=answer.number,
        status=result.status,
        digest=result.digest,
        instance_digest=result.instance_digest,
        seed=result.seed,
        backend=result.backend,
        version=result.version,
        gap=result.gap,
        settings=dict(result.settings),
        goals=[asdict(goal) for goal in result.goals],
        closed=list(result.closed),
    )


def _public(settings: RoundSettings) -> dict[str, Any]:
    """Return the settings as plain data, without the seed that only its digest may announce."""
    return asdict(replace(settings, seed=""))
