"""Where the chains that are watched already began: the run of blocks that ends at the cursor."""

from django.db import migrations

FILL = """
UPDATE tracing_chain c SET first_number = coalesce(
    (
        SELECT max(b.number) FROM tracing_block b
        WHERE b.chain_id = c.id AND b.state <> 'orphaned' AND b.number <= c.cursor_number
          AND NOT EXISTS (
              SELECT 1 FROM tracing_block p
              WHERE p.chain_id = c.id AND p.state <> 'orphaned' AND p.number = b.number - 1
          )
    ),
    c.cursor_number + 1
)
WHERE c.cursor_number IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0014_no_gaps"),
    ]

    operations = [migrations.RunSQL(FILL, "UPDATE tracing_chain SET first_number = NULL")]
