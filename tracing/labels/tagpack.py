"""GraphSense TagPacks: YAML, whose header holds what its tags do not say themselves.

Fields: graphsense/graphsense-tagpack-tool, src/tagpack/conf/tagpack_schema.yaml. Everything is
read as text: an address without quotes stays an address, and no tag of YAML makes an object.
Anchors and aliases are refused (a few lines of them unfold to gigabytes), and so is deep nesting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import yaml

from tracing.labels.base import (
    LONGEST_LINE,
    BadLabelFile,
    BadRow,
    LabelFact,
    Said,
    WritableFormat,
    clean,
    cut,
    day_of,
    fact,
    slug,
    whole,
)
from tracing.labels.categories import ABUSES, actor_of, category_of, kind_of
from tracing.labels.currencies import CURRENCY_OF

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
DEEPEST = 16
_OF_THE_HEADER = ("currency", "category", "abuse", "actor", "source", "lastmod", "confidence")
_THEIRS = {"mixer": "mixing_service", "dex": "defi_dex", "lender": "defi_lending"}
_THEIRS |= {"bridge": "defi_bridge", "custodian": "hosted_wallet"}


class TagPack(WritableFormat):
    slug = "tagpack"
    name = "GraphSense TagPack (YAML)"

    def read(self, stream: BinaryIO, said: Said) -> Iterator[LabelFact | BadRow]:
        header = _parsed(whole(stream, self.most_bytes))
        tags = header.pop("tags", None)
        if not isinstance(tags, list):
            raise BadLabelFile("It has no list of tags: this is no TagPack.")
        for index, tag in enumerate(tags):
            place = f"tags[{index}]"
            if not isinstance(tag, dict):
                yield BadRow(place, "It is no tag: write it as fields with values.")
                continue
            try:
                yield _fact({**header, **tag}, said)
            except ValueError as error:
                yield BadRow(place, str(error))

    def write(self, facts: Iterable[LabelFact], *, title: str, creator: str) -> Iterator[str]:
        tags = [_tag(one) for one in facts]
        shared = _shared(tags)
        header = {"title": title, "creator": creator, **shared}
        yield yaml.dump(header, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
        if not tags:
            yield "tags: []\n"
            return
        yield "tags:\n"
        for start in range(0, len(tags), 500):
            rows = [
                {key: value for key, value in tag.items() if key not in shared}
                for tag in tags[start : start + 500]
            ]
            yield yaml.dump(rows, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def _parsed(text: str) -> dict[str, Any]:
    """The document, everything in it as text. Raises BadLabelFile."""
    try:
        _check(text)
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - makes text, lists and mappings only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or "it cannot be read"
        raise BadLabelFile(f"It is not YAML{where}: {cut(clean(why, 200), 120)}.") from error
    if not isinstance(found, dict):
        raise BadLabelFile("It is no mapping of fields: this is no TagPack.")
    return found


def _check(text: str) -> None:
    """Refuse what would cost too much to make, before anything is made of it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise BadLabelFile(f"Line {line} has an anchor or an alias: they are not taken.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise BadLabelFile(f"Line {line} is nested too deeply.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST_LINE:
            raise BadLabelFile(f"Line {line} has a text longer than {LONGEST_LINE >> 10} KiB.")


def _fact(tag: dict[str, Any], said: Said) -> LabelFact:
    """One tag with what it inherits. Raises ValueError with the reason."""
    category = category_of(tag.get("abuse")) or category_of(tag.get("category"))
    actor = slug(tag.get("actor"))
    if not actor and kind_of(category) is not None:
        actor = actor_of(tag.get("label"))
    return fact(
        said,
        chain=clean(tag.get("network") or tag.get("currency"), 60),
        address=tag.get("address"),
        name=tag.get("label"),
        category=category,
        actor=actor,
        source=tag.get("source"),
        dated=day_of(tag.get("lastmod")),
        confidence=tag.get("confidence"),
    )


def _tag(one: LabelFact) -> dict[str, Any]:
    is_abuse = one.category in ABUSES
    found = {
        "address": one.address,
        "label": one.name,
        "currency": CURRENCY_OF.get(one.chain, one.chain),
        "category": "" if is_abuse else _THEIRS.get(one.category, one.category),
        "abuse": one.category if is_abuse else "",
        "actor": one.actor,
        "source": one.source,
        "lastmod": one.dated,
        "confidence": one.confidence or ("heuristic" if one.is_inferred else ""),
    }
    return {key: value for key, value in found.items() if value}


def _shared(tags: list[dict[str, Any]]) -> dict[str, Any]:
    """Fields that every tag has with the same value."""
    if not tags:
        return {}
    return {
        key: tags[0][key]
        for key in _OF_THE_HEADER
        if key in tags[0] and all(tag.get(key) == tags[0][key] for tag in tags)
    }
