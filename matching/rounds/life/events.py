"""What a service says has happened; whoever commits writes it down in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person, worded when it is sent.

    Attributes
    ----------
    person
        A teacher.
    kind
        `opening`, `closing_soon`, `result`, `offer`, `refill`, `cancellation`, `ballot_changed`.
    reference
        What the message is about; the same kind, person and reference are told once only.
    values
        What the sentence names, plain data.
    """

    person: str
    kind: str
    reference: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that a service did, for the log, the caller and the people concerned.

    Attributes
    ----------
    kind
        A dotted name such as `ballot.handed_in` or `round.sealed`.
    body
        Plain data that a rebuild of the tables needs; personal parts are deletable with it.
    answer
        What the caller is told.
    """

    kind: str
    round_id: str
    body: Mapping[str, Any]
    answer: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
