"""A county of any size in the middle of confirming, made without a solve: seats are dealt by lot."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from matching.rounds import store as rounds_store
from matching.rounds.life import places, snapshots
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.drafting import plain_settings
from matching.rounds.life.events import key_of
from matching.rounds.life.standings import standing_of
from matching.rounds.life.tables import AnswerRow, RoundSecretRow, SnapshotRow
from matching.rounds.settings import RoundSettings
from matching.rounds.tables import RoundRow, SeatRow
from matching.waitlist import Standing
from tests.matching.rounds import factories as rounds
from tests.matching.rounds.factories import COUNTY, ballot, county, course, school, teacher

ROUND = "r1"
SECRET = "big hall"
NOW = datetime(2026, 8, 3, 1, tzinfo=UTC)
"""A Monday."""


def call(role: str = "county", id: str = COUNTY, at: datetime = NOW, **more: str) -> Call:
    return Call(id, Scope(role, id), at, **more)


def big_county(teachers: int, sections: int, seats: int, seed: int) -> list:
    """Return rows: sections of two half-days in term, schools that let few go, lists of six."""
    chance = random.Random(seed)
    schools = [
        school(f"S{i}", staff=20, release_max=1 + i % 3) for i in range(max(2, teachers // 12))
    ]
    people = [teacher(f"T{i:04d}", f"S{i % len(schools)}") for i in range(teachers)]
    first = date(2026, 9, 7)
    courses = []
    for i in range(sections):
        day = first + timedelta(days=7 * (i // 6 % 12) + i % 5)
        courses += course(f"C{i:03d}", [f"{day} AM", f"{day} PM"], capacity=seats)
    names = [f"C{i:03d}" for i in range(sections)]
    lists = []
    for i in range(teachers):
        wanted = chance.sample(names, min(6, sections))
        if i % 5 == 0 and len(wanted) > 2:
            wanted = ["+".join(wanted[:2]), *wanted[2:]]
        lists.append(ballot(f"T{i:04d}", *wanted, most_sections=1 + i % 3))
    return county(*schools, *people, *courses, *lists)


def settings_of_hall() -> RoundSettings:
    return rounds.settings(id=ROUND, title="大厅", seed="", assigned_cap=0, most_sections=3)


def final(session: Session, rows: list) -> RoundRow:
    """Store a county and a round whose result, dealt by lot, is final."""
    latest = {(type(row), *key_of(row)): row for row in rows}
    for _, same in groupby(latest.values(), type):
        session.add_all(same)
        session.flush()
    settings = settings_of_hall()
    stored = rounds_store.load(session, settings)
    body = snapshots.take(stored, settings)
    digest = snapshots.digest(body)
    row = RoundRow(
        id=ROUND,
        title=settings.title,
        year=settings.year,
        unit_id=settings.unit,
        list_length=settings.list_length,
        seed_commitment="c",
        settings=plain_settings(settings),
        state="final",
        published=f"{ROUND}/1/1",
    )
    rounds.add(session, row)
    answer = AnswerRow(
        id=row.published,
        round_id=ROUND,
        number=1,
        version=1,
        snapshot_digest=digest,
        configuration="dealt by lot",
        digest=digest,
        status="feasible",
        body={},
    )
    rounds.add(
        session,
        RoundSecretRow(round_id=ROUND, secret=SECRET),
        SnapshotRow(
            round_id=ROUND, digest=digest, root="", ballots=len(rows), body=body, sealed_at=""
        ),
        answer,
    )
    session.add_all(list(dealt(standing_of(session, row))))
    session.flush()
    return row


def dealt(standing: Standing):
    """Yield seats in the order of the lot, the first choices of each that are possible."""
    names, sections = standing.instance.teacher_ids, standing.instance.section_ids
    held: dict[str, list[str]] = {name: [] for name in names}
    used, free = Counter[str](), Counter(standing.chairs)
    choices = sorted(
        (standing.number(names[row["teacher"]]), row["rank"], names[row["teacher"]], row["section"])
        for row in standing.instance["choices"].rows()
    )
    for _, rank, name, place in choices:
        group = standing.group(name, sections[place])
        hers = held[name]
        if sections[place] in hers or standing.may(name, group, hers, used, free) is not None:
            continue
        used.update(standing.change(name, hers, [*hers, *group]))
        free.subtract(group)
        held[name] = [*hers, *group]
        for each in group:
            said = {"round_id": ROUND, "teacher_id": name, "section_id": each}
            yield SeatRow(**said, number=1, rank=rank, kind="chosen")


def confirming(session: Session, rows: list) -> RoundRow:
    """Store a county whose seats are on offer."""
    row = final(session, rows)
    places.open_confirming(session, call(), ROUND)
    return row
