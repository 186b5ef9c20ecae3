"""One cell at a time: values, and what would be right."""

import pytest

from catalog.importing import parse
from catalog.importing.cells import cell_text, clean
from catalog.importing.parse import BadCell

HALF = "2026-08-03 AM"


@pytest.mark.parametrize(
    ("parser", "cell", "value"),
    [
        (parse.text, "a  b\nc", "a b c"),
        (parse.code, "Ｃ０１－01", "C01-01"),
        (parse.whole(), "1,200", 1200),
        (parse.whole(1, 5), "５", 5),
        (parse.whole(-5), "-3", -3),
        (parse.percent, "15%", 15),
        (parse.hours, "24", 1440),
        (parse.hours, "1.5", 90),
        (parse.hours, "0.0083", 0),
        (parse.hours, "0.0084", 1),
        (parse.days, "1.5", 3),
        (parse.yuan, "￥1,200.505", 120051),
        (parse.iso_date, "2026年8月3日", "2026-08-03"),
        (parse.iso_date, "2026/8/3", "2026-08-03"),
        (parse.iso_date, "2026.08.03", "2026-08-03"),
        (parse.half_days, "2026-08-03 PM；2026/8/3 上午", [HALF, "2026-08-03 PM"]),
        (parse.half_days, "2026-08-03\n2026-08-04 全天", [
            HALF, "2026-08-03 PM", "2026-08-04 AM", "2026-08-04 PM",
        ]),
        (parse.many(parse.whole()), "1、2；3,4", [1, 2, 3, 4]),
        (parse.or_open(parse.many(parse.whole()), list), "共同", []),
        (parse.or_open(parse.whole(), str), "3", 3),
        (parse.yes_no, "是", True),
        (parse.yes_no, "Ｎ", False),
    ],
)  # fmt: skip
def test_values(parser, cell, value):
    assert parser(cell) == value


@pytest.mark.parametrize(
    ("parser", "cell", "code"),
    [
        (parse.code, "C 01", "cell_code"),
        (parse.code, "课程", "cell_code"),
        (parse.code, "²", None),
        (parse.whole(), "1.5", "cell_whole"),
        (parse.whole(), "-1", "cell_limits"),
        (parse.whole(1, 5), "6", "cell_limits"),
        (parse.whole(), "1,2", "cell_whole"),
        (parse.whole(), "9" * 400, "cell_whole"),
        (parse.whole(), "٣", "cell_whole"),
        (parse.hours, "24学时", "cell_hours"),
        (parse.hours, "-1", "cell_hours"),
        (parse.days, "1.3", "cell_days"),
        (parse.yuan, "面议", "cell_yuan"),
        (parse.iso_date, "46237", "cell_date"),
        (parse.iso_date, "2026-8/3", "cell_date"),
        (parse.iso_date, "2026-02-29", "cell_no_such_date"),
        (parse.half_days, "2026-08-03 晚上", "cell_half_days"),
        (parse.half_days, f"2026-08-03;{HALF}", "cell_half_day_twice"),
        (parse.many(parse.whole()), "1;2;1", "cell_twice"),
        (parse.yes_no, "也许", "cell_yes_no"),
    ],
)
def test_what_would_be_right(parser, cell, code):
    if code is None:  # a superscript is a digit to Unicode and folds to one
        assert parser(cell) == "2"
        return
    with pytest.raises(BadCell) as bad:
        parser(cell)
    assert bad.value.code == code


@pytest.mark.parametrize(
    ("show", "parser", "value"),
    [
        (parse.shown_hours, parse.hours, 90),
        (parse.shown_hours, parse.hours, 24 * 60),
        (parse.shown_days, parse.days, 3),
        (parse.shown_yuan, parse.yuan, 120051),
        (parse.shown, parse.yes_no, True),
        (parse.shown, parse.half_days, [HALF]),
    ],
)
def test_what_is_shown_is_read_again(show, parser, value):
    assert parser(show(value)) == value


def test_every_minute_is_shown_so_that_it_comes_back():
    """Hours with four decimals keep all of the first 6,000 account minutes."""
    assert all(parse.hours(parse.shown_hours(minutes)) == minutes for minutes in range(1, 6001))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (" a ", "a"),
        ("\ufeffＡ１\u3000２\u200b", "A1 2"),
        ("（一）；", "（一）；"),
        ("a\r\nb", "a\n\nb"),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (True, "是"),
        (None, ""),
        (float("nan"), "nan"),
        (1e300, "1e+300"),
    ],
)
def test_cells_become_clean_text(raw, text):
    """Letters and digits become half-width; Chinese punctuation in a title stays as written."""
    assert cell_text(raw) == text


def test_cleaning_twice_changes_nothing():
    for raw in ("　ａ\u200b b\u00a0", "\x00x", "娄 隆"):
        assert clean(clean(raw)) == clean(raw)
