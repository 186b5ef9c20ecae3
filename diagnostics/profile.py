"""What is believed of a teacher's level in each dimension: a distribution, never a bare level.

The model, first version. A teacher has a level k in 1..K in every dimension; before any rating the
base rates of the framework hold, the same for everybody (no stage, school or place enters). A rater
sees ``k + b + e`` and names the nearest level, where ``b`` is how mild or severe this rater is,
normal with a width of its own for self ratings and observers, and ``e`` is normal noise. Summing
out ``b`` gives one table P(rating | level) per kind of rater; by Bayes

    P(k | ratings)  ~  base rate(k) * product over ratings of P(rating | k).

Two ratings of one teacher by one rater in different dimensions share ``b``; this version forgets
that, which costs accuracy, not order. Dimensions do not lend each other strength yet.

The tables are rounded to whole millionths once, and all that follows is exact arithmetic on whole
numbers: the order of ratings cannot matter and a distribution sums to exactly 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from diagnostics.errors import NotYours
from diagnostics.framework import Framework, Model
from diagnostics.messages import Language, say
from diagnostics.responses import Evidence, Rating, evidence_of

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """The distribution over levels in one dimension, with how much it rests on.

    Parameters
    ----------
    weights
        Of the levels, whole numbers.
    self_ratings, observers
        What the teacher said of herself, and how many others saw her teach.
    insufficient
        Whether the evidence is thin.
    answers
        How many items of each kind were answered, where items were (`diagnostics.diagnosis`).
    without_self
        The weights from all evidence but her own words; empty where `diagnostics.need` bounds
        their influence otherwise.
    """

    dimension: str
    weights: tuple[int, ...]
    self_ratings: int
    observers: int
    insufficient: bool
    answers: tuple[tuple[str, int], ...] = ()
    without_self: tuple[int, ...] = ()

    @property
    def evidence(self) -> int:
        """How many ratings or answers it rests on."""
        if self.answers:
            return sum(count for _, count in self.answers)
        return self.self_ratings + self.observers

    @property
    def probabilities(self) -> tuple[Fraction, ...]:
        """Probability of each level, lowest first; they sum to exactly 1."""
        total = sum(self.weights)
        return tuple(Fraction(weight, total) for weight in self.weights)

    def say(self, framework: Framework, lang: Language = "zh") -> str:
        """Return the distribution as a sentence with its evidence, flagged when it is thin."""
        shares = " ".join(
            say("level_share", lang, level=level, percent=_percent(probability))
            for level, probability in enumerate(self.probabilities, start=1)
        )
        counts = dict(self.answers)
        sentence = say(
            "estimate_from_items" if counts else "estimate",
            lang,
            dimension=framework.dimension(self.dimension).title(lang),
            shares=shares,
            own=self.self_ratings,
            others=self.observers,
            **counts,
        )
        return sentence + (say("evidence_insufficient", lang) if self.insufficient else "")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is believed of one teacher; she alone may read it (`read_by`).

    `together` is the correlation of what is not known of her dimensions, in thousandths; ratings of
    whole dimensions are taken as independent of each other.
    """

    teacher: str
    framework: str
    version: int
    estimates: tuple[Estimate, ...]
    together: int = 0

    @property
    def diagnosed(self) -> bool:
        """Whether there is any rating at all."""
        return any(estimate.evidence for estimate in self.estimates)

    def of(self, dimension: str) -> Estimate:
        """Return the estimate of one dimension."""
        return next(e for e in self.estimates if e.dimension == dimension)

    def read_by(self, reader: str) -> Profile:
        """Return the profile to the teacher herself.

        Raises
        ------
        NotYours
            If anybody else asks, whatever their office.
        """
        if reader != self.teacher:
            raise NotYours
        return self


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """Mean distribution of a group in one dimension, for groups that are large enough."""

    dimension: str
    n: int
    shares: tuple[Fraction, ...]


def profiles(
    framework: Framework, teachers: Iterable[str], ratings: Iterable[Rating]
) -> tuple[Profile, ...]:
    """Return a profile for each teacher, by number; those without ratings keep the base rates."""
    evidence = evidence_of(ratings, framework.top)
    nothing = ((0,) * framework.top, (0,) * framework.top)
    known: dict[tuple[str, Evidence], Estimate] = {}

    def estimate(teacher: str, dimension: str) -> Estimate:
        case = (dimension, evidence.get((teacher, dimension), nothing))
        if case not in known:
            known[case] = _estimate(framework.model, *case)
        return known[case]

    return tuple(
        Profile(
            teacher,
            framework.code,
            framework.version,
            tuple(estimate(teacher, dimension.code) for dimension in framework.dimensions),
        )
        for teacher in sorted(set(teachers))
    )


