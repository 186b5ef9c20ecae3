"""Whether she would rather take A or B: a few questions that sharpen the order of her list.

What sections are worth to her is one normal distribution, with the menu's scores as its mean: sections
with dimensions, topics or a course in common vary together. An answer is Thurstone's (case V): she
prefers A to B with probability Phi((u_A - u_B) / noise); the normal that has the moments of what follows
is kept (Herbrich, Minka and Graepel, NIPS 2006). The next question is the one from whose answer the top
of the list is expected to gain most, so nobody is asked what changes nothing, and at most ten.

What is asked is kept as plain answers; replayed they give the same order. She may change the order as
she likes: questions propose.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from catalog.choices import Item
from catalog.messages import Sentence

Floats = NDArray[np.float64]

MOST_ASKED = 10
"""More questions tire."""

LONGEST = 30
"""Sections that questions are about at most: the best of a menu."""

TOP = (1.0, 0.8, 0.64, 0.51, 0.41, 0.33)
"""What a place of the list counts when a question is chosen."""

TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How unsure the menu's scores are of what a teacher wants, in points.

    `spread` is the standard deviation of a section's worth to her around its score; the `shared`
    part of its variance varies with sections that have something in common. `noise` is that of an
    answer, `draft` that of a place on a list she wrote at first sight. A question from which less
    than `least` points are expected is not asked.
    """

    spread: float = 150.0
    shared: float = 0.5
    noise: float = 40.0
    draft: float = 120.0
    least: float = 0.5


@dataclass(frozen=True, eq=False)
class Belief:
    """What sections are thought to be worth to her: a normal distribution.

    Parameters
    ----------
    mean, covariance
        Shapes (sections,) and (sections, sections), in points.
    """

    mean: Floats
    covariance: Floats

    def answered(self, better: int, worse: int, noise: float) -> Belief:
        """Return what is thought once she has preferred one to another."""
        pull = self.covariance[:, better] - self.covariance[:, worse]
        variance = float(pull[better] - pull[worse]) + noise**2
        scale = math.sqrt(variance)
        surprise = float(self.mean[better] - self.mean[worse]) / scale
        push = _hazard(np.array([surprise]))[0]
        shrink = push * (push + surprise)
        return Belief(
            self.mean + pull * push / scale,
            self.covariance - np.outer(pull, pull) * shrink / variance,
        )

    def drafted(self, order: Sequence[int], spread: float, noise: float) -> Belief:
        """Return what is thought once she has written some sections down in an order.

        A place is read as the normal score of its rank (Blom), around the mean of what is listed
        and with the spread of what is thought of those sections: a linear observation.
        """
        count = len(order)
        if count < 2:
            return self
        at = list(order)
        scores = [NormalDist().inv_cdf((count - n - 0.375) / (count + 0.25)) for n in range(count)]
        prior = self.mean[at]
        seen = prior.mean() + math.hypot(spread, float(prior.std())) * np.array(scores)
        known = self.covariance[np.ix_(at, at)] + noise**2 * np.eye(count)
        gain = np.linalg.solve(known, self.covariance[at]).T
        return Belief(
            self.mean + gain @ (seen - prior), self.covariance - gain @ self.covariance[at]
        )

    def gains(self, noise: float, top: Sequence[float] = TOP) -> Floats:
        """Return what the top of the list is expected to gain by each question, in points.

        Returns
        -------
        Shape (sections, sections), symmetric: the mean worth of the list in the order that follows
        each answer, less that of the present order. It is never below 0 but by rounding.
        """
        count = len(self.mean)
        first, second = np.triu_indices(count, 1)
        pull = self.covariance[first] - self.covariance[second]
        rows = np.arange(len(first))
        variance = pull[rows, first] - pull[rows, second] + noise**2
        scale = np.sqrt(np.maximum(variance, TINY))
        surprise = (self.mean[first] - self.mean[second]) / scale
        likely = _below(surprise)
        step = pull / scale[:, None]
        if_first = _worth(self.mean + step * _hazard(surprise)[:, None], top)
        if_second = _worth(self.mean - step * _hazard(-surprise)[:, None], top)
        now = _worth(self.mean[None, :], top)
        found = np.zeros((count, count))
        found[first, second] = likely * if_first + (1 - likely) * if_second - now
        return found + found.T


def _worth(means: Floats, top: Sequence[float]) -> Floats:
    """Return what each row is worth in its own order, shape (rows,)."""
    length = min(len(top), means.shape[1])
    best = -np.sort(-means, axis=1)[:, :length]
    worth: Floats = best @ np.array(top[:length])
    return worth


def _below(value: Floats) -> Floats:
    from scipy.special import ndtr

    below: Floats = ndtr(value)
    return below


