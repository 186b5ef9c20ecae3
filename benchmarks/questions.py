"""What ten questions "A or B?" do for those who come off worst, under our own round.

`python -m benchmarks.questions [--first SEED] [--seeds N] [--add]`. The truth is known here: what a section is worth to a teacher is half
what the menu estimates and half her own (taste by dimension, and what only she knows). She sees twenty
sections, looks at half of them, puts those in order at first sight, which is blurred, and hands in ten at
most. With questions her order and the answers are read by `catalog.pairwise`, which speaks for what she has
not looked at too; answers are blurred as well, but less. The engine seats both kinds of ballots in the
same seats. All figures are shares of her three best of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import rows
from benchmarks.crowded import NOTHING, WANTED, Ints, World, dry_run, prices_of, seated, world
from benchmarks.menus import items_of, shown
from catalog.choices import Item
from catalog.pairwise import Interview, Uncertainty

Rows = Iterator[tuple[str, dict[str, float]]]

SHOWN, HANDED_IN = 20, 10
ASKED = 10
UNSEEN = -1e9
NOTICED = 0.5
"""Share of a menu that is looked at and put in order at first sight."""

IMPRESSION, CARE = 0.75, 0.25
"""Standard deviations of a first sight and of an answer, in those of her own half of the worth."""


@dataclass(frozen=True, eq=False)
class Taste:
    """A county, what its sections truly are worth, everybody's menu and order at first sight.

    With `sign` -1 everybody answers the other way round.
    """

    county: World
    items: Sequence[Item]
    menus: Ints
    seen: Ints
    noticed: NDArray[np.bool_]
    asked: NDArray[np.float64]
    own: float
    sign: float = 1.0

    def interview(self, teacher: int, asked: int, choose: Chooses) -> Interview:
        """Return a teacher's interview after some questions, answered with care."""
        draw = np.random.default_rng([teacher, asked])
        truth = self.county.truth[teacher]
        menu = self.menus[teacher]
        estimate = self.county.estimate[teacher, menu]
        drafted = menu[self.noticed[teacher]]
        order = drafted[np.argsort(-self.seen[teacher, drafted], kind="stable")]
        unsure = Uncertainty(self.own, 0.5, CARE * self.own, IMPRESSION * self.own, least=0)
        found = Interview(
            tuple(self.items[at] for at in menu),
            tuple(estimate.tolist()),
            tuple(self.items[at].section for at in order),
            (),
            unsure,
        )
        place = {self.items[at].section: at for at in menu.tolist()}
        for _ in range(asked):
            one, other = choose(found, draw)
            blur = CARE * self.own * draw.normal()
            gap = truth[place[one]] - truth[place[other]] + blur
            pair = (one, other) if self.sign * gap > 0 else (other, one)
            found = found.answer(*pair)
        return found


Chooses = Callable[[Interview, np.random.Generator], tuple[str, str]]


def chosen(interview: Interview, _: np.random.Generator) -> tuple[str, str]:
    """Return the question that the list is expected to gain most from."""
    question = interview.question
    assert question is not None
    return question.one.section, question.other.section


def at_random(interview: Interview, draw: np.random.Generator) -> tuple[str, str]:
    """Return two sections of the list, drawn at random."""
    one, other = draw.choice(len(interview.items), 2, replace=False)
    return interview.items[one].section, interview.items[other].section


def taste(teachers: int, sections: int, seed: int) -> Taste:
    """Draw a county, half of whose truth is not in the estimates, and draw up its menus."""
    county = world(teachers, sections, seed)
    draw = np.random.default_rng([seed, 1])
    own = float((county.estimate - county.estimate.mean(axis=1)[:, None]).std())
    dimension = county.coverage.argmax(axis=1)
    by_dimension = draw.normal(size=(teachers, county.coverage.shape[1]))[:, dimension]
    alone = draw.normal(size=county.estimate.shape)
    truth = county.estimate + own * np.sqrt(0.5) * (by_dimension + alone)
    truth = np.rint(truth - truth.min()).astype(np.int64) + 1
    seen = np.rint(truth + IMPRESSION * own * draw.normal(size=truth.shape)).astype(np.int64)
    known = World(county.estimate, truth, county.capacity, county.coverage)
    prices = prices_of(dry_run(county.estimate, county.capacity))
    menus, _ = shown(known, prices, SHOWN)
    asked = np.array([prices.get(section, 0) for section in county.sections]) / 1000
    noticed = draw.random(menus.shape) < NOTICED
    return Taste(known, items_of(known), menus, seen, noticed, asked, own)


