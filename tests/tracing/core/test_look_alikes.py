"""Address poisoning: what is put beside a followed address to be mistaken for another one."""

import pytest

from tests.tracing.core.ledger import ETH, Line, X, Y, block, tx
from tracing.core.inference.look_alikes import Ends, LookAlike, baits, ends, find
from tracing.core.state import TraceState
from tracing.core.types import Account, AccountKey

THIEF = "0x" + "b0" * 20
MULE = "0xabcd" + "11" * 16 + "7890"
LIKE = "0xabcd" + "22" * 16 + "7890"
UNLIKE = "0xabcd" + "22" * 16 + "7891"
STRANGER = "0x" + "c0" * 20


def found(line: Line, sender: str = STRANGER) -> list[LookAlike]:
    """Where X is known and followed from 10 on, and thief and mule are of the trace."""
    followed: dict[str, set[str]] = {THIEF: {X}, MULE: {X}}
    transactions = block(1, tx("t", line, sender=sender))
    return find(baits(transactions, followed, {X, ETH}, {X: 10}, 10), Ends(followed), followed)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ((THIEF, LIKE, X, 0), "zero_value"),
        ((LIKE, THIEF, X, 9), "dust"),
        ((THIEF, LIKE, Y, 10**30), "unknown_token"),
    ],
)
def test_bait_with_the_same_ends_is_a_look_alike(line: Line, why: str) -> None:
    (alike,) = found(line)
    assert (alike.bait.address, alike.like, alike.bait.why) == (LIKE, MULE, why)
    assert (alike.confidence, alike.bait.beside) == (90, THIEF)


@pytest.mark.parametrize(
    "line", [(THIEF, UNLIKE, X, 9), (UNLIKE, THIEF, X, 0), (THIEF, LIKE, X, 10)]
)
def test_other_ends_or_real_value_make_none(line: Line) -> None:
    assert found(line) == []


def test_a_transfer_of_nothing_in_anothers_name_is_told_of_whomever_it_resembles() -> None:
    (alike,) = found((THIEF, UNLIKE, X, 0))
    assert (alike.bait.address, alike.like, alike.confidence) == (UNLIKE, "", 60)
    assert found((THIEF, UNLIKE, X, 0), sender=THIEF) == []


def test_whoever_is_followed_or_labelled_resembles_nobody() -> None:
    followed = {THIEF: {X}, MULE: {X}}
    bait = list(baits(block(1, tx("t", (THIEF, LIKE, X, 0))), followed, {X}, {}, 10))
    assert find(bait, Ends(followed), {LIKE}) == []
    assert len(find(bait, Ends(followed), ())) == 1


def test_more_same_characters_say_more() -> None:
    closer = "0xabcd11" + "22" * 15 + "7890"
    assert found((THIEF, closer, X, 0))[0].confidence == 92


def test_ends_are_four_and_four_hex_digits() -> None:
    assert ends(MULE) == ends(LIKE) == "abcd7890"
    assert ends("fee") is None


def test_addresses_are_found_by_their_ends_for_as_long_as_an_account_is_there() -> None:
    state = TraceState()
    keys = [AccountKey("eip155:1", MULE, asset) for asset in (X, Y)]
    state.put(keys[0], Account())
    assert state.ends("eip155:1").like(LIKE) == [MULE]
    assert state.ends("eip155:1").like(UNLIKE) == []
    assert state.ends("eip155:1").like(MULE) == []
    state.put(keys[1], Account())
    state.put(keys[1], Account())  # again: it is there once
    state.drop(keys[1])
    state.drop(keys[1])
    assert state.ends("eip155:1").like(LIKE) == [MULE]
    state.drop(keys[0])
    assert state.ends("eip155:1").like(LIKE) == []
