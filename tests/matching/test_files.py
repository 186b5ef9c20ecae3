"""Rounds on file: what goes in comes out, and an error says where to look."""

import json
import re
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from matching.certificate import Leaf
from matching.errors import BadInstance, BadResult
from matching.files import read_instance, read_result, write_instance, write_result
from matching.instance import Instance
from matching.result import GoalValue, Price, Reason, Result, Seat
from matching.schema import TABLES
from tests.matching.counties import counties
from tests.matching.factories import best, problem

FORMAT = Path(__file__).parents[2] / "docs" / "format.md"


def county():
    round_ = problem().section("A", capacity=3, minutes=60, meets=["2026-08-03 am"])
    round_.section("B", capacity=1, title='第一讲, "引号"\n换行')
    round_.row("quotas", id="q", minimum=1)
    return round_.teacher("Li", ranks=["A+B"]).teacher("Wang", ranks=["B"]).build()


@pytest.mark.parametrize("name", ["round", "round.zip", "round.json"])
def test_an_instance_comes_back_as_it_was_written(tmp_path, name):
    path = tmp_path / "deep" / name if name != "round.json" else tmp_path / name
    write_instance(county(), path)
    assert read_instance(path).digest == county().digest


@settings(derandomize=True, deadline=None, max_examples=15)
@given(counties())
def test_any_county_comes_back(tmp_path_factory, county):
    instance = Instance.from_rows({"format": 1} | county[0], county[1])
    for name in ("round", "round.zip", "round.json"):
        path = tmp_path_factory.mktemp("any") / name
        write_instance(instance, path)
        assert read_instance(path).digest == instance.digest


def test_the_same_instance_gives_the_same_bytes(tmp_path):
    write_instance(county(), tmp_path / "one.zip")
    write_instance(county(), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_writing_again_leaves_no_table_of_before(tmp_path):
    write_instance(county(), tmp_path / "round")
    smaller = problem().section("A", capacity=3).build()
    write_instance(smaller, tmp_path / "round")
    assert read_instance(tmp_path / "round").digest == smaller.digest


def folder(tmp_path, **files: str):
    """Write a folder of small tables; `teachers` and `sections` are given."""
    tables = {"teachers": "id,school\nT1,S1\nT2,S1\n", "sections": "id,offering,capacity\nA,A,1\n"}
    (tmp_path / "instance.json").write_text('{"format": 1, "round": "r", "seed": "s"}')
    for name, text in (tables | files).items():
        raw = text if isinstance(text, bytes) else text.encode()
        (tmp_path / f"{name}.csv").write_bytes(raw)
    return tmp_path


def test_a_bom_windows_line_ends_and_columns_in_any_order_are_fine(tmp_path):
    path = folder(tmp_path, sections="\ufeffcapacity,id,offering\r\n1,A,A\r\n\r\n")
    assert read_instance(path).section_ids == ("A",)
    assert "hours_short" in read_instance(path).tiers[0]  # the default tiers


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"sections": "id,offering,capacity\nA,A,1\nB,B,many\n"}, "sections.csv line 3: .*capacity 'many' is not a whole number"),
        ({"sections": "id,offering,capacity\nA,A\n"}, "sections.csv line 2: 2 cells, but 3 columns"),
        ({"sections": "id,offering,seats\nA,A,1\n"}, "sections.csv line 1: unknown column 'seats'"),
        ({"sections": "id,id,capacity\nA,A,1\n"}, "sections.csv line 1: column 'id' stands twice"),
        ({"sections": "offering,capacity\nA,1\n"}, "sections.csv line 1: column 'id' is missing"),
        ({"teachers": "id\nT1\nT2\nT1\n"}, "teachers.csv line 4: id T1 stands in line 2 already"),
        ({"choices": "teacher,section\nT1,A\nT9,A\n"}, "choices.csv line 3: .*teacher 'T9' is not in table teachers"),
        ({"choices": "teacher,section,kind\nT1,A,wish\n"}, "choices.csv line 2: .*kind 'wish' is none of chosen, assignable"),
        ({"busy": "teacher,day,half\nT1,3.8.2026,am\n"}, "busy.csv line 2: .*day '3.8.2026' is not a date"),
        ({"caps": "id,where,limit\nc,level~x,1\n"}, "caps.csv line 2: .*'level~x' is not of the form"),
        ({"teachers": "id\n张三\n".encode("gb18030")}, "teachers.csv is not UTF-8"),
        ({"teachers": 'id\n"T1\n'}, "teachers.csv line 2: .*end of data"),
        ({"pupils": "id\n"}, "pupils.csv is no table; tables are teachers, attributes"),
    ],
)  # fmt: skip
def test_an_error_names_file_line_and_column(tmp_path, files, says):
    with pytest.raises(BadInstance, match=says):
        read_instance(folder(tmp_path, **files))


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ("T1,A\nT2,A\nT1,B\n", None),
        ('T1,A\n\nT2,A\n"T1","B"\n', None),
        ("T1,A\nT2,A\nT9,B\n", "choices.csv line 4: .*teacher 'T9' is not in table"),
        ("T1,A\nT2,A\nT1\n", "choices.csv line 4: 1 cells, but 2 columns"),
        ("T1,A\nT2,A\nT1,B\nT2,A,1\n", "choices.csv line 5: 3 cells, but 2 columns"),
        ("T1,A\nT2,A\nT1,B\nT2,A\n", "choices.csv line 5: teacher, section T2, A stands in line 3"),
        ('T1,A\nT2,A\n"T1",B\nT9,A\n', "choices.csv line 5: .*teacher 'T9' is not in table"),
        ('"T1","A"\nT2,"A\nA"\n', "choices.csv line 4: .*section 'A\\\\nA' is not in table"),
        ('T1,A\nT2,A\nT1,"B\n', "choices.csv line 4: .*end of data"),
    ],
)  # fmt: skip
def test_a_long_table_is_read_in_parts_and_lines_are_still_told(
    tmp_path, choices, says, monkeypatch
):
    """Two lines at a time: what stands in a later part, or is quoted there, has its own line."""
    monkeypatch.setattr("matching.shelf.AT_ONCE", 2)
    sections = "id,offering,capacity\nA,A,1\nB,B,1\n"
    path = folder(tmp_path, sections=sections, choices="teacher,section\n" + choices)
    if says is None:
        assert list(read_instance(path).arc_index) == [(0, 0), (0, 1), (1, 0)]
    else:
        with pytest.raises(BadInstance, match=says):
            read_instance(path)


