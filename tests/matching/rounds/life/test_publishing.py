"""A result is checked again, published whole, objected to, and made final."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import select

from api.database import reading
from api.database import session as writing
from matching.rounds import store
from matching.rounds.errors import BadRound
from matching.rounds.life import appeals, overrides, publishing, refereeing, results
from matching.rounds.life.tables import AnswerRow, OverrideRow
from matching.rounds.tables import ResultRow, RoundRow
from tests.matching.rounds.life.factories import AFTER, DAY, ROUND, call, row, two
from tests.matching.rounds.life.factories_seats import (
    BALLOTS,
    FINAL,
    PUBLISHED,
    final_round,
    publish,
    seeded_round,
    solve,
)

pytestmark = pytest.mark.usefixtures("dialect")


def refused(code, command, *arguments):
    with pytest.raises(BadRound) as caught:
        command(*arguments)
    assert caught.value.code == code
    for lang in ("zh", "en"):
        assert caught.value.say(lang)
    return caught.value


def damage(session, **changes):
    """Change a stored answer as somebody with the database in hands could."""
    session.flush()
    kind = session.get_bind().dialect.name
    off, on = {
        "sqlite": (("DROP TRIGGER answer_no_update",), ()),
        "postgresql": (
            ("ALTER TABLE answer DISABLE TRIGGER USER",),
            ("ALTER TABLE answer ENABLE TRIGGER USER",),
        ),
    }[kind]
    for statement in off:
        session.execute(text(statement))
    (kept,) = results.answers(session, ROUND)
    for name, value in changes.items():
        setattr(kept, name, value)
    session.flush()
    for statement in on:
        session.execute(text(statement))
    return kept


def test_what_is_published_is_what_was_solved():
    with seeded_round() as session:
        solve(session)
        happened = publish(session)
        (kept,) = results.answers(session, ROUND)
        seats = store.seats(session, ROUND)
        assert row(session).published == kept.id
        assert [seat.model_dump() for seat in seats] == kept.body["seats"] != []
        assert [r.digest for r in store.results(session, ROUND)] == [kept.digest]
        told = happened.answer["answer"]
        assert told["digest"] == kept.digest
        assert told["snapshot_digest"] == kept.snapshot_digest
        assert {"seed", "version", "settings", "status", "gap", "goals"} <= told.keys()
        assert told["overrides"] == 0


def test_everybody_with_a_list_or_a_seat_is_told_once_for_each_result():
    with seeded_round() as session:
        solve(session)
        happened = publish(session)
        assert [notice.person for notice in happened.notices] == sorted(BALLOTS)
        assert {(n.kind, n.reference) for n in happened.notices} == {("result", f"{ROUND}/1/1")}


def test_publishing_takes_two_people_with_a_reason():
    with seeded_round() as session:
        solve(session)
        publishing.accept(session, call(at=AFTER), ROUND)
        refused("life_no_reason", publishing.publish, session, call(at=AFTER), ROUND)
        alone = replace(two(AFTER), second="")
        refused("life_needs_second", publishing.publish, session, alone, ROUND)
        twice = replace(two(AFTER), second=two().actor)
        refused("life_same_person", publishing.publish, session, twice, ROUND)


def test_nothing_is_published_that_nobody_has_accepted():
    with seeded_round() as session:
        solve(session)
        refused("life_wrong_state", publishing.publish, session, two(AFTER), ROUND)


@pytest.mark.parametrize("status", ["infeasible", "unknown"])
def test_only_an_answer_can_be_accepted(status):
    with seeded_round() as session:
        solve(session)
        damage(session, status=status)
        refused("life_bad_status", publishing.accept, session, call(at=AFTER), ROUND)


def seat_too_many(body):
    """Give T6 a seat in D, which she has not chosen."""
    seats = [
        *body["result"]["seats"],
        {"teacher": "T6", "section": "D", "rank": 3, "kind": "chosen"},
    ]
    return body | {"result": body["result"] | {"seats": seats}}


def test_a_changed_seat_is_seen_by_the_digest():
    with seeded_round() as session:
        solve(session)
        (kept,) = results.answers(session, ROUND)
        damage(session, body=seat_too_many(kept.body))
        refused("life_other_digest", publishing.accept, session, call(at=AFTER), ROUND)


def test_a_changed_seat_with_a_new_digest_is_seen_by_the_referee():
    with seeded_round() as session:
        solve(session)
        (kept,) = results.answers(session, ROUND)
        body = seat_too_many(kept.body)
        forged = AnswerRow(**{**kept.model_dump(), "body": body})
        damage(session, body=body, digest=refereeing.digest_of(forged))
        refused("life_breach", publishing.accept, session, call(at=AFTER), ROUND)


def test_an_answer_to_other_data_is_refused():
    """The seat was locked after the answer was found, so the answer is not one to this question."""
    with seeded_round() as session:
        solve(session)
        said = {"kind": "lock", "reason": "r", "decided_by": "a", "second": "b"}
        session.add(OverrideRow(round_id=ROUND, teacher_id="T1", section_id="A", **said))
        session.flush()
        refused("life_other_instance", publishing.accept, session, call(at=AFTER), ROUND)


def test_sections_that_start_within_ten_days_are_named():
    """A and B start on 3 August: on 24 July (Beijing) they can be told, one day later not."""
    with seeded_round() as session:
        solve(session)
        publishing.accept(session, call(at=AFTER), ROUND)
        late = AFTER.replace(month=7, day=24, hour=16)
        problem = refused("life_too_soon", publishing.publish, session, two(late), ROUND)
        assert problem.values["sections"] == ("A (2026-08-03)", "B (2026-08-03)")
        assert row(session).published == ""
        publishing.publish(session, two(late.replace(hour=15)), ROUND)


def test_a_result_is_final_when_objections_are_over_and_answered():
    with seeded_round() as session:
        solve(session)
        publish(session)
        teacher = call("teacher", "T3", PUBLISHED + DAY)
        raised = appeals.raise_(session, teacher, ROUND, "T3", " 名次有误 ")
        refused("life_notice_runs", publishing.finalise, session, call(at=PUBLISHED), ROUND)
        refused("life_appeals_wait", publishing.finalise, session, call(at=FINAL), ROUND)
        answer = (session, call(at=FINAL), ROUND, raised.answer["id"])
        appeals.answer_(*answer, "已核对，名次无误")
        refused("life_no_appeal", appeals.answer_, *answer, "再答")
        publishing.finalise(session, call(at=FINAL), ROUND)
        assert row(session).state == "final"


def test_objections_are_ones_own_in_time_and_say_something():
    with seeded_round() as session:
        solve(session)
        early = (session, call("teacher", "T3", AFTER), ROUND, "T3", "早")
        refused("life_not_now", appeals.raise_, *early)
        publish(session)
        other = (session, call("teacher", "T1", PUBLISHED), ROUND, "T3", "她的")
        refused("life_no_teacher", appeals.raise_, *other)
        mine = call("teacher", "T3", PUBLISHED)
        refused("life_appeal_length", appeals.raise_, session, mine, ROUND, "T3", " ")
        late = call("teacher", "T3", FINAL)
        refused("life_notice_over", appeals.raise_, session, late, ROUND, "T3", "迟")
        appeals.raise_(session, mine, ROUND, "T3", "一")
        appeals.raise_(session, mine, ROUND, "T3", "二")
        ids = [each.id for each in appeals.unanswered(session, ROUND)]
        assert ids == [f"{ROUND}/T3/1", f"{ROUND}/T3/2"]
        refused("life_no_round", appeals.answer_, session, mine, ROUND, ids[0], "自答")
        auditor = call("auditor", at=PUBLISHED)
        refused("life_role", appeals.answer_, session, auditor, ROUND, ids[0], "代答")


def test_nobody_who_only_looks_on_objects_for_a_teacher():
    with seeded_round() as session:
        solve(session)
        publish(session)
        for role in ("auditor", "clock"):
            said = (session, call(role, at=PUBLISHED), ROUND, "T1", "不服")
            refused("life_role", appeals.raise_, *said)


def test_a_seat_decided_by_hand_is_kept_and_counted():
    """T4 did not ask for D, T1 is barred from A: both hold, and T1 is told why."""
    with seeded_round() as session:
        solve(session)
        overrides.override(session, two(AFTER), ROUND, "T4", "D", "lock", "送教需要")
        assert row(session).state == "seeded"
        solve(session)
        overrides.override(session, two(AFTER), ROUND, "T1", "A", "forbid", "回避")
        solve(session)
        happened = publish(session)
        held = {(s.teacher_id, s.section_id): s.kind for s in store.seats(session, ROUND)}
        assert held["T4", "D"] == "locked"
        assert ("T1", "A") not in held
        (why,) = [
            r for r in store.reasons(session, ROUND) if (r.teacher_id, r.subject) == ("T1", "A")
        ]
        assert (why.code, why.detail) == ("round_forbidden", {"reason": "回避"})
        assert happened.answer["answer"]["overrides"] == 2


def test_a_bundle_barred_in_part_is_missed_as_a_whole():
    with seeded_round() as session:
        solve(session)
        overrides.override(session, two(AFTER), ROUND, "T5", "D", "forbid", "设备不足")
        solve(session)
        publish(session)
        assert not [s for s in store.seats(session, ROUND) if s.teacher_id == "T5"]
        mine = {r.subject: r.code for r in store.reasons(session, ROUND) if r.teacher_id == "T5"}
        assert mine == {"C": "round_forbidden_partner", "D": "round_forbidden"}


def test_deciding_by_hand_has_its_limits():
    with seeded_round() as session:
        solve(session)
        why = (session, two(AFTER), ROUND)
        refused("life_override_kind", overrides.override, *why, "T1", "A", "maybe")
        refused("life_not_meant", overrides.override, *why, "T1", "K", "lock")
        refused("life_no_section", overrides.override, *why, "T1", "Z", "lock")
        refused("life_no_teacher", overrides.override, *why, "T0", "A", "lock")
        refused("life_no_override", overrides.override, *why, "T1", "A", "lift")
        alone = (session, call(at=AFTER, reason="r"), ROUND, "T1", "A", "lock")
        refused("life_needs_second", overrides.override, *alone)
        overrides.override(*why, "T1", "A", "lock")
        solve(session)
        overrides.override(*why, "T1", "A", "lift")
        assert results.overrides(session, ROUND) == []


def test_decisions_that_clash_can_be_taken_back():
    """A has two seats; three people locked into them leave no answer, and no dead end either."""
    with seeded_round() as session:
        for teacher in ("T1", "T2", "T3"):
            overrides.override(session, two(AFTER), ROUND, teacher, "A", "lock")
        assert solve(session).state == "infeasible"
        overrides.override(session, two(AFTER), ROUND, "T3", "A", "lift")
        assert solve(session).state == "done"


def test_round_2_decides_nothing_about_what_round_1_has_published():
    with final_round() as session:
        seat = store.seats(session, ROUND)[0]
        given = (seat.teacher_id, seat.section_id)
        publishing.second_round(session, call(at=FINAL), ROUND)
        solve(session)
        for kind in ("forbid", "lock", "lift"):
            said = (session, two(FINAL), ROUND, *given, kind)
            refused("life_override_published", overrides.override, *said)


def test_a_result_solved_again_is_a_new_version_beside_the_old():
    with seeded_round() as session:
        solve(session)
        publish(session)
        refused("life_no_reason", publishing.rerun, session, call(at=PUBLISHED), ROUND)
        publishing.rerun(session, two(PUBLISHED), ROUND)
        assert row(session).published == f"{ROUND}/1/1", "the old one is seen until another is"
        solve(session, "quick")
        publish(session)
        assert [each.version for each in results.answers(session, ROUND)] == [1, 2]
        assert row(session).published == f"{ROUND}/1/2"


def test_round_2_keeps_what_round_1_published():
    with final_round() as session:
        first = {(s.teacher_id, s.section_id) for s in store.seats(session, ROUND)}
        publishing.second_round(session, call(at=FINAL), ROUND)
        job = solve(session)
        assert (job.number, row(session).number) == (2, 2)
        publish(session, FINAL)
        seats = store.seats(session, ROUND)
        assert {(s.teacher_id, s.section_id) for s in seats if s.number == 1} == first
        publishing.finalise(session, call(at=FINAL + 8 * DAY), ROUND)
        refused("life_no_third", publishing.second_round, session, call(at=FINAL), ROUND)


def two_answers(session):
    """Return the two answers of a round of which the first is published, by id."""
    solve(session)
    publish(session)
    publishing.rerun(session, two(PUBLISHED), ROUND)
    solve(session, "quick")
    kept = {each.id: each for each in results.answers(session, ROUND)}
    session.commit()
    for each in kept.values():
        session.refresh(each)
    session.expunge_all()
    session.commit()
    return kept


def what_is_seen(opened):
    """Return the pointer, and the rows that a reader finds behind it."""
    pointer = opened.get(RoundRow, ROUND).published
    (result,) = opened.exec(select(ResultRow)).all()
    return pointer, result.settings, [seat.model_dump() for seat in store.seats(opened, ROUND)]


def is_whole(kept, seen):
    pointer, settings, seats = seen
    body = kept[pointer].body
    return (settings, seats) == (body["result"]["settings"], body["seats"])


def test_readers_see_the_old_or_the_new_result_never_a_mix():
    """100 publications beside a reader: pointer, result and seats always belong together."""
    with seeded_round() as session:
        kept = two_answers(session)
        engine, seen, done = session.get_bind(), [], threading.Event()

        def read():
            while not done.is_set():
                with reading(engine) as opened:
                    seen.append(what_is_seen(opened))

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for _ in range(50):
                for each in kept.values():
                    with writing(engine) as opened:
                        mine = opened.get(RoundRow, ROUND)
                        mine.published = each.id
                        opened.flush()
                        publishing.flip(opened, mine, each)
        finally:
            done.set()
            reader.join()
        assert all(is_whole(kept, each) for each in seen)
        assert len({pointer for pointer, *_ in seen}) == 2, "the reader has seen both"


def test_a_pointer_that_flips_alone_is_noticed():
    """Negative control of the story above."""
    with seeded_round() as session:
        kept = two_answers(session)
        with writing(session.get_bind()) as opened:
            opened.get(RoundRow, ROUND).published = f"{ROUND}/1/2"
        with reading(session.get_bind()) as opened:
            assert not is_whole(kept, what_is_seen(opened))
