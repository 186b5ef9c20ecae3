"""What was learnt of the teachers of a round, and how many assigned hours meet what they lack.

A teacher has a *diagnosed need* in a dimension if there is evidence of her and she is more likely
than not (`CERTAIN`) below her target there. A seat *meets* her need if its course works on one such
dimension. The share of hours that meet need is

    hours of the seats that meet need / hours of all seats of teachers of whom there is evidence,

where a seat counts with the hours of its section. All figures are those of groups; a group of fewer
than the framework's `minimum_group` has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Protocol

from diagnostics.county import County
from diagnostics.framework import Framework, framework
from diagnostics.need import gap
from diagnostics.profile import Estimate
from matching.rounds.compare import FirstCome
from matching.rounds.needs import diagnosed
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored

CERTAIN = Fraction(1, 2)
"""The chance of being below the target beyond which a dimension is a diagnosed need."""

Truth = Mapping[str, Mapping[str, int]]
"""Teacher -> dimension -> true level; known of made-up teachers only."""


class Seated(Protocol):
    """A seat as it is counted here: who sits where."""

    @property
    def teacher(self) -> str:
        """The teacher's number."""

    @property
    def section(self) -> str:
        """The section's code."""


@dataclass(frozen=True, slots=True)
class Told:
    """One dimension: how many teachers there is evidence of, and what it says of them all.

    Parameters
    ----------
    thin
        Of how many of them the evidence is thin.
    reliability
        Share of the variance of levels between teachers that is told apart from doubt, 0 to 1.
    sure
        Mean chance of the likeliest level.
    below
        Mean chance of being below one's target.
    """

    zh: str
    en: str
    told: int
    thin: int
    reliability: float
    sure: float
    below: float


