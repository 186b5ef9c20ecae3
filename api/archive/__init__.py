"""A round as files that anybody can recheck without us; `docs/format.md` explains them.

`bundle` writes what is there once something is published, `archive` does so for good: its line in the
log names the digest of the bundle, and the same rows give the same bytes whenever they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import Session

from api.archive import lines
from api.archive.answers import answered
from api.archive.masks import OPEN, Mask, masked
from api.archive.package import lay, unfinished
from api.archive.writing import write
from matching.rounds.errors import BadRound
from matching.rounds.life import results, store
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.events import Happened
from matching.rounds.life.moves import Told, move
from matching.rounds.life.phases import transition
from matching.rounds.life.reach import require_round
from matching.rounds.tables import RoundRow

if TYPE_CHECKING:
    from api.unit_of_work import Office

__all__ = ["Bundle", "archive", "bundle"]

ATTEMPTS = 3
"""How often a bundle is written while its round goes on changing."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Where a bundle lies, and the digest that stands for all of it: that of its manifest."""

    path: Path
    digest: str


def bundle(
    session: Session, scope: Scope, round_id: str, out: Path, *, public: bool = False
) -> Bundle:
    """Write everything about a round that was published, for an auditor or for everybody.

    Parameters
    ----------
    out
        A folder, or a name that ends in `.zip`.
    public
        Teachers stand under other names, and what only an auditor may read is left out.

    Raises
    ------
    BadRound
        If there is no such round for the caller, or nothing is published yet.
    """
    row = store.round_to_read(session, round_id)
    require_round(session, scope, row)
    return _written(session, row, out, lines.end_of(session, round_id), public=public)


def archive(office: Office, call: Call, round_id: str, out: Path) -> Bundle:
    """Archive a round whose hours are posted: its bundle is written, then the log names its digest.

    The bundle lies in its place, whole and on the disk, before the round is archived, and no
    transaction is open while it is written. Killed in between, the round is not archived and the same
    command does everything anew.

    Raises
    ------
    BadRound
        If the round is not there for the caller, or its hours are not posted.
    UserError
        If the place is taken, or the round kept changing meanwhile.
    """
    for attempt in range(1, ATTEMPTS + 1):
        made, last = _made(office, call, round_id, out)
        named = partial(_archived, call=call, round_id=round_id, digest=made.digest, last=last)
        try:
            office.do(call, named)
            break
        except lines.Outrun:
            if attempt == ATTEMPTS:
                raise
    return made


def _made(office: Office, call: Call, round_id: str, out: Path) -> tuple[Bundle, int]:
    """Write the bundle of a round that may be archived, and return the last line it holds."""
    with office.read() as session:
        row = store.round_to_read(session, round_id)
        require_round(session, call.scope, row)
        transition(row.state, "archive", call)
        last = lines.end_of(session, round_id)
        return _written(session, row, out, last, public=False), last


def _archived(session: Session, call: Call, round_id: str, digest: str, last: int) -> Happened:
    def step(_: RoundRow) -> Told:
        lines.require_unchanged(session, round_id, last)
        return Told({"bundle": digest, "last": last}, {"bundle": digest})

    return move(session, call, round_id, "archive", step)


def _written(session: Session, row: RoundRow, out: Path, last: int, *, public: bool) -> Bundle:
    if not row.published:
        raise BadRound("life_no_answer", id=row.id)
    last_answer = results.published(session, row)
    first = [] if last_answer.number == 1 else [results.published_first(session, row)]
    found = [answered(session, row, each) for each in (*first, last_answer)]
    mask = Mask(lines.salt_of(session, row.id)) if public else OPEN
    with unfinished(out) as folder:
        write(session, row, [masked(each, mask) for each in found], mask, last, folder)
        return Bundle(out, lay(folder, out))
