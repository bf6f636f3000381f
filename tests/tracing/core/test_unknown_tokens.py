"""What stolen value may have become: a token that is not known is said, and carries nothing."""

from tests.tracing.core.ledger import ETH, Line, Theft, X, Y, block, tx
from tracing.core.inference.unknown_tokens import Swap, swaps

KNOWN = frozenset({X, ETH})
SWAP: tuple[Line, ...] = (("thief", "pool", X, 100), ("pool", "thief", Y, 7))


def seen(*lines: Line, known: frozenset[str] = KNOWN) -> list[Swap]:
    theft = Theft(known=set(known))
    theft.steal(100)
    one = block(9, tx("t", *lines))
    return list(swaps(one, theft.apply_block(one).hops, known))


def test_swap_into_an_unknown_token_is_seen() -> None:
    assert seen(*SWAP) == [Swap("t", "thief", "pool", X, Y, 7)]


def test_swap_into_a_known_token_is_a_conversion() -> None:
    assert seen(*SWAP, known=frozenset({X, Y})) == []


def test_token_that_passed_through_the_giver_was_not_gained() -> None:
    assert seen(*SWAP, ("thief", "else", Y, 7)) == []


def test_tokens_of_strangers_say_nothing() -> None:
    assert seen(("maker", "thief", Y, 7)) == []
    assert seen(("thief", "pool", X, 100), ("maker", "bystander", Y, 7)) == []
    assert seen(("thief", "pool", X, 100), ("maker", "thief", Y, 7)) != []


def test_clean_value_that_was_swapped_says_nothing() -> None:
    theft = Theft(known={X})
    theft.steal(100)
    one = block(9, tx("t", ("stranger", "pool", X, 100), ("pool", "stranger", Y, 7)))
    assert list(swaps(one, theft.apply_block(one).hops, {X})) == []
