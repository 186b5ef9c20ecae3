"""budget: the fees of the seats a fund pays for stay within its budget; funds never mix.

A section whose fund has no line in `funds` is paid for elsewhere and limited by nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft, SharedRow

code = "budget"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every fund that would be overspent, in fen."""
    sections = instance["sections"]
    fees = dict(zip(sections.text("id"), sections.integers("fee_fen").tolist(), strict=True))
    for row in instance["funds"].rows():
        paid = instance.sections_covered(f"fund={row['id']}")
        spent = sum(fees[seat.section] for seat in assignment.seats if seat.section in paid)
        if spent > row["budget_fen"]:
            yield Breach(code, row["id"], spent, row["budget_fen"])


def post(instance: Instance, draft: Draft) -> None:
    """Post one row per fund, in units of the greatest common divisor of its fees."""
    fee = instance["sections"].integers("fee_fen")
    fund = np.array(instance["sections"].text("fund"), dtype=object)
    for row in instance["funds"].rows():
        paid = np.asarray(fund == row["id"], dtype=bool) & (fee > 0)
        step = gcd(*fee[paid & draft.wanted].tolist()) or 1
        hi = row["budget_fen"] // step
        draft.row(SharedRow(code, row["id"], draft.pool(paid), hi=hi, coefs=fee // step))
