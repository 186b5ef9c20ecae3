import pytest

from api.jobs import queue
from api.places import is_url
from tests.api.jobs.offices import add_rounds, looking


@pytest.fixture
def place(target):
    """Give a database whose queue nobody has used."""
    yield target
    if is_url(target):
        import psycopg

        with psycopg.connect(target, autocommit=True) as session:
            session.execute(f"DROP SCHEMA IF EXISTS {queue.SCHEMA} CASCADE")


@pytest.fixture
def eye(place):
    """Look at the database as a page does."""
    with looking(place) as looker:
        yield looker


@pytest.fixture
def job(place):
    """Store one round that is being solved; give its job, which waits."""
    return add_rounds(place)[0]
