"""The teachers: drawn by lot, with names from lists of common characters; nobody real is meant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from examples.pilot import county as c
from examples.pilot.chance import Chance

SURNAMES = "陈李黄张梁林王吴刘罗何谢邓冯叶麦苏欧潘卢蔡莫温廖钟植孔覃岑伍谭聂徐孙朱高郑曾彭萧"
FIRST = "嘉思雨文志建国丽美秀春海晓玉俊子梓欣家永明少伟佩慧静淑锦启翠乐宏彩巧可月杏"
SECOND = "玲芳敏华强军平燕娟霞英辉杰婷怡琪欣妍雯莹健峰涛斌龙勇林兰珍贤仪文彬桃云萍凤娴"

SUBJECTS = {
    c.KINDERGARTEN: {c.NURSERY: 1},
    c.PRIMARY: {
        c.CHINESE: 34,
        c.MATHS: 27,
        c.ENGLISH: 11,
        c.PE: 8,
        c.SCIENCE: 5,
        c.MUSIC: 4,
        c.ART: 4,
        c.COMPUTING: 3,
        c.MORALS: 3,
        c.MIND: 1,
    },
    c.JUNIOR: {
        c.CHINESE: 18,
        c.MATHS: 17,
        c.ENGLISH: 16,
        c.PHYSICS: 9,
        c.CHEMISTRY: 6,
        c.BIOLOGY: 6,
        c.PE: 7,
        c.POLITICS: 6,
        c.HISTORY: 5,
        c.GEOGRAPHY: 4,
        c.MUSIC: 2,
        c.ART: 2,
        c.COMPUTING: 2,
    },
    c.SENIOR: {
        c.CHINESE: 16,
        c.MATHS: 16,
        c.ENGLISH: 15,
        c.PHYSICS: 10,
        c.CHEMISTRY: 8,
        c.BIOLOGY: 8,
        c.POLITICS: 6,
        c.HISTORY: 6,
        c.GEOGRAPHY: 6,
        c.PE: 5,
        c.MUSIC: 1,
        c.ART: 2,
        c.COMPUTING: 1,
    },
    c.VOCATIONAL: {c.TRADE: 45, c.CHINESE: 14, c.MATHS: 14, c.ENGLISH: 12, c.PE: 8, c.POLITICS: 7},
    c.SPECIAL: {c.SPECIAL_ED: 1},
}
ALSO = {
    c.CHINESE: {c.MORALS: 5, c.CALLIGRAPHY: 3, c.LABOUR: 1},
    c.MATHS: {c.SCIENCE: 4, c.LABOUR: 2, c.COMPUTING: 1, c.PE: 1},
    c.ENGLISH: {c.MUSIC: 1, c.MORALS: 1, c.ART: 1},
    c.SPECIAL_ED: {c.PE: 1, c.ART: 1, c.MUSIC: 1},
}
SECOND_SUBJECT = {True: 0.85, False: 0.40}
LEADERS = {"K": 2, "PT": 2, "PV": 1, "M": 3, "H": 4, "V": 3, "S": 2}


@dataclass(frozen=True, slots=True)
class Teacher:
    """A made-up teacher; `ability` maps a dimension to her latent standing (0 is average).

    `leniency` is how mildly she judges, beside what goes with her ability, in SDs of the county.
    """

    id: str
    name: str
    id_number: str
    school: c.School
    subject: str
    others: tuple[str, ...]
    roles: tuple[str, ...]
    title_rank: int
    years: int
    office_years: int | None
    tier: int
    ability: dict[str, float] = field(hash=False)
    leniency: float = 0.0

    @property
    def subjects(self) -> tuple[str, ...]:
        """All she teaches, the main subject first."""
        return (self.subject, *self.others)


def teachers(schools: Sequence[c.School], dimensions: Sequence[str], seed: int) -> list[Teacher]:
    """Return every teacher of every school, in order of id."""
    out: list[Teacher] = []
    for school in schools:
        chance = Chance(seed, "teachers", school.id)
        for place in range(school.staff):
            out.append(_teacher(len(out) + 1, place, school, dimensions, chance))
    return _with_namesakes(out)


def _teacher(
    number: int, place: int, school: c.School, dimensions: Sequence[str], chance: Chance
) -> Teacher:
    years = _years(chance)
    subject = chance.weighted(SUBJECTS[school.stage])
    leads = place < LEADERS[school.id.rstrip("0123456789-")]
    if leads:
        years = max(years, 8)
    general = chance.normal() + 0.03 * min(years, 20) - 0.3
    return Teacher(
        id=f"T{number:05d}",
        name=chance.one_of(SURNAMES) + chance.one_of(FIRST) + _second(chance),
        id_number=_id_number(number, years, chance),
        school=school,
        subject=subject,
        others=_others(school, subject, chance),
        roles=_roles(leads, years, chance),
        title_rank=_title_rank(years, chance),
        years=years,
        office_years=1 + chance.below(min(years, 12)) if leads else None,
        tier=_tier(years, chance),
        ability=_ability(f"T{number:05d}", general, dimensions, chance),
        leniency=chance.normal(),
    )


def _ability(
    id: str, general: float, dimensions: Sequence[str], chance: Chance
) -> dict[str, float]:
    """Return abilities of SD 1: correlated .7 within an area of the framework, .5 between areas."""
    areas = Chance(chance.seed, "areas", id)
    of_area = {area: areas.normal() for area in sorted({d[:2] for d in dimensions})}
    return {
        d: math.sqrt(0.5) * general + math.sqrt(0.2) * of_area[d[:2]] + math.sqrt(0.3) * own
        for d, own in ((d, chance.normal()) for d in dimensions)
    }


def _years(chance: Chance) -> int:
    """Return years of teaching: one in seven is new, many came in the years of expansion."""
    return chance.below(4) if chance.yes(0.14) else 4 + int(32 * chance.share() ** 1.2)


def _second(chance: Chance) -> str:
    return "" if chance.yes(0.12) else chance.one_of(SECOND)


def _id_number(number: int, years: int, chance: Chance) -> str:
    """Return 18 characters of an area that does not exist (9000..), with a right check digit."""
    born = f"{c.YEAR - years - 23}{1 + chance.below(12):02d}{1 + chance.below(28):02d}"
    body = f"9000{number // 1000:02d}{born}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def _others(school: c.School, subject: str, chance: Chance) -> tuple[str, ...]:
    """Return what she teaches besides; in village schools nearly everybody teaches two subjects."""
    options = ALSO.get(subject)
    if school.stage not in (c.PRIMARY, c.SPECIAL) or not options:
        return ()
    return (chance.weighted(options),) if chance.yes(SECOND_SUBJECT[school.rural]) else ()


def _roles(leads: bool, years: int, chance: Chance) -> tuple[str, ...]:
    if leads:
        return ("31",)
    extra = chance.weighted(
        {"23": 38, "21": 8 if years > 5 else 0, "22": 5 if years > 5 else 0, "": 49}
    )
    return ("10", extra) if extra else ("10",)


def _title_rank(years: int, chance: Chance) -> int:
    return min(
        5, 1 + (years >= 2) + (years >= 8 and chance.yes(0.8)) + (years >= 16 and chance.yes(0.4))
    )


def _tier(years: int, chance: Chance) -> int:
    if years < 4:
        return 0
    return chance.weighted({0: 62, 1: 18, 2: 12, 3: 6, 4: 2})


def _with_namesakes(people: list[Teacher]) -> list[Teacher]:
    """Give the second and third teacher of the first primary school one name (it happens)."""
    primary = [n for n, teacher in enumerate(people) if teacher.school.id.startswith("PT1")]
    if primary:
        second, third = primary[1:3]
        people[third] = replace(people[third], name=people[second].name)
    return people
