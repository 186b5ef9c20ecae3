"""Which errors a user can put right, and how they are told."""

from __future__ import annotations

import errno
import sqlite3

from api.database import TRANSIENT
from api.messages import Language, say

DEFECTS = {"RefereeRejected"}
"""Errors of the engine that are our fault: they keep their traceback."""

UNANSWERED = {"SolverFailed"}
"""Errors that end a solve without an answer: nobody typed anything wrong."""

COMMON = {"EACCES", "EPERM", "ENOENT", "EISDIR", "ENOTDIR", "EEXIST", "ENOSPC", "EROFS"}
"""Refusals of the system that have words of their own."""

FAILING = tuple(
    f"SQLITE_{name}" for name in ("CORRUPT", "FULL", "IOERR", "READONLY", "CANTOPEN", "NOTADB")
)
"""How the names of SQLite's errors begin that are about the file, not about what we asked."""


def exit_code(error: Exception) -> int:
    """Return 1 where the engine found no answer, 2 where the input is wrong."""
    return 1 if type(error).__name__ in UNANSWERED else 2


def told(error: Exception, lang: Language) -> str | None:
    """Return the sentence for an error that a user can put right; None for a defect of ours."""
    speaks = getattr(error, "say", None)
    if callable(speaks):
        return str(speaks(lang))
    if isinstance(error, OSError):
        return say("os_error", lang, path=error.filename or "–", error=_os_words(error, lang))
    if "database is locked" in str(error):
        return say("db_locked", lang)
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.Error) and str(getattr(cause, "sqlite_errorname", "")).startswith(
        FAILING
    ):
        return say("db_failed", lang, error=cause)
    if (code := _server_code(cause)) is not None:
        return say(code, lang, error=str(cause).strip().splitlines()[0])
    ours = type(error).__module__.endswith(".errors") and type(error).__name__ not in DEFECTS
    return say("room_error", lang, error=error) if ours else None


def _server_code(cause: object) -> str | None:
    """Tell a PostgreSQL that is busy, and one that has gone or has no room, from a defect of ours."""
    if type(cause).__module__.split(".")[0] != "psycopg":
        return None
    if getattr(cause, "sqlstate", None) in TRANSIENT:
        return "db_locked"
    failing = any(kind.__name__ == "OperationalError" for kind in type(cause).__mro__)
    return "db_failed" if failing else None


def _os_words(error: OSError, lang: Language) -> str:
    """Return what the system refused, in the reader's language where it is a common refusal."""
    name = errno.errorcode.get(error.errno or 0, "")
    return say(f"os_{name}", lang) if name in COMMON else str(error.strerror or error)
