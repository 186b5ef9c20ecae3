"""chosen_only: unless the round allows assigning, everybody sits only in sections she chose."""

from __future__ import annotations

from collections.abc import Iterator

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft
from matching.rules.assigned_cap import assignable, assigned_seats

code = "chosen_only"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every assigned seat of a round that does not allow assigning."""
    if not instance.meta.get("allow_assigned", False):
        for seat in assigned_seats(instance, assignment):
            yield Breach(code, f"{seat.teacher}/{seat.section}", 1, 0)


def post(instance: Instance, draft: Draft) -> None:
    """Drop the assignable choices of a round that does not allow assigning."""
    if not instance.meta.get("allow_assigned", False):
        draft.drop(code, assignable(instance))
