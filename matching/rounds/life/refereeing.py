"""A stored answer looked at once more: its digest, its rules, and that it answers this snapshot."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session

from matching.check import check
from matching.instance import Instance
from matching.result import Price, Result, Seat
from matching.rounds import service
from matching.rounds.assemble import assemble
from matching.rounds.errors import BadRound
from matching.rounds.life import results
from matching.rounds.life.tables import AnswerRow
from matching.rounds.needs import gains
from matching.rounds.tables import RoundRow

ANSWERED = ("optimal", "feasible", "stopped")


def referee(session: Session, row: RoundRow, answer: AnswerRow) -> None:
    """Check a stored answer from the snapshot on, trusting nothing the solver said.

    Raises
    ------
    BadRound
        If it has no answer's status, another digest than its content, belongs to other data than
        the snapshot and the decisions by hand, or breaks a rule.
    """
    if answer.status not in ANSWERED:
        raise BadRound("life_bad_status", answer=answer.id, status=answer.status)
    if (found := digest_of(answer)) != answer.digest:
        raise BadRound("life_other_digest", answer=answer.id, digest=answer.digest, found=found)
    asked = answer.body["result"]["instance_digest"]
    instance = next((i for i in _instances(session, row) if i.digest == asked), None)
    if instance is None:
        raise BadRound("life_other_instance", answer=answer.id, digest=asked)
    if breaches := check(instance, seats_of(answer)):
        first = breaches[0]
        found_, most = first.found, first.allowed
        raise BadRound(
            "life_breach", rule=first.rule, subject=first.subject, found=found_, allowed=most
        )


def seats_of(answer: AnswerRow) -> tuple[Seat, ...]:
    """Return every seat of a solve, the unpublished witness of round 1 among them."""
    return tuple(Seat(**seat) for seat in answer.body["result"]["seats"])


def digest_of(answer: AnswerRow) -> str:
    """Return the digest of a stored answer, made from its content anew."""
    solved = answer.body["result"]
    return Result(
        status=solved["status"],
        seats=seats_of(answer),
        closed=tuple(solved["closed"]),
        goals=(),
        prices=tuple(Price(row, price) for row, price in solved["prices"]),
        reasons=(),
        witness=(),
        seed=solved["seed"],
        settings=solved["settings"],
        backend=solved["backend"],
        version=solved["version"],
        instance_digest=solved["instance_digest"],
    ).digest


def _instances(session: Session, row: RoundRow) -> Iterator[Instance]:
    """Yield the instances a solve of now could have: round 1 is plain or strict, round 2 keeps."""
    stored, settings = results.sealed(session, row)
    gain, by_hand = gains(stored, settings), results.by_hand(session, row.id)
    if row.number == service.FIRST:
        for last in (False, True):
            plain = assemble(stored, settings, last=last, gain=gain, by_hand=by_hand)
            yield plain.instance
        return
    locks = service.locks_of(service.first_seats(session, row.id))
    kept = assemble(stored, settings, last=True, locks=locks, gain=gain, by_hand=by_hand)
    yield kept.instance
