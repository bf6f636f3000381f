"""Fixtures for every test: real services, and Django on top of them.

The settings module is named here and not in pyproject.toml, because the addresses of the services
must be in the environment before Django reads its settings.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.embedded import ports
from config.embedded.node import Node, NodeOptions, start_node
from config.embedded.supervisor import Supervisor
from config.garbage import collect_seldom
from tests import services

if TYPE_CHECKING:
    from tests.cast import Cast

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_configure(config: pytest.Config) -> None:
    """Start the services and load the settings (pytest-django then sets Django up)."""
    if config.getoption("version", 0) or config.getoption("help", False):
        return
    if "django.conf" in sys.modules and sys.modules["django.conf"].settings.configured:
        raise pytest.UsageError(
            "Django's settings were read before the test database had an address: "
            "unset DJANGO_SETTINGS_MODULE and leave --ds away."
        )
    services.start()
    # The controller of pytest-xdist runs no test, and its workers inherit its environment: with
    # the settings module in it they would read their settings too early.
    controls_workers = bool(config.getoption("numprocesses", None))
    if config.pluginmanager.hasplugin("django") and not controls_workers:
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        from django.conf import settings

        settings.DATABASES  # noqa: B018 - read now, with the addresses above


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing running and nothing behind."""
    services.stop()


# -- the database ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: object) -> Iterator[None]:
    """This worker's database, migrated as the owner; tests connect as holdfast_app."""
    from django.db import connections

    from tests import fresh, standing, truncation

    fresh.install()
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        services.make_database()
    truncation.install()
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        standing.give_up()
        connections.close_all()
    services.cluster().drop_database(services.database_name())


@pytest.fixture
def _room_beneath(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: object
) -> None:
    from tests import standing

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        standing.prepare(request)


@pytest.fixture
def _django_db_helper(_room_beneath: None, _django_db_helper: None) -> None:
    """Every fixture for the database comes through here: the room first, then the test's own."""


@pytest.fixture
def cast(db: None) -> "Cast":
    """A room with everybody in it."""
    from tests import standing

    return standing.cast()


# -- other services ----------------------------------------------------------------------------


@pytest.fixture
def redis_url() -> str:
    """This worker's Redis database (the one that the settings name), emptied."""
    import redis

    url = os.environ["REDIS_URL"]
    client = redis.from_url(url)
    client.flushdb()
    client.close()
    return url


@pytest.fixture(scope="module")
def start_a_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Node]]:
    """A function that starts an anvil of one's own: ``start_a_node(NodeOptions(...))``."""
    count = 0
    with Supervisor(tmp_path_factory.mktemp("nodes"), say=lambda _: None) as supervisor:

        def start(options: NodeOptions | None = None) -> Node:
            nonlocal count
            count += 1
            return start_node(supervisor, ports.any_free(), options, name=f"node-{count}")

        yield start


@pytest.fixture(scope="module")
def node(start_a_node: Callable[..., Node]) -> Node:
    """A fresh anvil for this module: chain id 31337, blocks only by evm_mine, no base fee."""
    return start_a_node(NodeOptions(base_fee=0))


# -- the browser -------------------------------------------------------------------------------


def find_chromium() -> Path | None:
    """A Chromium on PATH, or what HOLDFAST_CHROMIUM names."""
    if named := os.environ.get("HOLDFAST_CHROMIUM"):
        return Path(named)
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return Path(found) if found else None


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The real browser; the test is skipped, and the summary says so, where there is none."""
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium on PATH")
    return found


def _how_late(item: pytest.Item) -> int:
    if item.get_closest_marker("drill"):
        return 0
    return 1 if item.get_closest_marker("browser") else 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left alone with it at the end; skip the
    browser's tests on a machine without one."""
    items.sort(key=_how_late)
    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium on PATH"))


def pytest_collection_finish() -> None:
    """Undo what py_ecc does, which web3 and eth_account of some tests bring along: it raises the
    limit for the whole process, and deeply nested JSON then runs over the end of the C stack.

    Look for cycles seldom: among all that was imported, that took an eighth of the access matrix.
    """
    sys.setrecursionlimit(1000)
    collect_seldom()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the access matrix asked, and in a line of its own that the browser's tests did not
    run."""
    for report in terminalreporter.stats.get("passed", []):
        for name, told in report.user_properties:
            if name == "tally":
                terminalreporter.write_line(f"Access matrix, {told}")
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if "no Chromium on PATH" in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_line(
            f"BROWSER TESTS SKIPPED: {len(skipped)}, because no Chromium is on PATH.", yellow=True
        )
