"""What an office gets on paper: complete, equal to the result, the same bytes every time."""

import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from matching.rounds.exports.readback import figures_match, mismatches
from matching.rounds.exports.write import write_exports
from tests.matching.rounds.factories_view import SECTIONS, round_view


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """The Chinese sheets of the small round, written once."""
    folder = tmp_path_factory.mktemp("paper")
    write_exports(round_view(), folder)
    return folder


@pytest.fixture
def written(paper, tmp_path):
    """A copy of the sheets to tamper with."""
    return Path(shutil.copytree(paper, tmp_path / "written"))


def texts(path) -> list[str]:
    book = openpyxl.load_workbook(path)
    return [
        str(c.value) for sheet in book for row in sheet.rows for c in row if c.value is not None
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_figure_in_the_files_equals_the_result(tmp_path, lang):
    """1 public list, 3 schools, 5 open sections, 2 institutions, slips twice: 13 files."""
    paths = write_exports(round_view(), tmp_path, lang)
    assert len(paths) == 13
    assert mismatches(round_view(), tmp_path, lang) == ()


TAMPER = {
    "公示名单.xlsx": ("C01", "C02"),
    "学校通知单/A 德城镇中心小学.xlsx": ("T02", "T03"),
    "学校通知单/B 金林村小学.xlsx": (3, 2),
    "学员名单与签到册/C12 心理健康教育.xlsx": ("岑勇", "陈勇"),
    "学员名单与签到册/C16 法治与校园安全.xlsx": (3, 4),
    "机构供需反馈/I1 西江师范学院.xlsx": (7, 6),
    "教师通知单.xlsx": ("MU2", "C01"),
    "学校通知单/C 高良中学.xlsx": (1, 2),
}


@pytest.mark.parametrize("name", TAMPER)
def test_a_tampered_sheet_is_noticed(written, name):
    """Negative control: one changed seat or figure in one file, and the file is named."""
    old, new = TAMPER[name]
    book = openpyxl.load_workbook(written / name)
    cells = [c for sheet in book for row in sheet.rows for c in row if c.value == old and c.row > 3]
    cells[-1].value = new
    book.save(written / name)
    assert {found.file for found in mismatches(round_view(), written)} == {name}
    assert not figures_match(round_view(), written)


def test_a_tampered_page_of_slips_is_noticed(written):
    page = written / "教师通知单.html"
    page.write_text(page.read_text("utf-8").replace(">C16</td>", ">C17</td>", 1), "utf-8")
    assert [found.what for found in mismatches(round_view(), written)] == ["T02"]


def test_a_missing_sheet_is_noticed(written):
    (written / "公示名单.xlsx").unlink()
    (missing,) = mismatches(round_view(), written)
    assert (missing.file, missing.found) == ("公示名单.xlsx", "missing")


def test_sheets_of_another_result_are_noticed(written):
    """One seat fewer in the result than on paper: every sheet that names it differs."""
    view = round_view()
    less = replace(view, seats=tuple(seat for seat in view.seats if seat.teacher_id != "T05"))
    assert not figures_match(less, written)


def test_the_same_round_gives_the_same_bytes_in_any_order(tmp_path):
    view = round_view()
    turned = replace(
        view,
        teachers=view.teachers[::-1],
        seats=view.seats[::-1],
        sections=view.sections[::-1],
        schools=view.schools[::-1],
    )
    first = write_exports(view, tmp_path / "a")
    second = write_exports(turned, tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_section_that_closed_since_leaves_no_stale_class_list(tmp_path):
    opened = tuple(replace(s, open=True) for s in SECTIONS)
    write_exports(round_view(sections=opened), tmp_path)
    stale = tmp_path / "学员名单与签到册" / "C17 信息技术2.0.xlsx"
    assert stale.is_file()
    write_exports(round_view(), tmp_path)
    assert not stale.exists()


def test_a_name_that_looks_like_a_formula_stays_a_name(tmp_path):
    view = round_view()
    trick = replace(view.teachers[0], name='=HYPERLINK("x")')
    write_exports(replace(view, teachers=(trick, *view.teachers[1:])), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "公示名单.xlsx")
    (cell, _) = [c for row in book.active.rows for c in row if c.value == trick.name]
    assert cell.data_type == "s"


def test_a_name_that_looks_like_markup_stays_a_name(tmp_path):
    view = round_view()
    trick = replace(view.teachers[0], name="<script>x</script>")
    write_exports(replace(view, teachers=(trick, *view.teachers[1:])), tmp_path)
    assert "<script" not in (tmp_path / "教师通知单.html").read_text("utf-8")


def test_a_school_name_cannot_leave_the_folder(tmp_path):
    view = round_view()
    trick = replace(view.schools[0], name="../../小学")
    for path in write_exports(replace(view, schools=(trick, *view.schools[1:])), tmp_path / "x"):
        assert path.is_relative_to(tmp_path / "x")
        assert ".." not in path.parts


def test_the_public_list_masks_the_id_number(tmp_path):
    view = round_view()
    long = replace(view.teachers[0], id_last4="441226198001011234")
    write_exports(replace(view, teachers=(long, *view.teachers[1:])), tmp_path)
    said = texts(tmp_path / "公示名单.xlsx")
    assert "****1234" in said
    assert not [text for text in said if "19800101" in text]


def test_sheets_print_on_a4_with_their_heads_on_every_page(written):
    for path in written.rglob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            assert sheet.page_setup.paperSize == 9
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            if path.stem != "教师通知单":
                assert sheet.print_title_rows
                assert sheet.freeze_panes
