"""Celery shells of the trace."""

from celery import current_app, shared_task
from celery.signals import worker_ready, worker_shutting_down

from tracing.services import gaps
from tracing.watch import lease as leases
from tracing.watch import poster
from tracing.watch.loop import Watcher, stopping


@worker_ready.connect
def watch_at_once(**kwargs: object) -> None:
    """A worker that was killed left its chains alone: they do not wait for beat."""
    revive_watchers.delay()


@worker_shutting_down.connect
def stop_watching(**kwargs: object) -> None:
    """Threads are not interrupted: the loops end after the block that is under way."""
    stopping.set()


@shared_task(name="tracing.watch_chain")
def watch_chain(chain_pk: int) -> None:
    """Follow a chain for a minute and come back; whoever finds the lease taken goes away."""
    lease = leases.claim(chain_pk)
    if lease is None:
        return
    leases.give_way()
    watcher = Watcher(leases.chain_of(lease), lease)
    try:
        watcher.run()
    except Exception as error:  # the outermost shell: shown in the room, raised for the log
        watcher.note(error)
        lease.release()
        raise
    if not stopping.is_set() and chain_pk in leases.idle_chains():
        watch_chain.delay(chain_pk)


@shared_task(name="tracing.revive_watchers")
def revive_watchers() -> None:
    """Start a watcher for every chain that has none."""
    for chain_pk in leases.idle_chains():
        current_app.send_task("tracing.watch_chain", args=(chain_pk,))


@shared_task(name="tracing.sweep_unposted")
def sweep_unposted() -> None:
    """Post what a dead watcher left behind."""
    for incident_pk in poster.incidents_with_findings():
        poster.post_all(incident_pk)


@shared_task(name="tracing.check_chains")
def check_chains() -> None:
    """Look whether the rows of every watched chain are whole; what is not is shown and logged."""
    gaps.check_all()
