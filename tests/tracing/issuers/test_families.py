"""Every family's events and views: published hashes, where the account sits, and hostile logs."""

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tracing import issuers
from tracing.core.logs import BadLog, Log
from tracing.issuers import ethena
from tracing.issuers.base import (
    Action,
    BridgeDenied,
    Event,
    FreezeInterface,
    FreezeSeen,
    Layout,
    Seen,
    Seizure,
    verdict,
)

THIEF, CALLER = "0x" + "b0" * 20, "0x" + "c0" * 20
AMOUNT = 7_000_000
FAMILIES = issuers.registry()


def word(value: int | str) -> str:
    number = int(value, 16) if isinstance(value, str) else value
    return f"{number:064x}"


def log_of(event: Event, layout: Layout, account: str = THIEF) -> Log:
    """A log as a contract of this family writes it."""
    topics = [event.topic] + ["0x" + word(CALLER)] * (layout.topics - 1)
    words = [word(CALLER)] * layout.words
    if layout.roles:
        topics[1] = sorted(layout.roles)[0]
    if layout.is_list:
        words = [word(32), word(2), word(account), word(CALLER)]
    elif layout.account.startswith("topic"):
        topics[int(layout.account[5:])] = "0x" + word(account)
    else:
        words[int(layout.account[4:])] = word(account)
    for place, value in ((layout.amount, AMOUNT), (layout.flag, 1)):
        if place:
            words[int(place[4:])] = word(value)
    return Log("0x" + "70" * 20, tuple(topics), "0x" + "".join(words), "0x" + "11" * 32, 3)


CASES = [
    pytest.param(family, event, layout, id=f"{slug}-{event.signature}-{at}")
    for slug, family in FAMILIES.items()
    for event in family.events
    for at, layout in enumerate(event.layouts)
]


def expected(event: Event, layout: Layout) -> list[Seen]:
    amount = AMOUNT if layout.amount else None
    said: dict[Action, Seen] = {
        Action.FREEZE: FreezeSeen(THIEF, True),
        Action.RELEASE: FreezeSeen(THIEF, False),
        Action.FLAG: FreezeSeen(THIEF, True),
        Action.DESTROY: Seizure(THIEF, amount, True),
        Action.TAKE: Seizure(THIEF, amount, False),
        Action.DENY: BridgeDenied(THIEF, True),
        Action.ALLOW: BridgeDenied(THIEF, False),
    }
    first = said[event.action]
    if layout.is_list:
        return [first, FreezeSeen(CALLER, event.action is Action.FREEZE)]
    return [first]


@pytest.mark.parametrize(("family", "event", "layout"), CASES)
def test_an_event_says_what_its_source_says(
    family: FreezeInterface, event: Event, layout: Layout
) -> None:
    assert event.topic == "0x" + keccak(text=event.signature).hex()
    assert family.decode(log_of(event, layout)) == expected(event, layout)


@pytest.mark.parametrize(("family", "event", "layout"), CASES)
def test_a_truncated_or_made_up_log_is_refused(
    family: FreezeInterface, event: Event, layout: Layout
) -> None:
    good = log_of(event, layout)
    assert family.decode(good)
    dirty = log_of(event, layout, account="0x" + "f" * 64)
    bad = [dirty]
    if not layout.roles:  # of a role that is another's business nothing is read at all
        bad.append(Log(good.address, (*good.topics, "0x" + word(1)) * 2, good.data, good.tx, 0))
    if layout.words:
        bad += [Log(good.address, good.topics, cut, good.tx, 0) for cut in ("0x", good.data[:-2])]
    if not layout.is_open:
        bad.append(Log(good.address, good.topics, good.data + word(1), good.tx, 0))
    for log in bad:
        with pytest.raises(BadLog):
            family.decode(log)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_views_have_the_selectors_of_their_signatures(family: FreezeInterface) -> None:
    for view in family.views:
        assert view.selector == "0x" + keccak(text=view.signature)[:4].hex()
        call = view.calldata(THIEF)
        assert call[:4].hex() == view.selector[2:]
        assert call[-32:] == bytes(12) + bytes.fromhex(THIEF[2:])


def test_a_log_of_another_kind_is_nobodys() -> None:
    transfer = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
    for topics in ((), (transfer, "0x" + word(THIEF), "0x" + word(CALLER))):
        log = Log("0x" + "70" * 20, topics, "0x" + word(1), "0x" + "11" * 32, 0)
        assert [family.decode(log) for family in FAMILIES.values()] == [[]] * len(FAMILIES)


