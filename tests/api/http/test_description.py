"""The description of the API: every status, every schema, examples in Chinese and English."""

import json

import pytest
from pydantic import BaseModel

from api.app import PREFIX, create_app
from api.routes import accesses, attendance, ballots, diagnoses, notices, questions, rounds, seats
from api.schemas import Page


@pytest.fixture(scope="module")
def document():
    return create_app(None).openapi()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith(PREFIX):
                yield method, path, operation


def test_every_operation_is_described_in_both_languages(document):
    for method, path, operation in operations(document):
        assert " · " in operation["summary"], (method, path)


def test_every_operation_has_a_name_of_its_own(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_every_error_has_the_one_form_and_examples_in_both_languages(document):
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                told = response["content"]["application/json"]
                assert told["schema"] == {"$ref": "#/components/schemas/ErrorOut"}
                assert set(told["examples"]) == {"zh", "en"}, (method, path, status)
                assert told["examples"]["zh"] != told["examples"]["en"]


def test_every_body_has_examples_in_both_languages_that_fit(document):
    shapes = {
        name: value
        for module in (attendance, ballots, diagnoses, notices, questions, rounds, seats)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, BaseModel)
    }
    for method, path, operation in operations(document):
        if "requestBody" not in operation:
            continue
        told = operation["requestBody"]["content"]["application/json"]
        shape = shapes[told["schema"]["$ref"].rsplit("/", 1)[1]]
        assert set(told["examples"]) == {"zh", "en"}, (method, path)
        for example in told["examples"].values():
            shape.model_validate_json(json.dumps(example["value"]))


def test_what_has_examples_of_answers_has_them_in_both_languages_and_they_fit(document):
    for path, shape in (
        ("/me/accesses", Page[accesses.OwnAccessOut]),
        ("/accesses", Page[accesses.AccessOut]),
        ("/rounds/{round_id}/notices/{notice_id}", notices.NoticeOut),
    ):
        operation = document["paths"][f"{PREFIX}{path}"]["get"]
        told = operation["responses"]["200"]["content"]["application/json"]["examples"]
        assert set(told) == {"zh", "en"}
        for example in told.values():
            shape.model_validate(example["value"])


def test_every_change_needs_a_key_and_every_edit_a_version(document):
    edits = set()
    for method, path, operation in operations(document):
        headers = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method != "get"), (method, path)
        if "If-Match" in headers:
            edits.add(operation["operationId"])
            assert {"412", "428"} <= set(operation["responses"])
    assert {"hand_in", "save_draft", "withdraw", "amend", "review", "say_verb"} <= edits


def test_every_operation_names_the_statuses_it_may_answer_with(document):
    for method, path, operation in operations(document):
        told = set(operation["responses"])
        assert {"401", "403", "422", "503"} <= told, (method, path)
        assert ("404" in told) or "{" not in path


def test_there_is_nothing_that_other_tools_cannot_read(document):
    text = json.dumps(document)
    assert "prefixItems" not in text
    assert "HTTPValidationError" not in text
    assert "http://" not in text
    assert "https://" not in text


def test_what_comes_in_is_strict_and_bounded(document):
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("In") or name == "Arguments":
            assert schema["additionalProperties"] is False, name
            for key, field in schema["properties"].items():
                assert is_bounded(field), (name, key)


def is_bounded(field) -> bool:
    if "$ref" in field or "enum" in field or "const" in field:
        return True
    if "anyOf" in field:
        return all(is_bounded(one) for one in field["anyOf"])
    if field.get("type") == "string":
        return "maxLength" in field or field.get("format") == "date-time"
    if field.get("type") == "integer":
        return {"minimum", "maximum"} <= set(field)
    if field.get("type") == "array":
        return "maxItems" in field and is_bounded(field["items"])
    return field.get("type") in ("null", "boolean")
