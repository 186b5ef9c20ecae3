"""The routes of /api/v1, one file per part of the house; what they read goes through `api.reads`."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import ballots, catalog, menu, people, results, rounds, units

ROUTERS: tuple[APIRouter, ...] = (
    units.router,
    catalog.router,
    people.router,
    rounds.router,
    menu.router,
    ballots.router,
    results.router,
)
"""In the order in which the description lists them."""
