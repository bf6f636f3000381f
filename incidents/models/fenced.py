"""Tables that nobody reads without saying for whom: the manager refuses, and the database too."""

from typing import TypeVar

from django.db import models

from incidents import scope
from incidents.exceptions import UnscopedQuery

Row = TypeVar("Row", bound=models.Model)


class FencedManager(models.Manager[Row]):
    """Answers the installation only (`scope.trusted` services, the watcher, commands).

    Whoever reads for a person uses ``scoped``, which access.py alone may (and the reading places of
    tracing that tests/architecture/test_fence.py lists).
    """

    def get_queryset(self) -> models.QuerySet[Row]:
        """:raises UnscopedQuery: somebody's request asks for rows past access.py."""
        if not scope.is_system() and not self._has_parent():
            raise UnscopedQuery(self.model.__name__)
        return super().get_queryset()

    def _has_parent(self) -> bool:
        return False


class PartManager(FencedManager[Row]):
    """Of rows that are seen exactly when their parent is: through a parent (``request.targets``)
    they need no scope of their own, since whoever holds the parent may see it."""

    def _has_parent(self) -> bool:
        # Django makes the manager behind a foreign key from this class and gives it the parent.
        return getattr(self, "instance", None) is not None


class Fenced(models.Model):
    """A row of a room. Row level security stands on its table (docs/adr/0024)."""

    objects = FencedManager()
    scoped = models.Manager()  # noqa: DJ012

    class Meta:
        abstract = True


class FencedPart(models.Model):
    """A part of a fenced row, seen exactly when that one is."""

    objects = PartManager()
    scoped = models.Manager()  # noqa: DJ012

    class Meta:
        abstract = True
