"""`xuanke round confirm|archive`: from offered seats to a bundle that anybody can recheck."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.commands.life import Who, act, call_of, office_of, tell_state, the_round
from api.commands.showing import show
from api.console import Desk

if TYPE_CHECKING:
    from api.unit_of_work import Office
    from matching.rounds.life.calls import Call


def confirm(desk: Desk, who: Who, teacher: str, section: str, days: int) -> None:
    """Offer every seat to its holder; with a teacher and a section, confirm that seat for her."""
    from matching.rounds.life import places

    if teacher:
        act(desk, who, lambda s, call, id_: places.confirm_seat(s, call, id_, teacher, section))
    else:
        act(desk, who, lambda s, call, id_: places.open_confirming(s, call, id_, days))


def cancel(desk: Desk, who: Who, section: str, into: str) -> None:
    """Cancel a section, and tell who was seated where instead."""
    from matching.rounds.life import changes

    _tell_again(
        desk, act(desk, who, lambda s, c, id_: changes.cancel_section(s, c, id_, section, into))
    )


def transfer(desk: Desk, who: Who, teacher: str, school: str, into: str) -> None:
    """Move a teacher to another school, and tell which seats she keeps and gets."""
    from matching.rounds.life import changes

    _tell_again(
        desk, act(desk, who, lambda s, c, id_: changes.transfer(s, c, id_, teacher, school, into))
    )


def _tell_again(desk: Desk, told: dict[str, Any]) -> None:
    """Say who got other seats, and what was not offered since it has met already."""
    for teacher, sections in (*told["by_hand"], *told["again"]):
        if sections:
            desk.say("life_seated_again", teacher=teacher, sections=", ".join(sections))
    for teacher, sections in told["begun"]:
        desk.say("life_begun", teacher=teacher, sections=", ".join(sections))


def _covered(office: Office, call: Call) -> list[str]:
    """Return everybody whose entries stand in the bundles of a unit."""
    from sqlalchemy import select

    from api.reads import reach

    with office.read() as session:
        asked = select(reach.teacher.id).where(reach.teachers(call.scope))
        return list(session.scalars(asked))


def archive(desk: Desk, who: Who, out: Path) -> None:
    """Write the bundle of a round and close its life."""
    from api.archive import archive as write

    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        call = call_of(office, who, row.unit_id)
        show(engine, "archive", _covered(office, call), row.id)
        bundle = write(office, call, row.id, out)
        desk.say("life_archived", path=bundle.path, digest=bundle.digest)
        tell_state(desk, office, row.id)
