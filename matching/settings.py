"""How hard a solve tries: a schedule of counted steps, never a clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from matching.shards.engine import EngineName

Effort = Literal["quick", "standard", "long"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the caller may choose about a solve.

    `backend` names a backend exactly (unknown names are errors, never a fallback); `effort` picks a
    schedule of price steps, columns and search nodes; `reasons` can be left out for what-if runs.

    `engine` says where shards of a large round are worked on, with how many `workers` (None: one for
    each core) and, for `cluster`, at which `address`; none of the three changes a result.
    """

    effort: Effort = "standard"
    backend: str = "bundles"
    reasons: bool = True
    engine: EngineName = "threads"
    workers: int | None = None
    address: str = "auto"

    def as_dict(self) -> dict[str, Any]:
        """Return the settings that belong to the digest."""
        return {"effort": self.effort, "backend": self.backend}
