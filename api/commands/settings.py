"""The settings file of a round, as commands find it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import UserError

if TYPE_CHECKING:
    from matching.rounds.settings import RoundSettings

TEMPLATE = Path(__file__).with_name("round.toml")
"""A commented example that `xuanke template` lays beside the sheets."""


def round_settings(path: Path) -> RoundSettings:
    """Return the settings of the round that `path` describes.

    Raises
    ------
    UserError
        If there is no such file; it tells how to get one.
    """
    from matching.rounds.settings_file import read_settings

    if not path.is_file():
        raise UserError("settings_missing", path=path)
    return read_settings(path)
