"""Who may ask what: for every route one request, and the status with which each role is answered.

The round is open and nothing is published, so a request that may be made and does not fit this state is
answered 409, an edit of a version that is gone 412. What is not for a role is 403, what is another's
404.
"""

from tests.api.http.factories import ROUND

NAMES = (
    "teacher",
    "other_teacher",
    "school",
    "other_school",
    "institution",
    "other_institution",
    "county",
    "other_county",
    "auditor",
)
"""The columns below: T t S s I i C c A; capitals are the owners of what is asked for."""

R, HER = f"/rounds/{ROUND}", f"/rounds/{ROUND}/ballots/T1"
BALLOT = {"lines": ["C1"]}
SEAT = f"{R}/seats/T1/C1"

ROWS = {
    #                                                        T   t   S   s   I   i   C   c   A
    ("GET", "/me"): ("/me", None, "200 200 200 200 200 200 200 200 200"),
    ("GET", "/me/accesses"): ("/me/accesses", None, "200 200 403 403 403 403 403 403 403"),
    ("GET", "/accesses"): ("/accesses", None, "403 403 403 403 403 403 403 403 200"),
    ("GET", "/units"): ("/units", None, "200 200 200 200 200 200 200 200 200"),
    ("GET", "/units/{unit_id}"): ("/units/441226", None, "200 200 200 200 404 404 200 404 200"),
    ("GET", "/schools"): ("/schools", None, "200 200 200 200 200 200 200 200 200"),
    ("GET", "/schools/{school_id}"): ("/schools/P1", None, "200 404 200 404 404 404 200 404 200"),
    ("GET", "/catalog/offerings"): ("/catalog/offerings", None, "200 " * 9),
    ("GET", "/catalog/sections"): ("/catalog/sections", None, "200 " * 9),
    ("GET", "/catalog/offerings/{offering_id}"): (
        "/catalog/offerings/C1",
        None,
        "200 200 200 200 200 404 200 200 200",
    ),
    ("GET", "/catalog/sections/{section_id}"): (
        "/catalog/sections/C1",
        None,
        "200 200 200 200 200 404 200 200 200",
    ),
    ("GET", "/teachers"): ("/teachers", None, "200 200 200 200 403 403 200 200 200"),
    ("GET", "/teachers/{teacher_id}"): (
        "/teachers/T1",
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("GET", "/teachers/{teacher_id}/hours"): (
        "/teachers/T1/hours?year=2026",
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("GET", "/teachers/{teacher_id}/ledger"): (
        "/teachers/T1/ledger",
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("GET", "/teachers/me/diagnosis"): (
        "/teachers/me/diagnosis",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/diagnosis/groups"): (
        "/diagnosis/groups",
        None,
        "403 403 200 200 403 403 200 200 200",
    ),
    ("POST", "/diagnoses"): (
        "/diagnoses",
        {"framework": "common"},
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/diagnoses/{diagnosis_id}"): (
        "/diagnoses/Dher",
        None,
        "200 404 403 403 403 403 403 403 403",
    ),
    ("POST", "/diagnoses/{diagnosis_id}/answers"): (
        "/diagnoses/Dher/answers",
        {"item": "XK2-3", "option": 2},
        "412 404 403 403 403 403 403 403 403",
    ),
    ("GET", "/diagnoses/{diagnosis_id}/profile"): (
        "/diagnoses/Dher/profile",
        None,
        "200 404 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds"): ("/rounds", None, "200 200 200 200 200 200 200 200 200"),
    ("POST", "/rounds"): ("/rounds", {"settings": "x"}, "403 403 403 403 403 403 422 422 403"),
    ("GET", "/rounds/{round_id}"): (R, None, "200 200 200 200 200 200 200 404 200"),
    ("GET", "/rounds/{round_id}/rules"): (
        f"{R}/rules",
        None,
        "200 200 200 200 200 200 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/moves"): (
        f"{R}/moves",
        {"verb": "pause", "reason": "停电"},
        "403 403 403 403 403 403 412 404 403",
    ),
    ("GET", "/rounds/{round_id}/proposals"): (
        f"{R}/proposals",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/proposals"): (
        f"{R}/proposals",
        {"verb": "pause", "reason": "停电"},
        "403 403 403 403 403 403 409 404 403",
    ),
    ("POST", "/proposals/{proposal_id}/agree"): (
        "/proposals/dropped/agree",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
    ("POST", "/proposals/{proposal_id}/drop"): (
        "/proposals/dropped/drop",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/menu"): (f"{R}/menu", None, "200 200 403 403 403 403 403 403 403"),
    ("GET", "/rounds/{round_id}/menu/ranked"): (
        f"{R}/menu/ranked",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/menu/shown"): (
        f"{R}/menu/shown",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/menu/exposure"): (
        f"{R}/menu/exposure",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/dry-run"): (
        f"{R}/dry-run",
        {},
        "403 403 403 403 403 403 200 404 403",
    ),
    ("GET", "/rounds/{round_id}/dry-run"): (
        f"{R}/dry-run",
        None,
        "403 403 403 403 403 403 404 404 404",
    ),
    ("POST", "/rounds/{round_id}/dry-run/drop"): (
        f"{R}/dry-run/drop",
        {},
        "403 403 403 403 403 403 409 404 403",
    ),
    ("POST", "/rounds/{round_id}/menu/questions"): (
        f"{R}/menu/questions",
        {"afresh": False},
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/menu/questions"): (
        f"{R}/menu/questions",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("POST", "/rounds/{round_id}/menu/questions/answers"): (
        f"{R}/menu/questions/answers",
        {"better": "C1", "worse": "C2"},
        "412 412 403 403 403 403 403 403 403",
    ),
    ("POST", "/rounds/{round_id}/menu/questions/undo"): (
        f"{R}/menu/questions/undo",
        None,
        "412 412 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/menu/search"): (
        f"{R}/menu/search",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/menu/sections/{section_id}"): (
        f"{R}/menu/sections/C1",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/ballots"): (
        f"{R}/ballots",
        None,
        "403 403 200 200 403 403 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/ballots/{teacher_id}"): (
        HER,
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("PUT", "/rounds/{round_id}/ballots/{teacher_id}"): (
        HER,
        BALLOT,
        "412 404 412 404 403 403 412 404 403",
    ),
    ("PUT", "/rounds/{round_id}/ballots/{teacher_id}/draft"): (
        f"{HER}/draft",
        BALLOT,
        "412 404 403 403 403 403 403 403 403",
    ),
    ("POST", "/rounds/{round_id}/ballots/{teacher_id}/amend"): (
        f"{HER}/amend",
        BALLOT,
        "412 404 412 404 403 403 412 404 403",
    ),
    ("POST", "/rounds/{round_id}/ballots/{teacher_id}/withdraw"): (
        f"{HER}/withdraw",
        None,
        "412 404 412 404 403 403 412 404 403",
    ),
    ("GET", "/rounds/{round_id}/ballots/{teacher_id}/receipt"): (
        f"{HER}/receipt",
        None,
        "200 404 403 403 403 403 403 403 403",
    ),
    ("POST", "/rounds/{round_id}/ballots/{teacher_id}/review"): (
        f"{HER}/review",
        {"decision": "approve"},
        "403 403 412 404 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/jobs"): (f"{R}/jobs", None, "403 403 403 403 403 403 200 404 200"),
    ("GET", "/jobs/{job_id}"): (
        f"/jobs/{ROUND}.0001",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("POST", "/jobs/{job_id}/stop"): (
        f"/jobs/{ROUND}.0001/stop",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/answers"): (
        f"{R}/answers",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/result"): (
        f"{R}/result",
        None,
        "409 409 409 409 409 409 409 404 409",
    ),
    ("GET", "/rounds/{round_id}/results"): (
        f"{R}/results",
        None,
        "403 403 409 409 403 403 409 404 409",
    ),
    ("GET", "/rounds/{round_id}/results/{teacher_id}"): (
        f"{R}/results/T1",
        None,
        "409 404 409 404 403 403 409 404 409",
    ),
    ("GET", "/rounds/{round_id}/seats/{teacher_id}"): (
        f"{R}/seats/T1",
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/seats/{teacher_id}/{section_id}/confirm"): (
        f"{SEAT}/confirm",
        None,
        "409 404 409 404 403 403 409 404 403",
    ),
    ("POST", "/rounds/{round_id}/seats/{teacher_id}/{section_id}/decline"): (
        f"{SEAT}/decline",
        {"reason": "family"},
        "409 404 409 404 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/sections/{section_id}/seats"): (
        f"{R}/sections/C1/seats",
        None,
        "403 403 403 403 200 404 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/sections/{section_id}/marks"): (
        f"{R}/sections/C1/marks",
        None,
        "403 403 403 403 200 404 200 404 200",
    ),
    ("PUT", "/rounds/{round_id}/sections/{section_id}/marks"): (
        f"{R}/sections/C1/marks",
        {"marks": [{"teacher_id": "T1", "day": "2026-08-03", "half": "am", "mark": "present"}]},
        "403 403 403 403 409 404 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/postings"): (
        f"{R}/postings",
        None,
        "403 403 403 403 200 200 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/sections/{section_id}/posting/submit"): (
        f"{R}/sections/C1/posting/submit",
        None,
        "403 403 403 403 409 404 409 404 403",
    ),
    ("POST", "/rounds/{round_id}/sections/{section_id}/posting/approve"): (
        f"{R}/sections/C1/posting/approve",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/appeals"): (
        f"{R}/appeals",
        None,
        "200 200 200 200 403 403 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/appeals"): (
        f"{R}/appeals",
        {"text": "请复核"},
        "409 409 403 403 403 403 403 403 403",
    ),
    ("POST", "/appeals/{appeal_id}/answer"): (
        f"/appeals/{ROUND}~T1~1/answer",
        {"text": "已复核"},
        "403 403 403 403 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/notices"): (
        f"{R}/notices",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/notices/{notice_id}"): (
        f"{R}/notices/T1-note",
        None,
        "200 404 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/messages"): (
        f"{R}/messages",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/messages/tally"): (
        f"{R}/messages/tally",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/export"): (
        f"{R}/export",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
}
