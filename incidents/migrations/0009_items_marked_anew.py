import uuid

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models


def named(model: str) -> list[object]:
    """A public id: told by the database first, so that each row that is there gets its own."""
    told = models.UUIDField(db_default=RandomUUID(), editable=False, unique=True)
    given = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    return [
        migrations.AddField(model_name=model, name="public_id", field=told),
        migrations.AlterField(model_name=model, name="public_id", field=given),
    ]


# What an owner changes of a line that was shown (0004_shown_lines_stay took the rest away).
REMARKED = "marking, audience_organizations, audience_people"


def grant(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"GRANT UPDATE ({REMARKED}) ON incidents_timelineentry TO {role}")
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON incidents_movedline FROM {role}")


def revoke(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE UPDATE ({REMARKED}) ON incidents_timelineentry FROM {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0008_admissions_and_removals"),
    ]

    operations = [
        *named("trackedaddress"),
        *named("freezeanswer"),
        migrations.CreateModel(
            name="MovedLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tells", models.BooleanField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moved_by",
                        to="incidents.timelineentry",
                    ),
                ),
                (
                    "remark",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="incidents.timelineentry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("remark", "line"), name="one_move_per_change")
                ],
            },
        ),
        migrations.RunPython(grant, revoke),
    ]
