"""Finds every address of the site that somebody can read: from the resolver, not from a list.

A surfer begins at addresses without parameters, follows the links and forms of pages, and fills
the addresses with parameters from what answers told. A new page or endpoint is found by itself.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

from django.urls import URLPattern, URLResolver, get_resolver

_PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_LINK = re.compile(r"""(?:href|action|src|data-[\w-]+)\s*=\s*["']([^"']+)["']""")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ACCOUNT = re.compile(r"(?:eip155|bip122):\w+:\w+")
_KINDS = {
    "uuid": _UUID,
    "int": re.compile(r"\d+"),
    "slug": re.compile(r"[-\w]+"),
    "str": re.compile(r"[^/]+"),
}
# Not ours, or nothing of a room: scripts and styles are files of the repository.
_LEFT_OUT = ("/static/", "/accounts/logout/", "/api/schema/", "/api/docs/")
MOST = 5000  # addresses for one surfer; more is a loop, and fails


@dataclass(frozen=True)
class Answer:
    """What came back for one address."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def media(self) -> str:
        """The media type, without its parameters."""
        return dict(self.headers).get("content-type", "").partition(";")[0]


Get = Callable[[str], Answer]


@cache
def templates() -> tuple[str, ...]:
    """Every address of the site as its pattern, in the resolver's order."""
    return tuple(dict.fromkeys(_walk(get_resolver().url_patterns, "/")))


def _walk(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path


@cache
def _fits(template: str) -> re.Pattern[str]:
    """An expression that fits the addresses of one template."""
    out, at = "", 0
    for found in _PARAMETER.finditer(template):
        out += re.escape(template[at : found.start()])
        out += f"(?:{_KINDS[found['kind'] or 'str'].pattern})"
        at = found.end()
    return re.compile(out + re.escape(template[at:]))


@lru_cache(maxsize=100_000)
def template_of(url: str) -> str:
    """The template that an address belongs to, as the resolver chooses it; "": none."""
    path = unquote(urlsplit(url).path)
    return next((one for one in templates() if _fits(one).fullmatch(path)), "")


@cache
def query_parameters() -> dict[str, list[dict[str, Any]]]:
    """What may stand behind the question mark, by template, as the OpenAPI schema says."""
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)
    named = {_PARAMETER.sub(r"{\g<name>}", one): one for one in templates()}
    found: dict[str, list[dict[str, Any]]] = {}
    for path, operations in schema["paths"].items():
        given = operations.get("get", {}).get("parameters", [])
        if asked := [p for p in given if p["in"] == "query"]:
            found[named[path]] = asked
    return found


