"""The errors of this room: one root, the docstring is the default message."""

from __future__ import annotations

import inspect

from matching.messages import Language, say


class MatchingError(Exception):
    """Base of every error this room raises."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence for the reader; those without a code of their own are English."""
        return str(self)


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


class EngineError(MatchingError):
    """Base of what can go wrong with the workers of a solve; carries a message code and its values."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values
        super().__init__(say(code, **values))

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence in `lang`."""
        return say(self.code, lang, **self.values)


class EngineUnavailable(EngineError):
    """The engine that was asked for cannot be had; the message says what is missing."""


class WorkerLost(EngineError):
    """A worker ended again and again over the same step; the message says how."""


class WorkerFailed(MatchingError):
    """A worker raised an error that does not survive the way back; the message is its trace."""
