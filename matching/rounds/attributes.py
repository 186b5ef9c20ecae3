"""What rules may ask of a teacher and of a section, gathered from stored rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from catalog.tables import InstitutionRow, OfferingRow, ProgrammeRow, SchoolRow, SectionRow, UnitRow
from catalog.terms import RURAL
from diagnostics.tables import TeacherRow

Attributes = dict[str, set[str]]


def lineages(units: Iterable[UnitRow]) -> dict[str, tuple[str, ...]]:
    """Return for every unit itself and all above it, by its parents alone (never by its code)."""
    parents = {unit.id: unit.parent_id for unit in units}
    found: dict[str, tuple[str, ...]] = {}
    for unit in parents:
        line: list[str] = []
        at: str | None = unit
        while at is not None and at not in line:
            line.append(at)
            at = parents.get(at)
        found[unit] = tuple(line)
    return found


def teacher_attributes(
    teacher: TeacherRow,
    school: SchoolRow,
    lineage: Collection[str],
    rural: Collection[str] = RURAL,
) -> Attributes:
    """Return a teacher's attributes; a number nobody knows is no value, so no rule on it holds."""
    found: Attributes = {
        "stage": {teacher.stage},
        "subject": {teacher.subject, *teacher.other_subjects},
        "main_subject": {teacher.subject},
        "role": set(teacher.roles),
        "years": {str(teacher.years)},
        "tier": {teacher.tier},
        "residence": {school.residence},
        "rural": {"yes" if school.residence in rural else "no"},
        "unit": set(lineage),
        "flag": {*teacher.flags, *school.flags},
    }
    for name, number in (
        ("title_rank", teacher.title_rank),
        ("office_years", teacher.office_years),
    ):
        found[name] = set() if number is None else {str(number)}
    return found


def section_attributes(
    offering: OfferingRow, institution: InstitutionRow, programme: ProgrammeRow
) -> Attributes:
    """Return a section's attributes; section, offering and fund are implied by its own row."""
    return {
        "institution": {institution.id},
        "institution_type": {institution.type},
        "programme": {programme.id},
        "level": {offering.level},
        "category": {offering.category},
        "mode": {offering.mode},
        "method": {offering.method},
        "topic": set(offering.topics),
        "stage": set(offering.stages),
        "subject": set(offering.subjects),
    }


def whole_section(section: SectionRow, attributes: Mapping[str, Collection[str]]) -> Attributes:
    """Return a section's attributes with the implied ones."""
    return {
        **{name: set(values) for name, values in attributes.items()},
        "section": {section.id},
        "offering": {section.offering_id},
    }


def halves(section: SectionRow) -> list[tuple[str, str]]:
    """Return the (day, half) meetings of a section, halves as `am` and `pm`."""
    return sorted((day, half.lower()) for day, half in map(str.split, section.meetings))
