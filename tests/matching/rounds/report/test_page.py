"""The page is self-contained, says the same as the workbook, and can be read by everybody."""

import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from matching.goals import GOALS
from matching.rounds.report.desk import Desk
from matching.rounds.report.messages import say
from matching.rounds.report.page import TEMPLATES, parts, write_report
from matching.rounds.words import number
from tests.matching.rounds.factories_view import round_view

CSS = (TEMPLATES / "report.css").read_text("utf-8")


def page(folder: Path, lang="zh", view=None) -> str:
    return write_report(view or round_view(), folder, lang)[0].read_text("utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_loads_nothing_from_outside(tmp_path, lang):
    text = page(tmp_path, lang)
    for forbidden in ("http", "src=", "url(", "@import", "<script", "<link"):
        assert forbidden not in text


def test_it_begins_with_first_come_beside_the_engine(tmp_path):
    """7.5 short under first come (6-9), 5 under the engine."""
    text = page(tmp_path)
    lead = "学时不足 42 学时的教师：先到先得 7.5 人（6–9 人），匹配引擎 5 人。"
    assert text.index(lead) < text.index('id="result"')


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_chart_has_a_title_a_summary_and_its_figures_in_a_table(tmp_path, lang):
    text = page(tmp_path, lang)
    charts = re.findall(r"<svg[^>]*>", text)
    assert len(charts) == 7
    assert all('role="img"' in chart for chart in charts)
    assert text.count("<title id=") == text.count("<desc id=") == 7
    assert all(part.table for part in parts(Desk(round_view(), lang)) if part.charts)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_and_workbook_carry_the_same_figures(tmp_path, lang):
    html, xlsx = write_report(round_view(), tmp_path, lang)
    text = html.read_text("utf-8")
    book = openpyxl.load_workbook(xlsx)
    content = parts(Desk(round_view(), lang))
    assert len(book.sheetnames) == len(content)
    for part, sheet in zip(content, book, strict=True):
        rows = {tuple(cell.value for cell in row) for row in sheet.iter_rows()}
        for row in part.table.rows if part.table else ():
            assert row in {tuple(v for v in told[: len(row)]) for told in rows}, part.id
            for cell in () if part.heat else row:
                shown = cell if isinstance(cell, str) else number(cell)
                assert f">{shown}<" in text, (part.id, cell)


def test_the_same_round_gives_the_same_bytes_in_any_order(tmp_path):
    view = round_view()
    turned = replace(
        view,
        teachers=view.teachers[::-1],
        seats=view.seats[::-1],
        sections=view.sections[::-1],
        schools=view.schools[::-1],
        baseline=view.baseline[::-1],
    )
    first, second = write_report(view, tmp_path / "a"), write_report(turned, tmp_path / "b")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_no_teacher_is_named(tmp_path):
    text = page(tmp_path)
    for teacher in round_view().teachers:
        assert teacher.name not in text
        assert teacher.id_last4 not in text


def test_a_title_that_looks_like_markup_is_text(tmp_path):
    view = round_view()
    trick = replace(view.schools[0], name="<b onclick=x>小学</b>")
    assert "<b onclick" not in page(
        tmp_path, view=replace(view, schools=(trick, *view.schools[1:]))
    )


def test_without_a_baseline_the_page_says_so(tmp_path):
    assert "本次没有运行先到先得的对照" in page(tmp_path, view=round_view(baseline=()))


def test_synthetic_data_are_called_so_on_page_and_sheets(tmp_path):
    assert "合成数据" in page(tmp_path)
    assert "合成数据" not in page(tmp_path, view=round_view(synthetic=False))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_goal_of_the_engine_has_a_title_and_a_unit(lang):
    for goal in GOALS.values():
        assert say(f"goal_{goal.code}", lang)
        assert "7" in say(f"amount_{goal.unit}", lang, value="7")


def colours(dark: bool) -> dict[str, str]:
    roots = re.findall(r":root \{([^}]*)\}", CSS)
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", roots[1 if dark else 0]))


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_and_bars_stand_out_from_the_paper(dark):
    """4.5:1 for text, also on the shaded cells; 3:1 for bars."""
    found = colours(dark)
    for ground in ("paper", "ground", "heat1", "heat2", "heat3", "heat4", "heat5"):
        assert contrast(found["ink"], found[ground]) >= 4.5, ground
    for word in ("soft", "accent"):
        assert contrast(found[word], found["paper"]) >= 4.5, word
    for bar in ["come", "chosen2", "assigned", "required", "other", "rural", "town", "problem"]:
        assert contrast(found[bar], found["paper"]) >= 3, bar


def test_at_most_five_sizes_of_type():
    sizes = set(re.findall(r"(?:font-size:|font:) (\d+px)", CSS))
    assert len(sizes) <= 5, sizes
