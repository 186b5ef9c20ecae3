"""`python -m diagnostics`: calibrate a questionnaire from a file of answers, or report on it.

No database is needed. What `calibrate` prints is described at `report`.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnostics.errors import DiagnosticsError
from diagnostics.messages import Language, say

if TYPE_CHECKING:
    from diagnostics.irt.calibration import Calibration

EXIT_FINE, EXIT_INPUT = 0, 2
MODELS = ("grm", "gpcm", "2pl", "rasch")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 2 (the input is wrong; the reason is said)."""
    arguments = _parser().parse_args(argv)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "calibrate": _calibrate,
        "report": _write_report,
    }
    try:
        return commands[arguments.command](arguments)
    except DiagnosticsError as error:
        told = getattr(error, "say", None)
        print(told(arguments.lang) if told else str(error), file=sys.stderr)  # noqa: T201
    except OSError as error:
        print(say("file_unreadable", arguments.lang, error=error), file=sys.stderr)  # noqa: T201
    return EXIT_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m diagnostics", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    calibrate = commands.add_parser("calibrate", help="fit an item response model to answers")
    calibrate.add_argument("--json", action="store_true", help="everything, for programs")
    page = commands.add_parser("report", help="write a page on the instrument for its owners")
    page.add_argument("--groups", type=Path, help="CSV: a column a variable, rows as in FILE")
    page.add_argument("--before", type=Path, help="last year's answers: are its items the same?")
    page.add_argument("--out", type=Path, required=True, help="folder for the page")
    for command in (calibrate, page):
        command.add_argument(
            "file",
            type=Path,
            help="CSV: a column an item, a row a person, whole numbers, empty = none",
        )
        command.add_argument("--model", choices=MODELS, default="grm")
        command.add_argument("--lang", choices=("zh", "en"), default="zh")
    return parser


def _calibrate(arguments: argparse.Namespace) -> int:
    from diagnostics.irt.calibration import calibrate
    from diagnostics.irt.sheet import read_answers

    items, table = read_answers(arguments.file)
    found = calibrate(table, arguments.model, items=items)
    told = report(found)
    if arguments.json:
        json.dump(told, sys.stdout, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(_page(told, arguments.lang))
    return EXIT_FINE


def _write_report(arguments: argparse.Namespace) -> int:
    from diagnostics.irt.sheet import read_answers
    from diagnostics.report.groups_sheet import read_groups
    from diagnostics.report.page import write_report
    from diagnostics.report.study import study

    items, table = read_answers(arguments.file)
    groups = read_groups(arguments.groups, len(table)) if arguments.groups else None
    before = read_answers(arguments.before) if arguments.before else None
    found = study(table, items, arguments.model, groups=groups, before=before)
    page = write_report(found, arguments.file.stem, arguments.out, arguments.lang)
    sys.stdout.write(say("report_written", arguments.lang, path=page) + "\n")
    return EXIT_FINE


def report(found: Calibration) -> dict[str, Any]:
    """Return all figures of a calibration in plain types; what is not known is None.

    Parameters are in slope-intercept form, as R's mirt prints them: GRM P(X >= k) is logistic in
    a theta + d_k, GPCM P(X = k) is proportional to exp(k a theta + d_k). `rasch` has slopes of 1
    and a free variance; the others have a standard normal population.
    """
    from diagnostics.irt.item_fit import item_fit

    bank, rasch = found.bank, found.model == "rasch"
    people = found.abilities()
    fits = item_fit(
        bank,
        found.answers,
        found.grid,
        found.mean,
        found.sd,
        item_parameters=bank.categories - rasch,
        shared_parameters=int(rasch),
    )
    return {
        "model": found.model,
        "parametrisation": "rasch: a = 1, variance free" if rasch else "slope-intercept, N(0, 1)",
        "logLik": found.log_likelihood,
        "persons": len(found.answers.persons),
        "converged": found.converged,
        "nodes": len(found.grid),
        "standard_errors_of_maximum": found.distance,
        "logLik_moved_by_doubling_nodes": found.moved,
        "standard_errors": found.errors.method,
        "population": {
            "mean": found.mean,
            "variance": found.sd**2,
            "variance_se": _known(2 * found.sd * found.sd_error),
        },
        "items": [
            {
                "item": item,
                "a": float(bank.slopes[j]),
                "a_se": _known(found.slope_errors[j]),
                "d": bank.intercepts[j, : count - 1].tolist(),
                "d_se": found.intercept_errors[j, : count - 1].tolist(),
                "categories": list(found.answers.values[j]),
            }
            for j, (item, count) in enumerate(
                zip(bank.items, bank.categories.tolist(), strict=True)
            )
        ],
        "item_fit": [
            {"item": fit.item, "S_X2": _known(fit.statistic), "df": fit.degrees, "p": _known(fit.p)}
            for fit in fits
        ],
        "model_fit": _model_fit(found),
        "eap": people.eap.tolist(),
        "eap_sd": people.sd.tolist(),
        "without_answers": [int(i) + 1 for i in people.silent.nonzero()[0]],
    }


def _model_fit(found: Calibration) -> dict[str, Any] | None:
    from diagnostics.irt.overall_fit import overall_fit

    fit = overall_fit(found)
    if fit is None:
        return None
    return {
        "statistic": fit.kind,
        "value": fit.statistic,
        "df": fit.degrees,
        "p": fit.p,
        "RMSEA2": fit.rmsea,
        "RMSEA2_90": [fit.rmsea_low, fit.rmsea_high],
        "SRMSR": fit.srmsr,
        "persons": fit.persons,
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _page(told: dict[str, Any], lang: Language) -> str:
    lines = [
        say(
            "calibrated",
            lang,
            model=told["model"],
            persons=told["persons"],
            items=len(told["items"]),
            value=f"{told['logLik']:.6f}",
            nodes=told["nodes"],
            distance=f"{told['standard_errors_of_maximum']:.1e}",
        )
    ]
    for item, fit in zip(told["items"], told["item_fit"], strict=True):
        error = f" ({item['a_se']:.4f})" if item["a_se"] is not None else ""
        steps = "  ".join(
            f"{d:.4f} ({e:.4f})" for d, e in zip(item["d"], item["d_se"], strict=True)
        )
        square = f"{fit['S_X2']:.3f}, {fit['df']}, {fit['p']:.3f}" if fit["df"] else "-"
        lines.append(f"{item['item']}: a {item['a']:.4f}{error}; d {steps}; S-X2 {square}")
    if fit := told["model_fit"]:
        values = {key: f"{fit[key]:.4f}" for key in ("p", "RMSEA2", "SRMSR")}
        lines.append(say("model_fit", lang, **{**fit, **values, "value": f"{fit['value']:.3f}"}))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
