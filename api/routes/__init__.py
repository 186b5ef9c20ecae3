"""The routes of /api/v1, one file per part of the house; what they read goes through `api.reads`."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import catalog, people, units

ROUTERS: tuple[APIRouter, ...] = (units.router, catalog.router, people.router)
"""In the order in which the description lists them."""
