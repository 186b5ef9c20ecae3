"""A small database, and one county to stand on."""

import pytest
from sqlmodel import Session

from catalog import store


@pytest.fixture
def session(engine):
    with Session(engine) as opened:
        yield opened


def unit(unit_id: str, parent: str | None, name: str = "", kind: str = "county") -> dict:
    return {
        "id": unit_id,
        "name": name or unit_id,
        "parent_id": parent,
        "kind": kind,
        "gb2260": None,
        "valid_from": None,
        "valid_to": None,
    }


@pytest.fixture
def county(session):
    """广东省 over 肇庆市 over 德庆县, one centre licensed for the county, one programme."""
    store.units.save(
        session,
        [
            unit("441226", "441200", "德庆县"),
            unit("441200", "440000", "肇庆市", "prefecture"),
            unit("440000", None, "广东省", "province"),
        ],
    )
    store.institutions.save(
        session,
        [
            {
                "id": "I01",
                "name": "德庆县教师发展中心",
                "type": "teacher_centre",
                "levels": ["county", "school"],
                "licence": "德教〔2024〕1号",
                "valid_from": "2024-01-01",
                "valid_to": "2026-12-31",
            }
        ],
    )
    store.programmes.save(
        session,
        [
            {
                "id": "P1",
                "name": "县级专业科目",
                "year": 2026,
                "level": "county",
                "budget_fen": None,
                "eligibility": "",
                "practice_percent": None,
            }
        ],
    )
    return session
