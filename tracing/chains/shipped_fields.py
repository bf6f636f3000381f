"""The fields of a chain's file: what may stand where, and the place of what may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracing.core import caip
from tracing.core.errors import InvalidIdentifier

MOST_SECONDS = 3600.0


class BadChainFile(ValueError):
    """A file that does not fit. ``field`` names the place, like ``tokens[2].address``."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


def refuse_doubles(field: str, keys: list[Any]) -> None:
    """Raises BadChainFile at the first key that stands there twice."""
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise BadChainFile(f"{field}[{place}]", "is there already")


class Table:
    """A table of the file that remembers where it is and what was asked of it."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self.where, self.values = where, dict(values)
        self.asked: set[str] = set()

    def place(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _get(self, name: str, kind: type | tuple[type, ...], what: str, default: Any = None) -> Any:
        self.asked.add(name)
        value = self.values.get(name, default)
        if value is None:
            raise BadChainFile(self.place(name), "is missing")
        # TOML's true is Python's 1: it is no number here
        if not isinstance(value, kind) or isinstance(value, bool):
            raise BadChainFile(self.place(name), f"is not {what}")
        return value

    def text(self, name: str, longest: int, default: str | None = None) -> str:
        value = str(self._get(name, str, "a text", default)).strip()
        if not value and default is None:
            raise BadChainFile(self.place(name), "is empty")
        if len(value) > longest:
            raise BadChainFile(self.place(name), f"has more than {longest} characters")
        if not value.isprintable():
            raise BadChainFile(self.place(name), "has characters that cannot be seen")
        return value

    def texts(self, name: str, allowed: tuple[str, ...] = ()) -> list[str]:
        found = self._get(name, list, "a list", [])
        for place, one in enumerate(found):
            if not isinstance(one, str) or not one.strip() or not one.isprintable():
                raise BadChainFile(f"{self.place(name)}[{place}]", "is not a text")
            if allowed and one not in allowed:
                raise BadChainFile(f"{self.place(name)}[{place}]", f"is none of {list(allowed)}")
        refuse_doubles(self.place(name), found)
        return [one.strip() for one in found]

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(name, 40, default)
        if value not in allowed:
            raise BadChainFile(self.place(name), f"is none of {list(allowed)}")
        return value

    def number(self, name: str, least: int, most: int) -> int:
        value = int(self._get(name, int, "a whole number"))
        if not least <= value <= most:
            raise BadChainFile(self.place(name), f"is not between {least} and {most}")
        return value

    def seconds(self, name: str) -> float:
        value = float(self._get(name, (int, float), "a number"))
        if not 0 < value <= MOST_SECONDS:
            raise BadChainFile(self.place(name), f"is not between 0 and {MOST_SECONDS:.0f}")
        return value

    def caip2(self, longest: int) -> str:
        try:
            return str(caip.parse_chain(self.text("caip2", longest)))
        except InvalidIdentifier as error:
            raise BadChainFile(self.place("caip2"), error.message.rstrip(".")) from None

    def address(self, chain: str) -> str:
        try:
            return caip.parse_address(chain, self.text("address", 130))
        except InvalidIdentifier as error:
            raise BadChainFile(self.place("address"), error.message.rstrip(".")) from None

    def coin(self, chain: str) -> str:
        """CAIP-19 of the native asset. What is known of the chain may not be contradicted: an
        asset has one name here."""
        given = f"{chain}/slip44:{self.number('slip44', 0, 2**31 - 1)}"
        try:
            known = caip.native_asset(chain)
        except InvalidIdentifier:
            return given
        if given != known:
            raise BadChainFile(self.place("slip44"), f"is known here as {known.rpartition(':')[2]}")
        return given

    def table(self, name: str) -> Table:
        return Table(self.place(name), self._get(name, dict, "a table"))

    def tables(self, name: str) -> list[Table]:
        found = self._get(name, list, "a list of tables", [])
        for place, one in enumerate(found):
            if not isinstance(one, dict):
                raise BadChainFile(f"{self.place(name)}[{place}]", "is not a table")
        return [Table(f"{self.place(name)}[{place}]", one) for place, one in enumerate(found)]

    def nothing_else(self) -> None:
        for name in sorted(self.values.keys() - self.asked):
            raise BadChainFile(self.place(name), "is not known")
