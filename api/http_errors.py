"""How the API says no: one form for every error, in the reader's language, without her input.

Which status an error has is decided here and nowhere else. Someone else's thing and a thing that is
not there are the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from api.errors import (
    CannotOpenDatabase,
    DatabaseBusy,
    OtherBody,
    Overloaded,
    Unconfirmed,
    UserError,
)
from api.messages import Language, say
from api.schemas import ErrorOut
from catalog.errors import Refused as SheetRefused
from diagnostics.adaptive.errors import CannotAsk
from diagnostics.errors import NotYours, UnknownTeacher
from matching.rounds.errors import BadSettings, RoundError
from matching.rounds.life.checking import BadBallot, sentence
from matching.rounds.messages import say as said

if TYPE_CHECKING:
    from starlette.responses import Response

RETRY_AFTER = "2"
BUSY = (CannotOpenDatabase, DatabaseBusy, Overloaded, Unconfirmed)
"""Errors after which the same request may be sent again in a moment."""

AWAY_ON_SQLITE = tuple(
    f"SQLITE_{name}" for name in ("BUSY", "LOCKED", "FULL", "IOERR", "READONLY", "CANTOPEN")
)
AWAY_ON_POSTGRESQL = ("08", "25006", "53", "55P03", "57", "58")
"""How the databases name a lost connection, a lack of room, a lock, a shutdown, a broken disk."""

MOST_FAULTS = 10
ECHOED = ("id", "successor", "value", "error", "named", "unit", "programmes", "said")
ECHOED_IN = {
    "round_no_section": ("section",),
    "round_listed_twice": ("section",),
    "round_unknown_key": ("key",),
}
"""Values of sentences that repeat what was sent; they are left out."""

BY_STATUS = {
    400: "http_bad_request",
    401: "http_no_token",
    403: "http_not_for_role",
    404: "http_not_found",
    405: "http_method",
    406: "http_not_acceptable",
    409: "http_conflict",
    412: "http_stale",
    413: "http_too_large",
    415: "http_media_type",
    422: "http_invalid",
    428: "http_needs_match",
    500: "http_defect",
    503: "http_busy",
}
"""Status -> the code of its own sentence, used where nothing more particular is known."""

OF_ROUND = {
    "scope_empty": 403,
    "life_not_yours": 403,
    "life_school_decides": 403,
    "life_role": 403,
    "life_no_round": 404,
    "life_no_teacher": 404,
    "life_no_section": 404,
    "life_no_ballot": 404,
    "life_no_job": 404,
    "life_no_appeal": 404,
    "life_no_place": 404,
    "life_no_seat": 404,
    "life_stale": 412,
    "life_marks_changed": 412,
    "life_no_verb": 422,
    "life_no_reason": 422,
    "life_no_effort": 422,
    "life_return_reason": 422,
    "life_appeal_length": 422,
    "life_bad_ballot": 422,
    "life_ballot_too_big": 422,
    "life_draft_too_long": 422,
    "life_moment_unreadable": 422,
    "life_moment_no_hour": 422,
    "life_moment_no_zone": 422,
    "life_moment_24": 422,
    "life_override_kind": 422,
    "life_notice_days": 422,
    "life_no_mark": 422,
    "life_no_half_day": 422,
    "life_no_school": 422,
    "life_offer_days": 422,
    "life_decline_reason": 422,
    "life_reason_missing": 422,
}
"""Errors of a round that are not a conflict with its state (409)."""


OF_DIAGNOSIS = {"diagnosis_moved": 412, "no_option": 422, "nothing_to_ask": 422}
"""Errors of a diagnosis that are not a conflict with its state (409)."""


class Refused(UserError):
    """A request that is answered with no; the status is that of HTTP.

    Parameters
    ----------
    status
        The status.
    code
        The code of the sentence; without one the sentence of the status is said.
    field
        What of the request is meant.
    """

    def __init__(self, status: int, code: str = "", /, field: str = "", **values: object) -> None:
        super().__init__(code or BY_STATUS[status], **values)
        self.status = status
        self.field = field


def not_found() -> Refused:
    """Return the answer for what is not there, or not hers to see."""
    return Refused(404)


def answer_to(error: Exception, lang: Language) -> Response:
    """Return the answer to an error; what no user can put right is a 500 that says nothing of it."""
    status, told = told_of(error, lang)
    return respond(status, told)


def respond(status: int, told: ErrorOut) -> Response:
    """Return an error as an answer with the headers its status asks for."""
    from starlette.responses import JSONResponse

    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": RETRY_AFTER}}
    return JSONResponse(told.model_dump(), status, headers.get(status))


def plain(status: int, lang: Language, field: str = "") -> ErrorOut:
    """Return the error that a status is told by where nothing more is known."""
    code = BY_STATUS.get(status, BY_STATUS[400] if status < 500 else BY_STATUS[500])
    return error_of(code, say(code, lang), status, lang, field)


def error_of(code: str, message: str, status: int, lang: Language, field: str = "") -> ErrorOut:
    """Return an error with the next step that fits it."""
    return ErrorOut(code=code, message=message, field=field, next=say(_next(code, status), lang))


def told_of(error: Exception, lang: Language) -> tuple[int, ErrorOut]:
    """Return the status of an error and what is told of it."""
    status, code = status_of(error), getattr(error, "code", None)
    if status in (404, 500) or code is None or isinstance(error, SQLAlchemyError):
        return status, plain(status, lang)
    if isinstance(error, OtherBody):
        return status, error_of("http_other_body", say("http_other_body", lang), status, lang)
    if isinstance(error, BadBallot):
        wrong = faults_of(error, lang)
        return status, error_of(str(code), wrong, status, lang, "body.lines")
    if isinstance(error, RoundError):
        return status, error_of(str(code), _unechoed(error, lang), status, lang)
    message = str(error.say(lang))  # type: ignore[attr-defined]
    field = str(getattr(error, "field", ""))
    return status, error_of(str(code), message, status, lang, field)


def faults_of(error: BadBallot, lang: Language) -> str:
    """Return everything wrong with a ballot, by rank; a code that is none of ours is not repeated."""
    told = (
        sentence(replace(fault, values=_hidden(fault.code, fault.values)), lang)
        for fault in error.faults[:MOST_FAULTS]
    )
    return ("；" if lang == "zh" else "; ").join(told)


def _unechoed(error: RoundError, lang: Language) -> str:
    """Return the sentence of an error without what was sent."""
    return said(error.code, lang, **_hidden(error.code, error.values))


def _hidden(code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    names = {*ECHOED, *ECHOED_IN.get(code, ())}
    return {name: "…" if name in names else value for name, value in values.items()}


def status_of(error: Exception) -> int:
    """Return the status an error is answered with; 500 for what is a defect of ours."""
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return status
    if isinstance(error, BUSY) or _is_away(error):
        return 503
    if isinstance(error, OtherBody | BadSettings):
        return 422
    if isinstance(error, NotYours | UnknownTeacher):
        return 404
    if isinstance(error, RoundError):
        return OF_ROUND.get(error.code, 409)
    if isinstance(error, CannotAsk):
        return OF_DIAGNOSIS.get(error.code, 409)
    return 409 if isinstance(error, UserError | SheetRefused) else 500


def _is_away(error: Exception) -> bool:
    """Tell a database that is away, full, busy or takes no change from a defect of ours."""
    if isinstance(error, NoConnection):
        return True
    if not isinstance(error, DBAPIError):
        return False
    of_sqlite = getattr(error.orig, "sqlite_errorname", None)
    if of_sqlite is not None:
        return str(of_sqlite).startswith(AWAY_ON_SQLITE)
    of_server = getattr(error.orig, "sqlstate", None)
    if of_server is None:  # the server did not even answer
        return error.connection_invalidated or isinstance(error, OperationalError)
    return str(of_server).startswith(AWAY_ON_POSTGRESQL)


def _next(code: str, status: int) -> str:
    """Return the code of the sentence that says what to do next."""
    own = f"next_{code}"
    return own if known(own) else f"next_{status}" if known(f"next_{status}") else "next_other"


def known(code: str) -> bool:
    """Tell whether there is a sentence of this code."""
    try:
        say(code)
    except KeyError as missing:
        return bool(missing.args[0] != code)
    return True


KINDS: Mapping[str, str] = {
    "missing": "field_missing",
    "extra_forbidden": "field_unknown",
    "literal_error": "field_choice",
    "enum": "field_choice",
    "string_too_long": "field_too_long",
    "too_long": "field_too_many",
    "string_too_short": "field_too_short",
    "too_short": "field_too_few",
    "string_pattern_mismatch": "field_pattern",
    "string_unicode": "field_pattern",
    "greater_than_equal": "field_too_small",
    "less_than_equal": "field_too_great",
    "timezone_aware": "field_no_zone",
    "value_error": "field_value",
}
"""What a check of the form says -> the code of our sentence."""

LIMITS = ("ge", "le", "max_length", "min_length", "expected")
"""What of a check may be told: our own limits, never what was sent."""


def invalid(errors: Sequence[Mapping[str, Any]], lang: Language) -> tuple[int, ErrorOut]:
    """Return what is told of a request that does not fit its form: its first error."""
    first = errors[0]
    if first["type"] == "json_invalid":
        return 400, plain(400, lang, "body")
    code = KINDS.get(first["type"], "field_type")
    limits = {name: first.get("ctx", {}).get(name, "") for name in LIMITS}
    limit = next((value for value in limits.values() if value != ""), "")
    message = say(code, lang, limit=limit)
    return 422, error_of(code, message, 422, lang, _field(first))


def _field(error: Mapping[str, Any]) -> str:
    """Return the name of a field in the words of the form; an unknown key is not repeated."""
    place = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        place = place[:-1]
    return ".".join(place)
