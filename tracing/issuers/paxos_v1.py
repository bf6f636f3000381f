"""Paxos's first token contract (BUSD; PAXG, USDP and PYUSD before their upgrade).

A wipe tells no amount: it is all that the address held.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout, View

_SOURCE_1 = (
    "paxosglobal/paxos-token-contracts@674ac10 contracts/archive/PaxosTokenV1.sol; "
    "paxosglobal/busd-contract@de66330 contracts/BUSDImplementation.sol"
)
_SOURCE_2 = "paxosglobal/paxos-token-contracts@674ac10 contracts/archive/PaxosTokenV1.sol"


class PaxosV1(FreezeInterface):
    slug = "paxos-v1"
    name = "Paxos's first token contract"
    events = (
        Event(
            "AddressFrozen(address)",
            "0x90811a8edd3b3c17eeaefffc17f639cc69145d41a359c9843994dc2538203690",
            Action.FREEZE,
            (Layout(2, "topic1"),),
            _SOURCE_1,
        ),
        Event(
            "AddressUnfrozen(address)",
            "0xc3776b472ebf54114339eec9e4dc924e7ce307a97f5c1ee72b6d474e6e5e8b7c",
            Action.RELEASE,
            (Layout(2, "topic1"),),
            _SOURCE_2,
        ),
        Event(
            "FrozenAddressWiped(address)",
            "0xfc5960f1c5a5d2b60f031bf534af053b1bf7d9881989afaeb8b1d164db23aede",
            Action.DESTROY,
            (Layout(2, "topic1"),),
            _SOURCE_2,
        ),
    )
    views = (View("isFrozen(address)", "0xe5839836", _SOURCE_2),)
