import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import incidents.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0004_row_level_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="freezeanswer",
            name="channel",
            field=models.CharField(
                choices=[
                    ("room", "In this room"),
                    ("page", "The desk's page"),
                    ("mail", "Mail"),
                    ("portal", "The desk's portal"),
                    ("webhook", "Webhook"),
                    ("phone", "Telephone"),
                    ("other", "Another way"),
                ],
                default="room",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="confirmation",
            field=models.CharField(
                choices=[
                    ("none", "Not confirmed"),
                    ("desk", "Desk's statement"),
                    ("court", "Court document"),
                    ("chain", "On chain"),
                ],
                default="desk",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="confirmed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="confirmed_how",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="contact",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="is_claimed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="legal",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="onward",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="part",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="proof",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="proof_digest",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="proof_name",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="reference",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="seq",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="freezerequest",
            name="acknowledge_by",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="freezerequest",
            name="answer_by",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="freezerequest",
            name="approved_digest",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="freezerequest",
            name="fields",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="freezerequest",
            name="watched_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="freezetarget",
            name="account_id",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="freezetarget",
            name="last_seq",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="freezetarget",
            name="moved_from",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moved_to",
                to="incidents.freezetarget",
            ),
        ),
        migrations.AddField(
            model_name="freezetarget",
            name="seized",
            field=incidents.models.fields.AmountField(default=0),
        ),
        migrations.AddField(
            model_name="freezetarget",
            name="usd_price",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="freezetarget",
            name="usd_price_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="freezetarget",
            name="usd_price_source",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AlterField(
            model_name="freezeanswer",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("acknowledged", "Acknowledged"),
                    ("located", "Located, not held"),
                    ("held", "Held"),
                    ("renewed", "Hold renewed"),
                    ("frozen", "Frozen"),
                    ("needs_information", "Needs information"),
                    ("needs_legal_process", "Needs legal process"),
                    ("wrong_desk", "Wrong desk"),
                    ("declined", "Declined"),
                    ("moved_on", "No longer here"),
                    ("released", "Released"),
                    ("seized", "Seized"),
                    ("burned_reissued", "Burned and reissued"),
                    ("in_custody", "In custody"),
                    ("encumbered", "Encumbered"),
                    ("returned", "Returned"),
                ],
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="freezetarget",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("checked", "Checked by one"),
                    ("approved", "Approved by two"),
                    ("sent", "Sent"),
                    ("bounced", "Bounced"),
                    ("no_reply", "No reply"),
                    ("acknowledged", "Acknowledged"),
                    ("needs_information", "Needs information"),
                    ("needs_legal_process", "Needs legal process"),
                    ("wrong_desk", "Wrong desk"),
                    ("declined", "Declined"),
                    ("moved_on", "Moved on"),
                    ("located", "Located"),
                    ("held", "Held"),
                    ("renewed", "Hold renewed"),
                    ("lapsed", "Hold lapsed"),
                    ("frozen", "Frozen"),
                    ("released", "Released"),
                    ("seized", "Seized"),
                    ("burned_reissued", "Burned and reissued"),
                    ("in_custody", "In custody"),
                    ("encumbered", "Encumbered"),
                    ("returned", "Returned"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="draft",
                max_length=24,
            ),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", models.CharField(max_length=200, unique=True)),
                ("channel", models.CharField(max_length=40)),
                ("to", models.CharField(max_length=500)),
                ("subject", models.CharField(max_length=255)),
                ("payload", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("in_flight", "In flight"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("bounced", "Bounced"),
                            ("uncertain", "Uncertain"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("claimed_by", models.CharField(blank=True, max_length=80)),
                ("done_at", models.DateTimeField(null=True)),
                ("message_id", models.CharField(blank=True, max_length=255)),
                ("error", models.CharField(blank=True, max_length=300)),
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
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeskContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("desk_slug", models.CharField(max_length=80)),
                ("name", models.CharField(max_length=120)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("room", "In this room"),
                            ("page", "The desk's page"),
                            ("mail", "Mail"),
                            ("portal", "The desk's portal"),
                            ("webhook", "Webhook"),
                            ("phone", "Telephone"),
                            ("other", "Another way"),
                        ],
                        max_length=10,
                    ),
                ),
                ("address", models.CharField(max_length=500)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("openpgp_key", models.TextField(blank=True)),
                ("webhook_secret", models.CharField(blank=True, max_length=100)),
                ("verified_at", models.DateTimeField(null=True)),
                ("verified_how", models.CharField(blank=True, max_length=300)),
                ("ended_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="desk_contacts",
                        to="incidents.organization",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeskLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recipient", models.CharField(max_length=200)),
                ("selector", models.CharField(max_length=32, unique=True)),
                ("secret_digest", models.CharField(max_length=64)),
                ("code_digest", models.CharField(blank=True, max_length=64)),
                ("code_until", models.DateTimeField(null=True)),
                ("code_wrong", models.PositiveSmallIntegerField(default=0)),
                ("most_devices", models.PositiveSmallIntegerField(default=3)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "code_told_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="incidents.deskcontact",
                    ),
                ),
                (
                    "enrolled",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="incidents.freezerequest",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeskDevice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("agent", models.CharField(blank=True, max_length=200)),
                ("expires_at", models.DateTimeField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="devices",
                        to="incidents.desklink",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="freezeanswer",
            name="link",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="incidents.desklink",
            ),
        ),
        migrations.CreateModel(
            name="DeskProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("slug", models.CharField(max_length=80)),
                ("name", models.CharField(max_length=120)),
                ("facts", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="desk_profiles",
                        to="incidents.organization",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeskView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=80)),
                ("network", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "device",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.deskdevice",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="views",
                        to="incidents.desklink",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HoldOff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("chain", models.CharField(max_length=60)),
                ("address", models.CharField(max_length=130)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("until", models.DateTimeField(null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hold_offs",
                        to="incidents.incident",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Packet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("issued", "Issued"),
                            ("superseded", "Superseded"),
                            ("revoked", "Revoked"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("manifest", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("is_correction", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("issued_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packets",
                        to="incidents.freezerequest",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("room", "In this room"),
                            ("page", "The desk's page"),
                            ("mail", "Mail"),
                            ("portal", "The desk's portal"),
                            ("webhook", "Webhook"),
                            ("phone", "Telephone"),
                            ("other", "Another way"),
                        ],
                        max_length=10,
                    ),
                ),
                ("recipient", models.CharField(max_length=200)),
                ("reference", models.CharField(blank=True, max_length=120)),
                ("handed_over_at", models.DateTimeField(null=True)),
                ("bounced_at", models.DateTimeField(null=True)),
                ("proof_name", models.CharField(blank=True, max_length=200)),
                ("proof_digest", models.CharField(blank=True, max_length=64)),
                ("proof", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.deskcontact",
                    ),
                ),
                (
                    "delivery",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatch",
                        to="incidents.delivery",
                    ),
                ),
                (
                    "on_behalf_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatches",
                        to="incidents.freezerequest",
                    ),
                ),
                (
                    "packet",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatches",
                        to="incidents.packet",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "dispatches",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PacketFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("format", models.CharField(max_length=20)),
                ("digest", models.CharField(db_index=True, max_length=64)),
                ("body", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "dispatch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="incidents.dispatch",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="incidents.desklink",
                    ),
                ),
                (
                    "packet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="incidents.packet",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PacketSignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sshsig", "SSH signature"),
                            ("webauthn", "Passkey"),
                            ("dsse", "Server's envelope (DSSE)"),
                            ("eip712", "Multisig or wallet (EIP-712)"),
                            ("openpgp", "OpenPGP"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("body", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
                (
                    "packet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="incidents.packet",
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReleaseOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("address", models.CharField(blank=True, max_length=130)),
                ("reason", models.CharField(max_length=500)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("not_before", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked_how", models.CharField(blank=True, max_length=300)),
                ("carried_out_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agreed_for",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
                (
                    "carried_out_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_for",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.organization",
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="incidents.freezetarget",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
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
                            ("sshsig", "SSH signature"),
                            ("webauthn", "Passkey"),
                            ("dsse", "Server's envelope (DSSE)"),
                            ("eip712", "Multisig or wallet (EIP-712)"),
                            ("openpgp", "OpenPGP"),
                        ],
                        max_length=10,
                    ),
                ),
                ("public", models.TextField()),
                ("fingerprint", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signing_keys",
                        to="incidents.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signing_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TargetStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("part", models.PositiveIntegerField(default=0)),
                ("kind", models.CharField(max_length=30)),
                ("amount", incidents.models.fields.AmountField(null=True)),
                (
                    "confirmation",
                    models.CharField(
                        choices=[
                            ("none", "Not confirmed"),
                            ("desk", "Desk's statement"),
                            ("court", "Court document"),
                            ("chain", "On chain"),
                        ],
                        default="none",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("chain", models.CharField(blank=True, max_length=60)),
                ("tx", models.CharField(blank=True, max_length=100)),
                ("block", models.BigIntegerField(null=True)),
                ("block_hash", models.CharField(blank=True, max_length=100)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="incidents.freezetarget",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["next_at"],
                name="deliveries_that_wait",
            ),
        ),
        migrations.AddConstraint(
            model_name="deskprofile",
            constraint=models.UniqueConstraint(
                fields=("slug", "organization"),
                name="one_profile_per_desk_and_organization",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="packet",
            constraint=models.UniqueConstraint(
                fields=("request", "version"), name="one_packet_per_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="signingkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("organization", "fingerprint"),
                name="one_key_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="targetstep",
            constraint=models.UniqueConstraint(fields=("target", "seq"), name="one_step_per_place"),
        ),
    ]
