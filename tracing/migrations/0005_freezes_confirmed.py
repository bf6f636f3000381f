"""What confirms a freeze, what unknown tokens answered, and what mixers took in and gave out."""

import django.db.models.deletion
from django.db import migrations, models

import incidents.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0004_fifo_2"),
    ]

    operations = [
        migrations.AddField(
            model_name="chainfreeze",
            name="asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="chainfreeze",
            name="checked_in",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="freezes_checked",
                to="tracing.block",
            ),
        ),
        migrations.AddField(
            model_name="chainfreeze",
            name="confirmation",
            field=models.CharField(
                choices=[
                    ("seen", "Seen, not confirmed"),
                    ("confirmed", "Confirmed by the token's view"),
                    ("denied", "The token's view says otherwise"),
                ],
                default="seen",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="chainfreeze",
            name="interface",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="chainfreeze",
            name="origin",
            field=models.CharField(
                choices=[
                    ("event", "An event of the token"),
                    ("view", "The token's view, without an event"),
                ],
                default="event",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="asset",
            name="freeze_interface",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AlterField(
            model_name="chainfreeze",
            name="tx",
            field=models.CharField(blank=True, max_length=72),
        ),
        migrations.CreateModel(
            name="PoolEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tx", models.CharField(max_length=72)),
                ("index", models.PositiveIntegerField()),
                ("pool", models.CharField(max_length=130)),
                (
                    "kind",
                    models.CharField(
                        choices=[("deposit", "Deposit"), ("withdrawal", "Withdrawal")],
                        max_length=10,
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=130)),
                ("amount", incidents.models.fields.AmountField(null=True)),
                ("is_tainted", models.BooleanField(default=False)),
                (
                    "block",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pool_events",
                        to="tracing.block",
                    ),
                ),
                (
                    "trace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pool_events",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["trace", "pool"], name="pool_events_by_pool")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trace", "block", "index"), name="one_pool_event_per_log"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TokenProbe",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contract", models.CharField(max_length=130)),
                ("interface", models.CharField(max_length=120)),
                ("block_number", models.BigIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="probes",
                        to="tracing.chain",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("chain", "contract"), name="one_probe_per_token"
                    )
                ],
            },
        ),
    ]
