"""Couriers carry letters to a real mail server, and to a gateway."""

import hashlib
import hmac
import json
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from api.errors import UserError
from api.outbox.post import Smtp, Webhook
from tests.api.outbox.factories import send, states


@contextmanager
def mail_server(refuse: bool = False):
    """A mail server that keeps what it is given."""
    taken: list[str] = []

    class Session_(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "DATA":
                    self.say("354 go on")
                    body = []
                    while (part := self.rfile.readline()) != b".\r\n":
                        body.append(part.decode())
                    taken.append("".join(body))
                    self.say("250 taken")
                elif verb == "RCPT" and refuse:
                    self.say("550 nobody here")
                elif verb == "QUIT":
                    return self.say("221 bye")
                else:
                    self.say("250 ok")
            return None

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session_) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}", taken
        server.shutdown()


def test_an_e_mail_reaches_a_real_server_with_its_own_id(office):
    with mail_server() as (url, taken), Smtp(url, "选学办 <xuanke@county.cn>") as courier:
        assert send(office, courier).sent == 2
    assert "Message-ID: <m1@county.cn>" in taken[0]
    assert "lina@school.cn" in taken[0]
    assert "Auto-Submitted: auto-generated" in taken[0]


def test_a_server_that_refuses_a_letter_leaves_it_waiting(office):
    with mail_server(refuse=True) as (url, taken), Smtp(url, "xuanke@county.cn") as courier:
        assert send(office, courier).failed == 2
    assert not taken
    assert set(states(office).values()) == {"waiting"}


def test_a_server_that_is_not_there_leaves_letters_waiting(office):
    with mail_server() as (url, _):
        pass
    with Smtp(url, "xuanke@county.cn") as courier:
        assert send(office, courier).failed == 2


def test_the_webhook_posts_a_signed_letter_with_its_id(office):
    seen: list = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((dict(self.headers), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        courier = Webhook(f"http://127.0.0.1:{server.server_port}/in", secret="s")
        assert send(office, courier).sent == 2
        server.shutdown()
    headers, body = seen[0]
    assert headers["Idempotency-Key"] == "m1"
    assert headers["X-Xuanke-Signature"] == hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert json.loads(body)["person"] == "T1"


def test_a_gateway_that_answers_500_leaves_letters_waiting(office):
    courier = Webhook("http://gateway.example", post=lambda *_: 500)
    assert send(office, courier).failed == 2


@pytest.mark.parametrize("url", ["", "mail.county.cn", "http://mail.county.cn"])
def test_a_wrong_mail_address_is_named(url):
    with pytest.raises(UserError, match="smtp"):
        Smtp(url, "xuanke@county.cn")
