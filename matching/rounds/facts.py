"""What follows from stored rows and settings before anybody is seated: asked once, used everywhere."""

from __future__ import annotations

from functools import cached_property

from matching.rounds.attributes import Attributes, section_attributes, teacher_attributes
from matching.rounds.eligibility import Ask, asks
from matching.rounds.hours import Dues, dues
from matching.rounds.lists import Line, ballot_lines, returned_lines
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.supply import scaled


class Facts:
    """Attributes, eligibility, ballots, sizes and dues of a round."""

    def __init__(self, stored: Stored, settings: RoundSettings) -> None:
        self.stored = stored
        self.settings = settings

    @cached_property
    def dues(self) -> Dues:
        """What every teacher owes in the category of the round."""
        return dues(self.settings, self.stored.ledger)

    @cached_property
    def people(self) -> dict[str, Attributes]:
        """Attributes of every teacher."""
        rural = self.settings.points.rural_residence
        return {
            id_: teacher_attributes(teacher, self.stored.schools[teacher.school], rural)
            for id_, teacher in self.stored.teachers.items()
        }

    @cached_property
    def courses(self) -> dict[str, Attributes]:
        """Attributes of every section, the implied ones (section, offering) among them."""
        return {
            id_: section_attributes(
                section,
                offering := self.stored.offerings[section.offering_id],
                self.stored.institutions[offering.institution_id],
                self.stored.programmes[offering.programme_id],
            )
            for id_, section in self.stored.sections.items()
        }

    @cached_property
    def asks(self) -> dict[str, tuple[Ask, ...]]:
        """What every section asks of its teachers."""
        return {
            id_: asks(
                offering := self.stored.offerings[section.offering_id],
                self.stored.programmes[offering.programme_id],
                self.settings.subject_match,
            )
            for id_, section in self.stored.sections.items()
        }

    @cached_property
    def ballots(self) -> dict[str, list[Line]]:
        """What counts of every teacher's ballot."""
        return {id_: ballot_lines(self.stored, self.settings, id_) for id_ in self.stored.teachers}

    @cached_property
    def returned(self) -> dict[str, list[Line]]:
        """What teachers wrote on ballots that their schools sent back."""
        mine = (self.stored, self.settings)
        return {id_: returned_lines(*mine, id_) for id_ in self.stored.teachers}

    @cached_property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """Capacity and minimum of every section, cut where a scarce supply is asked for."""
        sections = self.stored.sections
        if self.settings.supply_percent is None:
            return {id_: (row.capacity, row.minimum) for id_, row in sections.items()}
        return scaled(
            {id_: (row.capacity, row.minimum, self.minutes(id_)) for id_, row in sections.items()},
            self.courses,
            self.settings.shares,
            roll=len(self.stored.teachers),
            due=self.dues.total,
            percent=self.settings.supply_percent,
        )

    def minutes(self, section: str) -> int:
        """Return the account minutes a section gives in the category of the round."""
        offering = self.stored.offerings[self.stored.sections[section].offering_id]
        return offering.minutes if offering.category == self.settings.category else 0
