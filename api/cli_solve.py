"""`xuanke round seal ... second`: from closed ballots to a result that is final, as commands."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli_shared import DB, By, Db, Lang, Reason, Round, Second, Section, Teacher, desk_of

app = typer.Typer()


@app.command("seal", help="Freeze the ballots, then reveal the seed · 封存志愿并揭晓种子")
def seal(
    wait: Annotated[
        bool, typer.Option("--wait", help="Seal only; reveal later. 只封存，稍后揭晓")
    ] = False,
    public_value: Annotated[
        str, typer.Option("--public-value", help="Drawn after sealing; takes two. 开出的公开号码")
    ] = "",
    second: Second = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Freeze the ballots and, unless a public draw is awaited, reveal the seed."""
    from api.commands import life, solving

    who = life.Who(by, second, reason, round_)
    solving.seal(desk_of(db, lang), who, public_value, wait=wait)


@app.command("solve", help="Solve, with progress; the best answer with its proof · 求解")
def solve(
    effort: Annotated[
        str | None, typer.Option("--effort", help="quick, standard or long. 求解力度")
    ] = None,
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Solve a sealed round; exit code 1 if its settings clash."""
    from api.commands import life, solving

    if not solving.solve(desk_of(db, lang), life.Who(by, round_id=round_), effort):
        raise typer.Exit(1)


@app.command(
    "dry-run",
    help="Prices and odds for menus, by needs and before any ballot · 按需求试算录取机会",
)
def dry_run(
    drop: Annotated[
        bool, typer.Option("--drop", help="Go by the last result again. 撤销试算")
    ] = False,
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Make a dry run that menus go by until there is a result, or drop it; exit code 1 if it fails."""
    from api.commands import life, solving

    if not solving.dry_run(desk_of(db, lang), life.Who(by, round_id=round_), drop=drop):
        raise typer.Exit(1)


@app.command("stop", help="Let a running solve keep its best so far · 停止求解并保留当前最好结果")
def stop(by: By = "", round_: Round = "", db: Db = DB, lang: Lang = "zh") -> None:
    """Let a running solve end with the best answer so far."""
    from api.commands import life, solving

    solving.stop(desk_of(db, lang), life.Who(by, round_id=round_))


@app.command(
    "review", help="Look at the candidate; --accept checks every rule again · 复核候选结果"
)
def review(
    accept: Annotated[bool, typer.Option("--accept", help="Accept it. 复核通过")] = False,
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Look at the candidate, or accept it."""
    from api.commands import life, solving

    solving.review(desk_of(db, lang), life.Who(by, round_id=round_), accept=accept)


@app.command("lock", help="Give or forbid a seat by hand; takes two · 人工锁定或排除席位")
def lock(
    teacher: Teacher,
    section: Section,
    forbid: Annotated[bool, typer.Option("--forbid", help="Keep her out. 改为排除")] = False,
    second: Second = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Lock or forbid one seat by hand; the round is then solved again."""
    from api.commands import life
    from matching.rounds.life import overrides

    kind = "forbid" if forbid else "lock"
    who = life.Who(by, second, reason, round_)
    life.act(
        desk_of(db, lang),
        who,
        lambda s, c, id_: overrides.override(s, c, id_, teacher, section, kind),
    )


@app.command("rerun", help="Solve again, as a new version; takes two · 重新求解")
def rerun(
    second: Second = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Take a round back to before its solve; nothing is overwritten."""
    from api.commands import life
    from matching.rounds.life import publishing

    life.act(desk_of(db, lang), life.Who(by, second, reason, round_), publishing.rerun)


@app.command("publish", help="Publish the result for objections; takes two · 公示结果")
def publish(
    days: Annotated[int, typer.Option("--days", help="Days for objections. 公示天数", min=1)] = 7,
    second: Second = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Publish the accepted result."""
    from api.commands import life
    from matching.rounds.life import publishing

    who = life.Who(by, second, reason, round_)
    life.act(desk_of(db, lang), who, lambda s, c, id_: publishing.publish(s, c, id_, days))


@app.command("appeal", help="Write down an objection · 登记异议")
def appeal(
    teacher: Teacher,
    text: Annotated[str, typer.Argument(help="What she objects to. 异议内容")],
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Write down the objection of a teacher while the result is on public notice."""
    from api.commands import life, solving

    solving.appeal(desk_of(db, lang), life.Who(by, round_id=round_), teacher, text)


@app.command("answer", help="Answer an objection · 答复异议")
def answer(
    number: Annotated[str, typer.Argument(help="Its number. 异议编号")],
    text: Annotated[str, typer.Argument(help="The answer. 答复内容")],
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Answer an objection; a round is final once all are answered."""
    from api.commands import life
    from matching.rounds.life import appeals

    who = life.Who(by, round_id=round_)
    life.act(desk_of(db, lang), who, lambda s, c, id_: appeals.answer_(s, c, id_, number, text))


@app.command("finalise", help="End the objections · 公示期满定案")
def finalise(by: By = "", round_: Round = "", db: Db = DB, lang: Lang = "zh") -> None:
    """End the time for objections."""
    from api.commands import life
    from matching.rounds.life import publishing

    life.act(desk_of(db, lang), life.Who(by, round_id=round_), publishing.finalise)


@app.command("second", help="Go on to round 2, which may assign · 进入第二轮，可指派")
def second_round(by: By = "", round_: Round = "", db: Db = DB, lang: Lang = "zh") -> None:
    """Go on to the second solve."""
    from api.commands import life
    from matching.rounds.life import publishing

    life.act(desk_of(db, lang), life.Who(by, round_id=round_), publishing.second_round)
