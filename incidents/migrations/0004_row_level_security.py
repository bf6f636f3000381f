"""PostgreSQL shows rows of a room to those alone for whom the session says that it asks.

The policy of incidents/access, written a third time (docs/adr/0024). A session says who asks in
three settings, holdfast.scope, holdfast.person and holdfast.organization. Unset is nobody: no row
and no write. Everything that does not depend on the row is a sub-select of its own, which
PostgreSQL works out once for a query, and never for the installation ("system").
"""

from django.db import migrations

SCOPE = "(SELECT current_setting('holdfast.scope', true))"
PERSON = "(SELECT NULLIF(current_setting('holdfast.person', true), '')::bigint)"
ORGANIZATION = "(SELECT NULLIF(current_setting('holdfast.organization', true), '')::bigint)"

# The rooms where the seat of the session may read: signed in force, not removed, by a person who is
# active and a member still. The policy of participations asks it in turn, so it reads them as the
# owner of the tables, for whom a policy of its own stands there (FORCE holds for the owner too).
ROOMS = """
CREATE FUNCTION holdfast_rooms(capacities text[] DEFAULT NULL) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who bigint := NULLIF(current_setting('holdfast.person', true), '')::bigint;
    whose bigint := NULLIF(current_setting('holdfast.organization', true), '')::bigint;
BEGIN
    RETURN QUERY
    SELECT seat.incident_id
    FROM incidents_participation seat
    JOIN incidents_incident room ON room.id = seat.incident_id
    WHERE seat.organization_id = whose
      AND seat.consent = 'signed'
      AND seat.terms_version = room.terms_version
      AND seat.removed_at IS NULL
      AND (capacities IS NULL OR seat.capacity = ANY (capacities))
      AND EXISTS (
          SELECT 1 FROM incidents_membership member
          JOIN incidents_person person ON person.id = member.person_id
          WHERE member.organization_id = seat.organization_id AND member.person_id = who
            AND member.ended_at IS NULL AND person.is_active
      );
END $$
"""

ALL_ROOMS = "(SELECT holdfast_rooms())"
DESK_ROOMS = "(SELECT holdfast_rooms(ARRAY['exchange', 'issuer', 'bridge']))"
CHAIR_ROOMS = "(SELECT holdfast_rooms(ARRAY['coordinator']))"
MINE = f"""(
    SELECT member.organization_id FROM incidents_membership member
    JOIN incidents_person person ON person.id = member.person_id
    WHERE member.person_id = {PERSON} AND member.ended_at IS NULL AND person.is_active
)"""
PUBLIC_ROOMS = "(SELECT page.incident_id FROM incidents_statuspage page WHERE page.is_public)"

# DESIGN.md section 4. An unstated or unknown marking is its author's alone.
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


def through(table, key, parent):
    """Seen exactly when its parent is: the parent's own policy decides."""
    seen = f"EXISTS (SELECT 1 FROM {parent} WHERE {parent}.id = {table}.{key})"
    return seen, seen


LINE = "EXISTS (SELECT 1 FROM incidents_timelineentry line WHERE line.entry_id = {})"
SEEN = "EXISTS (SELECT 1 FROM incidents_timelineentry seen WHERE seen.id = {})"
REQUESTS = "(SELECT 'freeze:' || request.public_id FROM incidents_freezerequest request)"
SEAT = "EXISTS (SELECT 1 FROM incidents_participation seat WHERE {})"
KNOWN_PARTY = SEAT.format(
    "seat.incident_id = incidents_role.incident_id"
    " AND seat.organization_id = incidents_role.organization_id"
)
SIGNER = """EXISTS (
    SELECT 1 FROM incidents_statement statement
    JOIN incidents_participation seat ON seat.incident_id = statement.incident_id
    WHERE statement.id = incidents_signoff.statement_id
      AND seat.organization_id = incidents_signoff.organization_id
)"""

