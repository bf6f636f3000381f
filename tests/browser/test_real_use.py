"""Real use, not the drill: a plain node, all processes, mail, passkeys, and people who meet."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from config.embedded import ports
from config.embedded.node import ROOT, Node, NodeOptions
from config.embedded.room import MANAGE, Room
from config.embedded.stack import Stack
from tests import mailbox, onchain
from tests.browser.test_enrolment import invite, open_incident
from tests.mailbox import Mailbox
from tracing.core.addresses import checksum_address

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.node]

CHAIN = "eip155:31337"
TREASURY, VAULT = "0x" + "7e" * 20, "0x" + "a1" * 20
THIEF, MULE, SECOND_MULE = "0x" + "b0" * 20, "0x" + "c0" * 20, "0x" + "d0" * 20
STOLEN = 292_000_000_000_123  # base units of a token of 6 decimals
SHOWN = "292,000,000.000123"
SINCE = 80  # blocks between the theft and the room
TITLE = "Vault drained"


@dataclass(frozen=True)
class Installation:
    """A Holdfast of its own: web, worker, beat, and a mail server to send through."""

    room: Room
    node: Node
    mail: Mailbox

    @property
    def url(self) -> str:
        return self.room.url

    def manage(self, *arguments: str) -> str:
        """What a management command prints, as an operator starts it."""
        done = subprocess.run(
            [*MANAGE, *arguments],
            cwd=ROOT,
            env=os.environ | self.room.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    # As a deployed node: fees are paid, nobody signs for others unless a test says so.
    options = NodeOptions(manual_mining=True)
    with mailbox.running() as box, Stack.scratch(node_options=options, say=str) as stack:
        assert stack.node
        mail = {"HOLDFAST_SMTP_HOST": "127.0.0.1", "HOLDFAST_SMTP_PORT": str(box.port)}
        port = ports.any_free()
        own = {"HOLDFAST_SITE_URL": f"http://localhost:{port}", "HOLDFAST_DRILL": "0"}
        room = Room(stack, port, mail | own)
        room.migrate()
        room.start()
        yield Installation(room, stack.node, box)


def steal(node: Node) -> tuple[str, str]:
    """The token, and the transaction in which the vault's allowance was used against it."""
    for account in (TREASURY, VAULT, THIEF, MULE):
        onchain.take_over(node, account)
    token = onchain.deploy(node, TREASURY, "StableToken", "Vault dollar", "vUSD")
    onchain.call(node, TREASURY, "StableToken", token, "mint", VAULT, STOLEN + 5)
    onchain.call(node, VAULT, "StableToken", token, "approve", THIEF, 2**256 - 1)
    theft = onchain.call(node, THIEF, "StableToken", token, "transferFrom", VAULT, THIEF, STOLEN)
    onchain.call(node, THIEF, "StableToken", token, "transfer", MULE, STOLEN // 2)
    node.call("anvil_mine", hex(SINCE))
    return token, theft


def enrol(who: "Visitor", site: Installation, email: str, name: str, organization: str) -> None:
    """By the link that the operator's console prints."""
    printed = site.manage(
        "enroll_administrator", email, f"--name={name}", f"--organization={organization}"
    )
    who.page.goto(printed)
    who.page.get_by_role("button", name="Register my passkey").click()
    who.page.get_by_role("button", name="Register a passkey").click()
    who.add_second_passkey()
    who.page.get_by_role("heading", name="Your passkeys").wait_for()


def follow(who: "Visitor", theft: str) -> None:
    """Paste the transaction, look at what it did, confirm what is proposed."""
    page = who.page
    page.get_by_role("link", name="Follow stolen funds").click()
    page.get_by_label("Transaction of the theft").fill(theft[:-1])
    page.get_by_role("button", name="Read the transaction").click()
    page.locator("#id_tx_errors").wait_for()
    page.get_by_label("Transaction of the theft").fill(theft)
    page.get_by_role("button", name="Read the transaction").click()
    lost = page.locator("section", has=page.get_by_role("heading", name="Who lost, net"))
    gained = page.locator("section", has=page.get_by_role("heading", name="Who gained, net"))
    for section, account in ((lost, VAULT), (gained, THIEF)):
        assert checksum_address(account) in section.inner_text()
        assert f"{SHOWN}vUSD" in bare(section)
    assert page.get_by_role("checkbox").first.is_checked()
    assert page.get_by_label("Marking").input_value() == "TLP:AMBER"
    page.get_by_role("button", name="Follow what I chose").click()


def bare(part: "Locator") -> str:
    """Text without the white space between number and unit."""
    return re.sub(r"\s", "", part.inner_text())


def entry(who: "Visitor", *words: str) -> "Locator":
    """The timeline's line with all of these words."""
    lines = who.page.locator("[data-timeline] > li")
    for part in words:
        lines = lines.filter(has_text=part)
    return lines.first


def short(account: str) -> str:
    """How a sentence begins to show an address."""
    return checksum_address(account)[:6]


def watch_live(who: "Visitor", site: Installation, token: str) -> None:
    """History is read, alerts arrive, the next move is told: on the page that was opened once."""
    page = who.page
    behind = page.locator("[data-backfills]")
    assert re.search(r"trace catching up: block \d+ of \d+", behind.inner_text())
    assert behind.is_visible()
    page.evaluate("window.isTheSamePage = true")
    entry(who, "was stolen and received by", short(THIEF)).wait_for()
    entry(who, "moved from", short(MULE)).wait_for()
    entry(who, "caught up with the chain").wait_for()
    behind.wait_for(state="hidden")
    assert entry(who, short(SECOND_MULE)).count() == 0
    half = STOLEN // 2
    onchain.call(site.node, MULE, "StableToken", token, "transfer", SECOND_MULE, half)
    entry(who, "moved from", short(MULE), short(SECOND_MULE)).wait_for()
    assert page.evaluate("window.isTheSamePage")


def join(who: "Visitor", link: str, code: str) -> None:
    """With the link from the mail, the code from the telephone, and a passkey of one's own."""
    page = who.page
    page.goto(link)
    assert TITLE not in page.content()
    page.get_by_label("Code").fill(code)
    page.get_by_label("Your name").fill("Bo")
    page.get_by_role("button", name="Join").click()
    page.get_by_role("button", name="Register a passkey").click()
    who.add_second_passkey()
    page.get_by_role("heading", name="Terms of").wait_for()
    page.get_by_role("button", name="I have read this").click()
    page.get_by_role("button", name="Sign for Layer").click()
    page.get_by_role("heading", name=TITLE).wait_for()


def listen(who: "Visitor", slug: str) -> str | int:
    """What a socket to the room says first, or the code that it is closed with."""
    heard: str | int = who.page.evaluate(
        """(slug) => new Promise((done) => {
            const socket = new WebSocket(`ws://${location.host}/ws/incidents/${slug}/`);
            socket.onmessage = (event) => done(JSON.parse(event.data).type);
            socket.onclose = (event) => done(event.code);
        })""",
        slug,
    )
    return heard


def seen_by(who: "Visitor", site: Installation, slug: str) -> tuple[int, bool, int, str | int]:
    """Status of the room's page, whether the list names it, status in the API, the socket."""
    opened = who.page.goto(f"{site.url}/incidents/{slug}/")
    assert opened is not None
    who.page.goto(f"{site.url}/")
    api = who.context.request.get(f"{site.url}/api/v1/incidents/{slug}/")
    is_listed = TITLE in who.page.content()
    return opened.status, is_listed, api.status, listen(who, slug)


def test_a_theft_is_followed_by_people_who_meet_here(
    installation: Installation, visitor: "Callable[..., Visitor]"
) -> None:
    site = installation
    token, theft = steal(site.node)
    said = site.manage("watch_chain", CHAIN, "--name=Plain chain", f"--url={site.node.url}")
    assert "is watched through 127.0.0.1" in said
    ada, cy, bo, eve = visitor(), visitor(), visitor(), visitor()

    enrol(cy, site, "cy@kelp.example", "Cy", "Kelp")
    enrol(ada, site, "ada@kelp.example", "Ada", "Kelp")
    room = open_incident(ada.page, site, TITLE)
    slug = room.rstrip("/").rpartition("/")[2]
    follow(ada, theft)
    watch_live(ada, site, token)

    code = invite(ada.page, cy.page, "Layer", "bo@layer.example")
    assert site.mail.recipients == ["bo@layer.example"]
    assert code not in site.mail.text()
    join(bo, next(line for line in site.mail.text().splitlines() if "/join/" in line), code)
    assert bo.page.url == room
    entry(bo, "moved from", short(MULE), short(SECOND_MULE)).wait_for()
    assert SHOWN in bare(bo.page.locator("[data-strips]"))

    enrol(eve, site, "eve@elsewhere.example", "Eve", "Elsewhere")
    assert seen_by(eve, site, slug) == (404, False, 404, 4404)
    assert seen_by(bo, site, slug) == (200, True, 200, "hello")
    assert [ada.trouble, bo.trouble, eve.trouble] == [[], [], []]
