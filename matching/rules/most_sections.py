"""most_sections: nobody sits in more sections than she asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Amount, BundleRow, Draft

code = "most_sections"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every teacher who holds more sections than she asked for."""
    teachers = instance["teachers"]
    for name, most in zip(teachers.text("id"), teachers.integers("most_sections"), strict=True):
        held = len(assignment.held_by.get(name, ()))
        if held > most:
            yield Breach(code, name, held, int(most))


def post(instance: Instance, draft: Draft) -> None:
    """Post one row that counts the sections of a bundle."""
    one_each = Amount(np.ones(draft.sections, np.int64), section=draft.arc_section)
    draft.bundle_row(
        BundleRow(code, code, one_each, hi=instance["teachers"].integers("most_sections"))
    )
