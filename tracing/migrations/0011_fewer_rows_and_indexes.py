"""Undo rows become one per block, and indexes go that another index of the table begins with."""

import django.db.models.deletion
from django.db import migrations, models

# The first row of a block takes what all rows of it say; the others go.
GATHER = """
UPDATE {table} AS kept SET accounts = found.accounts FROM (
    SELECT min(id) AS id, jsonb_agg(jsonb_build_array({place}, before) ORDER BY id) AS accounts
    FROM {table} GROUP BY trace_id, block_number
) AS found WHERE kept.id = found.id;
DELETE FROM {table} WHERE accounts = '[]'::jsonb;
"""


def one_per_block(model, place, old_name, new_name):
    """The steps for one of the two tables."""
    return [
        migrations.AddField(model, "accounts", models.JSONField(default=list)),
        migrations.RunSQL(
            GATHER.format(table=f"tracing_{model}", place=", ".join(place)),
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint(model, old_name),
        *(migrations.RemoveField(model, name) for name in (*place, "before")),
        migrations.AlterField(model, "accounts", models.JSONField()),
        migrations.AddConstraint(
            model,
            models.UniqueConstraint(fields=("trace", "block_number"), name=new_name),
        ),
    ]


def without_index(model, field, to, related):
    """A foreign key whose own index repeats the beginning of a unique one."""
    return migrations.AlterField(
        model,
        field,
        models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.CASCADE,
            related_name=related,
            to=to,
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0010_work_bound_needs_a_look"),
    ]

    operations = [
        *one_per_block(
            "undo",
            ("chain", "address", "asset"),
            "one_undo_per_account_and_block",
            "one_undo_per_block",
        ),
        *one_per_block(
            "rangeundo",
            ("policy", "chain", "address", "asset"),
            "one_range_undo_per_account",
            "one_range_undo_per_block",
        ),
        without_index("undo", "trace", "tracing.trace", "undo"),
        without_index("rangeundo", "trace", "tracing.trace", "range_undo"),
        without_index("rangeaccount", "trace", "tracing.trace", "range_accounts"),
        without_index("exposure", "trace", "tracing.trace", "exposures"),
        without_index("transfer", "block", "tracing.block", "transfers"),
        without_index("hop", "trace", "tracing.trace", "hops"),
        # Accounts change often: with room on their pages, a change leaves the indexes alone.
        *(
            migrations.RunSQL(
                f"ALTER TABLE tracing_{name} SET (fillfactor = 60)",
                f"ALTER TABLE tracing_{name} RESET (fillfactor)",
            )
            for name in ("exposure", "rangeaccount")
        ),
        without_index("finding", "trace", "tracing.trace", "findings"),
    ]
