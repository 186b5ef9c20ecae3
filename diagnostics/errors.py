"""The errors of this room: one root, the docstring is the default message."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from catalog.importing.spec import RowError
from catalog.messages import Language


class DiagnosticsError(Exception):
    """Base of every error this room raises."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))


class BadData(DiagnosticsError):
    """A data file of the diagnostics room does not say what it must; mend the file."""


class BadFramework(BadData):
    """The files of a framework do not say what they must; every fault names its place.

    Parameters
    ----------
    faults
        What is wrong, in the order of the files.
    """

    def __init__(self, faults: Sequence[RowError]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.say("en"))

    def say(self, lang: Language = "zh") -> str:
        """Return one line for each fault: file, row, column, value and what would be right."""
        return "\n".join(fault.say(lang) for fault in self.faults)


class UnknownTeacher(DiagnosticsError):
    """No teacher has this number; import the roster first."""


class NotYours(DiagnosticsError):
    """A profile is read by the teacher alone; ask for figures of a group instead."""


class RefusedEntry(DiagnosticsError):
    """The ledger refuses this line; see the rule it names."""
