"""`xuanke round seal|solve|stop|review`: from closed ballots to a candidate that was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.commands.life import Who, call_of, do, office_of, tell_state, the_round
from api.console import Desk
from api.messages import say

if TYPE_CHECKING:
    from api.jobs.progress import Teller
    from matching.rounds.life.tables import JobRow
    from matching.watch import Progress


def seal(desk: Desk, who: Who, public_value: str, *, wait: bool) -> None:
    """Freeze the ballots and, unless a public draw is awaited, reveal the seed."""
    from matching.rounds.life import sealing
    from matching.rounds.life.drafting import public_source

    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        if public_value:
            do(office, who, row, lambda s, call, id_: sealing.draw(s, call, id_, public_value))
        elif row.state != "sealed":
            done = do(office, who, row, sealing.seal)
            desk.say("life_sealed", digest=done.body["digest"], root=done.body["root"])
            if source := public_source(row):
                desk.say("life_draw_awaited", source=source)
                wait = True
        if not wait:
            done = do(office, who, row, sealing.reveal)
            desk.say("life_revealed", seed=done.body["seed"])
        tell_state(desk, office, row.id)


def solve(desk: Desk, who: Who, effort: str | None) -> bool:
    """Ask for an answer and wait for it, with progress; False if the settings clash."""
    from api.jobs import solve_now
    from matching.rounds.life import answers

    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        done = do(office, who, row, lambda s, call, id_: answers.ask(s, call, id_, effort))
        job = solve_now(desk.db, engine, str(done.body["job"]["id"]), _teller(desk))
        tell_job(desk, job)
        tell_state(desk, office, row.id)
    return job.state == "done"


def dry_run(desk: Desk, who: Who, *, drop: bool) -> bool:
    """Make a dry run and wait for it, with progress, or drop the one there is; False if it failed."""
    from api.choosing import dry_run as runs
    from api.choosing.tables import DryRunRow
    from api.jobs import solve_now

    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        if drop:
            do(office, who, row, runs.drop)
            desk.say("dry_run_dropped")
            return True
        done = do(office, who, row, runs.ask)
        job = solve_now(desk.db, engine, str(done.body["job"]["id"]), _teller(desk))
        if job.state != "done":
            tell_job(desk, job)
            return False
        with office.read() as session:
            made = session.get_one(DryRunRow, row.id)
        dear = sum(price > 0 for _, price, *_ in made.sections)
        desk.say("dry_run_made", teachers=made.teachers, sections=len(made.sections), dear=dear)
    return True


def tell_job(desk: Desk, job: JobRow) -> None:
    """Say why a solve has no answer: settings that clash, or what went wrong."""
    from api.jobs.solving import trouble_of
    from matching.result import Reason

    if job.witness:
        desk.say("infeasible", round=job.number)
    for reason in job.witness:
        desk.tell("  " + Reason(**reason).say(desk.lang))
    if job.trouble:
        desk.tell(trouble_of(job, desk.lang))


def _teller(desk: Desk) -> Teller:
    """Tell how a solve gets on, a line at a time, on the error stream."""
    from api.jobs.progress import share

    def tell(progress: Progress, seconds: float) -> None:
        gap = "–" if (part := share(progress)) is None else f"{part:.3%}"
        desk.warn(
            say(
                "life_progress" if progress.tier else "life_progress_start",
                desk.lang,
                tier=progress.tier,
                tiers=progress.tiers,
                seats=progress.seats_filled,
                gap=gap,
                seconds=f"{seconds:.0f}",
            )
        )

    return tell


def stop(desk: Desk, who: Who) -> None:
    """Let a running solve end with the best answer so far."""
    from api.jobs.solving import ask_stop, live_jobs

    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        call = call_of(office, who, row.unit_id)
        mine = [job for job in live_jobs(office) if job.startswith(f"{row.id}.")]
        for job in mine:
            ask_stop(office, call, job)
        desk.say("life_stopping" if mine else "life_nothing_to_stop")


def review(desk: Desk, who: Who, *, accept: bool) -> None:
    """Tell what the candidate is worth; accept it if asked to."""
    from matching.rounds.life import publishing, results
    from matching.rounds.messages import say as word

    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        with office.read() as session:
            told = publishing.told(session, row, results.candidate(session, row))
        gap = "–" if told["gap"] is None else f"{told['gap']:.3%}"
        desk.say(
            "life_candidate",
            id=told["id"],
            status=word(f"round_status_{told['status']}", desk.lang),
            gap=gap,
            closed=", ".join(told["closed"]) or "–",
            overrides=told["overrides"],
            digest=told["digest"],
        )
        if accept:
            do(office, who, row, publishing.accept)
        tell_state(desk, office, row.id)


def appeal(desk: Desk, who: Who, teacher: str, text: str) -> None:
    """Write down an objection, and say by which number it is answered."""
    from matching.rounds.life import appeals

    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        done = do(
            office, who, row, lambda s, call, id_: appeals.raise_(s, call, id_, teacher, text)
        )
        desk.say("life_appeal", number=done.body["id"])
