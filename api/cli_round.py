"""`xuanke round ...`: how each verb of a round's life is called; what it does lies in `api.commands`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api import cli_seats, cli_solve
from api.cli_shared import (
    DB,
    ROUND,
    By,
    Db,
    Lang,
    Reason,
    Round,
    Second,
    Settings,
    Teacher,
    desk_of,
)

app = typer.Typer(
    help="Move a round from draft to archive · 轮次从草拟到归档",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("status", help="Where the round is, and what comes next · 轮次现状与下一步")
def status(round_: Round = "", db: Db = DB, lang: Lang = "zh") -> None:
    """Tell where a round is."""
    from api.commands import life

    life.status(desk_of(db, lang), life.Who(round_id=round_))


@app.command("draft", help="Make a round from its settings · 按设置文件建立轮次")
def draft(settings: Settings = ROUND, by: By = "", db: Db = DB, lang: Lang = "zh") -> None:
    """Make a round from its settings."""
    from api.commands import life

    life.draft(desk_of(db, lang), settings, life.Who(by))


@app.command("rules", help="Change the settings; once announced it takes two · 修改设置")
def rules(
    settings: Settings = ROUND,
    second: Second = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Give the round the settings of the file as it is now."""
    from api.commands import life

    life.change_rules(desk_of(db, lang), settings, life.Who(by, second, reason, round_))


@app.command(
    "announce", help="Publish dates, rules and the seed's digest · 公告时间、规则与种子摘要"
)
def announce(
    from_: Annotated[str, typer.Option("--from", help="When it opens. 开放时刻")],
    until: Annotated[str, typer.Option("--until", help="When it closes. 截止时刻")],
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Publish when a round opens and closes, its rules and the digest of its seed."""
    from api.commands import life
    from matching.rounds.life import moves

    who = life.Who(by, round_id=round_)
    life.act(desk_of(db, lang), who, lambda s, c, id_: moves.announce(s, c, id_, from_, until))


@app.command("open", help="Let teachers choose · 开放选学")
def open_(by: By = "", round_: Round = "", db: Db = DB, lang: Lang = "zh") -> None:
    """Let teachers choose."""
    from api.commands import life
    from matching.rounds.life import moves

    life.act(desk_of(db, lang), life.Who(by, round_id=round_), moves.open_)


@app.command("extend", help="Let the deadline be later · 延长截止时间")
def extend(
    until: Annotated[str, typer.Option("--until", help="The later deadline. 新的截止时刻")],
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Let the deadline be later."""
    from api.commands import life
    from matching.rounds.life import moves

    who = life.Who(by, reason=reason, round_id=round_)
    life.act(desk_of(db, lang), who, lambda s, c, id_: moves.extend(s, c, id_, until))


@app.command("pause", help="Take no ballots for a while · 暂停")
def pause(
    reason: Reason = "", by: By = "", round_: Round = "", db: Db = DB, lang: Lang = "zh"
) -> None:
    """Take no ballots for a while."""
    from api.commands import life
    from matching.rounds.life import moves

    who = life.Who(by, reason=reason, round_id=round_)
    life.act(desk_of(db, lang), who, moves.pause)


@app.command("resume", help="Take ballots again, the deadline moves along · 恢复并顺延截止")
def resume(
    at: Annotated[str, typer.Option("--at", help="When it goes on. 恢复时刻")],
    until: Annotated[str | None, typer.Option("--until", help="The deadline. 截止时刻")] = None,
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Take ballots again."""
    from api.commands import life
    from matching.rounds.life import moves

    who = life.Who(by, reason=reason, round_id=round_)
    life.act(desk_of(db, lang), who, lambda s, c, id_: moves.resume(s, c, id_, at, until))


@app.command("close", help="Close after the deadline; --early takes two · 截止；提前须两人")
def close(
    early: Annotated[bool, typer.Option("--early", help="Before the deadline. 提前截止")] = False,
    second: Second = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Close a round."""
    from api.commands import life
    from matching.rounds.life import moves

    who = life.Who(by, second, reason, round_)
    life.act(desk_of(db, lang), who, moves.close_early if early else moves.close)


@app.command("approve", help="The school approves ballots · 学校同意志愿")
def approve(
    teacher: Teacher,
    school: Annotated[str, typer.Option("--school", help="School id. 学校代码")],
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Let a school approve a ballot."""
    from api.commands import life
    from matching.rounds.life import reviewing

    who = life.Who(by, round_id=round_, role="school", scope=school)
    life.act(desk_of(db, lang), who, lambda s, c, id_: reviewing.approve(s, c, id_, teacher))


@app.command("return", help="The school returns a ballot with its reason · 学校退回志愿并说明")
def return_(
    teacher: Teacher,
    school: Annotated[str, typer.Option("--school", help="School id. 学校代码")],
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Let a school return a ballot."""
    from api.commands import life
    from matching.rounds.life import reviewing

    who = life.Who(by, reason=reason, round_id=round_, role="school", scope=school)
    life.act(
        desk_of(db, lang), who, lambda s, c, id_: reviewing.return_(s, c, id_, teacher, reason)
    )


@app.command("void", help="Give the round up; takes two · 作废")
def void(
    successor: Annotated[str, typer.Option("--successor", help="Its successor. 接替轮次")] = "",
    second: Second = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Give a round up."""
    from api.commands import life
    from matching.rounds.life import moves

    who = life.Who(by, second, reason, round_)
    life.act(desk_of(db, lang), who, lambda s, c, id_: moves.void(s, c, id_, successor))


@app.command("notify", help="Tell people what waits to be told · 发送或导出通知")
def notify_(
    channel: Annotated[
        str, typer.Option("--channel", help="email, webhook, sheet or slips. 方式")
    ] = "sheet",
    contacts: Annotated[
        Path | None, typer.Option("--contacts", help="Sheet of contacts, not kept. 联系方式表")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder. 文件夹")] = Path("notices"),
    again: Annotated[
        bool, typer.Option("--again", help="Failed and unclear ones too. 重发失败与不明的")
    ] = False,
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Send what waits in the outbox, or write it as a sheet or slips."""
    from api.commands import life, notify

    if channel not in ("email", "webhook", "sheet", "slips"):
        raise typer.BadParameter("email | webhook | sheet | slips", param_hint="--channel")
    telling = notify.Telling(channel, contacts, out, again)
    notify.notify(desk_of(db, lang), life.Who(round_id=round_), telling)


app.add_typer(cli_solve.app)
app.add_typer(cli_seats.app)
