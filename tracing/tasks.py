"""Celery shells of the trace."""

import logging

from celery import current_app, shared_task
from celery.signals import worker_ready, worker_shutting_down
from kombu.exceptions import OperationalError

from tracing.services import gaps, histories, prices
from tracing.watch import lease as leases
from tracing.watch import poster, settled, turn
from tracing.watch.loop import stopping

logger = logging.getLogger(__name__)
STALE_SECONDS = 10


@worker_ready.connect
def watch_at_once(**kwargs: object) -> None:
    """A worker that was killed left its chains alone: they wait neither for beat nor for whoever
    takes what beat sends."""
    revive_watchers()


@worker_shutting_down.connect
def stop_watching(**kwargs: object) -> None:
    """Threads are not interrupted: the loops end after the block that is under way."""
    stopping.set()


@shared_task(name="tracing.watch_chain")
def watch_chain(chain_pk: int) -> None:
    """Follow a chain for a minute and come back; whoever finds the lease taken goes away."""
    while turn.take(chain_pk) and not _hand_on(chain_pk):
        logger.warning("no broker: chain %s is followed on by the same thread", chain_pk)


def _hand_on(chain_pk: int) -> bool:
    """Leave the next turn to whoever is free; False: nobody can be told."""
    try:
        # Of no use for long: a chain that nobody takes is found again by the next reviver.
        watch_chain.apply_async((chain_pk,), expires=STALE_SECONDS)
    except OperationalError:
        return False
    return True


@shared_task(name="tracing.revive_watchers")
def revive_watchers() -> None:
    """Start a watcher for every chain that has none."""
    for chain_pk in leases.idle_chains():
        current_app.send_task("tracing.watch_chain", args=(chain_pk,), expires=STALE_SECONDS)


@shared_task(name="tracing.sweep_unposted")
def sweep_unposted() -> None:
    """Post what a dead watcher left behind."""
    for incident_pk in poster.incidents_with_findings():
        poster.post_all(incident_pk)


@shared_task(name="tracing.settle_targets")
def settle_targets() -> None:
    """Have targets follow what chains settled of them."""
    settled.reconcile_all()


@shared_task(name="tracing.read_prices")
def read_prices() -> None:
    """Ask the feeds that are set what things were worth when they were stolen."""
    prices.read_feeds()


@shared_task(name="tracing.check_chains")
def check_chains() -> None:
    """Look whether the rows of every watched chain are whole; what is not is shown and logged."""
    gaps.check_all()


@shared_task(name="tracing.ask_history")
def ask_history(lookback_pk: int) -> None:
    """Ask a history about one address that is looked back at."""
    histories.ask(lookback_pk)


@shared_task(name="tracing.ask_histories")
def ask_histories() -> None:
    """Ask for what was not told yet: the message was lost, or the history was away."""
    for lookback_pk in histories.due():
        histories.ask(lookback_pk)
