"""Everybody is told once: by e-mail, by a gateway, on a sheet, on a slip."""

import hashlib
import hmac
import json
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote, urlsplit

import pytest
import segno
from openpyxl import Workbook, load_workbook
from sqlmodel import Session

from api.errors import UserError
from api.outbox import box, paper
from api.outbox.contacts import Contact, read_contacts
from api.outbox.letters import letters
from api.outbox.post import NotSent, Smtp, Webhook
from api.outbox.sending import by_courier, on_paper
from api.outbox.settings import public_url
from api.tables import OutboxRow
from catalog.tables import SchoolRow
from matching.rounds import store
from matching.rounds.life.notices import KINDS, Wording
from matching.rounds.tables import RoundRow
from tests.matching.rounds.factories import (
    COUNTY,
    add,
    course,
    days,
    institution,
    programme,
    school,
    teacher,
    units,
)

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def office(engine):
    """A county with two teachers who wait for one message each."""
    round_row = RoundRow(
        id="R1",
        title="2026年暑期选学",
        year=2026,
        unit_id=COUNTY,
        list_length=6,
        seed_commitment="0" * 64,
        settings={},
        closes_at="2026-06-05T10:00:00.000000Z",
    )
    with Session(engine) as session, session.begin():
        people = [teacher("T1", name="李娜"), teacher("T2", name="王强")]
        offered = course("C1", days("2026-08-03", 1))
        add(session, *units(), school(), institution(), programme(), *offered, *people, round_row)
        add(session, message("m1", "T1"), message("m2", "T2"))
    return engine


def message(id: str, person: str, kind: str = "offer", **more: object) -> OutboxRow:
    values = {"section": "C1", "until": "2026-06-12T15:59:00.000000Z"}
    fields = {"event_seq": 1, "round_id": "R1", "reference": id, "values": values}
    return OutboxRow(id=id, person=person, kind=kind, **{**fields, **more})


def transaction(engine):
    @contextmanager
    def opened():
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    return opened


def states(engine) -> dict[str, str]:
    with Session(engine) as session:
        return {row.id: row.state for row in store.everything(session, OutboxRow)}


MAILS = {"T1": Contact(email="lina@school.cn"), "T2": Contact(email="wang@school.cn")}


def send(office, courier, contacts=MAILS):
    return by_courier(transaction(office), "R1", courier, contacts, lambda: NOW)


class Fake:
    """A courier that keeps what it carried, or fails as told."""

    name = "fake"

    def __init__(self, trouble: Exception | None = None) -> None:
        self.carried: list = []
        self.trouble = trouble

    def reaches(self, letter) -> bool:
        return bool(letter.contact.email)

    def carry(self, letter) -> None:
        if self.trouble:
            raise self.trouble
        self.carried.append(letter)


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


def on_sheets(office, folder, contacts=None, form="sheet", shown=lambda _: None, **more):
    """Write what waits on paper."""
    place = (transaction(office), "R1", folder, contacts or {}, lambda: NOW)
    return on_paper(*place, form=form, shown=shown, **more)


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


def printed(office, folder, **more) -> str:
    """Return the page of slips."""
    told = on_sheets(office, folder, form="slips", **more)
    return told.path.read_text(encoding="utf-8")


def code_of(address: str) -> str:
    return segno.make(address, error="m", micro=False).svg_inline(scale=3, border=2, omitsize=False)


def test_the_code_on_a_slip_leads_to_the_notice_itself(office, tmp_path):
    page = printed(office, tmp_path, public_url="https://xuanke.example")
    assert "李娜老师" in page
    assert page.count("<svg") == 2
    for id_ in ("m1", "m2"):
        assert code_of(f"https://xuanke.example/rounds/R1/notices/{id_}") in page


def test_another_address_is_another_code(office, tmp_path):
    """Negative control: the look above would notice a code for the office's address only."""
    page = printed(office, tmp_path, public_url="https://xuanke.example")
    for address in ("https://xuanke.example", "https://xuanke.example/rounds/R1/notices/m3"):
        assert code_of(address) not in page


def test_the_address_in_a_code_names_nobody(office):
    with Session(office) as session:
        row = session.get_one(OutboxRow, "m1")
        (letter,) = letters([row], Wording(session, "R1"), {"T1": Contact(phone="13800000001")})
    address = paper.address_of(letter, "https://xuanke.example")
    parts = urlsplit(address)
    assert (parts.netloc, parts.path) == ("xuanke.example", "/rounds/R1/notices/m1")
    assert (parts.query, parts.fragment) == ("", "")
    for personal in ("T1", "李娜", quote("李娜"), letter.school, letter.contact.phone):
        assert personal not in address


