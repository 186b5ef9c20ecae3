"""From stored rows to the instance: every table says what the office meant."""

from dataclasses import replace

import pytest

from diagnostics.credit.ledger import Posting, post
from diagnostics.tables import BanRow
from matching.result import Seat
from matching.rounds.assemble import assemble
from matching.rounds.settings import Fill, Near, Required, Share, with_overrides
from matching.rounds.store import load
from tests.matching.rounds.factories import (
    ballot,
    county,
    course,
    database,
    days,
    programme,
    quota,
    school,
    settings,
    teacher,
)

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

AUGUST, TERM = days("2026-08-03", 2), days("2026-09-07", 1)


def table(name, *rows, last=False, locks=(), gain=None, round_settings=None, ledger=()):
    """Return the rows of one table of the instance as dictionaries of text."""
    instance = built(
        *rows, last=last, locks=locks, gain=gain, round_settings=round_settings, ledger=ledger
    ).instance
    names = [column.name for column in instance[name].schema.columns]
    return [dict(zip(names, cells, strict=True)) for cells in instance.raw_rows(name)]


def built(*rows, last=False, locks=(), gain=None, round_settings=None, ledger=()):
    chosen = round_settings or settings()
    with database(*county(*rows)) as session:
        post(session, ledger, ("甲", "乙"))
        more = {"gain": gain} if gain else {}
        return assemble(load(session, chosen), chosen, last=last, locks=locks, **more)


def test_a_teacher_carries_her_unit_with_everything_above():
    rows = table("attributes", teacher("T1", other_subjects=["jyt:14"]), *course("A", AUGUST))
    have = {(row["attribute"], row["value"]) for row in rows}
    assert {("unit", "441226"), ("unit", "440000"), ("subject", "jyt:14")} <= have
    assert ("main_subject", "jyt:14") not in have
    assert ("rural", "no") in have


def test_only_teachers_of_the_unit_and_sections_of_the_programmes_take_part():
    other = [
        programme("P-OLD", year=2025),
        *course("OLD", AUGUST, programme_id="P-OLD"),
        school("F1", unit_id="441200"),
        teacher("T9", "F1"),
    ]
    instance = built(teacher("T1"), *course("A", AUGUST), *other).instance
    assert (instance.teacher_ids, instance.section_ids) == (("T1",), ("A",))


def test_what_a_course_and_its_programme_ask_become_eligibility_rows():
    rows = table(
        "eligibility",
        programme("P2", eligibility="rural=yes;tier>=1"),
        *course("A", AUGUST, programme_id="P2", stages=["2"], subjects=["jyt:13"], max_years=3),
    )
    assert {(row["attribute"], row["test"], row["values"]) for row in rows} == {
        ("rural", "in", "yes"),
        ("tier", "ge", "1"),
        ("stage", "in", "2"),
        ("subject", "in", "jyt:13"),
        ("years", "le", "3"),
    }


def test_points_add_up_and_their_parts_are_kept():
    """Rank 1 is worth 100, half of the need 15, a village school 8, a shortage subject 12."""
    assembly = built(
        school("V1", residence="220"),
        teacher("T1", "V1"),
        *course("A", AUGUST, subjects=["jyt:13", "x:xljk"]),
        ballot("T1", "A"),
        gain=lambda teacher, offering: 500,
    )
    (part,) = assembly.worths
    assert (part.rank_points, part.need, part.rural, part.shortage) == (100, 15, 8, 12)
    assert assembly.instance["choices"].integers("points").tolist() == [135]


def test_what_she_did_not_list_may_be_assigned_if_she_is_eligible():
    rows = table(
        "choices",
        teacher("T1"),
        *course("A", AUGUST),
        *course("B", AUGUST),
        *course("K", AUGUST, stages=["1"]),
        ballot("T1", "B"),
    )
    assert [(row["section"], row["rank"], row["kind"]) for row in rows] == [
        ("A", "0", "assignable"),
        ("B", "1", "chosen"),
    ]


def test_nothing_is_assignable_where_the_cap_is_zero():
    rows = table(
        "choices", teacher("T1"), *course("A", AUGUST), round_settings=settings(assigned_cap=0)
    )
    assert rows == []


def test_a_bundle_shares_its_rank_and_a_longer_list_is_cut():
    story = [
        teacher("T1"),
        *course("A", AUGUST),
        *course("B", TERM),
        *course("C", TERM),
        ballot("T1", "A+B", "C"),
    ]
    cut = settings(list_length=1, assigned_cap=0)
    assert {(r["section"], r["rank"]) for r in table("choices", *story, round_settings=cut)} == {
        ("A", "1"),
        ("B", "1"),
    }
    assert [row["section"] for row in table("ties", *story)] == ["A", "B"]


