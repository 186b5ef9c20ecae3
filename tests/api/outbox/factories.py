"""Messages that wait, and a courier to carry them."""

from contextlib import contextmanager
from datetime import UTC, datetime

from sqlmodel import Session

from api.outbox.contacts import Contact
from api.outbox.sending import by_courier, on_paper
from api.tables import OutboxRow
from matching.rounds import store

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


def message(id: str, person: str, kind: str = "offer", **more: object) -> OutboxRow:
    values = {"section": "C1", "until": "2026-06-12T15:59:00.000000Z"}
    fields = {"event_seq": 1, "round_id": "R1", "reference": id, "values": values}
    return OutboxRow(id=id, person=person, kind=kind, **{**fields, **more})


def transaction(engine):
    @contextmanager
    def opened():
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    return opened


def states(engine) -> dict[str, str]:
    with Session(engine) as session:
        return {row.id: row.state for row in store.everything(session, OutboxRow)}


MAILS = {"T1": Contact(email="lina@school.cn"), "T2": Contact(email="wang@school.cn")}


def send(office, courier, contacts=MAILS):
    return by_courier(transaction(office), "R1", courier, contacts, lambda: NOW)


class Fake:
    """A courier that keeps what it carried, or fails as told."""

    name = "fake"

    def __init__(self, trouble: Exception | None = None) -> None:
        self.carried: list = []
        self.trouble = trouble

    def reaches(self, letter) -> bool:
        return bool(letter.contact.email)

    def carry(self, letter) -> None:
        if self.trouble:
            raise self.trouble
        self.carried.append(letter)


def on_sheets(office, folder, contacts=None, form="sheet", shown=lambda _: None, **more):
    """Write what waits on paper."""
    place = (transaction(office), "R1", folder, contacts or {}, lambda: NOW)
    return on_paper(*place, form=form, shown=shown, **more)
