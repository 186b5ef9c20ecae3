"""The spreadsheets, exactly as an office would fill in the templates; equal bytes every time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter

from diagnostics.frameworks.items import Questionnaire
from examples.pilot import county as c
from examples.pilot import offered as o
from examples.pilot.answers import Answered
from examples.pilot.ballots import Ballot
from examples.pilot.people import Teacher
from examples.pilot.records import Earned

Cell = str | int | None
CREATED = datetime(2026, 6, 1)  # noqa: DTZ001  (a fixed date keeps the bytes equal)
STAGE = {
    "1": "学前教育",
    "2": "小学",
    "3": "普通初中",
    "4": "普通高中",
    "6": "职业高中",
    "A": "特殊教育",
}
SUBJECT = {
    c.CHINESE: "语文",
    c.MATHS: "数学",
    c.ENGLISH: "英语",
    c.SCIENCE: "科学",
    c.PE: "体育与健康",
    c.PHYSICS: "物理",
    c.CHEMISTRY: "化学",
    c.BIOLOGY: "生物",
    c.GEOGRAPHY: "地理",
    c.HISTORY: "历史",
    c.MUSIC: "音乐",
    c.ART: "美术",
    c.POLITICS: "思想品德(政治)",
    c.MORALS: "道德与法治",
    c.CALLIGRAPHY: "书法",
    c.MIND: "心理健康",
    c.COMPUTING: "信息科技",
    c.LABOUR: "劳动",
    c.DANCE: "舞蹈",
    c.NURSERY: "学前教育",
    c.SPECIAL_ED: "特殊教育",
    c.TRADE: "职业专业课",
}
ROLE = {"10": "教师", "21": "教研组长", "22": "年级组长", "23": "班主任", "31": "校领导"}
TIER = ("无", "校级骨干", "县级骨干", "市级骨干", "省级骨干")
LEVEL = {c.PROVINCIAL: "省级", c.MUNICIPAL: "市级", c.LOCAL: "县级"}
MODE = {"f2f": "集中面授", "shadow": "跟岗实践"}
METHOD = {
    "case": "案例式",
    "inquiry": "探究式",
    "scene": "情景式",
    "drill": "演练式",
    "workshop": "工作坊",
}
STAFF = (
    "黎卓然",
    "范一鸣",
    "向晚晴",
    "骆知行",
    "宁守拙",
    "安若谷",
    "颜如故",
    "贺清和",
    "闻道远",
    "池上青",
)


def write(path: Path, header: str, rows: Iterable[Sequence[Cell]]) -> None:
    """Write one sheet; `header` holds the column titles, separated by blanks."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": CREATED, "title": path.stem})
    sheet = book.add_worksheet(path.stem)
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    titles = header.split()
    for column, title in enumerate(titles):
        sheet.set_column(column, column, max(10, 2 * len(title) + 2))
        sheet.write_string(0, column, title, bold)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and cell:
                sheet.write_string(number, column, cell, text)
            elif isinstance(cell, int):
                sheet.write_number(number, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()


def write_all(
    folder: Path,
    zones: int,
    people: Sequence[Teacher],
    sections: Sequence[o.Section],
    told: Sequence[Answered],
    questions: Questionnaire,
    hours: Sequence[Earned],
    lists: Sequence[Ballot],
) -> None:
    """Write every spreadsheet of the round into `folder`."""
    write(folder / "units.xlsx", "单位代码 单位 上级单位代码 类别 国标码 生效 失效", _units(zones))
    write(
        folder / "schools.xlsx",
        "学校代码 学校 单位代码 学段 城乡 教职工数 外出比例上限 每半天外出上限 标记",
        _schools(zones),
    )
    write(
        folder / "institutions.xlsx",
        "机构代码 机构 类型 资质层级 资质文号 有效期自 有效期至",
        _institutions(),
    )
    write(folder / "programmes.xlsx", "项目代码 项目 年度 层级 经费元 适用条件", _programmes(zones))
    write(
        folder / "offerings.xlsx",
        "课程代码 班次代码 课程 机构代码 项目代码 层级 学时类别 学段 学科 角色 教龄上限 教龄下限 天数 学时 实践学时 "
        "形式 方法 主题 能力维度 先修课程 班额下限 班额上限 半天日期 地点 每人费用元 首席专家 学科班主任 生活班主任 资质文号",
        [_offering(place, section) for place, section in enumerate(sections)],
    )
    write(
        folder / "quotas.xlsx",
        "单位代码 单位 项目代码 学段 学科 角色 名额 最低名额 其中绿色通道 备注",
        _quotas(zones),
    )
    write(
        folder / "teachers.xlsx",
        "教师编号 姓名 证件号 学校代码 学段 主教学科 兼教学科 岗位 职称等级 教龄 任现职年限 骨干层级 手机 标记",
        [_teacher(teacher) for teacher in people],
    )
    used = {item for each in told for item in each.options}
    items = [item.code for item in questions.items if item.code in used]
    write(
        folder / "answers.xlsx",
        f"教师编号 作答人 作答日期 {' '.join(items)}",
        [(a.teacher, a.rater, a.day, *(a.options.get(item) for item in items)) for a in told],
    )
    write(
        folder / "hours.xlsx",
        "教师编号 年度 学时类别 学时 来源 证明 课程代码 初审人 审批人",
        [_hours(entry) for entry in hours],
    )
    choices = " ".join(f"志愿{n}" for n in range(1, max(len(b.choices) for b in lists) + 1))
    write(
        folder / "ballots.xlsx",
        f"教师编号 姓名 学校代码 {choices} 最多班次 学校意见 代填",
        [_ballot(ballot, choices.count("志愿")) for ballot in lists],
    )


def zone_id(zone: int, zones: int) -> str:
    """Return the unit that a zone's schools belong to; with one zone, the county."""
    return c.COUNTY if zones == 1 else f"{c.COUNTY}-Z{zone:02d}"


def _units(zones: int) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = [
        (c.PROVINCE, "广东省", None, "省", c.PROVINCE),
        (c.CITY, "肇庆市", c.PROVINCE, "市", c.CITY),
        (c.COUNTY, "德庆县", c.CITY, "县", c.COUNTY),
    ]
    if zones > 1:
        rows += [(zone_id(z, zones), f"第{z}学区", c.COUNTY, "zone") for z in range(1, zones + 1)]
    return rows


def _schools(zones: int) -> list[tuple[Cell, ...]]:
    return [
        (s.id, s.name, zone_id(s.zone, zones), STAGE[s.stage], s.residence, s.staff)
        for s in c.schools(zones)
    ]


def _institutions() -> list[tuple[Cell, ...]]:
    return [
        (
            id,
            name,
            kind,
            ";".join(LEVEL[level] for level in levels.split(";")),
            licence,
            "2025-01-01",
            "2027-12-31",
        )
        for id, name, kind, levels, licence in c.INSTITUTIONS
    ]


def _programmes(zones: int) -> list[tuple[Cell, ...]]:
    return [
        (id, name, c.YEAR, LEVEL[level], yuan * zones) for id, name, level, yuan in c.PROGRAMMES
    ]


def _offering(place: int, s: o.Section) -> tuple[Cell, ...]:
    chief, head, life = (STAFF[(place + step) % len(STAFF)] for step in (0, 3, 7))
    licences = {row[0]: row[4] for row in c.INSTITUTIONS}
    return (
        s.offering,
        s.id,
        s.title,
        s.institution,
        c.PROGRAMME_OF[s.level],
        LEVEL[s.level],
        "专业",
        ";".join(STAGE[code] for code in s.stages),
        ";".join(SUBJECT[code] for code in s.subjects),
        ";".join(ROLE[code] for code in s.roles),
        s.max_years,
        None,
        s.days,
        s.hours,
        s.practice_hours,
        MODE[s.mode],
        METHOD[s.method],
        o.TOPICS_OF.get(s.offering),
        ";".join(o.DIMENSIONS_OF[s.offering]),
        None,
        s.minimum,
        s.capacity,
        _meetings(s),
        s.site,
        c.FEE_YUAN_A_DAY[s.level] * s.days,
        chief,
        head,
        life,
        licences[s.institution],
    )


def _meetings(section: o.Section) -> str:
    days = [c.DATES[number - 1].isoformat() for number in section.day_numbers]
    return ";".join(f"{day} {half}" for day in days for half in ("AM", "PM"))


def _quotas(zones: int) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for zone in range(1, zones + 1):
        unit = zone_id(zone, zones)
        name = "德庆县" if zones == 1 else f"第{zone}学区"
        rows += [
            (unit, name, "XM-S", None, None, None, 40, 0, 2, "全县教师的10%"),
            (unit, name, "XM-S", None, SUBJECT[c.PE], None, 20, 5, None, "体育紧缺"),
            (unit, name, "XM-J", None, None, None, 80, 0, None, "全县教师的20%"),
            (unit, name, "XM-J", STAGE[c.KINDERGARTEN], None, None, 16, 4, None, "学前不少于4名"),
        ]
    return rows


def _teacher(t: Teacher) -> tuple[Cell, ...]:
    green = t.school.rural and t.years >= 25
    return (
        t.id,
        t.name,
        t.id_number,
        t.school.id,
        STAGE[t.school.stage],
        SUBJECT[t.subject],
        ";".join(SUBJECT[code] for code in t.others),
        ";".join(ROLE[code] for code in t.roles),
        t.title_rank,
        t.years,
        t.office_years,
        TIER[t.tier],
        None,
        "green" if green else None,
    )


def _hours(e: Earned) -> tuple[Cell, ...]:
    category = {"zhuanye": "专业", "gongxu": "公需"}[e.category]
    return (
        e.teacher,
        c.YEAR,
        category,
        e.hours,
        e.source,
        e.evidence,
        None,
        "县师训办",
        "市教育局",
    )


def _ballot(ballot: Ballot, columns: int) -> tuple[Cell, ...]:
    lines = ["+".join(choice) for choice in ballot.choices]
    lines += [""] * (columns - len(lines))
    teacher = ballot.teacher
    return (
        teacher.id,
        teacher.name,
        teacher.school.id,
        *lines,
        None,
        ballot.opinion,
        ballot.entered_by,
    )
