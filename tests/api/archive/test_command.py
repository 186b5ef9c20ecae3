"""`xuanke verify BUNDLE`: 0 if everything holds, 1 if not, 2 if it cannot be read."""

from __future__ import annotations

import json
import shutil

import pytest

from api.cli import main


def run(capsys, *arguments: object) -> tuple[object, str]:
    with pytest.raises(SystemExit) as left:
        main(["verify", *map(str, arguments)])
    told = capsys.readouterr()
    return left.value.code, told.out + told.err


@pytest.mark.parametrize(("lang", "word"), [("zh", "项复核通过"), ("en", "checks hold")])
def test_a_good_bundle(good, capsys, lang, word):
    code, told = run(capsys, good, "--lang", lang)
    assert code == 0
    assert word in told.splitlines()[-1]


def test_a_forged_bundle_is_named(good, tmp_path, capsys):
    shutil.copytree(good, tmp_path / "forged")
    (tmp_path / "forged" / "lists" / "public.csv").write_text("teacher,section,round,kind\n")
    code, told = run(capsys, tmp_path / "forged")
    assert code == 1
    assert "公示名单与结果一致" in told
    code, told = run(capsys, tmp_path / "forged", "--json")
    assert code == 1
    wrong = {each["code"] for each in json.loads(told) if each["problems"]}
    assert wrong == {"files", "public_list"}


def test_no_bundle_at_all(tmp_path, capsys):
    code, told = run(capsys, tmp_path / "nothing", "--lang", "en")
    assert code == 2
    assert "cannot be read" in told
