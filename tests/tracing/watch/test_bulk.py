"""Bulk rows are those that Django would have written, hostile text and large amounts included."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from tracing.models import Block, Chain, Transfer
from tracing.watch import bulk

COLUMNS = ("block_id", "tx", "position", "kind", "asset", "from_address", "to_address", "amount")
NASTY = "a\tb\\N\n'\"%s; DROP TABLE x; -- é"


@pytest.fixture
def block(db: None) -> Block:
    chain = Chain.objects.create(caip2="eip155:1", name="Test", native_asset="eip155:1/slip44:60")
    return Block.objects.create(
        chain=chain,
        number=1,
        hash="0x1",
        parent_hash="0x0",
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )


def row(block: Block, position: int, amount: int | str, tx: str = "0xt") -> bulk.Row:
    return (block.pk, tx, position, "native", NASTY, "", "0xb", amount)


def rows() -> list[tuple[int, str, str, int]]:
    kept = Transfer.objects.order_by("position")
    return [(one.position, one.tx, one.asset, one.amount) for one in kept]


def test_rows_are_written_as_they_are(block: Block) -> None:
    bulk.insert(Transfer, COLUMNS, [row(block, 1, 2**256 - 1), row(block, 2, 0)])
    assert rows() == [(1, "0xt", NASTY, 2**256 - 1), (2, "0xt", NASTY, 0)]


def test_rows_that_are_there_stay_or_change(block: Block) -> None:
    unique = ("block_id", "position")
    bulk.insert_missing(Transfer, COLUMNS, [row(block, 1, "5")], unique=unique)
    bulk.insert_missing(
        Transfer, COLUMNS, [row(block, 1, "6", "0xu"), row(block, 2, "7")], unique=unique
    )
    assert rows() == [(1, "0xt", NASTY, 5), (2, "0xt", NASTY, 7)]
    most = str(2**256 - 1)
    bulk.update(Transfer, (*unique, "amount"), [(block.pk, 1, most)], unique=unique)
    assert rows() == [(1, "0xt", NASTY, 2**256 - 1), (2, "0xt", NASTY, 7)]


def test_row_that_is_gone_breaks_off(block: Block) -> None:
    unique = ("block_id", "position")
    with pytest.raises(LookupError, match="1 rows of"):
        bulk.update(Transfer, (*unique, "amount"), [(block.pk, 1, "5")], unique=unique)
    assert rows() == []


def test_nothing_is_no_statement(block: Block) -> None:
    bulk.insert(Transfer, COLUMNS, [])
    bulk.insert_missing(Transfer, COLUMNS, [], unique=("block_id", "position"))
    assert rows() == []


def test_refusals_are_those_of_django(block: Block) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Transfer, COLUMNS, [row(block, 1, 1), row(block, 1, 2)])
    assert rows() == []