def test_reading_a_long_table_keeps_no_second_copy_of_its_text(tmp_path, monkeypatch):
    """20,000 rows a thousand at a time: under 100 bytes a row at the peak; text would take 400."""
    monkeypatch.setattr("matching.shelf.AT_ONCE", 1000)
    teachers = "id\n" + "".join(f"T{i:05}\n" for i in range(1000))
    lines = (f"T{i // 20:05},C{i % 20:02},{i % 20 + 1},chosen,{i % 97}\n" for i in range(20_000))
    sections = "id,offering,capacity\n" + "".join(f"C{i:02},C{i:02},9\n" for i in range(20))
    choices = "teacher,section,rank,kind,points\n" + "".join(lines)
    path = folder(tmp_path, teachers=teachers, sections=sections, choices=choices)
    tracemalloc.start()
    instance = read_instance(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(instance["choices"]) == 20_000
    assert peak < 100 * 20_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"format": 1,\n "seed" 3}', "instance.json line 2, column 9: no JSON"),
        ('{"format": 2}', "instance.json: format 2 is not 1"),
        ('{"format": 1, "tiers": [{"welfare": 1}]}', "instance.json: tiers are a list like"),
        ('{"format": 1, "tiers": [{"goals": {"welfare": 0.5}}]}', "weights whole numbers"),
        ("[1]", "instance.json: the settings must be an object"),
    ],
)
def test_settings_are_checked_too(tmp_path, text, says):
    folder(tmp_path).joinpath("instance.json").write_text(text)
    with pytest.raises(BadInstance, match=says):
        read_instance(tmp_path)


def test_a_json_names_table_and_row(tmp_path):
    path = tmp_path / "round.json"
    path.write_text(
        '{"meta": {"format": 1}, "tables": {"teachers": [{"id": "a"}, {"school": "x"}]}}'
    )
    with pytest.raises(BadInstance, match=r"round.json, teachers row 2: .*id is missing"):
        read_instance(path)
    path.write_text('{"teachers": []}')
    with pytest.raises(BadInstance, match="expected"):
        read_instance(path)


