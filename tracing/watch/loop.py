"""The watch loop of one chain: a minute under its lease, then the task re-enqueues itself."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from tracing.chains.errors import ChainError
from tracing.models import Chain, Trace
from tracing.services import endpoints
from tracing.watch import branch, far_side, forks, poster, switch
from tracing.watch.ahead import Ahead
from tracing.watch.backfill import Past
from tracing.watch.branch import TooDeepError
from tracing.watch.finality import Ager
from tracing.watch.heads import Alarm
from tracing.watch.ingest import Ingest
from tracing.watch.lease import Keeper, Lease, LeaseLostError
from tracing.watch.legs import Legs
from tracing.watch.lone import Lone
from tracing.watch.memory import Memory, leave, take_up
from tracing.watch.notices import Notices
from tracing.watch.recheck import recheck
from tracing.watch.samples import Sampler
from tracing.watch.source import ChainBlock, Source
from tracing.watch.verify import Verifier

logger = logging.getLogger(__name__)
RUN_SECONDS = 60.0
LONGEST_PAUSE = 30.0
BELOW_SECONDS = 1.0  # between two looks for another branch of the same height
RECHECK_SECONDS = 10.0  # between two looks for freezes that wait for a view's answer
PRUNE_EVERY = 500  # blocks
# Set when the worker is asked to stop: the block under way is finished, the lease given back.
stopping = threading.Event()


@dataclass
class Watcher:
    """Follows one chain while its lease holds."""

    chain: Chain
    lease: Lease
    memory: Memory = field(default_factory=Memory)
    past: Past = field(default_factory=Past)
    recheck_at: float = 0.0
    reader: Ahead | None = None
    below_at: float = 0.0
    verifier: Verifier = field(init=False)
    ager: Ager = field(init=False)
    lone: Lone = field(init=False)
    notices: Notices = field(init=False)

    def __post_init__(self) -> None:
        self.verifier = Verifier(self.chain, self.lease)
        self.ager = Ager(self.chain, self.lease)
        self.lone = Lone(self.chain)
        self.notices = Notices(self.chain, self.lease)

    def run(self, seconds: float = RUN_SECONDS) -> None:
        """Apply blocks until the time is up or the endpoint fails. Never leaves a gap."""
        until = time.monotonic() + seconds
        try:
            # Closed at the end: what endpoints did in a run of moments is written then.
            with Keeper(self.lease), closing(endpoints.adapter_for(self.chain)) as adapter:
                source = Source(adapter, self.chain.native_asset)
                self.memory = take_up(self.chain.pk, self.lease.epoch) or self.memory
                self._start(source)
                samples = Sampler(self.chain.pk)
                with Alarm(self.chain) as alarm:
                    while time.monotonic() < until and not stopping.is_set():
                        if not self.step(source):
                            alarm.rest(lambda: source.head() > (self.chain.cursor_number or 0))
                        samples.take()
                samples.flush()
                leave(self.chain.pk, self.lease.epoch, self.memory)
        except (ChainError, TooDeepError) as error:
            self.note(error)
        except LeaseLostError:
            logger.info("%s is watched by somebody else", self.chain)
        except IntegrityError:
            if self.lease.is_mine():
                raise
            logger.info("%s is watched by somebody else, who wrote this before", self.chain)
        finally:
            self.past.close()
            if self.reader is not None:
                self.reader.close()
            self.lease.release()

    def step(self, source: Source) -> bool:
        """Some blocks forward, or one rollback, or a batch of backfill; False: nothing to do."""
        for incident_pk in Legs(self.chain, source, self.lease, self.memory).settle():
            poster.post_all(incident_pk)
        ingest = Ingest(self.chain, source, self.lease, self.memory)
        worked = self.past.turn(self.chain, ingest, source)
        try:
            moved = self._move(ingest, source)
            self.notices.look(source)
            return moved or worked
        except TooDeepError as error:
            if not self._refuted(source, error):
                raise
            return True

    def _move(self, ingest: Ingest, source: Source) -> bool:
        """One block forward, over to another branch, or higher standings."""
        head = forks.height(self.chain, source)
        looked = self.verifier.look(source)
        if looked.other is not None:
            if looked.row is not None:
                self.lone.overruled(looked.row, looked.other)
            self._go_over(source, looked.other, head)
            return True
        if looked.has_worked:
            self.ager.grow(source, head)
        cursor = self.chain.cursor_number
        assert cursor is not None  # noqa: S101 (set by _start)
        turn = self._above(source, cursor, head) if head > cursor else self._below(source, head)
        if turn.follow:
            self._apply(ingest, source, turn.follow, head)
            return True
        self._ahead(source).forget()
        if turn.other is not None:
            self._go_over(source, turn.other, head)
            return True
        self._verified(head)
        if time.monotonic() >= self.recheck_at:
            self.recheck_at = time.monotonic() + RECHECK_SECONDS
            recheck(self.chain, source, self.lease)
            self._watch_finality(source, head)
        return looked.has_worked

    def _above(self, source: Source, cursor: int, head: int) -> forks.Turn:
        """What comes next. A block that fewer than a quorum promise, and nobody gives, is no error:
        else one liar could end every turn with a promise."""
        agreed = source.agreed_head() if self.chain.quorum > 1 else None
        try:
            blocks = self._ahead(source).read(cursor + 1, head)
            turn = forks.above(self.chain, source, blocks)
        except ChainError:
            if agreed is None or agreed > cursor:
                raise
            return self._below(source, cursor)
        return self.lone.cut(turn, agreed)

    def _below(self, source: Source, head: int) -> forks.Turn:
        """Several endpoints are asked for their heads, which is not needed each time."""
        if self.chain.quorum > 1:
            if time.monotonic() < self.below_at:
                return forks.Turn()
            self.below_at = time.monotonic() + BELOW_SECONDS
        return forks.below(self.chain, source, head)

    def _watch_finality(self, source: Source, head: int) -> None:
        """Nobody may contradict what is final, whether we would follow or not."""
        self.ager.grow(source, head)
        final = self.chain.final_number
        row = None if final is None else branch.canonical(self.chain, final)
        if row is not None and self.chain.quorum > 1:
            source.refute(row.number, row.hash)

    def _refuted(self, source: Source, error: TooDeepError) -> bool:
        """Whether those that contradict a final block are out of the way."""
        row = branch.canonical(self.chain, error.number)
        accused = source.refute(error.number, row.hash) if row else ()
        if accused:
            logger.warning("%s: %s contradict block %s", self.chain, len(accused), error.number)
        return bool(accused)

    def _ahead(self, source: Source) -> Ahead:
        if self.reader is None or self.reader.source is not source:
            self.reader = Ahead(source)
        return self.reader

    def _verified(self, head: int) -> None:
        """The endpoint answered, and what was applied stands."""
        self.lease.write(
            head_number=head,
            verified_at=timezone.now(),
            last_error="",
            errors_in_row=0,
            retry_at=None,
        )
        self.chain.errors_in_row = 0

    def _start(self, source: Source) -> None:
        """A chain without a cursor starts at its head: earlier blocks are backfill."""
        source.adapter.check_chain()
        self.chain.refresh_from_db()
        if self.chain.cursor_number is None:
            head = source.head()
            block_hash = source.block_hash(head) or ""
            with transaction.atomic():
                self.lease.write(cursor_number=head, cursor_hash=block_hash, head_number=head)
            self.chain.cursor_number, self.chain.cursor_hash = head, block_hash
        self._post()  # what a watcher that was killed had found and not told

    def _apply(
        self, ingest: Ingest, source: Source, blocks: Sequence[ChainBlock], head: int
    ) -> None:
        before = self.chain.cursor_number or 0
        try:
            row = ingest.live_blocks(blocks, head)
        except ChainError:
            last = blocks[-1].movements
            if source.block_hash(last.number) == last.hash:
                raise
            self._ahead(source).forget()  # no balances are told of a branch that was left
            return
        source.applied(row.number, row.hash)
        self.chain.errors_in_row = 0
        self.ager.grow(source, head)
        if row.number // PRUNE_EVERY != before // PRUNE_EVERY:
            far_side.prune(self.chain)
        self._post()

    def _post(self) -> None:
        for incident_pk in _incidents_on(self.chain):
            poster.post_all(incident_pk)

    def _go_over(self, source: Source, other: ChainBlock, head: int) -> None:
        """To the branch that a block is on."""
        found = branch.leading_to(self.chain, source, other, head)
        dropped = switch.go_over(self.chain, found, source, self.lease, self.memory, head)
        self._ahead(source).forget()
        self.chain.errors_in_row = 0
        for block in found.blocks:
            source.applied(block.movements.number, block.movements.hash)
        logger.warning("%s dropped %s blocks above %s", self.chain, dropped, found.ancestor.number)
        self.ager.grow(source, head)
        # Also rooms that follow nothing here: what their crossings rested on may be gone.
        for incident_pk in poster.incidents_with_findings():
            poster.post_all(incident_pk)

    def note(self, error: Exception) -> None:
        """Back off, and let the room say since when nothing was verified.

        Of an unexpected error only its kind is shown: its words may be anybody's.
        """
        logger.warning("%s: %s", self.chain, error)
        expected = isinstance(error, ChainError | TooDeepError)
        text = str(error) if expected else f"internal error ({type(error).__name__})"
        count = self.chain.errors_in_row + 1
        pause = min(0.5 * 2 ** min(count, 10), LONGEST_PAUSE)
        try:
            self.lease.write(
                last_error=text[:300],
                errors_in_row=count,
                retry_at=timezone.now() + timedelta(seconds=pause),
            )
            if isinstance(error, ChainError):
                self.notices.silence()
        except LeaseLostError:
            return


def _incidents_on(chain: Chain) -> list[int]:
    rows = Trace.objects.filter(chain=chain).order_by()
    return list(rows.values_list("incident_id", flat=True).distinct())
