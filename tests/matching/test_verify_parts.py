"""verify reads a large round part by part, in several processes: the account stays the same."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import asdict
from multiprocessing import active_children
from pathlib import Path

import pytest

from matching import files, verify
from matching.generate import generate
from matching.settings import Settings
from matching.solve import solve

QUICK = Settings(effort="quick", reasons=False)
KINDS = ("every-rule", "thin", "ties")
TIERS = {"county": "merged"}
Rows = list[list[str]]


@pytest.fixture(scope="module")
def rounds(tmp_path_factory) -> Callable[[str], Path]:
    """Return the folder of a solved round of a kind, made once."""
    made: dict[str, Path] = {}

    def one(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            instance = generate(kind, 10, 1, TIERS.get(kind, "hours-first"))
            files.write_instance(instance, made[kind])
            files.write_result(solve(instance, QUICK), made[kind])
        return made[kind]

    return one


@pytest.fixture
def in_parts(monkeypatch) -> None:
    """Let three teachers be a part, a table of any size large, and a few lines a piece."""
    for name, size in (("SPAN", 3), ("KEPT_BYTES", 0), ("AT_ONCE", 200), ("RUN", 7)):
        monkeypatch.setattr(verify, name, size)


def account(path: Path, result: Path | None = None, jobs: int = 1) -> list[dict]:
    return [asdict(check) for check in verify.verify(path, result, jobs)]


def rewrite(folder: Path, name: str, change: Callable[[Rows], Rows], **form: str) -> None:
    """Let `change` make other lines of a table, the first of which names its columns."""
    path = folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as text:
        rows = change(list(csv.reader(text)))
    with path.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, **{"lineterminator": "\n"} | form).writerows(rows)


def copied(folder: Path, place: Path) -> Path:
    """Return a copy of a round that may be changed."""
    files.write_instance(files.read_instance(folder), place)
    for name in ("result.json", "seats.csv", "prices.csv", "goals.json", "certificate.csv"):
        (place / name).write_bytes((folder / name).read_bytes())
    (place / "reasons.csv").write_bytes((folder / "reasons.csv").read_bytes())
    return place


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("jobs", [1, 2])
def test_in_parts_and_processes_the_account_is_the_same(kind, jobs, rounds, request):
    plain = account(rounds(kind))
    assert not any(check["problems"] for check in plain)
    request.getfixturevalue("in_parts")
    assert account(rounds(kind), jobs=jobs) == plain


def test_small_rounds_start_no_process(rounds, monkeypatch):
    monkeypatch.setattr(verify, "ProcessPoolExecutor", None)
    assert account(rounds("thin"), jobs=2) == account(rounds("thin"))
    monkeypatch.setattr(verify, "SPAN", 3)
    with pytest.raises(TypeError):
        account(rounds("thin"), jobs=2)


# --- files of others ---------------------------------------------------------------------------------


def _turned(rows: Rows) -> Rows:
    return [rows[0], *reversed(rows[1:])]


def _other_columns(rows: Rows) -> Rows:
    return [row[::-1] for row in rows]


@pytest.mark.parametrize("table", ["choices", "attributes", "teachers", "seats"])
@pytest.mark.parametrize("change", [_turned, _other_columns])
def test_a_large_table_may_lie_in_any_order(table, change, rounds, tmp_path, in_parts):
    folder = copied(rounds("county"), tmp_path / "round")
    plain = account(folder)
    rewrite(folder, table, change)
    wrong = {check["code"] for check in account(folder) if check["problems"]}
    assert wrong == ({"result_digests"} if table == "seats" else set())
    if table != "seats":
        assert account(folder) == plain


def test_cells_in_quotes_blank_defaults_and_other_ends_of_lines(rounds, tmp_path, in_parts):
    folder = copied(rounds("county"), tmp_path / "round")
    plain = account(folder)
    rewrite(folder, "choices", lambda rows: rows, quoting=csv.QUOTE_ALL)
    rewrite(folder, "attributes", lambda rows: rows, lineterminator="\r\n")
    due = folder / "due.csv"
    due.write_text(due.read_text().removesuffix("\n"))
    assert account(folder) == plain

    def blank(rows: Rows) -> Rows:
        return [[cell if cell not in ("0", "chosen") else "" for cell in row] for row in rows]

    rewrite(folder, "choices", blank)
    assert account(folder) == plain


def test_a_cell_that_holds_an_end_of_line_is_read_whole(rounds, tmp_path, in_parts):
    folder = copied(rounds("county"), tmp_path / "round")
    words = "two\nlines, and a comma"
    rewrite(folder, "attributes", lambda rows: [*rows, [rows[1][0], "zz", words]])
    found = verify.Instance.at(folder)
    spans = found.tables.spans(3)
    found.tables.cut(spans)
    with pytest.raises(verify.Odd):
        list(found.part(spans[-1]).stream("attributes"))
    found.tables.settle("attributes")
    assert {words} in [have.get("zz") for have in found.part(spans[0]).traits.values()]
    assert found.digest == files.read_instance(folder).digest


def test_what_is_left_on_disk_is_gone_at_the_end(rounds, tmp_path, in_parts, monkeypatch):
    made: list[str] = []
    monkeypatch.setattr(verify, "mkdtemp", lambda prefix: made.append(tmp_path / "s") or made[0])
    (tmp_path / "s").mkdir()
    folder = copied(rounds("county"), tmp_path / "round")
    rewrite(folder, "choices", _turned)
    assert not any(check["problems"] for check in account(folder))
    assert len(made) == 1
    assert not made[0].exists()


def test_a_zip_is_read_in_parts_too(rounds, tmp_path, in_parts):
    folder = rounds("county")
    files.write_instance(files.read_instance(folder), tmp_path / "i.zip")
    assert account(tmp_path / "i.zip", folder, jobs=2) == account(folder)


def test_a_key_twice_in_a_large_table_is_refused(rounds, tmp_path, in_parts):
    folder = copied(rounds("county"), tmp_path / "round")
    rewrite(folder, "choices", lambda rows: [*rows, rows[9]])
    with pytest.raises(verify.Unreadable, match=r"choices: .* stands twice"):
        verify.verify(folder)


# --- forgeries amid a part ----------------------------------------------------------------------------

AMID = 5
"""The second of three teachers of the second part, counted from 1."""


def _amid(rows: Rows, column: str, value: str) -> Rows:
    """Change a cell in the second line of the teacher amid a part."""
    teacher = sorted({row[0] for row in rows[1:]})[AMID - 1]
    place = [i for i, row in enumerate(rows) if row[0] == teacher][1]
    rows[place][rows[0].index(column)] = value
    return rows


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        ("choices", "section", "ZZ", "choices: section ZZ does not exist"),
        ("choices", "rank", "x", "choices: rank 'x' is not a whole number"),
        ("due", "minutes", "x", "due: minutes 'x' is not a whole number"),
        ("attributes", "teacher", "T00005x", "attributes: teacher T00005x does not exist"),
    ],
)
def test_what_cannot_be_read_amid_a_part_is_named(
    table, column, value, message, jobs, rounds, tmp_path, in_parts
):
    folder = copied(rounds("county"), tmp_path / "round")
    rewrite(folder, table, lambda rows: _amid(rows, column, value))
    with pytest.raises(verify.Unreadable, match=re.escape(message)):
        verify.verify(folder, jobs=jobs)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("table", "column", "value", "noticed_by"),
    [
        ("seats", "rank", "19", "seats"),
        ("choices", "points", "999999", "certificate"),
        ("choices", "points", "999999", "result_digests"),
        ("due", "minutes", "99999", "goals"),
    ],
)
def test_a_forgery_amid_a_part_is_named_as_in_one_piece(
    table, column, value, noticed_by, jobs, rounds, tmp_path, request
):
    folder = copied(rounds("county"), tmp_path / "round")
    rewrite(folder, table, lambda rows: _amid(rows, column, value))
    plain = account(folder)
    assert noticed_by in {check["code"] for check in plain if check["problems"]}
    request.getfixturevalue("in_parts")
    assert account(folder, jobs=jobs) == plain


# --- processes that end ------------------------------------------------------------------------------


def test_a_process_that_ends_early_is_told(rounds, in_parts, monkeypatch):
    monkeypatch.setattr(verify.Work, "do", lambda work, task: verify.os._exit(9))
    with pytest.raises(verify.Unreadable, match="--jobs 1"):
        verify.verify(rounds("county"), jobs=2)


def _first_at_once(work: verify.Work, task: str) -> str:
    if task != "first":
        verify.signal.pause()
    return task


def test_whoever_interrupts_leaves_no_process_behind(monkeypatch):
    """Nor waits for those that have not ended: the others here never would."""
    before = active_children()
    monkeypatch.setattr(verify.Work, "do", _first_at_once)
    work = verify.Work.__new__(verify.Work)
    working = verify.done(work, ["first", "a", "b", "c"], 2)
    assert next(working) == "first"
    assert len(active_children()) == len(before) + 2
    with pytest.raises(KeyboardInterrupt):
        working.throw(KeyboardInterrupt)
    assert active_children() == before


def test_ctrl_c_exits_with_130_and_a_sentence(rounds, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(verify, "checks_of", interrupted)
    assert verify.main([str(rounds("county")), "--lang", "en"]) == verify.STOPPED
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "interrupted: not everything was checked\n")
