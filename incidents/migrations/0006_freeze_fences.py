"""What was recorded of packets stays, and PostgreSQL shows it to those who see its request.

After 0003_guards and 0004_row_level_security, which say how and why (docs/adr/0024).
"""

from django.conf import settings
from django.db import migrations

KEPT = (
    *("targetstep", "packet", "packetfile", "packetsignature", "signingkey", "delivery"),
    *("dispatch", "deskcontact", "desklink", "deskdevice", "deskview", "holdoff", "releaseorder"),
)
# What of a row may change; the rest of it is as it was written, for ever.
CHANGING = {
    "freezeanswer": (
        "marking, audience_organizations, audience_people, confirmed_by_id, confirmed_at,"
        " confirmed_how"
    ),
    "packet": "state, issued_at, ended_at",
    "signingkey": "confirmed_by_id, confirmed_at, ended_at",
}
FIXED = ("targetstep", "packetfile", "packetsignature", "deskview")

SCOPE = "(SELECT current_setting('holdfast.scope', true))"
PERSON = "(SELECT NULLIF(current_setting('holdfast.person', true), '')::bigint)"
ORGANIZATION = "(SELECT NULLIF(current_setting('holdfast.organization', true), '')::bigint)"
ALL_ROOMS = "(SELECT holdfast_rooms())"
MINE = f"""(
    SELECT member.organization_id FROM incidents_membership member
    JOIN incidents_person person ON person.id = member.person_id
    WHERE member.person_id = {PERSON} AND member.ended_at IS NULL AND person.is_active
)"""


def through(name, key, parent):
    """Seen exactly when its parent is: the parent's own policy decides."""
    seen = f"parent.id = incidents_{name}.{key}"
    return f"EXISTS (SELECT 1 FROM incidents_{parent} parent WHERE {seen})"


# Table: what a person sees of it. The public sees none.
TABLES = {
    **{
        name: through(name, "request_id", "freezerequest")
        for name in ("packet", "dispatch", "desklink")
    },
    **{name: through(name, "target_id", "freezetarget") for name in ("targetstep", "releaseorder")},
    **{name: through(name, "packet_id", "packet") for name in ("packetfile", "packetsignature")},
    **{name: through(name, "link_id", "desklink") for name in ("deskdevice", "deskview")},
    "delivery": (
        "EXISTS (SELECT 1 FROM incidents_dispatch d WHERE d.delivery_id = incidents_delivery.id)"
    ),
    "deskcontact": f"organization_id IN {MINE}",
    "deskprofile": f"organization_id IS NULL OR organization_id IN {MINE}",
    "holdoff": f"organization_id = {ORGANIZATION} AND incident_id IN {ALL_ROOMS}",
}

FENCE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY fence_read ON {table} FOR SELECT USING (
    CASE {scope} WHEN 'system' THEN true WHEN 'person' THEN ({person}) ELSE false END
);
CREATE POLICY fence_add ON {table} FOR INSERT WITH CHECK ({scope} = 'system');
CREATE POLICY fence_change ON {table} FOR UPDATE USING ({scope} = 'system');
CREATE POLICY fence_remove ON {table} FOR DELETE USING ({scope} = 'system');
"""
NO_FENCE = """
DROP POLICY fence_read ON {table};
DROP POLICY fence_add ON {table};
DROP POLICY fence_change ON {table};
DROP POLICY fence_remove ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


def take_away(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    for name in KEPT:
        schema_editor.execute(f"REVOKE DELETE, TRUNCATE ON incidents_{name} FROM {role}")
    for name, columns in CHANGING.items():
        schema_editor.execute(f"REVOKE UPDATE ON incidents_{name} FROM {role}")
        schema_editor.execute(f"GRANT UPDATE ({columns}) ON incidents_{name} TO {role}")
    for name in FIXED:
        schema_editor.execute(f"REVOKE UPDATE ON incidents_{name} FROM {role}")


def give_back(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    for name in KEPT:
        schema_editor.execute(f"GRANT UPDATE, DELETE ON incidents_{name} TO {role}")
    schema_editor.execute(f"GRANT UPDATE ON incidents_freezeanswer TO {role}")


def fence(apps, schema_editor):
    for name, person in TABLES.items():
        made = FENCE.format(table=f"incidents_{name}", scope=SCOPE, person=person)
        schema_editor.execute(made, params=None)


def open_it(apps, schema_editor):
    for name in TABLES:
        schema_editor.execute(NO_FENCE.format(table=f"incidents_{name}"), params=None)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0005_freeze_packets")]
    operations = [
        migrations.RunPython(take_away, give_back),
        migrations.RunPython(fence, open_it),
    ]
