"""Whose deposit address an address is, from what it forwards (docs/taint.md)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tracing.core.inference.deposits import Flow, infer

HOUR = 3600


def came(at: int, amount: int, asset: str = "X", other: str = "somebody") -> Flow:
    return Flow(at, f"in{at}", asset, amount, is_out=False, other=other)


def went(at: int, amount: int, asset: str = "X", to: str = "hot", desk: str = "big") -> Flow:
    return Flow(at, f"out{at}", asset, amount, is_out=True, other=to, desk=desk)


def confidence(*flows: Flow, opening: int = 0) -> int:
    """0: no deposit address."""
    found = infer(flows, {"X": opening})
    return found.confidence if found else 0


def test_one_forward_of_everything_is_enough_with_a_low_confidence() -> None:
    found = infer([came(0, 100), went(2 * HOUR, 100)], {})
    assert found is not None
    assert (found.desk, found.wallet, found.confidence, found.share) == ("big", "hot", 50, 100)
    assert [flow.tx for flow in found.forwards] == ["out7200"]


def test_more_forwards_and_prompt_ones_say_more() -> None:
    slow = [
        flow for n in range(4) for flow in (came(n * 9 * HOUR, 10), went((n * 9 + 2) * HOUR, 10))
    ]
    assert [confidence(*slow[: 2 * n]) for n in (1, 2, 3, 4)] == [50, 65, 80, 80]
    assert confidence(came(0, 10), went(60, 10)) == 60


def test_nearly_all_is_ninety_five_percent() -> None:
    assert confidence(came(0, 100), went(HOUR, 95))
    assert not confidence(came(0, 100), went(HOUR, 94))
    assert not confidence(came(0, 100), went(HOUR, 100), opening=10)
    assert confidence(came(0, 100), went(HOUR, 110), opening=10)


def test_what_came_after_the_last_forward_waits_for_the_next() -> None:
    assert confidence(came(0, 100), went(HOUR, 100), came(2 * HOUR, 500))


def test_an_address_that_also_pays_others_is_a_persons() -> None:
    theirs = went(3, 6, to="shop", desk="")
    assert not confidence(came(0, 100), theirs, went(4, 94))
    assert not confidence(
        came(0, 100), went(4, 100), came(5, 50, "Y"), went(6, 50, "Y", "shop", "")
    )
    assert confidence(came(0, 1000), went(3, 5, to="shop", desk=""), went(4, 995))


def test_two_exchanges_or_two_wallets_make_it_nobodys() -> None:
    assert not confidence(came(0, 100), went(1, 50), went(2, 50, to="warm"))
    assert not confidence(came(0, 100), went(1, 50), went(2, 50, to="other", desk="small"))


def test_what_waited_for_days_was_not_swept() -> None:
    assert not confidence(came(0, 100), went(49 * HOUR, 100))
    assert confidence(came(0, 100), went(47 * HOUR, 100))


def test_gas_that_the_exchange_sent_does_not_disturb() -> None:
    assert confidence(came(0, 5, "gas", "hot"), came(1, 100), went(2, 100))


def test_no_forward_and_missing_history_say_nothing() -> None:
    assert infer([], {}) is None
    assert not confidence(came(0, 100))
    assert not confidence(went(1, 100))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["in", "hot", "shop"]), st.integers(0, 1000)), max_size=30)
)
def test_never_where_more_than_a_twentieth_went_elsewhere(moves: list[tuple[str, int]]) -> None:
    flows = [
        came(at, amount) if who == "in" else went(at, amount, to=who, desk="big" * (who == "hot"))
        for at, (who, amount) in enumerate(moves)
    ]
    found = infer(flows, {})
    received = sum(flow.amount for flow in flows if not flow.is_out)
    elsewhere = sum(flow.amount for flow in flows if flow.is_out and not flow.desk)
    if found is not None:
        assert elsewhere * 20 <= received
        assert 50 <= found.confidence <= 90
        assert 95 <= found.share <= 100
