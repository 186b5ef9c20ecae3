"""The errors of this room: one root, the docstring is the default message."""

from __future__ import annotations

import inspect


class DiagnosticsError(Exception):
    """Base of every error this room raises."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))


class BadData(DiagnosticsError):
    """A data file of the diagnostics room does not say what it must; mend the file."""


class UnknownTeacher(DiagnosticsError):
    """No teacher has this number; import the roster first."""


class NotYours(DiagnosticsError):
    """A profile is read by the teacher alone; ask for figures of a group instead."""


class RefusedEntry(DiagnosticsError):
    """The ledger refuses this line; see the rule it names."""