def test_codes_with_a_slash_or_a_space_stay_one_address(office):
    with Session(office) as session:
        row = session.get_one(OutboxRow, "m1")
        (letter,) = letters([row], Wording(session, "R1"), {})
    odd = replace(letter, round_id="x/2026 a?b#c")
    path = urlsplit(paper.address_of(odd, "https://xuanke.example")).path
    assert path == "/rounds/x~2026%20a%3Fb%23c/notices/m1"


@pytest.mark.parametrize(("lang", "words"), [("zh", "故无二维码"), ("en", "There is no code")])
def test_without_an_address_the_slip_says_so_and_has_no_code(office, tmp_path, lang, words):
    page = printed(office, tmp_path, lang=lang)
    assert "<svg" not in page
    assert page.count(words) == 2


def test_the_address_of_the_office_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("XUANKE_PUBLIC_URL", raising=False)
    assert public_url() == ""
    monkeypatch.setenv("XUANKE_PUBLIC_URL", "https://xuanke.example/teachers/")
    assert public_url() == "https://xuanke.example/teachers"


@pytest.mark.parametrize(
    "wrong", ["xuanke.example", "ftp://x.cn", "https://a:b@x.cn", "https://x?a=1"]
)
def test_an_address_that_can_be_none_is_refused(monkeypatch, wrong):
    monkeypatch.setenv("XUANKE_PUBLIC_URL", wrong)
    with pytest.raises(UserError, match="XUANKE_PUBLIC_URL"):
        public_url()


@contextmanager
def mail_server(refuse: bool = False):
    """A mail server that keeps what it is given."""
    taken: list[str] = []

    class Session_(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "DATA":
                    self.say("354 go on")
                    body = []
                    while (part := self.rfile.readline()) != b".\r\n":
                        body.append(part.decode())
                    taken.append("".join(body))
                    self.say("250 taken")
                elif verb == "RCPT" and refuse:
                    self.say("550 nobody here")
                elif verb == "QUIT":
                    return self.say("221 bye")
                else:
                    self.say("250 ok")
            return None

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session_) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}", taken
        server.shutdown()


def test_an_e_mail_reaches_a_real_server_with_its_own_id(office):
    with mail_server() as (url, taken), Smtp(url, "选学办 <xuanke@county.cn>") as courier:
        assert send(office, courier).sent == 2
    assert "Message-ID: <m1@county.cn>" in taken[0]
    assert "lina@school.cn" in taken[0]
    assert "Auto-Submitted: auto-generated" in taken[0]


def test_a_server_that_refuses_a_letter_leaves_it_waiting(office):
    with mail_server(refuse=True) as (url, taken), Smtp(url, "xuanke@county.cn") as courier:
        assert send(office, courier).failed == 2
    assert not taken
    assert set(states(office).values()) == {"waiting"}


def test_a_server_that_is_not_there_leaves_letters_waiting(office):
    with mail_server() as (url, _):
        pass
    with Smtp(url, "xuanke@county.cn") as courier:
        assert send(office, courier).failed == 2


def test_the_webhook_posts_a_signed_letter_with_its_id(office):
    seen: list = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((dict(self.headers), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        courier = Webhook(f"http://127.0.0.1:{server.server_port}/in", secret="s")
        assert send(office, courier).sent == 2
        server.shutdown()
    headers, body = seen[0]
    assert headers["Idempotency-Key"] == "m1"
    assert headers["X-Xuanke-Signature"] == hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert json.loads(body)["person"] == "T1"


def test_a_gateway_that_answers_500_leaves_letters_waiting(office):
    courier = Webhook("http://gateway.example", post=lambda *_: 500)
    assert send(office, courier).failed == 2


@pytest.mark.parametrize("url", ["", "mail.county.cn", "http://mail.county.cn"])
def test_a_wrong_mail_address_is_named(url):
    with pytest.raises(UserError, match="smtp"):
        Smtp(url, "xuanke@county.cn")


def contacts_file(path, *rows):
    book = Workbook()
    book.active.append(["教师编号", "姓名", "手机", "邮箱", "语言"])
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_contacts_are_read_and_not_kept(office, tmp_path):
    path = contacts_file(
        tmp_path / "c.xlsx", ["T1", "李娜", "138 0000 0001", "lina@school.cn", "英文"]
    )
    assert read_contacts(path)["T1"] == Contact("13800000001", "lina@school.cn", "", "", "en")


def test_a_wrong_contact_is_named_with_row_and_value(tmp_path):
    path = contacts_file(tmp_path / "c.xlsx", ["T1", "李娜", "abc", "not an address", "zh"])
    with pytest.raises(UserError) as caught:
        read_contacts(path)
    assert "abc" in caught.value.say("zh")
    assert "not an address" in caught.value.say("zh")
    assert "2" in caught.value.say("zh")
