"""What a landing's recipient got, where its log names no asset."""

from tracing.bridges import Landing
from tracing.core.types import Movement, MovementKind, Transaction
from tracing.watch.bridges import credited

CHAIN, MULE, BRIDGE = "eip155:1", "0x" + "a1" * 20, "0x" + "b1" * 20
DOLLARS, MADE_UP = f"{CHAIN}/erc20:0x01", f"{CHAIN}/erc20:0x02"
LANDED = Landing(
    bridge="layerzero", chain=CHAIN, tx="0x1", index=1, contract=BRIDGE, from_chain="",
    to_address=MULE, asset="", amount=50, match_key="k",
)  # fmt: skip


def paid(*assets: str) -> Transaction:
    moves = (
        Movement(at, MovementKind.TOKEN, asset, BRIDGE, MULE, 50) for at, asset in enumerate(assets)
    )
    return Transaction("0x1", 0, BRIDGE, BRIDGE, tuple(moves))


def test_a_made_up_token_of_the_same_amount_hides_nothing() -> None:
    assert credited(LANDED, paid(DOLLARS), ()).asset == DOLLARS
    assert credited(LANDED, paid(MADE_UP, DOLLARS), {DOLLARS}).asset == DOLLARS
    untold = credited(LANDED, paid(MADE_UP, DOLLARS), ())
    assert (untold.asset, untold.amount) == ("", None)
