"""The parts of the report: sentences, charts and tables made of a study's figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diagnostics.irt.dif import ALARMS, NOTABLE, Dif
from diagnostics.irt.models import information, probabilities
from diagnostics.messages import Language, say
from diagnostics.report.charts import REACH, Chart, curves, person_item_map
from diagnostics.report.study import FEWEST, Study, thresholds


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: its head and its cells, all text; the first column names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page."""

    id: str
    title: str
    sentences: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Rows, ...] = ()
    small: bool = False


def parts(study: Study, lang: Language) -> list[Part]:
    """Return the parts of the report in order, the summary first."""
    found = [
        _summary(study, lang),
        _map(study, lang),
        _information(study, lang),
        _items(study, lang),
        _fit(study, lang),
        _local(study, lang),
        _dif(study, lang),
        _drift(study, lang),
        _method(study, lang),
    ]
    return [part for part in found if part is not None]


def _summary(study: Study, lang: Language) -> Part:
    told = study.reliability
    lines = [
        say(
            "report_reliability",
            lang,
            empirical=f"{told.empirical:.2f}",
            marginal=f"{told.marginal:.2f}",
        ),
        _grade(told.empirical, lang),
        _counted("report_person_fit", study.flagged, lang, judged=_some(study.judged, lang)),
    ]
    if study.silent != 0:
        lines.append(_counted("report_silent", study.silent, lang))
    return Part("summary", say("report_part_summary", lang), tuple(lines))


def _grade(value: float, lang: Language) -> str:
    if value >= 0.8:
        return say("report_reliable_persons", lang)
    return say("report_reliable_groups" if value >= 0.6 else "report_reliable_not", lang)


def _counted(code: str, count: int | None, lang: Language, **values: object) -> str:
    return say(code, lang, count=_some(count, lang), **values)


def _some(count: int | None, lang: Language) -> str:
    return say("report_fewer", lang, least=FEWEST) if count is None else f"{count}"


def _map(study: Study, lang: Language) -> Part:
    bank = study.calibration.bank
    steps = thresholds(bank)
    order = sorted(range(len(bank)), key=lambda j: (float(np.mean(steps[j])), j))
    title = say("report_part_map", lang)
    outside = tuple(bank.items[j] for j in order if max(map(abs, steps[j])) > REACH)
    lines = [say("report_map", lang, least=FEWEST)]
    if outside:
        lines.append(say("report_map_outside", lang, items=_words(outside, lang)))
    chart = person_item_map(
        "map", title, lines[0], study.bins, [(bank.items[j], steps[j]) for j in order]
    )
    return Part("map", title, tuple(lines), (chart,))


def _information(study: Study, lang: Language) -> Part:
    found = study.calibration
    theta = np.linspace(-REACH, REACH, 81)
    total = information(found.bank, theta).sum(0)
    error = 1 / np.sqrt(total + 1 / found.sd**2)
    best = float(theta[int(total.argmax())])
    line = say("report_information", lang, best=f"{best:.1f}", error=f"{error.min():.2f}")
    titles = say("report_chart_information", lang), say("report_chart_error", lang)
    charts = (
        curves("information", titles[0], line, theta, [total]),
        curves("error", titles[1], line, theta, [error]),
    )
    return Part("information", say("report_part_information", lang), (line,), charts)


def _items(study: Study, lang: Language) -> Part:
    found, theta = study.calibration, np.linspace(-REACH, REACH, 49)
    bank, steps = found.bank, thresholds(found.bank)
    chances = probabilities(bank, theta)
    charts, rows = [], []
    for j, item in enumerate(bank.items):
        count = int(bank.categories[j])
        where = ", ".join(f"{at:.2f}" for at in steps[j])
        error = found.slope_errors[j]
        summary = say("report_curve", lang, item=item, steps=where)
        charts.append(curves(f"item{j}", item, summary, theta, list(chances[j, :count]), 90))
        values = ", ".join(map(str, found.answers.values[j]))
        rows.append((item, f"{bank.slopes[j]:.2f}", _number(error), where, values))
    head = _heads("item", "slope", "error", "steps", "values", lang=lang)
    title = say("report_part_items", lang)
    table = Rows(say("report_table_items", lang), head, tuple(rows))
    return Part("items", title, (say("report_items", lang),), tuple(charts), (table,), small=True)


def _fit(study: Study, lang: Language) -> Part:
    rows, named = [], []
    for fit, adjusted in zip(study.fit, study.fit_adjusted.tolist(), strict=True):
        if adjusted < ALARMS:
            named.append(fit.item)
        figures = (_number(fit.statistic), str(fit.degrees), _p(fit.p), _p(adjusted))
        rows.append((fit.item, _mark(adjusted < ALARMS, lang), *figures))
    line = say("report_fit_named", lang, items=_words(named, lang)) if named else ""
    lines = (_overall(study, lang), say("report_fit", lang), line or say("report_fit_none", lang))
    head = _heads("item", "mark", "sx2", "degrees", "p", "adjusted", lang=lang)
    table = Rows(say("report_table_fit", lang), head, tuple(rows))
    return Part("fit", say("report_part_fit", lang), lines, (), (table,))