def test_what_is_not_there_or_no_archive_or_too_large_is_refused(tmp_path, monkeypatch):
    with pytest.raises(BadInstance, match="does not exist"):
        read_instance(tmp_path / "nothing")
    with pytest.raises(BadInstance, match=r"instance\.json is missing"):
        read_instance(tmp_path)
    (tmp_path / "no.zip").write_text("no")
    with pytest.raises(BadInstance, match=r"neither a folder nor a \.zip"):
        read_instance(tmp_path / "no.zip")
    monkeypatch.setattr("matching.shelf.MOST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("teachers.csv", "0" * 2000)
    with pytest.raises(BadInstance, match="would unpack to 2,000 bytes"):
        read_instance(tmp_path / "bomb.zip")


def _leaf(yes: int, bound: int) -> Leaf:
    return Leaf((("open:A", bool(yes)),), (("seat_capacity:A", 10_000),), (0, 1 << 70), bound)


def result(**changes):
    reason = Reason("full", "Wang", "A", 1, 1, "capacity", {"stronger": 1, "word": "甲"})
    plain = Result(
        status="feasible",
        seats=(Seat("Wang", "B", 2), Seat("Li", "A", 1)),
        closed=("C",),
        goals=(GoalValue(0, "welfare", "points", "max", 190, 200, "prices"),),
        prices=(Price("seat_capacity:A", 10_000),),
        reasons=(reason,),
        witness=(replace(reason, code="clash"),),
        seed="s",
        settings={"effort": "standard"},
        backend="bundles",
        version="0.1.0",
        instance_digest="0" * 64,
        phases={"solve": 0.5},
        certificate=((_leaf(1, 200), _leaf(0, 195)),),
    )
    return replace(plain, **changes)


@pytest.mark.parametrize("name", ["RESULT", "RESULT.zip"])
def test_a_result_comes_back_and_may_lie_beside_its_instance(tmp_path, name):
    path = tmp_path / name
    if name == "RESULT":
        write_instance(county(), path)
    write_result(result(), path)
    found = read_result(path)
    assert found == replace(result(), seats=tuple(sorted(result().seats)))
    assert (found.digest, found.gap) == (result().digest, 0.05)
    if name == "RESULT":
        assert read_instance(path).digest == county().digest


@pytest.mark.parametrize(
    "name", ["seats.csv", "prices.csv", "goals.json", "certificate.csv", "reasons.csv"]
)
def test_a_changed_or_missing_file_is_told(tmp_path, name):
    write_result(result(), tmp_path)
    file = tmp_path / name
    file.write_text(file.read_text(encoding="utf-8").replace("1", "3"), encoding="utf-8")
    with pytest.raises(BadResult, match=f"{name} was changed"):
        read_result(tmp_path)
    file.unlink()
    with pytest.raises(BadResult, match=f"{name} is missing"):
        read_result(tmp_path)


def test_a_changed_head_is_told(tmp_path):
    write_result(result(), tmp_path)
    head = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    (tmp_path / "result.json").write_text(json.dumps(head | {"instance_digest": "1" * 64}))
    with pytest.raises(BadResult, match="the digest is"):
        read_result(tmp_path)


def test_the_example_of_the_documentation_gives_what_it_says(tmp_path):
    """It is read out of the page as an outsider would copy it, and has its fifteen lines."""
    text = re.findall(r"```json\n(.*?)```", FORMAT.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert text.count("\n") == 15
    (tmp_path / "my-round.json").write_text(text, encoding="utf-8")
    assert best(read_instance(tmp_path / "my-round.json")) == "Li:B Wang:A"


@pytest.mark.parametrize("schema", TABLES, ids=lambda schema: schema.name)
def test_the_documentation_names_every_table_and_column(schema):
    (line,) = re.findall(
        rf"^\| `{schema.name}` \| (.*?) \| .+ \|$", FORMAT.read_text("utf-8"), re.M
    )
    told = [
        part.replace("*", "").split(" ")[0] for part in re.sub(r"\(.*?\)", "", line).split(", ")
    ]
    assert told == [column.name for column in schema.columns]
    keys = re.findall(r"\*\*(.*?)\*\*", line)
    assert keys == [column.name for column in schema.columns if column.name in schema.key]
