"""How letters leave, from the environment: secrets stay out of files and of the command line.

`XUANKE_SMTP` and `XUANKE_MAIL_FROM`, `XUANKE_WEBHOOK` and `XUANKE_WEBHOOK_SECRET`, and `XUANKE_LINK`,
the address at which people find the office.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from api.errors import UserError
from api.outbox.post import Courier, Smtp, Webhook


def link() -> str:
    """Return the office's address for people, empty if it has none."""
    return os.environ.get("XUANKE_LINK", "")


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
