"""Commands that keep the service alive: serve, worker, check, backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli_shared import DB, Db, Lang, desk_of

app = typer.Typer()

Force = Annotated[bool, typer.Option("--force", help="Replace what is there. 覆盖现有数据")]


@app.command("serve", help="Answer the API over HTTP · 启动接口服务")
def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. 监听地址")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port. 端口")] = 8000,
    made_up: Annotated[
        bool, typer.Option("--demo", help="A made-up county in a new folder. 使用虚构的示例县")
    ] = False,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Solve elsewhere. 求解程序另行启动")
    ] = False,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Answer requests until it is ended."""
    from api.serve import serve as run

    run(desk_of(db, lang), host, port, demo=made_up, worker=not no_worker)


@app.command("worker", help="Solve what is asked for, beside a server · 启动求解程序")
def worker(
    once: Annotated[bool, typer.Option("--once", help="Until nothing waits. 做完即退出")] = False,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Solve what rounds ask for, until it is ended."""
    from api.jobs.worker import run

    desk = desk_of(db, lang)
    with desk.database():
        desk.say("worker_waits")
    run(desk.db, once)


@app.command("check", help="Check the log and the record of accesses · 校验日志与查阅记录")
def check(
    head: Annotated[
        list[str] | None,
        typer.Option("--head", help="NUMBER:HASH written down before. 以前抄下的序号与摘要"),
    ] = None,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Check that nothing was changed behind the program's back; exit code 1 if something was."""
    from api.commands import service

    if not service.check(desk_of(db, lang), head or []):
        raise typer.Exit(1)


@app.command("backup", help="Back up the database while others work · 备份数据库")
def backup(
    out: Annotated[Path, typer.Argument(help="A new folder. 新文件夹")],
    drill: Annotated[
        bool, typer.Option("--drill", help="Restore it once, to be sure. 备份后试恢复一次")
    ] = False,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Back up a database with its keys."""
    from api.commands import service

    service.backup(desk_of(db, lang), out, drill=drill)


@app.command("restore", help="Bring a backup back · 恢复备份")
def restore(
    folder: Annotated[Path, typer.Argument(help="The backup. 备份文件夹")],
    force: Force = False,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Bring a backup back; nothing is touched before it was found whole."""
    from api.commands import service

    service.restore(desk_of(db, lang), folder, force=force)
