"""Plug-ins: one file, one class, one slug. A folder that breaks this is refused at start."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Collection
from types import ModuleType
from typing import TypeVar

from tracing.core.errors import BadPlugin

Plugin = TypeVar("Plugin")


def discover(
    package: ModuleType, contract: type[Plugin], *, besides: Collection[str] = ("base",)
) -> dict[str, type[Plugin]]:
    """Import each file of a package's folder and answer its plug-ins by ``slug``, in order.

    A plug-in is the one concrete subclass of ``contract`` that a file defines. Files named in
    ``besides`` hold the contract or helpers. Raises BadPlugin for a file with none or two, and for
    a slug that is missing or repeated.
    """
    found: dict[str, type[Plugin]] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        if info.name in besides or info.name.startswith("_"):
            continue
        name = f"{package.__name__}.{info.name}"
        plugin = _only_plugin(importlib.import_module(name), contract)
        slug = getattr(plugin, "slug", None)
        if not isinstance(slug, str) or not slug:
            raise BadPlugin(name, "its class has no slug")
        if slug in found:
            raise BadPlugin(name, f"the slug {slug!r} is taken by {found[slug].__module__}")
        found[slug] = plugin
    return found


def _only_plugin(module: ModuleType, contract: type[Plugin]) -> type[Plugin]:
    classes = [
        member
        for member in vars(module).values()
        if inspect.isclass(member)
        and member.__module__ == module.__name__  # an imported plug-in is another file's
        and issubclass(member, contract)
        and not inspect.isabstract(member)
    ]
    if len(classes) != 1:
        raise BadPlugin(module.__name__, f"one plug-in per file, found {len(classes)}")
    return classes[0]
