"""What was seen of the far side, and every landing on a watched chain.

The table of crossings is empty when this comes: nothing writes crossings before it.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import incidents.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0006_rebasing_assets"),
    ]

    operations = [
        migrations.AddField(
            model_name="crossing",
            name="departed",
            field=incidents.models.fields.AmountField(null=True),
        ),
        migrations.AddField(
            model_name="crossing",
            name="far_address",
            field=models.CharField(blank=True, max_length=130),
        ),
        migrations.AddField(
            model_name="crossing",
            name="far_amount",
            field=incidents.models.fields.AmountField(null=True),
        ),
        migrations.AddField(
            model_name="crossing",
            name="far_asset",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="crossing",
            name="far_chain",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="crossing",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="crossing",
            name="via",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.CreateModel(
            name="Landing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bridge", models.CharField(max_length=40)),
                ("tx", models.CharField(max_length=72)),
                ("position", models.PositiveIntegerField()),
                ("contract", models.CharField(max_length=130)),
                ("from_chain", models.CharField(blank=True, max_length=60)),
                ("to_address", models.CharField(blank=True, max_length=130)),
                ("asset", models.CharField(blank=True, max_length=200)),
                ("amount", incidents.models.fields.AmountField(null=True)),
                ("match_key", models.CharField(blank=True, max_length=200)),
                ("is_refund", models.BooleanField(default=False)),
                (
                    "block",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="landings",
                        to="tracing.block",
                    ),
                ),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="landings",
                        to="tracing.chain",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["bridge", "match_key"], name="landing_by_match_key"),
                    models.Index(fields=["to_address"], name="landing_by_recipient"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("block", "bridge", "position"), name="one_landing_per_log"
                    )
                ],
            },
        ),
    ]
