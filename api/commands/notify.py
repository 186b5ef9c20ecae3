"""`xuanke round notify`: tell people what waits to be told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from api.commands.life import Who, office_of, the_round
from api.commands.showing import show
from api.console import Desk


@dataclass(frozen=True, slots=True)
class Telling:
    """How people are told: `channel` is email, webhook, sheet or slips."""

    channel: str
    contacts: Path | None
    out: Path
    again: bool = False


def notify(desk: Desk, who: Who, telling: Telling) -> None:
    """Send what waits in the outbox, or write it to be sent by hand."""
    from api.database import session
    from api.outbox import box, sending
    from api.outbox.contacts import read_contacts
    from api.outbox.settings import courier, public_url

    contacts = read_contacts(telling.contacts, desk.lang) if telling.contacts else {}
    with desk.database() as engine, office_of(engine) as office:
        round_id = the_round(office, who.round_id).id
        transaction = partial(session, engine)
        if telling.again:
            with transaction() as opened:
                desk.say("outbox_again", count=box.again(opened, round_id))
        if telling.channel in ("email", "webhook"):
            with courier(telling.channel) as carrier, desk.progress("outbox_sending", None):
                told = sending.by_courier(
                    transaction, round_id, carrier, contacts, office.clock, public_url()
                )
        else:
            told = sending.on_paper(
                transaction,
                round_id,
                telling.out,
                contacts,
                office.clock,
                form=telling.channel,
                shown=lambda people: show(engine, telling.channel, people, round_id),
                public_url=public_url(),
                lang=desk.lang,
            )
    desk.say(
        "outbox_told" if telling.channel in ("email", "webhook") else "outbox_written",
        sent=told.sent,
        failed=told.failed,
        unreachable=told.unreachable,
        unclear=told.unclear,
    )
    if told.path:
        desk.tell(str(told.path))
