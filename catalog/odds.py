"""How those fared who asked for a section last time, and how sure that makes the next one.

What counts as having asked: a section stood on her list. Who held as many as she wanted of what she
ranked above it got something better and says nothing about this section's odds. Of the others a
share got in; with few of them the share is drawn towards that of all sections (a beta prior whose
strength is estimated from how much sections differ, Kleinman 1973), for 2 of 2 is not 100 %.

A price of the matching (points per seat) says the same to a score: see `as_of_last_time`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from catalog.messages import Sentence

if TYPE_CHECKING:
    from catalog.choices import Item

Source = Literal["last_round", "dry_run"]
Ints = NDArray[np.int64]

FEWEST = 5
"""Groups of fewer people are not told."""

WEAKEST, STRONGEST = 1.0, 200.0
"""How many people's word the share of all sections is worth, at least and at most."""


@dataclass(frozen=True, slots=True)
class Odds:
    """What became of those who asked for a section.

    `asked` had it on their lists, `seated` got in, `better` held all they wanted of what they ranked
    above. `per_mille` is the calibrated chance of the next one who gets nothing better. With
    `of_course` the section was not there, and it is all sections of its course that are counted.
    """

    asked: int
    seated: int
    better: int
    per_mille: int
    source: Source = "last_round"
    of_course: bool = False

    @property
    def tenths(self) -> int:
        """The calibrated chance in tenths: what a sentence says."""
        return (self.per_mille + 50) // 100


def odds_sentence(odds: Odds | None) -> Sentence:
    """Return what is known of getting in, with its counts; where there is nothing, that."""
    if odds is None:
        return Sentence("menu_odds_unknown")
    if odds.asked < FEWEST:
        return Sentence(f"menu_odds_few_{odds.source}", {"fewest": FEWEST})
    values = {"asked": odds.asked, "seated": odds.seated, "better": odds.better}
    code = f"menu_odds_course_{odds.source}" if odds.of_course else f"menu_odds_{odds.source}"
    return Sentence(code, values | {"tenths": odds.tenths})


def of_course(sections: Sequence[Odds]) -> Odds:
    """Return the odds of a new section by those of all former sections of its course.

    Their chances are weighed by how many asked for each (by one where nobody did).
    """
    weights = [max(odds.asked, 1) for odds in sections]
    chance = sum(w * odds.per_mille for w, odds in zip(weights, sections, strict=True))
    return Odds(
        sum(odds.asked for odds in sections),
        sum(odds.seated for odds in sections),
        sum(odds.better for odds in sections),
        round(chance / sum(weights)),
        sections[0].source,
        of_course=True,
    )


@dataclass(frozen=True, eq=False)
class Lists:
    """What was asked for and what was given, one row for each line of a list.

    Parameters
    ----------
    teacher, section
        Shape (lines,): places from 0.
    rank
        Shape (lines,): 1 is what she wants most.
    seated
        Shape (lines,): whether she holds it.
    wanted
        Shape (teachers,): how many sections she wants at most.
    """

    teacher: Ints
    section: Ints
    rank: Ints
    seated: NDArray[np.bool_]
    wanted: Ints

    @classmethod
    def of(
        cls,
        ranked: Mapping[str, Sequence[Collection[str]]],
        held: Collection[tuple[str, str]],
        wanted: Mapping[str, int],
        sections: Sequence[str],
    ) -> Lists:
        """Return the lists of teachers by name, as a round or its files know them.

        Parameters
        ----------
        ranked
            Teacher -> her lines in order, each with the sections tied in it; sections that are not
            among `sections` are left out.
        held
            (teacher, section) of every seat.
        wanted
            Teacher -> how many sections she wants at most; who is not named wants any number.
        """
        place = {section: at for at, section in enumerate(sections)}
        lines = [
            (row, place[name], rank, (who, name) in held)
            for row, who in enumerate(ranked)
            for rank, line in enumerate(ranked[who], start=1)
            for name in line
            if name in place
        ]
        teacher, section, rank, seated = np.array(lines, np.int64).reshape(-1, 4).T
        most = np.array([wanted.get(who, len(sections)) for who in ranked], np.int64)
        return cls(teacher, section, rank, seated.astype(np.bool_), most)

    def served_better(self) -> NDArray[np.bool_]:
        """Tell of each line whether all she wanted was held from lines of a lower rank."""
        order = np.lexsort((self.rank, self.teacher))
        teacher, rank = self.teacher[order], self.rank[order]
        held = np.concatenate(([0], np.cumsum(self.seated[order])))
        starts = np.ones(len(order), np.bool_)
        starts[1:] = (teacher[1:] != teacher[:-1]) | (rank[1:] != rank[:-1])
        # Lines of one rank see what was held before the first of them.
        first_of_rank = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
        first_of_her = np.searchsorted(teacher, teacher)
        above = held[first_of_rank] - held[first_of_her]
        found = np.zeros(len(order), np.bool_)
        found[order] = above >= self.wanted[teacher]
        return found & ~self.seated


