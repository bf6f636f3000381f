"""What the words of label lists mean here, and what value at such an address is for a trace."""

from __future__ import annotations

import re

from tracing.core.types import AccountKind
from tracing.labels.base import clean, slug

# Category of a service -> what its addresses are. No other category makes a sink.
KINDS = {
    "exchange": AccountKind.SERVICE,
    "custodian": AccountKind.SERVICE,
    "issuer": AccountKind.SERVICE,
    "bridge": AccountKind.CROSSING,
    "mixer": AccountKind.MIXER,
    "dex": AccountKind.POOL,
    "lender": AccountKind.POOL,
    "wrapper": AccountKind.POOL,
    "council": AccountKind.CUSTODY,
}

# What an address did, or was said to have done: told, and never a sink, whatever else it is.
ABUSES = frozenset(
    {"scam", "phishing", "sanction", "service_hack", "hack", "investment_fraud", "ransomware"}
    | {"terrorism", "extortion", "dark_web", "black_list"}
)

# Said of whoever it is: a mixer that is under sanctions is a mixer.
STATUSES = frozenset({"sanction", "black_list"})
# Two sources that say different ones of these contradict each other.
COMPARED = (ABUSES | KINDS.keys()) - STATUSES

_SAME = {
    "exchange_hot": "exchange",
    "exchange_cold": "exchange",
    "exchange_reserve": "exchange",
    "swap_service": "exchange",  # an instant exchange holds what is paid in, as others do
    "hosted_wallet": "custodian",
    "custody": "custodian",
    "issuer_token": "issuer",
    "mixing_service": "mixer",
    "coinjoin": "mixer",
    "defi_bridge": "bridge",
    "cross_chain_swap": "bridge",
    "defi_dex": "dex",
    "dex_router": "dex",
    "defi_lending": "lender",
    "wrapped_native": "wrapper",
    "sanctioned": "sanction",
}


def category_of(word: object) -> str:
    """Ours for a list's word where it means one of them, else the word, tidied."""
    text = slug(word).replace("-", "_")
    return _SAME.get(text, text)


def kind_of(category: str) -> AccountKind | None:
    """What a service of that category is for a trace; None: no sink."""
    return KINDS.get(category)


_TAIL = re.compile(
    r"(?:[:(|].*|\s+v?\d[\d.,]*\b.*|\s+(?:reserve |hot |cold )?wallet\b.*|\s+token\b.*"
    r"|\s+dep(?:osit)?\b.*|\s+#.*)$",
    re.IGNORECASE,
)


def actor_of(name: object) -> str:
    """The slug of whom a label's name begins with: "Binance 14" and "Binance: Hot" are Binance's.

    For lists that name no actor. "" where nothing is left.
    """
    return slug(_TAIL.sub("", clean(name, 200)))
