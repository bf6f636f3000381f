"""What a person decided on a lead, and a name for it that counts nothing.

The table is empty when this comes: nothing writes leads before it.
"""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0002_following"),
    ]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="decision",
            field=models.CharField(
                blank=True,
                choices=[
                    ("open", "Needs a look"),
                    ("confirmed", "Confirmed"),
                    ("dismissed", "Dismissed"),
                    ("withdrawn", "Its block was dropped"),
                ],
                default="",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="lead",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
