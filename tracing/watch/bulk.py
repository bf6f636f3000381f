"""Many rows at once: what a block writes for a trace, without an object and a statement a row.

Django's bulk_create makes objects, prepares each value by itself and binds them as arrays: four
fifths of the time of a busy block. Here rows are tuples, in the order of ``columns`` (names of
fields, ``trace_id`` for a foreign key), and go through one COPY or one JSON value a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import orjson
from django.db import connection, models

Row = Sequence[Any]
BATCH = 10_000


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """New rows. Strings, integers, booleans, None and times go as they are; a JSON column takes
    text (``as_json``). Raises what the database raises, as Django's errors."""
    listed = list(rows)
    if not listed:
        return
    statement = f"COPY {_table(model)} ({_names(model, columns)}) FROM STDIN"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for row in listed:
            copy.write_row(row)


def insert_missing(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], *, unique: Sequence[str]
) -> None:
    """New rows; those that are there by ``unique`` stay as they are. Amounts go as decimal strings,
    JSON as what it is; no row twice."""
    tail = f"ON CONFLICT ({_names(model, unique)}) DO NOTHING"
    _insert_json(model, columns, rows, tail)


def insert_fenced(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """``insert`` for tables under row level security, where PostgreSQL refuses COPY. Values go as
    in ``insert_missing``."""
    waiting = iter(rows)
    while part := list(islice(waiting, BATCH)):
        _insert_json(model, columns, part)


def _insert_json(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], tail: str = ""
) -> None:
    listed = [dict(zip(columns, row, strict=True)) for row in rows]
    if not listed:
        return
    types = ", ".join(f'"{name}" {_type(model, name)}' for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    # Names come from the models, never from outside; values are one parameter.
    statement = (
        f"INSERT INTO {_table(model)} ({_names(model, columns)}) "  # noqa: S608
        f"SELECT {names} FROM jsonb_to_recordset(%s::jsonb) AS rows({types}) {tail}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [as_json(listed)])


def update(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], *, unique: Sequence[str]
) -> None:
    """Rows that are there, found by ``unique``, take their other ``columns`` from here. Values go
    as in ``insert_missing``.

    :raises LookupError: a row is not there.
    """
    listed = [dict(zip(columns, row, strict=True)) for row in rows]
    if not listed:
        return
    types = ", ".join(f'"{name}" {_type(model, name)}' for name in columns)
    sets = ", ".join(f'{_name(model, n)} = rows."{n}"' for n in columns if n not in unique)
    same = " AND ".join(f'kept.{_name(model, n)} = rows."{n}"' for n in unique)
    # Names come from the models, never from outside; values are one parameter.
    statement = (
        f"UPDATE {_table(model)} AS kept SET {sets} "  # noqa: S608
        f"FROM jsonb_to_recordset(%s::jsonb) AS rows({types}) WHERE {same}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [as_json(listed)])
        if cursor.rowcount != len(listed):
            raise LookupError(f"{len(listed) - cursor.rowcount} rows of {_table(model)} are gone")


def as_json(value: object) -> str:
    """A value as compact JSON text. Whole numbers have 64 bits at most: amounts are strings."""
    return orjson.dumps(value).decode()


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _name(model: type[models.Model], name: str) -> str:
    column = model._meta.get_field(name).column  # type: ignore[union-attr]
    return connection.ops.quote_name(str(column))


def _names(model: type[models.Model], names: Sequence[str]) -> str:
    return ", ".join(_name(model, name) for name in names)


def _type(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).rel_db_type(connection))  # type: ignore[union-attr]
