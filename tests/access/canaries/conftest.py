"""The room full of canaries, and everything that anybody read of it."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.access.canaries.full import Full

# `make test` asks only whether every sink is declared; `make canaries` crawls.
if not os.environ.get("HOLDFAST_CANARIES"):
    collect_ignore = ["test_crawl.py", "test_errors.py", "test_outside.py", "test_process.py"]


@pytest.fixture(scope="module")
def full(django_db_setup: None, django_db_blocker: Any) -> Iterator["Full"]:
    """Filled once and committed; the database is emptied afterwards."""
    from tests import standing, truncation
    from tests.access.canaries.full import Full

    with django_db_blocker.unblock():
        standing.give_up()
        try:
            filled = Full()
            yield filled
            filled.close()
        finally:
            truncation.empty_database()
