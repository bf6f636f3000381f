"""The application's role may not take away what was recorded, nor change what it is.

Of a line on the timeline only its fan-out and its withdrawal change; of a personal text only that
it is erased. A later release that lets an owner widen a marking grants that column then.
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
    "timelineentry": "fanned_out_at, withdrawn_by_id",
    "personalcontent": "value, erased_at",
}


def take_away(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    for name in KEPT:
        schema_editor.execute(f"REVOKE DELETE, TRUNCATE ON incidents_{name} FROM {role}")
    for name, columns in CHANGING.items():
        schema_editor.execute(f"REVOKE UPDATE ON incidents_{name} FROM {role}")
        schema_editor.execute(f"GRANT UPDATE ({columns}) ON incidents_{name} TO {role}")


def give_back(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    for name in KEPT:
        schema_editor.execute(f"GRANT UPDATE, DELETE ON incidents_{name} TO {role}")


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_address_rows_and_long_subjects")]

    operations = [migrations.RunPython(take_away, give_back)]
