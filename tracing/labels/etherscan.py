"""Label clouds of Etherscan and its sisters, as brianleect/etherscan-labels combines them: JSON.

``{address: {"name": ..., "labels": [...]}}``. A cloud's label is about a project, not about an
address: "binance" is on its wallets, its tokens and its deployers alike. Only what the name shows
to be a wallet, a mixer's pool, a bridge's contract or a pair of a DEX becomes that; the rest is
told and stops no trace. The file says neither chain nor date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from tracing.labels.base import (
    BadLabelFile,
    BadRow,
    LabelFact,
    LabelFormat,
    Said,
    clean,
    fact,
    slug,
    whole,
)
from tracing.labels.categories import actor_of, kind_of

# Labels of exchanges that hold customers' money, and the slug of the service.
_EXCHANGES = frozenset(
    {"abcc", "ascendex", "bgogo", "binance", "binance-deposit", "bitfinex", "bithumb"}
    | {"bitmart", "bitmex", "bitstamp", "bittrex", "changenow", "cobinhood", "coinbase"}
    | {"coinhako", "coinone", "coinsquare", "crypto-com", "deribit", "digifinex", "ftx", "gate-io"}
    | {"gemini", "hitbtc", "hotbit", "huobi", "korbit", "kraken", "kryptono", "kucoin"}
    | {"latoken", "liquid", "nexo", "okx", "paribu", "poloniex", "quadrigacx", "remitano"}
    | {"shapeshift", "tidex", "topbtc", "upbit", "zb-com"}
)
_POOLS = frozenset(
    {"balancer", "bancor", "bscswap", "burgerswap", "curve-fi", "pancakeswap", "sushiswap"}
)
_MIXERS = frozenset({"tornado-cash", "ethereum-mixer"})
_ABUSES = {
    "phish-hack": "phishing",
    "heist": "hack",
    "exploit": "hack",
    "scam": "scam",
    "ofac-sanctions-lists": "sanction",
    "blocked": "black_list",
}
_NO_WALLET = re.compile(
    r"token|wrapped|deployer|contract|staking|stake|pool|vesting|\bico\b|mining|sender|depositor"
    r"|faucet|factory|verifier|registry|oracle|reward|airdrop|governance|\([^)]*\)$",
    re.IGNORECASE,
)
_MIXER = re.compile(r"[\d,]+ \w+|mixer|router|proxy|unwrapper", re.IGNORECASE)
_BRIDGE = re.compile(r"bridge|escrow|spoke ?pool|gateway|predicate|portal|custody|vault", re.I)
_PAIR = re.compile(r"[^\s-]+[-/][^\s-]+")


class EtherscanLabels(LabelFormat):
    slug = "etherscan"
    name = "Etherscan-style labels (JSON)"
    asks = ("chain", "dated")

    def read(self, stream: BinaryIO, said: Said) -> Iterator[LabelFact | BadRow]:
        whose = Said(said.chain, said.source or "Etherscan label cloud", said.dated)
        for address, row in _parsed(whole(stream, self.most_bytes)):
            place = f"entry {clean(address, 60) or '(empty)'}"
            try:
                yield _fact(address, row, whose)
            except ValueError as error:
                yield BadRow(place, str(error))


def _parsed(text: str) -> list[tuple[str, Any]]:
    """The entries in order; an address that is there twice is kept twice."""
    try:
        found = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise BadLabelFile(f"It is not JSON: {clean(str(error), 120)}.") from error
    if not isinstance(found, _Pairs):
        raise BadLabelFile("It is no JSON object of addresses.")
    return list(found)


class _Pairs(list[tuple[str, Any]]):
    """An object of the file with every key that it has."""

    def value(self, key: str) -> Any:
        return next((value for name, value in self if name == key), None)


def _fact(address: str, row: Any, said: Said) -> LabelFact:
    if not isinstance(row, _Pairs):
        raise ValueError("It is no object with name and labels.")
    labels = row.value("labels") or []
    if not isinstance(labels, list):
        raise ValueError("Its labels are no list.")
    slugs = [slug(label) for label in labels]
    name = clean(row.value("name"), 200)
    category, actor = _meaning(name, slugs)
    return fact(said, address=address, name=name, category=category, actor=actor)


def _meaning(name: str, slugs: list[str]) -> tuple[str, str]:
    """(category, actor) by the name and the labels; the first label where nothing is certain."""
    is_thing = bool(_NO_WALLET.search(name))
    rest = name.partition(":")[2]
    if _MIXERS & set(slugs) and not is_thing and _MIXER.search(rest or name):
        return "mixer", "tornado-cash" if "tornado-cash" in slugs else actor_of(name)
    abuse = next((_ABUSES[label] for label in slugs if label in _ABUSES), None)
    if abuse is not None:
        return abuse, ""
    exchange = next((label for label in slugs if label in _EXCHANGES), None)
    if exchange is not None and name and not is_thing:
        return "exchange", exchange.removesuffix("-deposit")
    if "bridge" in slugs and not is_thing and _BRIDGE.search(name):
        return "bridge", actor_of(name)
    pool = next((label for label in slugs if label in _POOLS), None)
    if pool is not None and _PAIR.search(rest) and "deployer" not in name.lower():
        return "dex", pool
    word = slugs[0].replace("-", "_") if slugs else ""
    return f"{word}_project" if kind_of(word) else word, ""
