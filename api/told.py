"""Which errors a user can put right, and how they are told."""

from __future__ import annotations

from api.messages import Language, say

DEFECTS = {"RefereeRejected"}
"""Errors of the engine that are our fault: they keep their traceback."""

UNANSWERED = {"SolverFailed"}
"""Errors that end a solve without an answer: nobody typed anything wrong."""


def exit_code(error: Exception) -> int:
    """Return 1 where the engine found no answer, 2 where the input is wrong."""
    return 1 if type(error).__name__ in UNANSWERED else 2


def told(error: Exception, lang: Language) -> str | None:
    """Return the sentence for an error that a user can put right; None for a defect of ours."""
    speaks = getattr(error, "say", None)
    if callable(speaks):
        return str(speaks(lang))
    if isinstance(error, PermissionError | FileNotFoundError | IsADirectoryError):
        return say("os_error", lang, path=error.filename, error=error.strerror)
    if "database is locked" in str(error):
        return say("db_locked", lang)
    ours = type(error).__module__.endswith(".errors") and type(error).__name__ not in DEFECTS
    return say("room_error", lang, error=error) if ours else None
