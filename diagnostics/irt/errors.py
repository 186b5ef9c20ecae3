"""What can go wrong when abilities are measured: a code, its values and what to do."""

from __future__ import annotations

from catalog.messages import worded
from diagnostics.errors import DiagnosticsError
from diagnostics.messages import Language, say


class CannotMeasure(DiagnosticsError):
    """Answers or items cannot be measured as asked; `say` tells why and what to do.

    Parameters
    ----------
    code
        Code of the sentence in `diagnostics/messages.toml`.
    values
        What the sentence names; tuples become lists of words.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(self.say())

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence in a language."""
        return say(self.code, lang, **worded(self.values, lang))


class BadAnswers(CannotMeasure):
    """The matrix or file of answers does not hold what it must; the sentence names the place."""


class NotConverged(CannotMeasure):
    """No maximum was reached that can be trusted; the figures found are not handed out."""