def test_the_direction_of_trueusd_is_in_the_data() -> None:
    (flagged,) = (e for e in FAMILIES["trueusd"].events if e.action is Action.FLAG)
    good = log_of(flagged, flagged.layouts[0])

    def with_flag(flag: int) -> Log:
        return Log(good.address, good.topics, "0x" + word(flag), good.tx, 0)

    assert FAMILIES["trueusd"].decode(with_flag(1)) == [FreezeSeen(THIEF, True)]
    assert FAMILIES["trueusd"].decode(with_flag(0)) == [FreezeSeen(THIEF, False)]
    with pytest.raises(BadLog):
        FAMILIES["trueusd"].decode(with_flag(2))


def test_only_roles_of_restriction_freeze() -> None:
    granted, role = (
        FAMILIES["ethena"].events[0],
        "0x" + keccak(text="FULL_RESTRICTED_STAKER_ROLE").hex(),
    )
    assert role == ethena.FULL
    assert "0x" + keccak(text="SOFT_RESTRICTED_STAKER_ROLE").hex() == ethena.SOFT
    good = log_of(granted, granted.layouts[0])
    for topic, said in ((role, 1), (ethena.SOFT, 1), ("0x" + "00" * 32, 0)):
        log = Log(good.address, (good.topics[0], topic, *good.topics[2:]), "0x", good.tx, 0)
        assert len(FAMILIES["ethena"].decode(log)) == said


def test_a_list_that_lies_about_its_length_is_refused() -> None:
    event = FAMILIES["usdtb"].events[0]
    for words in ([32, 3, 1, 2], [64, 2, 1, 2], [32, 2**255, 1, 2], [32], []):
        data = "0x" + "".join(word(n) for n in words)
        with pytest.raises(BadLog):
            FAMILIES["usdtb"].decode(Log("0x" + "70" * 20, (event.topic,), data, "", 0))
    empty = Log("0x" + "70" * 20, (event.topic,), "0x" + word(32) + word(0), "", 0)
    assert FAMILIES["usdtb"].decode(empty) == []


def test_an_answer_is_one_bool_or_says_nothing() -> None:
    (view,) = FAMILIES["circle"].views
    yes, no = (1).to_bytes(32), bytes(32)
    assert [view.read(answer) for answer in (yes, no)] == [True, False]
    for nothing in (None, b"", yes[:-1], yes + yes, (2).to_bytes(32), b"\xff" * 32):
        assert view.read(nothing) is None
    upside_down = type(view)("isAllowed(address)", "0xbabcc539", "test", is_inverted=True)
    assert [upside_down.read(answer) for answer in (yes, no, None)] == [False, True, None]
    assert [verdict(a) for a in ([None, True], [False, None], [True, False], [None], [])] == [
        *(True, False, True, None, None)
    ]


def test_an_upgraded_token_is_read_by_both_of_its_families() -> None:
    both = "tether,tether-v2"
    assert issuers.is_named(both)
    assert issuers.is_named("none")
    for wrong in ("", "tether,tether", "tether,", "tether,none", "nobody"):
        assert not issuers.is_named(wrong)
    for slug in both.split(","):
        event = FAMILIES[slug].events[0]
        assert issuers.decode(both, log_of(event, event.layouts[0])) == [FreezeSeen(THIEF, True)]
    assert {view.signature for view in issuers.views(both)} == {
        *("isBlackListed(address)", "getBlackListStatus(address)", "isBlocked(address)")
    }


def submitted(to: str, call: bytes) -> bytes:
    return encode(["address", "uint256", "bytes", "bool"], [to, 0, call, False])


def test_a_freeze_that_was_submitted_is_recognised() -> None:
    (source,) = FAMILIES["tether"].pending
    assert source.topic == "0x" + keccak(text="Submission(uint256)").hex()
    assert source.lookup == "0x" + keccak(text="transactions(uint256)")[:4].hex()
    freeze = keccak(text="addBlackList(address)")[:4]
    assert source.freezes == {"0x" + freeze.hex()}
    log = Log(source.contract, (source.topic, "0x" + word(9)), "0x", "", 0)
    assert source.question(log) == bytes.fromhex(source.lookup[2:] + word(9))
    assert source.question(Log(source.token, log.topics, "0x", "", 0)) is None

    call = freeze + encode(["address"], [THIEF])
    assert source.account(submitted(source.token, call)) == THIEF
    other = keccak(text="transfer(address)")[:4] + call[4:]
    for answer in (
        None,
        b"",
        submitted(CALLER, call),
        submitted(source.token, other),
        submitted(source.token, call[:-1]),
        submitted(source.token, call)[:-32],
    ):
        assert source.account(answer) is None
