"""The table of variants is read from what the demo prints, and nothing that is missing is guessed."""

import pytest

from api.demo import account as words
from benchmarks import variants
from matching.rounds.assertions import Check
from matching.rounds.report.desk import Desk
from tests.matching.rounds.factories_view import round_view

CHECKS = [
    Check("i11", True, "", "2 of 2 repeats with the same seed agree (e33a306a40af、4613b69ecec9)"),
    Check("i13", False, "", "release cap 0 %: solved"),
]


@pytest.fixture(scope="module")
def account():
    """What the demo prints of a round, in English."""
    report = Desk(round_view(), "en")
    seconds = [{"compile": 1.0, "solve": 2.0, "explain": 0.5}] * 2
    parts = (words.headline(report), words.solves(report, seconds), words.promises(CHECKS, "en"))
    return "\n".join(line for part in parts for line in part)


def test_every_figure_of_a_row_is_found(account):
    told = variants.read(account, 1)
    assert {"short_first_come", "short", "assigned", "closed", "gap_percent"} <= told.figures.keys()
    assert told.failed == ("i13",)
    assert all(len(digest) == 12 for digest in told.digests)
    told.figures["demo_seconds"] = 1.0
    assert variants.line("as it is", told).count("|") == 8


@pytest.mark.parametrize("word", ["short of", "Round 2", "do not open", "i11"])
def test_a_line_that_is_missing_is_told(account, word):
    """Negative control: without a line of the account there is no row."""
    cut = "\n".join(line for line in account.splitlines() if word not in line)
    with pytest.raises(variants.NotTold):
        variants.read(cut)


def test_nobody_may_leave_has_schools_instead_of_seats():
    told = variants.read(
        "i13 ok  release cap 0 %: the answer is infeasible, 0 seated, "
        "schools named: H1, K1. This is the answer that is right."
    )
    assert told.figures == {"schools_named": 2}
