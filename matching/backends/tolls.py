"""Personal tolls: what people who want a doubtful section pay so that others may be paid to join.

A price cannot say "open only if enough come", because everybody pays the same. But whoever sits in
a section needs it open, each of them: `seat <= open`. A toll is the multiplier of that limit, for
one teacher and one seat. The section keeps the tolls if it opens, and pays with them those who would
have to join. If tolls do not pay for that, it closes, and people have lost just what they
would have given. So the bound falls by the smaller of the two, for all doubtful sections at once:
nothing has to be branched on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from matching.backends.ascent import Steps, ascend
from matching.backends.kernel import NOTHING
from matching.backends.market import Market, Purpose
from matching.backends.objective import FORBIDDING, FREE, NO, PRICE_SCALE, YES
from matching.backends.passes import near_of
from matching.backends.pins import NO_PINS, Pins
from matching.backends.rounding import rounded, step_of
from matching.certificate import Leaf
from matching.instance import Ints, Mask
from matching.schema import UNLIMITED

_NONE: Ints = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Tolls:
    """What some people pay for some seats beside the prices.

    Parameters
    ----------
    row
        Shape (tolls,): the switched row whose switch is paid.
    option, amount
        Shape (tolls,): the option that costs so much more, in 1/PRICE_SCALE points.
    """

    row: Ints
    option: Ints
    amount: Ints

    def charged(self, market: Market, purpose: Purpose) -> Purpose:
        """Return the purpose in which seats cost the tolls and switches earn them."""
        if not len(self.row):
            return purpose
        charged, earned = purpose.fine(), purpose.switch_value.copy()
        np.subtract.at(charged.value, self.option, self.amount)
        np.add.at(earned, market.switch_of[self.row], self.amount)
        return replace(charged, switch_value=earned)


NO_TOLLS = Tolls(_NONE, _NONE, _NONE)


@dataclass(frozen=True)
class Posted:
    """Prices and tolls that bound a purpose, where some seats may be decided."""

    prices: Ints
    tolls: Tolls = NO_TOLLS
    pins: Pins = NO_PINS

    def bound(self, market: Market, purpose: Purpose) -> int:
        """Return the bound that follows, in 1/PRICE_SCALE points."""
        charged = self.tolls.charged(market, purpose)
        lost = self.pins.near(market, charged, self.prices).lost
        return market.ask(charged, self.prices).bound - lost

    def openings(self, market: Market, purpose: Purpose) -> Ints:
        """Return for each switch FREE, or YES or NO where tolls tell whether opening pays."""
        pays = market.yes(self.tolls.charged(market, purpose), self.prices) > 0
        answer = np.where(pays, YES, NO)
        tolled = np.zeros(len(answer), bool)
        tolled[market.switch_of[self.tolls.row]] = True
        return np.where(tolled & (purpose.decided == FREE), answer, purpose.decided)


def settled(market: Market, purpose: Purpose, prices: Ints, after: tuple[Steps, ...]) -> Posted:
    """Return prices and tolls: tolls at some prices, then steps of prices and tolls again, in turn."""
    never = hopeless(market, purpose)
    posted = _collected(market, purpose, shut(market, purpose, Posted(prices), never), never)
    for steps in after if len(posted.tolls.row) else ():
        charged = posted.tolls.charged(market, purpose)
        prices = ascend(market, charged, steps, posted.prices)
        posted = _collected(market, purpose, replace(posted, prices=prices), never)
    return posted


def _collected(market: Market, purpose: Purpose, posted: Posted, never: Ints) -> Posted:
    """Return tolls and prices with every doubtful row at its best, one after the other.

    Those of rows that can never be filled stay as they are.
    """
    rows = _doubtful(market, purpose, posted)
    if not len(rows):
        return posted
    desk = _Desk(market, purpose, posted, rows)
    for place in np.flatnonzero(~np.isin(rows, never)).tolist():
        desk.settle(place)
    return desk.posted()


def hopeless(market: Market, purpose: Purpose) -> Ints:
    """Return the rows of undecided switches for which there are fewer options than their minimum.

    Those are left out whose subsidy (`shut`) would be too dear to be added up exactly.
    """
    local, rows = market.local, np.flatnonzero(tollable(market, purpose))
    if not len(rows):
        return rows
    takers = np.repeat(local.takers(), np.diff(local.row_edges))
    many = np.bincount(local.row, takers, minlength=local.rows)[rows]
    subsidy = many * _most(market, purpose) / np.maximum(market.lo[rows] - many, 1)
    return np.asarray(rows[(many < market.lo[rows]) & (subsidy < market.dearest[rows])])


def shut(market: Market, purpose: Purpose, posted: Posted, rows: Ints) -> Posted:
    """Return prices and tolls with which nobody sits in hopeless rows, and opening them earns nothing.

    A seat there costs more than a whole bundle is worth, and what all who could come would pay does
    not make up for the subsidy of the minimum.
    """
    if not len(rows):
        return posted
    tolls, options, most = posted.tolls, options_of(market, rows), _most(market, purpose)
    many = np.array([len(each) for each in options], np.int64)
    subsidy = np.maximum(1, -(-many * most // (market.lo[rows] - many)))
    prices = posted.prices.copy()
    prices[rows] = -subsidy
    kept = ~np.isin(tolls.row, rows)
    dear = Tolls(
        np.concatenate([tolls.row[kept], np.repeat(rows, many)]),
        np.concatenate([tolls.option[kept], *options]),
        np.concatenate([tolls.amount[kept], most + np.repeat(subsidy, many)]),
    )
    return Posted(prices, dear)


def _most(market: Market, purpose: Purpose) -> int:
    """Return what no bundle is worth more than."""
    return purpose.largest * int(market.local.size.max(initial=0))


def _doubtful(market: Market, purpose: Purpose, posted: Posted) -> Ints:
    """Return the rows that stand between nothing and their minimum, or are kept there by tolls."""
    usage = market.ask(posted.tolls.charged(market, purpose), posted.prices).usage
    doubtful = (usage > 0) & (usage < market.lo) | (posted.prices < 0)
    doubtful[posted.tolls.row] = True
    return np.flatnonzero(doubtful & tollable(market, purpose))


def tollable(market: Market, purpose: Purpose) -> Mask:
    """Return the rows that are all of an undecided switch, over everybody's seats in one section."""
    switch = market.switch_of
    rows = market.draft.shared_rows
    is_free = np.append(purpose.decided == FREE, False)[switch]
    alone = np.bincount(switch[switch >= 0], minlength=len(market.switches) + 1)[switch] == 1
    plain = [
        not row.heads
        and row.coefs is None
        and row.pool.teachers is None
        and len(row.pool.sections.places) == 1
        for row in rows
    ]
    return np.asarray(
        is_free & alone & (market.lo > 1) & (market.hi < UNLIMITED) & np.array(plain, bool)
    )


