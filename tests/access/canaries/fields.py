"""Every field of the database that holds free text, found by itself."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tests.access.canaries.tokens import MAGIC

# What no person, desk or chain words: written by our own code from closed lists, digests, keys.
WRITTEN_BY_US = frozenset(
    {
        "digest",
        "code_digest",
        "token_digest",
        "read_digest",
        "contents_digest",
        "traces_digest",
        "sha256",
        "kind",
        "password",
        "slug",
        "mail_state",
        "policy",
        "policy_version",
        "layout",
        "finality",
        "family",
        "nonce",
        "covers",
        "reference",
    }
)


def free_text() -> Iterator[tuple[type[models.Model], str]]:
    """(model, field) of every text of the room and the tracer that is not of a closed list."""
    for app in ("incidents", "tracing"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.local_fields:
                inner = field.base_field if isinstance(field, ArrayField) else field
                is_text = isinstance(inner, models.CharField | models.TextField | models.JSONField)
                if is_text and not inner.choices and field.name not in WRITTEN_BY_US:
                    yield model, field.name


def has_canary(model: type[models.Model], name: str) -> bool:
    """Whether some row holds a canary there."""
    from django.db.models import TextField
    from django.db.models.functions import Cast

    rows = model._default_manager.annotate(as_text=Cast(name, TextField()))
    return bool(rows.filter(as_text__icontains=MAGIC).exists())
