"""What was recorded stays: the application's role may not take it away, nor change what it is.

Of a line on the timeline only its fan-out, its withdrawal and its marking change; of a personal
text only that it is erased. The ledger refuses its owner as well.
"""

from django.conf import settings
from django.db import migrations

KEPT = (
    "incident",
    "terms",
    "participation",
    "trackedaddress",
    "freezerequest",
    "freezetarget",
    "freezeanswer",
    "statement",
    "signoff",
    "statuspage",
    "timelineentry",
    "personalcontent",
)
CHANGING = {
    "timelineentry": (
        "fanned_out_at, withdrawn_by_id, marking, audience_organizations, audience_people"
    ),
    "personalcontent": "value, erased_at",
}


def make_ledger_append_only(apps, schema_editor):
    """The grant is for the application's role; the trigger refuses the owner as well."""
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON incidents_ledgerentry FROM {role}")
    schema_editor.execute(
        """
        CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the ledger is append-only: % refused', TG_OP
                USING ERRCODE = 'insufficient_privilege';
        END $$
        """,
        params=None,
    )
    schema_editor.execute(
        """
        CREATE TRIGGER ledger_rows_never_change BEFORE UPDATE OR DELETE ON incidents_ledgerentry
        FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()
        """
    )
    schema_editor.execute(
        """
        CREATE TRIGGER ledger_is_never_emptied BEFORE TRUNCATE ON incidents_ledgerentry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
        """
    )


def drop_ledger_guards(apps, schema_editor):
    schema_editor.execute("DROP TRIGGER ledger_is_never_emptied ON incidents_ledgerentry")
    schema_editor.execute("DROP TRIGGER ledger_rows_never_change ON incidents_ledgerentry")
    schema_editor.execute("DROP FUNCTION refuse_ledger_change()")


def take_away(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    for name in KEPT:
        schema_editor.execute(f"REVOKE DELETE, TRUNCATE ON incidents_{name} FROM {role}")
    for name, columns in CHANGING.items():
        schema_editor.execute(f"REVOKE UPDATE ON incidents_{name} FROM {role}")
        schema_editor.execute(f"GRANT UPDATE ({columns}) ON incidents_{name} TO {role}")
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON incidents_movedline FROM {role}")


def give_back(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    for name in (*KEPT, "movedline"):
        schema_editor.execute(f"GRANT UPDATE, DELETE ON incidents_{name} TO {role}")


class Migration(migrations.Migration):
    replaces = [
        ("incidents", "0004_shown_lines_stay"),
        ("incidents", "0009_items_marked_anew"),
    ]

    dependencies = [("incidents", "0002_rooms")]
    operations = [
        migrations.RunPython(make_ledger_append_only, drop_ledger_guards),
        migrations.RunPython(take_away, give_back),
    ]
