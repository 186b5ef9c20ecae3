"""Menus under our own round: who is shown what, and what the round makes of it.

`python -m benchmarks.menus [--seed N] [--teachers N] [--sections N] [--add]`. In a crowded county (`benchmarks/crowded.py`) teachers rank ten sections of what
a menu shows them, or of the whole catalogue; the engine seats them. Prices are the engine's: of a dry run on
what is estimated of these teachers, or of last year's teachers. With free search each one also finds
three of her ten favourites, wherever they stand. Prices of last year's round are those of ballots by liking
from the whole catalogue, at several rates. Welfare is in true points over a bound that the engine's
prices prove for true points.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from benchmarks import rows
from benchmarks.crowded import (
    NOTHING,
    RANK_POINTS,
    TIERS,
    WANTED,
    Ints,
    World,
    bound_of,
    dry_run,
    gini,
    ids,
    prices_of,
    round_of,
    seated,
    world,
)
from catalog.board import Board
from catalog.choices import Chooser, Item
from catalog.entries import Needs, Weights
from catalog.odds import Lists, as_of_last_time, tallied
from matching.settings import Settings
from matching.solve import solve

Rows = Iterator[tuple[str, dict[str, float]]]

LISTED = 10
FAVOURITES, FOUND = 10, 3
UTILITY, PRICED = "by utility", "less the price of a dry run"
LAST, VARIED = "less last year's price", "less the price of a dry run, varied"
MENUS = (
    (10, UTILITY), (20, UTILITY), (40, UTILITY), (10, PRICED), (20, PRICED), (40, PRICED),
    (10, LAST), (10, VARIED),
)  # fmt: skip
RATES = (1, 1.5, 2, 2.5, 3, 4)
PLAIN = Weights(same_dimension=0, same_offering=0)
ALIKE_COSTS = Weights(same_dimension=10, same_offering=0)


def items_of(county: World) -> list[Item]:
    """Return the sections; each works on the dimension that its course covers most."""
    dimensions = county.coverage.argmax(axis=1)
    return [
        Item(section, section, section, dimensions=(f"D{dimension}",))
        for section, dimension in zip(county.sections, dimensions, strict=True)
    ]


def shown(
    county: World, prices: dict[str, int], length: int, weights: Weights = PLAIN
) -> tuple[Ints, float]:
    """Return the sections on everybody's menu, shape (teachers, length), and the CPU seconds."""
    place = {section: at for at, section in enumerate(county.sections)}
    started = time.process_time()
    board = Board(as_of_last_time(items_of(county), prices, Fraction(1, 1000)), weights=weights)
    titles = {f"D{n}": {"zh": "", "en": ""} for n in range(6)}
    needs = [
        Needs(dict(zip(county.sections, row, strict=True)), dict.fromkeys(titles, 0), titles)
        for row in county.estimate.tolist()
    ]
    choosers = [Chooser(name, {}) for name in ids("T", len(needs))]
    found = [
        [place[entry.item.section] for entry in menu.entries]
        for menu in board.menus(choosers, needs, length)
    ]
    return np.array(found, np.int64), time.process_time() - started


def ranked(county: World, known: Ints, prices: dict[str, int] | None = None) -> Ints:
    """Return the ten best of what each teacher knows of, in her true order, each once.

    With the odds in view (`prices`) she leaves out what is dearer to get than it is worth to her.
    """
    lists = np.sort(known, axis=1)
    twice = np.zeros(lists.shape, np.bool_)
    twice[:, 1:] = lists[:, 1:] == lists[:, :-1]
    points = 1000 * np.take_along_axis(county.truth, lists, 1) - np.where(twice, 2**40, 0)
    asked = np.array([(prices or {}).get(section, 0) for section in county.sections])
    kept = np.argsort(asked[lists] - points, axis=1, kind="stable")[:, :LISTED]
    order = np.argsort(-np.take_along_axis(points, kept, 1), axis=1, kind="stable")
    kept = np.take_along_axis(kept, order, 1)
    found = np.take_along_axis(lists, kept, 1)
    return np.where(np.take_along_axis(twice, kept, 1), NOTHING, found)


def favourites(county: World, seed: int) -> Ints:
    """Return three of everybody's ten favourites in the catalogue, found by search."""
    draw = np.random.default_rng(seed)
    best = np.argsort(-county.truth, axis=1, kind="stable")[:, :FAVOURITES]
    return draw.permuted(best, axis=1)[:, :FOUND]


def figures(
    county: World, bound: int, lists: Ints, menus: Ints | None = None, seed: int = 0
) -> dict[str, float]:
    """Return what our round makes of some lists."""
    held = seated(lists, county.capacity, seed)
    worth = np.where(held, np.take_along_axis(county.truth, np.maximum(lists, 0), 1), 0)
    seats = held.sum(axis=1)
    found = {
        "welfare_over_bound": float(worth.sum() / bound),
        "none_percent": float(100 * (seats == 0).mean()),
        "all_three_percent": float(100 * (seats == WANTED).mean()),
        "seats_unused_percent": float(100 * (1 - seats.sum() / county.capacity.sum())),
    }
    if menus is not None:
        counts = np.bincount(menus.ravel(), minlength=len(county.capacity))
        found["exposure_gini"] = gini(counts / county.capacity)
        found["never_shown"] = float((counts == 0).sum())
    return found


