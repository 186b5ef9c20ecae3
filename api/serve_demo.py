"""A made-up county to try the API on: imported, its round opened, and keys for everybody printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from api.clock import system_clock
from api.console import Desk
from api.demo.run import SHEETS

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from matching.rounds.settings import RoundSettings

OPEN_DAYS = 7
TOKEN_DAYS = 30
WEEKS_AHEAD = 6
"""From today to the first section: a week of choosing, then review, a week of notice, ten days' warning."""

OFFICERS = ("管理员甲", "管理员乙")
"""Two people, for what takes two."""


def made_up(desk: Desk, url: str) -> dict[str, str]:
    """Make the county in a new database, tell how to ask it, and return the token of each role."""
    from api.commands.imports import Wish, import_files
    from api.database import session
    from api.migrations import upgrade
    from matching.rounds.settings_file import read_settings

    upgrade(desk.db)
    import_files(desk, [SHEETS], Wish(yes=True, quiet=True))
    settings = read_settings(SHEETS / "round.toml")
    with desk.database() as engine:
        with session(engine) as opened:
            settings = lay_ahead(opened, settings, system_clock().date())
        open_round(engine, settings)
        tokens = tokens_for(engine, settings)
    _tell(desk, url, settings.id, tokens)
    return tokens


def lay_ahead(opened: Session, settings: RoundSettings, today: date) -> RoundSettings:
    """Let every section meet as many whole weeks later as the first needs to lie ahead.

    Returns
    -------
    RoundSettings
        With a term that moves along: who may be away from her school stays as it was made.
    """
    from catalog.tables import SectionRow
    from matching.rounds import store

    sections = store.everything(opened, SectionRow)
    first = min(date.fromisoformat(min(row.meetings)[:10]) for row in sections if row.meetings)
    late = (today + timedelta(weeks=WEEKS_AHEAD) - first).days
    by = timedelta(weeks=max(0, -(-late // 7)))
    for row in sections:
        row.meetings = [_later(meeting[:10], by) + meeting[10:] for meeting in row.meetings]
        opened.add(row)
    term = settings.release
    moved = replace(
        term,
        from_day=_later(term.from_day, by),
        until_day=_later(term.until_day, by),
        closed=tuple((_later(first, by), _later(last, by)) for first, last in term.closed),
    )
    return replace(settings, release=moved)


def _later(day: str, by: timedelta) -> str:
    """Return a day so much later."""
    return str(date.fromisoformat(day) + by)


def open_round(engine: Engine, settings: RoundSettings) -> None:
    """Draft, announce and open a round that takes ballots for a week."""
    from api.unit_of_work import Office
    from matching.rounds.life import drafting, moves
    from matching.rounds.life.calls import Call, Scope

    call = Call(OFFICERS[0], Scope("county", settings.unit), system_clock())
    dates = (call.now, call.now + timedelta(days=OPEN_DAYS))
    office = Office(engine)
    office.do(call, lambda session: drafting.draft(session, call, settings))
    office.do(call, lambda session: moves.announce(session, call, settings.id, *dates))
    office.do(call, lambda session: moves.open_(session, call, settings.id))


def tokens_for(engine: Engine, settings: RoundSettings) -> dict[str, str]:
    """Return a token for one teacher, her school, one institution, two officers and an auditor."""
    from api.auth import issue
    from api.database import session
    from diagnostics import hers
    from matching.rounds import store
    from matching.rounds.life.calls import Call, Scope

    call = Call("xuanke", Scope("engine", "xuanke"), system_clock())
    with session(engine) as opened:
        stored = store.load(opened, settings)
        teacher = hers.teacher(opened, min(stored.teachers))
        institution = min(row.institution_id for row in stored.offerings.values())
        holders = {
            "teacher": (teacher.id, "teacher", teacher.id),
            "school": ("校长", "school", teacher.school),
            "institution": ("教务", "institution", institution),
            "county": (OFFICERS[0], "county", settings.unit),
            "county 2": (OFFICERS[1], "county", settings.unit),
            "auditor": ("审计", "auditor", settings.unit),
        }
        return {
            who: issue(opened, call, *holder, days=TOKEN_DAYS, label="demo")
            for who, holder in holders.items()
        }


def _tell(desk: Desk, url: str, round_id: str, tokens: dict[str, str]) -> None:
    desk.say("serve_demo", round=round_id, days=OPEN_DAYS)
    for who, token in tokens.items():
        desk.tell(f"  {who:<12} {token}")
    desk.say("serve_try")
    for who, path in (
        ("teacher", f"/rounds/{round_id}/menu"),
        ("teacher", f"/rounds/{round_id}/ballots/me"),
        ("county", f"/rounds/{round_id}"),
    ):
        desk.tell(f'  curl -H "Authorization: Bearer {tokens[who]}" {url}/api/v1{path}')
    desk.tell(f"  curl {url}/openapi.json")
