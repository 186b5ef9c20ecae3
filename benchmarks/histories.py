"""What is learned from histories, held against popularity and matrix factorisation.

`python -m benchmarks histories`. No data set of teachers' courses may be shipped, so two kinds of worlds are
drawn: in `tracks` courses lead on from one another and subjects and stages have their own; in `factors`
taste is a product of eight hidden factors, which is what factorisation assumes. Of everybody tested
one course is hidden and looked for among the rest of the catalogue (all-but-one), or all of
them while only her stage and subject are known (cold).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.history import EVERYBODY, Companions, Learning, learn

Rows = Iterator[tuple[str, dict[str, float]]]
Floats = NDArray[np.float64]

BEST = 10
STAGES, SUBJECTS = 4, 8


@dataclass(frozen=True, eq=False)
class Histories:
    """Who took what, shape (teachers, courses), and the stage and subject of each teacher."""

    taken: NDArray[np.bool_]
    stage: NDArray[np.int64]
    subject: NDArray[np.int64]

    def attributes(self, teacher: int) -> dict[str, tuple[str, ...]]:
        """Return what stands of a teacher."""
        return {"stage": (str(self.stage[teacher]),), "subject": (str(self.subject[teacher]),)}

    def part(self, rows: slice) -> Histories:
        """Return some teachers."""
        return Histories(self.taken[rows], self.stage[rows], self.subject[rows])


def drawn(kind: str, teachers: int, courses: int, seed: int) -> Histories:
    """Draw histories of one course and more, three on average."""
    draw = np.random.default_rng(seed)
    stage, subject = draw.integers(0, STAGES, teachers), draw.integers(0, SUBJECTS, teachers)
    popular = draw.normal(0, 0.8, courses)
    fits = 1.5 * (draw.integers(0, STAGES, courses) == stage[:, None])
    fits = fits + 2.0 * (draw.integers(0, 2 * SUBJECTS, courses) == subject[:, None])
    count = np.minimum(1 + draw.poisson(2, teachers), 12)
    if kind == "factors":
        hers, its = draw.normal(size=(teachers, 8)), draw.normal(size=(courses, 8))
        worth = popular + fits / 2 + 1.2 * hers @ its.T / np.sqrt(8)
        chance = worth + draw.gumbel(size=worth.shape)
        order = np.argsort(-chance, axis=1)
        taken = np.zeros(worth.shape, np.bool_)
        for place in range(int(count.max())):
            rows = np.flatnonzero(count > place)
            taken[rows, order[rows, place]] = True
        return Histories(taken, stage, subject)
    leads = np.where(draw.random((courses, courses)) < 2 / courses, 4.0, 0.0)
    taken = np.zeros((teachers, courses), np.bool_)
    for place in range(int(count.max())):
        rows = np.flatnonzero(count > place)
        worth = popular + fits[rows] + np.minimum(taken[rows] @ leads, 6.0)
        chance = worth + draw.gumbel(size=worth.shape)
        chance[taken[rows]] = -np.inf
        taken[rows, chance.argmax(axis=1)] = True
    return Histories(taken, stage, subject)


Scores = Callable[[Histories, NDArray[np.bool_]], Floats]


def companions(how: Learning, *, sides: bool) -> Callable[[Histories], Scores]:
    """Return what the product learns, with or without stage and subject."""

    def fit(known: Histories) -> Scores:
        takings = [(f"T{t:05}", f"C{c:05}") for t, c in zip(*np.nonzero(known.taken), strict=True)]
        told = {f"T{t:05}": known.attributes(t) for t in range(len(known.taken))} if sides else None
        found = learn(takings, told, how)
        columns = found.columns([f"C{c:05}" for c in range(known.taken.shape[1])])
        return lambda people, seen: _summed(found, columns, people, seen, sides=sides)

    return fit


def _summed(
    found: Companions, columns: Floats, people: Histories, seen: NDArray[np.bool_], *, sides: bool
) -> Floats:
    scores = np.zeros(seen.shape)
    for teacher in range(len(seen)):
        names = [f"C{c:05}" for c in np.flatnonzero(seen[teacher])]
        rows = found.rows(names, people.attributes(teacher) if sides else {})
        if not sides:
            rows = [row for row in rows if found.names[row] != EVERYBODY]
        scores[teacher] = columns[rows].sum(axis=0)
    return scores


def popularity(known: Histories) -> Scores:
    """Return how often each course was taken."""
    counts = known.taken.sum(axis=0).astype(np.float64)
    return lambda _, seen: np.broadcast_to(counts, seen.shape).copy()


def factors(rank: int) -> Callable[[Histories], Scores]:
    """Return PureSVD (Cremonesi et al., RecSys 2010)."""

    def fit(known: Histories) -> Scores:
        _, _, right = np.linalg.svd(known.taken.astype(np.float64), full_matrices=False)
        return lambda _, seen: (seen @ right[:rank].T) @ right[:rank]

    return fit


def alternating(rank: int, trust: float, ridge: float = 5.0) -> Callable[[Histories], Scores]:
    """Return implicit ALS (Hu, Koren and Volinsky, ICDM 2008), new people folded in."""

    def fit(known: Histories) -> Scores:
        draw = np.random.default_rng(0)
        courses = draw.normal(0, 0.01, (known.taken.shape[1], rank))
        for _ in range(8):
            people = _side(known.taken, courses, trust, ridge)
            courses = _side(known.taken.T, people, trust, ridge)
        return lambda _, seen: _side(seen, courses, trust, ridge) @ courses.T

    return fit


def _side(taken: NDArray[np.bool_], other: Floats, trust: float, ridge: float) -> Floats:
    rank = other.shape[1]
    squares = (other[:, :, None] * other[:, None, :]).reshape(len(other), -1)
    left = (
        other.T @ other + ridge * np.eye(rank) + trust * (taken @ squares).reshape(-1, rank, rank)
    )
    right = (1 + trust) * (taken @ other)
    solved: Floats = np.linalg.solve(left, right[:, :, None])[:, :, 0]
    return solved


def recall_and_gain(scores: Floats, seen: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> Floats:
    """Return recall and NDCG at ten of what is hidden, among what was not seen."""
    order = np.argsort(np.where(seen, np.inf, -scores), axis=1, kind="stable")[:, :BEST]
    hits = np.take_along_axis(hidden, order, 1)
    count = hidden.sum(axis=1)
    worth = 1 / np.log2(np.arange(2, BEST + 2))
    ideal = np.cumsum(worth)[np.minimum(count, BEST) - 1]
    return np.array([(hits.sum(axis=1) / count).mean(), ((hits @ worth) / ideal).mean()])


MODELS: dict[str, Sequence[Callable[[Histories], Scores]]] = {
    "popularity": [popularity],
    "EASE": [companions(Learning(walk=0), sides=False)],
    "EASE and RP3beta": [companions(Learning(), sides=False)],
    "EASE and RP3beta, stage and subject": [companions(Learning(), sides=True)],
    "PureSVD, best of 3": [factors(rank) for rank in (4, 8, 16)],
    "implicit ALS, best of 4": [alternating(rank, trust) for rank in (8, 16) for trust in (4, 20)],
}


def tables(teachers: int = 10_000, courses: int = 300, tested: int = 2_000) -> Rows:
    """Yield a row for each kind of world and each model."""
    for kind in ("tracks", "factors"):
        everybody = drawn(kind, teachers, courses, 0)
        known, new = everybody.part(slice(tested, None)), everybody.part(slice(tested))
        for name, tried in MODELS.items():
            figures = max(
                (_tested(fit, known, new) for fit in tried), key=lambda one: one["recall"]
            )
            yield f"histories: {teachers:,} x {courses}, {kind}, {name}", figures


def _tested(
    fit: Callable[[Histories], Scores], known: Histories, new: Histories
) -> dict[str, float]:
    started = time.process_time()
    score = fit(known)
    seconds = time.process_time() - started
    several = new.taken.sum(axis=1) > 1
    draw = np.random.default_rng(1)
    order = np.where(new.taken, draw.random(new.taken.shape), -1)
    hidden = np.zeros(new.taken.shape, np.bool_)
    hidden[np.arange(len(hidden)), order.argmax(axis=1)] = True
    seen = new.taken & ~hidden
    warm = Histories(new.taken[several], new.stage[several], new.subject[several])
    recall, gain = recall_and_gain(score(warm, seen[several]), seen[several], hidden[several])
    nothing = np.zeros(new.taken.shape, np.bool_)
    cold = recall_and_gain(score(new, nothing), nothing, new.taken)
    return {
        "recall": float(recall),
        "ndcg": float(gain),
        "cold_recall": float(cold[0]),
        "cold_ndcg": float(cold[1]),
        "fit_cpu_seconds": seconds,
    }
