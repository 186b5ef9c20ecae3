"""`xuanke round`: an office moves a round from draft to archive, one verb a command."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.commands.settings import TEMPLATE, round_settings
from api.commands.two import calls_of_two
from api.console import Desk
from api.errors import UserError
from api.messages import say

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from api.unit_of_work import Done, Office
    from matching.rounds.life.calls import Call, Role
    from matching.rounds.life.events import Happened
    from matching.rounds.tables import RoundRow

    Verb = Callable[[Session, Call, str], Happened | tuple[Happened, ...]]


@dataclass(frozen=True, slots=True)
class Who:
    """Who sits at the terminal, who agrees, why, and which round is meant.

    Attributes
    ----------
    second
        With it both show a token, and the names are those of the tokens.
    round_id
        Empty for the one round that is not finished.
    role, scope
        Whom the person acts for; without a scope, for the unit that runs the round.
    """

    by: str = ""
    second: str = ""
    reason: str = ""
    round_id: str = ""
    role: Role = "county"
    scope: str = ""

    @property
    def name(self) -> str:
        """The name that stands in the log."""
        return self.by or getpass.getuser()


def office_of(engine: Engine) -> Office:
    """Open the office on a database: its log, its clock, in this process."""
    from api.unit_of_work import Office

    return Office(engine)


def act(desk: Desk, who: Who, verb: Verb) -> dict[str, Any]:
    """Let a verb happen, tell where the round is now, and return what the verb answered."""
    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        done = do(office, who, row, verb)
        tell_state(desk, office, row.id)
    return done.body


def do(office: Office, who: Who, row: RoundRow, verb: Verb) -> Done:
    """Let a verb happen to a round for whoever sits at the terminal, or for two who do."""
    call = calls_of_two(office, who, row)[0] if who.second else call_of(office, who, row.unit_id)
    return office.do(call, lambda session: verb(session, call, row.id))


def call_of(office: Office, who: Who, unit: str) -> Call:
    """Return the request of the person at the terminal, made now."""
    from matching.rounds.life.calls import Call, Scope

    scope = Scope(who.role, who.scope or unit)
    return Call(who.name, scope, office.clock(), reason=who.reason)


def the_round(office: Office, round_id: str, *, finished: bool = False) -> RoundRow:
    """Return the round that is meant; with `finished`, the only one there is may be over.

    Raises
    ------
    UserError
        If there is no such round, or none is named and there is not exactly one under way.
    """
    from matching.rounds import store
    from matching.rounds.life.phases import FINISHED
    from matching.rounds.tables import RoundRow

    with office.read() as session:
        rows = store.everything(session, RoundRow)
    named = [row for row in rows if row.id == round_id]
    if round_id and not named:
        known = ", ".join(row.id for row in rows) or "–"
        raise UserError("life_unknown_round", id=round_id, known=known)
    under_way = named or [row for row in rows if row.state not in FINISHED]
    if finished and not under_way:
        under_way = rows
    if len(under_way) != 1:
        known = ", ".join(row.id for row in under_way) or "–"
        raise UserError("life_which_round", count=len(under_way), known=known)
    return under_way[0]


def draft(desk: Desk, settings_path: Path, who: Who) -> None:
    """Make a round from its settings file."""
    from matching.rounds.life import drafting

    settings = round_settings(settings_path)
    if settings.seed == round_settings(TEMPLATE).seed:
        raise UserError("life_seed_of_template", path=settings_path)
    with desk.database() as engine, office_of(engine) as office:
        call = call_of(office, who, settings.unit)
        office.do(call, lambda session: drafting.draft(session, call, settings, settings.seed))
        tell_state(desk, office, settings.id)


def change_rules(desk: Desk, settings_path: Path, who: Who) -> None:
    """Give a round other settings, and tell what they change; announced ones take two people."""
    from matching.rounds.life import moves
    from matching.rounds.life.drafting import plain_settings

    settings = round_settings(settings_path)
    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        verb, seen = (
            (moves.change_rules if row.state == "draft" else moves.amend_rules),
            row.version,
        )
        do(
            office,
            who,
            row,
            lambda s, call, id_: verb(s, call, id_, settings, expected_version=seen),
        )
        changes = "; ".join(_differences(row.settings, plain_settings(settings)))
        desk.say("life_rules_changed", changes=changes or "–")
        tell_state(desk, office, row.id)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield the settings that differ; short values with what they were and are."""
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            short = not isinstance(old, list | dict) and not isinstance(new, list | dict)
            yield f"{name}: {old} → {new}" if short else name


def status(desk: Desk, who: Who) -> None:
    """Tell where a round is, what can be done next, and who was told what."""
    with desk.database() as engine, office_of(engine) as office:
        tell_state(desk, office, the_round(office, who.round_id, finished=True).id, full=True)


def tell_state(desk: Desk, office: Office, round_id: str, *, full: bool = False) -> None:
    """Say in a few lines where a round is and what may be said next."""
    from matching.rounds.life.clock import beijing
    from matching.rounds.life.drafting import settings_digest
    from matching.rounds.life.phases import line_of, verbs, word

    row = the_round(office, round_id)
    state = word("state", row.state)[desk.lang]
    desk.say("life_state", id=row.id, title=row.title, state=state, number=row.number)
    for name in ("opens_at", "closes_at", "notice_until", "confirm_until"):
        if moment := getattr(row, name):
            desk.say(f"life_{name}", moment=beijing(moment, desk.lang))
    if row.state == "announced" or full:
        desk.say("life_digests", commitment=row.seed_commitment, settings=settings_digest(row))
    _tell_draw(desk, office, row)
    people = say("life_two", desk.lang)
    after = [
        word("verb", verb)[desk.lang] + (people if line_of(verb).two else "")
        for verb in verbs(row.state)
        if "county" in line_of(verb).roles
    ]
    desk.say("life_next", verbs=("、" if desk.lang == "zh" else ", ").join(after) or "–")
    if full:
        _tell_counts(desk, office, row.id)


def _tell_draw(desk: Desk, office: Office, row: RoundRow) -> None:
    """Say which public value is mixed into the seed, and what was drawn."""
    from matching.rounds.life import store
    from matching.rounds.life.drafting import public_source

    if source := public_source(row):
        with office.read() as session:
            value = store.secret(session, row.id).public_value
        desk.say("life_public_source", source=source, value=value or "–")


def _tell_counts(desk: Desk, office: Office, round_id: str) -> None:
    from api.outbox import box
    from matching.rounds.life.tallies import ballots_by_state, places_by_state

    with office.read() as session:
        ballots = ballots_by_state(session, round_id)
        places = places_by_state(session, round_id)
        told = box.tally(session, round_id)
    for code, counts in (("life_ballots", ballots), ("life_places", places)):
        if counts:
            desk.say(code, counts=_listed(desk, counts))
    for kind, counts in told.items():
        what = say(f"life_note_{kind}", desk.lang)
        desk.say("life_told", what=what, counts=_listed(desk, counts))


def _listed(desk: Desk, counts: dict[str, int]) -> str:
    parts = [f"{say(f'life_count_{name}', desk.lang)} {n}" for name, n in counts.items()]
    return ("，" if desk.lang == "zh" else ", ").join(parts)
