"""Files of answers as spreadsheets, R and pandas write them."""

from __future__ import annotations

import pytest

from diagnostics.irt.errors import BadAnswers
from diagnostics.irt.sheet import read_answers

PLAIN = "a,b,c\n3,1,2\n1,,2\n"
ROWS = [[3, 1, 2], [1, -1, 2]]


def read(tmp_path, text):
    path = tmp_path / "answers.csv"
    path.write_bytes(text.encode())
    items, table = read_answers(path)
    return items, table.tolist()


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "\ufeff" + PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace("1,,2", "1,NA,2"),
        PLAIN.replace("1,,2", "1.0,NaN,2.0"),
        '"","a","b","c"\n"1",3,1,2\n"2",1,NA,2\n',
        ",a,b,c\n0,3,1,2\n1,1,,2\n",
    ],
    ids=["plain", "excel", "semicolons", "tabs", "NA", "decimals", "R row names", "pandas index"],
)
def test_all_these_files_say_the_same(tmp_path, text):
    assert read(tmp_path, text) == (("a", "b", "c"), ROWS)


def test_without_ids_the_first_row_is_a_person(tmp_path):
    """Nobody may be lost: 3, 1, 2 cannot be ids, as these are answers too."""
    assert read(tmp_path, "3,1,2\n1,,2\n3,3,3\n") == (("i1", "i2", "i3"), [*ROWS, [3, 3, 3]])
    assert read(tmp_path, "3,1,\n1,,2\n")[1] == [[3, 1, -1], [1, -1, 2]]


@pytest.mark.parametrize("head", ["1,2,3", "0,1,2", "101,102,103"])
def test_numbers_that_count_or_are_above_all_answers_are_ids(tmp_path, head):
    assert read(tmp_path, f"{head}\n3,1,2\n1,,2\n") == (tuple(head.split(",")), ROWS)


def test_a_first_column_without_a_name_that_does_not_count_is_told(tmp_path):
    with pytest.raises(BadAnswers) as wrong:
        read(tmp_path, ",a,b\n5,3,1\n9,1,2\n")
    assert wrong.value.code == "csv_item_without_id"
