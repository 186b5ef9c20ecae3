"""Everybody is told once: by a courier, or on paper."""

from openpyxl import load_workbook
from sqlmodel import Session

from api.outbox import box, paper
from api.outbox.contacts import Contact
from api.outbox.letters import letters
from api.outbox.post import NotSent
from api.tables import OutboxRow
from matching.rounds.life.notices import Wording
from tests.api.outbox.factories import MAILS, Fake, on_sheets, send, states, transaction


def test_nobody_is_told_twice(office):
    first, second = Fake(), Fake()
    assert send(office, first).sent == 2
    assert send(office, second).sent == 0
    assert not second.carried
    assert states(office) == {"m1": "sent", "m2": "sent"}


def test_two_senders_at_once_share_the_letters(office):
    """A letter that another sender has taken in between is left to him."""

    class Overtaken(Fake):
        def carry(self, letter) -> None:
            if not self.carried:
                with transaction(office)() as session:
                    assert box.take(session, "m2", "other")
            super().carry(letter)

    courier = Overtaken()
    send(office, courier)
    assert [letter.id for letter in courier.carried] == ["m1"]
    assert states(office)["m2"] == "sending"


def test_a_letter_that_was_certainly_not_taken_waits_again_and_is_given_up_in_the_end(office):
    for _ in range(box.MOST_ATTEMPTS):
        assert set(states(office).values()) == {"waiting"}
        assert send(office, Fake(NotSent("550 no such user"))).failed == 2
    assert set(states(office).values()) == {"failed"}
    with Session(office) as session:
        assert session.get_one(OutboxRow, "m1").trouble == "550 no such user"


def test_a_letter_that_may_have_arrived_is_shown_and_not_repeated(office):
    assert send(office, Fake(TimeoutError())).unclear == 2
    assert send(office, Fake()).sent == 0
    with transaction(office)() as session:
        assert box.tally(session, "R1") == {"offer": {"sending": 2}}
        assert box.again(session, "R1") == 2
    assert send(office, Fake()).sent == 2


def test_whom_a_sheet_shows_is_written_down_before_it_is_there(office, tmp_path):
    seen = []

    def shown(people):
        seen.append((sorted(people), (tmp_path / "sheets").exists()))

    on_sheets(office, tmp_path / "sheets", shown=shown)
    on_sheets(office, tmp_path / "sheets", shown=shown)  # nothing waits any more, nobody is shown
    assert seen == [(["T1", "T2"], False)]


def test_people_without_an_address_wait_for_paper(office, tmp_path):
    told = send(office, Fake(), {"T1": MAILS["T1"]})
    assert (told.sent, told.unreachable) == (1, 1)
    told = on_sheets(office, tmp_path, form="slips")
    assert told.sent == 1
    assert states(office) == {"m1": "sent", "m2": "on_paper"}


def test_the_sheet_for_mass_sending_holds_one_row_a_message(office, tmp_path):
    contacts = {"T1": Contact(phone="13800000001", wecom="lina")}
    told = on_sheets(office, tmp_path, contacts)
    rows = list(load_workbook(told.path).active.values)
    assert rows[0][:4] == ("教师编号", "姓名", "学校代码", "手机")
    assert [row[0] for row in rows[1:]] == ["T1", "T2"]
    assert rows[1][3:5] == ("13800000001", "lina")
    again = on_sheets(office, tmp_path, contacts)
    assert again.sent == 0
    assert again.path is None


def test_a_crash_before_marking_writes_the_same_file_again(office, tmp_path):
    with Session(office) as session:
        rows = letters(box.waiting(session, "R1"), Wording(session, "R1"), {})
    crashed = paper.mass_sheet(rows, tmp_path)
    told = on_sheets(office, tmp_path)
    assert told.path == crashed
    assert [path.name for path in tmp_path.glob("*.*")] == [crashed.name]
