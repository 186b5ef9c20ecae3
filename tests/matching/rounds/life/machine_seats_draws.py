"""What may be tried after the seal, by whom, and how often; `machine_seats.py` tries it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from matching.rounds.life import marking, overrides
from tests.matching.rounds.factories import COUNTY
from tests.matching.rounds.life.factories import DAY, HOUR, MINUTE
from tests.matching.rounds.life.stages import CAPACITY, SCHOOL_OF

TEACHERS = st.sampled_from(sorted(SCHOOL_OF))
SECTIONS = st.sampled_from(sorted(CAPACITY))
COUNTY_ITSELF = ("county", COUNTY)
PEOPLE = st.sampled_from(
    (
        *(("teacher", id) for id in SCHOOL_OF),
        *(("school", "P1"), ("school", "P2"), COUNTY_ITSELF, ("county", "441284")),
        *(("institution", "I1"), ("auditor", COUNTY), ("clock", "clock")),
    )
)
OFFICERS = st.sampled_from(("乙", "乙", "丙", "甲"))
STEPS = st.sampled_from((MINUTE, HOUR, DAY, 3 * DAY))
DECISIONS = st.sampled_from((("T1", "A"), ("T2", "A"), ("T4", "C")))
PICK = st.integers(0, 5)
PLAIN_MOVES = ("accept", "evaluate", "finalise", "second_round", "start")

STARTS = (
    *("seeded", "candidate", "notice", "final"),
    *("confirming", "confirming", "confirming", "confirming", "running", "running"),
)

ACTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "wait": {"step": STEPS},
    "wait_until": {
        "edge": st.sampled_from(("notice", "window", "offer", "offer_swept", "taught")),
        "off": st.sampled_from((-1, 0, 1)),
    },
    "plainly": {"person": PEOPLE, "verb": st.sampled_from(PLAIN_MOVES)},
    "second_round": {},
    "forward": {},
    "ask": {"person": PEOPLE},
    "begin_work": {},
    "work": {"behind": st.sampled_from((0, 0, 0, 1)), "stopped": st.booleans()},
    "work_plainly": {},
    "give_up": {"behind": st.integers(0, 1)},
    "publish": {"days": st.integers(0, 9), "second": OFFICERS},
    "override": {
        "pair": DECISIONS,
        "kind": st.sampled_from(overrides.KINDS),
        "second": OFFICERS,
    },
    "rerun": {"second": OFFICERS},
    "void": {"sure": st.sampled_from((False,) * 9 + (True,))},
    "object": {"person": PEOPLE, "teacher": TEACHERS},
    "object_herself": {"teacher": TEACHERS},
    "reply": {"person": PEOPLE, "pick": PICK},
    "reply_plainly": {"pick": PICK},
    "open_confirming": {"person": PEOPLE, "days": st.sampled_from((5, 5, 2, 0)), "more": PICK},
    "confirm": {"person": PEOPLE, "teacher": TEACHERS, "section": SECTIONS},
    "confirm_hers": {"pick": PICK},
    "decline": {"person": PEOPLE, "teacher": TEACHERS, "section": SECTIONS},
    "decline_hers": {"pick": PICK},
    "stop": {"person": PEOPLE, "teacher": TEACHERS, "section": SECTIONS},
    "stop_hers": {"pick": PICK},
    "expire": {"person": PEOPLE},
    "expire_plainly": {},
    "cancel": {"person": PEOPLE, "section": SECTIONS, "reason": st.sampled_from(("", "r", "r"))},
    "cancel_plainly": {"section": SECTIONS, "sure": st.sampled_from((False, False, True))},
    "transfer": {"person": PEOPLE, "teacher": TEACHERS, "school": st.sampled_from(("P1", "P2"))},
    "transfer_plainly": {"teacher": TEACHERS, "school": st.sampled_from(("P1", "P2"))},
    "settle": {"person": PEOPLE},
    "settle_at_last": {},
    "mark": {
        "person": PEOPLE,
        "teacher": TEACHERS,
        "section": SECTIONS,
        "said": st.sampled_from((*marking.MARKS, "late")),
    },
    "mark_section": {"pick": PICK, "said": st.sampled_from(marking.MARKS)},
    "finish": {"pick": PICK},
    "submit": {"person": PEOPLE, "section": SECTIONS, "actor": OFFICERS},
    "submit_plainly": {"pick": PICK},
    "approve": {"person": PEOPLE, "section": SECTIONS, "actor": OFFICERS, "nth": st.booleans()},
    "approve_plainly": {"pick": PICK, "actor": OFFICERS},
    "post": {"person": PEOPLE, "second": OFFICERS},
}
"""What somebody may try, and how it is drawn."""

ANYTIME = (
    *("forward", "wait", "wait_until", "plainly", "ask", "work", "void", "object", "confirm"),
    *("decline", "stop", "expire", "cancel", "transfer", "settle", "mark", "submit", "approve"),
)
AT = {
    "seeded": ("override", "forward", "forward", "forward"),
    "solving": ("begin_work", "work", "give_up", "work_plainly", "work_plainly"),
    "candidate": ("override", "override", "rerun", "forward", "forward"),
    "verified": ("override", "rerun", "publish", "forward", "forward"),
    "notice": (
        *("object_herself", "reply", "reply_plainly", "rerun"),
        *("forward", "forward", "forward"),
    ),
    "final": ("second_round", "open_confirming", "forward", "forward", "forward"),
    "confirming": (
        *("confirm_hers", "decline_hers", "confirm_hers", "expire_plainly", "wait_until") * 3,
        *("stop_hers", "transfer_plainly", "cancel_plainly", "settle_at_last", "wait"),
    ),
    "settled": ("decline_hers", "transfer_plainly", "cancel_plainly", "forward", "forward"),
    "running": (
        *("finish", "approve_plainly", "approve_plainly", "mark_section", "submit_plainly"),
        *("finish", "wait_until"),
        *("transfer_plainly", "cancel_plainly", "forward"),
    ),
    "evaluated": ("submit_plainly", "approve_plainly", "approve_plainly", "post", "forward"),
}
"""What is tried in any state, and what is tried besides in some."""