def shares(found: Taste, lists: Ints, seed: int) -> NDArray[np.float64]:
    """Return what the round gives everybody, over her three best of the whole catalogue."""
    truth = found.county.truth
    held = seated(lists, found.county.capacity, seed)
    got = np.where(held, np.take_along_axis(truth, np.maximum(lists, 0), 1), 0).sum(axis=1)
    best = -np.sort(-truth, axis=1)[:, :WANTED].sum(axis=1)
    shares: NDArray[np.float64] = got / best
    return shares


def handed_in(found: Taste, worth: NDArray[np.float64]) -> Ints:
    """Return ten of everybody's menu by what they are thought to be worth to her, shape of menus.

    With the odds in view she leaves out what is dearer to get than it is worth; what is left stands
    in the order of its worth. What is worth less than nothing was not looked at.
    """
    kept = np.argsort(found.asked[found.menus] - worth, axis=1, kind="stable")[:, :HANDED_IN]
    order = np.argsort(-np.take_along_axis(worth, kept, 1), axis=1, kind="stable")
    kept = np.take_along_axis(kept, order, 1)
    lists = np.take_along_axis(found.menus, kept, 1)
    return np.where(np.take_along_axis(worth, kept, 1) > UNSEEN, lists, NOTHING)


def at_first_sight(found: Taste) -> NDArray[np.float64]:
    """Return what the sections of a menu seem to be worth, UNSEEN where she did not look."""
    return np.where(found.noticed, of_menu(found, found.seen), UNSEEN)


def of_menu(found: Taste, worth: Ints) -> NDArray[np.float64]:
    """Return what the sections of everybody's menu are worth, shape (teachers, SHOWN)."""
    return np.take_along_axis(worth, found.menus, 1).astype(np.float64)


def after(found: Taste, asked: int, choose: Chooses) -> NDArray[np.float64]:
    """Return what the sections of everybody's menu are thought to be worth after some questions."""
    each = range(len(found.menus))
    return np.stack([found.interview(t, asked, choose).belief.mean for t in each])


FIRST, NONE = "order at first sight", "first sight and menu, no questions"
CHOSEN = "ten questions chosen"
ARMS: dict[str, Callable[[Taste], NDArray[np.float64]]] = {
    FIRST: at_first_sight,
    "the menu's own order": lambda found: of_menu(found, found.county.estimate),
    NONE: lambda found: after(found, 0, chosen),
    "ten questions at random": lambda found: after(found, ASKED, at_random),
    CHOSEN: lambda found: after(found, ASKED, chosen),
    "the truth": lambda found: of_menu(found, found.county.truth),
}


def tables(teachers: int = 400, sections: int = 60, seeds: int = 6, first: int = 0) -> Rows:
    """Yield a row for each kind of ballot, and what questions gain over the first sight."""
    counties = [taste(teachers, sections, seed) for seed in range(first, first + seeds)]
    got: dict[str, list[NDArray[np.float64]]] = {}
    name = f"questions: {teachers:,} x {sections}, {seeds} seeds"
    name += f" from {first}" if first else ""
    for arm, worth in ARMS.items():
        got[arm] = [
            shares(found, handed_in(found, worth(found)), seed)
            for seed, found in enumerate(counties, first)
        ]
        yield f"{name}, {arm}", of_all(got[arm])
    for other in (FIRST, NONE):
        yield f"{name}, {ASKED} questions chosen over {other}", gains(got[CHOSEN], got[other])


def of_all(got: Sequence[NDArray[np.float64]]) -> dict[str, float]:
    """Return the worst off, the tenth of a hundred and the mean, each the mean of all seeds."""
    worst = [float(each.min()) for each in got]
    return {
        "worst_off": float(np.mean(worst)),
        "worst_off_least": min(worst),
        "tenth_percentile": float(np.mean([np.percentile(each, 10) for each in got])),
        "mean": float(np.mean([each.mean() for each in got])),
    }


def gains(
    with_: Sequence[NDArray[np.float64]], without: Sequence[NDArray[np.float64]]
) -> dict[str, float]:
    """Return by how many percent the worst off comes off better, and the others."""
    now, before = of_all(with_), of_all(without)
    worst = [100 * (a.min() / b.min() - 1) for a, b in zip(with_, without, strict=True)]
    return {
        "worst_off_percent": 100 * (now["worst_off"] / before["worst_off"] - 1),
        "worst_off_least_percent": float(min(worst)),
        "worst_off_most_percent": float(max(worst)),
        "seeds_better": float(sum(gain > 0 for gain in worst)),
        "tenth_percentile_percent": 100
        * (now["tenth_percentile"] / before["tenth_percentile"] - 1),
        "mean_percent": 100 * (now["mean"] / before["mean"] - 1),
    }


if __name__ == "__main__":
    rows.main("questions", __doc__, tables, first=0, seeds=6)
