"""An office begins a framework of its own, breaks it, mends it."""

import pytest

from api.cli import main


@pytest.fixture(autouse=True)
def _at_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XUANKE_LANG", raising=False)
    monkeypatch.delenv("XUANKE_DB", raising=False)


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["framework", *map(str, arguments)])
    return int(caught.value.code or 0)


def test_an_office_begins_a_framework_and_is_told_what_is_wrong(tmp_path, capsys):
    assert run("new", "deqing", "--title", "德庆县教师能力框架") == 0
    assert "xuanke framework check province/frameworks/deqing.toml" in capsys.readouterr().out

    file = tmp_path / "province" / "frameworks" / "deqing.toml"
    assert run("check", file) == 0
    told = capsys.readouterr().out
    assert "德庆县教师能力框架（第1版）" in told
    assert "[待核实] 六道测验题" in told
    assert "没有错误，也没有修改建议" in told
    assert "本问卷尚未校准" in told

    items = file.with_suffix("") / "items.csv"
    text = items.read_text(encoding="utf-8-sig")
    items.write_text(text.replace("SD1-2,SD1,自评", "SD1-2,SD8,自评"), encoding="utf-8")
    assert run("check", file) == 2
    assert "“deqing/items.csv”第 3 行“维度”列，填的是“SD8”" in capsys.readouterr().err

    items.write_text(text.replace("婉拒家长送来的礼物", "总是婉拒家长的礼物"), encoding="utf-8")
    assert run("check", file, "--lang", "en") == 0
    told = capsys.readouterr().out
    assert "SD1-3 has the absolute word 总是" in told
    assert "No errors; hints above: 1." in told


def test_minutes_are_told_where_there_is_enough_for_a_form(tmp_path, capsys):
    assert run("new", "hua", "--like", "chemistry") == 0
    assert run("check", tmp_path / "province" / "frameworks" / "hua.toml") == 0
    assert "分钟" not in capsys.readouterr().out
    assert run("new", "hua", "--like", "chemistry") == 2
    assert "没有覆盖" in capsys.readouterr().err
