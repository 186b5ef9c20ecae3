"""Which errors a user can put right, and how they are told."""

from __future__ import annotations

from api.messages import Language, say

DEFECTS = {"RefereeRejected", "SolverFailed"}
"""Errors of the engine that are our fault: they keep their traceback."""


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
