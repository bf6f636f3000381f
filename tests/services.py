"""The real PostgreSQL and Redis that one run of the tests uses, in a directory of its own.

Several checkouts test at once on one machine, so nothing here has a fixed port or place. Under
pytest-xdist the controller starts the services and every worker gets its own database, cloned
from one that was migrated once, and its own numbered Redis database.
"""

import os
from pathlib import Path

from config.embedded.locks import FileLock
from config.embedded.postgres import Postgres
from config.embedded.stack import Stack

_VAR = "HOLDFAST_TEST_VAR"
_REDIS = "HOLDFAST_TEST_REDIS"
_TEMPLATE = "holdfast_template"

_stack: Stack | None = None


def start() -> None:
    """Start the services unless the controller did, and point the environment at them.

    Must run before Django reads its settings.
    """
    global _stack
    if _VAR not in os.environ:
        _stack = Stack.scratch(node=False, say=lambda _: None)
        _stack.start()
        os.environ[_VAR] = str(_stack.var)
        os.environ[_REDIS] = _stack.env["REDIS_URL"]
    worker = worker_number()
    postgres = cluster()
    os.environ["DATABASE_URL"] = postgres.app_url(database_name())
    os.environ["DATABASE_OWNER_URL"] = postgres.owner_url(database_name())
    # Redis has 16 databases; number 15 is left to tests that want an empty one of their own.
    os.environ["REDIS_URL"] = os.environ[_REDIS].removesuffix("/0") + f"/{worker % 15}"
    os.environ["HOLDFAST_VAR"] = os.environ[_VAR]
    os.environ.pop("HOLDFAST_NODE_URL", None)


def stop() -> None:
    """Stop the services if this process started them, and remove their directory."""
    global _stack
    if _stack is not None:
        _stack.discard()
        _stack = None


def worker_number() -> int:
    """The number of this pytest-xdist worker; 0 without xdist."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def database_name() -> str:
    """The database of this worker."""
    return f"holdfast_test_{worker_number()}"


def cluster() -> Postgres:
    """The test cluster."""
    return Postgres.under(Path(os.environ[_VAR]), scratch=True)


def make_database() -> None:
    """Make this worker's database: migrated by its owner, or cloned from one that was."""
    postgres = cluster()
    lock = FileLock(Path(os.environ[_VAR]) / "template.lock")
    if not lock.take(timeout=300):
        raise RuntimeError("Another test worker has been migrating for five minutes.")
    try:
        if not postgres.has_database(_TEMPLATE):
            fresh = f"{_TEMPLATE}_new"
            postgres.drop_database(fresh)
            postgres.create_database(fresh)
            _migrate(fresh)
            postgres.rename_database(fresh, _TEMPLATE)
        postgres.drop_database(database_name())
        postgres.create_database(database_name(), template=_TEMPLATE)
    finally:
        lock.release()


def _migrate(database: str) -> None:
    """Run every migration, as the owner of the tables, in ``database``."""
    from django.core.management import call_command
    from django.db import connections

    names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    try:
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = database
        call_command("migrate", database="owner", interactive=False, verbosity=0)
    finally:
        for alias, name in names.items():
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name


def template_url() -> str:
    """The superuser's URL of the migrated database that every worker's is cloned from."""
    return cluster().super_url(_TEMPLATE)
