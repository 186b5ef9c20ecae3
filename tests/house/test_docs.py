"""What the pages say can be done can be done: commands, options, links, and the two languages."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from api.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
TWINS = [page for page in PAGES if page.name.endswith(".zh-CN.md")]
MODULES = {"matching", "diagnostics", "benchmarks", "examples.pilot.make"}
"""What may stand behind `python -m`."""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def program():
    """Return the command `xuanke` with all below it; putting it together takes a while."""
    return get_command(app)


def commands_in(text: str) -> list[list[str]]:
    """Return the words of every command line in the fenced `sh` blocks, comments left out."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.S | re.M)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def faults_of(words: list[str]) -> list[str]:
    """Return what is wrong with one command line of a page."""
    if words[0] == "make":
        makefile = text_of(ROOT / "Makefile")
        wanted = [word for word in words[1:] if "=" not in word]
        return [w for w in wanted if not re.search(rf"^{w}:", makefile, flags=re.M)]
    if words[0] == "python":
        return [words[2]] if words[1] == "-m" and words[2] not in MODULES else []
    if words[0] != "xuanke":
        return []
    command, rest = program(), words[1:]
    while hasattr(command, "commands") and rest != ["--help"]:
        if rest[0] not in command.commands:
            return rest[:1]
        command, rest = command.commands[rest[0]], rest[1:]
    options = {option for param in command.params for option in param.opts} | {"--help"}
    asked = [word.split("=")[0] for word in rest if word.startswith("-")]
    return [option for option in asked if option not in options]


def broken_links(page: Path, text: str) -> list[str]:
    """Return the relative links and pictures of a page that lead nowhere."""
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))
    targets += re.findall(r'<img [^>]*src="([^"]+)"', text)
    files = [t.split("#")[0] for t in targets if not re.match(r"[a-z]+:", t)]
    return [file for file in files if file and not (page.parent / file).exists()]


def shape_of(text: str) -> list[str]:
    """Return the levels of a page's headings in order."""
    outside = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    return re.findall(r"^(#+) ", outside, flags=re.M)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_on_a_page_exists(page):
    wrong = {
        " ".join(words): found
        for words in commands_in(text_of(page))
        if (found := faults_of(words))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("xuanke sovle round.toml", "sovle"),
        ("xuanke init --data base.db", "--data"),
        ("xuanke round clsoe", "clsoe"),
        ("xuanke round close --erly", "--erly"),
        ("make demmo", "demmo"),
        ("python -m matchign solve r.json", "matchign"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(line, fault):
    (words,) = commands_in(f"text\n\n```sh\n{line}   # why\n```\n")
    assert faults_of(words) == [fault]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page):
    assert broken_links(page, text_of(page)) == []


def test_a_link_that_leads_nowhere_is_noticed():
    text = '[a](README.md) [b](docs/none.md#x) [c](https://example.org) <img src="no.svg">'
    assert broken_links(ROOT / "README.md", text) == ["docs/none.md", "no.svg"]


@pytest.mark.parametrize("chinese", TWINS, ids=name_of)
def test_both_languages_have_the_same_headings_and_commands(chinese):
    english = text_of(chinese.with_name(chinese.name.replace(".zh-CN", "")))
    assert shape_of(text_of(chinese)) == shape_of(english)
    assert commands_in(text_of(chinese)) == commands_in(english)


def test_the_readme_has_a_twin():
    assert ROOT / "README.zh-CN.md" in TWINS


def test_every_place_in_the_glossary_exists():
    """`dir/file` in the column of places is a path of the repository."""
    places = set(re.findall(r"`([a-z]+/[\w/.]*)`", text_of(ROOT / "docs/glossary.md")))
    assert len(places) > 30
    assert [place for place in sorted(places) if not (ROOT / place).exists()] == []


def test_every_decision_is_in_the_list():
    pages = {page.name for page in (ROOT / "docs/decisions").glob("[0-9]*.md")}
    listed = set(
        re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", text_of(ROOT / "docs/decisions/README.md"))
    )
    assert pages == listed
    for page in pages:
        shape = re.findall(r"^## (\w+)", text_of(ROOT / "docs/decisions" / page), flags=re.M)
        assert {"Context", "Decision", "Consequences", "Alternatives"} <= set(shape), page
