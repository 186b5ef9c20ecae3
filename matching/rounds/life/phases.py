"""The states of a round and the one table that says which verb leads where, and who may say it."""

from __future__ import annotations

from dataclasses import dataclass

from matching.rounds.errors import BadRound
from matching.rounds.life.calls import Call, Role
from matching.rounds.messages import say

STATES = (
    "draft",
    "announced",
    "open",
    "paused",
    "school_review",
    "sealed",
    "seeded",
    "solving",
    "candidate",
    "verified",
    "notice",
    "final",
    "confirming",
    "settled",
    "running",
    "evaluated",
    "posted",
    "archived",
    "voided",
)
"""In the order of a life; `voided` is the exit at the side."""

BEFORE_SEAL = ("draft", "announced", "open", "paused", "school_review")
FINISHED = ("archived", "voided")


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table.

    Attributes
    ----------
    two
        A second person must agree, and a reason is published.
    reasoned
        A reason is published (always so where two are needed).
    """

    verb: str
    before: tuple[str, ...]
    after: str
    roles: tuple[Role, ...] = ("county",)
    two: bool = False
    reasoned: bool = False


TABLE: tuple[Transition, ...] = (
    Transition("announce", ("draft",), "announced"),
    Transition("change_rules", ("draft",), "draft"),
    Transition("amend_rules", ("announced",), "announced", two=True),
    Transition("open", ("announced",), "open", ("county", "clock")),
    Transition("pause", ("open",), "paused", reasoned=True),
    Transition("resume", ("paused",), "open", reasoned=True),
    Transition("extend", ("open",), "open", reasoned=True),
    Transition("close", ("open",), "school_review", ("county", "clock")),
    Transition("close_early", ("open",), "school_review", two=True),
    Transition("seal", ("school_review",), "sealed"),
    Transition("draw", ("sealed",), "sealed", two=True),
    Transition("reveal", ("sealed",), "seeded"),
    Transition("solve", ("seeded",), "solving"),
    Transition("answer", ("solving",), "candidate", ("engine",)),
    Transition("fail", ("solving",), "seeded", ("engine",)),
    Transition("override", ("seeded", "candidate", "verified"), "seeded", two=True),
    Transition("rerun", ("candidate", "verified", "notice"), "seeded", two=True),
    Transition("accept", ("candidate",), "verified"),
    Transition("publish", ("verified",), "notice", two=True),
    Transition("finalise", ("notice",), "final"),
    Transition("second_round", ("final",), "seeded"),
    Transition("confirm", ("final",), "confirming"),
    Transition("settle", ("confirming",), "settled", ("county", "clock")),
    Transition("start", ("settled",), "running", ("county", "clock")),
    Transition("evaluate", ("running",), "evaluated"),
    Transition("post", ("evaluated",), "posted", two=True),
    Transition("archive", ("posted",), "archived"),
    Transition("void", STATES[1:13], "voided", two=True),
)

_BY_VERB = {line.verb: line for line in TABLE}


def transition(state: str, verb: str, call: Call) -> str:
    """Return the state a verb leads to, if this caller may say it now.

    Raises
    ------
    BadRound
        If the verb is unknown, does not fit the state, is not for this role, or lacks the reason or
        the second person it needs; the message names what would be right.
    """
    line = _BY_VERB.get(verb)
    if line is None:
        raise BadRound("life_no_verb", verb=verb)
    what = word("verb", verb)
    if call.role not in line.roles:
        roles = tuple(word("role", role) for role in line.roles)
        raise BadRound("life_not_yours", verb=what, role=word("role", call.role), roles=roles)
    if state not in line.before:
        before = tuple(word("state", name) for name in line.before)
        raise BadRound("life_wrong_state", verb=what, state=word("state", state), before=before)
    if (line.two or line.reasoned) and not call.reason.strip():
        raise BadRound("life_no_reason", verb=what)
    if line.two and not call.second:
        raise BadRound("life_needs_second", verb=what)
    if line.two and call.second == call.actor:
        raise BadRound("life_same_person", verb=what, actor=call.actor)
    return line.after


def word(kind: str, name: str) -> dict[str, str]:
    """Return a state, verb, role or rule in both languages."""
    return {"zh": say(f"life_{kind}_{name}", "zh"), "en": say(f"life_{kind}_{name}", "en")}


def verbs(state: str) -> tuple[str, ...]:
    """Return what can be said in a state, in the order of the table."""
    return tuple(line.verb for line in TABLE if state in line.before)


def line_of(verb: str) -> Transition:
    """Return the line of a verb.

    Raises
    ------
    BadRound
        If there is no such verb.
    """
    if verb not in _BY_VERB:
        raise BadRound("life_no_verb", verb=verb)
    return _BY_VERB[verb]
