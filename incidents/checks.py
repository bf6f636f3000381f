"""System checks: what must not reach production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


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
