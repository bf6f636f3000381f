"""The record of who changed the chains and their endpoints: rows are added, and never changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION refuse_act_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record of acts is append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER acts_never_change BEFORE UPDATE OR DELETE ON tracing_chainact
FOR EACH ROW EXECUTE FUNCTION refuse_act_change();
CREATE TRIGGER acts_are_never_emptied BEFORE TRUNCATE ON tracing_chainact
FOR EACH STATEMENT EXECUTE FUNCTION refuse_act_change()
"""
NO_GUARD = """
DROP TRIGGER acts_are_never_emptied ON tracing_chainact;
DROP TRIGGER acts_never_change ON tracing_chainact;
DROP FUNCTION refuse_act_change()
"""


def only_add(apps, schema_editor):
    """The grant is for the application's role; the triggers refuse the owner as well."""
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON tracing_chainact FROM {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0015_first_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChainAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("who", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("chain_added", "Chain added"),
                            ("chain_changed", "Chain changed"),
                            ("chain_followed", "Chain followed"),
                            ("chain_left", "Chain not followed any more"),
                            ("quorum_set", "Quorum set"),
                            ("commitments_set", "What is recomputed set"),
                            ("endpoint_added", "Endpoint added"),
                            ("endpoint_changed", "Endpoint's URL changed"),
                            ("endpoint_on", "Endpoint switched on"),
                            ("endpoint_off", "Endpoint switched off"),
                            ("quarantine_lifted", "Quarantine lifted"),
                        ],
                        max_length=20,
                    ),
                ),
                ("operator", models.CharField(blank=True, max_length=80)),
                ("detail", models.CharField(blank=True, max_length=400)),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="tracing.chain",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.RunPython(only_add, migrations.RunPython.noop),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
