"""Empties the database after a test that commits, triggers of the ledger notwithstanding.

Django's flush runs TRUNCATE as the application's role, which owns nothing, and the ledger refuses
TRUNCATE from everybody. Here the superuser of the embedded cluster does it with triggers off
(session_replication_role = replica), and puts back the rows that migrations had written.
"""

from functools import cache

import psycopg
from django.test import TransactionTestCase
from psycopg import sql

from tests import services


def install() -> None:
    """Make TransactionTestCase, and so ``django_db(transaction=True)``, clean up this way."""

    def teardown(case: TransactionTestCase) -> None:
        empty_database()

    TransactionTestCase._fixture_teardown = teardown


def empty_database() -> None:
    """Every table of this worker's database as it was right after the migrations."""
    with psycopg.connect(services.cluster().super_url(services.database_name())) as connection:
        # A connection that a test forgot would make us wait for ever.
        connection.execute("SET lock_timeout = '10s'")
        connection.execute("SET session_replication_role = replica")
        dirty = [table for table in _tables() if _has_rows(connection, table)]
        if dirty:
            names = sql.SQL(", ").join(map(sql.Identifier, dirty))
            connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
        # CASCADE may reach a table that had nothing but its rows from the migrations.
        for table, rows in _seeds().items():
            if not _has_rows(connection, table):
                with connection.cursor().copy(_copy(table, "FROM STDIN")) as copy:
                    copy.write(rows)


def _has_rows(connection: psycopg.Connection, table: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(table))
    return bool(connection.execute(query).fetchone()[0])


def _copy(table: str, direction: str) -> sql.Composed:
    return sql.SQL("COPY {} {}").format(sql.Identifier(table), sql.SQL(direction))


@cache
def _tables() -> tuple[str, ...]:
    query = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename <> 'django_migrations' ORDER BY tablename"
    )
    with psycopg.connect(services.cluster().super_url(services.database_name())) as connection:
        return tuple(row[0] for row in connection.execute(query))


@cache
def _seeds() -> dict[str, bytes]:
    """What the migrations wrote, by table; read once, from the template that no test touches."""
    seeds = {}
    with psycopg.connect(services.template_url()) as connection:
        for table in _tables():
            if _has_rows(connection, table):
                with connection.cursor().copy(_copy(table, "TO STDOUT")) as copy:
                    seeds[table] = b"".join(bytes(part) for part in copy)
    return seeds
