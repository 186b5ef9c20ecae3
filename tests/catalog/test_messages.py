"""Every sentence that the code asks for exists, and none stands unused."""

import re
import tomllib
from pathlib import Path

from catalog.importing.spec import RowError

ROOM = Path(__file__).parents[2] / "catalog"


def test_codes_and_sentences_are_the_same_set():
    sentences = set(tomllib.loads((ROOM / "messages.toml").read_text(encoding="utf-8")))
    source = "\n".join(path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py"))
    used = set(re.findall(r'"([a-z0-9_]+)"', source))
    passed_in = {"batch_undone"}  # named by the command line
    templates = {f"template_{code}" for code in ("column", "must", "example", "help", "words")}
    mine = {code for code in sentences if not code.startswith("menu_")}
    assert mine <= used | templates | passed_in
    asked = re.findall(r'(?:BadCell|Refused|say)\(\s*"([a-z0-9_]+)"', source)
    assert set(asked) <= sentences


def test_an_error_of_another_room_speaks_that_rooms_words():
    error = RowError("教师", 3, "学校代码", "S9", "no_such_school", {}, "diagnostics")
    assert error.say("zh").startswith("工作表“教师”第 3 行“学校代码”列，填的是“S9”：")
    assert error.advice("en") != error.advice("zh")


def test_long_values_are_shortened():
    error = RowError("a", 3, "b", "长" * 500, "cell_blank")
    assert "长" * 59 + "…”" in error.say()
