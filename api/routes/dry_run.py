"""`/rounds/{id}/dry-run`: prices and odds before a round has a result."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.choosing import dry_run
from api.choosing.tables import DryRunRow
from api.http_errors import not_found
from api.reads.rounds import led
from api.routes.door import STAFF, NeedsKey, RoundId, Visiting, plain_id
from api.schemas import Outward
from catalog.odds import FEWEST

router = APIRouter(prefix="/rounds/{round_id}/dry-run", tags=["menu"])


class DryRunAskedOut(Outward):
    """The job that makes a dry run; `/jobs/{id}` tells how far it is, and stops it."""

    job: str
    state: str


class ForetoldOut(Outward):
    """What a dry run tells of a section; counts are null where fewer than five would ask for it."""

    section_id: str
    price: int
    """Points of a menu, by which the section stands lower."""
    asked: int | None
    seated: int | None
    odds: int
    """Thousandths: the chance of the next one who gets nothing better."""


class DryRunOut(Outward):
    """The dry run that menus of a round go by until it has a result."""

    job: str
    at: str
    asked_by: str
    teachers: int
    digest: str
    sections: list[ForetoldOut]


class DroppedOut(Outward):
    """The dry run that menus no longer go by."""

    job: str
    digest: str


@router.post("", response_model=DryRunAskedOut)
def ask_dry_run(visit: Visiting, round_id: RoundId, key: NeedsKey = None) -> Response:
    """Ask for a dry run by diagnosed needs; it replaces an earlier one · 申请试算."""
    call = visit.call(visit.person("county"))
    done = visit.act(call, lambda session: dry_run.ask(session, call, plain_id(round_id)))
    job = done.body["job"]
    return visit.done(done, DryRunAskedOut, {"job": job["id"], "state": job["state"]})


@router.get("", response_model=DryRunOut)
def get_dry_run(visit: Visiting, round_id: RoundId) -> Response:
    """Show what menus of a round go by · 查看试算结果."""
    with visit.reading(*STAFF) as (session, scope):
        row = session.get(DryRunRow, led(session, scope, plain_id(round_id)).id)
        if row is None:
            raise not_found()
        told = DryRunOut(
            job=row.job_id,
            at=row.at,
            asked_by=row.asked_by,
            teachers=row.teachers,
            digest=row.digest,
            sections=[_line(*line) for line in row.sections],
        )
    return visit.answer(told)


@router.post("/drop", response_model=DroppedOut)
def drop_dry_run(visit: Visiting, round_id: RoundId, key: NeedsKey = None) -> Response:
    """Let menus go by the last result again, or by none · 撤销试算结果."""
    call = visit.call(visit.person("county"))
    done = visit.act(call, lambda session: dry_run.drop(session, call, plain_id(round_id)))
    return visit.done(done, DroppedOut, done.body)


def _line(id_: str, price: int, asked: int, seated: int, _: int, odds: int) -> ForetoldOut:
    known = asked >= FEWEST
    return ForetoldOut(
        section_id=id_,
        price=(price + 500) // 1000,
        asked=asked if known else None,
        seated=seated if known else None,
        odds=odds,
    )
