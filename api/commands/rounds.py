"""`xuanke solve`, `explain`, `export` and `report`: a round from ballots to paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.commands.settings import TEMPLATE, round_settings
from api.commands.showing import show
from api.console import Desk
from api.database import reading, session
from api.errors import UserError
from api.messages import say

if TYPE_CHECKING:
    from matching.rounds.service import Answer
    from matching.rounds.view import RoundView


def solve(desk: Desk, settings_path: Path, number: int, out: Path | None) -> bool:
    """Solve round 1 or 2 and store its answer; False if the settings clash.

    With `out`, instance and result are also written there, for `python -m matching` and archives.
    """
    from matching.rounds import service

    settings = round_settings(settings_path)
    if settings.seed == round_settings(TEMPLATE).seed:
        desk.warn(say("seed_of_template", desk.lang))
    with desk.database() as engine, session(engine) as opened:
        answer = service.run_round(opened, settings, number, lambda s: desk.warn(_stage(desk, s)))
    tell_answer(desk, answer)
    if out is not None:
        write_answer(answer, out)
        desk.say("result_written", folder=out)
    return not answer.is_infeasible


def tell_answer(desk: Desk, answer: Answer) -> None:
    """Print what a solve answered in a few lines; a clash names the settings."""
    for conflict in answer.conflicts:
        desk.tell(conflict.say(desk.lang))
    if answer.is_infeasible:
        desk.say("infeasible", round=answer.number)
        for reason in answer.witness:
            desk.tell("  " + reason.say(desk.lang))
        return
    mine = [seat for seat in answer.seats if seat.number == answer.number]
    assigned = sum(seat.kind == "assignable" for seat in mine)
    gap = answer.result.gap
    desk.say(
        "solved",
        round=answer.number,
        chosen=len(mine) - assigned,
        assigned=assigned,
        closed=len(answer.result.closed),
        gap="–" if gap is None else f"{gap:.3%}",
        digest=answer.result.digest[:12],
    )


def write_answer(answer: Answer, out: Path) -> None:
    """Write the instance and the result of a solve as files that need no database."""
    from matching.files import write_instance, write_result

    out.mkdir(parents=True, exist_ok=True)
    write_instance(answer.assembly.instance, out / f"instance-{answer.number}")
    write_result(answer.result, out / f"result-{answer.number}")


def explain(desk: Desk, settings_path: Path, teacher_id: str) -> None:
    """Print what one teacher received and the one true reason for each choice she missed."""
    from matching.rounds.exports.paper import Paper
    from matching.rounds.exports.slips import slip

    view = _view(desk, settings_path)
    if teacher_id not in view.teacher:
        raise UserError("no_teacher", id=teacher_id)
    with desk.database() as engine:
        show(engine, "explain", [teacher_id])
    told = slip(Paper(view, desk.lang), view.teacher[teacher_id])
    for sentence in told.sentences:
        desk.tell(sentence)
    for section, title, when, site, hours, source in told.seats:
        where = say("joined", desk.lang, when=when, site=site) if site else when
        values = {"section": section, "title": title, "where": where, "source": source}
        desk.say("explain_seat", hours=f"{hours:g}", **values)
    for rank, section, reason in told.missed:
        desk.say("explain_missed", rank=rank, section=section, reason=reason)


def export(desk: Desk, settings_path: Path, out: Path) -> None:
    """Write every sheet an office needs on paper."""
    from matching.rounds.exports.write import write_exports

    view = _view(desk, settings_path)
    with desk.database() as engine:
        show(engine, "export", view.teacher)
    files = write_exports(view, out, desk.lang)
    desk.say("exported", n=len(files), folder=out)


def report(desk: Desk, settings_path: Path, out: Path) -> None:
    """Write the report of the round as one page and one workbook."""
    from matching.rounds.report.page import write_report

    for path in write_report(_view(desk, settings_path, orders=20), out, desk.lang):
        desk.tell(str(path))


def _view(desk: Desk, settings_path: Path, orders: int = 0) -> RoundView:
    """Return the round as stored; `orders` arrival orders of first come are laid beside it."""
    from matching.rounds.freshness import changed_since
    from matching.rounds.life.results import by_hand
    from matching.rounds.viewing import round_view

    settings = round_settings(settings_path)
    with desk.database() as engine, reading(engine) as opened:
        view = round_view(opened, settings, orders=orders)
        if changed_since(opened, settings, by_hand(opened, settings.id)):
            desk.warn(say("changed_since", desk.lang, digest=view.digest[:12]))
    return view


def _stage(desk: Desk, stage: str) -> str:
    return say(f"stage_{stage}", desk.lang)
