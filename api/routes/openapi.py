"""The description of the API: every status of every operation, with examples in Chinese and English."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http_errors import plain
from api.schemas import ErrorOut

ALWAYS = (400, 401, 403, 422, 503)
WITH_PATH = (404,)
CHANGES = (404, 409, 413, 428)
REASONS = {
    304: "Not changed. 未变化",
    400: "The request cannot be read. 请求无法读取",
    401: "No valid token. 没有有效令牌",
    403: "Not for this role. 身份不符",
    404: "Not there, or not yours to see. 不存在或无权查看",
    405: "Not for this method. 方法不支持",
    409: "Conflicts with the present state. 与当前状态冲突",
    412: "Changed since. 版本已过时",
    413: "Too large. 内容过大",
    422: "Not in the form needed. 格式不符",
    428: "Needs If-Match. 须写明版本",
    503: "Busy; see Retry-After. 系统繁忙",
}


def describe(app: FastAPI, prefix: str) -> None:
    """Let the application describe itself with every status it may answer with."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=DESCRIPTION,
                routes=app.routes,
            )
            _complete(document, prefix)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any], prefix: str) -> None:
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    shape = ErrorOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["ErrorOut"] = shape
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith(prefix):
                _add_errors(path, method, operation)


def _add_errors(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["summary"] = operation.pop("description", operation["summary"]).rstrip(".")
    responses = operation["responses"]
    parameters = {p["name"]: p for p in operation.get("parameters", ())}
    for name in ("Idempotency-Key", "If-Match"):
        if name in parameters:
            _require(parameters[name])
    versioned = "If-Match" in parameters
    statuses = {*ALWAYS, *(WITH_PATH if "{" in path else ())}
    if method != "get":
        statuses |= {*CHANGES} - ({428} if not versioned else set())
    if versioned:
        statuses |= {412}
    if operation.pop("x-conflicts", False):
        statuses |= {409}
    if method == "get" and operation.pop("x-versioned", False):
        responses["304"] = {"description": REASONS[304]}
    for status in sorted(statuses):
        responses[str(status)] = _error(status)
    operation["responses"] = dict(sorted(responses.items()))


def _require(header: dict[str, Any]) -> None:
    """Say that a header is needed: its own check answers better than that of the form."""
    header["required"] = True
    schema = header["schema"]
    header["schema"] = {"type": "string", "pattern": schema["pattern"]}


def _error(status: int) -> dict[str, Any]:
    examples = {
        lang: {"summary": lang, "value": plain(status, lang).model_dump()} for lang in ("zh", "en")
    }
    schema = {"$ref": "#/components/schemas/ErrorOut"}
    found: dict[str, Any] = {
        "description": REASONS[status],
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }
    if status == 503:
        found["headers"] = {"Retry-After": {"required": True, "schema": {"type": "string"}}}
    return found


DESCRIPTION = """\
教师自主选学的接口：单位、课程、学时、诊断、志愿、轮次、求解、结果与席位。

The API of teachers' own choice of training: units, courses, hours, diagnosis, ballots, rounds, solves,
results and seats.

- 语言 Language: `Accept-Language: zh` (default) or `en`.
- 身份 Identity: `Authorization: Bearer xk_…`. 看不到的与不存在的回答相同 What is not yours to see does not exist.
- 重试 Retries: every change needs an `Idempotency-Key`; the same key gets the same answer.
- 版本 Versions: what may be edited has an `ETag`; an edit names it in `If-Match` (428 without, 412 when stale).
- 分页 Lists: `limit` and `cursor`; `next` is the cursor of the next part.
- 错误 Errors: `{code, message, field, next}`, never with what was sent.
"""
