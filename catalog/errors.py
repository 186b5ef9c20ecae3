"""The errors of this room: one root, the docstring is the default message."""

from __future__ import annotations

import inspect


class CatalogError(Exception):
    """Base of every error this room raises."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))
