"""The verbs that move a round as a whole: each a guard, a column, and who is told.

`move` reads the table of `matching.rounds.life.phases` and is the only way from state to state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from matching.rounds import store as rounds_store
from matching.rounds.errors import BadRound
from matching.rounds.life import store
from matching.rounds.life.adopting import adopted, told_of_paper
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import moment, stamp
from matching.rounds.life.deadlines import (
    CLOCK_GRACE,
    CLOSING_SOON,
    RESUME_NOTICE,
    Moment,
    moment_of,
    require_before_deadline,
    set_deadline,
    set_window,
    when,
    window,
)
from matching.rounds.life.drafting import public, put_rules, settings_of
from matching.rounds.life.events import Happened, Notice, rows
from matching.rounds.life.phases import line_of, transition
from matching.rounds.life.reach import require_round
from matching.rounds.references import require_known
from matching.rounds.settings import RoundSettings
from matching.rounds.tables import RoundRow

PAST = {
    "announce": "announced",
    "change_rules": "rules_changed",
    "amend_rules": "rules_amended",
    "open": "opened",
    "pause": "paused",
    "resume": "resumed",
    "extend": "extended",
    "close": "closed",
    "close_early": "closed_early",
    "seal": "sealed",
    "draw": "drawn",
    "reveal": "revealed",
    "void": "voided",
}
"""Verb -> the word of its event; any other verb is its own word."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a step adds to what its move tells: the log, the caller, and people."""

    body: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


Step = Callable[[RoundRow], Told]
"""Guards a move (by raising) and changes columns, while the row still is in the state before."""


def move(
    session: Session,
    call: Call,
    round_id: str,
    verb: str,
    step: Step = lambda _: Told(),
    *,
    expected_version: int | None = None,
) -> Happened:
    """Move a round by a verb of the table.

    Parameters
    ----------
    expected_version
        The version of the round that the caller has seen; None does not care.

    Raises
    ------
    BadRound
        If the round is out of reach, has changed since, the table says no, or the step refuses.
    """
    row = store.round_to_move(session, round_id)
    require_round(session, call.scope, row)
    _require_fresh(row, expected_version)
    before, after = row.state, transition(row.state, verb, call)
    told = step(row)
    row.state = after
    row.version += 1
    store.keep(session, row)
    body = {"from": before, "to": after, "version": row.version, **_said(call, verb), **told.body}
    answer = {**public(row), **told.answer}
    return Happened(f"round.{PAST.get(verb, verb)}", round_id, body, answer, told.notices)


def _require_fresh(row: RoundRow, expected: int | None) -> None:
    if expected is not None and expected != row.version:
        raise BadRound("life_stale", have=row.version, said=expected)


def _said(call: Call, verb: str) -> dict[str, str]:
    """Return the reason, and who agreed, where the table asks for them: they are published."""
    line = line_of(verb)
    said = {"reason": call.reason} if line.two or line.reasoned else {}
    return said | ({"second": call.second} if line.two else {})


