"""What may be tried before the seal, by whom, and how often; `machine.py` tries it."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.matching.rounds.life.factories import HOUR, MINUTE

SCHOOL_OF = {"T1": "P1", "T2": "P1", "T3": "P2"}
LINES = st.lists(st.sampled_from(("A", "B", "C", "K", "A+C", "B+C", "Z", "??")), max_size=3)
PEOPLE = st.sampled_from(
    (
        *(("teacher", id) for id in SCHOOL_OF),
        ("school", "P1"),
        ("school", "P2"),
        ("county", "441226"),
        ("county", "441284"),
        ("institution", "I1"),
        ("auditor", "441226"),
        ("clock", "clock"),
    )
)
TEACHERS = st.sampled_from(sorted(SCHOOL_OF))
VERSIONS = st.sampled_from((0, 0, 0, 0, 0, 0, -1, 1))
STEPS = st.sampled_from((MINUTE, HOUR, HOUR, 3 * HOUR, 9 * HOUR))


ACTIONS = {
    "wait": {"step": STEPS},
    "wait_until": {
        "edge": st.sampled_from(("opens_at", "closes_at", "closing", "closing")),
        "off": st.sampled_from((-1, 0, 1)),
    },
    "tick": {},
    "stray": {
        "person": PEOPLE,
        "verb": st.sampled_from(("announce", "open_", "close", "seal", "reveal")),
    },
    "forward": {},
    "extend": {"step": STEPS, "early": st.booleans()},
    "pause": {"long": st.none() | STEPS, "notice": STEPS},
    "resume": {"notice": STEPS, "back": st.none() | STEPS},
    "draw": {
        "person": st.sampled_from((*(("county", "441226"),) * 3, ("auditor", "441226"))) | PEOPLE,
        "value": st.sampled_from(("07 11 15", " 07 11 15 ", "大", "", "  ", "9" * 999)),
        "alone": st.sampled_from((False, False, True)),
    },
    "close_early": {},
    "void": {},
    "hand_in": {"person": PEOPLE, "teacher": TEACHERS, "lines": LINES, "off": VERSIONS},
    "hand_in_plainly": {"teacher": TEACHERS, "line": st.sampled_from(("A", "B+C"))},
    "hand_in_at_the_edge": {"teacher": TEACHERS, "off": st.sampled_from((-1, 0, 1))},
    "amend": {"teacher": TEACHERS, "lines": LINES},
    "return_and_amend": {"teacher": TEACHERS, "line": st.sampled_from(("A", "B+C"))},
    "withdraw": {"person": PEOPLE, "teacher": TEACHERS},
    "withdraw_plainly": {"teacher": TEACHERS},
    "save_draft": {"teacher": TEACHERS},
    "review": {
        "person": PEOPLE,
        "teacher": TEACHERS,
        "verb": st.sampled_from(("approve", "return_", "return_")),
    },
    "review_plainly": {"teacher": TEACHERS, "verb": st.sampled_from(("approve", "return_"))},
}
"""What somebody may try, and how it is drawn."""

ANYTIME = (
    *("wait", "tick", "stray", "forward", "hand_in", "hand_in_plainly", "amend", "withdraw"),
    *("save_draft", "review", "close_early", "extend"),
)
AT = {
    "open": (
        *("hand_in", "hand_in_plainly", "hand_in", "hand_in_plainly"),
        *("withdraw_plainly", "withdraw_plainly", "hand_in_at_the_edge"),
        *("review_plainly", "return_and_amend", "pause", "wait_until"),
    ),
    "paused": ("resume", "resume"),
    "school_review": ("review_plainly", "review_plainly", "return_and_amend", "forward", "draw"),
    "sealed": ("void", "hand_in_plainly", "forward", "forward", "draw", "draw", "draw"),
    "seeded": ("void", "hand_in_plainly", "draw"),
}
"""What is tried in any state, and what is tried besides in some."""
