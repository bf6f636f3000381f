"""The cursor of a chain moves up only over blocks that are there and linked."""

from django.db import migrations, models

GUARD = """
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
TRIGGER = """
CREATE TRIGGER cursor_leaves_no_gap BEFORE INSERT OR UPDATE OF cursor_number ON tracing_chain
FOR EACH ROW EXECUTE FUNCTION refuse_gaps()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0013_several_endpoints"),
    ]

    operations = [
        migrations.AddField("chain", "checked_at", models.DateTimeField(null=True)),
        migrations.AddField("chain", "first_number", models.BigIntegerField(null=True)),
        migrations.AddField("chain", "flaw", models.CharField(blank=True, max_length=300)),
        migrations.RunSQL(GUARD, "DROP FUNCTION refuse_gaps()"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER cursor_leaves_no_gap ON tracing_chain"),
    ]
