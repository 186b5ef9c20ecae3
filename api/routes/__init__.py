"""The routes of /api/v1, one file per part of the house; what they read goes through `api.reads`."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    accesses,
    attendance,
    ballots,
    catalog,
    diagnoses,
    dry_run,
    exports,
    menu,
    notices,
    people,
    questions,
    results,
    rounds,
    seats,
    units,
)

ROUTERS: tuple[APIRouter, ...] = (
    ballots.router,
    units.router,
    catalog.router,
    people.router,
    diagnoses.router,
    rounds.router,
    menu.router,
    dry_run.router,
    questions.router,
    results.router,
    seats.router,
    attendance.router,
    notices.router,
    exports.router,
    accesses.router,
)
"""In the order in which an address is looked up: where thousands come at once goes first."""
