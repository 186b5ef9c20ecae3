"""Everything an office prints of a round, as one archive."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from fastapi import APIRouter, Response

from api.messages import Language
from api.reads import answers as reads
from api.routes.door import CONFLICTS, RoundId, Visiting, plain_id
from matching.rounds.view import RoundView

router = APIRouter(tags=["exports"])

ZIP = "application/zip"
STAMP = (2026, 1, 1, 0, 0, 0)
"""The date of every file: the same round gives the same bytes."""


@router.get(
    "/rounds/{round_id}/export",
    response_class=Response,
    openapi_extra=CONFLICTS,
    responses={200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_export(visit: Visiting, round_id: RoundId) -> Response:
    """Download every list, notice and slip of the published result · 下载名单与通知."""
    with visit.reading("county") as (session, scope):
        view = reads.view(session, scope, plain_id(round_id))
    visit.show((teacher.id for teacher in view.teachers), view.id)
    name = f"{view.id}-{visit.lang}.zip".replace("/", "_")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(packed(view, visit.lang), headers=headers, media_type=ZIP)


def packed(view: RoundView, lang: Language) -> bytes:
    """Return the sheets of a round in one archive."""
    from matching.rounds.exports.write import write_exports

    held = io.BytesIO()
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(held, "w") as archive:
        folder = Path(place)
        for path in sorted(write_exports(view, folder, lang)):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return held.getvalue()
