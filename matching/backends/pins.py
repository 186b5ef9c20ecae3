"""Seats that a case decides: somebody holds an option in it, or does not.

Where prices of the whole linear program prove a step more than can be reached, people in a ring hold
halves of bundles. Deciding one of their seats breaks the ring: both cases have lower prices.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from matching.backends.columns import listed
from matching.backends.kernel import NOTHING
from matching.backends.lists import Places
from matching.backends.local import Local
from matching.backends.market import Market, Purpose
from matching.backends.passes import near_of
from matching.instance import Ints, Mask

LISTED = 64
"""So many bundles are looked through for one that keeps the pins; beyond them the last one bounds."""


class Pinned(NamedTuple):
    """Bundles of pinned people that keep the pins.

    Parameters
    ----------
    owner, held
        Whose each bundle is, and its options.
    lost
        How much less their best such bundles are worth than their best, in 1/PRICE_SCALE points: so
        much pins take off a bound. A little less than that where none of those looked through keeps
        the pins.
    """

    owner: Ints
    held: Places
    lost: int


@dataclass(frozen=True)
class Pins:
    """Decided seats.

    Parameters
    ----------
    option
        Shape (pins,): options, by their places among all.
    held
        Shape (pins,): whether its owner holds it.
    """

    option: Ints
    held: Mask

    def and_pin(self, option: int, *, held: bool) -> Pins:
        """Return these pins and one more."""
        return Pins(np.append(self.option, option), np.append(self.held, held))

    def keep(self, local: Local, owner: Ints, held: Places) -> Mask:
        """Tell which bundles of some owners keep the pins."""
        has = (held[:, :, None] == self.option).any(axis=1)
        theirs = owner[:, None] == _owner_of(local, self.option)
        return np.asarray(~(theirs & (has != self.held)).any(axis=1))

    def seated(self, local: Local, teachers: Ints) -> Mask:
        """Tell which of some teachers hold some option for certain."""
        return np.isin(teachers, _owner_of(local, self.option[self.held]))

    def near(self, market: Market, purpose: Purpose, prices: Ints) -> Pinned:
        """Return bundles near the best of pinned people that keep the pins, and what pins cost them."""
        local, terms = market.local, purpose.terms(prices)
        size = max(1, int(local.size.max(initial=0)))
        if not len(self.option):
            return Pinned(np.zeros(0, np.int64), np.zeros((0, size), np.int32), 0)
        people = np.unique(_owner_of(local, self.option))
        wanted = local.start[people] - 1
        yes = self.option[self.held]
        wanted[np.searchsorted(people, _owner_of(local, yes))] = yes
        within = size * purpose.largest
        near = near_of(local, terms, people, LISTED, within, wanted)
        place, bundles = listed(near, size)
        worth = near.worth[np.arange(LISTED) < near.found[:, None]]
        kept = self.keep(local, people[place], bundles)
        last = near.worth[np.arange(len(people)), near.found - 1]
        beyond = near.worth[:, 0] - within - 1
        most = np.where(near.found == LISTED, last, beyond)
        reached = np.full(len(people), NOTHING)
        np.maximum.at(reached, place[kept], worth[kept])
        reached = np.where(reached > NOTHING, reached, most)
        best, _ = near_of(local, terms, people).best()
        lost = int((best - reached).sum())
        return Pinned(people[place[kept]], bundles[kept], lost)

    def named(self, market: Market) -> tuple[tuple[str, bool], ...]:
        """Return the decided seats by name, as the certificate tells them."""
        draft, arcs = market.draft, market.local.choices(self.option)
        teachers, sections = draft.owner_of(arcs).tolist(), draft.arc_section[arcs].tolist()
        pairs = zip(teachers, sections, self.held.tolist(), strict=True)
        ids = draft.instance.teacher_ids, draft.instance.section_ids
        return tuple(
            (json.dumps([ids[0][teacher], ids[1][section]], ensure_ascii=False), yes)
            for teacher, section, yes in pairs
        )


NO_PINS = Pins(np.zeros(0, np.int64), np.zeros(0, bool))


def _owner_of(local: Local, options: Ints) -> Ints:
    return np.searchsorted(local.start, options, side="right") - 1
