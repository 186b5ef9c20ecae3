"""Letters by e-mail (SMTP) and by webhook: one at a time, each marked before and after.

Both carry the id of the letter, `Message-ID` in e-mail and `Idempotency-Key` on the webhook, so that
the same letter tried twice can be told from two letters.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from api.errors import UserError
from api.outbox.letters import Letter

SECONDS = 20


class NotSent(Exception):
    """The letter was certainly not taken; it may be tried again."""


class Courier(Protocol):
    """What carries letters."""

    name: str

    def reaches(self, letter: Letter) -> bool:
        """Return whether there is an address for it."""
        ...

    def carry(self, letter: Letter) -> None:
        """Deliver a letter.

        Raises
        ------
        NotSent
            If it was certainly not taken. Any other error leaves it open whether it arrived.
        """
        ...


@dataclass
class Smtp:
    """E-mail through the office's own server: `smtp://user:password@host:port` or `smtps://`."""

    url: str
    sender: str
    name: str = "email"
    _server: smtplib.SMTP | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise UserError("outbox_bad_smtp")

    def reaches(self, letter: Letter) -> bool:
        """Return whether the teacher has an e-mail address."""
        return bool(letter.contact.email)

    def carry(self, letter: Letter) -> None:
        """Send one e-mail."""
        try:
            server = self._server or self._connect()
            server.send_message(_mail(letter, self.sender))
        except (smtplib.SMTPServerDisconnected, TimeoutError):
            self._server = None
            raise
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host = str(parts.hostname)
        server: smtplib.SMTP
        try:
            if parts.scheme == "smtps":
                context = ssl.create_default_context()
                server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=context)
            else:
                server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
                if server.has_extn("starttls") or parts.username:
                    server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(str(error)) from error
        self._server = server
        return server


def _mail(letter: Letter, sender: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender
    user, _, host = letter.contact.email.rpartition("@")
    mail["To"] = Address(letter.message.name, user, host)
    mail["Subject"] = letter.message.title
    mail["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = letter.lang
    mail.set_content(letter.message.body)
    return mail


@dataclass
class Webhook:
    """A POST per letter to a gateway of the office (SMS, 企业微信, 钉钉), signed if a secret is set.

    `X-Xuanke-Signature` is the hex HMAC-SHA256 of the body under the secret.
    """

    url: str
    secret: str = ""
    name: str = "webhook"
    post: Callable[[str, bytes, dict[str, str]], int] | None = None

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise UserError("outbox_bad_webhook")

    def reaches(self, letter: Letter) -> bool:
        """Return True: the gateway knows people by their id."""
        return True

    def carry(self, letter: Letter) -> None:
        """Post one letter; an answer other than 2xx means that it was not taken."""
        body = json.dumps(_payload(letter), ensure_ascii=False, sort_keys=True).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": letter.id}
        if self.secret:
            mark = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
            headers["X-Xuanke-Signature"] = mark
        status = (self.post or _post)(self.url, body, headers)
        if not 200 <= status < 300:
            raise NotSent(f"HTTP {status}")


def _payload(letter: Letter) -> dict[str, str]:
    contact = letter.contact
    return {
        "id": letter.id,
        "kind": letter.kind,
        "round": letter.round_id,
        "person": letter.message.person,
        "phone": contact.phone,
        "wecom": contact.wecom,
        "dingtalk": contact.dingtalk,
        "language": letter.lang,
        "title": letter.message.title,
        "text": letter.message.body,
    }


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    import httpx2

    try:
        return int(httpx2.post(url, content=body, headers=headers, timeout=SECONDS).status_code)
    except httpx2.ConnectError as error:
        raise NotSent(str(error)) from error
