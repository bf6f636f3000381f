"""The same fence for what a party says of a trace, and the trace itself (incidents 0004).

Not for what the watcher writes by the thousand (exposures, hops, transfers, undo rows, arrivals,
crossings, leads, past transfers): each row belongs to a trace or a lookback, and is reached through
one that its viewer sees.
"""

from django.db import migrations

SCOPE = "(SELECT current_setting('holdfast.scope', true))"
PERSON = "(SELECT NULLIF(current_setting('holdfast.person', true), '')::bigint)"
ORGANIZATION = "(SELECT NULLIF(current_setting('holdfast.organization', true), '')::bigint)"
ALL_ROOMS = "(SELECT holdfast_rooms())"
PUBLIC_ROOMS = "(SELECT page.incident_id FROM incidents_statuspage page WHERE page.is_public)"
OPEN = "marking IN ('TLP:AMBER+STRICT', 'TLP:AMBER', 'TLP:GREEN', 'TLP:CLEAR')"
SHOWN = f"""(
    author_id = {PERSON}
    OR ({PERSON} = ANY (audience_people) AND (marking = 'TLP:RED' OR {OPEN}))
    OR ({OPEN} AND (
        (audience_people IS NULL AND audience_organizations IS NULL)
        OR {ORGANIZATION} = ANY (audience_organizations)
        OR (audience_organizations IS NOT NULL AND owner_id = {ORGANIZATION})
    ))
)"""
IN_ROOM = f"(incident_id IN {ALL_ROOMS} AND {SHOWN})"
CLEAR = """(
    marking = 'TLP:CLEAR' AND audience_people IS NULL AND audience_organizations IS NULL
)"""
PUBLISHED = f"({CLEAR} AND incident_id IN {PUBLIC_ROOMS})"
NEVER = "false"


def part(table, key, parent, shown="true"):
    """Seen when its parent is, whose own policy decides, and where it has a marking by that."""
    return f"{shown} AND EXISTS (SELECT 1 FROM {parent} WHERE {parent}.id = {table}.{key})"


# Table: what a person sees of it, and what the public sees.
TABLES = {
    "tracing_trace": (IN_ROOM, PUBLISHED),
    "tracing_flowtable": (part("tracing_flowtable", "trace_id", "tracing_trace", SHOWN), NEVER),
    "tracing_flowrow": (part("tracing_flowrow", "table_id", "tracing_flowtable"), NEVER),
    "tracing_lookback": (IN_ROOM, NEVER),
    # The directory's labels are for every party of every room.
    "tracing_label": (f"(incident_id IS NULL OR incident_id IN {ALL_ROOMS}) AND {SHOWN}", NEVER),
}

FENCE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY fence_read ON {table} FOR SELECT USING (
    CASE {scope} WHEN 'system' THEN true WHEN 'person' THEN ({person})
    WHEN 'public' THEN ({public}) ELSE false END
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


def fence(apps, schema_editor):
    for table, (person, public) in TABLES.items():
        made = FENCE.format(table=table, scope=SCOPE, person=person, public=public)
        schema_editor.execute(made, params=None)


def open_it(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(NO_FENCE.format(table=table), params=None)


class Migration(migrations.Migration):
    replaces = [
        ("tracing", "0023_row_level_security"),
    ]

    dependencies = [("tracing", "0002_guards"), ("incidents", "0004_row_level_security")]
    operations = [migrations.RunPython(fence, open_it)]
