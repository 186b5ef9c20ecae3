"""What can be wrong with a round, told in the words of its form."""

from __future__ import annotations

from typing import Literal

from matching.errors import MatchingError
from matching.rounds.messages import say


class RoundError(MatchingError):
    """Base of every error a round raises; carries a message code and its values."""

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(say(code, "zh", **values))

    def say(self, lang: Literal["zh", "en"] = "zh") -> str:
        """Return the sentence in `lang`."""
        return say(self.code, lang, **self.values)


class BadSettings(RoundError):
    """The settings file of a round cannot be used; the message names key, value and what is right."""


class BadRound(RoundError):
    """The stored data do not allow this step of the round."""
