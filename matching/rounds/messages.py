"""Messages of the rounds in Chinese and English: sheets, notices, report, and the life of a round."""

from __future__ import annotations

from pathlib import Path

from catalog.messages import Language, Messages, worded

HERE = Path(__file__).parent
ROOMS = (Messages(HERE / "messages.toml"), Messages(HERE / "life" / "messages.toml"))


def say(code: str, lang: Language = "zh", /, **values: object) -> str:
    """Return the sentence of `code`; a zh/en pair among the values is said in `lang`, a tuple listed.

    Raises
    ------
    KeyError
        If the code or a placeholder is unknown: a missing sentence is a defect, never blank.
    """
    room = next((room for room in ROOMS if code in room.sentences), ROOMS[0])
    return room.say(code, lang, **worded(values, lang))
