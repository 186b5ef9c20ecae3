"""From prices to seats: the surest people first, then new prices for the rest in what is left.

At good prices most people have one best bundle and there is room for it. The others want the same
seats, or like two bundles alike, and prices that were set for everybody do not tell who of them
should go where. So the surest are seated first, those whose second best bundle is worth much less, and of them
those who would lose most choose first; the rest are a smaller market, in which prices move on until
demand meets the seats that are left; and so on. The last few are seated by linear programs, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from matching.backends.ascent import Steps, ascend
from matching.backends.dive import Width, dive_block
from matching.backends.frame import AT_ONCE
from matching.backends.generation import generated
from matching.backends.hanging import place_in
from matching.backends.kernel import NOTHING
from matching.backends.lists import Lists, Places
from matching.backends.local import Local
from matching.backends.market import Market, Purpose
from matching.backends.passes import near_of, usage_of
from matching.backends.recover import Seating
from matching.freed import give_back
from matching.instance import Ints, Mask
from matching.schema import UNLIMITED


@dataclass(frozen=True)
class Narrowing:
    """Which part of those still open is seated in each stage, and the steps of prices between two.

    After the last stage everybody is seated. With `lean` everybody's lottery number makes her like
    each section by less than that part of the best option more, so that people who want the same
    want it a little differently. Once no more than `few` are left, linear programs over their bundles
    seat them after each stage, too, and the best answer stays; with 0, for crowds, who would lose most
    is seated first, not who is surest.
    """

    shares: tuple[float, ...]
    steps: Steps
    lean: int = 0
    few: int = 0


def narrowed(
    market: Market, purpose: Purpose, prices: Ints, order: Ints, course: Narrowing
) -> Seating:
    """Return an assignment in which everybody was seated in stages; `order` decides between equals."""
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    lean = max(1, purpose.unit // course.lean) if course.lean else 0
    seating = Seating(market, replace(purpose, lot=rank, lean=lean))
    rest, terms, people, ends = market, seating.purpose, market.everybody, list[Seating]()
    kept: Places = np.zeros(0, np.int32)
    for share in (*course.shares, 1.0):
        if len(people) <= course.few and rest is not market:
            ends.append(_ended(seating, rest, terms, prices, people, kept))
        seated = math.ceil(share * len(people))
        lost = _most_to_lose(rest, terms, prices, rank[people])
        sure = (surest(rest, terms, prices, rank[people]) if course.few else lost)[:seated]
        is_sure = np.zeros(len(people), bool)
        is_sure[sure] = True
        seating.choose(prices, people[lost[is_sure[lost]]], draws=seated == len(people))
        people = people[~is_sure]
        del lost, sure, is_sure
        if not len(people):
            break
        if rest is not market:
            rest.slices.drop()
        rest, terms = market, seating.purpose
        rest, terms, kept = rest_of(seating, people)
        give_back(market.local.options)
        prices = ascend(rest, terms, course.steps, rest.legal(terms, prices))
    if rest is not market:
        rest.slices.drop()
    ends.append(Seating(market, purpose, seating.held))
    best = ends[0] if len(ends) == 1 else max(ends, key=rank_of)
    best.upgrade(order, UPGRADES)
    return best


def rank_of(seating: Seating) -> tuple[bool, int]:
    """Return what makes one assignment better than another: lawful, then its worth."""
    return seating.market.is_whole(seating.purpose, seating.held), seating.worth


UPGRADES = 50
"""So often at most people are asked in the end whether a better bundle is still free; after the first
time only those who would like what somebody left."""


def surest(market: Market, purpose: Purpose, prices: Ints, rank: Ints) -> Ints:
    """Return the teachers of a market, those first whose second best bundle is worth much less."""
    near = market.near(purpose, prices, most=2, within=2 * purpose.largest)
    ahead = np.where(near.found > 1, near.worth[:, 0] - near.worth[:, -1], -NOTHING)
    return np.lexsort((rank, -ahead))


def _ended(
    seating: Seating, rest: Market, terms: Purpose, prices: Ints, people: Ints, kept: Places
) -> Seating:
    """Return the assignment in which linear programs over their bundles seat all who are left."""
    plain = replace(terms, lean=0)
    *_, found = islice(generated(rest, plain, prices, 1), ROUNDS + 1)
    last = Seating(rest, plain)
    dive_block(last, found.columns, LAST)
    held = np.full((len(people), seating.held.shape[1]), -1, np.int32)
    held[:, : last.held.shape[1]] = np.append(kept, -1)[last.held]
    ended = Seating(seating.market, replace(seating.purpose, lean=0), seating.held)
    ended.put(people, held)
    return ended


ROUNDS, LAST = 3, Width(0.0, 0.05, 24, more=3)
"""The last people get the bundles of so many linear programs before they are seated, so wide."""


def _most_to_lose(market: Market, purpose: Purpose, prices: Ints, rank: Ints) -> Ints:
    """Return the teachers of a market, those first who want nothing that is scarce, then by loss.

    A loss is what somebody's best bundle is worth above her best one without scarce rows; `rank`
    decides between equals.
    """
    terms = purpose.terms(prices)
    best, held = market.near(purpose, prices).best()
    room = market.room(purpose, usage_of(market.local, held))
    del held
    scarce = room.usage > room.hi
    without = room._replace(usage=np.where(scarce, room.hi, 0), weight=np.zeros_like(room.hi))
    other, _ = near_of(market.local, terms, market.everybody, room=without).best()
    loss = np.where(other == best, -NOTHING, best - other)
    return np.lexsort((rank, -loss))


def rest_of(seating: Seating, people: Ints) -> tuple[Market, Purpose, Places]:
    """Return the market of some people in what the others leave, its purpose, and its options.

    What is maximised there is the same; options are told by their places in the whole. Rows keep
    their places, so prices of the one market are prices of the other.
    """
    whole, purpose = seating.market, seating.purpose
    room = whole.room(purpose, seating.usage)
    left = np.where(room.hi >= UNLIMITED, UNLIMITED, np.maximum(room.hi - room.usage, 0))
    local, kept = _part(whole.local, people, left)
    part = whole.part(local, np.maximum(whole.lo - room.usage, 0), left)
    lot = purpose.lot[people] if purpose.lean else purpose.lot
    return part, replace(purpose, value=purpose.value[kept], lot=lot), kept


def _part(local: Local, people: Ints, left: Ints) -> tuple[Local, Places]:
    """Return the local side of some people with the options that fit into what is left, and these.

    What must be held stays.
    """
    step, offers = AT_ONCE // 8, len(local.body)
    some = (slice(begin, begin + step) for begin in range(0, offers, step))
    fits = np.concatenate([np.zeros(0, bool), *(_fitting(local, left, part) for part in some)])
    kept, start = _kept(local, people, fits)
    ties = Lists(local.tie_of, *[np.arange(len(local.tie_edges) - 1)] * 2).of(people)
    tied = Lists(local.tie_edges, local.tie, local.tie).of(ties.values)
    needs = Lists(local.need_of, local.need_option, np.arange(len(local.need_option))).of(people)
    needed = Lists(local.need_edges, local.need, local.need).of(needs.weights)
    part = local._replace(
        start=start,
        arc=local.choices(kept).astype(np.int32, copy=False),
        offer=local.offer[kept],
        must=local.must[kept] if len(local.must) else local.must,
        lo=local.lo[people],
        hi=local.hi[people],
        size=local.size[people],
        tie_of=ties.edges.astype(np.int32),
        tie_edges=tied.edges,
        tie=place_in(kept, tied.values),
        need_of=needs.edges.astype(np.int32),
        need_option=place_in(kept, needs.values),
        need_edges=needed.edges,
        need=place_in(kept, needed.values),
    )
    return part, kept


def _kept(local: Local, people: Ints, fits: Mask) -> tuple[Places, Ints]:
    """Return the options of some people that fit or must be held, and the edges by person."""
    kept = np.empty(int((local.start[people + 1] - local.start[people]).sum()), np.int32)
    count, counts = 0, [np.zeros(1, np.int64)]
    for few in np.array_split(people, max(1, local.options // AT_ONCE)):
        sizes = local.start[few + 1] - local.start[few]
        edges = np.concatenate([[0], np.cumsum(sizes)])
        options = np.arange(edges[-1]) + np.repeat(local.start[few] - edges[:-1], sizes)
        stay = fits[local.offer[options]]
        if len(local.must):
            stay |= local.must[options]
        before = np.concatenate([[0], np.cumsum(stay)])
        kept[count : count + before[-1]] = options[stay]
        count += before[-1]
        counts.append(np.diff(before[edges]))
    kept.resize(count, refcheck=False)
    return kept, np.cumsum(np.concatenate(counts))


def _fitting(local: Local, left: Ints, offers: slice) -> Mask:
    """Return which of some consecutive offers fit into what is left."""
    rows, heads = (
        edges[offers.start : offers.stop + 1] for edges in (local.row_edges, local.head_edges)
    )
    seats, people = slice(rows[0], rows[-1]), slice(heads[0], heads[-1])
    over = _any_of(rows - rows[0], local.coefs[seats] > left[local.row[seats]])
    return ~over & ~_any_of(heads - heads[0], left[local.head[people]] < 1)


def _any_of(edges: Places, flags: Mask) -> Mask:
    """Return for each list whether one of its flags is set."""
    before = np.concatenate([[0], np.cumsum(flags)])
    return np.asarray(before[edges[1:]] > before[edges[:-1]])