def named(market: Market, prices: Ints) -> tuple[tuple[str, int], ...]:
    """Return prices by the names of their rows, without those that only say "closed"."""
    rows = zip(market.draft.shared_rows, prices.tolist(), strict=True)
    return tuple((row.id, price) for row, price in rows if 0 != price != FORBIDDING)


def leaf_of(
    market: Market,
    goals: Mapping[str, int],
    purpose: Purpose,
    posted: Posted,
    floors: tuple[int, ...],
    kept: int,
) -> Leaf:
    """Return the leaf of a tier by names.

    `purpose` is the tier with `floors` times all earlier ones, and `kept` is what these reached, so
    weighed.
    """
    bound = (posted.bound(market, purpose) - kept) // PRICE_SCALE
    bound = rounded(bound, step_of(market.draft, goals))
    prices, tolls = named(market, posted.prices), _told(market, posted.tolls)
    decided = tuple(sorted((*_decided(market, purpose), *posted.pins.named(market))))
    return Leaf(decided, prices, floors, bound, tolls)


def _decided(market: Market, purpose: Purpose) -> tuple[tuple[str, bool], ...]:
    """Return the switches that are decided, by name."""
    answers = zip(market.switches, purpose.decided.tolist(), strict=True)
    return tuple((switch, answer == YES) for switch, answer in answers if answer != FREE)


def _told(market: Market, tolls: Tolls) -> tuple[tuple[str, str, str, int], ...]:
    """Return tolls as (row, teacher, section, amount)."""
    draft, arcs = market.draft, market.local.choices(tolls.option)
    rows, teachers = draft.shared_rows, draft.instance.teacher_ids
    lines = zip(
        tolls.row.tolist(),
        draft.owner_of(arcs).tolist(),
        draft.arc_section[arcs].tolist(),
        tolls.amount.tolist(),
        strict=True,
    )
    return tuple(
        (rows[row].id, teachers[teacher], draft.instance.section_ids[section], amount)
        for row, teacher, section, amount in lines
    )


