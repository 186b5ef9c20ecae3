"""The shared limits of a round as rows of the instance: release, quotas, reserves, level shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from catalog.tables import QuotaRow, SchoolRow, SectionRow
from catalog.terms import ROLES, STAGES, SUBJECTS
from matching.predicates import parse
from matching.rounds.attributes import Attributes, halves
from matching.rounds.settings import Fill, Green, Release, Share, rounded
from matching.rounds.store import Stored

Rows = list[dict[str, object]]


def in_term(release: Release, day: str) -> bool:
    """Tell whether the release rule holds on a day: a school day between the dates of the term."""
    if not release.from_day <= day <= release.until_day:
        return False
    if any(first <= day <= last for first, last in release.closed):
        return False
    return not release.weekdays_only or date.fromisoformat(day).weekday() < 5


def most_away(release: Release, school: SchoolRow, day: str) -> int:
    """Return how many teachers of a school may be away on one half-day of term.

    A percentage of the staff, rounded up, or the school's own smaller number; substitutes add to it.
    A what-if (`release.fixed`) overrules what schools have set.
    """
    own = None if release.fixed else school.release_percent
    percent = release.percent if own is None else own
    most = rounded(school.staff * percent, "ceil")
    if school.release_max is not None and not release.fixed:
        most = min(most, school.release_max)
    return most + sum(
        row.count
        for row in release.substitutes
        if row.school == school.id and row.from_day <= day <= row.until_day
    )


def release_rows(
    release: Release, schools: Iterable[SchoolRow], sections: Iterable[SectionRow]
) -> Rows:
    """Return one row per school and half-day of term on which something meets."""
    meetings = sorted({half for section in sections for half in halves(section)})
    return [
        {
            "id": f"{school.id}@{day}-{half}",
            "school": school.id,
            "day": day,
            "half": half,
            "most_away": most_away(release, school, day),
        }
        for school in schools
        for day, half in meetings
        if in_term(release, day)
    ]


def quota_id(quota: QuotaRow) -> str:
    """Return the name of a quota: unit, programme and what it is narrowed to."""
    parts = (quota.unit_id, quota.programme_id, quota.stage, quota.subject, quota.role)
    return "/".join(part for part in parts if part)


def quota_title(quota: QuotaRow, stored: Stored) -> str:
    """Return a quota in words, such as 德庆县·国培·小学·语文."""
    unit, programme = stored.units[quota.unit_id], stored.programmes[quota.programme_id]
    words = (STAGES.word(quota.stage), SUBJECTS.word(quota.subject), ROLES.word(quota.role))
    return "·".join((unit.name, programme.name, *(word for word in words if word)))


def quota_covers(quota: QuotaRow) -> str:
    """Return whom a quota covers: teachers of the unit or of any unit below it."""
    clauses = {
        "unit": quota.unit_id,
        "stage": quota.stage,
        "main_subject": quota.subject,
        "role": quota.role,
    }
    return ";".join(f"{name}={value}" for name, value in clauses.items() if value)


def quota_rows(stored: Stored, green: Green) -> Rows:
    """Return the quotas, and where nobody else may take the green seats a second row for the others.

    Green seats inside the quota lower what is left to others; on top of it they raise the whole.
    """
    return [row for quota in stored.quotas for row in _quota(quota, stored, green)]


def _quota(quota: QuotaRow, stored: Stored, green: Green) -> Iterator[dict[str, object]]:
    on_top = quota.green_seats if green.place == "on_top" else 0
    row: dict[str, object] = {
        "id": quota_id(quota),
        "title": quota_title(quota, stored),
        "sections_where": f"programme={quota.programme_id}",
        "teachers_where": quota_covers(quota),
        "minimum": quota.min_seats,
        "maximum": quota.max_seats + on_top,
    }
    yield row
    if quota.green_seats and (green.kind == "hard" or on_top):
        others = quota.max_seats + on_top - quota.green_seats
        yield row | {
            "id": f"{row['id']}/others",
            "teachers_where": f"{row['teachers_where']};{negated(green.where)}",
            "minimum": 0,
            "maximum": max(0, others),
        }


def negated(where: str) -> str:
    """Return the opposite of a condition with one `=` clause."""
    (clause,) = parse(where).clauses
    return f"{clause.attribute}!={'|'.join(clause.values)}"


def reserve_rows(stored: Stored, green: Green) -> Rows:
    """Return the green seats that are released last: a shortfall costs, seats do not stay empty."""
    if green.kind == "hard" or green.place == "on_top":
        return []
    return [
        {
            "id": f"{quota_id(quota)}/green",
            "title": quota_title(quota, stored),
            "sections_where": f"programme={quota.programme_id}",
            "group_where": f"{quota_covers(quota)};{green.where}",
            "seats": quota.green_seats,
            "kind": "soft",
            "place": "inside",
        }
        for quota in stored.quotas
        if quota.green_seats
    ]


def fill_rows(
    fills: Iterable[Fill], seats: Mapping[str, int], sections: Mapping[str, Attributes]
) -> Rows:
    """Return the fill targets as quotas with a minimum that is priced, never strict.

    Parameters
    ----------
    seats
        Section -> capacity.
    sections
        Section -> attributes, the implied ones among them.
    """
    rows: Rows = []
    for fill in fills:
        offered = sum(seats[id_] for id_ in seats if parse(fill.where).holds(sections[id_]))
        row: dict[str, object] = {"id": f"fill/{fill.id}", "title": fill.title}
        row |= {"minimum": fill.minimum(offered), "maximum": offered}
        rows.append(row | {"sections_where": fill.where})
    return rows


def share_rows(shares: Iterable[Share], teachers: Iterable[Attributes], *, strict: bool) -> Rows:
    """Return the level shares as numbers of distinct teachers."""
    roll = list(teachers)
    rows: Rows = []
    for share in shares:
        covered = parse(share.teachers)
        minimum = share.minimum(sum(covered.holds(one) for one in roll))
        rows.append(
            {
                "id": share.id,
                "title": share.title,
                "sections_where": share.where,
                "teachers_where": share.teachers,
                "minimum": minimum,
                "maximum": minimum if share.exact else "",
                "strict": int(strict and share.strict),
            }
        )
    return rows
