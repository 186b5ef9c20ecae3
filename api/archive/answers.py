"""The instance and the result behind a stored answer, made anew from the snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session

from api.archive import lines
from matching import certificate
from matching.instance import Instance
from matching.result import GoalValue, Price, Reason, Result, Seat
from matching.rounds import service
from matching.rounds.assemble import assemble
from matching.rounds.by_hand import ByHand, Decided
from matching.rounds.errors import BadRound
from matching.rounds.life import results
from matching.rounds.life.tables import AnswerRow
from matching.rounds.needs import gains
from matching.rounds.tables import RoundRow


@dataclass(frozen=True)
class Answered:
    """One published solve: the question as an instance, and its answer."""

    id: str
    number: int
    instance: Instance
    result: Result


def answered(session: Session, row: RoundRow, answer: AnswerRow) -> Answered:
    """Return an answer with the instance it was solved from.

    Raises
    ------
    BadRound
        If the stored rows no longer lead to that instance: somebody has changed them.
    """
    asked = answer.body["result"]["instance_digest"]
    for instance in _instances(session, row, answer):
        if instance.digest == asked:
            return Answered(answer.id, answer.number, instance, _result(answer))
    raise BadRound("life_other_instance", answer=answer.id, digest=asked)


def _instances(session: Session, row: RoundRow, answer: AnswerRow) -> Iterator[Instance]:
    """Yield what the answer can have been solved from: round 1 is plain or strict."""
    stored, settings = results.sealed(session, row)
    gain, by_hand = gains(stored, settings), _by_hand(session, answer)
    first = answer.number == service.FIRST
    locks = [] if first else service.locks_of(service.first_seats(session, row.id))
    for last in (False, True) if first else (True,):
        yield assemble(
            stored, settings, last=last, locks=locks, gain=gain, by_hand=by_hand
        ).instance


def _by_hand(session: Session, answer: AnswerRow) -> ByHand:
    """Return what had been decided by hand when the solve was asked for."""
    decided: dict[tuple[str, str], tuple[str, str]] = {}
    for body in lines.bodies(session, answer.round_id):
        if body.get("job") == answer.job_id:
            break
        for change in body.get("rows", ()):
            if change["table"] == "override":
                _decide(decided, change["after"])
    return ByHand(*(_of_kind(decided, kind) for kind in ("lock", "forbid")))


def _decide(decided: dict[tuple[str, str], tuple[str, str]], after: dict[str, object]) -> None:
    deleted = after.get("deleted")
    if isinstance(deleted, list):
        decided.pop((deleted[1], deleted[2]), None)
    else:
        seat = str(after["teacher_id"]), str(after["section_id"])
        decided[seat] = str(after["kind"]), str(after["reason"])


def _of_kind(decided: dict[tuple[str, str], tuple[str, str]], kind: str) -> tuple[Decided, ...]:
    return tuple(
        Decided(teacher, section, reason)
        for (teacher, section), (which, reason) in sorted(decided.items())
        if which == kind
    )


def _result(answer: AnswerRow) -> Result:
    solved, reasons = answer.body["result"], answer.body["reasons"]
    plain = ("status", "seed", "backend", "version", "instance_digest", "settings")
    told = [
        Reason(
            teacher=row["teacher_id"],
            **{name: row[name] for name in ("code", "subject", "have", "need", "field", "detail")},
        )
        for row in reasons
    ]
    return Result(
        **{name: solved[name] for name in plain},
        seats=tuple(Seat(**seat) for seat in solved["seats"]),
        closed=tuple(solved["closed"]),
        goals=tuple(GoalValue(**goal) for goal in solved["goals"]),
        prices=tuple(Price(row, price) for row, price in solved["prices"]),
        reasons=tuple(sorted(told, key=lambda reason: (reason.teacher, reason.subject))),
        witness=(),
        certificate=certificate.from_plain(solved.get("certificate", ())),
    )