def if_opened(market: Market, purpose: Purpose, posted: Posted, switches: Ints) -> dict[int, int]:
    """Return what the purpose could be worth at most if one of some switches had to be yes.

    All other terms stay: who gains most by the section sits there, and as many as its minimum asks
    for. Switches that cannot have tolls, or for which too few could come, are left out.
    """
    rows = np.flatnonzero(tollable(market, purpose) & np.isin(market.switch_of, switches))
    if not len(rows):
        return {}
    bound, desk = posted.bound(market, purpose), _Desk(market, purpose, posted, rows)
    found = {}
    for place, row in enumerate(rows.tolist()):
        gains, least = np.sort(desk.gains(place))[::-1], int(market.lo[row])
        gains = gains[gains > NOTHING][: market.hi[row]]
        if len(gains) >= least:
            most = int(gains[:least].sum()) + int(np.maximum(gains[least:], 0).sum())
            found[int(market.switch_of[row])] = bound + most
    return found


class _Desk:
    """The doubtful rows with their options, and prices and tolls on their way."""

    def __init__(self, market: Market, purpose: Purpose, posted: Posted, rows: Ints) -> None:
        self.market, self.rows = market, rows
        self.purpose = posted.tolls.charged(market, purpose).fine()
        self.prices = posted.prices.copy()
        self.options = options_of(market, rows)
        toll = np.zeros(market.local.options, np.int64)
        np.add.at(toll, posted.tolls.option, posted.tolls.amount)
        self.tolls = [toll[options] for options in self.options]

    def settle(self, place: int) -> None:
        """Give one row the price and the tolls of the lowest bound, all others as they are.

        What its people gain by it is handed over to the section: the subsidy is the one at which just
        enough people come, or, where too few could, nobody can gain by opening it.
        """
        row, options, value = int(self.rows[place]), self.options[place], self.purpose.value
        gains = self.gains(place)
        subsidy, self.prices[row] = _terms_of(
            gains[gains > NOTHING], int(self.market.lo[row]), int(self.market.hi[row])
        )
        value[options] += self.tolls[place]
        tolls = np.where(gains > NOTHING, np.maximum(gains + subsidy, 0), 0) * (subsidy > 0)
        self.tolls[place] = tolls
        value[options] -= tolls

    def gains(self, place: int) -> Ints:
        """Return how much better off everybody is with a free seat in a row than without any."""
        row, options, value = int(self.rows[place]), self.options[place], self.purpose.value
        price = self.prices[row]
        value[options] += self.tolls[place]
        gains = self._gains(row, options)
        value[options] -= self.tolls[place]
        self.prices[row] = price
        return gains

    def _gains(self, row: int, options: Ints) -> Ints:
        local, prices = self.market.local, self.prices
        teachers = np.searchsorted(local.start, options, side="right") - 1
        prices[row] = 0
        joined, _ = near_of(local, self.purpose.terms(prices), teachers, wanted=options).best()
        prices[row] = FORBIDDING
        apart, _ = near_of(local, self.purpose.terms(prices), teachers).best()
        return np.where((joined > NOTHING) & (apart > NOTHING), joined - apart, NOTHING)

    def posted(self) -> Posted:
        """Return the prices and the tolls there are."""
        amounts = np.concatenate(self.tolls)
        row = np.repeat(self.rows, [len(each) for each in self.tolls])
        some = amounts > 0
        tolls = Tolls(row[some], np.concatenate(self.options)[some], amounts[some])
        return Posted(self.prices, tolls)


def options_of(market: Market, rows: Ints) -> list[Ints]:
    """Return the options that use each of some rows."""
    local = market.local
    uses = np.flatnonzero(np.isin(local.row, rows))
    offers = np.searchsorted(local.row_edges, uses, side="right") - 1
    place = np.searchsorted(rows, local.row[uses])
    of_offer = np.zeros(len(local.body), bool)
    of_offer[offers] = True
    options = np.flatnonzero(of_offer[local.offer])
    theirs = local.offer[options]
    return [options[np.isin(theirs, offers[place == each])] for each in range(len(rows))]


def _terms_of(gains: Ints, lo: int, hi: int) -> tuple[int, int]:
    """Return the subsidy of one seat, 0 where a row needs none, and the row's price.

    Parameters
    ----------
    gains
        What a free seat is worth to each of those who could sit there, less than nothing for many.
    """
    gains = np.sort(gains)[::-1]
    glad, few = int((gains > 0).sum()), lo - len(gains)
    if glad >= lo:
        return 0, int(gains[hi]) if glad > hi else 0
    subsidy = -int(gains[:lo].min(initial=0))
    if few > 0:
        subsidy = max(1, subsidy, -(-int(gains.sum()) // few))
    return subsidy, -subsidy