@dataclass(frozen=True, slots=True)
class Way:
    """A way of giving out seats: shares of hours over its runs, 0 to 1.

    `met` is the share that meets diagnosed need, `gain` the mean expected gap that an hour works
    on (in levels), `true` the share that meets what teachers truly lack, where that is known.
    """

    met: tuple[float, ...]
    gain: tuple[float, ...]
    true: tuple[float, ...] = ()

    def middle(self, name: str) -> float:
        """Return the median of a figure."""
        return float(median(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Checked:
    """What was believed held against the truth of a made-up county.

    `said` is the mean chance given to the likeliest level, `right` how often it was the true one.
    """

    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the diagnosis of a round tells of its teachers as a group.

    Parameters
    ----------
    teachers, told, observed, thin
        Teachers; those of whom there is evidence; those whom somebody saw; those of whom the
        evidence is thin in every dimension.
    overstated, lenient_sd
        Mean and spread of leniency in SDs of ability, as learnt from `learnt_from` teachers.
    items, uncalibrated, answers_needed
        Items that were answered, how many of them fewer than `answers_needed` times: their figures
        are assumed.
    ways
        engine, come and lot -> how their hours meet need.
    """

    minimum: int
    teachers: int
    told: int
    observed: int
    thin: int
    overstated: float
    lenient_sd: float
    learnt_from: int
    items: int
    uncalibrated: int
    answers_needed: int
    dimensions: tuple[Told, ...]
    ways: Mapping[str, Way]
    checked: Checked | None = None


def learnt(
    stored: Stored,
    settings: RoundSettings,
    seats: Collection[Seated],
    runs: Collection[FirstCome] = (),
    truth: Truth | None = None,
) -> Learnt | None:
    """Return what was learnt, None where there is evidence of too few.

    Parameters
    ----------
    seats
        What the engine gave out.
    runs
        First come, and what chance gives out, on the same ballots.
    truth
        What is true of made-up teachers.
    """
    found, frame = diagnosed(stored, settings), framework(settings.framework)
    some = [profile for profile in found.profiles if profile.diagnosed]
    minimum = frame.model.minimum_group
    if len(some) < minimum:
        return None
    ledger = Needs(stored, found, frame, truth)
    ways = {"engine": ledger.way([seats])}
    if runs:
        ways["come"] = ledger.way([run.seats for run in runs])
        ways["lot"] = ledger.way([run.drawn for run in runs if run.drawn] or [()])
    given = Counter(item for row in stored.responses for item in row.options)
    estimates = [[profile.of(d.code) for profile in some] for d in frame.dimensions]
    return Learnt(
        minimum,
        len(stored.teachers),
        len(some),
        sum(any(e.observers for e in profile.estimates) for profile in some),
        sum(all(e.insufficient for e in profile.estimates) for profile in some),
        found.population.leniency_mean,
        found.population.leniency_sd,
        found.population.learnt_from,
        len(given),
        sum(count < frame.answers_needed for count in given.values()),
        frame.answers_needed,
        tuple(
            _told(ledger, d.zh, d.en, [e for e in mine if e.evidence])
            for d, mine in zip(frame.dimensions, estimates, strict=True)
        ),
        ways,
        ledger.checked(),
    )


class Needs:
    """Who lacks what, and how much of it some seats meet."""

    def __init__(
        self, stored: Stored, found: County, frame: Framework, truth: Truth | None
    ) -> None:
        self.stored = stored
        self.frame = frame
        self.truth = truth
        self.profiles = {p.teacher: p for p in found.profiles if p.diagnosed}
        self.targets = {id_: frame.targets_for(stored.teachers[id_]) for id_ in self.profiles}
        self.gaps = {
            id_: {e.dimension: gap(e, self.targets[id_][e.dimension]) for e in profile.estimates}
            for id_, profile in self.profiles.items()
        }

    def lacks(self, teacher: str) -> frozenset[str]:
        """Return the dimensions of her diagnosed need."""
        return frozenset(d for d, gap in self.gaps[teacher].items() if gap.below > CERTAIN)

    def truly(self, teacher: str) -> frozenset[str]:
        """Return the dimensions in which she truly is below her target."""
        levels = self.truth[teacher] if self.truth else {}
        return frozenset(d for d, target in self.targets[teacher].items() if levels[d] < target)

    def way(self, runs: Iterable[Collection[Seated]]) -> Way:
        """Return the figures of a way of giving out seats, one for each of its runs."""
        found = [self._run(seats) for seats in runs]
        met, gain, true = (tuple(figures) for figures in zip(*found, strict=True))
        return Way(met, gain, true if self.truth else ())

    def _run(self, seats: Collection[Seated]) -> tuple[float, float, float]:
        hours, met, true, gain = 0, 0, 0, 0.0
        lacks = {id_: self.lacks(id_) for id_ in self.profiles}
        truly = {id_: self.truly(id_) for id_ in self.profiles} if self.truth else {}
        for seat in seats:
            if seat.teacher not in self.profiles:
                continue
            offering = self.stored.offerings[self.stored.sections[seat.section].offering_id]
            works, minutes = set(offering.dimensions), offering.minutes
            gaps = self.gaps[seat.teacher]
            hours += minutes
            met += minutes * (not works.isdisjoint(lacks[seat.teacher]))
            true += minutes * (not works.isdisjoint(truly.get(seat.teacher, ())))
            gain += minutes * sum(gaps[d].expected for d in works) / max(len(works), 1) / 1000
        every = max(hours, 1)
        return met / every, gain / every, true / every

    def checked(self) -> Checked | None:
        """Return how often the likeliest level is the true one, if the truth is known."""
        if self.truth is None:
            return None
        said, right, count = 0.0, 0, 0
        for teacher, profile in self.profiles.items():
            for estimate in (each for each in profile.estimates if each.evidence):
                chances = estimate.probabilities
                best = max(range(len(chances)), key=lambda k: chances[k])
                said += float(chances[best])
                right += best + 1 == self.truth[teacher][estimate.dimension]
                count += 1
        return Checked(said / count, right / count)


def _told(ledger: Needs, zh: str, en: str, mine: list[Estimate]) -> Told:
    if len(mine) < ledger.frame.model.minimum_group:
        return Told(zh, en, len(mine), 0, 0.0, 0.0, 0.0)
    means, doubts, sure = [], [], []
    for estimate in mine:
        chances = [float(chance) for chance in estimate.probabilities]
        mean = sum(level * chance for level, chance in enumerate(chances, 1))
        means.append(mean)
        doubts.append(sum((level - mean) ** 2 * c for level, c in enumerate(chances, 1)))
        sure.append(max(chances))
    count = len(mine)
    middle, doubt = sum(means) / count, sum(doubts) / count
    between = sum((mean - middle) ** 2 for mean in means) / count
    dimension = mine[0].dimension
    below = [float(gaps[dimension].below) for gaps in ledger.gaps.values()]
    return Told(
        zh,
        en,
        count,
        sum(estimate.insufficient for estimate in mine),
        between / max(between + doubt, 1e-12),
        sum(sure) / count,
        sum(below) / len(below),
    )
