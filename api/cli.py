"""The command line `xuanke`: how each command is called; what it does lies in `api.commands`.

Heavy libraries are imported by the command that needs them, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from api import cli_framework, cli_round, cli_service, cli_token
from api.cli_shared import DB, ROUND, Db, Lang, Out, Settings, desk_of
from api.messages import Language

app = typer.Typer(
    help="Xuanke 选课：teachers choose their training; a round is matched, proven and explained. "
    "教师自主选学：从表格到有证明、有解释的录取结果。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Teacher = Annotated[str, typer.Argument(help="Teacher id. 教师编号")]
app.add_typer(cli_round.app, name="round")
app.add_typer(cli_service.app)
app.add_typer(cli_token.app, name="token")
app.add_typer(cli_framework.app, name="framework")


@app.command("init", help="Make the database file, or upgrade an older one · 建立或升级数据库")
def init(
    province: Annotated[
        Path | None, typer.Option("--province", help="Data files of a province. 本省数据文件夹")
    ] = None,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Make the database file, or upgrade an older one."""
    from api.commands import setup

    setup.init(desk_of(db, lang), province)


@app.command("template", help="Write empty sheets to fill in · 生成空白表格模板")
def template(
    slugs: Annotated[
        list[str] | None, typer.Argument(help="Kinds of sheet; all without. 表的种类，不写则全部")
    ] = None,
    out: Out = Path("templates"),
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Write empty sheets to fill in."""
    from api.commands import setup

    setup.template(desk_of(db, lang), out, slugs or [])


@app.command("import", help="Read sheets: everything or nothing · 导入表格，全部导入或全部不导入")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Sheets or folders. 表格或文件夹")],
    good_rows_only: Annotated[
        bool, typer.Option("--good-rows-only", help="Store the good rows. 只导入正确的行")
    ] = False,
    remove_missing: Annotated[
        bool,
        typer.Option("--remove-missing", help="Delete rows not in the sheet. 删除表中没有的行"),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. 不再询问")] = False,
    errors_to: Annotated[
        Path | None,
        typer.Option("--errors-to", help="Folder or file for the sheet with errors. 错误说明表"),
    ] = None,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Read sheets into the database: everything or nothing."""
    from api.commands.imports import Wish, import_files

    wish = Wish(good_rows_only, remove_missing, yes, errors_to)
    import_files(desk_of(db, lang), files, wish)


@app.command("undo", help="Take back the last import · 撤销最近一次导入")
def undo(db: Db = DB, lang: Lang = "zh") -> None:
    """Take back the last import."""
    from api.commands import imports

    imports.undo(desk_of(db, lang))


@app.command("diagnose", help="Show one teacher her own profile · 本人查看能力诊断")
def diagnose(teacher: Teacher, db: Db = DB, lang: Lang = "zh") -> None:
    """Print one teacher's profile, for her eyes."""
    from api.commands import teachers

    teachers.diagnose(desk_of(db, lang), teacher)


@app.command("menu", help="Recommend at most 20 sections, with why · 推荐班次及理由")
def menu(
    teacher: Teacher,
    why_not: Annotated[
        str | None, typer.Option("--why-not", help="Why a section is not offered. 为何不能选某班次")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All she may take, the best first. 全部可选班次")
    ] = False,
    settings: Settings = ROUND,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Print a teacher's menu, all she may take, or what keeps her out of one section."""
    from api.commands import teachers

    teachers.menu(desk_of(db, lang), teacher, why_not, settings, everything)


@app.command("solve", help="Solve round 1 or 2 and store the result · 求解第一轮或第二轮")
def solve(
    number: Annotated[int, typer.Option("--round", help="1 or 2. 轮次", min=1, max=2)] = 1,
    settings: Settings = ROUND,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write instance and result here. 另存文件夹")
    ] = None,
    db: Db = DB,
    lang: Lang = "zh",
) -> None:
    """Solve a round; exit code 1 if its settings clash."""
    from api.commands import rounds

    if not rounds.solve(desk_of(db, lang), settings, number, out):
        raise typer.Exit(1)


@app.command("explain", help="Tell a teacher what she got and why not more · 逐个志愿说明理由")
def explain(teacher: Teacher, settings: Settings = ROUND, db: Db = DB, lang: Lang = "zh") -> None:
    """Print the reason for each choice a teacher missed."""
    from api.commands import rounds

    rounds.explain(desk_of(db, lang), settings, teacher)


@app.command(
    "export", help="Write lists, notices, class lists, slips · 导出公示名单、通知、签到册等"
)
def export(
    out: Out = Path("exports"), settings: Settings = ROUND, db: Db = DB, lang: Lang = "zh"
) -> None:
    """Write every sheet an office needs on paper."""
    from api.commands import rounds

    rounds.export(desk_of(db, lang), settings, out)


@app.command("report", help="Write the report of the round · 生成本轮报告")
def report(
    out: Out = Path("report"), settings: Settings = ROUND, db: Db = DB, lang: Lang = "zh"
) -> None:
    """Write the report as one page and one workbook."""
    from api.commands import rounds

    rounds.report(desk_of(db, lang), settings, out)


@app.command("verify", help="Recheck an archived round · 复核已归档的轮次")
def verify(
    bundle: Annotated[Path, typer.Argument(help="Its folder or .zip. 归档文件夹或压缩包")],
    json: Annotated[bool, typer.Option("--json", help="For programs. 机器可读")] = False,
    lang: Lang = "zh",
) -> None:
    """Recheck a round from its files alone; exit code 0, or 1 and what is wrong, or 2."""
    from matching.verify import main as recheck

    raise typer.Exit(recheck([str(bundle), "--lang", lang, *(["--json"] if json else [])]))


@app.command("demo", help="Run a whole made-up county · 演示一个虚构的县")
def demo(
    out: Out = Path("build/demo"),
    lists: Annotated[
        int | None, typer.Option("--lists", min=1, max=10, help="Cut lists to N. 志愿截短为 N 个")
    ] = None,
    supply: Annotated[
        float | None, typer.Option("--supply", min=0.1, help="Seats per demand. 名额与需求之比")
    ] = None,
    release_cap: Annotated[
        int | None, typer.Option("--release-cap", min=0, max=100, help="Percent. 外出比例上限")
    ] = None,
    scale: Annotated[int, typer.Option("--scale", min=1, max=99, help="Zones of 400. 学区数")] = 1,
    lang: Lang = "zh",
) -> None:
    """Run the pilot from its sheets to the account; exit code 1 if a promise is broken."""
    from api.demo.run import Variant
    from api.demo.run import demo as run

    desk = desk_of(out / DB, lang)
    if not run(desk, out, Variant(lists, supply, release_cap, scale)):
        raise typer.Exit(1)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; what a user can put right is told in a sentence, never as a traceback.

    Exit codes: 0 all is well, 1 a check of ours failed or a round has no answer, 2 the input is wrong.
    """
    from api.told import exit_code, told

    try:
        app(args=arguments)
    except Exception as error:
        sentence = told(error, _language(arguments or sys.argv[1:]))
        if sentence is None:
            raise
        sys.stderr.write(sentence + "\n")
        raise SystemExit(exit_code(error)) from None
    raise SystemExit(0)


def _language(arguments: list[str]) -> Language:
    """Return the language asked for, before typer could parse it."""
    after = dict(pairwise(arguments))
    joined = next((a.split("=", 1)[1] for a in arguments if a.startswith("--lang=")), None)
    named = after.get("--lang") or joined or os.environ.get("XUANKE_LANG", "zh")
    return "en" if named == "en" else "zh"


if __name__ == "__main__":
    main()
