"""Reading ahead: everything in order, nothing lost, whatever the endpoint does meanwhile."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tracing.chains.errors import ChainError, RetryableChainError
from tracing.core.types import BlockMovements, Transaction
from tracing.watch import ahead
from tracing.watch.ahead import Ahead
from tracing.watch.source import ChainBlock


class Chain:
    """Blocks by number. ``wrong``: what is said instead of some; ``asked``: every run of numbers.

    It stands for a Source: what is tested is the order of things, and no endpoint has one.
    """

    def __init__(self) -> None:
        self.branch = "a"
        self.fork = 0  # from here on blocks are of the branch
        self.wrong: dict[int, ChainError] = {}
        self.asked: list[list[int]] = []
        self.threads: set[str] = set()
        self.transactions = 1

    def block(self, number: int) -> ChainBlock:
        txs = tuple(
            Transaction(f"{number}.{at}", at, None, None, ()) for at in range(self.transactions)
        )
        movements = BlockMovements(
            "eip155:1", number, self.name(number), self.name(number - 1), 0, txs
        )
        return ChainBlock(movements, ())

    def name(self, number: int) -> str:
        return f"{number}{self.branch if number >= self.fork else 'a'}"

    def read(self, number: int) -> ChainBlock:
        (found,) = self.read_some([number])
        if isinstance(found, ChainError):
            raise found
        return found

    def read_some(self, numbers: Sequence[int]) -> list[ChainBlock | ChainError]:
        self.asked.append(list(numbers))
        self.threads.add(threading.current_thread().name)
        return [self.wrong.get(number) or self.block(number) for number in numbers]


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def reader(chain: Chain) -> Iterator[Ahead]:
    with Ahead(chain) as reader:  # type: ignore[arg-type]  # stands for a Source
        yield reader


def numbers(blocks: Sequence[ChainBlock]) -> list[int]:
    return [block.movements.number for block in blocks]


def take(reader: Ahead, first: int, last: int) -> list[int]:
    """As who applies everything that it is handed, up to the end."""
    got: list[int] = []
    while first + len(got) <= last:
        got += numbers(reader.read(first + len(got), last))
    return got


def until(reader: Ahead, number: int) -> list[int]:
    """The same, with more to come; it stops when this block was handed over."""
    got: list[int] = []
    while len(got) < number:
        got += numbers(reader.read(1 + len(got), 100))
    return got


def test_all_blocks_come_once_and_in_order(chain: Chain, reader: Ahead) -> None:
    assert take(reader, 7, 700) == list(range(7, 701))
    assert sorted(n for run in chain.asked for n in run) == list(range(7, 701))
    assert max(map(len, chain.asked)) == ahead.LONGEST


def test_one_block_is_read_in_the_callers_thread(chain: Chain, reader: Ahead) -> None:
    assert numbers(reader.read(7, 7)) == [7]
    assert chain.threads == {threading.current_thread().name}
    assert take(reader, 8, 30) == list(range(8, 31))
    assert len(chain.threads - {threading.current_thread().name}) > 0


def test_what_was_read_is_kept_until_a_later_block_is_asked_for(
    chain: Chain, reader: Ahead
) -> None:
    assert numbers(reader.read(1, 100))[0] == 1
    assert numbers(reader.read(1, 100))[:2] == [1, 2]
    assert numbers(reader.read(3, 100))[0] == 3
    assert [run for run in chain.asked if 3 in run] == [[1, 2, 3, 4]]


def test_an_earlier_block_is_read_anew(chain: Chain, reader: Ahead) -> None:
    reader.read(10, 100)
    reader.read(14, 100)
    chain.branch = "b"
    assert reader.read(12, 100)[0].movements.hash == "12b"


def test_a_run_never_goes_beyond_the_last(chain: Chain, reader: Ahead) -> None:
    assert take(reader, 1, 9) == list(range(1, 10))
    assert max(n for run in chain.asked for n in run) == 9


def test_what_precedes_an_error_is_handed_over_and_then_it_is_raised(
    chain: Chain, reader: Ahead
) -> None:
    chain.wrong[6] = RetryableChainError("not there")
    assert until(reader, 5) == [1, 2, 3, 4, 5]
    with pytest.raises(RetryableChainError, match="not there"):
        reader.read(6, 100)
    del chain.wrong[6]
    assert take(reader, 6, 100) == list(range(6, 101))


def test_a_block_that_does_not_follow_is_not_handed_over(chain: Chain, reader: Ahead) -> None:
    straight: Any = chain.block

    def crooked(number: int) -> ChainBlock:
        block = straight(number)
        if number != 6:
            return block
        return replace(block, movements=replace(block.movements, parent_hash="another"))

    chain.block = crooked  # type: ignore[method-assign]
    assert until(reader, 5) == [1, 2, 3, 4, 5]
    # Whether it follows what was applied is for the caller to see; it is read anew for that.
    assert reader.read(6, 100)[0].movements.parent_hash == "another"
    chain.block = straight  # type: ignore[method-assign]
    reader.forget()
    assert take(reader, 6, 50) == list(range(6, 51))


def test_busy_blocks_are_read_in_short_runs(chain: Chain, reader: Ahead) -> None:
    chain.transactions = 150
    assert take(reader, 1, 60) == list(range(1, 61))
    assert {len(run) for run in chain.asked[3 * ahead.RUNS :]} <= {1, 2}


def test_waiting_for_the_node_is_counted(chain: Chain, reader: Ahead) -> None:
    gate = threading.Event()
    patient: Any = chain.read_some

    def slow(wanted: Sequence[int]) -> list[ChainBlock | ChainError]:
        gate.wait(0.05)
        return list(patient(wanted))

    chain.read_some = slow  # type: ignore[method-assign]
    take(reader, 1, 20)
    assert reader.waited >= 0.05
