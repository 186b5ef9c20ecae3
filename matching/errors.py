"""The errors of this room: one root, the docstring is the default message."""

from __future__ import annotations

import inspect


class MatchingError(Exception):
    """Base of every error this room raises."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))


class BadInstance(MatchingError):
    """The instance contradicts itself or its format; the message names table, row and value."""


class BadResult(MatchingError):
    """A result on file is incomplete, or does not match its own digests."""


class UnsupportedInstance(MatchingError):
    """No backend can solve this instance; the message says what is too large or unknown."""


class RefereeRejected(MatchingError):
    """A backend returned an assignment that breaks a rule; this is our defect, never shown as a result."""


class SolverFailed(MatchingError):
    """A solver stopped without a usable status; the message carries its own words."""
