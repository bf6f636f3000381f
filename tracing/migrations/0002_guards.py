"""What PostgreSQL itself refuses: a cursor that skips a block, and a change to the record of acts.

Accounts change often: with room on their pages, a change leaves the indexes alone.
"""

from django.conf import settings
from django.db import migrations

NO_GAPS = """
CREATE FUNCTION refuse_gaps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    linked bigint;
BEGIN
    IF NEW.cursor_number IS NULL THEN
        NEW.first_number := NULL;
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.cursor_number IS NULL THEN
        NEW.first_number := NEW.cursor_number + 1;
        RETURN NEW;
    END IF;
    IF NEW.cursor_number <= OLD.cursor_number THEN
        NEW.first_number := least(OLD.first_number, NEW.cursor_number + 1);
        RETURN NEW;
    END IF;
    SELECT count(*) INTO linked
    FROM tracing_block b
    WHERE b.chain_id = NEW.id AND b.state <> 'orphaned'
      AND b.number > OLD.cursor_number AND b.number <= NEW.cursor_number
      AND (b.number < NEW.cursor_number OR b.hash = NEW.cursor_hash)
      AND CASE WHEN b.number = OLD.cursor_number + 1
          THEN OLD.cursor_hash IN ('', b.parent_hash)
          ELSE EXISTS (
              SELECT 1 FROM tracing_block p
              WHERE p.chain_id = b.chain_id AND p.state <> 'orphaned'
                AND p.number = b.number - 1 AND p.hash = b.parent_hash
          ) END;
    IF linked <> NEW.cursor_number - OLD.cursor_number THEN
        RAISE EXCEPTION 'chain %: the cursor may not move from block % to %: % of them are linked',
            NEW.caip2, OLD.cursor_number, NEW.cursor_number, linked
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
GAPS_REFUSED = """
CREATE TRIGGER cursor_leaves_no_gap BEFORE INSERT OR UPDATE OF cursor_number ON tracing_chain
FOR EACH ROW EXECUTE FUNCTION refuse_gaps()
"""
ACTS_STAY = """
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
ACTS_FREE = """
DROP TRIGGER acts_are_never_emptied ON tracing_chainact;
DROP TRIGGER acts_never_change ON tracing_chainact;
DROP FUNCTION refuse_act_change()
"""


def only_add(apps, schema_editor):
    """The grant is for the application's role; the triggers refuse the owner as well."""
    role = schema_editor.connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON tracing_chainact FROM {role}")


class Migration(migrations.Migration):
    replaces = [
        ("tracing", "0014_no_gaps"),
        ("tracing", "0016_chain_acts"),
    ]

    dependencies = [("tracing", "0001_tracing")]
    operations = [
        migrations.RunSQL(NO_GAPS, "DROP FUNCTION refuse_gaps()"),
        migrations.RunSQL(GAPS_REFUSED, "DROP TRIGGER cursor_leaves_no_gap ON tracing_chain"),
        migrations.RunPython(only_add, migrations.RunPython.noop),
        migrations.RunSQL(ACTS_STAY, ACTS_FREE),
        *(
            migrations.RunSQL(
                f"ALTER TABLE tracing_{name} SET (fillfactor = 60)",
                f"ALTER TABLE tracing_{name} RESET (fillfactor)",
            )
            for name in ("exposure", "rangeaccount")
        ),
    ]
