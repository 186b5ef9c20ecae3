"""A whole round on the command line: twenty teachers, from draft to a bundle that is rechecked."""

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from matching.rounds.settings import commitment
from matching.rounds.settings_file import parse_settings
from tests.api.terminal import REASON, TWO, Terminal, announced, opened


@pytest.fixture
def office(tmp_path, capsys, monkeypatch):
    return opened(tmp_path, capsys, monkeypatch)


def offered(office: Terminal) -> list[tuple[str, str]]:
    """Return (teacher, section) of the seats that wait for an answer."""
    from sqlmodel import Session

    from api.database import open_database
    from matching.rounds import store
    from matching.rounds.life.tables import PlaceRow

    engine = open_database(office.folder / "xuanke.db")
    with Session(engine) as session:
        rows = store.everything(session, PlaceRow)
        found = [(str(row.teacher_id), row.section_id) for row in rows if row.state == "offered"]
    engine.dispose()
    return found


def to_candidate(office: Terminal) -> None:
    announced(office)
    office.on("2026-06-01T08:00:00")
    office.round("open")
    office.types("import", "ballots.xlsx", "--yes")
    office.on("2026-06-10T18:00:10")
    office.round("close")
    sealed = office.round("seal")
    assert re.search(r"[0-9a-f]{64}", sealed)
    office.round("solve")


def test_a_round_lives_from_draft_to_a_bundle_that_holds(office):
    to_candidate(office)
    for number, published, final in ((1, "06-19", "06-27"), (2, "06-28", "07-06")):
        if number == 2:
            office.round("second")
            office.round("solve")
        assert "候选结果" in office.round("review", "--accept")
        office.on(f"2026-{published}T09:00:00")
        office.round("publish", *TWO)
        office.on(f"2026-{final}T09:00:00")
        office.round("finalise")
    office.on("2026-07-07T09:00:00")
    office.round("confirm")
    seats = offered(office)
    gone = seats[-1]
    for teacher, section in seats[:-1]:
        office.round("confirm", teacher, section)
    office.round("decline", *gone, "--reason", "duty")
    assert "待确认" not in office.round("status") or offered(office)
    for teacher, section in offered(office):
        office.round("confirm", teacher, section)
    office.on("2026-07-24T09:00:00")
    office.round("refill")
    office.round("settle")
    office.on("2026-08-03T07:00:00")
    office.round("start")
    office.round("roll", "--out", "roll.xlsx")
    absent = away(office.folder / "roll.xlsx")
    office.on("2026-12-21T09:00:00")
    office.round("roll", "roll.xlsx", "--by", "班主任")
    office.round("evaluate")
    office.round("post", *TWO)
    assert "xuanke verify" in office.round("archive", "--out", "archive.zip")
    account = office.types("verify", "archive.zip")
    assert "复核通过" in account
    assert "已归档" in office.round("status")
    assert absent in account_of(office)
    assert [what for what, _ in shown(office)] == ["roll", "archive"]
    assert shown(office)[1] == ("archive", 20)
    told = office.types("check")
    (head,) = re.findall(r"\d+:[0-9a-f]{64}", told)
    office.types("check", "--head", head)
    office.types("check", "--head", f"1:{'0' * 64}", code=1)
    office.types("check", "--head", "1", code=2)


def test_menus_of_a_round_go_by_a_dry_run_until_it_is_dropped(office):
    office.round("draft")
    assert "试算完成：按 20 位老师" in office.round("dry-run")
    assert "的一次试算：按诊断出的需求" in office.types(
        "menu", "T00001", "--settings", "round.toml"
    )
    assert "已撤销" in office.round("dry-run", "--drop")
    assert "没有公布过结果" in office.types("menu", "T00001", "--settings", "round.toml")
    assert "没有试算结果可撤销" in office.round("dry-run", "--drop", code=2)


def test_a_section_is_cancelled_and_a_teacher_transferred(office):
    to_candidate(office)
    office.round("review", "--accept")
    office.on("2026-06-19T09:00:00")
    office.round("publish", *TWO)
    office.on("2026-06-27T09:00:00")
    office.round("finalise")
    office.round("confirm")
    (teacher, section), *others = offered(office)
    other = next(each for _, each in others if each != section)
    assert "理由" in office.round("cancel", section, code=2)
    into = office.round("cancel", section, "--into", "C99", "--reason", "停办", code=2)
    assert "没有班次 C99" in into
    told = office.round("cancel", section, "--reason", "停办")
    assert section not in {each for _, each in offered(office)}
    for found, seat in offered(office):
        if found == teacher and (found, seat) not in others:
            assert f"教师 {teacher} 改在：" in told
    assert "没有代码 K99" in office.round("transfer", teacher, "--to", "K99", *REASON, code=2)
    office.round("transfer", teacher, "--to", "K2", "--reason", "调动")
    assert "调动后的席位" in office.round("status")
    assert other in {each for _, each in offered(office)}


