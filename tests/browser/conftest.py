"""A running site and a real browser.

``site`` is one uvicorn with this worker's test database, shared by a module; ``start_site`` makes
others (``start_site(HOLDFAST_DRILL="1")``). ``chromium`` is a Playwright browser; ``visitor`` a
person's own browser profile with a virtual passkey device. A module that uses them is marked
``browser``, has only sync tests, and commits what it makes (``django_db(transaction=True)``).
"""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.embedded import ports

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

START_SECONDS = 60
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Site:
    """A web process. ``url`` has no slash at its end; ``log`` is what it wrote."""

    url: str
    log: Path
    process: "subprocess.Popen[bytes]"


def _answers(site: Site) -> bool:
    try:
        with urllib.request.urlopen(f"{site.url}/accounts/login/", timeout=5) as page:  # noqa: S310
            return bool(page.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _stop(site: Site) -> None:
    site.process.terminate()
    try:
        site.process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        site.process.kill()
        site.process.wait()


@pytest.fixture(scope="module")
def start_site(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Site]]:
    """A function that starts a web process; keyword arguments are its environment."""
    started: list[Site] = []

    def start(**environment: str) -> Site:
        port = ports.any_free()
        url = f"http://localhost:{port}"
        log = tmp_path_factory.mktemp("site") / "log"
        env = {k: v for k, v in os.environ.items() if k != "DATABASE_OWNER_URL"}
        env |= {"HOLDFAST_SITE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        with log.open("wb") as out:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "uvicorn", "config.asgi:application"),
                    *("--host", "127.0.0.1", "--port", str(port), "--lifespan", "off"),
                ],
                cwd=ROOT,
                env=env | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        site = Site(url, log, process)
        started.append(site)
        until = time.monotonic() + START_SECONDS
        while not _answers(site):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"The site did not start:\n{log.read_text()[-4000:]}")
            time.sleep(0.1)
        return site

    yield start
    for site in started:
        _stop(site)


@pytest.fixture(scope="module")
def site(start_site: Callable[..., Site]) -> Site:
    """One running site, not in drill mode."""
    return start_site()


@pytest.fixture(scope="module")
def chromium(chromium_path: Path) -> Iterator["Browser"]:
    """The real browser. Its scope is the module: Playwright's loop must not outlive it, or
    tests with a loop of their own fail later."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread; Django would refuse to touch the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Visitor:
    """One person at one computer: a profile of their own and a passkey device.

    ``page`` is their tab. ``trouble`` collects script errors and what the page's policy blocked:
    a test ends with it empty.
    """

    def __init__(self, browser: "Browser", **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.trouble: list[str] = []
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", self._said)
        self._devtools = self.context.new_cdp_session(self.page)
        self._devtools.send("WebAuthn.enable")
        self._devices: list[str] = []
        self._connect("internal")

    def _connect(self, transport: str) -> None:
        device = {
            "protocol": "ctap2",
            "transport": transport,
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
        self._devices.append(made["authenticatorId"])

    def add_second_passkey(self) -> None:
        """Plug in a security key and register it on the page that asks for a second passkey."""
        self.page.get_by_role("heading", name="Now a second passkey").wait_for()
        # Nobody touches the first device now: it would answer that it is known already.
        self._present(self._devices[0], False)
        self._connect("usb")
        self.page.get_by_role("button", name="Add a passkey").click()
        self.page.get_by_role("heading", name="Now a second passkey").wait_for(state="detached")
        self._present(self._devices[0], True)
        self._present(self._devices[1], False)

    def _present(self, device: str, is_there: bool) -> None:
        state = {"authenticatorId": device, "enabled": is_there}
        self._devtools.send("WebAuthn.setAutomaticPresenceSimulation", state)

    def _said(self, message: Any) -> None:
        # A 4xx page is reported as an error too; tests look at those by themselves.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.trouble.append(message.text)

    def refuses(self, refuses: bool = True) -> None:
        """Whether the owner's finger fits no longer, from now on."""
        for device in self._devices:
            verified = {"authenticatorId": device, "isUserVerified": not refuses}
            self._devtools.send("WebAuthn.setUserVerified", verified)

    def holds(self, credential: dict[str, Any]) -> None:
        """Put a passkey that was made elsewhere into the first device."""
        given = {"authenticatorId": self._devices[0], "credential": credential}
        self._devtools.send("WebAuthn.addCredential", given)

    def passkeys(self) -> int:
        """How many passkeys the devices hold."""
        found = [
            self._devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})
            for device in self._devices
        ]
        return sum(len(one["credentials"]) for one in found)


@pytest.fixture
def visitor(chromium: "Browser") -> Iterator[Callable[..., Visitor]]:
    """A function that gives a new person a browser of their own: ``visitor()``."""
    visitors: list[Visitor] = []

    def new(**options: Any) -> Visitor:
        visitors.append(Visitor(chromium, **options))
        return visitors[-1]

    yield new
    for one in visitors:
        one.context.close()
