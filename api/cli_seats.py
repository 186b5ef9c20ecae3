"""`xuanke round confirm ... verify`: from offered seats to the archive, as commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli_shared import DB, By, Db, Lang, Reason, Round, Second, Section, Teacher, desk_of

app = typer.Typer()

Into = Annotated[
    str, typer.Option("--into", help="A section named by hand, met or not. 指定转入的班次")
]


@app.command("confirm", help="Offer the seats; or confirm one for a teacher · 开始确认；代教师确认")
def confirm(
    teacher: Annotated[str, typer.Argument(help="Teacher id; none opens. 教师编号")] = "",
    section: Annotated[str, typer.Argument(help="Section id. 班次代码")] = "",
    days: Annotated[int, typer.Option("--days", help="Working days. 工作日", min=1)] = 5,
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Offer every seat to its holder, or confirm one on her behalf."""
    from api.commands import life, seats

    seats.confirm(desk_of(db, lang), life.Who(by, round_id=round_), teacher, section, days)


@app.command("decline", help="Decline a seat for a teacher; it goes on · 代教师放弃席位并递补")
def decline(
    teacher: Teacher,
    section: Section,
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Decline one seat; the next in the published order gets it."""
    from api.commands import life
    from matching.rounds.life import places

    who = life.Who(by, reason=reason, round_id=round_)
    life.act(
        desk_of(db, lang),
        who,
        lambda s, c, id_: places.decline(s, c, id_, teacher, section, reason),
    )


@app.command("refill", help="Take back seats nobody confirmed, and refill · 收回逾期席位并递补")
def refill(by: By = "", round_: Round = "", db: Db = DB, lang: Lang = "zh") -> None:
    """Take back seats that were not confirmed in time, and offer them on."""
    from api.commands import life
    from matching.rounds.life import places

    life.act(desk_of(db, lang), life.Who(by, round_id=round_), places.expire)


@app.command("cancel", help="Cancel a section; its people are seated again · 取消班次并另行安排")
def cancel(
    section: Section,
    into: Into = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Cancel a section; those it leaves are tried in their other choices."""
    from api.commands import life, seats

    who = life.Who(by, reason=reason, round_id=round_)
    seats.cancel(desk_of(db, lang), who, section, into)


@app.command("transfer", help="A teacher changes school; seats are looked at anew · 教师调动")
def transfer(
    teacher: Teacher,
    school: Annotated[str, typer.Option("--to", help="Her new school. 调入学校代码")],
    into: Into = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Move a teacher to another school; hours stay with her, seats as far as that school can."""
    from api.commands import life, seats

    who = life.Who(by, reason=reason, round_id=round_)
    seats.transfer(desk_of(db, lang), who, teacher, school, into)


@app.command("settle", help="End confirming; the lists stand · 结束确认，名单已定")
def settle(by: By = "", round_: Round = "", db: Db = DB, lang: Lang = "zh") -> None:
    """End confirming."""
    from api.commands import life
    from matching.rounds.life import places

    life.act(desk_of(db, lang), life.Who(by, round_id=round_), places.settle)


@app.command("start", help="The sections begin · 开班")
def start(by: By = "", round_: Round = "", db: Db = DB, lang: Lang = "zh") -> None:
    """Let the sections begin."""
    from api.commands import life
    from matching.rounds.life import marking

    life.act(desk_of(db, lang), life.Who(by, round_id=round_), marking.start)


@app.command("roll", help="Write out the roll, or read it back · 导出或导入出勤登记表")
def roll(
    file: Annotated[Path | None, typer.Argument(help="A filled roll. 填好的登记表")] = None,
    out: Annotated[Path, typer.Option("--out", help="Where to write it. 导出位置")] = Path(
        "roll.xlsx"
    ),
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Write out the roll of everybody who holds a seat, or read a filled one."""
    from api.commands import life
    from api.commands import roll as command

    who = life.Who(by, round_id=round_)
    if file is None:
        command.write(desk_of(db, lang), who, out)
    else:
        command.read(desk_of(db, lang), who, file)


@app.command("evaluate", help="Attendance and ratings are in · 评价完成")
def evaluate(by: By = "", round_: Round = "", db: Db = DB, lang: Lang = "zh") -> None:
    """Say that attendance and evaluation are complete."""
    from api.commands import life
    from matching.rounds.life import marking

    life.act(desk_of(db, lang), life.Who(by, round_id=round_), marking.evaluate)


@app.command("post", help="Hours into the ledger; takes two · 学时入账，须两人")
def post(
    second: Second = "",
    reason: Reason = "",
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Post the hours of every section: submitted, approved, approved again, in the ledger."""
    from api.commands import life
    from api.commands import roll as command

    command.post(desk_of(db, lang), life.Who(by, second, reason, round_))


@app.command("archive", help="Write the bundle anybody can recheck · 归档，任何人可复核")
def archive(
    out: Annotated[Path, typer.Option("--out", help="Folder. 文件夹")] = Path("archive"),
    by: By = "",
    round_: Round = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Write the bundle of a round and close its life."""
    from api.commands import life, seats

    seats.archive(desk_of(db, lang), life.Who(by, round_id=round_), out)


@app.command("verify", help="Recheck a bundle · 复核归档包")
def verify(
    bundle: Annotated[Path, typer.Argument(help="Folder or .zip. 归档包")], lang: Lang = "zh"
) -> None:
    """Recheck an archived round; exit code 1 if something is wrong."""
    from matching.verify import main

    raise typer.Exit(main([str(bundle), "--lang", lang]))