def _overall(study: Study, lang: Language) -> str:
    fit = study.overall
    if fit is None:
        return say("model_fit_none", lang)
    figures = {key: f"{value:.3f}" for key, value in (("RMSEA2", fit.rmsea), ("SRMSR", fit.srmsr))}
    return say(
        "model_fit",
        lang,
        statistic=fit.kind,
        value=f"{fit.statistic:.3f}",
        df=fit.degrees,
        p=_p(fit.p),
        **figures,
    )


def _local(study: Study, lang: Language) -> Part:
    found = study.dependence
    title = say("report_part_local", lang)
    figures = {"average": _number(found.average), "cut": _number(found.cut)}
    lines = [say("report_local", lang, **figures)]
    if not found.pairs:
        return Part("local", title, (*lines, say("report_local_none", lang)))
    lines.append(say("report_local_named", lang, count=len(found.pairs)))
    head = _heads("item", "item", "q3", lang=lang)
    rows = tuple((pair.first, pair.second, _number(pair.q3)) for pair in found.pairs)
    return Part(
        "local", title, tuple(lines), (), (Rows(say("report_table_local", lang), head, rows),)
    )


def _dif(study: Study, lang: Language) -> Part:
    title = say("report_part_dif", lang)
    if not study.dif and not study.refused:
        return Part("dif", title, (say("report_dif_not_asked", lang),))
    lines = [say("report_dif", lang, share=f"{100 * NOTABLE:.1f}")]
    lines += [_dif_line(found, lang) for found in study.dif]
    lines += [reason.say(lang) for reason in study.refused]
    return Part("dif", title, tuple(lines), (), tuple(_dif_table(d, lang) for d in study.dif))


def _dif_line(found: Dif, lang: Language) -> str:
    flagged = [item.item for item in found.items if item.flagged]
    notable = [item.item for item in found.items if item.notable]
    nobody = say("report_nobody", lang)
    return say(
        "report_dif_line",
        lang,
        variable=found.variable,
        groups=_words([f"{g} {n}" for g, n in zip(found.groups, found.sizes, strict=True)], lang),
        flagged=_words(flagged, lang) or nobody,
        notable=_words(notable, lang) or nobody,
    )


def _dif_table(found: Dif, lang: Language) -> Rows:
    rows = tuple(
        (
            item.item,
            _mark(item.flagged, lang, item.notable),
            _number(item.statistic),
            str(item.degrees),
            _p(item.adjusted),
            _number(item.area),
            _number(item.signed),
            _percent(item.share),
        )
        for item in found.items
    )
    names = ("item", "mark", "chi", "degrees", "adjusted", "area", "signed", "share")
    caption = say("report_table_dif", lang, variable=found.variable, standard=found.groups[0])
    return Rows(caption, _heads(*names, lang=lang), rows)


def _drift(study: Study, lang: Language) -> Part | None:
    found = study.drift
    if found is None:
        return None
    moved = [anchor.item for anchor in found.anchors if anchor.flagged]
    lines = (
        say(
            "report_drift",
            lang,
            anchors=len(found.anchors),
            mean=_number(found.mean),
            sd=_number(found.sd),
            linked_mean=_number(found.linked_mean),
            linked_sd=_number(found.linked_sd),
        ),
        say("report_drift_moved", lang, items=_words(moved, lang) or say("report_nobody", lang)),
    )
    rows = tuple(
        (
            anchor.item,
            _mark(anchor.flagged, lang, anchor.notable),
            _number(anchor.statistic),
            str(anchor.degrees),
            _p(anchor.adjusted),
            _number(anchor.signed),
            _percent(anchor.share),
        )
        for anchor in found.anchors
    )
    names = ("item", "mark", "wald", "degrees", "adjusted", "signed", "share")
    table = Rows(say("report_table_drift", lang), _heads(*names, lang=lang), rows)
    return Part("drift", say("report_part_drift", lang), lines, (), (table,))


def _method(study: Study, lang: Language) -> Part:
    found = study.calibration
    line = say(
        "report_method",
        lang,
        model=found.model,
        value=f"{found.log_likelihood:.3f}",
        nodes=len(found.grid),
        errors=found.errors.method,
    )
    return Part("method", say("report_part_method", lang), (line, say("report_private", lang)))


def _heads(*names: str, lang: Language) -> tuple[str, ...]:
    return tuple(say(f"report_head_{name}", lang) for name in names)


def _mark(flagged: bool, lang: Language, notable: bool = False) -> str:
    if notable:
        return say("report_mark_notable", lang)
    return say("report_mark_flagged", lang) if flagged else ""


def _words(items: Sequence[str], lang: Language) -> str:
    return ("、" if lang == "zh" else ", ").join(items)


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if math.isfinite(value) else "–"


def _p(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%" if math.isfinite(share) else "–"
