"""What rules may ask of a teacher and of a section, gathered from stored rows."""

from __future__ import annotations

from collections.abc import Collection

from catalog.tables import InstitutionRow, OfferingRow, ProgrammeRow, SchoolRow, SectionRow
from catalog.terms import RURAL
from diagnostics.teachers import Teacher

Attributes = dict[str, set[str]]
IMPLIED = ("section", "offering", "school")
"""Attributes that an instance knows from the row of the section or teacher itself."""


def teacher_attributes(
    teacher: Teacher, school: SchoolRow, rural: Collection[str] = RURAL
) -> Attributes:
    """Return a teacher's attributes with those of her school; its flags count as hers."""
    found = {name: set(values) for name, values in teacher.attributes().items()}
    found["flag"] |= set(school.flags)
    found["residence"] = {school.residence}
    found["rural"] = {"yes" if school.residence in rural else "no"}
    return found


def section_attributes(
    section: SectionRow,
    offering: OfferingRow,
    institution: InstitutionRow,
    programme: ProgrammeRow,
) -> Attributes:
    """Return a section's attributes, those that its own row implies among them."""
    return {
        "section": {section.id},
        "offering": {offering.id},
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
        "site": {section.site} - {""},
    }


def halves(section: SectionRow) -> list[tuple[str, str]]:
    """Return the (day, half) meetings of a section, halves as `am` and `pm`."""
    return sorted((day, half.lower()) for day, half in map(str.split, section.meetings))
