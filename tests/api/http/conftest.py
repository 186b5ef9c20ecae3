"""A county behind an API for a whole file of stories that only read it."""

from __future__ import annotations

import pytest

from tests.api.http.factories import county


@pytest.fixture(scope="module")
def place(dialect):
    with county() as opened:
        yield opened
