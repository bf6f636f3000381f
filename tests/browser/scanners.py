"""What scanners, previews and curious people do with a link from a mail: fifty behaviours, the
browser that presses everything being one.

Each holds the whole link, secret included, as the mail brought it; none has the code, which came
another way. What comes back of it all is collected: nothing in it may tell of the request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin

import requests

# As they call themselves; from their operators' own pages.
PREVIEWS = {
    "slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "telegram": "TelegramBot (like TwitterBot)",
    "discord": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "whatsapp": "WhatsApp/2.23.20.0",
    "facebook": "facebookexternalhit/1.1",
    "twitter": "Twitterbot/1.0",
    "linkedin": "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
    "skype": "SkypeUriPreview Preview/0.5",
    "teams": "Mozilla/5.0 (Windows NT 10.0) Microsoft Office/16.0 SkypeSpaces",
    "google": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "bing": "Mozilla/5.0 (compatible; bingbot/2.0)",
    "proofpoint": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) urldefense",
    "outlook": "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "barracuda": "Barracuda Sentinel (EE)",
    "curl": "curl/8.5.0",
}
NAMED = re.compile(r'(?:href|src|action)="([^"#]+)')
CODES = ("", "0000-0000", "ZZZZ-ZZZZ", "12345678", "' OR 1=1 --", "0" * 4000)
TARGET = "targets/7f0c9d5e-1111-4222-8333-444455556666"


@dataclass
class Scanner:
    """One machine with one link: ``site`` and the link's selector and secret."""

    site: str
    selector: str
    secret: str
    client: requests.Session
    heard: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.site}/desk/{self.selector}/"

    def ask(self, method: str, path: str = "", **more: Any) -> requests.Response:
        """One request, and all that came back."""
        answer = self.client.request(method, urljoin(self.url, path), timeout=30, **more)
        self.heard.append(f"{answer.status_code} {answer.headers} {answer.text}")
        return answer

    def say(self, path: str, said: dict[str, Any], **headers: str) -> requests.Response:
        """As the page's own script would."""
        whole = {"Origin": self.site, "Content-Type": "application/json"} | headers
        return self.ask("POST", path, data=json.dumps(said), headers=whole)


Behaviour = Callable[[Scanner], object]


def _get(**headers: str) -> Behaviour:
    return lambda s: s.ask("GET", headers=headers)


def _verb(method: str, path: str = "") -> Behaviour:
    return lambda s: s.ask(method, path)


def _preview(agent: str) -> Behaviour:
    def look(s: Scanner) -> None:
        for method in ("HEAD", "GET"):
            s.ask(method, headers={"User-Agent": agent})

    return look


def _crawl(s: Scanner) -> None:
    """Everything that the page names, and what that names."""
    waiting, seen = [s.url], set()
    while waiting and len(seen) < 30:
        url = waiting.pop()
        if url in seen or not url.startswith(f"{s.site}/"):
            continue
        seen.add(url)
        answer = s.ask("GET", url)
        waiting += [urljoin(url, found) for found in NAMED.findall(answer.text)]


def _submit_forms(s: Scanner) -> None:
    """Every form of the page, to wherever it leads, with its fields filled."""
    s.ask("GET")
    for place in ("", "ask/", "open/"):
        s.ask("POST", place, data={"code": "0000-0000", "secret": s.secret})


def _guess(s: Scanner) -> None:
    for code in CODES:
        s.say("open/", {"secret": s.secret, "code": code})


def _ask_then_guess(s: Scanner) -> None:
    s.say("ask/", {"secret": s.secret})
    for number in range(8):
        s.say("open/", {"secret": s.secret, "code": f"{number:08d}"})


def _replay(s: Scanner) -> None:
    """The same request again and again, with the cookie that it was given."""
    for _ in range(3):
        s.say("ask/", {"secret": s.secret, "by_key": True})
        s.say("open/", {"secret": s.secret, "code": "K7Q2-M3ZT"})
        s.ask("GET", "request/")


def _in_query(s: Scanner) -> None:
    """What rewrites links often moves the fragment into the address."""
    for tail in (f"?{s.secret}", f"%23{s.secret}", f"?secret={s.secret}&code=00000000"):
        s.ask("GET", s.url + tail)


