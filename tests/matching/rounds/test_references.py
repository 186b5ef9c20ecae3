"""Settings that speak of what was never imported are refused; an empty county is never "solved"."""

from dataclasses import replace

import pytest

from matching.rounds.errors import BadSettings
from matching.rounds.service import run_round
from matching.rounds.settings import Near
from tests.matching.rounds.factories import county, course, database, days, settings, teacher

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

ROWS = county(teacher("T1"), *course("A", days("2026-08-03", 5), 9, 1))
FINE = settings(hours_strict=False)

REFUSED = {
    "round_unknown_units": (ROWS, replace(FINE, unit="999999")),
    "round_unknown_programmes": (ROWS, replace(FINE, programmes=("P-GONE",))),
    "round_unknown_offerings": (ROWS, replace(FINE, excluded=(("A", "GONE"),))),
    "round_no_teachers": (county(*course("A", days("2026-08-03", 5), 9, 1)), FINE),
    "round_no_sections": (county(teacher("T1")), FINE),
}


@pytest.mark.parametrize("code", REFUSED)
def test_the_missing_sheet_is_named(code):
    rows, asked = REFUSED[code]
    with database(*rows) as session, pytest.raises(BadSettings) as caught:
        run_round(session, asked, 1)
    assert caught.value.code == code
    assert all(caught.value.say(lang) for lang in ("zh", "en"))


def test_near_names_a_unit_too():
    with database(*ROWS) as session, pytest.raises(BadSettings, match=r"near\.unit"):
        run_round(session, replace(FINE, near=(Near("999999", "site=x"),)), 1)


def test_an_empty_database_has_no_unit():
    with database() as session, pytest.raises(BadSettings, match="441226"):
        run_round(session, FINE, 1)


def test_what_is_stored_is_solved():
    with database(*ROWS) as session:
        assert not run_round(session, FINE, 1).is_infeasible
