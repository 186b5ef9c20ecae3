"""A round on the command line alone: from twenty teachers' lists to slips, lists and the report."""

import json
from pathlib import Path

import pytest

from api.cli import main
from tests.api.mini_county import write_mini_county


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    return int(caught.value.code or 0)


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Path:
    """A folder in which both rounds have been solved."""
    folder = tmp_path_factory.mktemp("office")
    write_mini_county(folder / "in")
    (folder / "in" / "round.toml").rename(folder / "round.toml")
    db = ("--db", folder / "xuanke.db")
    settings = ("--settings", folder / "round.toml")
    assert run("init", *db) == 0
    assert run("import", folder / "in", "--yes", *db) == 0
    for number in (1, 2):
        out = ("--out", folder / "out")
        assert run("solve", "--round", number, *settings, *out, *db) == 0
    return folder


@pytest.fixture(autouse=True)
def _there(office, monkeypatch):
    monkeypatch.chdir(office)


def test_solve_leaves_files_that_need_no_database(office):
    from matching.files import read_instance
    from matching.result_files import read_result

    instance = read_instance(office / "out" / "instance-2")
    result = read_result(office / "out" / "result-2")
    assert result.instance_digest == instance.digest
    assert len({seat.teacher for seat in result.seats}) == 20


def test_explain_tells_one_teacher_about_each_choice(capsys):
    assert run("explain", "T00003") == 0
    told = capsys.readouterr().out
    assert "项志愿" in told
    assert run("explain", "T00003", "--lang", "en") == 0
    assert "项志愿" not in capsys.readouterr().out


def test_an_unknown_teacher_is_told_with_the_next_step(capsys):
    for command in ("explain", "menu", "diagnose"):
        assert run(command, "T99999") == 2
        assert "T99999" in capsys.readouterr().err


def test_diagnose_shows_distributions_and_gaps_of_one(capsys):
    assert run("diagnose", "T00001") == 0
    told = capsys.readouterr().out
    assert told.count("：1级") == 14
    assert "T00002" not in told


def test_menu_shows_the_parts_of_each_score_and_why_not(capsys):
    assert run("menu", "T00001") == 0
    told = capsys.readouterr().out
    assert "C18" in told
    assert "需求" in told
    assert run("menu", "T00001", "--why-not", "C18") == 0
    assert "可以选" in capsys.readouterr().out
    assert run("menu", "T00001", "--why-not", "C99") == 2


def test_export_writes_what_an_office_prints(office, capsys):
    assert run("export", "--out", "paper") == 0
    files = {path.suffix for path in (office / "paper").rglob("*") if path.is_file()}
    assert {".xlsx", ".html"} <= files
    assert "paper" in capsys.readouterr().out


def test_report_is_one_page_and_one_workbook(office):
    assert run("report", "--out", "told") == 0
    assert sorted(p.suffix for p in (office / "told").iterdir()) == [".html", ".xlsx"]


def test_a_round_without_settings_names_the_file_and_the_way(capsys):
    assert run("solve", "--settings", "nowhere.toml") == 2
    told = capsys.readouterr().err
    assert "nowhere.toml" in told
    assert "xuanke template" in told


def test_the_settings_that_templates_bring_can_be_read(tmp_path):
    from matching.rounds.settings_file import read_settings

    assert run("template", "--out", tmp_path / "forms") == 0
    assert read_settings(tmp_path / "forms" / "round.toml").list_length == 6
    assert len(list((tmp_path / "forms").glob("*.xlsx"))) == 11


def test_settings_that_clash_exit_with_1_and_name_themselves(office, tmp_path, capsys):
    """Two of twenty shall be trained at city level, where nothing is on offer."""
    clash = (office / "round.toml").read_text(encoding="utf-8")
    share = '\n[[shares]]\nid = "city"\ntitle = "市级"\nwhere = "level=city"\npercent = 10\n'
    (tmp_path / "clash.toml").write_text(clash.replace("\n[green]", share + "\n[green]"))
    assert run("solve", "--settings", tmp_path / "clash.toml") == 1
    assert "无解" in capsys.readouterr().out


def test_the_stored_round_does_not_hold_the_seed(office):
    """The lottery seed is committed to by its digest; only the settings file knows it."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(office / "xuanke.db")) as connection:
        (settings,) = connection.execute("SELECT settings FROM round").fetchone()
    assert json.loads(settings)["seed"] == ""


def test_the_settings_template_is_the_example_that_is_tested():
    """Every key of the example is read by a test of the rounds; the template offers the same."""
    from api.commands.settings import TEMPLATE

    example = Path(__file__).parents[1] / "matching" / "rounds" / "round_example.toml"
    assert TEMPLATE.read_text(encoding="utf-8") == example.read_text(encoding="utf-8")


def test_the_pilot_sets_every_key_of_the_example():
    import tomllib

    from api.commands.settings import TEMPLATE
    from examples.pilot.make import HERE

    def keys(path) -> set[str]:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        nested = {f"{k}.{n}" for k, v in tables.items() if isinstance(v, dict) for n in v}
        return set(tables) | nested

    assert keys(HERE / "round.toml") == keys(TEMPLATE)