def two_years(teachers: int, sections: int, seed: int, slack: float) -> tuple[World, World]:
    """Return last year's teachers and this year's before the same sections."""
    both = world(2 * teachers, sections, seed, slack)
    capacity = np.maximum(10, both.capacity // 2)
    last = replace(
        both,
        estimate=both.estimate[:teachers], truth=both.truth[:teachers], capacity=capacity,
    )  # fmt: skip
    this = replace(both, estimate=both.estimate[teachers:], truth=both.truth[teachers:])
    return last, replace(this, capacity=capacity)


def tables(
    teachers: int = 8_000, sections: int = 300, slacks: tuple[float, ...] = (1.1,), seed: int = 0
) -> Rows:
    """Yield a row for each kind of menu."""
    for slack in slacks:
        last, this = two_years(teachers, sections, seed, slack)
        name = f"menus: {teachers:,} x {sections}, seats {slack} x wanted"
        name += f", seed {seed}" if seed else ""
        bound = bound_of(dry_run(this.truth, this.capacity))
        prices = prices_of(dry_run(this.estimate, this.capacity))
        last_prices = prices_of(dry_run(last.estimate, last.capacity))
        everything = np.broadcast_to(np.arange(sections), this.truth.shape)
        yield f"{name}, whole catalogue", figures(this, bound, ranked(this, everything))
        lists = ranked(this, everything, prices)
        yield f"{name}, whole catalogue, odds in view", figures(this, bound, lists)
        for length, kind in MENUS:
            of, weights = {
                UTILITY: ({}, PLAIN),
                PRICED: (prices, PLAIN),
                LAST: (last_prices, PLAIN),
                VARIED: (prices, ALIKE_COSTS),
            }[kind]
            menus, seconds = shown(this, of, length, weights)
            lists = ranked(this, menus)
            row = figures(this, bound, lists, menus) | {"menus_cpu_seconds": seconds}
            yield f"{name}, top {length} {kind}", row
            lists = ranked(this, np.hstack([menus, favourites(this, seed)]))
            row = figures(this, bound, lists, menus)
            yield f"{name}, top {length} {kind}, free search", row
        yield from by_last_round(name, last, this, bound)
        yield f"{name}, odds of last year's round", odds(last, this, last_prices, prices, seed)


def by_last_round(name: str, last: World, this: World, bound: int) -> Rows:
    """Yield what the prices of last year's round do at several rates.

    A rate says how many standard deviations of what sections are worth to a teacher a first choice is.
    """
    spread = float((this.estimate - this.estimate.mean(axis=1)[:, None]).std())
    everything = np.broadcast_to(np.arange(last.truth.shape[1]), last.truth.shape)
    lists = ranked(last, everything)
    points = np.broadcast_to(np.array(RANK_POINTS)[: lists.shape[1]], lists.shape)
    instance = round_of(lists, points, last.capacity, TIERS)
    of_round = prices_of(solve(instance, Settings(effort="quick", reasons=False)))
    for rate in RATES:
        scale = rate * spread / RANK_POINTS[0]
        prices = {section: int(price * scale) for section, price in of_round.items()}
        menus, _ = shown(this, prices, LISTED)
        row = figures(this, bound, ranked(this, menus), menus)
        yield f"{name}, top {LISTED} less last round's price, first choice {rate} sd", row


def odds(
    last: World,
    this: World,
    last_prices: dict[str, int],
    prices: dict[str, int],
    seed: int = 0,
) -> dict[str, float]:
    """Return how well last year's seats foretell this year's: menus with free search in both."""
    answers = []
    for county, of in ((last, last_prices), (this, prices)):
        menus, _ = shown(county, of, LISTED)
        lists = ranked(county, np.hstack([menus, favourites(county, seed + 1)]))
        answers.append(lines_of(lists, seated(lists, county.capacity)))
    told = tallied(answers[0], this.sections)
    chances = np.array([told[section].per_mille for section in this.sections]) / 1000
    asked = ~answers[1].served_better()
    section, came = answers[1].section[asked], answers[1].seated[asked].astype(np.float64)
    before = answers[0].seated[~answers[0].served_better()].mean()
    return {
        "lines": float(asked.sum()),
        "got_in_percent": float(100 * came.mean()),
        "ece": calibration_error(chances[section], came),
        "brier": float(((chances[section] - came) ** 2).mean()),
        "brier_of_one_share_for_all": float(((before - came) ** 2).mean()),
        "known_sections": float(sum(told[s].asked >= 5 for s in this.sections)),
    }


def lines_of(lists: Ints, held: NDArray[np.bool_]) -> Lists:
    """Return lists and their seats line by line."""
    teacher, line = np.nonzero(lists != NOTHING)
    wanted = np.full(len(lists), WANTED)
    return Lists(teacher, lists[teacher, line], line + 1, held[teacher, line], wanted)


def calibration_error(chances: NDArray[np.float64], came: NDArray[np.float64]) -> float:
    """Return the expected calibration error over ten bins of equal width."""
    bins = np.minimum((10 * chances).astype(np.int64), 9)
    gaps = np.bincount(bins, weights=chances - came, minlength=10)
    return float(np.abs(gaps).sum() / len(came))


if __name__ == "__main__":
    rows.main("menus", __doc__, tables, seed=0, teachers=8_000, sections=300)
