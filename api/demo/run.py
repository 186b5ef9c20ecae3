"""The demo from beginning to end: the steps of an office, one after the other, with a clock."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.console import Desk, key_file
from api.errors import UserError
from api.messages import say

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from matching.rounds.assertions import Check
    from matching.rounds.evidence import ZeroRelease
    from matching.rounds.service import Answer
    from matching.rounds.settings import RoundSettings
    from matching.rounds.view import RoundView

ROOT = Path(__file__).parents[2]
SHEETS = ROOT / "examples" / "pilot"
OURS = ("sheets", "instance", "result", "exports", "report", "xuanke.db")
"""What a demo makes in its folder, and what a later demo there replaces."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A what-if of the demo; None leaves the pilot as it is."""

    lists: int | None = None
    supply: float | None = None
    release_cap: int | None = None
    scale: int = 1

    def say(self, desk: Desk) -> str:
        """Return the variant in words, empty for the pilot itself."""
        shown = {
            "lists": self.lists,
            "supply": self.supply,
            "release_cap": self.release_cap,
            "scale": self.scale if self.scale > 1 else None,
        }
        named = [
            say(f"variant_{name}", desk.lang, value=value)
            for name, value in shown.items()
            if value is not None
        ]
        return (("；" if desk.lang == "zh" else "; ").join(named)) or say("variant_none", desk.lang)


def demo(desk: Desk, out: Path, variant: Variant) -> bool:
    """Run a whole county in `out`; True if every promise was kept (or the clash is the answer)."""
    _announce(desk, out, variant)
    fresh_folder(out)
    step = _Steps(desk, 3 if variant.release_cap == 0 else 6)
    with step("sheets"):
        sheets = _sheets(out, variant)
    with step("import"):
        _import(desk, sheets)
    settings = _settings(sheets, variant)
    with desk.database() as engine:
        if variant.release_cap == 0:
            return _without_release(desk, engine, settings, step)
        return _Round(desk, engine, settings, out, step).run()


