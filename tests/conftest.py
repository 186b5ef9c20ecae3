"""Tests that use a database run on SQLite and on PostgreSQL; see `tests.databases`."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack

import pytest
from hypothesis import settings

from tests import databases

settings.register_profile("suite", deadline=None)  # a busy machine is no defect
settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    spec = getattr(item, "callspec", None)
    databases.kind = spec.params.get("dialect", "sqlite") if spec else "sqlite"


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """Let what was imported and collected stay: looking through it again and again takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_sessionfinish():
    databases.clean_up()


@pytest.fixture(
    scope="session",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
def dialect(request):
    """Run a test on both databases; without PostgreSQL's programs one half is skipped, and says so."""
    if request.param == "postgresql":
        need_postgres()
    return request.param


def need_postgres() -> databases.Cluster:
    """Return the cluster of this process; without the programs skip, or fail where they are due."""
    try:
        return databases.the_cluster()
    except databases.NoPostgres as missing:
        if os.environ.get("XUANKE_REQUIRE_POSTGRES"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def new_target(dialect, tmp_path):
    """Give a function that makes one more database of the kind under test: a path or a URL."""
    with ExitStack() as stack:
        yield lambda tables=True: stack.enter_context(databases.fresh(tmp_path, tables=tables))


@pytest.fixture
def target(new_target):
    """Give a database with all tables and no row: a path or a URL."""
    return new_target()


@pytest.fixture
def engine(target):
    """Give an open database with all tables and no row."""
    from api.database import open_database

    opened = open_database(target)
    yield opened
    opened.dispose()


@pytest.fixture
def new_server():
    """Give a function that makes an empty database on PostgreSQL, for what only a server does."""
    cluster = need_postgres()
    with ExitStack() as stack:
        yield lambda: stack.enter_context(cluster.blank())
