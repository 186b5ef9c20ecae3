"""What is on offer in the pilot: 30 sections, with whom they admit and on which days they meet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from examples.pilot.county import (
    ALL_BUT_KINDERGARTEN,
    ARTS,
    CHINESE,
    CIVICS,
    ENGLISH,
    JUNIOR,
    KINDERGARTEN,
    LAB,
    LOCAL,
    MATHS,
    MUNICIPAL,
    PE,
    PRIMARY,
    PROVINCIAL,
    SCIENCE,
    SENIOR,
    SPECIAL,
    SPECIAL_ED,
    UPPER,
    VOCATIONAL,
)


@dataclass(frozen=True, slots=True)
class Section:
    """One section; days are numbered 1 to 40 as in `calendar`."""

    id: str
    offering: str
    title: str
    level: str
    days: int
    practice_hours: int
    capacity: int
    minimum: int
    start: int
    stages: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    max_years: int | None = None
    mode: str = "f2f"
    method: str = "workshop"
    institution: str = "JG-XJ"
    site: str = "县教师发展中心"
    zone: int = 0

    @property
    def hours(self) -> int:
        """Class hours: a day is 8."""
        return 8 * self.days

    @property
    def day_numbers(self) -> range:
        """The days on which the section meets."""
        return range(self.start, self.start + self.days)


def _county(
    id: str, title: str, days: int, practice: int, size: tuple[int, int], start: int, **rest: object
) -> Section:
    """Return a section of the county's own programme."""
    return Section(id, id, title, LOCAL, days, practice, *size, start, **rest)  # type: ignore[arg-type]