def _hazard(value: Floats) -> Floats:
    """Return the normal density over the normal distribution; about -value far below 0."""
    from scipy.special import log_ndtr

    hazard: Floats = np.exp(-0.5 * value**2 - 0.5 * math.log(2 * math.pi) - log_ndtr(value))
    return hazard


@dataclass(frozen=True, slots=True)
class Answer:
    """Which of two sections she would rather take."""

    better: str
    worse: str


@dataclass(frozen=True, slots=True)
class Question:
    """Two sections to choose from, and what is expected of the answer in points."""

    one: Item
    other: Item
    gain: float

    def sentence(self) -> Sentence:
        """Return the question."""
        return Sentence("menu_question", {"one": self.one.title, "other": self.other.title})


@dataclass(frozen=True)
class Interview:
    """The questions and answers of one teacher.

    Parameters
    ----------
    items, scores
        What questions are about, and the score of each without price and variety: what it is
        thought to be worth to her, not how easy it is to get.
    drafted
        Sections in the order she has put them herself, if she has.
    """

    items: tuple[Item, ...]
    scores: tuple[int, ...]
    drafted: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    unsure: Uncertainty = Uncertainty()

    def answer(self, better: str, worse: str) -> Interview:
        """Return the interview with one more answer.

        Raises
        ------
        KeyError
            If a section is not among those of the interview.
        """
        return replace(self, answers=(*self.answers, Answer(better, worse)))

    @cached_property
    def _place(self) -> dict[str, int]:
        return {item.section: at for at, item in enumerate(self.items)}

    @cached_property
    def belief(self) -> Belief:
        """What is thought after her draft and every answer."""
        unsure = self.unsure
        belief = Belief(
            np.array(self.scores, np.float64),
            unsure.spread**2 * likeness(self.items, unsure.shared),
        )
        order = [self._place[section] for section in self.drafted]
        belief = belief.drafted(order, unsure.spread, unsure.draft)
        for answer in self.answers:
            better, worse = self._place[answer.better], self._place[answer.worse]
            belief = belief.answered(better, worse, unsure.noise)
        return belief

    @property
    def order(self) -> tuple[str, ...]:
        """The sections, the one worth most first; of equal ones the first of the items."""
        best = np.argsort(-self.belief.mean, kind="stable")
        return tuple(self.items[at].section for at in best.tolist())

    @property
    def question(self) -> Question | None:
        """The next question; None after ten, or when no answer is expected to change much."""
        if len(self.answers) >= MOST_ASKED or len(self.items) < 2:
            return None
        asked = frozenset((self._place[a.better], self._place[a.worse]) for a in self.answers)
        mean, covariance = self.belief.mean.tobytes(), self.belief.covariance.tobytes()
        one, other, gain = _most_telling(mean, covariance, self.unsure.noise, asked)
        if gain < self.unsure.least:
            return None
        return Question(self.items[one], self.items[other], gain)


@lru_cache(maxsize=512)
def _most_telling(
    mean: bytes, covariance: bytes, noise: float, asked: frozenset[tuple[int, int]]
) -> tuple[int, int, float]:
    """Return the question that most is expected of, among those not asked, and how much.

    It is asked for when a question is shown and again when its answer comes; so it is kept, under all
    that it follows from.
    """
    at = np.frombuffer(mean)
    gains = Belief(at, np.frombuffer(covariance).reshape(len(at), -1)).gains(noise)
    for better, worse in asked:
        gains[better, worse] = gains[worse, better] = 0.0
    one, other = divmod(int(gains.argmax()), len(at))
    return one, other, float(gains[one, other])


def likeness(items: Sequence[Item], shared: float) -> Floats:
    """Return how the worths of sections vary together, 1 on the diagonal.

    The `shared` part goes by the cosine of what two sections have in common: dimensions, topics,
    course.
    """
    known = np.hstack([_marks(items, names) for names in (_dimensions, _topics, _course)])
    length = np.sqrt((known**2).sum(axis=1))
    known = known / np.maximum(length, 1)[:, None]
    found: Floats = shared * known @ known.T
    np.fill_diagonal(found, 1.0)
    return found


def _dimensions(item: Item) -> Iterable[str]:
    return item.dimensions


def _topics(item: Item) -> Iterable[str]:
    return item.attributes.get("topic", ())


def _course(item: Item) -> Iterable[str]:
    return (item.offering,)


def _marks(items: Sequence[Item], names: Callable[[Item], Iterable[str]]) -> Floats:
    """Return which names stand in each item, shape (items, names)."""
    place = {name: at for at, name in enumerate(sorted({n for item in items for n in names(item)}))}
    found = np.zeros((len(items), len(place)))
    for row, item in enumerate(items):
        for name in names(item):
            found[row, place[name]] = 1.0
    return found