def change_rules(
    session: Session,
    call: Call,
    round_id: str,
    settings: RoundSettings,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Give a draft other settings."""

    def step(row: RoundRow) -> Told:
        put_rules(session, row, settings)
        return Told({"settings": row.settings, "commitment": row.seed_commitment})

    return move(session, call, round_id, "change_rules", step, expected_version=expected_version)


def amend_rules(
    session: Session,
    call: Call,
    round_id: str,
    settings: RoundSettings,
    opens_at: Moment | None = None,
    closes_at: Moment | None = None,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Give an announced round other settings or later dates: two people, and the reason is published."""

    def step(row: RoundRow) -> Told:
        put_rules(session, row, settings)
        set_window(row, call.now, opens_at, closes_at)
        return Told({"settings": row.settings, **window(row)})

    return move(session, call, round_id, "amend_rules", step, expected_version=expected_version)


def announce(
    session: Session,
    call: Call,
    round_id: str,
    opens_at: Moment | None = None,
    closes_at: Moment | None = None,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Publish a round: its settings by their digest, its lottery by its commitment, and its dates.

    Which public value will be drawn after sealing is said here, so that nobody can choose it later.

    Dates may follow at `open_`; a round without an opening date is not opened by the clock.
    """

    def step(row: RoundRow) -> Told:
        set_window(row, call.now, opens_at, closes_at)
        said = {
            "commitment": row.seed_commitment,
            "settings_digest": public(row)["settings_digest"],
            "public_source": public(row)["public_source"],
        }
        return Told({"settings": row.settings, **said, **window(row)})

    return move(session, call, round_id, "announce", step, expected_version=expected_version)


def open_(
    session: Session,
    call: Call,
    round_id: str,
    opens_at: Moment | None = None,
    closes_at: Moment | None = None,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Open a round for ballots; paper ballots imported before are taken in, and everybody is told.

    Parameters
    ----------
    opens_at
        From when ballots are taken; as announced, or from now on, if not given.
    closes_at
        Until when, later than announced or as announced.
    """

    def step(row: RoundRow) -> Told:
        set_window(row, call.now, opens_at, closes_at)
        row.opens_at = row.opens_at or stamp(call.now)
        if not row.closes_at:
            raise BadRound("life_no_deadline")
        if stamp(call.now) >= row.closes_at:
            raise BadRound("life_deadline_past", closes_at=when(row.closes_at))
        settings = settings_of(row)
        stored = rounds_store.load(session, settings)
        require_known(stored, settings)
        paper = adopted(session, call, row, stored)
        notices = _to_all(stored.teachers, "opening", row.id, **window(row))
        body = {"rows": rows(*paper), "adopted": len(paper), **window(row)}
        return Told(body, {"adopted": len(paper)}, (*notices, *told_of_paper(paper)))

    return move(session, call, round_id, "open", step, expected_version=expected_version)


def pause(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Stop taking ballots for a while, for a reason that is published."""

    def step(row: RoundRow) -> Told:
        require_before_deadline(row, call.now)
        row.paused_at = stamp(call.now)
        return Told({"paused_at": row.paused_at})

    return move(session, call, round_id, "pause", step, expected_version=expected_version)


def resume(
    session: Session,
    call: Call,
    round_id: str,
    reopens: Moment,
    closes_at: Moment | None = None,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Take ballots again from `reopens`; whatever the pause took is given back at the end.

    Parameters
    ----------
    reopens
        At least `RESUME_NOTICE` from now, so that everybody can know.
    closes_at
        The new deadline; the old one and the length of the pause if not given.

    Raises
    ------
    BadRound
        If it reopens too soon, or the new deadline gives back less than the pause took.
    """

    def step(row: RoundRow) -> Told:
        again = moment_of(reopens)
        if again < call.now + RESUME_NOTICE:
            raise BadRound("life_resume_soon", earliest=when(stamp(call.now + RESUME_NOTICE)))
        earliest = moment(row.closes_at) + (again - moment(row.paused_at))
        end = earliest if closes_at is None else moment_of(closes_at)
        if end < earliest:
            raise BadRound("life_resume_short", earliest=when(stamp(earliest)))
        row.opens_at = max(row.opens_at, stamp(again))
        row.closes_at, row.paused_at = stamp(end), ""
        return Told(window(row), {}, _told_again(session, row))

    return move(session, call, round_id, "resume", step, expected_version=expected_version)


def extend(
    session: Session,
    call: Call,
    round_id: str,
    closes_at: Moment,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Move the deadline of an open round to a later moment, never to an earlier one."""

    def step(row: RoundRow) -> Told:
        require_before_deadline(row, call.now)
        set_deadline(row, closes_at)
        return Told(window(row), {}, _told_again(session, row))

    return move(session, call, round_id, "extend", step, expected_version=expected_version)


def close(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Close a round whose deadline has passed.

    Raises
    ------
    BadRound
        Before `CLOCK_GRACE` is over: who arrived in time and still waits in line would be turned away.
    """

    def step(row: RoundRow) -> Told:
        if call.now < moment(row.closes_at) + CLOCK_GRACE:
            raise BadRound("life_not_yet", closes_at=when(row.closes_at))
        return Told()

    return move(session, call, round_id, "close", step, expected_version=expected_version)


def close_early(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Close a round before its deadline: two people, and the reason is published."""
    return move(session, call, round_id, "close_early", expected_version=expected_version)


def void(
    session: Session,
    call: Call,
    round_id: str,
    successor: str,
    *,
    expected_version: int | None = None,
) -> Happened:
    """End a round without a result: two people, and the reason is published.

    Parameters
    ----------
    successor
        The round that takes its place; empty says that there is none.
    """

    def step(row: RoundRow) -> Told:
        if successor:
            _require_successor(session, row, successor)
        row.successor = successor
        return Told({"successor": successor}, {"successor": successor})

    return move(session, call, round_id, "void", step, expected_version=expected_version)


def tick(session: Session, call: Call, round_id: str) -> tuple[Happened, ...]:
    """Do what the clock is due to do: open, remind, close; a second tick finds nothing to do."""
    happened: list[Happened] = []
    row = store.round_to_move(session, round_id)
    now = stamp(call.now)
    if row.state == "announced" and row.closes_at and row.opens_at <= now < row.closes_at:
        happened += [open_(session, call, round_id)] if row.opens_at else []
    if row.state == "open" and _is_closing_soon(row, call):
        happened.append(_remind(session, row))
    if row.state == "open" and call.now >= moment(row.closes_at) + CLOCK_GRACE:
        happened.append(close(session, call, round_id))
    return tuple(happened)


def _is_closing_soon(row: RoundRow, call: Call) -> bool:
    end = moment(row.closes_at)
    return row.closing_told != row.closes_at and end - CLOSING_SOON <= call.now < end


def _remind(session: Session, row: RoundRow) -> Happened:
    """Tell everybody whose ballot is missing or returned that the round closes soon."""
    row.closing_told = row.closes_at
    store.keep(session, row)
    done = {
        ballot.teacher_id
        for ballot in store.hand_ins(session, row.id)
        if ballot.handed_in and ballot.school != "returned"
    }
    missing = [id_ for id_ in _people(session, row) if id_ not in done]
    notices = _to_all(missing, "closing_soon", f"{row.id}/{row.closes_at}", **window(row))
    return Happened("round.reminded", row.id, {"people": len(missing)}, {}, notices)


def _told_again(session: Session, row: RoundRow) -> tuple[Notice, ...]:
    """Return the news of another window for everybody."""
    return _to_all(_people(session, row), "opening", f"{row.id}/{row.closes_at}", **window(row))


def _to_all(
    people: Iterable[str], kind: str, reference: str, **values: object
) -> tuple[Notice, ...]:
    return tuple(Notice(person, kind, reference, values) for person in people)


def _people(session: Session, row: RoundRow) -> list[str]:
    return store.people(session, row.unit_id)


def _require_successor(session: Session, row: RoundRow, successor: str) -> None:
    """Refuse a successor that is not there, is over, is the round itself or another unit's."""
    found = store.rounds(session, [successor])
    right = [r for r in found if r.unit_id == row.unit_id and r.id != row.id]
    if not right or right[0].state == "voided":
        raise BadRound("life_bad_successor", successor=successor)
