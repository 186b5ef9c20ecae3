"""The shipped questionnaire asked adaptively: questions, minutes, and what the menus are worth.

`python -m benchmarks.adaptive_menus [--add] [--teachers N]` lets made-up teachers, whose abilities,
leniency and misreadings of vignettes are drawn by `diagnostics.simulate`'s model, answer the common
framework (14 dimensions, self-report and vignettes): all areas evenly to 32 questions, what serves
the menu to 32 questions, and what serves the menu for as long as it is worth the minutes, which is
what the product does. A menu is for three dimensions, and its worth are the levels truly lacking in
them. The stop was set on other teachers than those shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from benchmarks import rows
from diagnostics.adaptive.focus import MenuFocus
from diagnostics.adaptive.session import Precise, Session
from diagnostics.irt.models import Floats
from diagnostics.paper import Paper, paper
from diagnostics.population import ASSUMED
from diagnostics.simulate import graded
from diagnostics.teachers import TaughtSubject, Teacher

NEVER = -1e-9
"""A price of minutes at which nothing ever ends a diagnosis but the number of questions."""
STAGE = "2"


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Made-up teachers: who they are, their traits (N, L), and what they answer to each item (N, J)."""

    teachers: tuple[Teacher, ...]
    truth: Floats
    answers: np.ndarray


def crowd(asked: Paper, count: int, seed: int, leniency_sd: float) -> Crowd:
    """Draw teachers of all careers."""
    chance = np.random.default_rng(seed)
    pool, traits = asked.pool, asked.pool.traits
    spread = ASSUMED.covariance(asked.instrument.correlations, leniency_sd)
    truth = chance.multivariate_normal(np.zeros(traits), spread, count, method="cholesky")
    noise = ASSUMED.vignette_noise * chance.standard_normal((count, len(pool.bank)))
    seen = (truth @ pool.lines.T)[:, pool.line_of] + np.where(asked.area_of < 0, noise, 0.0)
    teachers = tuple(
        Teacher(
            f"T{number:05d}",
            "",
            "S",
            STAGE,
            (TaughtSubject("math", main=True),),
            years=int(chance.integers(0, 31)),
            title_rank=int(chance.integers(1, 5)),
        )
        for number in range(count)
    )
    return Crowd(teachers, truth, graded(pool.bank.slopes, pool.bank.intercepts, seen, chance))


def evenly(session: Session) -> Session:
    """Return a session that asks all areas as often, to as many questions as hers at most."""
    focus = _focus(session)
    return _with(session, Precise(0.0, focus.longest))


def priced(session: Session, price: float | None = None) -> Session:
    """Return a session at another price of minutes; None leaves it as the product has it."""
    return session if price is None else _with(session, replace(_focus(session), price=price))


def _focus(session: Session) -> MenuFocus:
    assert isinstance(session.stop, MenuFocus)
    return session.stop


def _with(session: Session, stop: Precise | MenuFocus) -> Session:
    belief = session.belief
    return Session(session.pool, belief.mean, belief.covariance, stop, seed="1", teacher="T")


def run(asked: Paper, people: Crowd, way: Callable[[Session], Session]) -> dict[str, float]:
    """Return the figures of one way of asking."""
    count, got, best, found = len(asked.instrument.dimensions), [], [], []
    for teacher, truth, answers in zip(people.teachers, people.truth, people.answers, strict=True):
        focus = _focus(asked.begin(teacher, "1"))
        begun = time.process_time()
        session = way(asked.begin(teacher, "1"))
        while (item := session.next_item) is not None:
            session.answer(item, int(answers[item]))
        spent = time.process_time() - begun
        deviation = np.sqrt(np.diag(session.belief.covariance)[:count])
        gaps = focus.gaps(session.belief.mean[:count], deviation)
        levels = 1 + (truth[:count, None] > focus.cuts).sum(1)
        lacking = np.maximum(focus.wanted - levels, 0)
        got.append(lacking[np.argsort(-gaps, kind="stable")[: focus.length]].sum())
        best.append(np.sort(lacking)[-focus.length :].sum())
        items = [answer.item for answer in session.answers]
        own = asked.area_of[items] >= 0
        found.append(
            (
                len(items),
                asked.minutes[items].sum(),
                session.ended == "stop_menu",
                len(set(asked.pool.area_of[items][own].tolist())),
                ((gaps - lacking) ** 2).mean(),
                1e6 * spent / len(items),
            )
        )
    table = np.array(found, np.float64)
    mean = table.mean(0)
    return {
        "questions": mean[0],
        "p95_questions": float(np.percentile(table[:, 0], 95)),
        "minutes": mean[1],
        "ended_by_the_menu": mean[2],
        "dimensions_asked": mean[3],
        "worth_of_the_best_menu": sum(got) / sum(best),
        "rmse_of_gaps": float(np.sqrt(mean[4])),
        "microseconds_a_question": float(np.median(table[:, 5])),
    }


def tables(teachers: int = 600) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield all rows."""
    asked = paper("common", STAGE)
    even, serving, product = (
        "all areas evenly, 32 questions",
        "what serves the menu, 32 questions",
        "what serves the menu while worth the minutes",
    )
    ways: dict[str, Callable[[Session], Session]] = {
        even: evenly,
        serving: partial(priced, price=NEVER),
        product: priced,
    }
    for deviation in (0.6, 0.3, 0.9):
        people = crowd(asked, teachers, 20262, deviation)
        found = {name: run(asked, people, way) for name, way in ways.items()}
        found[product] |= _saved(found[product], found[serving], "of_32_serving")
        found[product] |= _saved(found[product], found[even], "of_32_evenly")
        for name, figures in found.items():
            yield f"diagnosis of 14 dimensions, leniency SD {deviation}: {name}", figures


def _saved(figures: dict[str, float], of: dict[str, float], name: str) -> dict[str, float]:
    """Return what share of the questions and minutes was saved, and of the worth lost, in percent."""
    saved = {"questions": "saved", "minutes": "saved", "worth_of_the_best_menu": "lost"}
    return {
        f"{key}_{word}_percent_{name}": 100 * (1 - figures[key] / of[key])
        for key, word in saved.items()
    }


if __name__ == "__main__":
    rows.main("adaptive_menus", __doc__, tables, teachers=600)
