"""Where people can be reached: a sheet the office keeps, read when messages leave and never stored.

Telephone numbers and addresses are needed for the moment of sending only, so the database does not
hold them (PIPL art. 6: no more personal data than the purpose needs).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from api.errors import UserError
from catalog.importing.parse import BadCell, code, fold
from catalog.importing.rows import read_sheet
from catalog.importing.spec import Column, SheetKind
from catalog.messages import Language


@dataclass(frozen=True, slots=True)
class Contact:
    """How one teacher can be reached; what is not known is empty."""

    phone: str = ""
    email: str = ""
    wecom: str = ""
    dingtalk: str = ""
    language: str = "zh"


def phone(cell: str) -> str:
    """Return a telephone number as digits."""
    digits = fold(cell).replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 13):
        raise BadCell("contact_phone", room="api")
    return digits


def email(cell: str) -> str:
    """Return an e-mail address."""
    address = fold(cell)
    name, at, host = address.partition("@")
    if not (name and at and "." in host) or any(c.isspace() or c in ",;<>" for c in address):
        raise BadCell("contact_email", room="api")
    return address


def language(cell: str) -> str:
    """Return zh or en."""
    word = {"zh": "zh", "中文": "zh", "en": "en", "english": "en", "英文": "en"}.get(
        fold(cell).lower()
    )
    if word is None:
        raise BadCell("contact_language", room="api")
    return word


CONTACTS = SheetKind(
    code="",
    slug="contacts",
    zh="联系方式",
    en="Contacts",
    columns=(
        Column("teacher_id", "教师编号", "Teacher id", code, example="T0001", is_id=True),
        Column("name", "姓名", "Name", required=False, default="", stored=False),
        Column("phone", "手机", "Mobile", phone, False, "", "13800000000", is_id=True),
        Column("email", "邮箱", "E-mail", email, required=False, default=""),
        Column("wecom", "企业微信账号", "WeCom id", required=False, default=""),
        Column("dingtalk", "钉钉账号", "DingTalk id", required=False, default=""),
        Column("language", "语言", "Language", language, required=False, default="zh"),
    ),
    key=("teacher_id",),
    check=lambda rows, session: iter(()),
    load=lambda session: {},
    save=lambda session, rows: None,
    remove=lambda session, keys: None,
)
"""Read, checked and forgotten again; the last four functions keep nothing, on purpose."""


def read_contacts(path: Path, lang: Language = "zh") -> dict[str, Contact]:
    """Return teacher -> how to reach her.

    Raises
    ------
    UserError
        If a row is wrong; the message names the row, the column, the value and what would be right.
    """
    parsed = read_sheet(path, CONTACTS)
    if parsed.errors:
        said = "\n".join(error.say(lang) for error in parsed.errors[:12])
        raise UserError("contacts_wrong", path=path, errors=said)
    fields = ("phone", "email", "wecom", "dingtalk", "language")
    return {
        row.row["teacher_id"]: Contact(**{name: row.row[name] for name in fields})
        for row in parsed.rows
    }