def test_a_returned_ballot_is_not_used():
    story = [teacher("T1"), *course("A", AUGUST), ballot("T1", "A", returned=True)]
    assert [row["kind"] for row in table("choices", *story)] == ["assignable"]


def test_she_may_want_fewer_sections_than_the_round_allows():
    story = [teacher("T1"), teacher("T2"), *course("A", AUGUST), ballot("T1", "A", most_sections=2)]
    assert [row["most_sections"] for row in table("teachers", *story)] == ["2", "6"]


def test_due_is_the_target_less_the_ledger_less_what_is_required():
    """42 h less 8 h in the ledger less the 2-hour module are 32 h or 1,920 account minutes."""
    module = Required("R", "师德", "zhuanye", 120, ("shide",))
    done = Posting("T1", 2026, "zhuanye", 480, "外地培训", "证书1")
    story = [teacher("T1"), teacher("T2"), *course("A", AUGUST)]
    with_module = settings(required=(module,))
    rows = table("due", *story, round_settings=with_module, ledger=[done])
    assert [(row["teacher"], row["minutes"]) for row in rows] == [("T1", "1920"), ("T2", "2400")]


def test_without_the_module_its_topic_is_a_requirement_of_its_own():
    rows = table("requirements", teacher("T1"), *course("A", AUGUST))
    assert [row["where"] for row in rows] == ["category=zhuanye;topic=shide", "category=zhuanye"]


@pytest.mark.parametrize(("last", "strict"), [(False, "0"), (True, "1")])
def test_hours_and_shares_are_strict_in_the_last_round_only(last, strict):
    share = Share("city", "市级", "level=city", "", 50, None, True, "half_up")
    story = [teacher("T1"), teacher("T2"), *course("A", AUGUST)]
    with_share = settings(shares=(share,))
    for name in ("requirements", "shares"):
        rows = table(name, *story, last=last, round_settings=with_share)
        assert {row["strict"] for row in rows} == {strict}
    (row,) = table("shares", *story, round_settings=with_share)
    assert (row["minimum"], row["maximum"]) == ("1", "1")


def test_a_share_that_is_not_exact_is_open_upwards():
    share = Share("county", "县级", "level=county", "", None, 1, False, "half_up")
    (row,) = table(
        "shares", teacher("T1"), *course("A", AUGUST), round_settings=settings(shares=(share,))
    )
    assert (row["minimum"], row["maximum"]) == ("1", "")


def test_release_holds_on_school_days_of_the_term_only():
    """August is no term, 1 October is a holiday, 12 September a Saturday; 15 % of 20 are 3."""
    holiday, saturday = days("2026-10-01", 1), days("2026-09-12", 1)
    story = [
        *course("A", AUGUST),
        *course("B", TERM),
        *course("C", holiday),
        *course("D", saturday),
    ]
    rows = table("releases", teacher("T1"), *story)
    assert [row["id"] for row in rows] == ["P1@2026-09-07-am", "P1@2026-09-07-pm"]
    assert {row["most_away"] for row in rows} == {"3"}


def test_completed_courses_are_those_with_hours_left():
    done = Posting("T1", 2025, "zhuanye", 480, "班次", "A", offering_id="A")
    other = Posting("T1", 2025, "zhuanye", 480, "班次", "Z")
    rows = table("completed", teacher("T1"), *course("A", AUGUST), ledger=[done, other])
    assert rows == [{"teacher": "T1", "offering": "A"}]


def test_prerequisites_exclusions_and_travel_are_passed_on():
    story = [teacher("T1"), *course("A", AUGUST), *course("B", TERM, prerequisites=["A"])]
    asked = settings(excluded=(("A", "B"),), travel=(("x", "y"),))
    assert table("prerequisites", *story) == [{"offering": "B", "requires": "A"}]
    assert table("excluded", *story, round_settings=asked) == [
        {"offering_a": "A", "offering_b": "B"}
    ]
    assert table("travel", *story, round_settings=asked) == [{"site_a": "x", "site_b": "y"}]


def test_a_ban_in_force_counts_and_an_excused_one_does_not():
    ban = {"teacher_id": "T1", "from_day": "2026-01-01", "until_day": "2028-12-31"}
    story = [
        teacher("T1"),
        *course("A", AUGUST),
        BanRow(event="no_show", where="level=province", **ban),
        BanRow(event="sent_home", where="level=city", excuse="病假", excused_by="县", **ban),
    ]
    assert [row["where"] for row in table("bans", *story)] == ["level=province"]


