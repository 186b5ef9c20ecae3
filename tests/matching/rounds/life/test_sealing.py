"""Sealing: what is frozen stays, what is secret stays so until then, chance belongs to nobody."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from diagnostics.tables import BanRow, RatingRow
from matching.lottery import lottery_numbers
from matching.rounds import service
from matching.rounds import store as rounds_store
from matching.rounds.assemble import assemble
from matching.rounds.errors import BadRound
from matching.rounds.life import handing, merkle, moves, reviewing, sealing, store
from matching.rounds.life.calls import Scope
from tests.matching.rounds import factories as rounds
from tests.matching.rounds.factories import COUNTY
from tests.matching.rounds.life.factories import (
    AFTER,
    CLOSES,
    DRAFTED,
    OPENS,
    ROUND,
    SECRET,
    TEACHERS,
    announce,
    call,
    close,
    draft,
    empty_county,
    open_,
    opened_round,
    row,
    seal,
    settings,
    two,
)

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

LATER = call(at=AFTER)
WISHES = {"T1": ["A", "C"], "T2": ["B"], "T3": ["A"], "T5": ["C+D", "A"]}


def hand_in(session, id="T1", lines=("A",)):
    mine = store.hand_in(session, ROUND, id)
    version = mine.version if mine else 0
    return handing.hand_in(session, call("teacher", id), ROUND, id, lines, None, version)


def sealed(session) -> None:
    for id, lines in WISHES.items():
        hand_in(session, id, lines)
    seal(session)


def refusal(command, *arguments, **more) -> str:
    with pytest.raises(BadRound) as refused:
        command(*arguments, **more)
    assert refused.value.say("zh") != refused.value.say("en")
    return refused.value.code


def test_sealing_publishes_digest_and_root_of_what_counts():
    with opened_round() as session:
        for id, lines in WISHES.items():
            hand_in(session, id, lines)
        reviewing.return_(session, call("school", "P1"), ROUND, "T3", "外出")
        close(session)
        told = sealing.seal(session, LATER, ROUND)
        frozen = store.snapshot(session, ROUND)
        assert told.kind == "round.sealed"
        assert told.answer["digest"] == frozen.digest == sealing.digest(frozen.body)
        leaves = [store.hand_in(session, ROUND, id).digest for id in ("T1", "T2", "T5")]
        assert (frozen.root, frozen.ballots) == (merkle.root(leaves), 3)
        assert SECRET not in frozen.body


def test_a_round_is_sealed_once_and_after_closing():
    with opened_round() as session:
        assert refusal(sealing.seal, session, LATER, ROUND) == "life_wrong_state"
        seal(session)
        assert refusal(sealing.seal, session, LATER, ROUND) == "life_wrong_state"


RICH = (
    rounds.quota(min_seats=1),
    RatingRow(teacher_id="T1", dimension="d", source="self", rater="T1", level=2, day=None),
    BanRow(
        teacher_id="T2",
        event="absent",
        from_day="2025-01-01",
        until_day="2027-12-31",
        where="level=province",
    ),
)


def test_restored_rows_are_the_same_round():
    """Rows and settings come back as they were, so every instance made of them has its digest."""
    with opened_round(*RICH) as session:
        for id, lines in WISHES.items():
            hand_in(session, id, lines)
        live, meant = rounds_store.load(session, settings()), settings(seed=SECRET)
        body = sealing.take(live, meant)
        stored, restored = sealing.restore(body)
        assert restored == settings()
        assert sealing.take(stored, restored) == body
        for name in ("units", "schools", "sections", "offerings", "teachers", "ledger", "ballots"):
            before, after = getattr(live, name), getattr(stored, name)
            assert list(before) == list(after), name
            assert list(before.values()) == list(after.values()), name
        assert (stored.quotas, stored.bans, stored.ratings) == (
            live.quotas,
            live.bans,
            live.ratings,
        )
        for last in (False, True):
            digests = [assemble(s, meant, last=last).instance.digest for s in (live, stored)]
            assert digests[0] == digests[1]


def test_what_happens_to_the_catalogue_later_changes_nothing():
    """I2: a section that shrinks and a teacher who moves away are not in the sealed round."""
    with opened_round() as session:
        sealed(session)
        body = store.snapshot(session, ROUND).body
        section = session.get_one(rounds.SectionRow, "A")
        section.capacity = 1
        session.get_one(rounds.TeacherRow, "T1").school_id = "P2"
        session.flush()
        stored, meant = sealing.restore(body)
        assert (stored.sections["A"].capacity, stored.teachers["T1"].school) == (2, "P1")
        live = rounds_store.load(session, settings())
        assert assemble(stored, meant, last=False).instance.digest != (
            assemble(live, meant, last=False).instance.digest
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hand_in SET most_sections = 1 WHERE teacher_id = 'T1'",
        "DELETE FROM hand_in WHERE teacher_id = 'T1'",
        "INSERT INTO hand_in (round_id, teacher_id, version, handed_in, lines, school,"
        " school_reason, entered_by, salt, digest, received_at)"
        " VALUES ('r1', 'T6', 1, true, '[]', 'pending', '', '', '', '', '')",
        "UPDATE snapshot SET digest = 'x'",
        "DELETE FROM snapshot",
    ],
)
def test_a_hand_at_the_database_is_refused_after_sealing(statement):
    with opened_round() as session:
        sealed(session)
        session.commit()
        with pytest.raises(DBAPIError, match=r"sealed|append-only"):
            session.execute(text(statement))
        session.rollback()
        assert store.hand_in(session, ROUND, "T1").lines == ["A", "C"]


def test_before_sealing_the_same_hand_is_not_stopped():
    """Negative control: the guard rests on the snapshot, not on the table."""
    with opened_round() as session:
        hand_in(session)
        session.execute(text("UPDATE hand_in SET most_sections = 1"))
        session.expire_all()
        assert store.hand_in(session, ROUND, "T1").most_sections == 1


def test_a_slip_in_our_own_code_is_stopped_too(monkeypatch):
    """With the window left unguarded, the database still refuses a ballot after sealing."""
    monkeypatch.setattr(handing, "require_window", lambda *_: None)
    with opened_round() as session:
        hand_in(session)
        seal(session)
        session.commit()
        with pytest.raises(DBAPIError, match="sealed"):
            hand_in(session)


def test_the_seed_is_shown_only_after_the_digest_is_known():
    with opened_round() as session:
        everybody = Scope("county", COUNTY)
        for step in (close, lambda s: sealing.seal(s, LATER, ROUND)):
            assert refusal(sealing.reveal, session, LATER, ROUND) == "life_wrong_state"
            assert refusal(sealing.lottery, session, everybody, ROUND) == "life_seed_hidden"
            step(session)
        assert refusal(sealing.lottery, session, everybody, ROUND) == "life_seed_hidden"
        told = sealing.reveal(session, LATER, ROUND)
        assert told.answer["secret"] == told.answer["seed"] == SECRET
        assert SECRET not in str(told.body)
        assert sealing.lottery(session, everybody, ROUND) == (
            lottery_numbers(TEACHERS, SECRET, ROUND)
        )


SOURCE = "福彩双色球第 2026067 期开奖号码"
DRAWN = two(at=AFTER, reason="开奖公告第 67 号")


def test_a_public_value_makes_another_seed():
    with opened_round(public_source=SOURCE) as session:
        seal(session)
        sealing.draw(session, DRAWN, ROUND, "3-11-19-27")
        told = sealing.reveal(session, LATER, ROUND)
        assert told.answer["seed"] == sealing.final_seed(SECRET, "3-11-19-27") != SECRET
        hers = sealing.lottery_number(session, Scope("teacher", "T4"), ROUND, "T4")
        assert hers == lottery_numbers(TEACHERS, told.answer["seed"], ROUND)["T4"]
        strange = (session, Scope("teacher", "T5"), ROUND, "T4")
        assert refusal(sealing.lottery_number, *strange) == "life_no_teacher"


def test_where_a_public_value_comes_from_is_said_before_the_round_opens():
    """It is announced, logged and shown, changes by two people until opening, and not after that."""
    with empty_county() as session:
        draft(session, public_source=SOURCE)
        told = moves.announce(session, call(at=DRAFTED), ROUND, OPENS, CLOSES)
        assert told.body["public_source"] == told.answer["public_source"] == SOURCE
        again = settings(public_source="福彩双色球第 2026068 期开奖号码")
        told = moves.amend_rules(session, two(DRAFTED), ROUND, again)
        assert told.answer["public_source"] == again.public_source
        moves.open_(session, call(at=OPENS), ROUND)
        late = (session, two(), ROUND, settings(public_source="另一期"))
        assert refusal(moves.amend_rules, *late) == "life_wrong_state"


def test_a_value_that_was_not_announced_is_not_mixed_in():
    with opened_round() as session:
        seal(session)
        assert refusal(sealing.draw, session, DRAWN, ROUND, "3-11-19-27") == "life_no_source"
        assert sealing.reveal(session, LATER, ROUND).answer["seed"] == SECRET


def test_a_value_that_was_announced_is_entered_by_two_before_the_seed_is_shown():
    with opened_round(public_source=SOURCE) as session:
        early = (session, DRAWN, ROUND, "3-11-19-27")
        assert refusal(sealing.draw, *early) == "life_wrong_state"
        seal(session)
        assert refusal(sealing.reveal, session, LATER, ROUND) == "life_public_missing"
        alone = (session, call(at=AFTER, reason="开奖公告"), ROUND, "3-11-19-27")
        assert refusal(sealing.draw, *alone) == "life_needs_second"
        assert refusal(sealing.draw, session, DRAWN, ROUND, "  ") == "life_public_missing"
        long = (session, DRAWN, ROUND, "7" * 501)
        assert refusal(sealing.draw, *long) == "life_public_too_long"
        told = sealing.draw(session, DRAWN, ROUND, " 3-11-19-27 ")
        frozen = store.snapshot(session, ROUND)
        assert {told.body[name] for name in ("digest", "root")} == {frozen.digest, frozen.root}
        assert told.body["reason"] == "开奖公告第 67 号"
        assert row(session).state == "sealed"
        sealing.reveal(session, LATER, ROUND)
        assert refusal(sealing.draw, *early) == "life_wrong_state"


def test_a_slip_in_the_value_is_put_right_by_two_and_stays_in_the_log():
    with opened_round(public_source=SOURCE) as session:
        seal(session)
        values = ("3-11-19-72", "3-11-19-27")
        told = [sealing.draw(session, DRAWN, ROUND, value) for value in values]
        assert [each.body["public_value"] for each in told] == list(values)
        shown = sealing.reveal(session, LATER, ROUND)
        assert shown.body["public_value"] == "3-11-19-27"


def test_a_secret_that_was_exchanged_is_not_shown():
    with opened_round() as session:
        seal(session)
        store.secret(session, ROUND).secret = "grinded until the cousin won"
        assert refusal(sealing.reveal, session, LATER, ROUND) == "life_secret_changed"


def test_a_voided_round_keeps_its_secret():
    with opened_round() as session:
        seal(session)
        moves.void(session, two(), ROUND, "")
        assert refusal(sealing.lottery, session, Scope("county", COUNTY), ROUND) == (
            "life_seed_hidden"
        )


def test_nothing_a_teacher_does_changes_a_lottery_number():
    """I3: resubmitted, withdrawn, returned or silent, everybody keeps her number."""

    def numbers(*actions) -> dict[str, int]:
        with opened_round() as session:
            for action in actions:
                action(session)
            seal(session)
            sealing.reveal(session, LATER, ROUND)
            return sealing.lottery(session, Scope("county", COUNTY), ROUND)

    silent = numbers()
    assert sorted(silent.values()) == [1, 2, 3, 4, 5, 6]

    def withdraw(session):
        mine = store.hand_in(session, ROUND, "T1")
        handing.withdraw(session, call("teacher", "T1"), ROUND, "T1", mine.version)

    def returned(session):
        reviewing.return_(session, call("school", "P1"), ROUND, "T1", "r")

    assert silent == numbers(hand_in, hand_in)
    assert silent == numbers(hand_in, withdraw)
    assert silent == numbers(hand_in, withdraw, hand_in, returned)
    assert silent == numbers(lambda s: hand_in(s, "T2"), hand_in, lambda s: hand_in(s, "T6"))


def test_every_receipt_is_proven_and_no_other_is():
    with opened_round() as session:
        hand_in(session, "T4", ["D"])
        hand_in(session, "T6", ["D"])
        handing.withdraw(session, call("teacher", "T6"), ROUND, "T6", 1)
        mine = (session, Scope("teacher", "T4"), ROUND, "T4")
        early = handing.receipt(*mine)
        assert early.proof is None
        assert sealing.check_receipt(early, ROUND, "T4", ["D"], None)
        sealed(session)
        root = store.snapshot(session, ROUND).root
        for id, lines in {**WISHES, "T4": ["D"]}.items():
            got = sealing.receipt_of(
                session, Scope("school", "P1" if id < "T5" else "P2"), ROUND, id
            )
            assert got.proof.root == root
            assert sealing.check_receipt(got, ROUND, id, lines, None)
            assert not sealing.check_receipt(got, ROUND, id, [*lines, "D"], None)
            assert not sealing.check_receipt(got, ROUND, id, lines, 1)
            assert not sealing.check_receipt(got, ROUND, "T9", lines, None)
            assert not sealing.check_receipt(got, "r2", id, lines, None)
            moved = replace(got, proof=replace(got.proof, index=(got.proof.index + 1) % 5))
            assert not sealing.check_receipt(moved, ROUND, id, lines, None)
        gone = (session, Scope("teacher", "T6"), ROUND, "T6")
        assert refusal(handing.receipt, *gone) == "life_no_ballot"


def test_a_receipt_is_for_her_her_school_and_her_county():
    with opened_round() as session:
        hand_in(session)
        for role, id in (("teacher", "T1"), ("school", "P1"), ("county", COUNTY)):
            assert handing.receipt(session, Scope(role, id), ROUND, "T1").version == 1
        for role, id in (("teacher", "T2"), ("school", "P2"), ("institution", "I1")):
            stranger = (session, Scope(role, id), ROUND, "T1")
            assert refusal(handing.receipt, *stranger) == "life_no_teacher"


def test_a_round_on_paper_and_a_round_handed_in_have_one_answer():
    """`xuanke import` with `xuanke solve`, and the whole life: the same instance, the same seats."""
    papers = [rounds.ballot(id, *lines) for id, lines in WISHES.items()]
    meant = settings(seed=SECRET, assigned_cap=0, hours_strict=False)
    with empty_county(*papers) as session:
        paper = service.run_round(session, meant, 1)
    with opened_round(**{"assigned_cap": 0, "hours_strict": False}) as session:
        for id, lines in WISHES.items():
            hand_in(session, id, lines)
        seal(session)
        stored, restored = sealing.restore(store.snapshot(session, ROUND).body)
        lived = service.first_round(stored, replace(restored, seed=SECRET))
    with empty_county(*papers) as session:
        open_(session, assigned_cap=0, hours_strict=False)
        adopted = service.first_round(rounds_store.load(session, meant), meant)
    assert paper.result.digest == lived.result.digest == adopted.result.digest
    assert len(paper.seats) > 0


def test_a_draft_and_an_announced_round_cannot_be_sealed():
    for step in (draft, announce):
        with empty_county() as session:
            step(session)
            assert refusal(sealing.seal, session, LATER, ROUND) == "life_wrong_state"


def test_a_receipt_of_a_ballot_that_was_returned_has_no_proof():
    with opened_round() as session:
        for id in ("T1", "T2"):
            hand_in(session, id)
        reviewing.return_(session, call("school", "P1"), ROUND, "T1", "r")
        seal(session)
        assert handing.receipt(session, Scope("teacher", "T1"), ROUND, "T1").proof is None
        assert handing.receipt(session, Scope("teacher", "T2"), ROUND, "T2").proof.size == 1
