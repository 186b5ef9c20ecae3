"""How long a form takes to answer, by a model that says what it rests on.

Seconds = characters read / reading speed + seconds to decide and tap, summed over the items. The
speed is that of Chinese in IReST, 255 characters a minute with a standard deviation of 29 (reading
aloud, adults of 18 to 35; Trauzettel-Klosinski and Dietz 2012, Invest. Ophthalmol. Vis. Sci. 53,
5452-5461); silent reading is faster, so the model errs on the long side. The seconds per answer are
an ASSUMPTION, as is that known options are only glanced at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diagnostics.frameworks.items import Item

IREST_MEAN, IREST_SD = 255.0, 29.0
"""Characters a minute."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A reader: characters a minute, seconds to decide, and whether known options are read again."""

    characters: float = IREST_MEAN
    seconds: float = 5.0
    rereads: bool = False


SLOW = Pace(IREST_MEAN - 2 * IREST_SD, seconds=6.0)
"""Slower than all but one in forty of the sample of IReST."""

PAINSTAKING = Pace(rereads=True)
"""An average reader who reads every option of every item in full."""


def minutes(items: Iterable[Item], stage: str = "", pace: Pace | None = None) -> float:
    """Return how many minutes a reader needs for some items in Chinese.

    Parameters
    ----------
    items
        In the order in which they are put; a scale that came before is known.
    """
    pace = pace or Pace()
    known: set[str] = set()
    seconds = 0.0
    for item in items:
        read = _characters(item.stem.at(stage))
        if pace.rereads or item.scale.code not in known or item.scale.code == "levels":
            read += _characters(item.scale.prompt.at(stage))
            read += sum(_characters(option.at(stage)) for option in item.scale.options)
        known.add(item.scale.code)
        seconds += 60 * read / pace.characters + pace.seconds
    return seconds / 60


def _characters(text: str) -> int:
    return len("".join(text.split()))
