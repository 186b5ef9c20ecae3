import pytest

from diagnostics import store
from diagnostics.credit import integrity
from diagnostics.errors import RefusedEntry


def test_a_no_show_is_barred_for_three_years():
    barred = integrity.ban("T1", "no_show", "2023-12-04")
    assert (barred.from_day, barred.until_day) == ("2023-12-04", "2026-12-03")
    assert barred.covers("2026-12-03")
    assert not barred.covers("2026-12-04")
    assert not barred.covers("2023-12-03")


def test_a_ban_from_29_february_ends_on_28_february():
    assert integrity.last_day("2024-02-29", 3) == "2027-02-28"
    assert integrity.last_day("2024-02-29", 4) == "2028-02-28"


def test_county_and_online_trainings_stay_open():
    """The default bars what is provincial or national AND centralised."""
    (row,) = integrity.bans_for_instance([integrity.ban("T1", "no_show", "2023-12-04")])
    assert row == {
        "teacher": "T1",
        "from_day": "2023-12-04",
        "until_day": "2026-12-03",
        "where": "level=province|national;mode=f2f",
    }


def test_an_accepted_excuse_lifts_the_ban_and_stays_on_record(session):
    barred = integrity.ban("T1", "no_show", "2023-12-04")
    store.record_ban(session, barred)
    store.record_ban(session, integrity.excused(barred, "住院证明", "县教育局"))
    (kept,) = store.bans(session)
    assert (kept.excuse, kept.excused_by, kept.holds) == ("住院证明", "县教育局", False)
    assert integrity.bans_for_instance([kept]) == []
    assert not kept.covers("2024-01-01")


def test_an_excuse_needs_a_document_and_a_name():
    barred = integrity.ban("T1", "no_show", "2023-12-04")
    with pytest.raises(RefusedEntry, match="needs its document"):
        integrity.excused(barred, "住院证明", " ")


def test_an_unknown_event_bars_nobody():
    with pytest.raises(RefusedEntry, match="no ban follows from 'late'"):
        integrity.ban("T1", "late", "2023-12-04")
