"""Every room's sentences exist in both languages with the same placeholders."""

import string
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("matching", "matching/rounds", "matching/rounds/life", "diagnostics", "catalog", "api")


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_say_the_same(room):
    path = ROOT / room / "messages.toml"
    for code, sentences in tomllib.loads(path.read_text(encoding="utf-8")).items():
        assert set(sentences) == {"zh", "en"}, f"{room}: {code}"
        assert fields(sentences["zh"]) == fields(sentences["en"]), f"{room}: {code}"
