"""What can go wrong while questions are asked one by one."""

from __future__ import annotations

from diagnostics.irt.errors import CannotMeasure


class CannotAsk(CannotMeasure):
    """A pool, a policy or an answer does not fit the diagnosis that is going on."""
