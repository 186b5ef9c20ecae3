"""Whether sheets and settings still are what the stored answer of a round was solved from."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session

from matching.result import Seat
from matching.rounds import store
from matching.rounds.assemble import assemble
from matching.rounds.by_hand import NOTHING, ByHand
from matching.rounds.needs import gains
from matching.rounds.settings import RoundSettings

FIRST = 1


def changed_since(session: Session, settings: RoundSettings, by_hand: ByHand = NOTHING) -> bool:
    """Tell whether the stored answer belongs to another instance than sheets and settings give now.

    Seats decided by hand are no change: the answer was solved with them.
    """
    results = store.results(session, settings.id)
    return bool(results) and results[-1].instance_digest not in _digests(session, settings, by_hand)


def _digests(session: Session, settings: RoundSettings, by_hand: ByHand) -> Iterator[str]:
    """Yield the digests that a solve of now could have: round 1 is plain or strict, round 2 keeps."""
    stored = store.load(session, settings)
    gain = gains(stored, settings)
    if len(store.results(session, settings.id)) == 1:
        for last in (False, True):
            yield assemble(stored, settings, last=last, gain=gain, by_hand=by_hand).instance.digest
        return
    before = (row for row in store.seats(session, settings.id) if row.number == FIRST)
    locks = [Seat(row.teacher_id, row.section_id, row.rank) for row in before]
    yield assemble(
        stored, settings, last=True, locks=locks, gain=gain, by_hand=by_hand
    ).instance.digest
