"""What can be done with a round as a whole, by name: the verbs of the table and three that move none.

Each verb is a function of the life of a round; which arguments it takes is read off its parameters,
so a verb is described once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from inspect import Parameter, signature
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from api.http_errors import Refused, not_found
from matching.rounds.errors import BadRound, BadSettings
from matching.rounds.life import store
from matching.rounds.life.clock import stamp
from matching.rounds.life.events import Happened
from matching.rounds.life.phases import line_of, transition, word
from matching.rounds.life.reach import require_round
from matching.rounds.life.tables import PostingRow, ProposalRow

if TYPE_CHECKING:
    from matching.rounds.life.calls import Call
    from matching.rounds.settings import RoundSettings
    from matching.rounds.tables import RoundRow

PLACES = {
    "announce": "moves.announce",
    "change_rules": "moves.change_rules",
    "amend_rules": "moves.amend_rules",
    "open": "moves.open_",
    "pause": "moves.pause",
    "resume": "moves.resume",
    "extend": "moves.extend",
    "close": "moves.close",
    "close_early": "moves.close_early",
    "void": "moves.void",
    "seal": "sealing.seal",
    "draw": "sealing.draw",
    "reveal": "sealing.reveal",
    "solve": "answers.ask",
    "override": "overrides.override",
    "rerun": "publishing.rerun",
    "accept": "publishing.accept",
    "publish": "publishing.publish",
    "finalise": "publishing.finalise",
    "second_round": "publishing.second_round",
    "confirm": "places.open_confirming",
    "settle": "places.settle",
    "cancel_section": "places.cancel_section",
    "transfer": "places.transfer",
    "start": "marking.start",
    "evaluate": "marking.evaluate",
    "post": "posting.post",
}
"""Verb -> where its function lies in `matching.rounds.life`."""

UNMOVING = ("cancel_section", "transfer")
"""Verbs that are not in the table: they move no round."""

STANDING = ("override",)
"""Verbs whose proposals stand although the round has moved on."""

VERSION = "version"
"""Among the arguments of a proposal: the version of the round that it was made from."""

OURS = ("session", "call", "round_id", "expected_version", "reason")
"""Parameters that no caller fills in as an argument."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: its function, what it needs to be told and what it may be told."""

    name: str
    run: Callable[..., Happened | tuple[Happened, ...]]
    needs: frozenset[str]
    takes: frozenset[str]

    @property
    def two(self) -> bool:
        """Whether it takes two people."""
        return is_for_two(self.name)

    def checked(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments it was given, if they are those it takes.

        Raises
        ------
        Refused
            With the name of the one that is missing or has no use here.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        for name in sorted(self.needs - given.keys()):
            raise Refused(
                422,
                "http_needs_argument",
                f"body.arguments.{name}",
                verb=named(self.name),
                name=name,
            )
        for name in sorted(given.keys() - self.takes):
            raise Refused(
                422,
                "http_other_argument",
                f"body.arguments.{name}",
                verb=named(self.name),
                name=name,
            )
        return given


def named(name: str) -> dict[str, str]:
    """Return the words for a verb in both languages."""
    return word("verb", name)


def is_for_two(name: str) -> bool:
    """Tell whether a verb takes two people."""
    return name not in UNMOVING and line_of(name).two


@cache
def verb(name: str) -> Verb:
    """Return a verb by its name.

    Raises
    ------
    BadRound
        If there is none.
    """
    if name not in PLACES:
        raise BadRound("life_no_verb", verb=name)
    module, function = PLACES[name].split(".")
    run = getattr(import_module(f"matching.rounds.life.{module}"), function)
    parameters = {n: p for n, p in signature(run).parameters.items() if n not in OURS}
    needs = frozenset(n for n, p in parameters.items() if p.default is Parameter.empty)
    return Verb(name, run, needs, frozenset(parameters))


def say(
    session: Session,
    call: Call,
    round_id: str,
    name: str,
    arguments: Mapping[str, Any],
    version: int | None,
) -> Happened | tuple[Happened, ...]:
    """Say a verb to a round that is still at the version its caller has seen.

    Raises
    ------
    BadRound
        If it has changed since, or the verb refuses.
    """
    row = store.round_to_move(session, round_id)
    require_round(session, call.scope, row)
    _require_fresh(row, version)
    spoken = verb(name)
    given = dict(spoken.checked(arguments))
    if "settings" in given:
        given["settings"] = settings_from(str(given["settings"]))
    return spoken.run(session, call, round_id, **given)


def _require_fresh(row: RoundRow, version: int | None) -> None:
    if version is not None and version != row.version:
        raise BadRound("life_stale", have=row.version, said=version)


def propose(
    session: Session,
    call: Call,
    round_id: str,
    name: str,
    arguments: Mapping[str, Any],
    version: int,
) -> Happened:
    """Keep what one person wants to do that takes two; nothing happens until the second agrees.

    Parameters
    ----------
    version
        The version of the round that the proposal is made from; see `agree`.

    Raises
    ------
    Refused
        If one person is enough.
    BadRound
        If it could not be done now by two either, has no reason, or the round has changed since.
    """
    row = store.round_to_move(session, round_id)
    require_round(session, call.scope, row)
    wanted = verb(name)
    if not wanted.two:
        raise Refused(409, "http_takes_one", "body.verb", verb=named(wanted.name))
    given = wanted.checked(arguments)
    _require_fresh(row, version)
    if "settings" in given:
        settings_from(str(given["settings"]))
    transition(row.state, name, replace(call, second=f"{call.actor} and another"))
    proposal = ProposalRow(
        id=token_hex(8),
        round_id=round_id,
        verb=name,
        arguments={**given, VERSION: version},
        reason=call.reason,
        proposed_by=call.actor,
        proposed_at=stamp(call.now),
    )
    store.keep(session, proposal)
    return Happened("proposal.made", round_id, _body(proposal), told(proposal))


def agree(session: Session, call: Call, proposal_id: str) -> tuple[Happened, ...]:
    """Do what was proposed, now that a second person agrees.

    A proposal stands for the round as it was then: once that has changed (other settings, another
    candidate, a later deadline) it is made anew, so that nobody undoes unseen what came between. A
    decision about one seat stands by itself, so several can be prepared and agreed to in turn.

    Parameters
    ----------
    call
        Made by the one who proposed, with the one who agrees as second.

    Raises
    ------
    Refused
        If the proposal is dealt with, or the round has changed since it was made.
    """
    proposal = _waiting(session, proposal_id)
    arguments = dict(proposal.arguments)
    version = arguments.pop(VERSION, None)
    row = store.round_to_move(session, proposal.round_id)
    if proposal.verb not in STANDING and version not in (None, row.version):
        raise Refused(409, "http_proposal_stale", have=row.version)
    done = say(session, call, proposal.round_id, proposal.verb, arguments, None)
    proposal.state, proposal.second = "agreed", call.second
    store.keep(session, proposal)
    agreed = Happened("proposal.agreed", proposal.round_id, _body(proposal), told(proposal))
    return (*(done if isinstance(done, tuple) else (done,)), agreed)


def drop(session: Session, call: Call, proposal_id: str) -> Happened:
    """Put a proposal away; either of the two may."""
    proposal = _waiting(session, proposal_id)
    require_round(session, call.scope, store.round_to_move(session, proposal.round_id))
    proposal.state, proposal.second = "dropped", call.actor
    store.keep(session, proposal)
    return Happened("proposal.dropped", proposal.round_id, _body(proposal), told(proposal))


def approve_hours(session: Session, call: Call, round_id: str, section_id: str) -> Happened:
    """Approve the hours of a section: for the second time if somebody has approved them already."""
    from matching.rounds.life import posting

    found = session.get(PostingRow, (round_id, section_id), populate_existing=True)
    second = found is not None and found.state == "first_approved"
    step = posting.approve_second if second else posting.approve_first
    return step(session, call, round_id, section_id)


def _waiting(session: Session, proposal_id: str) -> ProposalRow:
    proposal = session.get(ProposalRow, proposal_id, with_for_update=True, populate_existing=True)
    if proposal is None:
        raise not_found()
    if proposal.state != "waiting":
        raise Refused(409, "http_proposal_over")
    return proposal


def told(proposal: ProposalRow) -> dict[str, Any]:
    """Return what is told of a proposal; settings are long and stay inside."""
    arguments = {k: v for k, v in proposal.arguments.items() if k != "settings"}
    return {"proposal": proposal.model_dump() | {"arguments": arguments}}


def _body(proposal: ProposalRow) -> dict[str, Any]:
    return proposal.model_dump()


def settings_from(text: str) -> RoundSettings:
    """Return the settings that a text in the form of `round.toml` describes.

    Raises
    ------
    BadSettings
        If it cannot be read, with what would be right.
    """
    from matching.rounds.life.drafting import plain_settings
    from matching.rounds.settings_file import parse_settings

    try:
        settings = parse_settings(text)
        _require_plain(plain_settings(settings))
    except (RecursionError, OverflowError, TypeError, ValueError) as error:
        if isinstance(error, BadSettings):
            raise
        raise Refused(422, "field_value", "body.settings") from error
    return settings


def _require_plain(value: Any) -> None:
    """Refuse numbers that canonical JSON cannot keep."""
    if isinstance(value, dict):
        for inner in value.values():
            _require_plain(inner)
    elif isinstance(value, list):
        for inner in value:
            _require_plain(inner)
    elif isinstance(value, int | float) and not abs(value) < 2**53:
        raise ValueError("a number is too large")
