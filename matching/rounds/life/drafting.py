"""A round on the table: its settings stored, its lottery committed to, its rules still open."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from matching.rounds.errors import BadRound
from matching.rounds.life import store
from matching.rounds.life.calls import Call
from matching.rounds.life.events import Happened
from matching.rounds.life.plain import built
from matching.rounds.life.reach import require_round
from matching.rounds.life.tables import RoundSecretRow
from matching.rounds.settings import RoundSettings, commitment
from matching.rounds.tables import RoundRow


def draft(session: Session, call: Call, settings: RoundSettings, secret: str = "") -> Happened:
    """Make a round with its settings and the secret that its lottery is committed to.

    Parameters
    ----------
    secret
        The secret half of the seed; that of the settings file, or a strong new one, if not given.

    Raises
    ------
    BadRound
        If the caller is not the unit of the round or one above it, or the round is there already.
    """
    hidden = secret or settings.seed or secrets.token_hex(32)
    row = RoundRow(id=settings.id, seed_commitment=commitment(hidden), **_said(settings))
    if call.role != "county":
        raise BadRound("life_no_round", id=settings.id)
    require_round(session, call.scope, row)
    if store.has_round(session, settings.id):
        raise BadRound("life_round_exists", id=settings.id)
    store.keep(session, row)
    store.keep(session, RoundSecretRow(round_id=row.id, secret=hidden))
    return Happened("round.drafted", row.id, {"state": row.state}, public(row))


def put_rules(session: Session, row: RoundRow, settings: RoundSettings) -> None:
    """Give a round other settings; the commitment changes only while the round is a draft.

    Raises
    ------
    BadRound
        If the settings are another round's, or name a seed other than the one announced.
    """
    if (settings.id, settings.unit) != (row.id, row.unit_id):
        raise BadRound("life_other_round", id=row.id, unit=row.unit_id)
    if settings.seed and settings.commitment != row.seed_commitment:
        if row.state != "draft":
            raise BadRound("life_seed_announced", commitment=row.seed_commitment)
        store.secret(session, row.id).secret = settings.seed
        row.seed_commitment = settings.commitment
    row.sqlmodel_update(_said(settings))


def public(row: RoundRow) -> dict[str, Any]:
    """Return what everybody may know of a round."""
    return {
        "id": row.id,
        "title": row.title,
        "state": row.state,
        "version": row.version,
        "commitment": row.seed_commitment,
        "settings_digest": settings_digest(row),
        "public_source": public_source(row),
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
    }


def public_source(row: RoundRow) -> str:
    """Return in words which public value will be mixed into the seed; empty if none was announced."""
    return str(row.settings.get("public_source", ""))


def settings_digest(row: RoundRow) -> str:
    """Return the SHA-256 of the stored settings in canonical JSON, by which they are announced."""
    import rfc8785

    return sha256(rfc8785.dumps(row.settings)).hexdigest()


def settings_of(row: RoundRow, seed: str = "") -> RoundSettings:
    """Return the settings a round was stored with, exactly, given the seed that is kept apart."""
    return replace(settings_from(row.settings), seed=seed)


def settings_from(plain: Mapping[str, Any]) -> RoundSettings:
    """Return settings from plain data; what an older release did not know keeps its default."""
    return _read(json.dumps(plain))


@lru_cache(maxsize=16)
def _read(text: str) -> RoundSettings:
    return built(RoundSettings, json.loads(text))


def plain_settings(settings: RoundSettings) -> dict[str, Any]:
    """Return settings as plain data without their seed, which only its digest may announce."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(replace(settings, seed=""))))
    if not settings.public_source:
        del plain["public_source"]  # a round without one keeps the digest it always had
    return plain


def _said(settings: RoundSettings) -> dict[str, Any]:
    return {
        "title": settings.title,
        "year": settings.year,
        "unit_id": settings.unit,
        "list_length": settings.list_length,
        "settings": plain_settings(settings),
    }
