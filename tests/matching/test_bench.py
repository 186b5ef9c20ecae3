"""`python -m matching generate` and `bench`: one object that tells what was reached and proved."""

import json

import pytest

from matching import bench, files, generate
from matching.__main__ import main
from matching.backends.market import Market
from matching.check import measure
from matching.generate.shape import Shape
from tests.matching.factories import draft

SMALL = Shape(options=6, ranked=(3, 4), bundle=2, fewest_sections=12, seats=(2, 9))


@pytest.fixture
def small(monkeypatch):
    """Let a county be small, so that the whole way takes a moment."""
    monkeypatch.setitem(generate.KINDS, "county", SMALL)
    monkeypatch.setattr(bench, "SMALL", 8)


def told(capsys, *arguments):
    code = main(["bench", "county", "--teachers", "40", "--effort", "quick", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_bench_tells_value_bound_gap_and_what_verify_says(small, capsys):
    code, found = told(capsys, "--seed", "3", "--json")
    assert code == 0
    assert (found["kind"], found["teachers"], found["seed"]) == ("county", 40, 3)
    assert found["verified"] is True
    assert 0 < found["value"] <= found["bound"]
    assert found["gap"] == pytest.approx((found["bound"] - found["value"]) / found["bound"])
    assert {"generate", "digest", "compile", "solve", "write", "verify"} <= set(found["seconds"])
    assert found["sections"] == 12
    assert 0 < found["arcs"] <= 240
    assert found["peak_mb"] > 10
    instance = generate.generate("county", 40, 3)
    assert found["instance_digest"] == instance.digest
    assert found["rows"] >= len(instance["sections"]) + len(instance["releases"])


def test_the_same_seed_gives_the_same_digest_and_value_is_above_nothing(small, capsys):
    first, again = (told(capsys, "--no-verify")[1] for _ in range(2))
    assert first["verified"] is None
    assert first["digest"] == again["digest"]
    raw = first["goals"][0]["value"]
    instance = generate.generate("county", 40, 1)
    assert first["value"] == raw - bench.of_nothing(instance, instance.tiers[0])


def test_a_result_that_verify_refuses_is_told_and_exits_with_1(small, capsys, monkeypatch):
    write = files.write_result

    def forged(result, path):
        from dataclasses import replace

        write(replace(result, seats=result.seats[1:]), path)

    monkeypatch.setattr(files, "write_result", forged)
    code = main(["bench", "county", "--teachers", "40", "--effort", "quick", "--json"])
    printed = capsys.readouterr()
    assert (code, json.loads(printed.out)["verified"]) == (1, False)
    assert "WRONG" in printed.err


def test_hours_first_tells_every_tier(small, capsys):
    _, found = told(capsys, "--tiers", "hours-first", "--no-verify")
    assert [goal["code"] for goal in found["goals"]] == ["hours_short", "quota_short", "welfare"]
    assert found["value"] == found["goals"][2]["value"]


def test_an_empty_answer_is_worth_what_the_goals_measure():
    """Every goal that counts a shortage is there: hours, topics, minima, reserves, nobody served."""
    instance = generate.generate("every-rule", 200, 1)
    nothing = measure(instance, ())
    for code in ("hours_short", "quota_short", "unserved"):
        assert nothing[code] > 0
        assert bench.of_nothing(instance, {code: 7, "welfare": 2}) == -7 * nothing[code]


def test_generate_writes_a_round_that_can_be_read(tmp_path, capsys):
    path = tmp_path / "round.zip"
    asked = ["generate", "every-rule", "--teachers", "60", "--seed", "4", "--out", str(path)]
    assert main(["--lang", "en", *asked]) == 0
    instance = files.read_instance(path)
    assert instance.digest == generate.generate("every-rule", 60, 4).digest
    assert instance.digest in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["generate", "city", "--out", str(path)])


def test_what_is_compiled_for_such_rounds_is_compiled_before_anything_is_measured(
    small, monkeypatch
):
    """Also for values of the lottery of a large round, which 16 bits do not hold."""
    met = []

    def solved(instance, *_, **__):
        purpose = Market(draft(instance)).purpose(instance.tiers[0])
        met.append((instance.meta["round"].rsplit("-", 2)[0], purpose.value.itemsize))

    monkeypatch.setattr(bench, "solve", solved)
    bench.warm("county-minima")
    assert {("county", 2), ("county-minima", 2), ("county-minima", 4)} <= set(met)
