"""Whoever sits at the terminal is shown teachers too, and leaves the line that she would leave over HTTP."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from api.commands.life import office_of

if TYPE_CHECKING:
    from sqlalchemy import Engine


def show(engine: Engine, what: str, teachers: Iterable[str], round_id: str = "") -> None:
    """Write down, under the name she is logged in by, whom a command is about to print or write.

    Parameters
    ----------
    what
        The name of the command.
    """
    from api import accesses
    from matching.rounds.life.calls import Call, Scope

    shown = accesses.Shown(what, round_id, frozenset(teachers))
    if not shown.teachers:
        return
    with office_of(engine) as office:
        scope, name = Scope("county", "terminal"), getpass.getuser()
        call = Call(name, scope, office.clock(), request_id=secrets.token_hex(8))
        office.do(call, lambda session: accesses.keep(session, call, shown))
