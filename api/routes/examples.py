"""Examples of what is sent, one in Chinese and one in English for every operation that takes a body."""

from __future__ import annotations

from typing import Any

from fastapi.openapi.models import Example


def both(zh: dict[str, Any], en: dict[str, Any] | None = None) -> dict[str, Example]:
    """Return an example in both languages; without an English one the Chinese has no words in it."""
    return {
        "zh": Example(summary="示例", value=zh),
        "en": Example(summary="example", value=zh if en is None else en),
    }


def answered(examples: dict[str, Example]) -> dict[int | str, dict[str, Any]]:
    """Return examples as those of an answer."""
    return {200: {"content": {"application/json": {"examples": examples}}}}


TOML = 'id = "deqing-2026"\ntitle = "{title}"\nyear = 2026\nunit = "441226"\n'

SETTINGS = both(
    {"settings": TOML.format(title="德庆县 2026 年教师自主选学")},
    {"settings": TOML.format(title="Training of Deqing county, 2026")},
)
EXTENDING = both(
    {
        "verb": "extend",
        "arguments": {"closes_at": "2026-07-05T18:00:00+08:00"},
        "reason": "暴雨停电，延长三天",
    },
    {
        "verb": "extend",
        "arguments": {"closes_at": "2026-07-05T18:00:00+08:00"},
        "reason": "three more days after the storm",
    },
)
PROPOSING = both(
    {"verb": "publish", "arguments": {"notice_days": 7}, "reason": "结果已复核"},
    {"verb": "publish", "arguments": {"notice_days": 7}, "reason": "the result was rechecked"},
)
BALLOT = both({"lines": ["C01", "C02+C05", "C07"], "most_sections": 2})
DRAFT = both({"lines": ["C01", "C0"], "most_sections": None})
REVIEW = both(
    {"decision": "return", "reason": "与期末监考冲突，请另选"},
    {"decision": "return", "reason": "clashes with the examinations, please choose again"},
)
APPEAL = both(
    {"text": "第一志愿的理由写明已满，请复核名额。"},
    {"text": "My first choice is said to be full; please check its seats."},
)
ANSWER = both(
    {"text": "已复核：该班 30 席均由优先级更高者获得。"},
    {"text": "Checked: all 30 seats went to stronger claims."},
)
DECLINE = both({"reason": "family"})
MARKS = both(
    {"marks": [{"teacher_id": "T00001", "day": "2026-08-03", "half": "am", "mark": "present"}]}
)

_READ = {
    "at": "2026-06-03T01:20:11.000000Z",
    "role": {"zh": "学校", "en": "school"},
    "scope_id": "X01",
    "what": "list_ballots",
    "title": {"zh": "查看志愿名单", "en": "listed ballots"},
    "round_id": "deqing-2026",
}
OWN_ACCESSES = both(
    {"items": [_READ | {"actor": "陈校长", "others": 41}], "next": None},
    {"items": [_READ | {"actor": "Headmaster Chen", "others": 41}], "next": None},
)
ACCESSES = both(
    {"items": [_READ | {"actor": "陈校长", "count": 1, "teacher_ids": ["T00001"]}], "next": None},
    {
        "items": [_READ | {"actor": "Headmaster Chen", "count": 1, "teacher_ids": ["T00001"]}],
        "next": None,
    },
)

_NOTICE = {"id": "57-1", "kind": "offer", "written_at": "2026-07-07T01:00:00.000000Z"}
NOTICE = both(
    _NOTICE
    | {
        "title": "德庆县 2026 年教师自主选学：请确认席位",
        "body": "李娜老师：C12 课堂观察 的席位为您保留，请在 2026年7月12日 23:59（北京时间）前确认。",
        "state": "sent",
    },
    _NOTICE
    | {
        "title": "Training of Deqing county, 2026: please confirm your seat",
        "body": "Li Na: a seat in C12 is kept for you until 2026-07-12 23:59 (Beijing time).",
        "state": "sent",
    },
)

BEGINNING = both({"framework": "common"})
ITEM_ANSWER = both({"item": "XK2-3", "option": 2, "milliseconds": 11_500})
QUESTIONS = both({"afresh": False})
PREFERENCE = both({"better": "C12", "worse": "C07"})
