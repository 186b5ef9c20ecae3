"""`xuanke token`: an office makes keys to the API, looks who has one, and ends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.commands.life import Who, call_of, office_of
from api.console import Desk
from api.messages import say

if TYPE_CHECKING:
    from api.tables import TokenRow
    from api.tokens import Wish

TERMINAL = "terminal"
"""The scope of whoever sits at the database; no unit stands above it."""


def make(desk: Desk, who: Who, wish: Wish) -> None:
    """Make a token and print it, once; only its hash is kept."""
    from api import tokens

    with desk.database() as engine, office_of(engine) as office:
        call = call_of(office, who, TERMINAL)
        done = office.do(call, lambda session: tokens.make(session, call, wish))
    desk.say("token_made", holder=wish.holder, days=wish.days, id=done.body["id"])
    desk.tell(done.body["token"])


def revoke(desk: Desk, who: Who, name: str) -> None:
    """End a token at once, in servers that run too: they ask the database with every request."""
    from api import tokens

    with desk.database() as engine, office_of(engine) as office:
        call = call_of(office, who, TERMINAL)
        done = office.do(call, lambda session: tokens.revoke(session, call, name))
    desk.say("token_ended", id=done.body["id"])


def list_(desk: Desk, *, over: bool) -> None:
    """Print who has a token, and when it was last used; with `over`, those that ended too."""
    from api import tokens
    from matching.rounds.life.clock import stamp

    with desk.database() as engine, office_of(engine) as office:
        now = stamp(office.clock())
        with office.read() as session:
            rows = tokens.listed(session)
    told = [(row, _state(row, now)) for row in rows]
    shown = [(row, state) for row, state in told if over or state == "good"]
    for row, state in shown:
        desk.say("token_line", **_said(desk, row), state=say(f"token_{state}", desk.lang))
    desk.say("token_count", count=len(shown), of=len(rows))


def _state(row: TokenRow, now: str) -> str:
    return "revoked" if row.revoked else "good" if now < row.ends_at else "expired"


def _said(desk: Desk, row: TokenRow) -> dict[str, str]:
    from matching.rounds.life.clock import beijing
    from matching.rounds.life.phases import word

    return {
        "id": row.id,
        "holder": row.holder,
        "role": word("role", row.role)[desk.lang],
        "scope": row.scope_id,
        "ends": beijing(row.ends_at, desk.lang),
        "used": beijing(row.last_used, desk.lang) or "–",
    }
