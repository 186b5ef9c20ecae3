"""Messages of a room in Chinese and English, from one catalogue.

`messages.toml` maps a code to its `zh` and `en` sentence; placeholders are `str.format` fields and
must be the same in both languages (tests/house/test_messages.py proves it for every room).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]


class Messages:
    """The sentences of one `messages.toml`, read at first use.

    Parameters
    ----------
    path
        The catalogue file of the room.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def sentences(self) -> dict[str, dict[str, str]]:
        """Code -> language -> sentence."""
        return tomllib.loads(self._path.read_text(encoding="utf-8"))

    def say(self, code: str, lang: Language = "zh", /, **values: object) -> str:
        """Return the sentence of `code` in `lang` with its placeholders filled.

        Raises
        ------
        KeyError
            If the code or a placeholder is unknown: a missing sentence is a defect, never blank.
        """
        return self.sentences[code][lang].format(**values)


def worded(values: Mapping[str, object], lang: Language) -> dict[str, object]:
    """Return message values in a language: a tuple becomes a list of words, a zh/en pair its word."""
    return {name: _word(value, lang) for name, value in values.items()}


def _word(value: object, lang: Language) -> object:
    if isinstance(value, tuple):
        return ("、" if lang == "zh" else ", ").join(str(_word(item, lang)) for item in value)
    if isinstance(value, Mapping):
        return value[lang]
    return value


say = Messages(Path(__file__).with_name("messages.toml")).say


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message of this room with its values, said in either language."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence."""
        return say(self.code, lang, **worded(self.values, lang))
