"""What an issuer seizes is frozen and seized, and not lost: however the token shows it."""

from typing import TYPE_CHECKING

import pytest
from eth_utils.crypto import keccak

from tests.handmade import BY_ADDRESS, logs, program, stores

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]

MAKER, THIEF, MULE = ("0x" + pair * 20 for pair in ("c0", "b0", "b1"))
ZERO = "0x" + "00" * 20


def topic(signature: str) -> str:
    return "0x" + keccak(text=signature).hex()


def word(value: int) -> bytes:
    return value.to_bytes(32)


TRANSFER = topic("Transfer(address,address,uint256)")
DESTROYED = topic("DestroyedBlackFunds(address,uint256)")
WIPED = topic("FrozenAddressWiped(address)")
TAKEN = topic("LockedAmountRedistributed(address,address,uint256)")
BALANCE_OF = "0x70a08231"


def buckets(town: "Town") -> dict[str, int]:
    """The money strip of the one stolen asset, without what is empty."""
    from incidents.access import SYSTEM
    from incidents.ports import money

    (strip,) = money().strips(town.incident, SYSTEM)
    names = ("at_large", "held", "frozen", "recovered", "lost")
    found = {name: getattr(strip, name) for name in names}
    assert sum(found.values()) == strip.stolen
    return {name: amount for name, amount in found.items() if amount}


def seize(town: "Town", slugs: str, *written: str) -> str:
    """The thief holds 1000 of a token that then logs what is written, in one transaction."""
    from tests.tracing.watch.test_freezes import become, stolen
    from tests.tracing.watch.test_tokens import call

    token = stolen(town, slugs=slugs)
    town.follow()
    become(town, token, program({}, "".join(written)))
    call(town, MAKER, "StableToken", token, "mint", THIEF, 1)
    town.follow()
    return token


def seized(town: "Town") -> list[tuple[str, str]]:
    lines = town.lines("trace.funds_seized")
    return [(line.entry.content["from_address"], line.entry.content["amount"]) for line in lines]


def test_what_was_destroyed_without_a_transfer_is_seized(town: "Town") -> None:
    seize(town, "tether", logs(DESTROYED, THIEF, data=word(700)))
    assert buckets(town) == {"at_large": 300, "frozen": 700}
    assert seized(town) == [(THIEF, "700")]
    town.check()
    town.drop(1)
    town.mine(2)
    town.follow()
    assert buckets(town) == {"at_large": 1000}
    assert seized(town) == []
    town.check()


def test_a_truncated_seizure_takes_nothing_and_stops_nothing(town: "Town") -> None:
    seize(town, "tether", logs(DESTROYED, THIEF, data=b"\0" * 31))
    assert buckets(town) == {"at_large": 1000}
    assert seized(town) == []
    town.check()


def test_a_wipe_is_seized_and_a_plain_burn_is_lost(town: "Town") -> None:
    burnt = logs(TRANSFER, THIEF, ZERO, data=word(1000))
    seize(town, "paxos-v1", burnt, logs(WIPED, THIEF))
    assert buckets(town) == {"frozen": 1000}
    assert seized(town) == [(THIEF, "1000")]
    town.check()


def test_a_burn_of_the_thief_is_no_seizure(town: "Town") -> None:
    seize(town, "paxos-v1", logs(TRANSFER, THIEF, ZERO, data=word(1000)))
    assert buckets(town) == {"lost": 1000}
    assert seized(town) == []


def test_what_was_reallocated_is_not_followed_to_its_recipient(town: "Town") -> None:
    moved = logs(TRANSFER, THIEF, MULE, data=word(400))
    seize(town, "ethena", moved, logs(TAKEN, THIEF, MULE, data=word(400)))
    assert buckets(town) == {"at_large": 600, "frozen": 400}
    assert seized(town) == [(THIEF, "400")]
    assert town.lines("trace.funds_moved") == []
    town.check()


def test_a_transfer_without_a_seizure_is_followed(town: "Town") -> None:
    seize(town, "ethena", logs(TRANSFER, THIEF, MULE, data=word(400)))
    assert buckets(town) == {"at_large": 1000}
    assert [line.entry.content["to_address"] for line in town.lines("trace.funds_moved")] == [MULE]


def test_a_wipe_that_tells_nothing_is_read_from_the_balance(town: "Town") -> None:
    from tests.tracing.watch.test_freezes import become, stolen
    from tests.tracing.watch.test_tokens import call

    token = stolen(town, slugs="paxos-v2")
    wipe = logs(WIPED, THIEF) + stores(THIEF, 100)
    become(town, token, program({BALANCE_OF: BY_ADDRESS}, wipe))
    slot = "0x" + THIEF[2:].rjust(64, "0")
    town.node.call("anvil_setStorageAt", token, slot, "0x" + word(1000).hex())
    town.mine()
    town.follow()
    call(town, MAKER, "StableToken", token, "mint", THIEF, 1)
    town.follow()
    assert buckets(town) == {"at_large": 100, "frozen": 900}
    assert seized(town) == [(THIEF, "900")]


def test_a_token_that_nobody_vouches_for_seizes_nothing(town: "Town") -> None:
    """A thief's own token could move value out of sight by calling it seized."""
    from tests.tracing.watch.test_freezes import become, stolen
    from tests.tracing.watch.test_tokens import call
    from tracing.models import Asset, TokenProbe

    token = stolen(town, slugs="tether")
    town.follow()
    Asset.objects.filter(contract=token).delete()
    TokenProbe.objects.create(
        chain=town.chain, contract=token, interface="tether", block_number=town.height
    )
    become(town, token, program({}, logs(DESTROYED, THIEF, data=word(700))))
    call(town, MAKER, "StableToken", token, "mint", THIEF, 1)
    town.follow()
    assert buckets(town) == {"at_large": 1000}
    assert seized(town) == []