@dataclass
class Surfer:
    """One reader. ``answers`` is everything that came back, in the order of asking."""

    get: Get
    extra: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by parameter's name
    answers: dict[str, Answer] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)
    _told: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _below: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _only_written: set[str] = field(default_factory=set)  # templates that answer no GET
    most_of_each: int = MOST  # addresses of one template
    key: Callable[[str], str] = str  # in which order those of one round are read
    _passed_over: set[str] = field(default_factory=set)
    _counted: Counter[str] = field(default_factory=Counter)

    def surf(self, begin: Iterable[str] = ()) -> dict[str, Answer]:
        """Read everything that can be reached."""
        waiting = [*begin, *(one for one in templates() if "<" not in one)]
        while waiting:
            for url in waiting:
                self.visit(url)
            waiting = sorted(self._found() - self.answers.keys() - self._passed_over, key=self.key)
        return self.answers

    def begin_again(self) -> None:
        """Count anew what was read of each template."""
        self._counted.clear()
        self._passed_over.clear()

    def visit(self, url: str) -> Answer | None:
        """Read one address, once. None: it is left out."""
        if url in self.answers or url.startswith(_LEFT_OUT):
            return self.answers.get(url)
        template = template_of(url)
        if template in self._only_written or self._counted[template] >= self.most_of_each:
            self._passed_over.add(url)
            return None
        self._counted[template] += 1
        if len(self.answers) >= MOST:
            raise AssertionError(f"more than {MOST} addresses; the last is {url}")
        answer = self.answers[url] = self.get(url)
        self._known(url)
        if answer.status == 200:
            self._learn(answer)
        elif answer.status == 405:
            self._only_written.add(template_of(url))
        return answer

    # -- what an answer tells -------------------------------------------------------------

    def _learn(self, answer: Answer) -> None:
        text = answer.body.decode("utf-8", "replace")
        told: dict[str, list[str]] = defaultdict(list)
        told["account"] = list(dict.fromkeys(_ACCOUNT.findall(html.unescape(text))))
        if "json" in answer.media:
            for key, value in _leaves(json.loads(text)):
                told[f"key:{key}"].append(str(value))
                if isinstance(value, str) and key == "id" and _UUID.fullmatch(value):
                    told["uuid"].append(value)
        else:
            for link in _LINK.findall(text):
                self._link(answer.url, html.unescape(link))
        self._told[urlsplit(answer.url).path] = told

    def _link(self, base: str, link: str) -> None:
        parts = urlsplit(urljoin(f"http://testserver{base}", link))
        if parts.netloc != "testserver" or not parts.path.startswith("/"):
            return
        url = parts.path + (f"?{parts.query}" if parts.query else "")
        if url not in self.linked and template_of(url) and not url.startswith(_LEFT_OUT):
            self.linked.add(url)
            self._known(url)

    def _known(self, url: str) -> None:
        path = urlsplit(url).path
        for slash in re.finditer("/", path):
            if segment := path[slash.end() :].partition("/")[0]:
                self._below[path[: slash.end()]][unquote(segment)] = None

    # -- what could be asked next ---------------------------------------------------------

    def _found(self) -> set[str]:
        found = {url for url in self.linked if template_of(url) not in self._only_written}
        for template in templates():
            if "<" not in template:
                found.update(self._questions(template, template))
            elif template not in self._only_written:
                for path in self._filled(template):
                    found.add(path)
                    found.update(self._questions(template, path))
        return found

    def _filled(self, template: str) -> list[str]:
        """The addresses of one template that could be there, by what was told so far."""
        filled, at = [""], 0
        for parameter in _PARAMETER.finditer(template):
            static = template[at : parameter.start()]
            at = parameter.end()
            kind, name = parameter["kind"] or "str", parameter["name"]
            filled = [
                before + static + quote(value, safe=":+")
                for before in filled
                for value in self._values(before + static, kind, name)
            ]
            if at < len(template) - 1:  # something lies below
                filled = [one for one in filled if self._is_there(one, template[:at])]
        return [one + template[at:] for one in filled]

    def _is_there(self, path: str, part: str) -> bool:
        """Whether it makes sense to look below an address: not where it is absent, and not before
        it was asked itself, if it can be."""
        own = template_of(f"{path}/")
        if not own or own in self._only_written:
            return True
        answer = self.answers.get(f"{path}/")
        return own == f"{part}/" and answer is not None and answer.status != 404

    def _values(self, prefix: str, kind: str, name: str) -> list[str]:
        values = dict.fromkeys(self.extra.get(name, ()))
        values.update(self._below.get(prefix, {}))
        told = self._nearest(prefix)
        if prefix.startswith("/api/") and kind == "uuid":
            values.update(dict.fromkeys(told.get("uuid", ())))
        elif name == "account":
            values.update(dict.fromkeys(told.get("account", ())))
        elif prefix.startswith("/api/"):
            for key in {name, "slug" if kind == "slug" else "", "id" if kind == "int" else ""}:
                values.update(dict.fromkeys(told.get(f"key:{key}", ())))
        fits = _ACCOUNT if name == "account" else _KINDS[kind]
        return [value for value in values if fits.fullmatch(value)]

    def _nearest(self, prefix: str) -> dict[str, list[str]]:
        """What the address told, or the nearest one above it that told anything."""
        path = prefix
        while path not in self._told and path not in ("", "/"):
            path = path.rstrip("/").rpartition("/")[0] + "/"
        return self._told.get(path, {})

    def _questions(self, template: str, path: str) -> Iterator[str]:
        """The address with each of its query parameters, as far as there is a value for it."""
        answer = self.answers.get(path)
        if answer is None or answer.status != 200:
            return
        told = self._told.get(path, {})
        for parameter in query_parameters().get(template, []):
            for value in _guesses(parameter["schema"], told):
                yield f"{path}?{urlencode({parameter['name']: value})}"


def _guesses(schema: dict[str, Any], told: dict[str, list[str]]) -> list[str]:
    if "enum" in schema:
        return [str(one) for one in schema["enum"]]
    if schema.get("type") == "boolean":
        return ["true"]
    if schema.get("type") == "integer":
        return [str(schema.get("minimum", 1))]
    if schema.get("format") == "uuid":
        ids = told.get("uuid", [])
        return [*ids[:1], *ids[-1:]]
    return ["x"]


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value of some JSON with the key that it stands under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key)
    elif value is not None:
        yield key, value
