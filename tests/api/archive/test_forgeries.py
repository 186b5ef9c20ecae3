"""Whatever is changed in a good bundle is noticed, and by the check whose business it is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from random import Random

import pytest

from matching import verify
from tests.api.archive.forging import (
    LOG,
    MANIFEST,
    NOTHING,
    RESULTS,
    Edit,
    Forgery,
    body,
    cells,
    column_more,
    cover,
    event,
    file_less,
    file_more,
    log,
    row_less,
    row_more,
    text,
    value,
)

I1, I2, R1, R2 = "instance-1", "instance-2", "result-1", "result-2"


def forged(name: str, noticed_by: str, cover: int, *edits: Edit) -> Forgery:
    return Forgery(name, noticed_by, cover, edits)


FILES = [
    forged("a byte of this program", "files", NOTHING, text("verify.py", "rules", "Rules")),
    forged("a file more", "files", NOTHING, file_more("lists/other.csv")),
    forged("a file less", "files", NOTHING, file_less("limits.csv")),
    forged("another size told", "files", NOTHING, value("manifest.json", "files", "events.jsonl", 1, to=1)),
    forged("a seat of another rank", "result_digests", MANIFEST, cells(f"{R1}/seats.csv", {"teacher": "T1"}, rank="2")),
    forged("a price", "result_digests", MANIFEST, row_more(f"{R2}/prices.csv", row="quota:x", price="7")),
    forged("a reason", "result_digests", MANIFEST, row_less(f"{R1}/reasons.csv")),
    forged("an effort", "result_digests", MANIFEST, value(f"{R1}/result.json", "settings", "effort", to="long")),
    forged("a title in the instance", "result_digests", MANIFEST, cells(f"{I1}/sections.csv", {"id": "A"}, title="x")),
    forged("a tier's title", "result_digests", MANIFEST, value(f"{I1}/instance.json", "title", to="x")),
]  # fmt: skip

CHAIN = [
    forged("who did it", "log_chain", MANIFEST, event("round.sealed", 0, actor="x")),
    forged("when it was", "log_chain", MANIFEST, event("ballot.handed_in", 2, at="2026-06-02T00:00:00.000000Z")),
    forged("a line less", "log_chain", MANIFEST, log(lambda lines: lines.pop(4))),
    forged("the last line less", "log_chain", MANIFEST, log(lambda lines: lines.pop())),
    forged("two lines exchanged", "log_chain", MANIFEST, log(lambda lines: lines.insert(5, lines.pop(6)))),
    forged("a line twice", "log_chain", MANIFEST, log(lambda lines: lines.insert(5, lines[5]))),
    forged("another head", "log_chain", MANIFEST, value("manifest.json", "log", "head", to="0" * 64)),
    forged("a count of events", "log_chain", MANIFEST, value("manifest.json", "log", "kinds", "round.opened", to=2)),
    forged("what was handed in", "log_bodies", MANIFEST, body("ballot.handed_in", 0, lambda b: b["rows"][0]["after"].update(lines=["D"]))),
    forged("a salt", "log_bodies", MANIFEST, event("ballot.handed_in", 0, salt="00")),
]  # fmt: skip

SEALED = [
    forged("a version of a ballot", "tables", MANIFEST, cells("ballots.csv", {"teacher_id": "T3"}, version="7")),
    forged("a ballot less", "tables", MANIFEST, row_less("ballots.csv", teacher_id="T3")),
    forged("a decision less", "tables", MANIFEST, row_less("overrides.csv")),
    forged("an absence", "tables", MANIFEST, cells("attendance.csv", {"half": "am"}, mark="absent")),
    forged("a ballot after the deadline", "entries", LOG, event("ballot.handed_in", 3, at="2026-06-11T00:00:00.000000Z")),
    forged("a ballot before the opening", "entries", LOG, event("ballot.handed_in", 3, at="2026-05-31T23:59:59.999999Z")),
    forged("a version left out", "entries", LOG, body("ballot.handed_in", 6, lambda b: b["rows"][0]["after"].update(version=3))),
    forged("a ballot after sealing", "entries", LOG, log(lambda lines: lines.append(_nth(lines, "ballot.handed_in", 1)))),
    forged("an amendment nobody asked for", "entries", LOG, body("ballot.returned", 0, lambda b: b["rows"][0]["after"].update(school="approved"))),
    forged("the catalogue after sealing", "sealed", MANIFEST, text("snapshot/sections.json", '"capacity":2', '"capacity":3')),
    forged("a sealed ballot", "sealed", MANIFEST, text("snapshot/ballots.json", '["A","D"]', '["D","A"]')),
    forged("a profile's digest", "sealed", MANIFEST, value("manifest.json", "snapshot", "withheld", "ratings", to="0" * 64)),
    forged("the digest of the snapshot", "sealed", MANIFEST, value("manifest.json", "snapshot", "digest", to="0" * 64)),
    forged("the salt of a receipt", "merkle", MANIFEST, cells("ballots.csv", {"teacher_id": "T3"}, salt="00")),
    forged("a digest of a receipt", "merkle", MANIFEST, cells("ballots.csv", {"teacher_id": "T3"}, digest="0" * 64)),
    forged("the root", "merkle", MANIFEST, value("manifest.json", "snapshot", "root", to="0" * 64)),
    forged("how many ballots", "merkle", MANIFEST, value("manifest.json", "snapshot", "ballots", to=5)),
    forged("two ranks exchanged", "choices", RESULTS, cells(f"{I1}/choices.csv", {"teacher": "T2", "section": "A"}, rank="2"), cells(f"{I1}/choices.csv", {"teacher": "T2", "section": "D"}, rank="1")),
    forged("a choice less", "choices", RESULTS, row_less(f"{I2}/choices.csv", teacher="T3", section="D")),
    forged("a choice more", "choices", RESULTS, cells(f"{I1}/choices.csv", {"teacher": "T1", "section": "B"}, rank="3", kind="chosen")),
]  # fmt: skip

LOTTERY = [
    forged("another secret", "commitment", MANIFEST, value("manifest.json", "seed", "secret", to="x")),
    forged("another public value", "commitment", MANIFEST, value("manifest.json", "seed", "public_value", to="07 13 22 32")),
    forged("another commitment", "commitment", MANIFEST, value("manifest.json", "seed", "commitment", to="0" * 64)),
    forged("the seed shown before sealing", "commitment", LOG, body("round.revealed", 0, lambda b: b.update(to="sealed")), body("round.sealed", 0, lambda b: b.update(to="seeded"))),
    forged("another seed in the instance", "commitment", RESULTS, value(f"{I2}/instance.json", "seed", to="x")),
    forged("another seed in the result", "seed_used", RESULTS, value(f"{R1}/result.json", "seed", to="x")),
    forged("two lottery numbers exchanged", "lottery", MANIFEST, cells("lottery.csv", {"number": "1"}, number="2")),
    forged("a lottery number less", "lottery", MANIFEST, row_less("lottery.csv", number="3")),
]  # fmt: skip

DRAW = [
    ("log: public source", forged("another source of the public value", "commitment", LOG, body("round.announced", 0, lambda b: b["settings"].update(public_source="x")))),
    ("log: public source", forged("a source that was not announced", "commitment", LOG, body("round.announced", 0, lambda b: b["settings"].pop("public_source")))),
    ("log: public source", forged("a source changed after sealing", "commitment", LOG, text("snapshot/settings.json", '"public_source":"福彩', '"public_source":"体彩'))),
    ("public value", forged("a public value that was not entered", "commitment", LOG, body("round.drawn", 0, lambda b: b.update(public_value="07 13 22 32")))),
    ("public source", forged("a public value from elsewhere", "commitment", LOG, body("round.drawn", 0, lambda b: b.update(public_source="x")))),
    ("public value", forged("another public value shown", "commitment", LOG, body("round.revealed", 0, lambda b: b.update(public_value="07 13 22 32")))),
    ("two people", forged("a public value entered by one person", "commitment", LOG, body("round.drawn", 0, lambda b: b.update(second="管理员")))),
    ("log: drawn", forged("a public value nobody entered", "commitment", LOG, log(lambda lines: lines.remove(_nth(lines, "round.drawn", 0))))),
    ("log: drawn", forged("a public value known before sealing", "commitment", LOG, log(lambda lines: lines.insert(_at(lines, "round.sealed"), lines.pop(_at(lines, "round.drawn")))))),
    ("log: drawn after sealing", forged("a public value entered after the seed was shown", "commitment", LOG, log(lambda lines: lines.insert(_at(lines, "round.revealed"), lines.pop(_at(lines, "round.drawn")))))),
    ("manifest: public value", forged("a public value left out", "commitment", LOG, value("manifest.json", "seed", "public_value", to=""))),
    ("log: public value", forged("a public value without a source", "commitment", LOG, body("round.announced", 0, lambda b: b["settings"].pop("public_source")), value("snapshot/settings.json", "public_source", to=""))),
]  # fmt: skip
"""What is wrong about the public value, by the words in which the check says so."""

SEATS = [
    forged("a seat nobody chose", "seats", RESULTS, cells(f"{R1}/seats.csv", {"teacher": "T1", "section": "C"}, section="K")),
    forged("a seat twice", "seats", RESULTS, row_more(f"{R1}/seats.csv", teacher="T1", section="C", rank="1", kind="chosen")),
    forged("a seat called chosen", "seats", RESULTS, cells(f"{R1}/seats.csv", {"kind": "locked"}, kind="chosen")),
    forged("a closed section less", "seats", RESULTS, value(f"{R1}/result.json", "closed", to=[])),
]  # fmt: skip


def in_2(table: str, **new: str) -> Edit:
    return row_more(f"{I2}/{table}.csv", **new)


ASSIGNED = cells(f"{I1}/choices.csv", {"teacher": "T1", "section": "C"}, kind="assignable")
RULES = [
    forged("a lock that was not kept", "locked_seat", RESULTS, in_2("locks", teacher="T3", section="B")),
    forged("whom it is for", "eligible", RESULTS, in_2("eligibility", section="A", attribute="stage", test="in", values="9")),
    forged("a ban", "banned", RESULTS, in_2("bans", teacher="T1", from_day="2026-08-01", until_day="2026-08-31")),
    forged("a course completed", "repeated", RESULTS, in_2("completed", teacher="T1", offering="C")),
    forged("a prerequisite", "prerequisite", RESULTS, in_2("prerequisites", offering="C", requires="A")),
    forged("a busy morning", "time_conflict", RESULTS, in_2("busy", teacher="T1", day="2026-08-10", half="am")),
    forged("an exclusion", "one_section", RESULTS, in_2("excluded", offering_a="B", offering_b="D")),
    forged("fewer sections wanted", "most_sections", RESULTS, cells(f"{I2}/teachers.csv", {"id": "T4"}, most_sections="1")),
    forged("a seat assigned beyond the cap", "assigned_cap", RESULTS, ASSIGNED, cells(f"{I1}/teachers.csv", {"id": "T1"}, assigned_cap="0")),
    forged("assigned where none may be", "chosen_only", RESULTS, ASSIGNED, value(f"{I1}/instance.json", "allow_assigned", to=False)),
    forged("half a bundle", "bundle", RESULTS, row_less(f"{R2}/seats.csv", teacher="T5", section="D")),
    forged("a cap", "hour_cap", RESULTS, in_2("caps", id="c", limit="1")),
    forged("a minimum to open", "minimum_to_open", RESULTS, cells(f"{I2}/sections.csv", {"id": "C"}, minimum="4")),
    forged("a chair less", "seat_capacity", RESULTS, cells(f"{I2}/sections.csv", {"id": "C"}, capacity="2")),
    forged("a reserve", "reserve", RESULTS, in_2("reserves", id="r", sections_where="section=C", group_where="id=Nobody", seats="3", kind="hard")),
    forged("a quota", "quota", RESULTS, in_2("quotas", id="q", maximum="1")),
    forged("a share", "level_share", RESULTS, in_2("shares", id="s", maximum="1")),
    forged("a small host", "host_capacity", RESULTS, in_2("hosts", id="h", day="2026-08-10", capacity="1")),
    forged("a school that keeps its people", "school_release", RESULTS, in_2("releases", id="l", school="P1", day="2026-08-10", half="am", most_away="0")),
    forged("a small fund", "budget", RESULTS, cells(f"{I2}/sections.csv", {"id": "C"}, fund="F", fee_fen="5"), in_2("funds", id="F", budget_fen="14")),
    forged("a team torn apart", "team", RESULTS, in_2("teams", id="t", rule="all_or_none", sections_where="section=A")),
    forged("a compulsory topic", "compulsory_topic", RESULTS, in_2("topics", topic="x", strict="1")),
    forged("hours that must be reached", "hours_due", RESULTS, cells(f"{I2}/requirements.csv", {}, strict="1")),
]  # fmt: skip

GOALS = [
    forged("a goal's value", "goals", RESULTS, value(f"{R1}/goals.json", 4, "value", to=lambda old: old + 1)),
    forged("points behind the value", "goals", RESULTS, cells(f"{I1}/choices.csv", {"teacher": "T1", "section": "C"}, points="1")),
    forged("a tier less", "goals", RESULTS, value(f"{R1}/goals.json", 4, "code", to="cost")),
    forged("a bound below the value", "bounds", RESULTS, value(f"{R1}/goals.json", 4, "bound", to=lambda old: old - 1)),
    forged("proved although it is not", "bounds", RESULTS, value(f"{R1}/goals.json", 4, "bound", to=lambda old: old + 1)),
    forged("the status", "bounds", RESULTS, value(f"{R1}/result.json", "status", to="feasible")),
    forged("a bound told lower in the certificate", "certificate", RESULTS, cells(f"{R1}/certificate.csv", {"tier": "5", "what": "bound"}, value="1")),
    forged("a case more in the certificate", "certificate", RESULTS, row_more(f"{R2}/certificate.csv", tier="5", leaf="2", what="bound", value="9999")),
    forged("points told that nobody has", "gap", RESULTS, value(f"{R1}/goals.json", 4, "value", to=lambda old: old - 1)),
    forged("the gap that was announced", "published", MANIFEST, value("manifest.json", "answers", 0, "gap", to=0.5)),
]  # fmt: skip

AFTER = [
    forged("one person decided", "overrides", MANIFEST, cells("overrides.csv", {}, second="管理员")),
    forged("no reason given", "overrides", MANIFEST, cells("overrides.csv", {}, reason=" ")),
    forged("a lock nobody decided", "overrides", RESULTS, row_more(f"{I1}/locks.csv", teacher="T1", section="C", reason="by hand")),
    forged("another answer published", "published", MANIFEST, value("manifest.json", "published", to="r1/2/9")),
    forged("a result exchanged with all digests", "published", RESULTS, cells(f"{R2}/seats.csv", {"teacher": "T6", "section": "C"}, section="A")),
    forged("a seat of round 1 taken away", "published", RESULTS, row_less(f"{R2}/seats.csv", teacher="T1", section="C")),
    forged("a final seat out of nothing", "final", MANIFEST, cells("seats-final.csv", {"section_id": "C", "number": "1"}, teacher_id="T3")),
    forged("a final seat twice", "final", MANIFEST, cells("seats-final.csv", {"section_id": "C", "number": "1"}, teacher_id="T5")),
    forged("from a waiting list she is not on", "final", MANIFEST, row_less("waiting.csv")),
    forged("an order of waiting", "final", MANIFEST, cells("waiting.csv", {"teacher_id": "T1"}, position="0")),
    forged("a final seat too many", "final_limits", MANIFEST, row_more("seats-final.csv", section_id="C", number="4", state="confirmed", teacher_id="T2", origin="waitlist")),
    forged("attendance of a stranger", "hours", MANIFEST, cells("attendance.csv", {"half": "am"}, teacher_id="T1")),
    forged("hours posted by one person", "hours", MANIFEST, cells("postings.csv", {}, second_by="甲")),
    forged("a name less on the list", "public_list", MANIFEST, row_less("lists/public.csv")),
    forged("a name more on the list", "public_list", MANIFEST, row_more("lists/public.csv", teacher="T1", section="A", round="1", kind="chosen")),
    forged("a column more on the list", "public_list", MANIFEST, column_more("lists/public.csv", "phone")),
]  # fmt: skip

ALL = [
    *FILES,
    *CHAIN,
    *SEALED,
    *LOTTERY,
    *(each for _, each in DRAW),
    *SEATS,
    *RULES,
    *GOALS,
    *AFTER,
]


def _nth(lines: list[dict], kind: str, nth: int) -> dict:
    return dict([line for line in lines if line["kind"] == kind][nth])


def _at(lines: list[dict], kind: str) -> int:
    return [line["kind"] for line in lines].index(kind)


def failed(folder: Path) -> set[str]:
    return {check.code for check in verify.verify(folder) if check.problems}


@pytest.mark.parametrize("forgery", ALL, ids=lambda forgery: forgery.name)
def test_the_check_whose_business_it_is_notices(forgery, good, tmp_path):
    forgery.apply(good, tmp_path / "forged")
    assert forgery.noticed_by in failed(tmp_path / "forged")


@pytest.mark.parametrize(("subject", "forgery"), DRAW, ids=lambda each: getattr(each, "name", ""))
def test_what_is_wrong_about_the_public_value_is_said(subject, forgery, good, tmp_path):
    forgery.apply(good, tmp_path / "forged")
    checks = {check.code: check for check in verify.verify(tmp_path / "forged")}
    said = {re.sub(r"^#\d+: ", "", each.subject) for each in checks["commitment"].problems}
    assert subject in said


@pytest.mark.parametrize("how_far", [NOTHING, MANIFEST, RESULTS, LOG])
def test_covering_up_alone_changes_nothing(how_far, good, tmp_path):
    """Control: without an edit, what the forger recomputes is what was there."""
    Forgery("nothing", "", how_far, ()).apply(good, tmp_path / "same")
    cover(tmp_path / "same", how_far)
    assert failed(tmp_path / "same") == set()


def test_every_check_has_a_forgery_it_notices():
    assert {forgery.noticed_by for forgery in ALL} == set(verify.TITLES)
    assert len(ALL) >= 40


@pytest.mark.parametrize("seed", range(60))
def test_no_changed_byte_passes_and_none_ends_in_a_traceback(seed, good, tmp_path, capsys):
    """Anywhere in any file but the list itself; some of it can then not be read at all."""
    random = Random(seed)
    shutil.copytree(good, tmp_path / "forged")
    path = random.choice(
        [each for each in sorted((tmp_path / "forged").rglob("*")) if each.is_file()]
    )
    content = bytearray(path.read_bytes())
    place = random.randrange(len(content))
    content[place] ^= 1 << random.randrange(8)
    path.write_bytes(content)
    left = verify.main([str(tmp_path / "forged")])
    assert left in (1, 2) or path.name == "manifest.json", path
    assert "Traceback" not in capsys.readouterr().err
