"""What a teacher holds in her hand: that her ballot is in, and later that it was counted."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from matching.rounds.errors import BadRound
from matching.rounds.life import merkle, store
from matching.rounds.life.calls import Scope
from matching.rounds.life.canonical import canonical
from matching.rounds.life.reach import require_teacher
from matching.rounds.life.tables import HandInRow
from matching.rounds.settings import RoundSettings

RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a ballot lies under the root that was published at sealing.

    Attributes
    ----------
    index
        Its place among `size` ballots, ordered by teacher.
    """

    index: int
    size: int
    path: tuple[str, ...]
    root: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The version and digest of a ballot, with the salt that only her receipt tells.

    Attributes
    ----------
    proof
        None before sealing, and for a ballot that was returned or withdrawn.
    """

    version: int
    digest: str
    salt: str
    handed_in: bool
    school: str
    proof: Proof | None


def new_salt() -> str:
    """Return a salt nobody can guess, as hexadecimal text."""
    return secrets.token_hex(16)


def digest_of(
    round_id: str, teacher_id: str, lines: Sequence[str], most_sections: int | None, salt: str
) -> str:
    """Return the digest of a ballot: the leaf over its salt and its canonical JSON (RFC 8785)."""
    ballot = {
        "round": round_id,
        "teacher": teacher_id,
        "lines": list(lines),
        "most_sections": most_sections,
    }
    return merkle.leaf(bytes.fromhex(salt) + canonical(ballot))


def counts(row: HandInRow, *, approval: bool) -> bool:
    """Tell whether a ballot counts: handed in and not returned; approved, if the round asks it."""
    return row.handed_in and (row.school == "approved" if approval else row.school != RETURNED)


def counting(session: Session, round_id: str, settings: RoundSettings) -> list[HandInRow]:
    """Return the ballots of a round that count, by teacher."""
    everybody = store.hand_ins(session, round_id)
    return [row for row in everybody if counts(row, approval=settings.approval)]


def receipt(session: Session, scope: Scope, round_id: str, teacher_id: str) -> Receipt:
    """Return the receipt of a teacher's ballot, with its proof once the round is sealed.

    Raises
    ------
    BadRound
        If she is out of reach or has no ballot in this round.
    """
    row = store.round_to_read(session, round_id)
    teacher = store.teacher(session, teacher_id)
    require_teacher(session, scope, row, teacher, teacher_id)
    mine = store.hand_in(session, round_id, teacher_id)
    if mine is None or not mine.digest:
        raise BadRound("life_no_ballot", id=teacher_id)
    proof = _proof(session, row.id, mine)
    return Receipt(mine.version, mine.digest, mine.salt, mine.handed_in, mine.school, proof)


def check_receipt(
    receipt: Receipt,
    round_id: str,
    teacher_id: str,
    lines: Sequence[str],
    most_sections: int | None,
) -> bool:
    """Tell whether a receipt is of this very ballot, and its proof, if any, leads to its root."""
    if receipt.digest != digest_of(round_id, teacher_id, lines, most_sections, receipt.salt):
        return False
    proof = receipt.proof
    return proof is None or merkle.is_under(
        receipt.digest, proof.index, proof.size, proof.path, proof.root
    )


def _proof(session: Session, round_id: str, mine: HandInRow) -> Proof | None:
    from matching.rounds.life.drafting import settings_from

    sealed = store.snapshot(session, round_id)
    if sealed is None:
        return None
    settings = settings_from(store.round_to_read(session, round_id).settings)
    rows = counting(session, round_id, settings)
    leaves = [row.digest for row in rows]
    places = {row.teacher_id: index for index, row in enumerate(rows)}
    index = places.get(mine.teacher_id)
    if index is None:
        return None
    return Proof(index, len(leaves), merkle.path(leaves, index), sealed.root)