# Table: what a person sees of it, and what the public sees.
TABLES = {
    "incidents_participation": (
        f"""organization_id IN {MINE} OR (
            incident_id IN {ALL_ROOMS} AND (NOT is_confidential OR incident_id IN {CHAIR_ROOMS})
        )""",
        f"NOT is_confidential AND incident_id IN {PUBLIC_ROOMS}",
    ),
    "incidents_invitation": (
        f"""organization_id IN {MINE} OR (
            incident_id IN {ALL_ROOMS} AND (
                NOT is_confidential OR {ORGANIZATION} IN (inviting_id, approving_id)
                OR incident_id IN {CHAIR_ROOMS}
            )
        )""",
        NEVER,
    ),
    "incidents_role": (
        # Those of one's own party too, before the room is entered: they say who speaks for it.
        f"""person_id = {PERSON} OR organization_id IN {MINE}
            OR (incident_id IN {ALL_ROOMS} AND {KNOWN_PARTY})""",
        NEVER,
    ),
    "incidents_controlproof": (
        SEAT.format("seat.id = incidents_controlproof.participation_id"),
        NEVER,
    ),
    "incidents_removal": (SEAT.format("seat.id = incidents_removal.participation_id"), NEVER),
    # Who lapsed may see what it is asked to sign instead.
    "incidents_termsrevision": (
        SEAT.format(
            "seat.incident_id = incidents_termsrevision.incident_id"
            f" AND seat.organization_id = {ORGANIZATION} AND seat.removed_at IS NULL"
        ),
        NEVER,
    ),
    "incidents_releaserequest": (
        f"""incident_id IN {ALL_ROOMS}
            AND (owner_id = {ORGANIZATION} OR asked_for_id = {ORGANIZATION})""",
        NEVER,
    ),
    "incidents_trackedaddress": (IN_ROOM, PUBLISHED),
    "incidents_freezerequest": (
        f"""{IN_ROOM} AND (
            incident_id NOT IN {DESK_ROOMS}
            OR (desk_id = {ORGANIZATION} AND sent_at IS NOT NULL)
        )""",
        NEVER,
    ),
    "incidents_freezetarget": through(
        "incidents_freezetarget", "request_id", "incidents_freezerequest"
    ),
    "incidents_freezeanswer": (
        f"""{SHOWN} AND EXISTS (
            SELECT 1 FROM incidents_freezetarget target
            WHERE target.id = incidents_freezeanswer.target_id
        )""",
        NEVER,
    ),
    "incidents_statement": (IN_ROOM, f"published_at IS NOT NULL AND {PUBLISHED}"),
    "incidents_signoff": (SIGNER, SIGNER),
    "incidents_timelineentry": (
        f"""{IN_ROOM} AND (
            incident_id NOT IN {DESK_ROOMS}
            OR subject NOT LIKE 'freeze:%' OR subject IN {REQUESTS}
        )""",
        PUBLISHED,
    ),
    "incidents_ledgerentry": (
        LINE.format("incidents_ledgerentry.id"),
        LINE.format("incidents_ledgerentry.id"),
    ),
    "incidents_movedline": (
        f"{SEEN.format('line_id')} AND {SEEN.format('remark_id')}",
        f"{SEEN.format('line_id')} AND {SEEN.format('remark_id')}",
    ),
    "incidents_personalcontent": (
        LINE.format("incidents_personalcontent.entry_id"),
        LINE.format("incidents_personalcontent.entry_id"),
    ),
}

OWNER = """
CREATE POLICY rooms_read ON incidents_participation FOR SELECT TO CURRENT_USER USING (true)
"""
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
    schema_editor.execute(ROOMS, params=None)
    for table, (person, public) in TABLES.items():
        made = FENCE.format(table=table, scope=SCOPE, person=person, public=public)
        schema_editor.execute(made, params=None)
    schema_editor.execute(OWNER, params=None)


def open_it(apps, schema_editor):
    schema_editor.execute("DROP POLICY rooms_read ON incidents_participation", params=None)
    for table in TABLES:
        schema_editor.execute(NO_FENCE.format(table=table), params=None)
    schema_editor.execute("DROP FUNCTION holdfast_rooms(text[])", params=None)


class Migration(migrations.Migration):
    replaces = [
        ("incidents", "0010_row_level_security"),
    ]

    dependencies = [("incidents", "0003_guards")]
    operations = [migrations.RunPython(fence, open_it)]
