"""docs/the-proof.md is true: its round, its certificate and its sums are run as they are printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from matching import files, verify
from matching.solve import solve

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("the-proof.md", "the-proof.zh-CN.md")
PAGE = (DOCS / PAGES[0]).read_text(encoding="utf-8")
BEST = {"Li": "Reading", "Wang": "Maths", "Zhao": "Maths"}


def block(kind: str, page: str = PAGE) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)
    return str(found)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "round.json").write_text(block("json"), encoding="utf-8")
    instance = files.read_instance(tmp_path / "round.json")
    files.write_instance(instance, tmp_path / "round")
    files.write_result(solve(instance), tmp_path / "round")
    return tmp_path / "round"


def certificate(folder: Path, text: str, seats: list[tuple[str, str]]) -> verify.Certificate:
    """Return a certificate for an answer of the round of the page."""
    (folder / "certificate.csv").write_text(text, encoding="utf-8")
    leaves = verify.read_leaves(verify.Shelf(folder))[1]
    case = verify.Case(verify.Instance.at(folder), [(*pair, 0, "chosen") for pair in seats])
    return verify.Certificate(case, [verify.Claim(leaf, 1, {"welfare": 1}, ()) for leaf in leaves])


def held(**sections: str) -> list[tuple[str, str]]:
    return [(teacher, name) for teacher, names in sections.items() for name in names.split("+")]


def test_the_engine_finds_what_the_page_says_and_verify_agrees(folder):
    result = files.read_result(folder)
    assert {seat.teacher: seat.section for seat in result.seats} == BEST
    (goal,) = result.goals
    assert (goal.value, goal.bound, goal.proof) == (250, 250, "exact")
    assert [check.code for check in verify.verify(folder) if check.problems] == []


def test_the_printed_certificate_proves_250(folder):
    found = certificate(folder, block("csv"), held(**BEST))
    assert (found.problems, [found.bound(0), found.bound(1)]) == ([], [250, 245])
    assert [leaf.bound for leaf in found.leaves] == [250, 245]
    assert verify.uncovered([leaf.decided for leaf in found.leaves], {}) is None


def test_with_one_case_alone_something_is_missing(folder):
    found = certificate(folder, block("csv"), held(**BEST))
    assert verify.uncovered([found.leaves[0].decided], {}) == {"open:Writing": True}


def test_prices_alone_prove_340_and_so_they_do_at_other_prices(folder):
    for reading, maths, bound in ((85, 70, 340), (200, 200, 695)):
        lines = [
            "tier,leaf,what,name,value",
            f"1,1,price,seat_capacity:Reading,{1000 * reading}",
            f"1,1,price,seat_capacity:Maths,{1000 * maths}",
            "1,1,bound,,0",
        ]
        found = certificate(folder, "\n".join(lines), held(**BEST))
        assert found.bound(0) == bound


@pytest.mark.parametrize("page", PAGES)
def test_the_printed_tolls_prove_295(folder, page):
    text = block("text", (DOCS / page).read_text(encoding="utf-8"))
    found = certificate(folder, text, held(**BEST))
    assert (found.problems, found.bound(0), found.leaves[0].bound) == ([], 295, 295)
    parts, _ = found.parts(0)
    assert sum(parts.values()) == 295_000 - 250_000


def test_without_a_toll_the_same_prices_prove_less(folder):
    lines = block("text").splitlines()
    for dropped, bound in (("Wang", 335), ("Zhao", 385)):
        fewer = "\n".join(line for line in lines if f'""{dropped}""' not in line)
        assert certificate(folder, fewer, held(**BEST)).bound(0) == bound


@pytest.mark.parametrize(
    ("seats", "losses", "slack"),
    [
        (held(Wang="Reading+Maths", Zhao="Maths"), 10_000, []),
        (held(Li="Reading", Wang="Maths"), 0, [("seat_capacity:Maths", 70_000, 1, 70_000)]),
    ],
)
def test_the_gap_of_a_worse_answer_is_made_of_what_the_page_says(folder, seats, losses, slack):
    found = certificate(folder, block("csv"), seats)
    parts, rows = found.parts(0)
    assert (parts["losses"], rows) == (losses, slack)
    value = verify.welfare(found.case)
    assert sum(parts.values()) == 250_000 - verify.PRICE_SCALE * value
    assert f"{value}" in PAGE


def test_every_number_of_the_tables_is_in_both_languages():
    """Same round, same certificate, same sums."""
    pages = [(DOCS / name).read_text(encoding="utf-8") for name in PAGES]
    assert json.loads(block("json", pages[0])) == json.loads(block("json", pages[1]))
    assert block("csv", pages[0]) == block("csv", pages[1])
    bold = [re.findall(r"\*\*(\d+)\*\*", page) for page in pages]
    assert bold[0] == bold[1] == ["250", "250", "340", "245", "295"]
    assert block("text", pages[0]) == block("text", pages[1])


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readmes_lead_to_it(name):
    page = PAGES[name.endswith("zh-CN.md")]
    assert f"docs/{page}" in (DOCS.parent / name).read_text(encoding="utf-8")
