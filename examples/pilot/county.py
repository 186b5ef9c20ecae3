"""What is fixed in the pilot: schools, calendar, sections, institutions, programmes, quotas.

The facts follow the public notice of one prefecture (450 class hours in five years, 90 a year in
30 + 42 + 18, half a day counts 4, shares 10/20/70); every school, date, capacity, title and fee
is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

YEAR = 2026
COUNTY, CITY, PROVINCE = "441226", "441200", "440000"
RURAL = ("220", "210")

KINDERGARTEN, PRIMARY, JUNIOR, SENIOR, VOCATIONAL, SPECIAL = "1", "2", "3", "4", "6", "A"
ALL_BUT_KINDERGARTEN = (PRIMARY, JUNIOR, SENIOR, VOCATIONAL, SPECIAL)


@dataclass(frozen=True, slots=True)
class School:
    """A school; `residence` is the code of 城乡 (121 town, 210 and 220 village)."""

    id: str
    name: str
    stage: str
    residence: str
    staff: int
    zone: int = 1

    @property
    def rural(self) -> bool:
        """Whether the school lies in a village."""
        return self.residence in RURAL

    def release_cap(self, percent: int = 15) -> int:
        """Return how many may be away on one half-day of the term (rounded up)."""
        return -(-self.staff * percent // 100)


SCHOOLS = (
    School("K1", "松塘镇中心幼儿园", KINDERGARTEN, "121", 20),
    School("K2", "云石镇中心幼儿园", KINDERGARTEN, "121", 20),
    School("K3", "晴川镇中心幼儿园", KINDERGARTEN, "121", 20),
    School("PT1", "松塘镇中心小学", PRIMARY, "121", 25),
    School("PT2", "云石镇中心小学", PRIMARY, "121", 25),
    School("PT3", "晴川镇中心小学", PRIMARY, "121", 25),
    School("PT4", "榕湾镇中心小学", PRIMARY, "121", 25),
    School("PV1", "石径村小学", PRIMARY, "220", 10),
    School("PV2", "竹溪村小学", PRIMARY, "220", 10),
    School("PV3", "大榕村小学", PRIMARY, "220", 10),
    School("PV4", "茶岭村小学", PRIMARY, "220", 10),
    School("PV5", "河背村小学", PRIMARY, "220", 10),
    School("PV6", "双桥村小学", PRIMARY, "220", 10),
    School("M1", "松塘镇初级中学", JUNIOR, "121", 25),
    School("M2", "云石镇初级中学", JUNIOR, "121", 25),
    School("M3", "茶岭初级中学", JUNIOR, "210", 25),
    School("M4", "双桥初级中学", JUNIOR, "210", 25),
    School("H1", "县第一高级中学", SENIOR, "121", 40),
    School("V1", "县中等职业学校", VOCATIONAL, "121", 25),
    School("S1", "县启明特殊教育学校", SPECIAL, "121", 15),
)


CHINESE, MATHS, ENGLISH, SCIENCE, PE = "jyt:13", "jyt:14", "jyt:41", "jyt:15", "jyt:22"
PHYSICS, CHEMISTRY, BIOLOGY = "jyt:16", "jyt:17", "jyt:18"
GEOGRAPHY, HISTORY, MUSIC, ART = "jyt:20", "jyt:21", "jyt:24", "jyt:25"
POLITICS, MORALS, CALLIGRAPHY, MIND = "jyt:12", "x:daofa", "x:shufa", "x:xljk"
COMPUTING, LABOUR, DANCE = "x:xxkj", "x:laodong", "x:wudao"
NURSERY, SPECIAL_ED, TRADE = "x:xueqian", "x:teshu", "x:zhiye"

LAB, ARTS, CIVICS = (
    (PHYSICS, CHEMISTRY, BIOLOGY),
    (MUSIC, ART, CALLIGRAPHY, DANCE),
    (MORALS, POLITICS),
)
UPPER = (JUNIOR, SENIOR, VOCATIONAL)
PROVINCIAL, MUNICIPAL, LOCAL = "province", "city", "county"

INSTITUTIONS = (
    (
        "JG-SF",
        "南岭师范大学（虚构）",
        "normal_university",
        "province;city;county",
        "粤教培〔2025〕101号",
    ),
    ("JG-SJ", "市教师发展中心（虚构）", "teacher_centre", "city;county", "肇教培〔2025〕12号"),
    ("JG-XJ", "县教师发展中心（虚构）", "teacher_centre", "county", "德教培〔2025〕3号"),
    ("JG-ZY", "岭南心育艺教研究院（虚构）", "professional", "city;county", "粤教培〔2025〕188号"),
    ("JG-YX", "县优质校联合体（虚构）", "school", "county", "德教培〔2025〕7号"),
)

PROGRAMMES = (
    ("XM-S", "省级示范培训", PROVINCIAL, 40 * 4000),
    ("XM-J", "市级骨干与能力提升培训", MUNICIPAL, 80 * 1500),
    ("XM-X", "县级全员培训", LOCAL, 250_000),
)
PROGRAMME_OF = {PROVINCIAL: "XM-S", MUNICIPAL: "XM-J", LOCAL: "XM-X"}
FEE_YUAN_A_DAY = {PROVINCIAL: 400, MUNICIPAL: 300, LOCAL: 100}


def calendar() -> list[date]:
    """Return the dates of days 1 to 40: ten days in August, then thirty teaching days of the term."""
    days = [date(YEAR, 8, 3) + timedelta(days=n) for n in range(10)]
    day = date(YEAR, 9, 7)
    while len(days) < 40:
        holiday = date(YEAR, 10, 1) <= day <= date(YEAR, 10, 8)
        if day.weekday() < 5 and not holiday:
            days.append(day)
        day += timedelta(days=1)
    return days


DATES = calendar()
FIRST_TERM_DAY = 11


def schools(zones: int = 1) -> list[School]:
    """Return the schools of every zone; with one zone, the county itself."""
    if zones == 1:
        return list(SCHOOLS)
    return [
        replace(s, id=f"{s.id}-{z:02d}", name=f"第{z}学区{s.name}", zone=z)
        for z in range(1, zones + 1)
        for s in SCHOOLS
    ]
