"""Freezing what a round is solved from, and only then showing what its lottery is drawn by.

The order is: announce the commitment of the secret and where a public value will come from, seal, let
two people enter the value that was drawn meanwhile, show the secret.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlmodel import Session

from matching.lottery import lottery_numbers
from matching.rounds import store as rounds_store
from matching.rounds.errors import BadRound
from matching.rounds.life import merkle, store
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.clock import stamp
from matching.rounds.life.drafting import public_source, settings_of
from matching.rounds.life.events import Happened
from matching.rounds.life.moves import Told, move
from matching.rounds.life.reach import require_round, require_teacher
from matching.rounds.life.receipts import Receipt, check_receipt, counting
from matching.rounds.life.receipts import receipt as receipt_of
from matching.rounds.life.snapshots import digest, restore, take
from matching.rounds.life.tables import SnapshotRow
from matching.rounds.settings import LONGEST_PUBLIC, commitment
from matching.rounds.tables import RoundRow

__all__ = [
    "Receipt",
    "check_receipt",
    "digest",
    "draw",
    "final_seed",
    "lottery",
    "lottery_number",
    "receipt_of",
    "restore",
    "reveal",
    "seal",
    "take",
]

SECRET_STATES = ("draft", "announced", "open", "paused", "school_review", "sealed", "voided")
"""States in which the secret has not been shown (a round that was voided keeps it)."""


def seal(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Freeze everything the round is solved from under a digest, and the ballots under a root.

    From here on no ballot of the round can change, and what happens to catalogue or roster changes
    nothing in it.
    """

    def step(row: RoundRow) -> Told:
        frozen = _frozen(session, call, row)
        store.keep(session, frozen)
        told = {"digest": frozen.digest, "root": frozen.root, "ballots": frozen.ballots}
        return Told(told, told)

    return move(session, call, round_id, "seal", step, expected_version=expected_version)


def _frozen(session: Session, call: Call, row: RoundRow) -> SnapshotRow:
    settings = settings_of(row)
    body = take(rounds_store.load(session, settings), settings)
    leaves = [ballot.digest for ballot in counting(session, row.id, settings)]
    return SnapshotRow(
        round_id=row.id,
        digest=digest(body),
        root=merkle.root(leaves),
        ballots=len(leaves),
        body=body,
        sealed_at=stamp(call.now),
    )


def draw(
    session: Session,
    call: Call,
    round_id: str,
    public_value: str,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Enter the value that was drawn in public after sealing; two people have seen it.

    Until the seed is shown a slip is put right in the same way; the log keeps every entry.

    Parameters
    ----------
    public_value
        What the source that was announced has given, such as balls drawn; nobody could know it when
        the secret was committed to.

    Raises
    ------
    BadRound
        If no source was announced, or the value is blank or too long.
    """

    def step(row: RoundRow) -> Told:
        source, value = public_source(row), public_value.strip()
        if not source:
            raise BadRound("life_no_source")
        if not value:
            raise BadRound("life_public_missing", source=source)
        if len(value) > LONGEST_PUBLIC:
            raise BadRound("life_public_too_long", most=LONGEST_PUBLIC)
        hidden, frozen = store.secret(session, row.id), store.snapshot(session, row.id)
        if frozen is None:
            raise BadRound("life_not_sealed", id=row.id)
        hidden.public_value = value
        store.keep(session, hidden)
        said = {"public_source": source, "public_value": value}
        return Told({**said, "digest": frozen.digest, "root": frozen.root}, said)

    return move(session, call, round_id, "draw", step, expected_version=expected_version)


def reveal(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Show the secret of the lottery, now that nothing it decides about can change.

    Raises
    ------
    BadRound
        If a public value was announced and is not entered yet, or the secret is not the one that was
        committed to.
    """

    def step(row: RoundRow) -> Told:
        hidden, source = store.secret(session, row.id), public_source(row)
        if source and not hidden.public_value:
            raise BadRound("life_public_missing", source=source)
        if commitment(hidden.secret) != row.seed_commitment:
            raise BadRound("life_secret_changed", commitment=row.seed_commitment)
        public_value = hidden.public_value
        seed = final_seed(hidden.secret, public_value)
        said: dict[str, Any] = {"public_source": source, "public_value": public_value}
        return Told(said, {**said, "secret": hidden.secret, "seed": seed})

    return move(session, call, round_id, "reveal", step, expected_version=expected_version)


def final_seed(secret: str, public_value: str = "") -> str:
    """Return the seed of the lottery: the secret, mixed with the public value if there is one."""
    return sha256(f"{secret}|{public_value}".encode()).hexdigest() if public_value else secret


def lottery(session: Session, scope: Scope, round_id: str) -> dict[str, int]:
    """Return the lottery number of every teacher of a sealed round whose seed is shown.

    Raises
    ------
    BadRound
        If the round is out of reach, or its seed has not been shown yet.
    """
    row = store.round_to_read(session, round_id)
    require_round(session, scope, row)
    return _numbers(session, row)


def lottery_number(session: Session, scope: Scope, round_id: str, teacher_id: str) -> int:
    """Return one teacher's lottery number; 1 is drawn first."""
    row = store.round_to_read(session, round_id)
    teacher = store.teacher(session, teacher_id)
    require_teacher(session, scope, row, teacher, teacher_id)
    numbers = _numbers(session, row)
    if teacher_id not in numbers:
        raise BadRound("life_no_teacher", id=teacher_id)
    return numbers[teacher_id]


def _numbers(session: Session, row: RoundRow) -> dict[str, int]:
    frozen = store.snapshot(session, row.id)
    if frozen is None or row.state in SECRET_STATES:
        raise BadRound("life_seed_hidden")
    hidden = store.secret(session, row.id)
    people = restore(frozen.body)[0].teachers
    return lottery_numbers(people, final_seed(hidden.secret, hidden.public_value), row.id)
