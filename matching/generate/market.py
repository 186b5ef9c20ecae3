"""Who wants what: sections, teachers and their lists, drawn from one seed.

Everything is arrays; a section, an offering or a teacher is a position. Floats are compared as whole
numbers with the position as last word, so that no tie is left to a sorting routine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.generate.shape import COUNTY, FEWEST_SHARED, SHARED, Shape

Numbers = NDArray[Any]

STAGES, SUBJECTS, COMPETENCES = 4, 15, 8
TERM, HALVES = 18, 30
"""Half-days in term, when schools must keep people, and half-days in all."""

TARGET = np.array([30, 42, 18])
"""Hours of 公需, 专业 and 选修 in a year."""

PROFESSIONAL = 1
"""The category 专业: for one stage and subject; the two others are for most."""

WIDEST = 160
"""A teacher looks at no more sections than this before she writes her list."""


@dataclass(frozen=True)
class Sections:
    """The sections of a market; `offering` points into the arrays of offerings."""

    county: Numbers
    offering: Numbers
    programme: Numbers
    category: Numbers
    hours: Numbers
    first: Numbers
    halves: Numbers
    stages: Numbers
    subjects: Numbers
    fame: Numbers
    competence: Numbers

    def __len__(self) -> int:
        return len(self.offering)

    def meets(self) -> Numbers:
        """Return which section meets in which half-day, shape (sections, half-days)."""
        half = np.arange(HALVES)
        first = self.first[:, None]
        return np.asarray((first <= half) & (half < first + self.halves[:, None]))


@dataclass(frozen=True)
class Teachers:
    """The teachers of a market, county by county, school by school."""

    county: Numbers
    school: Numbers
    stage: Numbers
    subject: Numbers
    rural: Numbers
    shortage: Numbers
    years: Numbers
    due: Numbers
    limit: Numbers
    ranked: Numbers

    def __len__(self) -> int:
        return len(self.school)

    @property
    def schools(self) -> int:
        """Number of schools."""
        return int(self.school.max()) + 1

    @cached_property
    def claim(self) -> Numbers:
        """How much the points of a teacher weigh: rural, shortage subject, debt of former years."""
        return 1 + 0.3 * self.rural + 0.3 * self.shortage + 0.1 * self.years


@dataclass(frozen=True)
class Lists:
    """What teachers could receive, best first: shape (teachers, options), -1 where there is none."""

    section: Numbers
    rank: Numbers
    points: Numbers


@dataclass(frozen=True)
class Market:
    """A round before its seats are counted."""

    sections: Sections
    teachers: Teachers
    lists: Lists


def market(shape: Shape, teachers: int, *, province: bool, draw: np.random.Generator) -> Market:
    """Draw a county, or a province of counties of 5,000 that share some sections."""
    size = COUNTY if province else teachers
    sizes = np.diff(np.append(np.arange(0, teachers, size), teachers))
    own = [shape.own_sections(int(each)) for each in sizes]
    shared = max(FEWEST_SHARED, SHARED * len(sizes)) if province else 0
    sections = draw_sections(shape, own, shared, draw)
    people = draw_teachers(shape, sizes, draw)
    return Market(sections, people, draw_lists(shape, sections, people, draw))


def draw_sections(shape: Shape, own: list[int], shared: int, draw: np.random.Generator) -> Sections:
    """Draw offerings of one to four sections, county by county, the province's last (county -1)."""
    offering, programme = [], []
    offerings = programmes = 0
    for count in [*own, shared] if shared else own:
        runs = draw.choice([1, 2, 3, 4], count, p=[0.4, 0.35, 0.15, 0.1])
        of = np.repeat(np.arange(count), runs)[:count]
        here = int(of[-1]) + 1
        some = max(3, here // 12)
        offering.append(offerings + of)
        programme.append(programmes + of * some // here)
        offerings, programmes = offerings + here, programmes + some
    of = np.concatenate(offering)
    places = [*range(len(own)), -1] if shared else range(len(own))
    county = np.repeat(np.array(places), [*own, shared] if shared else own)
    category = draw.choice(3, offerings, p=[0.22, 0.56, 0.22])
    hours = _hours(shape, offerings, draw)[of]
    stages = _some_of(STAGES, 0.35, offerings, draw)
    subjects = _some_of(SUBJECTS, 0.15, offerings, draw)
    common = category != PROFESSIONAL
    stages |= common[:, None] & (draw.random((offerings, STAGES)) < 0.6)
    subjects |= (common | (draw.random(offerings) < 0.35))[:, None]
    fame = draw.normal(0, 1, offerings)
    competence = draw.integers(0, COMPETENCES, offerings)
    halves = np.clip((hours + 7) // 8, 1, 5)
    holidays = draw.random(len(of)) < 0.65
    first = np.where(
        holidays, draw.integers(TERM, HALVES, len(of)), draw.integers(0, TERM, len(of))
    )
    first = np.minimum(first, np.where(holidays, HALVES, TERM) - halves)
    halves = np.where(draw.random(len(of)) < 0.1, 0, halves)
    return Sections(
        county, of, np.concatenate(programme), category[of], hours, first, halves,
        stages[of], subjects[of], fame[of], competence[of],
    )  # fmt: skip


def _hours(shape: Shape, count: int, draw: np.random.Generator) -> Numbers:
    share = np.array([0.30, 0.20, 0.15, 0.15, 0.12, 0.05, 0.03])[: len(shape.hours)]
    return draw.choice(np.array(shape.hours), count, p=share / share.sum())


def _some_of(kinds: int, share: float, count: int, draw: np.random.Generator) -> Numbers:
    """Return for each offering some kinds, at least one."""
    some = draw.random((count, kinds)) < share
    some[np.arange(count), draw.integers(0, kinds, count)] = True
    return some


def draw_teachers(shape: Shape, sizes: Numbers, draw: np.random.Generator) -> Teachers:
    """Draw the teachers of every county; a school has one stage and about 125 people."""
    school, stage, schools = [], [], 0
    for size in sizes.tolist():
        here = max(6, size // 125)
        weight = draw.lognormal(0, 0.5, here)
        of_school = draw.choice(STAGES, here, p=[0.2, 0.42, 0.25, 0.13])
        mine = np.sort(draw.choice(here, size, p=weight / weight.sum()))
        school.append(schools + mine)
        stage.append(of_school[mine])
        schools += here
    at = np.concatenate(school)
    count = len(at)
    subject = draw.choice(SUBJECTS, count, p=draw.dirichlet(np.ones(SUBJECTS) * 3))
    scarce = np.isin(subject, draw.choice(SUBJECTS, 4, replace=False))
    done = np.minimum(1, draw.exponential(0.35, (count, 3)))
    return Teachers(
        county=np.repeat(np.arange(len(sizes)), sizes).astype(np.int16),
        school=at.astype(np.int32),
        stage=np.concatenate(stage).astype(np.int8),
        subject=subject.astype(np.int8),
        rural=(draw.random(schools) < 0.6)[at],
        shortage=scarce & (draw.random(count) < 0.5),
        years=draw.integers(0, 5, count).astype(np.int8),
        due=(TARGET - (TARGET * done).astype(int)).astype(np.int8),
        limit=draw.choice(np.array(shape.hour_limits, np.int16), count),
        ranked=draw.integers(shape.ranked[0], shape.ranked[1] + 1, count).astype(np.int8),
    )


def draw_lists(
    shape: Shape, sections: Sections, teachers: Teachers, draw: np.random.Generator
) -> Lists:
    """Let everybody rank what she would like of what is meant for her, and score the rest by need."""
    weak = draw.beta(2, 3, (len(teachers), COMPETENCES)).astype(np.float32)
    if not shape.tastes:
        weak[:] = 0.5
    blank = (len(teachers), shape.options)
    lists = Lists(np.full(blank, -1, np.int16), np.zeros(blank, np.int8), np.zeros(blank, np.int16))
    for here in range(int(teachers.county[-1]) + 1):
        near = np.flatnonzero((sections.county == here) | (sections.county == -1))
        first, last = np.searchsorted(teachers.county, [here, here + 1])
        kind = teachers.stage[first:last].astype(int) * SUBJECTS + teachers.subject[first:last]
        order = first + np.argsort(kind, kind="stable")
        for people in np.split(order, np.flatnonzero(np.diff(np.sort(kind))) + 1):
            stage, subject = teachers.stage[people[0]], teachers.subject[people[0]]
            open_ = near[sections.stages[near, stage] & sections.subjects[near, subject]]
            if len(open_) > WIDEST:
                open_ = np.sort(draw.choice(open_, WIDEST, replace=False))
            if len(open_):
                _write(lists, shape, sections, teachers, people, open_, weak, draw)
    return lists


def _write(
    lists: Lists,
    shape: Shape,
    sections: Sections,
    teachers: Teachers,
    people: Numbers,
    open_: Numbers,
    weak: Numbers,
    draw: np.random.Generator,
) -> None:
    """Write the lists of some teachers of one stage and subject, who choose among some sections."""
    need = 60 * weak[people][:, sections.competence[open_]]
    noise = draw.standard_normal((len(people), len(open_)), np.float32)
    liking = 0.45 * sections.fame[open_] + need / 30 + shape.tastes * noise
    liking += 0.4 * (sections.category[open_] == PROFESSIONAL)
    key = np.rint(liking * 1e4).astype(np.int64) * len(open_) + np.arange(len(open_))
    count = min(shape.options, len(open_))
    top = np.argpartition(-key, count - 1, axis=1)[:, :count]
    top = np.take_along_axis(top, np.argsort(-np.take_along_axis(key, top, 1), axis=1), 1)
    place = np.arange(count)
    is_ranked = place < teachers.ranked[people][:, None]
    wish = np.where(is_ranked, 100 - 6 * np.minimum(place, 15), 0)
    need = np.take_along_axis(need, top, 1)
    claim = teachers.claim[people][:, None] if shape.tastes else 1
    points = claim * (wish + np.where(is_ranked, 1, 0.5) * need)
    lists.section[people, :count] = open_[top]
    lists.rank[people, :count] = np.where(is_ranked, place + 1, 0)
    lists.points[people, :count] = np.rint(points)