def fresh_folder(out: Path) -> None:
    """Make the folder; what an earlier demo left there goes, anything else stays."""
    out.mkdir(parents=True, exist_ok=True)
    database = out / "xuanke.db"
    for path in (*(out / name for name in OURS), *out.glob("xuanke.db-*"), key_file(database)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


class _Round:
    """Both rounds, what came of them, and the account."""

    def __init__(
        self, desk: Desk, engine: Engine, settings: RoundSettings, out: Path, step: _Steps
    ) -> None:
        self.desk = desk
        self.step = step
        self.engine = engine
        self.settings = settings
        self.out = out

    def run(self) -> bool:
        answers: list[Answer] = []
        for number in (1, 2):
            answers.append(self._solve(number))
            if answers[-1].is_infeasible:
                _tell_clash(self.desk, answers[-1])
                return False
        with self.step("checks"):
            checks, view = self._look_back()
        with self.step("paper"):
            self._write(view, answers)
        self._tell(view, checks, [answer.result.phases for answer in answers])
        return all(check.ok for check in checks)

    def _solve(self, number: int) -> Answer:
        from api.database import session
        from matching.rounds import service

        with self.step(f"round_{number}"), session(self.engine) as opened:
            return service.run_round(opened, self.settings, number)

    def _look_back(self) -> tuple[tuple[Check, ...], RoundView]:
        """Replay, ask for a release cap of 0 %, simulate who came, and gather the evidence."""
        from api.database import session
        from matching.rounds import assertions, attendance, service, store
        from matching.rounds.evidence import gather
        from matching.rounds.viewing import attendance_view, round_view

        with session(self.engine) as opened:
            repeats = service.replay(opened, self.settings)
            zero = service.zero_release(opened, self.settings)
            stored = store.load(opened, self.settings)
            seats = store.seats(opened, self.settings.id)
            marks = attendance.simulate(stored, seats, self.settings.seed)
            posted = attendance.post(opened, stored, self.settings, marks)
            found = gather(opened, self.settings, marks=marks, repeats=repeats, zero=zero)
            came = attendance_view(marks, posted, len(found.certificates))
            view = round_view(opened, self.settings, attendance=came, synthetic=True)
        return assertions.run(found), view

    def _write(self, view: RoundView, answers: list[Answer]) -> None:
        from matching.files import write_instance, write_result
        from matching.rounds.exports.write import write_exports
        from matching.rounds.report.page import write_report

        for name in ("instance", "result"):
            (self.out / name).mkdir()
        for answer in answers:
            name = f"round-{answer.number}"
            write_instance(answer.assembly.instance, self.out / "instance" / name)
            write_result(answer.result, self.out / "result" / name)
        write_exports(view, self.out / "exports", self.desk.lang)
        write_report(view, self.out / "report", "zh")
        write_report(view, self.out / "report", "en")

    def _tell(
        self, view: RoundView, checks: tuple[Check, ...], timings: list[Mapping[str, float]]
    ) -> None:
        from api.demo import account
        from matching.rounds.report.desk import Desk as Report

        report = Report(view, self.desk.lang)
        for part in (
            account.headline(report),
            account.solves(report, timings),
            account.promises(checks, self.desk.lang),
            account.files(self.out, self.desk.lang),
        ):
            self.desk.tell()
            for line in part:
                self.desk.tell(line)


def _without_release(desk: Desk, engine: Engine, settings: RoundSettings, step: _Steps) -> bool:
    """Ask for what cannot be: nobody may leave school in term; the answer must name the schools."""
    from api.database import reading
    from matching.rounds import service, store

    with step("zero"), reading(engine) as opened:
        answer = service.first_round(store.load(opened, settings), settings)
    zero = _zero(answer)
    _tell_clash(desk, answer)
    kept = zero.status == "infeasible" and bool(zero.schools) and not zero.seats
    desk.say(
        "zero_kept" if kept else "zero_failed",
        status=zero.status,
        schools=", ".join(zero.schools) or "–",
        seats=zero.seats,
    )
    return kept


def _zero(answer: Answer) -> ZeroRelease:
    from matching.rounds.evidence import ZeroRelease
    from matching.rounds.service import schools_named

    result = answer.result
    return ZeroRelease(result.status, schools_named(answer), len(result.seats))


def _tell_clash(desk: Desk, answer: Answer) -> None:
    from api.commands.rounds import tell_answer

    desk.tell()
    tell_answer(desk, answer)


def _announce(desk: Desk, out: Path, variant: Variant) -> None:
    desk.tell(
        "Xuanke demo · 从表格到有证明、有解释的选课结果 · from spreadsheets to a proven result"
    )
    desk.say("demo_begin", teachers=400 * variant.scale, out=out, variant=variant.say(desk))
    if variant.scale == 1:
        desk.say("demo_model")


def _sheets(out: Path, variant: Variant) -> Path:
    """Return the folder of the spreadsheets: those that are shipped, or larger ones drawn now."""
    if not (SHEETS / "round.toml").is_file():
        raise UserError("demo_no_examples", folder=SHEETS)
    if variant.scale == 1:
        return SHEETS
    folder = out / "sheets"
    command = [sys.executable, "-m", "examples.pilot.make", "--out", str(folder.resolve())]
    subprocess.run(
        [*command, "--scale", str(variant.scale)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    return folder


def _import(desk: Desk, sheets: Path) -> None:
    from api.commands.imports import Wish, import_files
    from api.migrations import upgrade

    upgrade(desk.db)
    for batch in import_files(desk, [sheets], Wish(yes=True, quiet=True)):
        title = batch.kind.title(desk.lang)
        desk.say("demo_imported", title=title, file=batch.file_name, rows=batch.added)


def _settings(sheets: Path, variant: Variant) -> RoundSettings:
    from matching.rounds.settings import with_overrides
    from matching.rounds.settings_file import read_settings

    return with_overrides(
        read_settings(sheets / "round.toml"),
        lists=variant.lists,
        supply=variant.supply,
        release_cap=variant.release_cap,
    )


class _Steps:
    """Says which step of how many is being done, and how long it took."""

    def __init__(self, desk: Desk, total: int) -> None:
        self._desk = desk
        self._total = total
        self._done = 0

    @contextmanager
    def __call__(self, code: str) -> Iterator[None]:
        self._done += 1
        begun = time.perf_counter()
        self._desk.say("step", number=self._done, total=self._total, what=self._what(code))
        with self._desk.progress(f"step_{code}", None):
            yield
        self._desk.say("step_done", seconds=f"{time.perf_counter() - begun:.1f}")

    def _what(self, code: str) -> str:
        return say(f"step_{code}", self._desk.lang)
