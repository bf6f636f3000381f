"""Chains and their blocks, traces and what they reach, labels, tables and looks back."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import incidents.models.fields
import tracing.chains.quorum


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("tracing", "0001_initial"),
        ("tracing", "0002_following"),
        ("tracing", "0003_lead_decision"),
        ("tracing", "0004_fifo_2"),
        ("tracing", "0005_freezes_confirmed"),
        ("tracing", "0006_rebasing_assets"),
        ("tracing", "0007_far_side"),
        ("tracing", "0008_labels_of_rooms"),
        ("tracing", "0009_unknown_token_leads"),
        ("tracing", "0010_work_bound_needs_a_look"),
        ("tracing", "0011_fewer_rows_and_indexes"),
        ("tracing", "0012_noted_assets"),
        ("tracing", "0013_several_endpoints"),
        ("tracing", "0015_first_numbers"),
        ("tracing", "0017_lookbacks"),
        ("tracing", "0018_final_number"),
        ("tracing", "0019_internal_suspected"),
        ("tracing", "0020_told_since"),
        ("tracing", "0021_beside_a_block"),
        ("tracing", "0022_words_by_id"),
    ]

    dependencies = [
        ("incidents", "0002_rooms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Chain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("caip2", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("family", models.CharField(default="evm", max_length=20)),
                ("native_symbol", models.CharField(default="ETH", max_length=20)),
                ("native_decimals", models.PositiveSmallIntegerField(default=18)),
                ("native_asset", models.CharField(max_length=120)),
                ("is_watched", models.BooleanField(default=True)),
                ("final_depth", models.PositiveIntegerField(default=64)),
                ("finality", models.CharField(default="depth", max_length=8)),
                ("block_seconds", models.FloatField(default=12.0)),
                ("quorum", models.PositiveSmallIntegerField(default=1)),
                ("commitments", models.JSONField(default=list)),
                ("cursor_number", models.BigIntegerField(null=True)),
                ("cursor_hash", models.CharField(blank=True, max_length=66)),
                ("first_number", models.BigIntegerField(null=True)),
                ("flaw", models.CharField(blank=True, max_length=300)),
                ("checked_at", models.DateTimeField(null=True)),
                ("verified_at", models.DateTimeField(null=True)),
                ("head_number", models.BigIntegerField(null=True)),
                ("verified_number", models.BigIntegerField(null=True)),
                ("unverified_since", models.DateTimeField(null=True)),
                ("told_since", models.DateTimeField(null=True)),
                ("final_number", models.BigIntegerField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("errors_in_row", models.PositiveIntegerField(default=0)),
                ("retry_at", models.DateTimeField(null=True)),
                ("lease_holder", models.CharField(blank=True, max_length=80)),
                ("lease_epoch", models.PositiveBigIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("hash", models.CharField(max_length=66)),
                ("parent_hash", models.CharField(max_length=66)),
                ("timestamp", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("seen", "Seen"),
                            ("safe", "Safe"),
                            ("final", "Final"),
                            ("orphaned", "Orphaned"),
                        ],
                        default="seen",
                        max_length=10,
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("single", "Single"),
                            ("unverified", "Unverified"),
                            ("logs", "Logs"),
                            ("verified", "Verified"),
                        ],
                        default=tracing.chains.quorum.Standing["SINGLE"],
                        max_length=12,
                    ),
                ),
                ("operators", models.JSONField(default=list)),
                ("contents_digest", models.CharField(blank=True, max_length=64)),
                ("traces_digest", models.CharField(blank=True, max_length=64)),
                ("verified_at", models.DateTimeField(null=True)),
                ("times_adopted", models.PositiveSmallIntegerField(default=1)),
                ("transfer_count", models.PositiveIntegerField(default=0)),
                ("custody", models.JSONField(default=dict)),
                ("beside", models.JSONField(default=dict)),
                ("ingested_at", models.DateTimeField(auto_now_add=True)),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks",
                        to="tracing.chain",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("seen", "safe"))),
                        fields=["chain", "number"],
                        name="blocks_not_final",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "hash"), name="one_row_per_block"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "orphaned"), _negated=True),
                        fields=("chain", "number"),
                        name="one_canonical_block_per_height",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("who", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("chain_added", "Chain added"),
                            ("chain_changed", "Chain changed"),
                            ("chain_followed", "Chain followed"),
                            ("chain_left", "Chain not followed any more"),
                            ("quorum_set", "Quorum set"),
                            ("commitments_set", "What is recomputed set"),
                            ("endpoint_added", "Endpoint added"),
                            ("endpoint_changed", "Endpoint's URL changed"),
                            ("endpoint_on", "Endpoint switched on"),
                            ("endpoint_off", "Endpoint switched off"),
                            ("quarantine_lifted", "Quarantine lifted"),
                        ],
                        max_length=20,
                    ),
                ),
                ("operator", models.CharField(blank=True, max_length=80)),
                ("detail", models.CharField(blank=True, max_length=400)),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="tracing.chain",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ChainFreeze",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asset", models.CharField(max_length=200)),
                ("address", models.CharField(max_length=130)),
                ("tx", models.CharField(blank=True, max_length=72)),
                ("interface", models.CharField(blank=True, max_length=120)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("event", "An event of the token"),
                            ("view", "The token's view, without an event"),
                        ],
                        default="event",
                        max_length=8,
                    ),
                ),
                (
                    "confirmation",
                    models.CharField(
                        choices=[
                            ("seen", "Seen, not confirmed"),
                            ("confirmed", "Confirmed by the token's view"),
                            ("denied", "The token's view says otherwise"),
                        ],
                        default="seen",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(null=True)),
                (
                    "block",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="freezes_set",
                        to="tracing.block",
                    ),
                ),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="freezes",
                        to="tracing.chain",
                    ),
                ),
                (
                    "checked_in",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="freezes_checked",
                        to="tracing.block",
                    ),
                ),
                (
                    "lifted_in",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="freezes_lifted",
                        to="tracing.block",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("asset", "address", "tx", "block"), name="one_freeze_per_event"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("minute", models.DateTimeField()),
                ("blocks", models.PositiveIntegerField(default=0)),
                ("transfers", models.PositiveIntegerField(default=0)),
                ("lag_blocks", models.IntegerField(default=0)),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="samples",
                        to="tracing.chain",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("chain", "minute"), name="one_sample_per_minute"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Crossing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", models.CharField(max_length=200)),
                ("bridge", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Not seen on the far side"),
                            ("probable", "Probable"),
                            ("certain", "Certain"),
                            ("confirmed", "Confirmed by an analyst"),
                            ("rejected", "Rejected by an analyst"),
                            ("withdrawn", "Its block was dropped"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("confidence", models.PositiveSmallIntegerField(default=0)),
                ("tx", models.CharField(max_length=72)),
                ("position", models.PositiveIntegerField(default=0)),
                ("from_address", models.CharField(max_length=130)),
                ("escrow_address", models.CharField(max_length=130)),
                ("asset", models.CharField(max_length=200)),
                ("amount", incidents.models.fields.AmountField()),
                ("lots", models.JSONField(default=list)),
                ("departed", incidents.models.fields.AmountField(null=True)),
                ("via", models.CharField(blank=True, max_length=40)),
                ("match_key", models.CharField(blank=True, max_length=200)),
                ("to_chain", models.CharField(blank=True, max_length=60)),
                ("to_address", models.CharField(blank=True, max_length=130)),
                ("to_asset", models.CharField(blank=True, max_length=200)),
                ("to_amount", incidents.models.fields.AmountField(null=True)),
                ("far_chain", models.CharField(blank=True, max_length=60)),
                ("far_address", models.CharField(blank=True, max_length=130)),
                ("far_asset", models.CharField(blank=True, max_length=200)),
                ("far_amount", incidents.models.fields.AmountField(null=True)),
                ("far_tx", models.CharField(blank=True, max_length=72)),
                ("far_block_number", models.BigIntegerField(null=True)),
                ("far_block_hash", models.CharField(blank=True, max_length=66)),
                ("decided_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "block",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="crossings",
                        to="tracing.block",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("operator", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("rpc", "JSON-RPC node"),
                            ("history", "Etherscan-compatible history"),
                        ],
                        default="rpc",
                        max_length=8,
                    ),
                ),
                ("url", models.TextField()),
                ("ws_url", models.TextField(blank=True)),
                ("is_enabled", models.BooleanField(default=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("quarantined", "Quarantined")],
                        default="active",
                        max_length=12,
                    ),
                ),
                ("learnt", models.JSONField(default=dict)),
                ("head_number", models.BigIntegerField(null=True)),
                ("latency_ms", models.FloatField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("errors_in_row", models.PositiveIntegerField(default=0)),
                ("retry_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="endpoints",
                        to="tracing.chain",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("chain", "operator", "kind"), name="one_endpoint_per_operator"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FlowTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "marking",
                    models.CharField(
                        choices=[
                            ("TLP:RED", "TLP:RED"),
                            ("TLP:AMBER+STRICT", "TLP:AMBER+STRICT"),
                            ("TLP:AMBER", "TLP:AMBER"),
                            ("TLP:GREEN", "TLP:GREEN"),
                            ("TLP:CLEAR", "TLP:CLEAR"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "audience_organizations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                (
                    "audience_people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("layout", models.CharField(max_length=20)),
                ("sha256", models.CharField(max_length=64)),
                ("unit", models.CharField(max_length=40)),
                ("decimals", models.PositiveSmallIntegerField()),
                ("row_count", models.PositiveIntegerField()),
                ("sources", models.JSONField(default=list)),
                ("terminals", models.JSONField(default=list)),
                ("policy", models.CharField(max_length=20)),
                ("policy_version", models.CharField(max_length=20)),
                ("result", models.JSONField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FlowRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                ("at", models.DateTimeField(null=True)),
                ("block_number", models.BigIntegerField(null=True)),
                ("tx", models.CharField(blank=True, max_length=100)),
                ("from_address", models.CharField(max_length=130)),
                ("from_label", models.CharField(blank=True, max_length=200)),
                ("to_address", models.CharField(max_length=130)),
                ("to_label", models.CharField(blank=True, max_length=200)),
                ("amount", incidents.models.fields.AmountField()),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="tracing.flowtable",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("table", "line"), name="one_row_per_line")
                ],
            },
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
        migrations.CreateModel(
            name="Lookback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "marking",
                    models.CharField(
                        choices=[
                            ("TLP:RED", "TLP:RED"),
                            ("TLP:AMBER+STRICT", "TLP:AMBER+STRICT"),
                            ("TLP:AMBER", "TLP:AMBER"),
                            ("TLP:GREEN", "TLP:GREEN"),
                            ("TLP:CLEAR", "TLP:CLEAR"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "audience_organizations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                (
                    "audience_people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("address", models.CharField(max_length=130)),
                ("first_number", models.BigIntegerField()),
                ("target_number", models.BigIntegerField()),
                ("cursor_number", models.BigIntegerField()),
                ("cursor_hash", models.CharField(blank=True, max_length=66)),
                ("history_number", models.BigIntegerField(null=True)),
                ("history_operator", models.CharField(blank=True, max_length=80)),
                ("refusal", models.CharField(blank=True, max_length=200)),
                ("missed", models.PositiveIntegerField(default=0)),
                ("denied", models.PositiveIntegerField(default=0)),
                ("rate", models.FloatField(null=True)),
                ("progress_at", models.DateTimeField(null=True)),
                ("told_number", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lookbacks",
                        to="tracing.chain",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lookbacks",
                        to="incidents.incident",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["incident", "chain", "address"], name="lookback_address")
                ],
            },
        ),
        migrations.CreateModel(
            name="PastTransfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("block_number", models.BigIntegerField()),
                ("tx", models.CharField(blank=True, max_length=66)),
                ("kind", models.CharField(max_length=12)),
                ("asset", models.CharField(max_length=200)),
                ("from_address", models.CharField(blank=True, max_length=130)),
                ("to_address", models.CharField(blank=True, max_length=130)),
                ("amount", incidents.models.fields.AmountField()),
                ("occurrence", models.PositiveIntegerField(default=0)),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("claimed", "From a history, not verified"),
                            ("read", "Read in its block"),
                            ("denied", "Told by a history, not in its block"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "lookback",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfers",
                        to="tracing.lookback",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "lookback",
                            "block_number",
                            "tx",
                            "kind",
                            "asset",
                            "from_address",
                            "to_address",
                            "amount",
                            "occurrence",
                        ),
                        name="one_past_transfer",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Quarantine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("number", models.BigIntegerField(null=True)),
                ("claimed", models.TextField(blank=True)),
                ("computed", models.TextField(blank=True)),
                ("answer", models.TextField(blank=True)),
                ("began_at", models.DateTimeField(auto_now_add=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quarantines",
                        to="tracing.endpoint",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=16)),
                ("category", models.CharField(max_length=20)),
                ("oracle", models.CharField(blank=True, max_length=130)),
                ("desk_channel", models.CharField(blank=True, max_length=20)),
                ("desk_contact", models.CharField(blank=True, max_length=200)),
                ("desk_wants", models.CharField(blank=True, max_length=500)),
                ("desk_hold_days", models.PositiveSmallIntegerField(null=True)),
                ("desk_source", models.CharField(blank=True, max_length=400)),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "marking",
                    models.CharField(
                        choices=[
                            ("TLP:RED", "TLP:RED"),
                            ("TLP:AMBER+STRICT", "TLP:AMBER+STRICT"),
                            ("TLP:AMBER", "TLP:AMBER"),
                            ("TLP:GREEN", "TLP:GREEN"),
                            ("TLP:CLEAR", "TLP:CLEAR"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "audience_organizations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                (
                    "audience_people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                ("public_id", models.UUIDField(editable=False, null=True, unique=True)),
                ("address", models.CharField(max_length=130)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("category", models.CharField(blank=True, max_length=40)),
                ("source", models.CharField(max_length=400)),
                ("dated", models.DateField()),
                (
                    "confidence",
                    models.CharField(
                        choices=[
                            ("sourced", "According to its source"),
                            ("confirmed", "Confirmed by an analyst"),
                            ("rejected", "Rejected by an analyst"),
                            ("inferred", "Inferred"),
                        ],
                        default="sourced",
                        max_length=12,
                    ),
                ),
                ("stated", models.CharField(blank=True, max_length=40)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="labels",
                        to="tracing.chain",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="labels",
                        to="incidents.incident",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="labels",
                        to="tracing.service",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["chain", "address"], name="label_by_address")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("incident__isnull", True)),
                        fields=("chain", "address", "source", "name"),
                        name="one_label_per_source_and_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Asset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("caip19", models.CharField(max_length=200, unique=True)),
                ("contract", models.CharField(blank=True, max_length=130)),
                ("symbol", models.CharField(blank=True, max_length=80)),
                ("decimals", models.PositiveSmallIntegerField(default=0)),
                ("role", models.CharField(default="plain", max_length=10)),
                ("underlying", models.CharField(blank=True, max_length=200)),
                ("freeze_interface", models.CharField(blank=True, max_length=120)),
                ("is_rebasing", models.BooleanField(default=False)),
                ("follow_threshold", models.CharField(blank=True, max_length=80)),
                ("is_noted", models.BooleanField(default=False)),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assets",
                        to="tracing.chain",
                    ),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="issued_assets",
                        to="tracing.service",
                    ),
                ),
                (
                    "lender",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracing.service",
                    ),
                ),
            ],
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
        migrations.CreateModel(
            name="Trace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "marking",
                    models.CharField(
                        choices=[
                            ("TLP:RED", "TLP:RED"),
                            ("TLP:AMBER+STRICT", "TLP:AMBER+STRICT"),
                            ("TLP:AMBER", "TLP:AMBER"),
                            ("TLP:GREEN", "TLP:GREEN"),
                            ("TLP:CLEAR", "TLP:CLEAR"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "audience_organizations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                (
                    "audience_people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("policy", models.CharField(default="fifo", max_length=20)),
                ("policy_version", models.CharField(default="fifo-2", max_length=20)),
                ("start_number", models.BigIntegerField()),
                ("cursor_number", models.BigIntegerField()),
                ("is_live", models.BooleanField(default=False)),
                ("rate", models.FloatField(null=True)),
                ("progress_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="traces",
                        to="tracing.chain",
                    ),
                ),
                (
                    "crossing",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leg",
                        to="tracing.crossing",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="traces",
                        to="incidents.incident",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Seed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("tx", models.CharField(max_length=66)),
                ("block_number", models.BigIntegerField()),
                ("victim", models.CharField(blank=True, max_length=130)),
                ("receiver", models.CharField(max_length=130)),
                ("asset", models.CharField(max_length=200)),
                ("amount", incidents.models.fields.AmountField()),
                ("lots", models.JSONField(default=list)),
                (
                    "trace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seeds",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("trace", "key"), name="one_seed_per_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="RangeUndo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("block_number", models.BigIntegerField()),
                ("accounts", models.JSONField()),
                (
                    "trace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="range_undo",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trace", "block_number"), name="one_range_undo_per_block"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RangeAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy", models.CharField(max_length=20)),
                ("chain", models.CharField(max_length=60)),
                ("address", models.CharField(max_length=130)),
                ("asset", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=16)),
                ("state", models.JSONField()),
                ("tainted", incidents.models.fields.AmountField(default=0)),
                (
                    "trace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="range_accounts",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["trace", "address"], name="range_by_address")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trace", "policy", "chain", "address", "asset"),
                        name="one_range_account_per_policy",
                    )
                ],
            },
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
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("deposit_address", "Looks like a deposit address"),
                            ("hub", "Hub: needs a look"),
                            ("look_alike", "Look-alike address"),
                            ("mixer_withdrawal", "Withdrawal from the same mixer pool"),
                            ("data_request", "Ask the operator where it went"),
                            ("unknown_token", "Swapped into a token that nobody vouched for"),
                            ("internal_suspected", "Internal movement suspected"),
                            ("work_bound", "Over the work bound: needs a look"),
                        ],
                        max_length=20,
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Needs a look"),
                            ("confirmed", "Confirmed"),
                            ("dismissed", "Dismissed"),
                            ("withdrawn", "Its block was dropped"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("confidence", models.PositiveSmallIntegerField(default=0)),
                ("chain", models.CharField(max_length=60)),
                ("address", models.CharField(max_length=130)),
                ("evidence", models.JSONField(default=dict)),
                ("block_number", models.BigIntegerField(null=True)),
                ("block_hash", models.CharField(blank=True, max_length=66)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("open", "Needs a look"),
                            ("confirmed", "Confirmed"),
                            ("dismissed", "Dismissed"),
                            ("withdrawn", "Its block was dropped"),
                        ],
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracing.service",
                    ),
                ),
                (
                    "trace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leads",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["trace", "chain", "address"], name="lead_by_address")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("trace", "key"), name="one_lead_per_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="Hop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("prev_key", models.CharField(blank=True, max_length=120)),
                ("kind", models.CharField(max_length=12)),
                ("tx", models.CharField(max_length=72)),
                ("position", models.PositiveIntegerField()),
                ("from_address", models.CharField(blank=True, max_length=130)),
                ("from_asset", models.CharField(blank=True, max_length=200)),
                ("to_address", models.CharField(blank=True, max_length=130)),
                ("to_asset", models.CharField(max_length=200)),
                ("amount_from", incidents.models.fields.AmountField()),
                ("amount_to", incidents.models.fields.AmountField()),
                ("seed_key", models.CharField(max_length=200)),
                ("origin_asset", models.CharField(max_length=200)),
                ("origin_amount", incidents.models.fields.AmountField()),
                ("depth", models.PositiveIntegerField()),
                ("is_estimated", models.BooleanField(default=False)),
                (
                    "block",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hops",
                        to="tracing.block",
                    ),
                ),
                (
                    "trace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hops",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("trace", "key"), name="one_hop_per_key")
                ],
            },
        ),
        migrations.AddField(
            model_name="flowtable",
            name="trace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="flow_tables",
                to="tracing.trace",
            ),
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=60)),
                ("payload", models.JSONField()),
                ("block_number", models.BigIntegerField()),
                ("block_hash", models.CharField(max_length=66)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("posted", "Posted"),
                            ("parked", "Refused by the room"),
                            ("void", "Orphaned before it was posted"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("refusal", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("posted_at", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="incidents.incident",
                    ),
                ),
                (
                    "trace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["incident", "id"],
                        name="findings_to_post",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("trace", "key"), name="one_finding_per_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="Exposure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain", models.CharField(max_length=60)),
                ("address", models.CharField(max_length=130)),
                ("asset", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=16)),
                ("state", models.JSONField()),
                ("tainted", incidents.models.fields.AmountField(default=0)),
                ("balance", incidents.models.fields.AmountField(default=0)),
                ("depth", models.PositiveIntegerField(default=0)),
                ("first_block", models.BigIntegerField()),
                ("is_history_incomplete", models.BooleanField(default=False)),
                (
                    "trace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exposures",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["chain", "address"], name="exposure_by_address")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trace", "chain", "address", "asset"),
                        name="one_exposure_per_account",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="crossing",
            name="trace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="crossings",
                to="tracing.trace",
            ),
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("block_number", models.BigIntegerField()),
                ("block_hash", models.CharField(max_length=66)),
                ("tx", models.CharField(max_length=72)),
                ("chain", models.CharField(max_length=60)),
                ("address", models.CharField(max_length=130)),
                ("asset", models.CharField(max_length=200)),
                ("amount", incidents.models.fields.AmountField()),
                ("is_withdrawn", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracing.service",
                    ),
                ),
                (
                    "trace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arrivals",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("trace", "key"), name="one_arrival_per_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tx", models.CharField(max_length=72)),
                ("position", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("asset", models.CharField(max_length=200)),
                ("from_address", models.CharField(blank=True, max_length=130)),
                ("to_address", models.CharField(blank=True, max_length=130)),
                ("amount", incidents.models.fields.AmountField()),
                (
                    "block",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfers",
                        to="tracing.block",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["from_address"], name="transfer_by_sender"),
                    models.Index(fields=["to_address"], name="transfer_by_recipient"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("block", "position"), name="one_transfer_per_position"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Undo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("block_number", models.BigIntegerField()),
                ("accounts", models.JSONField()),
                (
                    "trace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="undo",
                        to="tracing.trace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trace", "block_number"), name="one_undo_per_block"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="crossing",
            index=models.Index(fields=["bridge", "match_key"], name="crossing_by_match_key"),
        ),
        migrations.AddConstraint(
            model_name="crossing",
            constraint=models.UniqueConstraint(
                fields=("trace", "key"), name="one_crossing_per_key"
            ),
        ),
    ]
