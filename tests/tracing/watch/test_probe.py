"""Unknown tokens are asked whether they can freeze, and cannot fool whoever asks."""

from typing import TYPE_CHECKING

import pytest

from tests.handmade import BY_ADDRESS, REVERTS, logs, program, returns

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]

TOKEN, THIEF, MULE = ("0x" + pair * 20 for pair in ("7a", "b0", "b1"))
IS_BLACKLISTED, IS_FROZEN, FROZEN = "0xfe575a87", "0xe5839836", "0xd0516650"
YES, NO = (1).to_bytes(32), bytes(32)

TOKENS = {
    "circle": program({IS_BLACKLISTED: BY_ADDRESS}),
    "paxos-v1,paxos-v2": program({IS_FROZEN: BY_ADDRESS}),
    "dual-index,usd1": program({FROZEN: returns(NO)}),
    "circle,paxos-v1,paxos-v2": program({IS_BLACKLISTED: BY_ADDRESS, IS_FROZEN: returns(NO)}),
}
LIARS = {
    "says yes to everything": program({}, returns(YES)),
    "says no to everything": program({}, returns(NO)),
    "holds everybody frozen": program({IS_BLACKLISTED: returns(YES)}),
    "answers a number": program({IS_BLACKLISTED: returns((2).to_bytes(32))}),
    "answers half a word": program({IS_BLACKLISTED: returns(bytes(16))}),
    "answers a megabyte": program({IS_BLACKLISTED: returns(bytes(1 << 20))}),
    "answers 200 words": program({IS_BLACKLISTED: returns(bytes(6400))}),
    "loops": "0x5b5f56",
    "reverts": program({}),
    "reverts with a word": program({IS_BLACKLISTED: returns(NO).replace("f3", "fd")}),
    "is no contract": "0x",
}


def asked(town: "Town", code: str) -> str | None:
    from tracing.watch import probe

    town.node.call("anvil_setCode", TOKEN, code)
    town.mine()
    return probe.ask(town.source, TOKEN, town.head_hash)


def test_a_freezable_token_is_recognised_by_its_views(town: "Town") -> None:
    for slugs, code in TOKENS.items():
        assert asked(town, code) == slugs


def test_a_token_that_answers_anything_is_believed_nothing(town: "Town") -> None:
    found = {name: asked(town, code) for name, code in LIARS.items()}
    assert found == dict.fromkeys(LIARS, "none")


def test_a_token_of_the_directory_is_asked_once_and_then_watched(town: "Town") -> None:
    from tests.tracing.watch.test_freezes import freeze, stolen, told
    from tracing.models import Asset, TokenProbe

    token = stolen(town, slugs="")
    freeze(town, token)
    town.follow()
    assert Asset.objects.get(contract=token).freeze_interface == "circle"
    assert not TokenProbe.objects.exists()
    assert told(town) == ["confirmed"]
    assert town.lines("trace.freezable_token_found") == []  # its issuer is known: it is asked


def test_a_token_of_nobody_is_kept_apart_and_counts_for_nothing(town: "Town") -> None:
    from tests.tracing.watch.test_freezes import freeze, stolen, told
    from tests.tracing.watch.town import CHAIN
    from tracing.models import Asset, TokenProbe
    from tracing.services.ports import active_freezes

    token = stolen(town, slugs="")
    Asset.objects.filter(contract=token).delete()
    freeze(town, token)
    town.follow()
    assert not Asset.objects.filter(contract=token).exists()  # it would count as real there
    assert TokenProbe.objects.get().interface == "circle"
    assert told(town) == ["confirmed"]
    assert active_freezes([CHAIN]) == {}
    (line,) = town.lines("trace.freezable_token_found")
    assert line.entry.content["views"] == ["isBlacklisted(address)"]


def test_a_token_that_cannot_freeze_is_not_asked_again(town: "Town") -> None:
    from eth_utils.crypto import keccak

    from tests.tracing.watch.test_freezes import become, stolen
    from tests.tracing.watch.test_tokens import call
    from tracing.models import Asset

    token = stolen(town, slugs="")
    transfer = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
    become(town, token, program({}, logs(transfer, THIEF, MULE, data=(5).to_bytes(32))))
    town.follow()
    assert Asset.objects.get(contract=token).freeze_interface == "none"
    become(town, token, program({IS_BLACKLISTED: BY_ADDRESS}, REVERTS))
    call(town, "0x" + "c0" * 20, "StableToken", token, "mint", THIEF, 1)
    town.follow()
    assert Asset.objects.get(contract=token).freeze_interface == "none"


def test_a_token_of_the_facts_is_taken_from_them_with_its_issuer(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.test_freezes import stolen
    from tracing.core.types import AccountKind
    from tracing.issuers import tokens
    from tracing.models import Asset
    from tracing.services import directory

    token = stolen(town, slugs="")
    Asset.objects.filter(contract=token).update(issuer=None)
    fact = tokens.Token(
        *("PYUSD", "PayPal/Paxos", town.chain.caip2, token, 6),
        *(("paxos-v2", "paxos-v1"), tokens.VERIFIED, "test", ""),
    )
    monkeypatch.setattr(tokens, "known", lambda chain, contract: fact)
    paxos = directory.ensure_service("paxos", "Paxos", kind=AccountKind.SERVICE, category="issuer")
    town.follow()
    row = Asset.objects.get(contract=token)
    assert (row.freeze_interface, row.issuer) == ("paxos-v2,paxos-v1", paxos)


def test_what_is_over_a_bound_is_told(town: "Town", monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.tracing.watch.test_freezes import freeze, stolen
    from tracing.models import Asset, Lead, Trace
    from tracing.watch import probe, views

    token = stolen(town, slugs="")
    monkeypatch.setattr(probe, "MOST_PROBED", 0)
    freeze(town, token)
    town.follow()
    assert Asset.objects.get(contract=token).freeze_interface == ""
    assert [line.entry.content["bound"] for line in town.lines("trace.work_bound")] == [0]

    Asset.objects.filter(contract=token).update(freeze_interface="circle")
    monkeypatch.setattr(views, "MOST_ASKED", 0)
    another = town.another_room()
    late = town.trace(Trace.objects.get().seeds.get().tx, another)
    town.follow()
    (lead,) = Lead.objects.filter(kind="work_bound", trace=late)
    assert lead.evidence == {"what": "accounts to ask tokens about", "bound": 0}
    assert len(town.lines("trace.work_bound", another)) == 1
