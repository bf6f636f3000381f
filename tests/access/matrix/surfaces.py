"""What there is to look at or to act on, found in the application itself.

The URL resolver says every page and every address of the API with the methods that answer there;
beside them stand socket frames, export plug-ins and mails. `declared.py` says of each what it
shows or does; one that is missing there, or gone here, fails the build.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from incidents.exports.base import freeze_exports
from incidents.exports.packet.base import packet_exports
from incidents.routing import websocket_urlpatterns
from tracing.exports import base as trace_exports

ROOT = Path(__file__).resolve().parents[3]
METHODS = ("get", "post", "put", "patch", "delete")
FRAME = re.compile(r'"type": ?"(\w+)"')
SENDS_MAIL = {"EmailMessage", "EmailMultiAlternatives", "send_mail", "mail_admins"}


def discovered() -> set[str]:
    """Every surface by name: "GET incidents/<slug:slug>/", "FRAME entry", "MAIL ..."."""
    return {*addresses(), *frames(), *exports(), *mails(), *plugins()}


# --- HTTP ----------------------------------------------------------------------------------


def addresses() -> Iterator[str]:
    """Method and route of everything that the resolver leads to."""
    for route, view in routes(get_resolver().url_patterns):
        for method in methods_of(view):
            yield f"{method.upper()} {route}"


def routes(
    patterns: list[URLPattern | URLResolver], before: str = ""
) -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern.callback


def methods_of(view: Callable[..., Any]) -> list[str]:
    """The methods that a view answers with more than "not allowed"."""
    of_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if of_class is not None:
        # A form's `put` is Django's word for `post`.
        ours = METHODS if of_class.__module__.startswith(("incidents", "tracing")) else METHODS[:2]
        return [method for method in ours if hasattr(of_class, method)]
    allowed = None
    layer: Any = view
    while layer is not None:
        found = inspect.getclosurevars(layer).nonlocals
        allowed = found.get("request_method_list", allowed)
        innermost, layer = layer, getattr(layer, "__wrapped__", None)
    if allowed is not None:
        return [method.lower() for method in allowed if method != "HEAD"]
    return ["get", "post"] if takes_forms(innermost, set()) else ["get"]


def takes_forms(function: Callable[..., Any], known: set[Callable[..., Any]]) -> bool:
    """Whether a view, or what it calls in its own module, looks at what was posted."""
    known.add(function)
    if "POST" in inspect.getsource(function):
        return True
    space = function.__globals__
    called = (space.get(name) for name in function.__code__.co_names)
    return any(
        takes_forms(one, known)
        for one in called
        if inspect.isfunction(one) and one.__module__ == function.__module__ and one not in known
    )


# --- everything else -----------------------------------------------------------------------


def frames() -> Iterator[str]:
    """Types of what sockets are told, by the literals that make them."""
    yield from (f"SOCKET {pattern.pattern}" for pattern in websocket_urlpatterns)
    for name in ("consumers", "frames", "hub"):
        text = (ROOT / "incidents" / f"{name}.py").read_text()
        yield from (f"FRAME {kind}" for kind in FRAME.findall(text))


def exports() -> Iterator[str]:
    """Files that can be taken out."""
    yield from (f"EXPORT freeze.{slug}" for slug in freeze_exports())
    yield from (f"EXPORT packet.{slug}" for slug in packet_exports())
    yield from (f"EXPORT provenance.{slug}" for slug in trace_exports.provenance_exports())


def mails() -> Iterator[str]:
    """Public functions of every module that makes mail."""
    for path in sorted((*(ROOT / "incidents").rglob("*.py"), *(ROOT / "tracing").rglob("*.py"))):
        tree = ast.parse(path.read_text())
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if names & SENDS_MAIL:
            yield from (
                f"MAIL {path.stem}.{node.name}"
                for node in tree.body
                if isinstance(node, ast.FunctionDef) and node.name.startswith("send")
            )


def plugins() -> Iterator[str]:
    """Ways out that are one file each, and feeds, should there be any."""
    for folder in ("notifiers", "recipients"):
        for path in sorted((ROOT / "incidents" / folder).glob("*.py")):
            if path.stem != "base" and not path.stem.startswith("_"):
                yield f"{folder[:-1].upper()} {path.stem}"
