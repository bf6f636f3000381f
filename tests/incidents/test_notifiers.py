"""What carries messages out: every notifier, and the webhook against a real server."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused, AnymailRequestsAPIError
from requests import ConnectionError as Unreachable
from requests import ConnectTimeout, Response

from config.embedded import ports
from incidents.notifiers import mail, webhook
from incidents.notifiers.base import Fate, Message, Notifier, notifiers

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def message(to: str, **more: Any) -> Message:
    data = {"type": "freeze.request", "data": {"reference": "HF-1"}}
    return Message(to, "Subject", "Text", "<name@here>", "d-1", data=data, **more)


class Desk:
    """A desk's server: how it answers, and what it was asked."""

    def __init__(self) -> None:
        self.status, self.wait = 204, 0.0
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                desk.asked.append((self.path, dict(self.headers), body))
                time.sleep(desk.wait)
                self.send_response(desk.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?desk=1"


@pytest.fixture
def desk(settings: Any) -> Iterator[Desk]:
    settings.WEBHOOK_TO_LOOPBACK = True
    made = Desk()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.mark.parametrize("slug", sorted(notifiers()))
def test_every_notifier_answers_when_nobody_is_there(slug: str, settings: Any) -> None:
    settings.MAIL_ENABLED = settings.WEBHOOK_TO_LOOPBACK = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", ports.any_free()
    to = {"webhook": f"http://127.0.0.1:{ports.any_free()}/"}.get(slug, "desk@harbour.example")
    notifier = notifiers()[slug]()
    assert isinstance(notifier, Notifier)
    assert notifier.hand_over(message(to)).fate is Fate.REFUSED


def test_a_webhook_is_signed_and_named(desk: Desk) -> None:
    asked = message(desk.url, secret=SECRET, is_again=True)
    assert webhook.Webhook().hand_over(asked).fate is Fate.ACCEPTED
    ((path, headers, body),) = desk.asked
    assert path == "/hook?desk=1"
    assert json.loads(body) == asked.data
    assert headers["webhook-id"] == headers["Idempotency-Key"] == "name"
    assert headers["X-Holdfast-Sent-Again"] == "yes"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"name.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(b"k" * 32, signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()


def test_signature_is_the_one_of_the_specification() -> None:
    """Worked example of the Standard Webhooks libraries."""
    body = b'{"test": 2432232314}'
    secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    name = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert webhook.signature(secret, name, 1614265330, body) == expected


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (200, Fate.ACCEPTED),
        (302, Fate.BOUNCED),
        (404, Fate.BOUNCED),
        (429, Fate.REFUSED),
        (503, Fate.REFUSED),
        (500, Fate.UNKNOWN),
    ],
)
def test_what_the_desk_answers(desk: Desk, status: int, fate: Fate) -> None:
    desk.status = status
    assert webhook.Webhook().hand_over(message(desk.url)).fate is fate
    assert len(desk.asked) == 1  # nobody follows


def test_silence_after_the_request_is_unknown(desk: Desk, settings: Any) -> None:
    desk.wait, settings.HAND_OVER_SECONDS = 0.6, 0.2
    assert webhook.Webhook().hand_over(message(desk.url)).fate is Fate.UNKNOWN


@pytest.mark.parametrize(
    "url",
    [
        "http://desk.example/",
        "https://u:p@desk.example/",
        "https://desk.example:22/",
        "https://desk.example:99999/",
        "https:///x",
        "https://desk.example/\r\nX: y",
        "file:///etc/passwd",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://224.0.0.1/",
    ],
)
def test_what_is_never_asked(url: str, settings: Any) -> None:
    settings.WEBHOOK_TO_LOOPBACK = False
    assert webhook.Webhook().hand_over(message(url)).fate is Fate.BOUNCED


def test_public_addresses_are_asked_and_of_a_drill_none(settings: Any) -> None:
    for to_loopback in (False, True):
        settings.WEBHOOK_TO_LOOPBACK = to_loopback
        assert webhook.is_allowed("93.184.216.34") is not to_loopback
        assert webhook.is_allowed("2606:2800:220:1::1") is not to_loopback
        assert webhook.is_allowed("127.0.0.1") is to_loopback


def provider(status: int) -> AnymailRequestsAPIError:
    response = Response()
    response.status_code = status
    return AnymailRequestsAPIError("no", response=response)


def silent(cause: Exception) -> AnymailAPIError:
    error = AnymailAPIError("no answer")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (AnymailRecipientsRefused(), Fate.BOUNCED),
        (provider(422), Fate.REFUSED),
        (provider(500), Fate.UNKNOWN),
        (silent(ConnectTimeout()), Fate.REFUSED),
        (silent(Unreachable()), Fate.UNKNOWN),
    ],
)
def test_what_a_provider_answers(error: Exception, fate: Fate) -> None:
    assert mail._judged(error, mail._Told(data=True)).fate is fate
