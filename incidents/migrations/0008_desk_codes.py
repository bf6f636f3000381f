"""Codes of desks' pages: each for one browser, one purpose, once. Kept like what 0006 keeps."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SCOPE = "(SELECT current_setting('holdfast.scope', true))"
TABLE = "incidents_deskcode"
# Seen exactly when its browser is: the policy of that table decides.
FENCE = f"""
ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY;
CREATE POLICY fence_read ON {TABLE} FOR SELECT USING (
    CASE {SCOPE} WHEN 'system' THEN true WHEN 'person' THEN (
        EXISTS (SELECT 1 FROM incidents_deskdevice parent WHERE parent.id = {TABLE}.device_id)
    ) ELSE false END
);
CREATE POLICY fence_add ON {TABLE} FOR INSERT WITH CHECK ({SCOPE} = 'system');
CREATE POLICY fence_change ON {TABLE} FOR UPDATE USING ({SCOPE} = 'system');
CREATE POLICY fence_remove ON {TABLE} FOR DELETE USING ({SCOPE} = 'system');
"""
CHANGING = "wrong, used_at, expires_at"


def keep(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE DELETE, TRUNCATE, UPDATE ON {TABLE} FROM {role}")
    schema_editor.execute(f"GRANT UPDATE ({CHANGING}) ON {TABLE} TO {role}")
    schema_editor.execute(FENCE, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0007_second_for"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="desklink",
            name="code_digest",
        ),
        migrations.RemoveField(
            model_name="desklink",
            name="code_told_by",
        ),
        migrations.RemoveField(
            model_name="desklink",
            name="code_until",
        ),
        migrations.RemoveField(
            model_name="desklink",
            name="code_wrong",
        ),
        migrations.AddField(
            model_name="deskdevice",
            name="network",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="deskdevice",
            name="opened_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="deskdevice",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="deskdevice",
            name="word",
            field=models.CharField(default="", max_length=8),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="desklink",
            name="made_for",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incidents.organization",
            ),
        ),
        migrations.CreateModel(
            name="DeskCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("open", "Open the request"), ("answer", "Give one answer")],
                        max_length=10,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
                ("wrong", models.PositiveSmallIntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="incidents.deskdevice",
                    ),
                ),
                (
                    "told_by",
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
            },
        ),
        # Taken back with the table.
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
