"""What is taken together: closed-form item–item weights that explain themselves by counts.

EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019) is ridge regression of
every offering on all others; RP3beta (Paudel et al., TiiS 2017) is a three-step walk teacher to
offering to teacher that holds popular ends down. Both are one matrix from the counts of who took
what, with no rounds of training. What stands of a teacher (stage, subject, post ...) joins as
pseudo-items in the same closed form, so that one without a history is not without a menu.

Weights become whole points, so what a menu counts is a plain sum over what she took.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST = 5
"""Of groups of fewer teachers nothing is told."""

EVERYBODY = "everybody"
"""The pseudo-item that all teachers have: how popular an offering is at all."""


@dataclass(frozen=True, slots=True)
class Learning:
    """How companions are learned.

    `ridge` is EASE's lambda, `walk` the share of RP3beta beside it, `alpha` and `beta` RP3beta's
    exponents, `side` how much a pseudo-item weighs against an offering taken, `scale` points for a
    weight of 1.
    """

    ridge: float = 100.0
    walk: float = 0.3
    alpha: float = 0.8
    beta: float = 0.4
    side: float = 0.5
    scale: int = 1000


@dataclass(frozen=True, eq=False)
class Companions:
    """What having taken one offering says for another.

    Parameters
    ----------
    names
        Offerings, then pseudo-items as `attribute=value`.
    offerings
        How many of the names are offerings.
    points
        Shape (names, offerings): whole points for the column of having taken (or being) the row.
    together
        Shape (names, offerings): teachers who took (or are) both.
    alone
        Shape (names,): teachers who took (or are) the row.
    """

    names: tuple[str, ...]
    offerings: int
    points: Ints
    together: Ints
    alone: Ints

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Name -> row."""
        return {name: row for row, name in enumerate(self.names)}

    def rows(self, taken: Collection[str], attributes: Mapping[str, Collection[str]]) -> list[int]:
        """Return the rows that speak of a teacher, in ascending order."""
        place = self.place
        names = (*taken, *sides_of(attributes))
        return sorted(place[name] for name in names if name in place)

    def columns(self, offerings: Sequence[str]) -> Ints:
        """Return the points for some offerings, shape (names, offerings); 0 for unknown ones."""
        found = np.zeros((len(self.names), len(offerings)), np.int64)
        for column, offering in enumerate(offerings):
            at = self.place.get(offering, self.offerings)
            if at < self.offerings:
                found[:, column] = self.points[:, at]
        return found

    def strongest(self, rows: Sequence[int], offering: str) -> tuple[str, int, int] | None:
        """Return what speaks most for an offering: its name, who took it, who took both.

        None where nothing speaks for it, or where either group is too small to be told.
        """
        column = self.place[offering]
        told = [
            row
            for row in rows
            if self.points[row, column] > 0 and self.together[row, column] >= FEWEST
        ]
        if not told:
            return None
        best = min(told, key=lambda row: (-self.points[row, column], self.names[row]))
        return self.names[best], int(self.alone[best]), int(self.together[best, column])


def sides_of(attributes: Mapping[str, Collection[str]]) -> list[str]:
    """Return the pseudo-items of a teacher."""
    named = [f"{name}={value}" for name, values in attributes.items() for value in values]
    return [EVERYBODY, *named]


def learn(
    takings: Iterable[tuple[str, str]],
    attributes: Mapping[str, Mapping[str, Collection[str]]] | None = None,
    how: Learning | None = None,
) -> Companions:
    """Return what is taken together.

    Parameters
    ----------
    takings
        (teacher, offering): who took what, once however often it stands there.
    attributes
        Teacher -> what stands of her. Teachers without a history say nothing and are left out.
    """
    how = how or Learning()
    pairs = sorted(set(takings))
    teachers = {name: row for row, name in enumerate(sorted({pair[0] for pair in pairs}))}
    offerings = {name: at for at, name in enumerate(sorted({pair[1] for pair in pairs}))}
    rows = [teachers[teacher] for teacher, _ in pairs]
    columns = [offerings[offering] for _, offering in pairs]
    sided = [
        (row, side)
        for name, row in teachers.items()
        for side in sides_of((attributes or {}).get(name, {}))
    ]
    sides = {side: len(offerings) + at for at, side in enumerate(sorted({s for _, s in sided}))}
    rows += [row for row, _ in sided]
    columns += [sides[side] for _, side in sided]
    return _learned((*offerings, *sides), len(offerings), len(teachers), rows, columns, how)


def _learned(
    names: tuple[str, ...],
    offerings: int,
    teachers: int,
    rows: list[int],
    columns: list[int],
    how: Learning,
) -> Companions:
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    if not rows:
        return Companions((), 0, *(np.zeros(n, np.int64) for n in ((0, 0), (0, 0), 0)))
    taken = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(teachers, len(names)))
    counts = (taken.T @ taken).toarray()
    side = np.where(np.arange(len(names)) < offerings, 1.0, how.side)
    with threadpool_limits(limits=1, user_api="blas"):  # threads slow a shared machine down
        near = ease(counts * side * side[:, None], how.ridge) * side[:, None]
    if how.walk:
        walk = rp3beta(taken, how.alpha, how.beta) * side[:, None]
        near = near + how.walk * walk * _spread(near) / _spread(walk)
    together = np.rint(counts).astype(np.int64)
    return Companions(
        names,
        offerings,
        np.rint(how.scale * near[:, :offerings]).astype(np.int64),
        together[:, :offerings],
        together.diagonal().copy(),
    )


def ease(counts: Floats, ridge: float) -> Floats:
    """Return EASE's weights from a Gram matrix (names, names); the diagonal is 0."""
    inverse = np.linalg.inv(counts + ridge * np.eye(len(counts)))
    weights: Floats = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


def rp3beta(taken: Any, alpha: float, beta: float) -> Floats:
    """Return RP3beta's weights from a sparse matrix of who took what; the diagonal is 0."""
    from scipy.sparse import diags

    by_teacher = np.maximum(np.asarray(taken.sum(axis=1)).ravel(), 1)
    by_name = np.maximum(np.asarray(taken.sum(axis=0)).ravel(), 1)
    onward = (diags(1 / by_teacher) @ taken).power(alpha)
    back = (diags(1 / by_name) @ taken.T).power(alpha)
    weights: Floats = (back @ onward).toarray() / by_name**beta
    np.fill_diagonal(weights, 0.0)
    return weights


def _spread(weights: Floats) -> float:
    return float(np.sqrt((weights**2).mean())) or 1.0
