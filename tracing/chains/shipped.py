"""Chains as configuration: one TOML file each, shipped in `shipped/`, or of one's own.

A file says what a chain is (its native asset, its finality, what of its blocks can be recomputed,
its tokens), and of one's own also who is asked for it. It never holds an address with a key: an
endpoint is named by its operator and by a file or a variable that holds its URL. Whatever does not
fit is refused with the field and the reason; unknown fields are, too.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tracing.chains.shipped_fields import BadChainFile, Table, refuse_doubles

FOLDER = Path(__file__).parent / "shipped"
RULES = ("depth", "tag")
# What can be recomputed of a block; what each means: docs/adr/0018-what-can-be-recomputed.md.
COMMITMENTS = ("header", "transactions", "receipts", "withdrawals", "senders")
KINDS = ("rpc", "history")
MOST_BYTES = 1 << 20
LONGEST_NAME = 60
LONGEST_OPERATOR = 80
MOST_QUORUM = 15
DEEPEST = 1_000_000


@dataclass(frozen=True, slots=True)
class TokenFact:
    """A token that its source calls real. ``address`` is canonical."""

    address: str
    symbol: str
    decimals: int
    source: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class EndpointFact:
    """Who is asked, and where the URL is kept: a file or a variable of the environment."""

    operator: str
    kind: str = "rpc"
    url_file: str = ""
    url_env: str = ""
    ws_url_file: str = ""
    ws_url_env: str = ""


@dataclass(frozen=True, slots=True)
class ChainFile:
    """A chain as its file says it. ``block_seconds``: the usual time between two blocks.

    ``finality``: "depth", final so many blocks below the head; "tag": and below the block that
    endpoints call finalized. ``quorum``: a suggestion, how many operators must agree.
    """

    caip2: str
    name: str
    native_symbol: str
    native_decimals: int
    native_asset: str
    finality: str
    final_depth: int
    finality_source: str
    block_seconds: float
    quorum: int
    family: str = "evm"
    commitments: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    wrapped_native: TokenFact | None = None
    tokens: tuple[TokenFact, ...] = ()
    endpoints: tuple[EndpointFact, ...] = ()


@functools.cache
def shipped() -> dict[str, ChainFile]:
    """Every shipped chain by the name of its file, which is its first alias, sorted.

    Raises BadChainFile for a file that is wrong: the tests read them all.
    """
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        one = parse(path.read_text(encoding="utf-8"))
        if one.endpoints:
            raise BadChainFile("endpoints", f"{path.name} ships none")
        found[path.stem] = one
    return found


@functools.cache
def by_caip2() -> dict[str, ChainFile]:
    """Every shipped chain by its identifier."""
    return {one.caip2: one for one in shipped().values()}


@functools.cache
def names() -> dict[str, str]:
    """CAIP-2 by every name that people call a shipped chain by, in lower case."""
    return {alias: one.caip2 for one in shipped().values() for alias in one.aliases}


def find(text: str) -> ChainFile | None:
    """The shipped chain of a name or an identifier; None: there is none."""
    wanted = text.strip().lower()
    return by_caip2().get(names().get(wanted, wanted))


def parse(text: str) -> ChainFile:
    """A chain's file, checked. Raises BadChainFile."""
    if len(text) > MOST_BYTES:
        raise BadChainFile("file", f"is larger than {MOST_BYTES >> 20} MB")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadChainFile("file", f"is not TOML: {error}") from None
    table = Table("", found)
    chain = table.caip2(LONGEST_NAME)
    native, finality = table.table("native"), table.table("finality")
    made = ChainFile(
        caip2=chain,
        name=table.text("name", LONGEST_NAME),
        aliases=tuple(name.lower() for name in table.texts("aliases")),
        family=table.text("family", 20, "evm"),
        block_seconds=table.seconds("block_seconds"),
        quorum=table.number("quorum", 1, MOST_QUORUM),
        commitments=tuple(table.texts("commitments", COMMITMENTS)),
        native_symbol=native.text("symbol", 20),
        native_decimals=native.number("decimals", 0, 77),
        native_asset=native.coin(chain),
        finality=finality.choice("rule", RULES),
        final_depth=finality.number("depth", 1, DEEPEST),
        finality_source=finality.text("source", 400, ""),
        wrapped_native=_wrapped(chain, table, native),
        tokens=tuple(_token(chain, one) for one in table.tables("tokens")),
        endpoints=tuple(_endpoint(one) for one in table.tables("endpoints")),
    )
    for part in (native, finality, table):
        part.nothing_else()
    refuse_doubles("tokens", [token.address for token in made.tokens])
    refuse_doubles("endpoints", [(one.operator, one.kind) for one in made.endpoints])
    return made


def _wrapped(chain: str, table: Table, native: Table) -> TokenFact | None:
    if "wrapped_native" not in table.values:
        return None
    part = table.table("wrapped_native")
    part.values.setdefault("decimals", native.values.get("decimals"))
    return _token(chain, part)


def _token(chain: str, part: Table) -> TokenFact:
    found = TokenFact(
        address=part.address(chain),
        symbol=part.text("symbol", 80),
        decimals=part.number("decimals", 0, 77),
        source=part.text("source", 400),
        name=part.text("name", 200, ""),
    )
    part.nothing_else()
    return found


def _endpoint(part: Table) -> EndpointFact:
    for name in ("url", "ws_url"):
        if name in part.values:
            raise BadChainFile(
                part.place(name),
                f"is not written here, since it may hold a key: name {name}_file or {name}_env",
            )
    found = EndpointFact(
        operator=part.text("operator", LONGEST_OPERATOR),
        kind=part.choice("kind", KINDS, "rpc"),
        url_file=part.text("url_file", 4096, ""),
        url_env=part.text("url_env", 200, ""),
        ws_url_file=part.text("ws_url_file", 4096, ""),
        ws_url_env=part.text("ws_url_env", 200, ""),
    )
    if bool(found.url_file) == bool(found.url_env):
        raise BadChainFile(part.place("url_file"), "name either url_file or url_env")
    if found.ws_url_file and found.ws_url_env:
        raise BadChainFile(part.place("ws_url_file"), "name either ws_url_file or ws_url_env")
    part.nothing_else()
    return found
