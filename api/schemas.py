"""What the API takes in and gives out: strict on the way in, documented in both languages.

Numbers are whole and below 2**63, never infinite; texts are bounded and hold no control, direction
or surrogate characters; a key that is not known is refused, for it is a mistake nobody would notice.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
)

LARGEST = 2**63 - 1
MOST_AT_ONCE = 200
LONGEST_BODY = 1024 * 1024
DEEPEST = 12
"""How deep settings may be nested."""

_HIDDEN = (
    r"\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
)
_ONE_LINE = f"^[^{_HIDDEN}]*$"
_LINES = f"^(?:[^{_HIDDEN}]|\\n)*$"

T = TypeVar("T")


class Inward(BaseModel):
    """Base of what callers send."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, frozen=True, hide_input_in_errors=True
    )


class Outward(BaseModel):
    """Base of what callers are told."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


Id = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/+\-]*$", max_length=64, min_length=1)
]
"""A code of ours: ASCII letters, digits and `_ . : / + -`."""

Line = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/+\-]*$", max_length=650, min_length=1),
]
"""One rank of a ballot: a section, or a bundle as `A+B`."""

Word = Annotated[str, StringConstraints(pattern=_ONE_LINE, max_length=200)]
Text = Annotated[str, StringConstraints(pattern=_LINES, max_length=2000)]
Reason = Annotated[
    str,
    StringConstraints(pattern=_LINES, max_length=2000),
    Field(description="Published with the act. 理由，随操作一并公布"),
]
SettingsText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100_000),
    Field(description="The text of `round.toml`. 轮次设置文件的全文"),
]
Whole = Annotated[int, Field(ge=0, le=LARGEST, strict=True)]
Count = Annotated[int, Field(ge=1, le=99, strict=True)]
Day = Annotated[
    str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
]


def _near_now(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2199:
        raise ValueError("a moment lies between the years 2000 and 2199")
    return moment.astimezone(UTC)


Moment = Annotated[
    AwareDatetime,
    Field(strict=False, description="With a time zone. 须写明时区，如 2026-07-01T18:00:00+08:00"),
    AfterValidator(_near_now),
]


def _plain(value: JsonValue) -> JsonValue:
    """Refuse what a database or a digest could not keep, however deep it lies."""
    _look(value, DEEPEST)
    return value


def _look(value: Any, depth: int) -> None:
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        _look_at_text(value)
    elif isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError("not a finite number")
    elif isinstance(value, int):
        if not -LARGEST <= value <= LARGEST:
            raise ValueError("a number is too large")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _look_at_text(key)
            _look(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _look(inner, depth - 1)


def _look_at_text(value: str) -> None:
    if len(value) > 2000 or any(_is_unkept(character) for character in value):
        raise ValueError("a text that cannot be kept")


def _is_unkept(character: str) -> bool:
    code = ord(character)
    return (code < 32 and character != "\n") or 0xD800 <= code < 0xE000


Plain = Annotated[dict[str, JsonValue], AfterValidator(_plain)]
"""Free data such as settings: looked through for what cannot be kept."""


class Page(Outward, Generic[T]):
    """A part of a list; `next` asks for the part after it."""

    items: list[T]
    next: str | None = Field(
        default=None, description="Cursor of the next part; null at the end. 下一页游标"
    )


class ErrorOut(Outward):
    """The one form of every error: what happened, where, and what to do next."""

    code: str = Field(description="Stable name of the error. 错误代码")
    message: str = Field(description="What happened, in the language asked for. 说明")
    field: str = Field(default="", description="What of the request is meant. 涉及的字段")
    next: str = Field(default="", description="What to do next. 下一步")


class Bilingual(Outward):
    """A title in both languages."""

    zh: str
    en: str


def cursor_of(*key: str | int) -> str:
    """Return the cursor after a row with this key."""
    text = "\x1f".join(str(part) for part in key)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def key_of(cursor: str, parts: int) -> tuple[str, ...] | None:
    """Return the key a cursor was made from, or None if it is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = tuple(base64.urlsafe_b64decode(padded.encode("ascii")).decode().split("\x1f"))
    except ValueError:
        return None
    fits = len(key) == parts and cursor_of(*key) == cursor and "\x00" not in "".join(key)
    return key if fits else None
