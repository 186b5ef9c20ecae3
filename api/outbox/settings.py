"""How letters leave, from the environment: secrets stay out of files and of the command line.

`XUANKE_SMTP` and `XUANKE_MAIL_FROM`, `XUANKE_WEBHOOK` and `XUANKE_WEBHOOK_SECRET`, and
`XUANKE_PUBLIC_URL`, the address at which teachers find the office's pages.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from api.errors import UserError
from api.outbox.post import Courier, Smtp, Webhook

ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[^\s?#@]*)?")


def public_url() -> str:
    """Return the address of the office's pages for teachers, empty if it has none.

    Raises
    ------
    UserError
        If what is set cannot be the beginning of an address.
    """
    value = os.environ.get("XUANKE_PUBLIC_URL", "").rstrip("/")
    if value and not ADDRESS.fullmatch(value):
        raise UserError("outbox_bad_public_url")
    return value


@contextmanager
def courier(channel: str) -> Iterator[Courier]:
    """Give the courier of a channel.

    Raises
    ------
    UserError
        If its address is not set.
    """
    if channel == "webhook":
        yield Webhook(_set("XUANKE_WEBHOOK"), os.environ.get("XUANKE_WEBHOOK_SECRET", ""))
        return
    with Smtp(_set("XUANKE_SMTP"), _set("XUANKE_MAIL_FROM")) as server:
        yield server


def _set(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise UserError("outbox_not_set", name=name)
    return value
