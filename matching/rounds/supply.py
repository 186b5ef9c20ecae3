"""A what-if of scarcity: capacities cut so that the seats on offer are a multiple of what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matching.predicates import parse
from matching.rounds.attributes import Attributes
from matching.rounds.settings import Share


def scaled(
    seats: Mapping[str, tuple[int, int, int]],
    attributes: Mapping[str, Attributes],
    shares: Iterable[Share],
    *,
    roll: int,
    due: int,
    percent: int,
) -> dict[str, tuple[int, int]]:
    """Return capacity and minimum of every section for a supply of `percent` of the hours due.

    Sections under an exact level share keep their seats, for the share fixes how many sit there, and
    are taken to meet the whole debt of that many teachers. All other sections shrink alike, none
    grows; a minimum above the new capacity comes down to it.

    Parameters
    ----------
    seats
        Section -> (capacity, minimum, account minutes).
    roll, due
        Teachers in the round and the account minutes they owe together.
    """
    exact = [share for share in shares if share.exact]
    kept = {name for name in seats if any(_covers(s, attributes[name]) for s in exact)}
    served = sum(share.minimum(roll) for share in exact) * due // max(roll, 1)
    wanted = max(0, due * percent // 100 - served)
    offered = sum(seats[name][0] * seats[name][2] for name in seats if name not in kept)
    return {
        name: (capacity, minimum)
        if name in kept or wanted >= offered
        else _cut(capacity, minimum, wanted, offered)
        for name, (capacity, minimum, _) in seats.items()
    }


def _covers(share: Share, attributes: Attributes) -> bool:
    return parse(share.where).holds(attributes)


def _cut(capacity: int, minimum: int, wanted: int, offered: int) -> tuple[int, int]:
    fewer = (2 * capacity * wanted + offered) // (2 * offered)
    return fewer, min(minimum, fewer)
