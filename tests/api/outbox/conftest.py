"""An office with two teachers who wait for one message each."""

import pytest
from sqlmodel import Session

from matching.rounds.tables import RoundRow
from tests.api.outbox.factories import message
from tests.matching.rounds.factories import (
    COUNTY,
    add,
    course,
    days,
    institution,
    programme,
    school,
    teacher,
    units,
)


@pytest.fixture
def office(engine):
    """A county with two teachers who wait for one message each."""
    round_row = RoundRow(
        id="R1",
        title="2026年暑期选学",
        year=2026,
        unit_id=COUNTY,
        list_length=6,
        seed_commitment="0" * 64,
        settings={},
        closes_at="2026-06-05T10:00:00.000000Z",
    )
    with Session(engine) as session, session.begin():
        people = [teacher("T1", name="李娜"), teacher("T2", name="王强")]
        offered = course("C1", days("2026-08-03", 1))
        add(session, *units(), school(), institution(), programme(), *offered, *people, round_row)
        add(session, message("m1", "T1"), message("m2", "T2"))
    return engine
