import pytest

from diagnostics.credit.ledger import LedgerLine
from diagnostics.credit.rules import rule_set
from diagnostics.credit.statements import statement

RULES = rule_set("zhaoqing")


def line(hours, category, *, approvers=("王", "李"), posted_on="", topics=(), corrects=None):
    return LedgerLine(
        "T1",
        2026,
        category,
        hours * 60,
        "s",
        category,
        topics=topics,
        approvers=approvers,
        posted_on=posted_on,
        id=f"{category}-{hours}-{posted_on}",
        corrects=corrects,
    )


FULL = [line(30, "gongxu"), line(42, "zhuanye", topics=("shide",)), line(18, "xuanxiu")]


def test_a_full_year_has_its_certificate():
    done = statement(RULES, "T1", FULL, 2026)
    assert done.complete
    assert done.certificate() == (True, "2026年各类学时均已完成，可以打印继续教育证书。")
    by_id = {entry.requirement: entry for entry in done.lines}
    assert (by_id["year"].target, by_id["year"].counted, by_id["year"].due) == (5400, 5400, 0)


@pytest.mark.parametrize("category", ["gongxu", "zhuanye", "xuanxiu"])
def test_one_hour_short_in_any_category_is_no_certificate(category):
    short = [line(-1, category, corrects="x"), *FULL]
    assert not statement(RULES, "T1", short, 2026).complete


def test_the_sentence_names_what_is_missing():
    allowed, why = statement(RULES, "T1", FULL[:1], 2026).certificate("en")
    assert not allowed
    assert "professional subjects 42" in why
    assert "electives 18" in why


def test_what_waits_for_approval_is_shown_but_does_not_count():
    waiting = statement(RULES, "T1", [*FULL[:2], line(18, "xuanxiu", approvers=("王",))], 2026)
    assert (waiting.pending, waiting.complete) == (1080, False)


def test_after_31_december_nothing_is_made_up():
    late = line(18, "xuanxiu", posted_on="2027-01-01")
    result = statement(RULES, "T1", [*FULL[:2], late], 2026)
    assert (result.late, result.complete) == (1080, False)
    in_time = line(18, "xuanxiu", posted_on="2026-12-31")
    assert statement(RULES, "T1", [*FULL[:2], in_time], 2026).complete


def test_a_late_correction_still_takes_back():
    back = line(-2, "zhuanye", posted_on="2027-02-01", corrects="x")
    assert not statement(RULES, "T1", [*FULL, back], 2026).complete


def test_a_correction_of_a_late_line_takes_nothing_from_the_others():
    late = line(10, "zhuanye", posted_on="2027-01-05")
    back = line(-10, "zhuanye", posted_on="2027-01-09", corrects=late.id)
    result = statement(RULES, "T1", [*FULL, late, back], 2026)
    assert (result.complete, result.late) == (True, 0)


def test_hours_of_others_are_not_hers():
    assert statement(RULES, "T2", FULL, 2026).lines[0].raw == 0


def test_surplus_stays_in_the_ledger_uncounted():
    result = statement(RULES, "T1", [*FULL, line(38, "zhuanye")], 2026)
    zhuanye = next(entry for entry in result.lines if entry.requirement == "zhuanye")
    assert (zhuanye.raw, zhuanye.counted, zhuanye.target) == (4800, 2520, 2520)
