"""A round as somebody reads it in one language: what lists and report have in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from catalog.messages import Language, Messages
from matching.rounds.figures import figures
from matching.rounds.tallies import Figures
from matching.rounds.view import RoundView


@dataclass(frozen=True)
class Reader:
    """A round, a language, and the sentences of the place where it is told."""

    sentences: ClassVar[Messages]

    view: RoundView
    lang: Language = "zh"

    @cached_property
    def told(self) -> Figures:
        """The figures, counted once."""
        return figures(self.view)

    def say(self, code: str, **values: object) -> str:
        """Return a sentence."""
        return self.sentences.say(code, self.lang, **values)

    def heads(self, *columns: str) -> tuple[str, ...]:
        """Return column heads."""
        return tuple(self.say(f"col_{column}") for column in columns)
