"""The demo: its account is true to the round, broken promises are loud, the folder is its own."""

from concurrent.futures import Future
from threading import Timer
from types import SimpleNamespace

import pytest

from api.cli import main
from api.console import Desk
from api.demo import account
from api.demo import run as demo_run
from api.demo.run import Variant, fresh_folder
from api.demo.story import Story
from api.errors import Unconfirmed
from api.writer import in_time
from matching.rounds.assertions import Check
from matching.rounds.report.desk import Desk as Report
from tests.api.mini_county import write_mini_county
from tests.matching.rounds.factories_view import round_view


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    return int(caught.value.code or 0)


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    """The demo on a county of twenty teachers: exit code and what it printed."""
    import contextlib
    import io

    folder = tmp_path_factory.mktemp("demo")
    sheets, demo_run.SHEETS = demo_run.SHEETS, write_mini_county(folder / "in")
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            code = run("demo", "--out", folder / "out")
    finally:
        demo_run.SHEETS = sheets
    return folder / "out", code, printed.getvalue().splitlines()


def test_every_promise_stands_on_a_line_of_its_own(mini):
    """Twenty teachers have no city or provincial level, so nobody can be short of schools: i13 fails."""
    _, code, lines = mini
    promises = [line.split()[:2] for line in lines if line.startswith("i")]
    assert [number for number, _ in promises] == [f"i{n}" for n in range(1, 15)]
    assert {verdict for _, verdict in promises} <= {"ok", "FAILED"}
    assert code == (1 if "FAILED" in {verdict for _, verdict in promises} else 0)
    assert ["i13", "FAILED"] in promises


def test_the_difference_comes_before_the_details(mini):
    _, _, lines = mini
    difference = next(n for n, line in enumerate(lines) if "先到先得（20" in line)
    rounds = next(n for n, line in enumerate(lines) if line.startswith("第 1 轮"))
    promises = next(n for n, line in enumerate(lines) if line.startswith("i1 "))
    assert difference < rounds < promises


def test_the_first_line_is_for_both_readers(mini):
    _, _, lines = mini
    assert "选课" in lines[0]
    assert "spreadsheets" in lines[0]


def test_the_files_lie_where_the_account_says(mini):
    folder, _, lines = mini
    for name in ("instance", "result", "exports", "report", "xuanke.db"):
        assert (folder / name).exists()
        assert any(line.strip().startswith(str(folder / name)) for line in lines)
    assert {p.name for p in (folder / "result").iterdir()} == {"round-1", "round-2"}


def test_a_broken_promise_is_named_at_the_end():
    kept = Check("i1", True, "", "fine")
    broken = Check("i4", False, "", "5 away of 4")
    *_, last = account.promises([kept, broken], "en")
    assert last == "NOT kept: i4"
    *_, last = account.promises([kept], "en")
    assert last == "All 1 promises are kept."


@pytest.mark.parametrize(("kept", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_is_the_verdict(monkeypatch, tmp_path, kept, code):
    monkeypatch.setattr(demo_run, "demo", lambda *_: kept)
    assert run("demo", "--out", tmp_path) == code


def test_a_demo_clears_what_a_demo_left_and_nothing_else(tmp_path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "old.xlsx").write_text("old")
    (tmp_path / "xuanke.db").write_text("old")
    (tmp_path / "letter.txt").write_text("mine")
    fresh_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_variant_says_itself(tmp_path):
    desk = Desk(tmp_path / "x.db", "en")
    assert Variant().say(desk) == "the pilot as shipped"
    assert Variant(lists=3, scale=10).say(desk) == "lists cut to 3; 10 zones"


def test_without_the_examples_the_way_is_told(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo_run, "SHEETS", tmp_path / "nowhere")
    assert run("demo", "--out", tmp_path / "out") == 2
    assert "make demo" in capsys.readouterr().err


def test_words_line_up_although_chinese_is_wide():
    """Two Chinese characters are as wide as four letters, and two characters fewer."""
    chinese, english = account._lined_up([("学时", "1", "2"), ("hour", "1", "2")])
    assert chinese.index("1") + 2 == english.index("1")


def test_the_account_counts_like_the_report():
    """Spreads and the engine's figure in the headline are those of the report's figures."""
    report = Report(round_view(), "zh")
    lines = list(account.headline(report))
    spread = report.told.baseline["short"]
    assert f"({spread.low}–{spread.high})" in lines[2]
    assert lines[2].split()[-1] == str(report.told.final.short)


@pytest.mark.slow
def test_the_whole_pilot_keeps_its_promises(tmp_path, capsys):
    assert run("demo", "--out", tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if line.startswith("i")] == [
        [f"i{n}", "ok"] for n in range(1, 15)
    ]


@pytest.mark.slow
def test_nobody_may_leave_is_infeasible_and_right(tmp_path, capsys):
    assert run("demo", "--out", tmp_path, "--release-cap", "0") == 0
    told = capsys.readouterr().out
    assert "i13 ok" in told
    assert "H1" in told
    assert "i1 ok" not in told


def test_a_step_of_the_county_may_take_longer_than_anybody_waits_at_a_browser(monkeypatch):
    """Negative control: whoever asks over the API is told after the longest wait (`Office.do`)."""

    def slow() -> Future:
        future = Future()
        future.set_running_or_notify_cancel()
        Timer(0.2, future.set_result, ["done"]).start()
        return future

    story = SimpleNamespace(office=SimpleNamespace(submit=lambda *_: slow()))
    assert Story._do(story, None, None) == "done"
    with pytest.raises(Unconfirmed):
        in_time(slow(), 0.05)