def _estimate(model: Model, dimension: str, evidence: Evidence) -> Estimate:
    own, others = sum(evidence[0]), sum(evidence[1])
    thin = own + others < model.minimum_ratings or others < model.minimum_observers
    return Estimate(dimension, posterior(model, evidence), own, others, thin)


def posterior(model: Model, evidence: Evidence) -> tuple[int, ...]:
    """Return whole-number weights of the levels, in lowest terms, given counts per level."""
    common = math.lcm(*(rate.denominator for rate in model.base_rates))
    weights = [int(rate * common) for rate in model.base_rates]
    for table, counts in zip(_tables(model), evidence, strict=True):
        for given, times in enumerate(counts):
            for level in range(len(weights)):
                weights[level] *= table[level][given] ** times
    divisor = math.gcd(*weights)
    return tuple(weight // divisor for weight in weights)


@lru_cache(maxsize=100)
def _tables(model: Model) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return P(rating | level) in millionths, for self ratings and for observers."""
    top = len(model.base_rates)
    own = _table(top, model.self_lean, model.self_lean_sd, model.self_noise_sd)
    others = _table(top, Fraction(0), model.observer_severity_sd, model.observer_noise_sd)
    return own, others


def _table(
    top: int, lean: Fraction, lean_sd: Fraction, noise_sd: Fraction
) -> tuple[tuple[int, ...], ...]:
    width = math.sqrt(lean_sd**2 + noise_sd**2)
    return tuple(_row(top, level + float(lean), width) for level in range(1, top + 1))


def _row(top: int, centre: float, width: float) -> tuple[int, ...]:
    """Return the chances of each rating around a centre; none is impossible."""
    cuts = [-math.inf, *(level + 0.5 for level in range(1, top)), math.inf]
    below = [0.5 * (1 + math.erf((cut - centre) / (width * math.sqrt(2)))) for cut in cuts]
    chances = (high - low for low, high in pairwise(below))
    return tuple(max(1, round(chance * _MILLION)) for chance in chances)


def group_figures(framework: Framework, group: Sequence[Profile]) -> tuple[GroupFigure, ...] | None:
    """Return the mean distribution of a group per dimension, or None where the group is too small.

    Only teachers with a rating in the dimension count, and a dimension with fewer of them than the
    framework's `minimum_group` is left out.
    """
    if len({profile.teacher for profile in group}) < framework.model.minimum_group:
        return None
    figures = (_figure(framework, d.code, group) for d in framework.dimensions)
    return tuple(figure for figure in figures if figure is not None)


def hidden_parts(sizes: Mapping[str, int], minimum: int) -> frozenset[str]:
    """Return the parts of a whole whose figures must not be seen beside those of the whole.

    Too small parts are hidden. If all of them together are still too small, the whole less the
    parts that are shown would tell of them; so the smallest of the others are hidden as well, until
    what is hidden is large enough or nothing is left to show.

    Parameters
    ----------
    sizes
        How many people each part has; parts without anybody hide nobody.
    minimum
        The smallest group that may be shown.
    """
    by_size = sorted((size, part) for part, size in sizes.items() if size)
    hidden: set[str] = set()
    people = 0
    for size, part in by_size:
        if size >= minimum and (people == 0 or people >= minimum):
            break
        hidden.add(part)
        people += size
    return frozenset(hidden)


def _figure(framework: Framework, code: str, group: Sequence[Profile]) -> GroupFigure | None:
    rated = {
        profile.teacher: estimate.probabilities
        for profile in group
        if (estimate := profile.of(code)).evidence
    }
    if len(rated) < framework.model.minimum_group:
        return None
    columns = zip(*rated.values(), strict=True)
    return GroupFigure(code, len(rated), tuple(sum(c, Fraction(0)) / len(rated) for c in columns))


def _percent(probability: Fraction) -> int:
    return (200 * probability.numerator + probability.denominator) // (2 * probability.denominator)
