"""What the settings of a round name must be stored: a unit, programmes, courses, and people to seat."""

from __future__ import annotations

from collections.abc import Iterator

from matching.rounds.errors import BadSettings
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored


def require_known(stored: Stored, settings: RoundSettings) -> None:
    """Refuse settings that speak of what was never imported, before an empty round is answered.

    Raises
    ------
    BadSettings
        With the key of the settings, what it names and the sheet that is missing.
    """
    for key, sheet, unknown in _unknown(stored, settings):
        if unknown:
            named = "、".join(sorted(unknown))
            raise BadSettings(f"round_unknown_{sheet}", key=key, named=named)
    if not stored.teachers:
        raise BadSettings("round_no_teachers", unit=settings.unit)
    if not stored.sections:
        raise BadSettings("round_no_sections", programmes="、".join(sorted(stored.programmes)))


def _unknown(stored: Stored, settings: RoundSettings) -> Iterator[tuple[str, str, set[str]]]:
    """Yield (key of the settings, sheet, ids that are not stored)."""
    units = stored.units.keys()
    yield "unit", "units", {settings.unit} - units
    yield "programmes", "programmes", set(settings.programmes) - stored.programmes.keys()
    yield "near.unit", "units", {near.unit for near in settings.near} - units
    named = {offering for pair in settings.excluded for offering in pair}
    yield "excluded", "offerings", named - stored.offerings.keys()
