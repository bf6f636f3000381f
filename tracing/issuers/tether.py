"""Tether's first token contract (USDT on Ethereum, Tron, Avalanche and older bridged ones).

The account is in the data on Ethereum and indexed in the TRC-20 family, under the same hashes.
Destroying logs no transfer: only this event tells that the balance is gone.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout, PendingSource, View

_SOURCE_1 = (
    "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts; non-indexed on "
    "Ethereum per Python USDT ABI repo; indexed in the TRC-20 sibling source shown at "
    "medium.com/chainargos (BTC-on-Tron)"
)
_SOURCE_2 = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"
_SOURCE_3 = "public mapping getter in TetherToken; used by blwatcher/AMLBot style trackers"
_SOURCE_4 = (
    "medium.com/chainargos (BTC-on-Tron) shows getBlackListStatus(address) in the "
    "Tether BlackList contract"
)
_SOURCE_5 = "AyumuKasuga/blwatcher@a15b2d5 blwatcher.go + internal/eth_watcher.go"


class TetherToken(FreezeInterface):
    slug = "tether"
    name = "Tether's first token contract"
    events = (
        Event(
            "AddedBlackList(address)",
            "0x42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc",
            Action.FREEZE,
            (
                Layout(1, "word0", words=1),
                Layout(2, "topic1"),
            ),
            _SOURCE_1,
        ),
        Event(
            "RemovedBlackList(address)",
            "0xd7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c",
            Action.RELEASE,
            (
                Layout(1, "word0", words=1),
                Layout(2, "topic1"),
            ),
            _SOURCE_2,
        ),
        Event(
            "DestroyedBlackFunds(address,uint256)",
            "0x61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6",
            Action.DESTROY,
            (
                Layout(1, "word0", words=2, amount="word1"),
                Layout(2, "topic1", words=1, amount="word0"),
            ),
            _SOURCE_2,
        ),
    )
    views = (
        View("isBlackListed(address)", "0xe47d6060", _SOURCE_3),
        View("getBlackListStatus(address)", "0x59bf1abe", _SOURCE_4),
    )
    # The owner of the token on Ethereum. Between submission and freeze lay 44 minutes in the
    # source's example: who hears of it in between can move. Told in the room and nowhere else.
    pending = (
        PendingSource(
            chain="eip155:1",
            contract="0xc6cde7c39eb2f0f0095f41570af89efc2c1ea828",
            token="0xdac17f958d2ee523a2206206994597c13d831ec7",  # noqa: S106 - USDT
            topic="0xc0ba8fe4b176c1714197d43b9cc6bcf797a4a7461c5fe8d0ef6e184ae7601e51",
            lookup="0x9ace38c2",  # transactions(uint256)
            freezes=frozenset({"0x0ecb93c0"}),  # addBlackList(address)
            source=_SOURCE_5,
        ),
    )
