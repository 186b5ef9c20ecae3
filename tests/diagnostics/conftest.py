import pytest
from sqlmodel import Session

from catalog.tables import SchoolRow, UnitRow
from diagnostics.tables import TeacherRow


@pytest.fixture
def session(engine):
    """A county with two schools and three teachers."""
    with Session(engine) as session:
        _fill(session)
        yield session


def _fill(session):
    session.add_all(
        [
            UnitRow(id="440000", name="广东省", kind="province"),
            UnitRow(id="441200", name="肇庆市", parent_id="440000", kind="prefecture"),
            UnitRow(id="441226", name="德庆县", parent_id="441200", kind="county"),
        ]
    )
    session.flush()
    for school, residence in (("PV1", "220"), ("PT1", "121")):
        session.add(
            SchoolRow(
                id=school,
                name=school,
                unit_id="441226",
                stages=["2"],
                residence=residence,
                staff=10,
                flags=[],
            )
        )
    session.flush()
    for teacher, school in (("T1", "PV1"), ("T2", "PV1"), ("T3", "PT1")):
        session.add(
            TeacherRow(
                id=teacher,
                name=f"教师{teacher}",
                school_id=school,
                stage="2",
                subject="jyt:13",
                years=4,
            )
        )
    session.commit()
