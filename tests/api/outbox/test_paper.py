"""A slip has a code that leads to the notice and names nobody."""

from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest
import segno
from sqlmodel import Session

from api.outbox import paper
from api.outbox.contacts import Contact
from api.outbox.letters import letters
from api.tables import OutboxRow
from matching.rounds.life.notices import Wording
from tests.api.outbox.factories import on_sheets


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
