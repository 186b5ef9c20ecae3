"""The promises i1 to i14 of a round, each worked out again from stored rows and seats alone.

None of these functions asks the engine, its referee or its goals; an error there shows up here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.messages import Language
from matching.predicates import parse
from matching.rounds.attendance import evidence as proof
from matching.rounds.attributes import halves
from matching.rounds.eligibility import first_unmet
from matching.rounds.evidence import Evidence
from matching.rounds.limits import in_term, most_away
from matching.rounds.messages import say
from matching.rounds.reasons import known, untrue
from matching.rounds.store import is_of_round

LANGUAGES: tuple[Language, Language] = ("zh", "en")
JOINTS: Mapping[Language, str] = {"zh": "、", "en": ", "}

WHY: Mapping[str, tuple[str, ...]] = {
    "closed": ("closed_", "partner_closed"),
    "full": ("full", "partner_full"),
    "quota": ("level_share", "quota", "reserve", "host_capacity", "budget"),
    "release": ("school_release",),
    "clash": ("time_conflict", "one_section", "locked_seat"),
    "goals": ("goal_", "needed_elsewhere", "strict_hours"),
    "own": ("worth_less", "most_sections", "hour_cap", "lot", "bundle"),
    "other": ("",),
}
"""Kinds of reasons -> how their codes begin; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: whether it holds, and the figure that shows it."""

    code: str
    ok: bool
    zh: str
    en: str

    def line(self, lang: Language = "zh") -> str:
        """Return the line of the account: number, verdict, figure."""
        verdict = "ok" if self.ok else "FAILED"
        return f"{self.code} {verdict} {self.zh if lang == 'zh' else self.en}"


def run(evidence: Evidence) -> tuple[Check, ...]:
    """Check every promise in order."""
    return tuple(promise(evidence) for promise in PROMISES)


def hours_reached(evidence: Evidence) -> Check:
    """i1: with the seats given, every teacher reaches the minimum of every category."""
    ids = {node.id for node in evidence.minima}
    late = {t for t, nodes in evidence.short(evidence.planned()).items() if ids & set(nodes)}
    asked = " + ".join(str((node.year_minimum or 0) // 60) for node in evidence.minima)
    roll = len(evidence.facts.stored.teachers)
    return _check("i1", not late, asked=asked, reached=roll - len(late), roll=roll)


def level_shares(evidence: Evidence) -> Check:
    """i2: as many distinct teachers as promised are trained at each level."""
    parts = [
        f"{share.title} {heads} {'=' if share.exact else '≥'} {wanted}"
        for share, heads, wanted in evidence.shares
    ]
    levels = [_heads(evidence, share.where) for share in evidence.facts.settings.shares]
    several = Counter(teacher for heads in levels for teacher in heads)
    twice = sum(count > 1 for count in several.values())
    return _check("i2", evidence.shares_met, shares=_listed(parts), twice=twice)


def one_section_a_day(evidence: Evidence) -> Check:
    """i3: nobody sits in two sections on one day."""
    clashes = sum(
        count - 1
        for sections in evidence.held.values()
        for count in Counter(d for s in sections for d in _days(evidence, s)).values()
    )
    return _check("i3", not clashes, clashes=clashes, seats=len(evidence.seats))


def release(evidence: Evidence) -> Check:
    """i4: on no half-day of term is a school left by more teachers than its limit."""
    facts, rule = evidence.facts, evidence.facts.settings.release
    away = Counter(
        (facts.stored.teachers[teacher].school, half)
        for teacher, sections in evidence.held.items()
        for half in {h for s in sections for h in halves(facts.stored.sections[s])}
        if in_term(rule, half[0])
    )
    over, peak = 0, 0
    for (school, (day, _)), count in away.items():
        over += count > most_away(rule, facts.stored.schools[school], day)
        peak = max(peak, count)
    return _check("i4", not over, over=over, peak=peak, percent=rule.percent)


def section_sizes(evidence: Evidence) -> Check:
    """i5: a section that runs has between its minimum and its capacity, a closed one nobody."""
    wrong, running = 0, 0
    for section, (capacity, minimum) in evidence.facts.sizes.items():
        seated = len(evidence.seated[section])
        is_closed = section in evidence.closed
        wrong += bool(seated) if is_closed else not max(minimum, 1) <= seated <= capacity
        running += not is_closed
    return _check("i5", not wrong, wrong=wrong, open=running, closed=len(evidence.closed))


def eligibility(evidence: Evidence) -> Check:
    """i6: nobody sits where she is not eligible or from where she is barred."""
    facts = evidence.facts
    wrong = sum(
        first_unmet(facts.asks[seat.section_id], facts.people[seat.teacher_id]) is not None
        or _barred(evidence, seat.teacher_id, seat.section_id)
        for seat in evidence.seats
    )
    return _check("i6", not wrong, wrong=wrong, seats=len(evidence.seats))


def compulsory(evidence: Evidence) -> Check:
    """i7: everybody has the compulsory hours inside the category, such as 2 学时 of ethics."""
    ids = {node.id for node in evidence.inner_minima}
    late = {t for t, nodes in evidence.short(evidence.planned()).items() if ids & set(nodes)}
    roll = len(evidence.facts.stored.teachers)
    titles = {
        lang: JOINTS[lang].join(
            f"{node.zh if lang == 'zh' else node.en} {(node.year_minimum or 0) // 60}"
            for node in evidence.inner_minima
        )
        for lang in LANGUAGES
    }
    return _check("i7", not late, titles=titles, reached=roll - len(late), roll=roll)


def posted_hours(evidence: Evidence) -> Check:
    """i8: the hours posted are four times the half-days signed for, and twice approved."""
    facts = evidence.facts
    wanted = {
        (mark.teacher, proof(facts.settings.id, mark.section)): 240 * len(mark.attended)
        for mark in evidence.marks
        if mark.attended
    }
    found: Counter[tuple[str, str]] = Counter()
    for line in evidence.ledger:
        if is_of_round(line, facts.settings.id):
            found[line.teacher_id, line.evidence] += line.minutes if line.counts else 0
    online = {proof(facts.settings.id, m.section) for m in evidence.marks if not m.planned}
    posted = {key: minutes for key, minutes in found.items() if key[1] not in online}
    half_days = sum(len(mark.attended) for mark in evidence.marks)
    wrong = sum(wanted.get(key) != posted.get(key) for key in wanted.keys() | posted.keys())
    hours = sum(posted.values()) // 60
    return _check("i8", bool(evidence.marks) and not wrong, half_days=half_days, hours=hours)


def certificates(evidence: Evidence) -> Check:
    """i9: a certificate may be printed if, and only if, the ledger has every minimum of the year."""
    complete = set(evidence.facts.stored.teachers) - set(evidence.short(evidence.posted()))
    wrong = complete ^ evidence.certificates
    roll = len(evidence.facts.stored.teachers)
    ok = bool(evidence.marks) and not wrong
    return _check("i9", ok, given=len(evidence.certificates), roll=roll, wrong=len(wrong))


def fills(evidence: Evidence) -> Check:
    """i10: courses that should fill do so, all of them together."""
    parts, ok = [], True
    for fill in evidence.facts.settings.fills:
        mine = [s for s, a in evidence.facts.courses.items() if parse(fill.where).holds(a)]
        seats = sum(evidence.facts.sizes[section][0] for section in mine)
        taken = sum(len(evidence.seated[section]) for section in mine)
        ok &= taken * 100 >= fill.percent * seats
        percent = taken * 100 // max(seats, 1)
        parts.append(f"{fill.title} {taken}/{seats} = {percent} % ≥ {fill.percent} %")
    return _check("i10", ok, fills=_listed(parts))


def same_again(evidence: Evidence) -> Check:
    """i11: the same question with the same seed has the same answer."""
    same = sum(first == again for first, again in evidence.repeats)
    ok = bool(evidence.repeats) and same == len(evidence.repeats)
    shown = _listed([first[:12] for first, _ in evidence.repeats])
    return _check("i11", ok, same=same, of=len(evidence.repeats), digests=shown)


def reasons(evidence: Evidence) -> Check:
    """i12: every choice missed has exactly one reason that is known and true, a choice met none."""
    given = Counter((row.teacher_id, row.subject) for row in evidence.reasons)
    listed = {
        (teacher, section)
        for teacher, lines in evidence.facts.ballots.items()
        for line in lines
        for section in line.sections
    }
    got = {(seat.teacher_id, seat.section_id) for seat in evidence.seats if seat.rank}
    wrong = sum(given[pair] != 1 for pair in listed - got) + sum(pair in given for pair in got)
    wrong += sum(not known(row) or untrue(evidence, row) for row in evidence.reasons)
    told = [row for row in evidence.reasons if (row.teacher_id, row.subject) in listed]
    groups = Counter(_group(row.code) for row in told)
    shown = {
        lang: JOINTS[lang].join(
            f"{say(f'round_why_{group}', lang)} {groups[group]}" for group in WHY if groups[group]
        )
        or "–"
        for lang in LANGUAGES
    }
    return _check("i12", not wrong, missed=len(listed - got), wrong=wrong, codes=shown)


def zero_release(evidence: Evidence) -> Check:
    """i13: if no school lets anybody go, the answer is that it cannot be done, with the schools."""
    zero = evidence.zero
    schools = set(zero.schools) & set(evidence.facts.stored.schools) if zero else set()
    ok = zero is not None and zero.status == "infeasible" and bool(schools) and not zero.seats
    status = {lang: say(f"round_status_{zero.status}", lang) if zero else "–" for lang in LANGUAGES}
    return _check("i13", ok, status=status, schools=_listed(sorted(schools)))


def need_met(evidence: Evidence) -> Check:
    """i14: an hour works on a wider expected gap than under first come (the median of its runs).

    A round without a diagnosis promises nothing here.
    """
    found = evidence.learnt
    if found is None or "come" not in found.ways:
        return Check("i14", True, *(say("round_i14_none", lang) for lang in LANGUAGES))
    engine, come, lot = (found.ways[way] for way in ("engine", "come", "lot"))
    figures = {
        f"{way}_{name}": form.format(each.middle(name))
        for way, each in (("engine", engine), ("come", come), ("lot", lot))
        for name, form in (("gain", "{:.3f}"), ("met", "{:.1%}"))
    }
    return _check("i14", engine.middle("gain") > come.middle("gain"), **figures)


PROMISES: tuple[Callable[[Evidence], Check], ...] = (
    hours_reached,
    level_shares,
    one_section_a_day,
    release,
    section_sizes,
    eligibility,
    compulsory,
    posted_hours,
    certificates,
    fills,
    same_again,
    reasons,
    zero_release,
    need_met,
)


def _check(code: str, ok: bool, **values: object) -> Check:
    """Return a check; a value that is a table of languages is said in each."""

    def told(lang: Language) -> str:
        words = {k: v[lang] if isinstance(v, dict) else v for k, v in values.items()}
        return say(f"round_{code}", lang, **words)

    return Check(code, bool(ok), told("zh"), told("en"))


def _listed(parts: Sequence[str]) -> dict[str, str]:
    """Return a list in words, in each language."""
    return {lang: JOINTS[lang].join(parts) or "–" for lang in LANGUAGES}


def _group(code: str) -> str:
    """Return what kind of reason a code is."""
    return next((name for name, begins in WHY.items() if code.startswith(begins)), "other")


def _heads(evidence: Evidence, where: str) -> set[str]:
    condition, courses = parse(where), evidence.facts.courses
    return {s.teacher_id for s in evidence.seats if condition.holds(courses[s.section_id])}


def _days(evidence: Evidence, section: str) -> Iterable[str]:
    return {day for day, _ in halves(evidence.facts.stored.sections[section])}


def _barred(evidence: Evidence, teacher: str, section: str) -> bool:
    days = _days(evidence, section)
    return any(
        ban.teacher == teacher
        and parse(ban.where).holds(evidence.facts.courses[section])
        and any(ban.covers(day) for day in days)
        for ban in evidence.facts.stored.bans
    )
