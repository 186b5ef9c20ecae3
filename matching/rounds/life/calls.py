"""Who asks for something, on whose behalf, and when; nothing is done without saying it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from matching.rounds.errors import BadRound

Role = Literal["teacher", "school", "institution", "county", "auditor", "engine", "clock"]

ROLES: tuple[Role, ...] = (
    "teacher",
    "school",
    "institution",
    "county",
    "auditor",
    "engine",
    "clock",
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may see and touch; an empty `id` covers nothing, never everything.

    Attributes
    ----------
    role
        Teachers see themselves, schools their teachers, institutions their own sections, counties
        and auditors their unit with everything below it.
    id
        The teacher, school, institution or unit.
    """

    role: Role
    id: str

    def __post_init__(self) -> None:
        if not self.id:
            raise BadRound("scope_empty", role=self.role)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `now` is when it arrived, which decides deadlines; the commit may come later."""

    actor: str
    scope: Scope
    now: datetime
    reason: str = ""
    second: str = ""
    """A second person who agreed, where the verb needs two."""
    request_id: str = ""

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("the time of a call needs a time zone")

    @property
    def role(self) -> Role:
        """The role the caller acts in."""
        return self.scope.role
