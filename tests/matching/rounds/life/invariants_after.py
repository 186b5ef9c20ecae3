"""What must be true of a sealed round after every command (I4 to I7, I10 to I12 and the ledger).

Said once more in plain rows and in other words than the services use. `Seen` is what the tables say;
what was seen before is handed in where an invariant is about a step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlmodel import Session

from matching.rounds.life import refereeing
from matching.rounds.life.clock import stamp
from matching.rounds.life.standings import standing_of
from matching.rounds.life.tables import AnswerRow
from matching.rounds.tables import RoundRow
from tests.matching.rounds.life.factories import ROUND
from tests.matching.rounds.life.stages import (
    HALF_OF,
    MINUTES,
    MOST_SECTIONS,
    RELEASED_AT_ONCE,
    SCHOOL_OF,
    SEATS_PAID,
    Dump,
    Table,
    dump,
)

LIVING = (
    *("place", "waiting", "limit_use", "override", "transfer", "attendance_mark", "posting"),
    *("round", "job", "result", "ledger_entry", "ledger_approval"),
)
"""The tables that are looked at after every command."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """What the tables say."""

    tables: Dump

    @classmethod
    def at(cls, session: Session) -> Seen:
        return cls(dump(session, *LIVING))

    def __getitem__(self, name: str) -> list[dict[str, Any]]:
        return list(self.tables[name].values())

    @property
    def round(self) -> dict[str, Any]:
        return self["round"][0]

    @property
    def seats(self) -> dict[Pair, dict[str, Any]]:
        """Who has which seat."""
        return {(r["teacher_id"], r["section_id"]): r for r in self["place"] if r["teacher_id"]}

    @property
    def waits(self) -> dict[Pair, dict[str, Any]]:
        """Whoever is or was in a waiting list."""
        return {(r["teacher_id"], r["section_id"]): r for r in self["waiting"]}

    @property
    def waiting(self) -> set[Pair]:
        return {pair for pair, wait in self.waits.items() if wait["state"] == "waiting"}

    @property
    def overrides(self) -> dict[Pair, str]:
        return {(r["teacher_id"], r["section_id"]): r["kind"] for r in self["override"]}

    @property
    def live_jobs(self) -> list[dict[str, Any]]:
        return [job for job in self["job"] if job["state"] in ("queued", "running")]

    def school_of(self, teacher: str) -> str:
        moved = {row["teacher_id"]: row["school_id"] for row in self["transfer"]}
        return moved.get(teacher, SCHOOL_OF[teacher])

    def key(self, now: datetime) -> tuple[object, ...]:
        """Return all that decides whether the seats are as they should be."""
        row = self.round
        open_ = row["state"] == "confirming" and stamp(now) < row["confirm_until"]
        names = ("place", "waiting", "limit_use", "transfer")
        parts = (repr(sorted(self.tables[name].items())) for name in names)
        return row["published"], open_, *parts


def unlawful(seen: Seen) -> Iterator[str]:
    """I6, counted by hand: time, days away from school, seats paid for, sections each, bundles."""
    busy, away, held = Counter(), Counter(), Counter()
    for teacher, section in seen.seats:
        held[teacher] += 1
        if half := HALF_OF.get(section):
            busy[teacher, half] += 1
            away[seen.school_of(teacher), half] += 1
    yield from (f"{key} is in two places" for key, count in busy.items() if count > 1)
    for (school, half), count in away.items():
        if count > RELEASED_AT_ONCE[school]:
            yield f"{school} lets {count} go on {half}"
    yield from (f"{who} has {n} seats" for who, n in held.items() if n > MOST_SECTIONS)
    if held.total() > SEATS_PAID:
        yield f"{held.total()} seats are paid for"
    if len({("T3", "B"), ("T3", "D")} & seen.seats.keys()) == 1:
        yield "half a bundle"


def at_odds(seen: Seen) -> Iterator[str]:
    """Waiting lists and limits say what the seats say."""
    for pair, wait in seen.waits.items():
        sits = pair in seen.seats
        if sits is not (wait["state"] == "offered"):
            yield f"{pair} sits: {sits}, in the list: {wait['state']}"
    until = seen.round["confirm_until"]
    for pair, seat in seen.seats.items():
        if (seat["state"] == "offered") is not ("" < seat["expires_at"] <= until):
            yield f"{pair} is {seat['state']} until {seat['expires_at']}"


def has_met(section: str, now: datetime) -> bool:
    """Tell whether a section has met, by the clock of Beijing; its afternoons begin at noon."""
    there = now.astimezone(timezone(timedelta(hours=8)))
    return section in HALF_OF and HALF_OF[section] <= f"{there:%Y-%m-%d %p}"


def wrong_step(
    session: Session, before: Seen, after: Seen, now: datetime, *, alone: bool
) -> Iterator[str]:
    """I7: who comes in has waited, before the section meets, and past nobody who could have come.

    `alone` is a change that seats whom it concerns past the others.
    """
    came = after.seats.keys() - before.seats.keys()
    late = stamp(now) >= after.round["confirm_until"]
    for pair in sorted(came):
        if pair not in before.waiting:
            yield f"{pair} did not wait"
        if late and after.seats[pair]["state"] == "offered":
            yield f"{pair} after the window"
        if after.seats[pair]["origin"] != "waitlist":
            yield f"{pair} came by {after.seats[pair]['origin']}"
        if has_met(pair[1], now):
            yield f"{pair} came after the first meeting"
    if came and not alone:
        yield from _overtaken(session, after, came)


def _overtaken(session: Session, after: Seen, came: set[Pair]) -> Iterator[str]:
    standing = standing_of(session, session.get_one(RoundRow, ROUND))
    for who, section in sorted(came):
        group = standing.group(who, section)
        others = after.seats.keys() - {(who, each) for each in group}
        held: dict[str, list[str]] = {id: [s for t, s in others if t == id] for id in SCHOOL_OF}
        free = Counter(row["section_id"] for row in after["place"])
        free.subtract(section for _, section in others)
        used = standing.usage(held)
        place = after.waits[who, section]["position"]
        for other in sorted(t for t, s in after.waiting if s == section):
            theirs = standing.group(other, section)
            first = after.waits[other, section]["position"] < place
            if first and standing.may(other, theirs, held[other], used, free) is None:
                yield f"{who} got {section} before {other}"


def half_published(session: Session, seen: Seen, answers: dict[str, AnswerRow]) -> Iterator[str]:
    """I10: what is read is the answer that the pointer names, whole and with nothing else."""
    name, results = seen.round["published"], {row["number"]: row for row in seen["result"]}
    rows = dump(session, "seat", "reason")
    if not name:
        yield from ("a row of no answer" for found in (results, *rows.values()) if found)
        return
    answer = answers[name]
    if list(results) != list(range(1, answer.number + 1)):
        yield f"results of {list(results)}, published {name}"
    for number, result in results.items():
        known = [a for a in answers.values() if (a.number, a.digest) == (number, result["digest"])]
        if not known or (number == answer.number and answer not in known):
            yield f"result {number} is no answer"
            continue
        body = known[-1].body
        for table, key in (("seat", "seats"), ("reason", "reasons")):
            there = [row for row in rows[table].values() if row["number"] == number]
            if sorted(map(_said, there)) != sorted(map(_said, body[key])):
                yield f"{table} of {number} is not that of {known[-1].id}"


def _said(row: dict[str, Any]) -> str:
    return repr(sorted(row.items()))


def unfounded(answer: AnswerRow, snapshot: str, seed: str) -> Iterator[str]:
    """I4: an answer names all that it comes from, and how good it is."""
    said = answer.body["result"]
    if answer.status not in ("optimal", "feasible", "stopped") or said["status"] != answer.status:
        yield f"status {answer.status}"
    if (answer.snapshot_digest, said["seed"]) != (snapshot, seed):
        yield "another snapshot or seed"
    if not (said["version"] and said["settings"] and said["goals"] and answer.configuration):
        yield "no version, settings or goals"
    if answer.gap is None or answer.gap < 0 or (answer.status == "optimal" and answer.gap > 0):
        yield f"{answer.status} with a gap of {answer.gap}"
    if refereeing.digest_of(answer) != answer.digest:
        yield "another digest"


def disobeyed(answer: AnswerRow, overrides: dict[Pair, str]) -> Iterator[str]:
    """I11: an answer keeps to what was decided by hand."""
    given = {(seat["teacher"], seat["section"]) for seat in answer.body["result"]["seats"]}
    for pair, kind in overrides.items():
        if (pair in given) is not (kind == "lock"):
            yield f"{pair} is decided: {kind}"


def unfenced(seen: Seen) -> Iterator[str]:
    """I12: one live solve, and only while the round is being solved."""
    live, state = len(seen.live_jobs), seen.round["state"]
    if live > 1 or ((live == 1) is not (state == "solving") and state != "voided"):
        yield f"{live} live solves of a round that is {state}"


def unearned(seen: Seen, earned: dict[Pair, int]) -> Iterator[str]:
    """The ledger holds what was posted, each line after two approvals by different people."""
    evidence = {(r["teacher_id"], r["evidence"]): r["minutes"] for r in seen["ledger_entry"]}
    wanted = {(t, f"{ROUND}/{section}"): minutes for (t, section), minutes in earned.items()}
    if evidence != wanted:
        yield f"the ledger has {evidence}, earned is {wanted}"
    for entry in seen["ledger_entry"]:
        names = [r["approver"] for r in seen["ledger_approval"] if r["entry_id"] == entry["id"]]
        if len(names) != 2 or len(set(names)) != 2:
            yield f"{entry['id']} was approved by {names}"
    for row in seen["posting"]:
        who = [row["submitted_by"], row["first_by"], row["second_by"]]
        steps = 1 + ("submitted", "first_approved", "posted").index(row["state"])
        if len(set(filter(None, who))) != steps:
            yield f"{row['section_id']} is {row['state']} by {who}"


def minutes_of(seen: Seen, section: str) -> dict[Pair, int]:
    """Return what the marks of a section earn, for whoever sits in it or has left it since."""
    here = Counter(
        row["teacher_id"]
        for row in seen["attendance_mark"]
        if (row["section_id"], row["mark"]) == (section, "present")
    )
    return {(who, section): MINUTES * count for who, count in here.items()}


__all__ = ["Pair", "Seen", "Table"]
