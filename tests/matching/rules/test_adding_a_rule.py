"""docs/adding-a-rule.md is true as it stands: its rule and its test are run as they are printed."""

import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from matching import files, rules, verify
from matching.settings import Settings
from matching.solve import solve
from tests.matching.factories import best, problem, refereed

PAGE = Path(__file__).parents[3] / "docs" / "adding-a-rule.md"


def with_meta(instance, **meta):
    return replace(instance, meta={**instance.meta, **meta})


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def story(monkeypatch):
    """Add the printed rule to the list and return the printed test."""
    rule, test, _ = blocks()
    module = ModuleType("site_cap")
    exec(compile(rule, "site_cap.py", "exec"), vars(module))
    monkeypatch.setattr(rules, "RULES", (*rules.RULES, module))
    words = {"problem": problem, "best": best, "refereed": refereed, "with_meta": with_meta}
    exec(compile(test, "test_site_cap.py", "exec"), words)
    return words["test_site_cap_keeps_everybody_at_one_site"]


def test_the_printed_rule_is_obeyed_by_referee_and_oracle(story):
    story()


def test_without_the_printed_rule_its_test_fails(story, monkeypatch):
    monkeypatch.setattr(rules, "RULES", rules.RULES[:-1])
    with pytest.raises(AssertionError):
        story()


def test_the_printed_second_text_names_the_same_breach():
    words = dict(vars(verify))
    exec(compile(blocks()[2], "verify.py", "exec"), words)
    sections = [{"id": n, "offering": n, "capacity": 9, "site": n} for n in ("hill", "town")]
    rows = {"sections": sections, "teachers": [{"id": "Li"}, {"id": "Ma"}]}
    seats = [("Li", "hill", 1, "chosen"), ("Li", "town", 2, "chosen"), ("Ma", "hill", 1, "chosen")]
    for most, found in ((1, [("Li", 2, 1)]), (2, [])):
        case = verify.Case(verify.Instance({"most_sites": most}, rows), seats)
        assert list(words["site_cap"](case)) == found


def test_bounds_are_rechecked_with_the_printed_second_text(story, monkeypatch, tmp_path):
    """Its seats at two sites would be worth more: without the rule the recomputed bound is higher."""
    round_ = problem().section("A", capacity=9, site="hill").section("B", capacity=9, site="town")
    instance = with_meta(round_.teacher("Li", ranks=["A", "B"]).build(), most_sites=1)
    monkeypatch.setattr("matching.compile.RULES", rules.RULES)
    files.write_instance(instance, tmp_path)
    files.write_result(solve(instance, Settings(reasons=False)), tmp_path)
    words = vars(verify) | {"__name__": "verify"}
    exec(compile(blocks()[2], "verify.py", "exec"), words)
    monkeypatch.setattr(verify, "RULES", {**verify.RULES, "site_cap": words["site_cap"]})
    monkeypatch.setitem(verify.TITLES, "site_cap", ("地点", "sites"))
    for asked, wrong in (((words["site_cap"],), []), ((), ["certificate"])):
        monkeypatch.setattr(verify, "ASKED", asked)
        found = [check.code for check in verify.verify(tmp_path) if check.problems]
        assert found == wrong


def test_the_page_names_every_primitive():
    from matching.primitives import Draft

    text = PAGE.read_text(encoding="utf-8")
    verbs = ["drop", "exclusive", "bundle_row", "tie", "imply", "must", "value", "row"]
    for verb in verbs:
        assert hasattr(Draft, verb)
        assert f"draft.{verb}" in text
