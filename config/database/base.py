"""PostgreSQL that knows for whom it is asked: what row level security decides by.

Before a query the session's settings are brought in step with `incidents.scope`, if they differ.
That is no query of Django's: it is counted and logged nowhere, and costs one round trip when the
scope changed. PostgreSQL takes settings back with a transaction that rolls back, and with a
savepoint: after either they count as unknown and are sent again.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg.pq import TransactionStatus

from incidents import scope

_SET = """
    SELECT set_config('holdfast.scope', %s, false), set_config('holdfast.person', %s, false),
           set_config('holdfast.organization', %s, false)
"""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection and the scope that its session has; None: not known."""

    _carried: scope.Scope | None = None

    def carry_scope(self) -> None:
        """Tell the session for whom the next query is."""
        now = scope.current()
        if now == self._carried:
            return
        connection: Any = self.connection
        if connection.info.transaction_status is TransactionStatus.INERROR:
            return  # nothing but a rollback can follow, and it asks no table
        self._carried = None
        values = [now.kind.value, _text(now.person), _text(now.organization)]
        with self.wrap_database_errors:
            connection.execute(_SET, values)
        self._carried = now

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        return _Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> CursorDebugWrapper:
        return _DebugCursor(cursor, self)

    def init_connection_state(self) -> None:
        self._carried = None
        super().init_connection_state()

    def _rollback(self) -> None:
        self._carried = None
        super()._rollback()  # type: ignore[misc]

    def _commit(self) -> None:
        # A commit that fails (a deferred constraint) is a rollback.
        carried, self._carried = self._carried, None
        super()._commit()  # type: ignore[misc]
        self._carried = carried

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._carried = None


def _text(key: int | None) -> str:
    return "" if key is None else str(key)


class _Carrying:
    """Mixed into both cursors."""

    db: DatabaseWrapper
    cursor: Any

    def _execute(self, sql: Any, params: Any, *rest: Any) -> Any:
        self.db.carry_scope()
        answer = super()._execute(sql, params, *rest)  # type: ignore[misc]
        if str(sql).lstrip()[:8].upper() in _FORGETTING:
            self.db._carried = None
        return answer

    def _executemany(self, sql: Any, param_list: Any, *rest: Any) -> Any:
        self.db.carry_scope()
        return super()._executemany(sql, param_list, *rest)  # type: ignore[misc]

    def copy(self, *args: Any, **kwargs: Any) -> Any:
        """psycopg's COPY, which Django does not know."""
        self.db.carry_scope()
        return self.cursor.copy(*args, **kwargs)


# By hand, past Django: a rollback or a reset takes settings back too.
_FORGETTING = frozenset({"ROLLBACK", "ABORT", "RESET AL", "DISCARD "})


class _Cursor(_Carrying, CursorWrapper):
    pass


class _DebugCursor(_Carrying, CursorDebugWrapper):
    pass
