"""`python -m diagnostics calibrate`: what it prints, and what it says of files that are wrong."""

from __future__ import annotations

import json

import pytest

from diagnostics.__main__ import main
from tests.diagnostics.irt.published import LSAT6, LSAT7, persons

HEAD = "Q1,Q2,Q3,Q4,Q5\n"


def write(tmp_path, text, name="answers.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def sheet(frequencies):
    return HEAD + "".join(",".join(map(str, row)) + "\n" for row in persons(frequencies).tolist())


def calibrated(tmp_path, capsys, text, model="2pl"):
    assert main(["calibrate", write(tmp_path, text), "--model", model, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_everything_is_printed(tmp_path, capsys):
    told = calibrated(tmp_path, capsys, sheet(LSAT7))
    assert told["logLik"] == pytest.approx(-2658.805114, abs=1e-5)
    assert (told["converged"], told["nodes"], told["standard_errors"]) == (True, 61, "oakes")
    first = told["items"][0]
    assert first["item"] == "Q1"
    assert (first["a"], first["a_se"]) == pytest.approx((0.98755, 0.17719), abs=1e-4)
    assert (first["d"][0], first["d_se"][0]) == pytest.approx((1.85586, 0.13145), abs=1e-4)
    assert first["categories"] == [0, 1]
    assert told["item_fit"][1]["S_X2"] == pytest.approx(14.453, abs=2e-3)
    assert len(told["eap"]) == len(told["eap_sd"]) == 1000
    assert told["eap"][0] < -1.8 < told["eap"][-1]


def test_rasch_says_how_it_is_scaled(tmp_path, capsys):
    told = calibrated(tmp_path, capsys, sheet(LSAT6), "rasch")
    assert told["population"]["variance"] == pytest.approx(0.57, abs=1e-3)
    assert told["items"][0]["a"] == 1
    assert told["items"][0]["a_se"] is None
    assert told["parametrisation"].startswith("rasch: a = 1")


def test_empty_cells_are_missing_answers(tmp_path, capsys):
    told = calibrated(tmp_path, capsys, sheet(LSAT7) + ",,,,\n1,,0,1,\n")
    assert told["persons"] == 1002
    assert told["without_answers"] == [1001]
    assert told["eap_sd"][1000] == pytest.approx(1, abs=1e-6)


def test_without_json_a_page_is_printed(tmp_path, capsys):
    assert main(["calibrate", write(tmp_path, sheet(LSAT7)), "--model", "2pl"]) == 0
    page = capsys.readouterr().out
    assert "模型2pl：1000人，5题" in page
    assert "Q2: a 1.0808 (0.1688)" in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "1,0,1,yes,1\n0,1,0,1,0\n", ["row 2", "'Q4'", "'yes'", "whole number"]),
        (HEAD + "1,0,1,1,1\n0,1,0.5,1,0\n", ["row 3", "'Q3'", "'0.5'"]),
        (HEAD + "1,0,1,-1,1\n", ["row 2", "'Q4'", "'-1'"]),
        (HEAD + "1,0,1,99999999999999999999,1\n", ["row 2", "'Q4'"]),
        (HEAD + "1,0,1,1,1\n0,1,0\n", ["row 3", "3 cells", "5 belong"]),
        (HEAD + "1,0,1,1,1\n0,1,0,1,0,1\n", ["row 3", "6 cells"]),
        ("a,b,,d\n1,0,1,0\n", ["column 3"]),
        ("a,b,a,d\n1,0,1,0\n", ["column 3", "'a'"]),
        (HEAD, ["no answers"]),
        ("", ["no answers"]),
        (
            HEAD + "1,0,1,1,1\n0,0,1,0,0\n",
            ["two different answers", "Q2 (always 0), Q3 (always 1)"],
        ),
        (HEAD.encode() + b"\xff\xfe\n", ["UTF-8"]),
        (HEAD + "1,,1,1,1\n0,,0,0,0\n", ["Q2 (nobody answered)"]),
        ("a,b\n1,0\n0,1\n", ["at least 3"]),
        (HEAD + "1,0,1,2,1\n0,1,0,1,0\n0,1,0,0,0\n", ["2pl", "Q4"]),
    ],
)
def test_a_file_that_is_wrong_is_named_with_its_place(tmp_path, capsys, text, words):
    file = write(tmp_path, text)
    assert main(["calibrate", file, "--model", "2pl", "--json", "--lang", "en"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert [word for word in words if word not in said.err] == []
    assert main(["calibrate", file, "--model", "2pl"]) == 2
    assert capsys.readouterr().err != said.err


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["calibrate", str(tmp_path / "none.csv"), "--lang", "en"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_quotes_blanks_and_decimals_of_zero_are_taken_as_meant(tmp_path, capsys):
    plain = calibrated(tmp_path, capsys, sheet(LSAT7))
    quoted = "\ufeff" + sheet(LSAT7).replace("1,", '"1" ,').replace(",0\n", ",0.0\r\n")
    assert calibrated(tmp_path, capsys, quoted)["logLik"] == plain["logLik"]
