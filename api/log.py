"""The log of everything that happened: append-only, without gaps, each line holding the hash before it.

The hash of a line is SHA-256 over the canonical JSON (RFC 8785) of all its other columns, the salted
digest of its body included. So a body that names persons can be deleted and the chain still be
checked, and whoever wrote down a head (number and hash) can tell later whether a line was changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import RowMapping, delete, select
from sqlmodel import Session, SQLModel

import api.tables  # noqa: F401  (declares the tables below)
from api.messages import Language, say
from catalog.prepared import Prepared, connection_of
from matching.rounds.life.calls import Call
from matching.rounds.life.canonical import canonical
from matching.rounds.life.clock import stamp
from matching.rounds.life.events import Happened

LINES = SQLModel.metadata.tables["event_log"]
BODIES = SQLModel.metadata.tables["event_body"]

IN_PARTS = {"yield_per": 1000}
"""How a long log is read; said with the query, for on a connection it would stay."""

_LAST = Prepared(select(LINES.c.seq, LINES.c.hash).order_by(LINES.c.seq.desc()).limit(1))
_ADD_LINE, _ADD_BODY = Prepared(LINES.insert()), Prepared(BODIES.insert())

HASHED = (
    "seq",
    "round_id",
    "kind",
    "actor",
    "role",
    "scope",
    "request_id",
    "at",
    "reason",
    "second",
    "body_digest",
    "previous",
)
"""What the hash of a line covers; a column that is added later must not change hashes of today."""

HEAD_LOCK = (2063, 1)
"""The advisory lock of PostgreSQL under which lines are added (any two numbers of our own)."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of the log; publish it, and nobody can change a line before it unseen."""

    seq: int
    hash: str


GENESIS = Head(0, "0" * 64)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the log, at one line."""

    code: str
    seq: int

    def say(self, lang: Language = "zh") -> str:
        """Return what is wrong in one sentence."""
        return say(self.code, lang, seq=self.seq)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check of the whole log found.

    Attributes
    ----------
    lines, bodies
        How many lines there are, and how many of them still have their body.
    """

    lines: int
    bodies: int
    head: Head
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def head(session: Session) -> Head:
    """Return the last line of the log; what comes before the first is `GENESIS`."""
    line = _LAST.first(connection_of(session), {})
    return Head(*line) if line else GENESIS


def locked_head(session: Session) -> Head:
    """Return the head and let nobody else add a line before this transaction ends.

    Call it last: on PostgreSQL every other writer waits from here to the commit. SQLite has given
    this transaction the one write lock when it began.
    """
    if session.get_bind().dialect.name == "postgresql":
        first, second = HEAD_LOCK
        connection_of(session).exec_driver_sql(f"SELECT pg_advisory_xact_lock({first}, {second})")
    return head(session)


def append(session: Session, call: Call, happened: Happened, before: Head) -> Head:
    """Add one line with its body after `before`, and return it as the new head."""
    salt = secrets.token_hex(16)
    line: dict[str, Any] = {
        "seq": before.seq + 1,
        "round_id": happened.round_id,
        "kind": happened.kind,
        "actor": call.actor,
        "role": call.role,
        "scope": call.scope.id,
        "request_id": call.request_id,
        "at": stamp(call.now),
        "reason": call.reason,
        "second": call.second,
        "body_digest": body_digest(salt, happened.body),
        "previous": before.hash,
    }
    line["hash"] = line_hash(line)
    body = {"seq": line["seq"], "salt": salt, "body": happened.body}
    connection = connection_of(session)
    _ADD_LINE.write(connection, line)
    _ADD_BODY.write(connection, body)
    return Head(before.seq + 1, line["hash"])


def body_digest(salt: str, body: Mapping[str, Any]) -> str:
    """Return the digest of a body; without the salt a short body could be guessed from it."""
    return sha256(salt.encode() + canonical(dict(body))).hexdigest()


def line_hash(line: Mapping[str, Any]) -> str:
    """Return the hash of a line over everything else it says."""
    return sha256(canonical({name: line[name] for name in HASHED})).hexdigest()


def forget_body(session: Session, seq: int) -> bool:
    """Delete what a line says in full, for a person's sake; True if it was there."""
    return session.connection().execute(delete(BODIES).where(BODIES.c.seq == seq)).rowcount > 0


def check(session: Session, published: Mapping[int, str] | None = None) -> ChainReport:
    """Check every line of the log and every body that is left.

    Parameters
    ----------
    session
        Reads one state.
    published
        Heads that were written down somewhere else: number to hash. Without any, a log whose end was
        cut off, or that was written anew from some line on, looks sound.
    """
    heads = dict(published or {})
    last, lines, bodies = GENESIS, 0, 0
    faults: list[Fault] = []
    for line in _lines(session):
        seq = line["seq"]
        lines, bodies = lines + 1, bodies + (line["salt"] is not None)
        faults += (Fault(code, seq) for code in _faults(line, last))
        if heads.pop(seq, line["hash"]) != line["hash"]:
            faults.append(Fault("log_head", seq))
        last = Head(seq, line["hash"])
    faults += (Fault("log_head", seq) for seq in sorted(heads))
    faults += (Fault("log_stray", seq) for seq in _strays(session))
    return ChainReport(lines, bodies, last, tuple(faults))


def _lines(session: Session) -> Iterator[RowMapping]:
    """Give all lines in order, each with its body or None, a thousand at a time."""
    query = (
        select(LINES, BODIES.c.salt, BODIES.c.body)
        .outerjoin(BODIES, BODIES.c.seq == LINES.c.seq)
        .order_by(LINES.c.seq)
    )
    found = session.connection().execute(query, execution_options=IN_PARTS)
    return iter(found.mappings())


def _faults(line: RowMapping, last: Head) -> Iterator[str]:
    """Return what is wrong with one line that follows `last`."""
    said = {str(name): value for name, value in line.items()}
    if said["seq"] != last.seq + 1:
        yield "log_gap"
    elif said["previous"] != last.hash:
        yield "log_previous"
    if said["hash"] != line_hash(said):
        yield "log_hash"
    if said["salt"] is not None and said["body_digest"] != body_digest(said["salt"], said["body"]):
        yield "log_body"


def _strays(session: Session) -> list[int]:
    """Return the numbers of bodies whose line is gone."""
    query = (
        select(BODIES.c.seq)
        .outerjoin(LINES, LINES.c.seq == BODIES.c.seq)
        .where(LINES.c.seq.is_(None))
        .order_by(BODIES.c.seq)
    )
    return list(session.connection().execute(query).scalars())