def away(path: Path) -> str:
    """Fill in the roll: the first teacher was never there; return her id."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, heads["缺席半天"]).value = "全部"
    teacher = str(sheet.cell(2, heads["教师编号"]).value)
    book.save(path)
    return teacher


def account_of(office: Terminal) -> set[str]:
    """Return the teachers who were marked absent."""
    from sqlmodel import Session

    from api.database import open_database
    from matching.rounds import store
    from matching.rounds.life.tables import MarkRow

    engine = open_database(office.folder / "xuanke.db")
    with Session(engine) as session:
        rows = store.everything(session, MarkRow)
        found = {row.teacher_id for row in rows if row.mark == "absent"}
    engine.dispose()
    return found


def test_what_an_announcement_must_publish_is_shown(office):
    """An office can only publish the digest of its secret if a command prints it."""
    announced(office)
    seed = parse_settings((office.folder / "round.toml").read_text(encoding="utf-8")).seed
    assert commitment(seed) in office.round("status")


def test_a_verb_at_the_wrong_time_is_told_with_the_right_one(office):
    assert "xuanke round draft" in office.round("status", code=2)
    office.round("draft")
    told = office.round("seal", code=2)
    assert "草拟" in told
    assert "学校审核" in told
    assert "draft" in office.round("seal", "--lang", "en", code=2)


def test_a_moment_without_its_zone_is_refused(office):
    office.round("draft")
    told = office.round(
        "announce", "--from", "2026-06-01 08:00", "--until", "2026-06-10T18:00:00+08:00", code=2
    )
    assert "2026-06-01 08:00" in told


def test_an_unknown_round_names_those_that_are_known(office):
    office.round("draft")
    assert "deqing-2026" in office.round("status", "--round", "other", code=2)


def test_the_seed_of_the_template_is_refused(office):
    office.types("template", "--out", "empty")
    text = (office.folder / "empty" / "round.toml").read_text(encoding="utf-8")
    (office.folder / "template.toml").write_text(text, encoding="utf-8")
    assert "种子" in office.round("draft", "--settings", "template.toml", code=2)


def shown(office: Terminal) -> list[tuple[str, int]]:
    """Return which files were written of whom, and of how many."""
    from sqlmodel import Session, select

    from api.database import open_database
    from api.tables import AccessRow

    engine = open_database(office.folder / "xuanke.db")
    with Session(engine) as session:
        rows = session.exec(select(AccessRow).order_by(AccessRow.at, AccessRow.what)).all()
        found = [(row.what, row.count) for row in rows]
    engine.dispose()
    return found


def test_people_are_told_on_a_sheet_and_once_only(office):
    to_candidate(office)
    first = office.round("notify", "--channel", "sheet", "--out", "notices")
    assert re.search(r"已写入 \d\d 条", first)
    assert "已写入 0 条" in office.round("notify", "--channel", "slips", "--out", "notices")
    assert "XUANKE_SMTP" in office.round("notify", "--channel", "email", code=2)
    assert len(list((office.folder / "notices").glob("*.xlsx"))) == 1
    assert shown(office) == [("sheet", 20)]


def test_an_objection_keeps_a_round_from_being_final_until_it_is_answered(office):
    to_candidate(office)
    office.round("review", "--accept")
    office.on("2026-06-19T09:00:00")
    office.round("publish", *TWO)
    told = office.round("appeal", "T00001", "志愿填错了一项")
    (number,) = re.findall(r"编号 (\S+?)；", told)
    office.on("2026-06-27T09:00:00")
    assert number in office.round("finalise", code=2)
    office.round("answer", number, "已核对，志愿与回执一致")
    office.round("finalise")


def test_settings_change_alone_before_the_announcement_and_by_two_after_it(office):
    office.round("draft")
    text = (office.folder / "round.toml").read_text(encoding="utf-8")
    changed = text.replace('title = "', 'title = "（修订）', 1)
    (office.folder / "round.toml").write_text(changed, encoding="utf-8")
    told = office.round("rules")
    assert "与原设置不同之处：title: " in told
    assert "→ （修订）" in told
    assert "与原设置不同之处：–" in office.round("rules")
    office.round(
        *("announce", "--from", "2026-06-01T08:00:00+08:00"),
        *("--until", "2026-06-10T18:00:00+08:00"),
    )
    assert "两人" in office.round("rules", *REASON, code=2)
    office.round("rules", *TWO)


def test_a_public_value_is_awaited_entered_by_two_and_mixed_in(office):
    text = (office.folder / "round.toml").read_text(encoding="utf-8")
    named = text.replace("[lottery]", '[lottery]\npublic = "双色球第 67 期"', 1)
    (office.folder / "round.toml").write_text(named, encoding="utf-8")
    office.round("draft")
    office.round(
        *("announce", "--from", "2026-06-01T08:00:00+08:00"),
        *("--until", "2026-06-10T18:00:00+08:00"),
    )
    assert "双色球第 67 期" in office.round("status")
    office.on("2026-06-01T08:00:00")
    office.round("open")
    office.on("2026-06-10T18:00:10")
    office.round("close")
    waiting = office.round("seal")
    assert "等待公开号码：双色球第 67 期" in waiting
    assert "抽签种子" not in waiting
    assert "双色球第 67 期" in office.round("seal", code=2)
    assert "两人" in office.round("seal", "--public-value", "07 11", *REASON, code=2)
    assert "抽签种子" in office.round("seal", "--public-value", "07 11", *TWO)
    assert "开出：07 11" in office.round("status")


def test_a_school_approves_and_returns_its_own_ballots_only(office):
    office.round("draft")
    office.round(
        *("announce", "--from", "2026-06-01T08:00:00+08:00"),
        *("--until", "2026-06-10T18:00:00+08:00"),
    )
    office.on("2026-06-01T08:00:00")
    office.round("open")
    office.types("import", "ballots.xlsx", "--yes")
    office.round("approve", "T00001", "--school", "K1")
    office.round("return", "T00002", "--school", "K1", "--reason", "与教研活动冲突")
    assert "已退回 1" in office.round("status")
    assert "T00003" in office.round("approve", "T00003", "--school", "K9", code=2)
