"""What a letter says."""

from sqlmodel import Session

from api.outbox.letters import letters
from api.tables import OutboxRow
from catalog.tables import SchoolRow
from matching.rounds.life.notices import KINDS, Wording
from tests.api.outbox.factories import Fake, send


def test_a_letter_says_the_section_and_the_deadline_in_beijing_time(office):
    courier = Fake()
    send(office, courier)
    words = courier.carried[0].message
    assert words.title == "2026年暑期选学：请确认席位"
    assert "李娜老师" in words.body
    assert "C1 课程C1" in words.body
    assert "2026年6月12日 23:59（北京时间）" in words.body


def test_every_kind_of_notice_has_words_in_both_languages(office):
    with Session(office) as session:
        wording = Wording(session, "R1", "https://xuanke.example")
        for kind in KINDS:
            for lang in ("zh", "en"):
                said = wording.message(kind, "T1", {"section": "C1"}, lang)
                assert "{" not in said.title + said.body
                assert "https://xuanke.example" in said.body


def test_a_ballot_from_paper_is_told_by_the_name_of_its_school(office):
    """No code of a school, and none of a sheet, stands where a teacher reads."""
    with Session(office) as session:
        wording, named = Wording(session, "R1"), session.get_one(SchoolRow, "P1").name
        by_school = {"by": "P1", "reason": "T2"}
        body = wording.message("ballot_changed", "T1", by_school).body
        assert f"“{named}（P1）”" in body
        assert "说明：纸质推荐表" in body
        by_person = {"by": "校长王", "reason": "与监考冲突"}
        body = wording.message("ballot_changed", "T1", by_person).body
        assert "“校长王”" in body
        assert "说明：与监考冲突" in body
        (letter,) = letters([session.get_one(OutboxRow, "m1")], wording, {})
        assert letter.school_name == f"{named}（P1）"
