"""The command line as an office uses it: sentences, exit codes, all or nothing, and back again."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
import xlsxwriter

from api import cli
from api.cli import main
from examples.pilot.make import HERE


@pytest.fixture(autouse=True)
def _at_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XUANKE_LANG", raising=False)
    monkeypatch.delenv("XUANKE_DB", raising=False)


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    return int(caught.value.code or 0)


def sheet(path, *rows):
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write(number, column, cell)
    return path


UNITS = ("单位代码", "单位", "上级单位代码", "类别")
CITY, COUNTY = ("441200", "肇庆市", "", "市"), ("441226", "德庆县", "441200", "县")


def stored_units() -> set[tuple[str, str]]:
    with closing(sqlite3.connect("xuanke.db")) as connection:
        return set(connection.execute("SELECT id, name FROM unit"))


def test_help_lists_every_command_in_both_languages(capsys):
    assert run("--help") == 0
    shown = capsys.readouterr().out
    for name, word in {
        "import": "导入",
        "undo": "撤销",
        "init": "数据库",
        "template": "模板",
    }.items():
        assert name in shown
        assert word in shown


def test_help_loads_no_heavy_library():
    """`--help` answers within half a second because nothing large is imported for it."""
    code = (
        "import sys; from api.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'ortools', 'scipy', 'pandas', 'sqlmodel', 'sqlalchemy', 'alembic',"
        " 'jinja2', 'xlsxwriter', 'python_calamine', 'pydantic'}\n"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE.parents[1],
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_init_import_undo(capsys):
    sheet("units.xlsx", UNITS, CITY, COUNTY)
    assert run("init") == 0
    assert run("import", "units.xlsx") == 0
    assert stored_units() == {("441200", "肇庆市"), ("441226", "德庆县")}
    assert run("undo") == 0
    assert stored_units() == set()
    assert "已撤销批次 1" in capsys.readouterr().out


def test_init_again_changes_nothing(capsys):
    run("init")
    assert run("init") == 0
    assert "无需改动" in capsys.readouterr().out


def test_without_a_database_the_next_step_is_told(capsys):
    sheet("units.xlsx", UNITS, CITY)
    assert run("import", "units.xlsx") == 2
    assert "xuanke init" in capsys.readouterr().err


def test_one_wrong_row_stores_nothing_of_any_file(capsys):
    """The county names a parent that nobody knows: the right row 2 is not stored either."""
    run("init")
    sheet("units.xlsx", UNITS, CITY, ("441226", "德庆县", "449999", "县"))
    assert run("import", "units.xlsx", "--yes") == 2
    told = capsys.readouterr().err
    assert "449999" in told
    assert "没有导入" in told
    assert stored_units() == set()


def test_the_errors_of_every_file_are_told_at_once(capsys):
    """A wrong unit and a wrong school: one run tells both, and stores neither file."""
    run("init")
    sheet("units.xlsx", UNITS, CITY, ("441226", "德庆县", "449999", "县"))
    head = ("学校代码", "学校", "单位代码", "学段", "城乡", "教职工数")
    sheet("schools.xlsx", head, ("S1", "一小", "441200", "小学部", "村庄", "9"))
    assert run("import", "units.xlsx", "schools.xlsx") == 2
    told = capsys.readouterr().err
    assert "449999" in told
    assert "小学部" in told
    assert "units.xlsx、schools.xlsx 有 2 处错误" in told
    assert stored_units() == set()


def test_a_refused_file_is_named(capsys):
    run("init")
    sheet("units.xlsx", UNITS, CITY)
    open("leer.xlsx", "w").close()
    assert run("import", "units.xlsx", "leer.xlsx") == 2
    assert "leer.xlsx：文件是空的" in capsys.readouterr().err
    assert stored_units() == set()


def test_a_file_where_a_folder_belongs_is_told(capsys):
    open("a.txt", "w").close()
    assert run("template", "--out", "a.txt") == 2
    assert "已有同名文件" in capsys.readouterr().err
    assert run("template", "--out", "a.txt/b", "--lang", "en") == 2
    assert "not a folder" in capsys.readouterr().err


def test_a_database_that_is_spoilt_is_told(capsys):
    """The first page is whole, the tables behind it are not."""
    run("init")
    with open("xuanke.db", "r+b") as file:
        file.seek(4096)
        file.write(b"x" * 200_000)
    sheet("units.xlsx", UNITS, CITY)
    assert run("import", "units.xlsx") == 2
    assert "备份" in capsys.readouterr().err


def test_a_seed_that_everybody_knows_is_told(capsys):
    """The template's seed could be computed with by any teacher before ballots close."""
    run("init")
    run("template", "--out", "sheets")
    run("solve", "--settings", "sheets/round.toml")
    assert "种子" in capsys.readouterr().err
    assert run("solve", "--settings", HERE / "round.toml") == 2
    assert "种子" not in capsys.readouterr().err


