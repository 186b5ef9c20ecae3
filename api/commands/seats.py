"""`xuanke round confirm|archive`: from offered seats to a bundle that anybody can recheck."""

from __future__ import annotations

from pathlib import Path

from api.commands.life import Who, act, call_of, office_of, tell_state, the_round
from api.console import Desk


def confirm(desk: Desk, who: Who, teacher: str, section: str, days: int) -> None:
    """Offer every seat to its holder; with a teacher and a section, confirm that seat for her."""
    from matching.rounds.life import places

    if teacher:
        act(desk, who, lambda s, call, id_: places.confirm_seat(s, call, id_, teacher, section))
    else:
        act(desk, who, lambda s, call, id_: places.open_confirming(s, call, id_, days))


def archive(desk: Desk, who: Who, out: Path) -> None:
    """Write the bundle of a round and close its life."""
    from api.archive import archive as write

    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        bundle = write(office, call_of(office, who, row.unit_id), row.id, out)
        desk.say("life_archived", path=bundle.path, digest=bundle.digest)
        tell_state(desk, office, row.id)
