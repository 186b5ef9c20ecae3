"""What is asked of one teacher is what is known of her among everybody."""

import pytest

from diagnostics import hers, store
from diagnostics.credit import integrity
from diagnostics.credit.ledger import approve, post
from diagnostics.errors import UnknownTeacher
from diagnostics.tables import DiagnosisRow, ItemAnswerRow, RatingRow, ResponseRow
from tests.diagnostics.credit.test_ledger import posting


@pytest.fixture
def kept(session):
    """Something of everything about T1 and T2, in an order that is none."""
    for who in ("T2", "T1"):
        session.add_all(
            RatingRow(teacher_id=who, dimension=d, source="self", rater=who, level=2)
            for d in ("XK1", "SD1")
        )
        session.add(ResponseRow(teacher_id=who, rater="T3", options={"SD1-1": 2}))
        session.add(ResponseRow(teacher_id=who, rater=who, options={"SD1-1": 1, "XK2-3": 4}))
        asked = {"teacher_id": who, "framework": "common", "version": 1, "seed": "s"}
        session.add(DiagnosisRow(id=f"D{who}", opened_at="2026-05-20", **asked))
        session.flush()
        session.add(ItemAnswerRow(diagnosis_id=f"D{who}", number=1, item="SD1-1", option=3, at=""))
        lines = [posting(teacher_id=who, evidence=f"{who}{n}") for n in "ba"]
        waiting, _ = post(session, lines, ["A1"])
        approve(session, waiting.id, "A0")
        for day in ("2025-12-04", "2023-12-04"):
            store.record_ban(session, integrity.ban(who, "no_show", day))
    session.flush()
    return session


@pytest.mark.parametrize("who", ["T1", "T2", "T3"])
def test_of_one_as_of_everybody(kept, who):
    assert hers.ratings(kept, who) == tuple(r for r in store.ratings(kept) if r.teacher == who)
    told = [r.model_dump() for r in store.responses(kept, "common") if r.teacher_id == who]
    assert [row.model_dump() for row in hers.responses(kept, "common", who)] == told
    lines = tuple(line for line in store.ledger_lines(kept) if line.teacher_id == who)
    assert hers.ledger(kept, who) == lines
    assert hers.bans(kept, who) == tuple(b for b in store.bans(kept) if b.teacher == who)
    assert bool(lines and told) is (who != "T3")
    assert {len(line.approvers) for line in lines} == ({1, 2} if lines else set())


def test_nobody_is_told_apart_from_somebody_without_anything(session):
    assert hers.teacher(session, "T1").lineage == ("441226", "441200", "440000")
    with pytest.raises(UnknownTeacher):
        hers.teacher(session, "T9")
