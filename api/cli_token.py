"""`xuanke token make|list|revoke`: how each command is called."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli_shared import DB, By, Db, Lang, Reason, desk_of
from api.commands import tokens
from api.commands.life import Who

app = typer.Typer(help="Make, list and end keys to the API · 接口令牌：签发、查看、吊销")


@app.command("make", help="Make a key to the API for somebody · 签发接口令牌")
def make(
    holder: Annotated[str, typer.Argument(help="Who will use it. 使用人")],
    role: Annotated[
        str, typer.Option("--role", help="teacher, school, institution, county, auditor. 身份")
    ],
    scope: Annotated[str, typer.Option("--scope", help="Code it is for. 所管的编号")],
    days: Annotated[int, typer.Option("--days", help="How long it lasts. 有效天数", min=1)] = 90,
    label: Annotated[str, typer.Option("--label", help="What it is for. 用途")] = "",
    by: By = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Make a token; it is shown this once."""
    from api.tokens import Wish

    wish = Wish(holder, role, scope, days, label)
    tokens.make(desk_of(db, lang), Who(by), wish)


@app.command("list", help="Who has a key, until when, last used when · 查看已签发的令牌")
def list_(
    over: Annotated[
        bool, typer.Option("--all", help="Those that are over too. 包括已失效的")
    ] = False,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """List the tokens that are good."""
    tokens.list_(desk_of(db, lang), over=over)


@app.command("revoke", help="End a key at once · 立即吊销令牌")
def revoke(
    name: Annotated[str, typer.Argument(help="Its number, or the key itself. 令牌编号或令牌本身")],
    reason: Reason = "",
    by: By = "",
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """End a token from this moment on."""
    tokens.revoke(desk_of(db, lang), Who(by, reason=reason), name)