def tallied(
    lists: Lists, sections: Sequence[str], source: Source = "last_round"
) -> dict[str, Odds]:
    """Return the odds of each section from the lists and seats of a solve or a dry run.

    Sections nobody asked for have their own line too: the share of all is all that is known.
    """
    count = len(sections)
    better = lists.served_better()
    asked = np.bincount(lists.section, minlength=count)
    seated = np.bincount(lists.section[lists.seated], minlength=count)
    passed = np.bincount(lists.section[better], minlength=count)
    chances = shrunk(seated, asked - passed)
    rows = zip(sections, asked.tolist(), seated.tolist(), passed.tolist(), chances, strict=True)
    return {
        section: Odds(all_, in_, above, int(chance), source)
        for section, all_, in_, above, chance in rows
    }


def shrunk(seated: Ints, tried: Ints) -> Ints:
    """Return the chance of the next one at each section, in thousandths.

    Beta-binomial empirical Bayes: the mean of all and its strength come from the sections
    themselves (moments; Kleinman, JASA 1973). Nobody tried anywhere: one half.
    """
    total = int(tried.sum())
    if not total:
        return np.full(len(tried), 500, np.int64)
    mean = seated.sum() / total
    strength = _strength(seated, tried, mean)
    chances: Ints = np.rint(1000 * (seated + strength * mean) / (tried + strength)).astype(np.int64)
    return chances


def _strength(seated: Ints, tried: Ints, mean: float) -> float:
    """Return how many people's word the common share is worth, by the spread between sections."""
    known = tried > 0
    share, weight = seated[known] / tried[known], tried[known].astype(np.float64)
    spread = float((weight * (share - mean) ** 2).sum())
    binomial = mean * (1 - mean)
    free = float(weight.sum() - (weight**2).sum() / weight.sum())
    if binomial == 0 or free <= 0:
        return STRONGEST if binomial == 0 else WEAKEST
    between = (spread - binomial * (len(share) - 1)) / free  # variance of the true shares
    if between <= 0:
        return STRONGEST
    return float(np.clip(binomial / between - 1, WEAKEST, STRONGEST))


def as_of_last_time(
    items: Sequence[Item],
    prices: Mapping[str, int],
    scale: Fraction,
    odds: Mapping[str, Odds] | None = None,
) -> tuple[Item, ...]:
    """Return the sections with the prices and odds of the last solve or a dry run.

    Parameters
    ----------
    prices
        Section -> shadow price of a seat, in the matching's unit; a section that was not there has
        none and is asked nothing for.
    scale
        Points of a menu for one unit of price.
    """
    known = odds or {}
    return tuple(
        replace(
            item,
            price=round(prices.get(item.section, 0) * scale),
            odds=known.get(item.section),
        )
        for item in items
    )
