"""Whatever is sent: no answer is a 500, and every answer is one that the description declares.

Requests are made from the description, well-formed and malformed; most of them name things that exist
and come from somebody who may ask, so that they get past the doors.
"""

from __future__ import annotations

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from api.migrations import head
from tests.api.http.factories import ROUND, county

CASES = 2_000
MANY = 20_000
WHO = ("teacher", "school", "institution", "county", "second", "other_county", "auditor", "nobody")
REAL = {
    "round_id": ROUND,
    "teacher_id": "T1",
    "section_id": "C1",
    "unit_id": "441226",
    "school_id": "P1",
    "offering_id": "C1",
}
DECLARED = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
)


@pytest.fixture(scope="module")
def open_place():
    with county() as opened:
        opened.open_round()
        mark_as_migrated(opened.engine)
        opened.people["nobody"] = opened.nobody()
        yield opened


def mark_as_migrated(engine) -> None:
    """Let the database say which release its tables are of, as every migration does: it is ready."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{head()}')")


def operations(app):
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    return [found.ok() for found in schema.get_all_operations()]


def cases(operation):
    well = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    try:
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    except Exception:  # nothing can be wrong with a request that has nothing in it
        return well
    return st.one_of(well, well, wrong)


def tried(place, operation, count: int, statuses: Counter) -> None:
    """Send so many requests to one operation and check every answer."""

    @seed(2026)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation), who=st.sampled_from(WHO), real=st.integers(0, 3))
    def send(case, who, real):
        if real:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = REAL.get(name, case.path_parameters[name])
        answer = case.call(headers=place[who].headers())
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=list(DECLARED))

    send()


def all_tried(place, cases: int) -> Counter:
    statuses: Counter = Counter()
    found = operations(place.app)
    for operation in found:
        tried(place, operation, -(-cases // len(found)), statuses)
    return statuses


def test_no_input_is_answered_by_a_defect(open_place):
    statuses = all_tried(open_place, CASES)
    assert not [status for status in statuses if status >= 500]
    assert {200, 401, 403, 404, 409, 422} <= set(statuses)
    assert statuses.total() > CASES / 2  # an operation without input is asked once


@pytest.mark.slow
def test_no_input_is_answered_by_a_defect_at_length(open_place):
    statuses = all_tried(open_place, MANY)
    assert not [status for status in statuses if status >= 500]
    assert statuses.total() > MANY / 2


def test_an_answer_that_is_not_declared_is_noticed(open_place):
    """Negative control: the same requests to a description that leaves out what is answered."""
    from api.app import create_app

    app = create_app(open_place.office)
    told = app.openapi()["paths"]["/api/v1/units/{unit_id}"]["get"]["responses"]
    for status in ("200", "401", "403", "404"):
        del told[status]
    (operation,) = [one for one in operations(app) if one.path.endswith("{unit_id}")]
    with pytest.raises(BaseExceptionGroup):
        tried(open_place, operation, 20, Counter())
