"""System checks: what must not reach production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.db import DatabaseError, connection


@register(Tags.security, deploy=True)
def production_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuses a drill, a known secret, and a database role that owns the ledger."""
    found: list[CheckMessage] = []
    if settings.DRILL:
        found.append(
            Error(
                "Drill mode opens doors without sign-in.",
                hint="Unset HOLDFAST_DRILL.",
                id="holdfast.E001",
            )
        )
    if settings.SECRET_KEY in ("", settings.DEVELOPMENT_KEY):
        found.append(Error("No secret key.", hint="Set HOLDFAST_SECRET_KEY.", id="holdfast.E002"))
    owner = settings.DATABASES.get("owner")
    if owner and owner["USER"] == settings.DATABASES["default"]["USER"]:
        found.append(
            Error(
                "The application's database role owns the tables.",
                hint="DATABASE_URL and DATABASE_OWNER_URL must name two roles.",
                id="holdfast.E003",
            )
        )
    return found


# What lets a role past row level security, its own tables by any way included.
_BYPASS = """
    SELECT rolsuper, rolbypassrls, EXISTS (
        SELECT 1 FROM pg_class
        WHERE relrowsecurity AND pg_has_role(current_user, relowner, 'MEMBER')
    ), (SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity)
    FROM pg_roles WHERE rolname = current_user
"""


@register(Tags.security, deploy=True)
def role_stands_behind_the_fence(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuses a role that row level security does not hold (docs/adr/0024). Asks the database; one
    that does not answer is told, and refuses nothing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_BYPASS)
            is_super, may_bypass, owns, unforced = cursor.fetchone()
    except DatabaseError:
        return [Info("The database could not be asked about its role.", id="holdfast.I001")]
    found: list[CheckMessage] = []
    if is_super or may_bypass or owns:
        found.append(
            Error(
                "The application's database role can step over row level security.",
                hint="It needs NOSUPERUSER, NOBYPASSRLS, and no share in the owner of the tables.",
                id="holdfast.E004",
            )
        )
    if unforced:
        found.append(
            Error(
                "A table's row level security is not forced.",
                hint="Migrate (--database owner).",
                id="holdfast.E005",
            )
        )
    return found