def _deep(s: Scanner) -> None:
    for path in ("request/", f"{TARGET}/answer/", f"files/{'0' * 64}/", "ask/", "open/", "leave/"):
        s.ask("GET", path)


def _answers(s: Scanner) -> None:
    for outcome in ("acknowledged", "held", "declined"):
        s.ask("POST", f"{TARGET}/answer/", data={"outcome": outcome, "code": "00000000"})


def _press_behind(s: Scanner) -> None:
    for path in ("seal/", "leave/", f"{TARGET}/there/"):
        s.ask("POST", path)


def _cookies(s: Scanner) -> None:
    names = (f"desk-{s.selector}", f"__Host-desk-{s.selector}", "sessionid")
    for value in (s.secret, "1", "x" * 4000):
        jar = "; ".join(f"{name}={value}" for name in names)
        s.ask("GET", "request/", headers={"Cookie": jar})


def _bodies(s: Scanner) -> None:
    head = {"Origin": s.site, "Content-Type": "application/json"}
    for body in ("", "[]", "null", '{"secret": {}}', "{" * 500, "\x00", '{"secret":' + "9" * 900):
        s.ask("POST", "open/", data=body.encode(), headers=head)


def _other_origin(s: Scanner) -> None:
    for origin in ("https://mail.example", "null", s.site + ".evil.example"):
        s.say("ask/", {"secret": s.secret}, Origin=origin)
        s.say("open/", {"secret": s.secret, "code": "00000000"}, Origin=origin)


def _other_links(s: Scanner) -> None:
    """Selectors beside the one that is known."""
    for near in (s.selector[:-1], s.selector.upper(), s.selector + "0", "..", quote("/", "")):
        s.ask("GET", f"{s.site}/desk/{near}/")


def _overridden(s: Scanner) -> None:
    for name in ("X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL"):
        s.ask("GET", headers={name: "request/"})
        s.ask("POST", headers={name: "GET"})


BEHAVIOURS: dict[str, Behaviour] = {
    **{f"preview by {name}": _preview(agent) for name, agent in PREVIEWS.items()},
    **{
        f"{method} of the link": _verb(method)
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")
    },
    **{f"{method} of the request": _verb(method, "request/") for method in ("HEAD", "GET", "POST")},
    **{f"OPTIONS of {path}": _verb("OPTIONS", path) for path in ("ask/", "open/")},
    "prefetch": _get(Purpose="prefetch", **{"Sec-Purpose": "prefetch;prerender"}),
    "prefetch by Firefox": _get(**{"X-moz": "prefetch"}),
    "a part of the page": _get(Range="bytes=0-100"),
    "whether it changed": _get(**{"If-None-Match": '"x"', "If-Modified-Since": "now"}),
    "as JSON": _get(Accept="application/json"),
    "from a mail's page": _get(Referer="https://mail.example/inbox"),
    "secret in the address": _in_query,
    "a crawl": _crawl,
    "every form": _submit_forms,
    "addresses that are guessed": _deep,
    "codes that are guessed": _guess,
    "a word, then codes that are guessed": _ask_then_guess,
    "replays": _replay,
    "answers without a code": _answers,
    "buttons behind the code": _press_behind,
    "cookies that are made up": _cookies,
    "bodies of nonsense": _bodies,
    "another site's page": _other_origin,
    "links beside it": _other_links,
    "overridden methods": _overridden,
    "the secret without a code": lambda s: s.say("open/", {"secret": s.secret}),
}


def press_everything(page: Any, url: str) -> str:
    """A browser that follows the link with its fragment, fills every field, submits every form and
    presses every button, in every order that the page allows."""
    page.goto(url)
    heard = [page.content()]
    for _ in range(2):
        for place in page.query_selector_all("input:not([type=hidden]), textarea:not([readonly])"):
            if place.is_visible():
                place.fill("0000-0000")
        for button in page.query_selector_all("button, [type=submit], a[href]"):
            if button.is_visible():  # by script: some stand outside of what is seen
                button.evaluate("one => one.click()")
        page.evaluate("for (const f of document.forms) f.requestSubmit()")
        page.wait_for_timeout(150)
        heard.append(page.content())
    return "\n".join(heard)
