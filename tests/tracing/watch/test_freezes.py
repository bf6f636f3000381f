"""A freeze is confirmed by the token's own view and by nothing else."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from eth_utils.crypto import keccak

from tests.handmade import BY_ADDRESS, REVERTS, logs, program, returns

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import ChainFreeze

pytestmark = [pytest.mark.node, pytest.mark.django_db]

MAKER, THIEF, MULE = ("0x" + pair * 20 for pair in ("c0", "b0", "b1"))
IS_BLACKLISTED, IS_BLOCKLISTED = "0xfe575a87", "0x8e204c43"
BLACKLISTED = "0x" + keccak(text="Blacklisted(address)").hex()
YES, NO = (1).to_bytes(32), bytes(32)
KIND = "trace.frozen_on_chain"


def stolen(town: "Town", *, slugs: str = "circle") -> str:
    """A token whose issuer can freeze it; the thief got 1000 of it."""
    from tests.tracing.watch.test_tokens import call, issued
    from tracing.models import Asset

    token = issued(town)
    Asset.objects.filter(contract=token).update(freeze_interface=slugs)
    town.trace(call(town, MAKER, "StableToken", token, "mint", THIEF, 1000))
    return token


def freeze(town: "Town", token: str, account: str = THIEF, method: str = "blacklist") -> None:
    from tests.tracing.watch.test_tokens import call

    call(town, MAKER, "StableToken", token, method, account)


def become(town: "Town", token: str, code: str) -> None:
    """From now on the contract is another one."""
    town.node.call("anvil_setCode", token, code)


def only() -> "ChainFreeze":
    from tracing.models import ChainFreeze

    return ChainFreeze.objects.get()


def told(town: "Town", field: str = "confirmation", kind: str = KIND) -> list[Any]:
    return [line.entry.content[field] for line in town.lines(kind)]


def recheck(town: "Town") -> int:
    """As the watcher does once in a while."""
    from django.utils import timezone

    from tracing.models import ChainFreeze
    from tracing.watch.recheck import recheck

    past = timezone.now() - timedelta(hours=1)
    ChainFreeze.objects.filter(asked_at__isnull=False).update(asked_at=past)
    count = recheck(town.watcher.chain, town.source, town.watcher.lease)
    town.mine()
    town.follow()  # posts what was found
    return count


def test_a_freeze_is_confirmed_at_its_block(town: "Town") -> None:
    from tests.tracing.watch.town import CHAIN
    from tracing.core.types import AccountKey
    from tracing.services.ports import active_freezes

    token = stolen(town)
    freeze(town, token)
    town.follow()
    row = only()
    assert (row.confirmation, row.checked_in, row.asked_at) == ("confirmed", row.block, None)
    assert (row.interface, row.origin) == ("circle", "event")
    assert told(town) == ["confirmed"]
    assert active_freezes([CHAIN]) == {AccountKey(CHAIN, THIEF, row.asset): True}
    assert recheck(town) == 0
    freeze(town, token, method="unBlacklist")
    town.follow()
    assert told(town) == ["confirmed", "confirmed"]
    assert active_freezes([CHAIN]) == {}


def test_an_event_that_the_view_denies_freezes_nothing(town: "Town") -> None:
    from tests.tracing.watch.town import CHAIN
    from tracing.services.ports import active_freezes

    token = stolen(town)
    become(town, token, program({IS_BLACKLISTED: returns(NO)}, logs(BLACKLISTED, THIEF)))
    freeze(town, token)
    town.follow()
    assert only().confirmation == "denied"
    assert told(town) == ["denied"]
    assert active_freezes([CHAIN]) == {}


def test_a_release_that_the_view_denies_lifts_nothing(town: "Town") -> None:
    token = stolen(town)
    freeze(town, token)
    released = "0x" + keccak(text="UnBlacklisted(address)").hex()
    become(town, token, program({IS_BLACKLISTED: returns(YES)}, logs(released, THIEF)))
    freeze(town, token, method="unBlacklist")
    town.follow()
    assert only().lifted_in is None
    assert told(town) == ["confirmed", "denied"]


def test_a_view_that_cannot_be_read_is_asked_again(town: "Town") -> None:
    from tests.tracing.watch.town import CHAIN
    from tracing.services.ports import active_freezes

    token = stolen(town)
    become(town, token, program({IS_BLACKLISTED: REVERTS}, logs(BLACKLISTED, THIEF)))
    freeze(town, token)
    town.follow()
    row = only()
    assert (row.confirmation, row.checked_in) == ("seen", None)
    assert row.asked_at is not None
    assert told(town) == ["seen"]
    assert list(active_freezes([CHAIN]).values()) == [False]
    assert recheck(town) == 0
    assert only().confirmation == "seen"

    become(town, token, program({IS_BLACKLISTED: returns(YES)}))
    town.mine()
    town.follow()
    assert recheck(town) == 1
    row = only()
    assert row.checked_in is not None
    assert row.confirmation == "confirmed"
    assert row.checked_in.number > row.block.number
    assert told(town, "is_frozen", "trace.freeze_checked") == [True]

    town.drop(town.height - row.block.number)  # the block of the answer is gone, the freeze not
    town.mine(5)
    town.follow()
    assert (only().confirmation, only().checked_in) == ("seen", None)
    assert town.lines("trace.freeze_checked") == []


def test_a_silent_endpoint_confirms_nothing_and_holds_up_nothing(town: "Town") -> None:
    from tracing.chains.errors import RetryableChainError
    from tracing.watch import views
    from tracing.watch.tokens import FreezableToken

    class Away:
        def calls(self, *_: Any, **__: Any) -> list[bytes | None]:
            raise RetryableChainError("gone")

    account = (FreezableToken("eip155:31337/erc20:" + MULE, "X", "circle"), THIEF)
    source = town.source
    town.source.adapter, kept = Away(), source.adapter  # type: ignore[assignment]
    assert views.ask(source, [account], town.head_hash) == {}
    town.source.adapter = kept
    assert views.ask(source, [account], town.head_hash) == {account: None}


def test_a_freeze_without_an_event_is_found_when_value_comes_to_rest(town: "Town") -> None:
    from tests.tracing.watch.test_tokens import call

    token = stolen(town, slugs="arc-native")
    transfer = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
    paid = logs(transfer, THIEF, MULE, data=(400).to_bytes(32))
    become(town, token, program({IS_BLOCKLISTED: BY_ADDRESS}, paid))
    slot = "0x" + MULE[2:].rjust(64, "0")
    call(town, MAKER, "StableToken", token, "mint", MULE, 1)
    town.follow()
    assert told(town) == []  # at rest with somebody who is free

    town.node.call("anvil_setStorageAt", token, slot, "0x" + YES.hex())
    call(town, MAKER, "StableToken", token, "mint", MULE, 1)
    town.follow()
    row = only()
    assert (row.address, row.origin, row.confirmation) == (MULE, "view", "confirmed")
    assert told(town) == ["confirmed"]

    town.node.call("anvil_setStorageAt", token, slot, "0x" + NO.hex())
    town.mine()
    town.follow()
    assert recheck(town) == 1
    assert only().lifted_in is not None
    assert told(town, "is_frozen", "trace.freeze_checked") == [False]


def test_a_freeze_of_before_is_found_when_the_account_is_exposed(town: "Town") -> None:
    from tests.tracing.watch.test_tokens import call, issued
    from tracing.models import ChainFreeze

    token = issued(town)
    tx = call(town, MAKER, "StableToken", token, "mint", THIEF, 1000)
    freeze(town, token)
    town.mine(3)
    town.follow()
    ChainFreeze.objects.all().delete()  # as if it had been before the watch began
    trace = town.trace(tx)
    town.follow()
    assert trace.seeds.get().amount == 1000
    assert [row.origin for row in ChainFreeze.objects.order_by("pk")] == ["view", "event"]


def test_the_address_page_says_whether_a_freeze_is_confirmed(town: "Town") -> None:
    from django.test import Client
    from django.urls import reverse

    from tests.tracing.watch.town import CHAIN
    from tracing.models import ChainFreeze

    token = stolen(town)
    freeze(town, token)
    town.follow()
    client, lead = Client(), town.cast.lead.person
    assert lead is not None
    client.force_login(lead)
    page = reverse("address", args=[town.incident.slug, CHAIN, THIEF])
    shown = {}
    for state in ("confirmed", "seen", "denied"):
        ChainFreeze.objects.update(confirmation=state)
        text = client.get(page).content.decode()
        shown[state] = [
            "frozen, confirmed by the token&#x27;s view" in text
            or "frozen, confirmed by the token's view" in text,
            "not confirmed by the token" in text,
        ]
    assert shown == {"confirmed": [True, False], "seen": [False, True], "denied": [False, False]}


def test_a_log_that_only_looks_like_a_freeze_stops_nothing(town: "Town") -> None:
    from tracing.models import ChainFreeze

    token = stolen(town)
    for topics, data in (((BLACKLISTED, "0x" + "ff" * 32), b""), ((BLACKLISTED,), b"\0" * 31)):
        become(town, token, program({IS_BLACKLISTED: returns(NO)}, logs(*topics, data=data)))
        freeze(town, token)
    town.follow()
    assert town.watcher.chain.cursor_number == town.height
    assert not ChainFreeze.objects.exists()
    become(town, token, program({IS_BLACKLISTED: returns(YES)}, logs(BLACKLISTED, THIEF)))
    freeze(town, token)
    town.follow()
    assert told(town) == ["confirmed"]
