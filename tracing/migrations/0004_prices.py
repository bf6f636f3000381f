"""What assets were worth, for a room. A quote stays as it was written; its room alone sees it.

Fenced as in 0003_row_level_security.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLE = "tracing_price"
SCOPE = "(SELECT current_setting('holdfast.scope', true))"
FENCE = f"""
ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY;
CREATE POLICY fence_read ON {TABLE} FOR SELECT USING (
    CASE {SCOPE} WHEN 'system' THEN true
    WHEN 'person' THEN (incident_id IN (SELECT holdfast_rooms())) ELSE false END
);
CREATE POLICY fence_add ON {TABLE} FOR INSERT WITH CHECK ({SCOPE} = 'system');
CREATE POLICY fence_change ON {TABLE} FOR UPDATE USING ({SCOPE} = 'system');
CREATE POLICY fence_remove ON {TABLE} FOR DELETE USING ({SCOPE} = 'system');
"""
NO_FENCE = f"""
DROP POLICY fence_read ON {TABLE};
DROP POLICY fence_add ON {TABLE};
DROP POLICY fence_change ON {TABLE};
DROP POLICY fence_remove ON {TABLE};
ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY;
"""


def fence(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(FENCE, params=None)
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {TABLE} FROM {role}")


def open_it(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(NO_FENCE, params=None)
    schema_editor.execute(f"GRANT UPDATE, DELETE ON {TABLE} TO {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0006_freeze_fences"),
        ("tracing", "0003_row_level_security"),
    ]
    operations = [
        migrations.CreateModel(
            name="Price",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("asset", models.CharField(max_length=200)),
                ("usd", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("source", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prices",
                        to="incidents.incident",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["incident", "asset"], name="price_of_asset")],
            },
        ),
        migrations.RunPython(fence, open_it),
    ]
