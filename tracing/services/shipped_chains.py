"""Chains from files: a row for a chain, and its tokens in the directory.

Nothing here asks a chain anything, and no file that ships names an endpoint.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.db import transaction

from incidents import scope
from incidents.exceptions import BadInput
from tracing.chains import registry, shipped
from tracing.chains.shipped import ChainFile, EndpointFact, TokenFact
from tracing.chains.shipped_fields import BadChainFile
from tracing.core import caip
from tracing.core.types import AccountKind
from tracing.labels.base import LONGEST_SOURCE
from tracing.models import Asset, Chain, Label
from tracing.services import directory

# When the facts in the shipped files were gathered.
AS_OF = date(2026, 11, 21)
WRAPPERS = ("wrapped-native", "Wrapped native coin")
MOST_URL_BYTES = 4096


def definition(text: str) -> ChainFile:
    """A shipped chain by name or identifier, or the file at that path.

    :raises BadInput: there is no such chain or file, or the file does not fit (with its field).
    """
    found = shipped.find(text)
    if found is not None:
        return found
    path = Path(text)
    if path.suffix != ".toml":
        names = ", ".join(shipped.shipped())
        raise BadInput(f"No such chain ships. There are {names}; or name a .toml file.")
    try:
        return read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8.") from error


def read(text: str) -> ChainFile:
    """A chain's file. Raises BadInput with the field and the reason."""
    try:
        found = shipped.parse(text)
    except BadChainFile as error:
        raise BadInput(f"{error.field}: {error.reason}.") from error
    families = registry.adapters()
    if found.family not in families:
        raise BadInput(f"family: is none of {sorted(families)}.")
    if families[found.family].namespace != caip.parse_chain(found.caip2).namespace:
        raise BadInput(f"family: {found.family} does not serve {found.caip2}.")
    return found


def changes(one: ChainFile) -> dict[str, object]:
    """What the file says of the chain's row. The quorum is for a new row: it is then people's."""
    return {
        "name": one.name,
        "family": one.family,
        "native_symbol": one.native_symbol,
        "native_decimals": one.native_decimals,
        "native_asset": one.native_asset,
        "final_depth": one.final_depth,
        "finality": one.finality,
        "block_seconds": one.block_seconds,
        "commitments": list(one.commitments),
    }


@scope.trusted
@transaction.atomic
def save(one: ChainFile) -> tuple[Chain, bool]:
    """The chain's row as the file says it, and whether it is new here. Its tokens are in the
    directory then. A chain without an endpoint is not watched."""
    known = Chain.objects.select_for_update(no_key=True).filter(caip2=one.caip2).first()
    # A row that only labels made has nothing that a person chose.
    is_new = known is None or not known.endpoints.exists()
    row = known or Chain(caip2=one.caip2, is_watched=False)
    for name, value in changes(one).items():
        setattr(row, name, value)
    if is_new:
        row.quorum = one.quorum
    row.save()
    load_tokens(one, row)
    return row, is_new


@scope.trusted
def load_shipped_tokens() -> int:
    """The tokens of every shipped chain into the directory; how many were new."""
    return sum(load_tokens(one) for one in shipped.shipped().values())


@scope.trusted
@transaction.atomic
def load_tokens(one: ChainFile, chain: Chain | None = None) -> int:
    """The chain's wrapped native and well-known tokens into the directory; how many were new.
    What is there stays as it is."""
    tokens: Iterable[TokenFact] = one.tokens
    if one.wrapped_native is not None:
        tokens = (one.wrapped_native, *tokens)
    tokens = list(tokens)
    if not tokens:
        return 0
    row = chain or _known(one)
    new = sum(_token(row, token) for token in tokens)
    if one.wrapped_native is not None:
        _wrapper(row, one.wrapped_native)
    return new


def _known(one: ChainFile) -> Chain:
    """The chain's row; one that is made here is not watched."""
    row, _ = Chain.objects.get_or_create(
        caip2=one.caip2, defaults={**changes(one), "is_watched": False}
    )
    return row


def _token(chain: Chain, token: TokenFact) -> bool:
    asset = caip.erc20(chain.caip2, token.address)
    if Asset.objects.filter(caip19=asset, is_noted=False).exists():
        return False
    directory.ensure_asset(
        chain, asset, symbol=token.symbol, decimals=token.decimals, contract=token.address
    )
    return True


def _wrapper(chain: Chain, token: TokenFact) -> None:
    """The wrapper's contract holds other people's coins: value passes through it."""
    labels = Label.objects.filter(chain=chain, address=token.address, incident__isnull=True)
    if labels.exists():
        return
    slug, name = WRAPPERS
    service = directory.ensure_service(slug, name, kind=AccountKind.POOL, category="wrapper")
    directory.ensure_label(
        chain,
        token.address,
        service,
        source=token.source[:LONGEST_SOURCE],
        dated=AS_OF,
        name=token.name or token.symbol,
    )


def urls_of(one: EndpointFact) -> tuple[str, str]:
    """The URL and the WebSocket URL of an endpoint, from where its file says they are kept.

    :raises BadInput: a file cannot be read, or a variable is not set. The URL is in no message.
    """
    return (
        url_from(file=one.url_file, variable=one.url_env),
        url_from(file=one.ws_url_file, variable=one.ws_url_env),
    )


def url_from(*, file: str = "", variable: str = "") -> str:
    """The URL that a file or a variable of the environment holds; "" where neither is named.

    :raises BadInput: it cannot be read, or is empty. The URL is in no message.
    """
    if file:
        try:
            with Path(file).open(encoding="utf-8") as opened:
                found = opened.read(MOST_URL_BYTES + 1).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise BadInput(f"{file} cannot be read: {reason}.", field="url") from None
    elif variable:
        found = os.environ.get(variable, "").strip()
    else:
        return ""
    if not found:
        raise BadInput(f"{file or variable} holds no URL.", field="url")
    if len(found) > MOST_URL_BYTES:
        raise BadInput(f"{file or variable} holds more than a URL.", field="url")
    return found
