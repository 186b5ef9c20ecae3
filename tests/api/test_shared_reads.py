"""What hand-ins of the one writer share is read once, and again when anybody has changed it."""

import pytest
from sqlmodel import Session

from catalog.tables import SectionRow
from matching.rounds.errors import BadRound
from matching.rounds.life import entries, handing, shared
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.events import Happened
from matching.rounds.tables import RoundRow
from tests.api.http.factories import ROUND, county


@pytest.fixture
def place():
    with county() as opened:
        opened.open_round()
        yield opened


@pytest.fixture
def asked(place):
    """The statements that ask for a section."""
    said = []
    asks = "SELECT section.id"
    place.trace_writer(lambda line: said.append(line) if line.startswith(asks) else None)
    return said


def hand_in(place, version: int, *lines: str) -> int:
    """Let a teacher hand in, in a batch of her own; return the version."""
    call = Call("T1", Scope("teacher", "T1"), place.clock())
    done = place.office.do(
        call, lambda s: handing.hand_in(s, call, ROUND, "T1", list(lines), None, version)
    )
    return done.body["version"]


def rename(session: Session) -> Happened:
    """Let a section be another one from now on."""
    session.delete(session.get(SectionRow, "C3"))
    return Happened("section.gone", "", {})


def test_a_section_is_read_once_by_many_batches(place, asked):
    for version in range(4):
        hand_in(place, version, "C1", "C2")
    assert len(asked) == 2


def test_without_carrying_on_each_batch_reads_it(place, asked, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(shared, "carry_on", lambda _: None)
    for version in range(4):
        hand_in(place, version, "C1", "C2")
    assert len(asked) == 8


def test_what_another_unit_of_the_writer_changed_is_read_again(place):
    hand_in(place, 0, "C3")
    place.office.do(place.call("county"), rename)
    with pytest.raises(BadRound) as refused:
        hand_in(place, 1, "C3")
    assert refused.value.code == "life_bad_ballot"


def test_what_somebody_else_changed_is_read_again(place):
    """A command line beside the service, on a connection of its own."""
    hand_in(place, 0, "C3")
    with Session(place.engine) as session, session.begin():
        rename(session)
    with pytest.raises(BadRound) as refused:
        hand_in(place, 1, "C3")
    assert refused.value.code == "life_bad_ballot"


def test_what_a_failed_unit_had_changed_is_not_believed(place):
    def fail(session):
        session.delete(session.get(SectionRow, "C3"))
        session.flush()
        assert entries.courses(session, ["C1", "C3"]).keys() == {"C1"}
        raise BadRound("life_no_round", id="r9")

    with pytest.raises(BadRound):
        place.office.do(place.call("county"), fail)
    assert hand_in(place, 0, "C3") == 1


def test_a_round_that_was_paused_takes_nothing_at_once(place):
    """The round itself is never shared."""
    hand_in(place, 0, "C1")
    with Session(place.engine) as session, session.begin():
        session.get(RoundRow, ROUND).state = "paused"
    with pytest.raises(BadRound) as refused:
        hand_in(place, 1, "C1")
    assert refused.value.code == "life_not_open"