def test_a_programme_with_a_budget_is_a_fund():
    story = [programme("P2", budget_fen=100_00), *course("A", AUGUST, programme_id="P2", fee_fen=5)]
    assert table("funds", *story) == [{"id": "P2", "budget_fen": "10000"}]
    (row,) = table("sections", *story)
    assert (row["fund"], row["fee_fen"]) == ("P2", "5")


def test_a_quota_covers_its_unit_and_what_it_is_narrowed_to():
    story = [teacher("T1"), *course("A", AUGUST), quota(stage="2", subject="jyt:13", min_seats=1)]
    (row,) = table("quotas", *story)
    assert row["teachers_where"] == "unit=441226;stage=2;main_subject=jyt:13"
    assert (row["minimum"], row["maximum"], row["counts"]) == ("1", "5", "seats")


def test_seats_of_round_one_are_locked():
    story = [teacher("T1"), *course("A", AUGUST), ballot("T1", "A")]
    rows = table("locks", *story, locks=[Seat("T1", "A", 1)])
    assert [(row["teacher"], row["section"]) for row in rows] == [("T1", "A")]


def test_a_scarce_supply_shrinks_capacities_and_lowers_minima_with_them():
    """Two teachers owe 42 h each; 84 h are due and 10 x 16 + 10 x 16 = 320 h on offer.

    At a supply of 1.0 the factor is 84/320, so 10 seats become 3 and a minimum of 5 becomes 3.
    """
    story = [
        teacher("T1"),
        teacher("T2"),
        *course("A", AUGUST, 10, 5),
        *course("B", AUGUST, 10, 1),
    ]
    scarce = with_overrides(settings(), supply=1.0)
    rows = table("sections", *story, round_settings=scarce)
    assert [(row["capacity"], row["minimum"]) for row in rows] == [("3", "3"), ("3", "1")]


def test_a_scarce_supply_keeps_the_seats_of_exact_shares():
    """The city share serves 1 of 2 teachers, 42 h; the other 42 h of 160 on offer keep 3 seats."""
    share = Share("city", "市级", "level=city", "", None, 1, True, "half_up")
    story = [
        teacher("T1"),
        teacher("T2"),
        *course("A", AUGUST, 10),
        *course("B", AUGUST, 10, level="city"),
    ]
    scarce = with_overrides(settings(shares=(share,)), supply=1.0)
    rows = table("sections", *story, round_settings=scarce)
    assert [(row["id"], row["capacity"]) for row in rows] == [("A", "3"), ("B", "10")]


def test_the_order_of_rows_in_the_database_changes_nothing():
    story = [teacher("T1"), teacher("T2"), *course("A", AUGUST), *course("B", TERM)]
    votes = [ballot("T1", "B", "A"), ballot("T2", "A")]
    one = built(*story, *votes).instance.digest
    assert built(teacher("T2"), *story, *reversed(votes)).instance.digest == one
    assert built(*story, ballot("T1", "A", "B"), votes[1]).instance.digest != one


def test_the_seed_of_the_settings_is_the_seed_of_the_lottery():
    story = [teacher("T1"), *course("A", AUGUST)]
    other = replace(settings(), seed="another")
    assert built(*story, round_settings=other).instance.seed == "another"


def test_a_programme_may_ask_for_a_school():
    """Only teachers of P1 may be assigned to the course of a programme for P1."""
    story = [
        school("P2"),
        teacher("T1", "P1"),
        teacher("T2", "P2"),
        programme("P", eligibility="school=P1"),
        *course("A", AUGUST, programme_id="P"),
    ]
    assert [row["teacher"] for row in table("choices", *story)] == ["T1"]


def test_a_unit_may_be_kept_to_sections_near_by():
    """Who listed nothing may be assigned only where her unit's line allows; others anywhere."""
    story = [teacher("T1"), *course("A", AUGUST), *course("B", AUGUST)]

    def offered(unit: str) -> list[str]:
        near = (Near(unit, "section=B"),)
        rows = table("choices", *story, round_settings=settings(near=near))
        return [row["section"] for row in rows]

    assert offered("441226") == ["B"]
    assert offered("elsewhere") == ["A", "B"]


def test_fill_targets_count_the_seats_of_their_courses():
    """60 % of 10 seats are 6; what falls short costs, so nothing is strict."""
    target = Fill("shortage", "紧缺", "offering=A", 60)
    story = [teacher("T1"), *course("A", AUGUST, 10), *course("B", AUGUST, 90)]
    (row,) = table("quotas", *story, round_settings=settings(fills=(target,)))
    assert (row["id"], row["minimum"], row["strict"]) == ("fill/shortage", "6", "0")
