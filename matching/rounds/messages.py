"""Messages of rounds in Chinese and English, from one catalogue.

`messages.toml` maps a code to its `zh` and `en` sentence; placeholders are `str.format` fields and
are the same in both languages.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.messages import Language


@cache
def _read(path: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def say(code: str, lang: Language = "zh", /, **values: object) -> str:
    """Return the sentence of `code` in `lang` with its placeholders filled.

    Raises
    ------
    KeyError
        If the code or a placeholder is unknown: a missing sentence is a defect, never shown blank.
    """
    return _read(Path(__file__).with_name("messages.toml"))[code][lang].format(**values)
