"""The errors of this room: one root, the docstring is the default message."""

from __future__ import annotations

import inspect

from api.messages import Language, say
from catalog.messages import worded


class ApiError(Exception):
    """Base of every error this room raises."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))


class UserError(ApiError):
    """Something a user can put right; it knows its sentence in both languages.

    Parameters
    ----------
    code
        The code of the sentence in this room's `messages.toml`.
    **values
        What fills the placeholders of the sentence; a zh/en pair is said in the reader's language.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(say(code, "en", **worded(values, "en")))
        self.code = code
        self.values = values

    def say(self, lang: Language = "zh") -> str:
        """Return what happened and what to do, in the reader's language."""
        return say(self.code, lang, **worded(self.values, lang))


class CannotOpenDatabase(UserError):
    """The database cannot be opened, or does not keep what it is told."""


class DatabaseBusy(UserError):
    """The database did not become free; the same again may succeed in a moment."""


class Overloaded(UserError):
    """Too many commands wait already; this one was not taken and may be sent again."""

    retry_after = 2
    """Seconds after which it is worth trying."""


class Unconfirmed(UserError):
    """The disk did not confirm a commit; nothing was answered, and the same key may ask again."""


class OtherBody(UserError):
    """An idempotency key stands for another request already."""


class ServedAlready(UserError):
    """Another process serves this SQLite file."""
