"""What a teacher's menu showed her, written down once, so that menus can be judged later.

What is never shown is rarely asked for; whoever learns from what was asked for needs to know what was
seen. A teacher reads her own log; offices see how many teachers a section was shown to, where at
least five were. A menu that cannot be written down is shown all the same: nothing rests on it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session, SQLModel

import api.tables  # noqa: F401  (declares the table below)
from catalog.entries import Menu
from catalog.odds import FEWEST
from catalog.prepared import Prepared, connection_of
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp

SHOWN = SQLModel.metadata.tables["menu_shown"]

_KNOWN = Prepared(
    select(SHOWN.c.at).where(
        SHOWN.c.round_id == bindparam("round"),
        SHOWN.c.teacher_id == bindparam("teacher"),
        SHOWN.c.digest == bindparam("digest"),
    )
)
_ADD = Prepared(SHOWN.insert())

KEPT_DAYS = 400
"""What is older is forgotten."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One menu that a teacher sees."""

    round_id: str
    teacher_id: str
    lines: tuple[tuple[str, int, int, int | None], ...]

    @property
    def digest(self) -> str:
        """What tells one menu from another."""
        return hashlib.sha256(json.dumps(self.lines).encode()).hexdigest()


def sight(round_id: str, menu: Menu) -> Sight:
    """Return what is to be written down of a menu."""
    lines = tuple(
        (
            entry.item.section,
            entry.score,
            entry.item.price,
            entry.item.odds.per_mille if entry.item.odds else None,
        )
        for entry in menu.entries
    )
    return Sight(round_id, menu.teacher, lines)


def is_known(session: Session, seen: Sight) -> bool:
    """Tell whether she was shown just this menu before."""
    this = {"round": seen.round_id, "teacher": seen.teacher_id, "digest": seen.digest}
    return _KNOWN.first(connection_of(session), this) is not None


def keep(session: Session, call: Call, seen: Sight) -> tuple[()]:
    """Write down what she is shown; it is no event of a round and makes no line of its log."""
    if not is_known(session, seen):
        row = {
            "round_id": seen.round_id,
            "teacher_id": seen.teacher_id,
            "digest": seen.digest,
            "at": stamp(call.now),
            "lines": [list(line) for line in seen.lines],
        }
        _ADD.write(connection_of(session), row)
    return ()


def own(session: Session, round_id: str, teacher_id: str) -> list[tuple[str, Sequence[Any]]]:
    """Return when a teacher was first shown which menu, the last first."""
    mine = select(SHOWN.c.at, SHOWN.c.lines).where(
        SHOWN.c.round_id == round_id, SHOWN.c.teacher_id == teacher_id
    )
    order = (SHOWN.c.at.desc(), SHOWN.c.digest)
    return [(at, lines) for at, lines in session.execute(mine.order_by(*order))]


def exposure(session: Session, round_id: str) -> dict[str, int | None]:
    """Return how many teachers each section was shown to; None where fewer than five were."""
    seen: dict[str, set[str]] = {}
    mine = select(SHOWN.c.teacher_id, SHOWN.c.lines).where(SHOWN.c.round_id == round_id)
    for teacher, lines in session.execute(mine):
        seen.setdefault(teacher, set()).update(line[0] for line in lines)
    counts = Counter(section for sections in seen.values() for section in sections)
    return {name: many if many >= FEWEST else None for name, many in sorted(counts.items())}


def forget(session: Session, call: Call) -> tuple[()]:
    """Delete what has been kept long enough."""
    until = stamp(call.now - timedelta(days=KEPT_DAYS))
    session.execute(delete(SHOWN).where(SHOWN.c.at < until))
    return ()