SECTIONS = (
    Section(
        "PR1",
        "PR1",
        "省级示范：体育骨干教师研修",
        PROVINCIAL,
        10,
        40,
        20,
        5,
        1,
        stages=(PRIMARY, JUNIOR, SENIOR),
        subjects=(PE,),
        method="drill",
        institution="JG-SF",
        site="省城",
    ),
    Section(
        "PR2",
        "PR2",
        "省级示范：紧缺领域骨干教师研修",
        PROVINCIAL,
        10,
        40,
        40,
        15,
        1,
        method="inquiry",
        institution="JG-SF",
        site="省城",
    ),
    Section(
        "MU1",
        "MU1",
        "三名工作室主持人研修",
        MUNICIPAL,
        5,
        20,
        40,
        20,
        11,
        institution="JG-SJ",
        site="市教师发展中心",
    ),
    Section(
        "MU2",
        "MU2",
        "教学能力提升研修",
        MUNICIPAL,
        5,
        20,
        40,
        20,
        26,
        method="case",
        institution="JG-SJ",
        site="市教师发展中心",
    ),
    _county("C01", "小学语文研课磨课", 3, 12, (50, 20), 1, stages=(PRIMARY,), subjects=(CHINESE,)),
    _county("C02", "小学数学研课磨课", 3, 12, (45, 20), 1, stages=(PRIMARY,), subjects=(MATHS,)),
    _county("C03", "小学英语研课磨课", 2, 8, (25, 10), 1, stages=(PRIMARY,), subjects=(ENGLISH,)),
    _county("C04", "中学语文研课磨课", 3, 12, (30, 10), 1, stages=UPPER, subjects=(CHINESE,)),
    _county("C05", "中学数学研课磨课", 3, 12, (30, 10), 1, stages=UPPER, subjects=(MATHS,)),
    _county("C06", "中学英语研课磨课", 2, 8, (30, 10), 4, stages=UPPER, subjects=(ENGLISH,)),
    _county(
        "C07", "理化生实验教学", 2, 12, (40, 15), 4, stages=UPPER, subjects=LAB, method="drill"
    ),
    _county(
        "C08",
        "小学科学实验与探究",
        2,
        8,
        (30, 5),
        4,
        stages=(PRIMARY,),
        subjects=(SCIENCE,),
        method="inquiry",
    ),
    _county(
        "C09",
        "体育教学与学校体育",
        2,
        12,
        (40, 10),
        4,
        stages=ALL_BUT_KINDERGARTEN,
        subjects=(PE,),
        method="drill",
    ),
    _county(
        "C10",
        "音乐美术书法教学",
        2,
        12,
        (40, 10),
        4,
        stages=ALL_BUT_KINDERGARTEN,
        subjects=ARTS,
        institution="JG-ZY",
    ),
    _county(
        "C11",
        "道德与法治教学",
        2,
        8,
        (40, 10),
        4,
        stages=ALL_BUT_KINDERGARTEN,
        subjects=CIVICS,
        method="scene",
    ),
    _county("C12", "心理健康教育", 3, 12, (50, 20), 6, method="scene", institution="JG-ZY"),
    _county(
        "C13",
        "劳动与综合实践",
        2,
        12,
        (40, 15),
        9,
        stages=(PRIMARY, JUNIOR, SENIOR, VOCATIONAL),
        method="drill",
    ),
    _county(
        "C14",
        "随班就读资源教师",
        2,
        8,
        (40, 15),
        9,
        stages=(KINDERGARTEN, PRIMARY, JUNIOR, SPECIAL),
        method="case",
    ),
    _county(
        "C15",
        "班主任工作与家校共育",
        2,
        8,
        (100, 30),
        11,
        stages=ALL_BUT_KINDERGARTEN,
        method="case",
    ),
    _county("C16", "法治与校园安全", 1, 4, (120, 40), 13, method="case"),
    _county("C17", "信息技术应用能力2.0", 2, 8, (100, 30), 14, method="drill"),
    _county("C18", "幼儿园游戏课程", 3, 12, (60, 20), 1, stages=(KINDERGARTEN,), method="scene"),
    _county("C19", "幼儿园一日生活", 2, 8, (60, 20), 6, stages=(KINDERGARTEN,), method="case"),
    _county("C20", "校（园）长办学能力", 2, 8, (30, 10), 16, roles=("31",), method="case"),
    _county("C21", "新课标与作业设计", 2, 8, (120, 30), 18, stages=ALL_BUT_KINDERGARTEN),
    _county("C22", "青年教师站稳讲台", 3, 12, (50, 15), 20, max_years=3, method="drill"),
    _county("C23", "新教材与学业评价", 3, 12, (50, 15), 23, stages=(SENIOR, VOCATIONAL)),
    _county(
        "C24",
        "名校跟岗实践",
        5,
        40,
        (40, 15),
        31,
        mode="shadow",
        method="scene",
        institution="JG-YX",
        site="优质校",
    ),
    _county("C25", "特殊教育教学", 3, 12, (15, 5), 1, stages=(SPECIAL,), subjects=(SPECIAL_ED,)),
    _county(
        "C26",
        "课堂观察与教学改进",
        3,
        12,
        (120, 30),
        36,
        method="inquiry",
        institution="JG-YX",
        site="优质校",
    ),
)
DIMENSIONS_OF = {
    "PR1": ("XK3", "FZ3"),
    "PR2": ("XK2", "FZ3"),
    "MU1": ("FZ1", "FZ3"),
    "MU2": ("XK2", "XK3"),
    "C01": ("XK1", "XK2"),
    "C02": ("XK1", "XK2"),
    "C03": ("XK1", "XK2"),
    "C04": ("XK1", "XK2"),
    "C05": ("XK1", "XK2"),
    "C06": ("XK1", "XK2"),
    "C07": ("XK3",),
    "C08": ("XK3",),
    "C09": ("XK3", "SD3"),
    "C10": ("XK3",),
    "C11": ("SD1", "XK1"),
    "C12": ("BJ2", "SD3"),
    "C13": ("XK3",),
    "C14": ("BJ2", "XK2"),
    "C15": ("BJ1", "BJ3"),
    "C16": ("SD2", "BJ3"),
    "C17": ("XK5",),
    "C18": ("XK2", "XK3"),
    "C19": ("BJ1", "BJ3"),
    "C20": ("FZ2", "FZ3"),
    "C21": ("XK1", "XK4"),
    "C22": ("XK3", "BJ1"),
    "C23": ("XK4", "XK1"),
    "C24": ("XK3", "FZ2"),
    "C25": ("BJ2", "XK2"),
    "C26": ("XK3", "FZ1"),
}
TOPICS_OF = {
    "C11": "道德与法治",
    "C12": "心理健康",
    "C13": "劳动教育",
    "C14": "融合教育",
    "C15": "班级管理",
    "C16": "法治教育;校园安全",
    "C17": "信息技术",
    "C20": "学校管理",
    "C21": "新课标",
    "C23": "学业评价",
    "C26": "课堂教学",
}
DIMENSIONS = tuple(sorted({d for codes in DIMENSIONS_OF.values() for d in codes} | {"XK4"}))
SHORTAGE_SECTIONS = tuple(f"C{n:02d}" for n in range(7, 15))


def sections(zones: int = 1) -> list[Section]:
    """Return the sections: one per zone for county offerings, larger ones above the county."""
    out: list[Section] = []
    for section in SECTIONS:
        if section.level != LOCAL:
            out.append(replace(section, capacity=section.capacity * zones))
        elif zones == 1:
            out.append(section)
        else:
            out += [
                replace(
                    section, id=f"{section.id}-{z:02d}", site=f"第{z}学区{section.site}", zone=z
                )
                for z in range(1, zones + 1)
            ]
    return out
