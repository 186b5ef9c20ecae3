"""What both READMEs say of the demo is what the demo prints; the gate plays it and hands it over.

`XUANKE_DEMO_ACCOUNT` names the file with what `make demo` has printed, in Chinese; what it has written
lies beside it. Without it (the demo takes minutes) only the reading is tested.
"""

import csv
import json
import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
LINES = {
    "teachers short of hours": r"学时不足 \d+ 学时的教师（越少越好） +([\d.]+) \((\d+)–(\d+)\) +(\d+)\n",
    "without thin sections": r"停开不足额班后：学时不足 \d+ 学时的教师（越少越好） +([\d.]+) \((\d+)–(\d+)\)",
    "welfare and its bound": r"总体满意度最高（按志愿顺序计分）：([\d,]+) 分（已证明的界限 ([\d,]+) 分）",
    "gap": r"第 1 轮：.*总体满意度与上界相差 ([\d.]+)%",
    "seats": r"席位：发出 (\d+) 个，放弃 (\d+) 个，逾期 (\d+) 个，候补递补 (\d+) 个，最后确认 (\d+) 个",
    "log and messages": r"日志 (\d+) 条，逐条相扣；通知 (\d+) 条",
    "checks": r"全部 (\d+) 项复核通过",
    "hours that meet need": r"i14 ok .*学时占 ([\d.]+)%，先到先得 ([\d.]+)%，抽签分派 ([\d.]+)%",
    "digests": r"i11 ok .*（(\w+)、(\w+)）",
}


def figures(account: str) -> dict[str, tuple[str, ...]]:
    """Return what the READMEs quote, by what it is."""
    found = {name: re.search(pattern, account) for name, pattern in LINES.items()}
    missing = [name for name, match in found.items() if match is None]
    assert not missing, f"the account of the demo no longer tells of {missing}"
    return {name: match.groups() for name, match in found.items() if match is not None}


def stale(readme: str, account: str) -> list[str]:
    """Return every figure of the account that a README does not have."""
    plain = set(re.findall(r"\w+(?:\.\d+)?", readme.replace(",", "")))
    return [
        f"{name}: {value}"
        for name, values in figures(account).items()
        for value in values
        if value.replace(",", "") not in plain
    ]


ACCOUNT = """\
      build/demo/archive.zip：全部 76 项复核通过
  学时不足 42 学时的教师（越少越好）                   59.5 (44–69)                 0
  停开不足额班后：学时不足 42 学时的教师（越少越好）   91 (65–128)                  0
第 1 轮：可行，已证明差距；总体满意度与上界相差 0.042%，至多相当于 1 个席位
  5. 总体满意度最高（按志愿顺序计分）：66,119 分（已证明的界限 66,147 分）
席位：发出 805 个，放弃 18 个，逾期 3 个，候补递补 12 个，最后确认 797 个；入账 39,544 学时。
日志 1775 条，逐条相扣；通知 2027 条，写在群发表里。
i11 ok 同一种子重算 2/2 次结果相同（fd267651ee91、ab1815f7056a）
i14 ok 每学时对应的预期差距平均 0.672 级，先到先得 0.648，抽签分派 0.614；用在诊断需求上的学时占 62.7%，先到先得 60.9%，抽签分派 58.7%
"""


def test_a_figure_that_changed_is_named():
    readme = (
        "59.5 (44–69) 0; 91 (65–128); 66,119 of 66,147, 0.042 %; 805, 18, 3, 12, 797; "
        "2,027 and 1,775; 76; fd267651ee91 and ab1815f7056a; "
        "62.7, 60.9, 58.7"
    )
    assert stale(readme, ACCOUNT) == []
    assert stale(readme, ACCOUNT.replace("66,147", "66,138")) == ["welfare and its bound: 66,138"]
    assert stale(readme, ACCOUNT.replace("fd26", "ed26")) == ["digests: ed267651ee91"]


def test_a_line_that_the_demo_no_longer_prints_is_named():
    with pytest.raises(AssertionError, match="seats"):
        figures(ACCOUNT.replace("席位：发出", "席位"))


def reason_of(section: str, result: Path) -> tuple[str, ...]:
    """Return why a section does not open: who listed it, how many are needed, what it would cost."""
    with (result / "reasons.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["subject"] == section and row["code"] == "closed_costly":
                return row["have"], row["need"], str(json.loads(row["detail"])["cost"])
    return ()


needs_demo = pytest.mark.skipif(
    "XUANKE_DEMO_ACCOUNT" not in os.environ, reason="nobody handed over what the demo printed"
)


@needs_demo
@pytest.mark.parametrize("name", READMES)
def test_the_reason_that_is_quoted_is_given(name):
    account = Path(os.environ["XUANKE_DEMO_ACCOUNT"])
    quoted = re.search(
        r"C17.*?(\d+).*?(\d+).*?(\d+) *(?:分|\n)", (ROOT / name).read_text("utf-8"), re.S
    )
    assert quoted is not None
    assert quoted.groups() == reason_of("C17", account.parent / "demo" / "result" / "round-1")


@needs_demo
@pytest.mark.parametrize("name", READMES)
def test_the_figures_are_those_of_the_demo(name):
    account = Path(os.environ["XUANKE_DEMO_ACCOUNT"]).read_text(encoding="utf-8")
    assert stale((ROOT / name).read_text(encoding="utf-8"), account) == []
