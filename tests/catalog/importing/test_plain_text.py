"""CSV of unknown encoding, and CSV that is broken."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import FileRefused
from catalog.importing import plain_text
from catalog.importing.rows import read_sheet
from tests.catalog.importing.people import PEOPLE, codes

TABLE = "教师编号,姓名,主教学科,教龄\r\nT001,李娜,语文,3\r\nT002,䶮伟,数学,12\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_every_encoding_and_separator_an_office_saves(tmp_path, encoding, separator):
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE.replace(",", separator).encode(encoding))
    parsed = read_sheet(path, PEOPLE)
    assert [row.row["name"] for row in parsed.rows] == ["李娜", "䶮伟"]
    assert [row.number for row in parsed.rows] == [2, 3]


def test_gb18030_that_happens_to_be_utf8_is_seen():
    """隆 and 娄 alone are valid UTF-8 too (¡ and ¦): without any Chinese, GB18030 is tried."""
    data = "name,娄隆".encode("gb18030")
    assert data.decode("utf-8") != "name,娄隆"
    assert plain_text.decode(data) == "name,娄隆"
    assert plain_text.decode("naïve,李".encode()) == "naïve,李"
    assert plain_text.decode("娄,¡".encode()) == "娄,¡"


def test_other_encodings_are_refused():
    for data in (b"\xff\xfea", b"abc\xff\xff,\xfe"):
        with pytest.raises(FileRefused) as refused:
            plain_text.decode(data)
        assert refused.value.code == "file_encoding"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('a,b\n"x,1\n', "file_csv"),
        ('a,b\n"x"y,1\n', "file_csv"),
        ("a,\0\n", "file_encoding"),
        ("a" * 40_000, "file_csv"),
        ("," * 300, "file_claims"),
    ],
)
def test_broken_csv_is_refused_with_its_row(text, code):
    with pytest.raises(FileRefused) as refused:
        plain_text.grid(text, "a.csv")
    assert refused.value.code == code


def test_bare_carriage_returns_are_ends_of_lines():
    assert plain_text.grid("a,b\r1,2\r\n3,4\n\n5,6", "a.csv") == [
        ["a", "b"],
        ["1", "2"],
        ["3", "4"],
        [],
        ["5", "6"],
    ]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_never_a_crash(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("x") / "a.csv"
    path.write_bytes(data)
    with contextlib.suppress(FileRefused):
        read_sheet(path, PEOPLE)


def test_what_excel_does_to_csv_is_told(tmp_path):
    rows = 'T001,李娜,4.41226E+17,语文,3\nT002,王伟,"=""4412""",数学,4\n'
    (tmp_path / "a.csv").write_text("教师编号,姓名,证件号,主教学科,教龄\n" + rows, encoding="utf-8")
    parsed = read_sheet(tmp_path / "a.csv", PEOPLE)
    assert codes(parsed) == [(2, "证件号", "cell_id_number"), (3, "证件号", "cell_formula")]