def test_an_empty_county_is_not_solved(capsys):
    run("init")
    assert run("solve", "--settings", HERE / "round.toml") == 2
    assert "请先导入单位表" in capsys.readouterr().err


def test_good_rows_only_stores_them_and_gives_the_others_back():
    run("init")
    sheet("units.xlsx", UNITS, CITY, ("441226", "德庆县", "449999", "县"))
    assert run("import", "units.xlsx", "--yes", "--good-rows-only", "--errors-to", "back.xlsx") == 0
    assert stored_units() == {("441200", "肇庆市")}
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path("back.xlsx").get_sheet_by_index(0).to_python()
    assert "449999" in str(rows[2][-1])
    assert rows[1][-1] == ""


def test_a_change_needs_somebody_to_agree(capsys):
    """New rows are stored as they come; changed ones want --yes where no terminal can be asked."""
    run("init")
    run("import", sheet("units.xlsx", UNITS, CITY))
    renamed = sheet("renamed.xlsx", UNITS, ("441200", "肇庆", "", "市"))
    assert run("import", renamed) == 2
    assert "--yes" in capsys.readouterr().err
    assert stored_units() == {("441200", "肇庆市")}
    assert run("import", renamed, "--yes") == 0
    assert stored_units() == {("441200", "肇庆")}


@pytest.mark.parametrize(("answer", "name"), [("n\n", "肇庆市"), ("是\n", "肇庆"), ("", "肇庆市")])
def test_at_a_terminal_a_change_is_asked_for(monkeypatch, answer, name):
    import io

    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    run("init")
    run("import", sheet("units.xlsx", UNITS, CITY))
    monkeypatch.setattr(sys, "stdin", Keyboard(answer))
    run("import", sheet("renamed.xlsx", UNITS, ("441200", "肇庆", "", "市")))
    assert stored_units() == {("441200", name)}


def test_missing_rows_stay_unless_they_shall_go(capsys):
    run("init")
    run("import", sheet("units.xlsx", UNITS, CITY, COUNTY))
    only_city = sheet("less.xlsx", UNITS, CITY)
    assert run("import", only_city) == 0
    assert "441226" in capsys.readouterr().out
    assert len(stored_units()) == 2
    assert run("import", only_city, "--remove-missing", "--yes") == 0
    assert stored_units() == {("441200", "肇庆市")}


def test_files_are_taken_in_the_order_in_which_they_lean_on_each_other():
    """The folder's names sort schools before units, yet units are needed first."""
    run("init")
    import pathlib

    pathlib.Path("in").mkdir()
    sheet("in/b.xlsx", UNITS, CITY, COUNTY)
    header = ("学校代码", "学校", "单位代码", "学段", "城乡", "教职工数")
    sheet("in/a.xlsx", header, ("PT1", "松塘镇中心小学", "441226", "小学", "121", 25))
    assert run("import", "in", "--yes") == 0


def test_a_file_of_no_known_kind_is_named(capsys):
    run("init")
    sheet("lunch.xlsx", ("菜", "价"), ("白切鸡", 18))
    assert run("import", "lunch.xlsx", "--lang", "en") == 2
    assert "lunch.xlsx" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_missing_file_is_told_in_the_readers_language(capsys, lang):
    run("init")
    assert run("import", "nothing.xlsx", "--lang", lang) == 2
    told = capsys.readouterr().err
    assert ("找不到" in told) == (lang == "zh")
    assert "Traceback" not in told


def test_templates_can_be_filled_in_and_are_not_overwritten(capsys):
    assert run("template", "units", "--out", "forms") == 0
    assert run("template", "units", "--out", "forms") == 2
    assert "没有覆盖" in capsys.readouterr().err
    assert run("template", "lunch") == 2
    assert "units" in capsys.readouterr().err


def test_a_defect_of_ours_keeps_its_traceback(monkeypatch):
    """Negative control: only what a user can put right becomes a sentence."""

    def broken(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(ZeroDivisionError):
        main(["init"])


def test_a_solve_without_an_answer_exits_with_1_and_a_sentence(monkeypatch, capsys):
    from matching.errors import SolverFailed

    def stopped(**_: object) -> None:
        raise SolverFailed("still 20 short; try a longer effort")

    monkeypatch.setattr(cli, "app", stopped)
    assert run("solve") == 1
    assert "longer effort" in capsys.readouterr().err
