"""Tip-offs of a freeze to come, and addresses that a bridge refuses."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tests.handmade import logs, program, returns
from tracing.issuers.cctp_denylist import CctpDenylist
from tracing.issuers.tether import TetherToken

if TYPE_CHECKING:
    from incidents.models import TimelineEntry
    from tests.tracing.watch.town import Town
    from tracing.models import Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]

MULTISIG, MAKER, THIEF, FRIEND = ("0x" + pair * 20 for pair in ("5a", "c0", "b0", "f0"))
(USDT_OWNER,) = TetherToken.pending
(LOOKUP, SUBMISSION) = (USDT_OWNER.lookup, USDT_OWNER.topic)
ADD = keccak(text="addBlackList(address)")[:4]
REMOVE = keccak(text="removeBlackList(address)")[:4]


def stolen(town: "Town", marking: str = "TLP:AMBER") -> tuple[str, "Trace"]:
    from tests.tracing.watch.test_freezes import stolen
    from tracing.models import Trace

    token = stolen(town, slugs="tether")
    trace = Trace.objects.get()
    trace.marking = marking
    trace.save(update_fields=["marking"])
    return token, trace


def submit(
    town: "Town", monkeypatch: pytest.MonkeyPatch, token: str, call: bytes, to: str = ""
) -> None:
    """The owner of the token is asked to make a call; nothing is made yet."""
    source = replace(USDT_OWNER, chain=town.chain.caip2, contract=MULTISIG, token=token)
    monkeypatch.setattr(TetherToken, "pending", (source,))
    answer = encode(["address", "uint256", "bytes", "bool"], [to or token, 0, call, False])
    code = program({LOOKUP: returns(answer)}, logs(SUBMISSION, "0x07"))
    town.node.call("anvil_setCode", MULTISIG, code)
    town.send(MAKER, MULTISIG, 0)
    town.mine()
    town.follow()


def readers(town: "Town", line: "TimelineEntry") -> set[str]:
    from incidents import access

    actors = {role: town.cast.again(actor) for role, actor in town.cast.actors.items()}
    return {role for role, actor in actors.items() if access.may_see(actor, line)}


def test_a_freeze_that_was_submitted_is_told_to_named_people_only(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = stolen(town, marking="TLP:CLEAR")
    submit(town, monkeypatch, token, ADD + encode(["address"], [THIEF]))
    (line,) = town.lines("trace.freeze_pending")
    assert (line.entry.content["address"], line.marking) == (THIEF, "TLP:RED")
    assert readers(town, line) == {"lead", "colleague"}  # nobody has a role: the trace's own people
    assert {row.marking for row in town.lines("trace.funds_stolen")} == {"TLP:CLEAR"}
    assert town.lines("trace.frozen_on_chain") == []
    town.drop(1)
    town.mine(2)
    town.follow()
    assert town.lines("trace.freeze_pending") == []


def test_those_who_lead_and_operate_hear_of_it_if_they_see_the_trace(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from incidents.choices import RoomRole
    from incidents.models import Role
    from tests.cast import organization, person

    cast = town.cast
    for role, actor in (
        (RoomRole.COMMANDER, cast.rival),
        (RoomRole.OPERATIONS, cast.coordinator),
        (RoomRole.OPERATIONS, cast.analyst),
    ):
        Role.objects.create(
            incident=cast.incident,
            organization=organization(actor),
            role=role,
            person=person(actor),
            given_by=person(actor),
        )
    token, trace = stolen(town)
    submit(town, monkeypatch, token, ADD + encode(["address"], [THIEF]))
    (line,) = town.lines("trace.freeze_pending")
    assert readers(town, line) == {"rival", "coordinator"}
    trace.audience_organizations = [organization(cast.coordinator).pk]
    trace.save(update_fields=["audience_organizations"])
    submit(town, monkeypatch, token, ADD + encode(["address"], [THIEF]))
    _, second = town.lines("trace.freeze_pending")
    assert readers(town, second) == {"coordinator"}


@pytest.mark.parametrize(
    ("call", "to"),
    [
        (REMOVE + encode(["address"], [THIEF]), ""),
        (ADD + encode(["address"], [FRIEND]), ""),
        (ADD + encode(["address"], [THIEF]), FRIEND),
        (ADD, ""),
        (b"", ""),
    ],
    ids=["a release", "of somebody else", "of another token", "truncated", "empty"],
)
def test_another_submission_is_nobodys_business(
    town: "Town", monkeypatch: pytest.MonkeyPatch, call: bytes, to: str
) -> None:
    token, _ = stolen(town)
    submit(town, monkeypatch, token, call, to)
    assert town.lines("trace.freeze_pending") == []
    assert town.watcher.chain.cursor_number == town.height


def test_an_address_that_a_bridge_refuses_is_told_and_not_frozen(town: "Town") -> None:
    from tracing.models import ChainFreeze

    stolen(town)
    (messenger,) = CctpDenylist.emitters
    denied, allowed = (event.topic for event in CctpDenylist.events)
    steps = ((denied, THIEF), (allowed, THIEF), (denied, FRIEND), (denied, "0x" + "ff" * 32))
    for topic, who in steps:
        town.node.call("anvil_setCode", messenger, program({}, logs(topic, who)))
        town.send(MAKER, messenger, 0)
        town.mine()
        town.follow()
    lines = town.lines("trace.bridge_denied")
    assert [line.entry.content["is_denied"] for line in lines] == [True, False]
    assert not ChainFreeze.objects.exists()
    assert town.watcher.chain.cursor_number == town.height
