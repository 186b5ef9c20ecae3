"""The errors of this room: one root, the docstring is the default message."""

from __future__ import annotations

import inspect

from catalog.messages import Language, say, worded


class CatalogError(Exception):
    """Base of every error this room raises."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))


class BadTerms(CatalogError):
    """A code list contradicts itself or another; the message names file, code and name."""


class Refused(CatalogError):
    """Something an office asked for is refused; `say` gives the reason in its language.

    Parameters
    ----------
    code
        Code of the sentence in `catalog/messages.toml`.
    values
        What the sentence names.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(self.say())

    def say(self, lang: Language = "zh") -> str:
        """Return why, in a language."""
        return say(self.code, lang, **worded(self.values, lang))


class FileRefused(Refused):
    """A file is refused as a whole, before anything of it is stored."""


class ImportRefused(Refused):
    """Rows cannot be stored or an import cannot be undone; nothing was changed."""
