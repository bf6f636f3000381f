"""The default of new rows alone: a trace that is there keeps the version that it was told under."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0003_lead_decision"),
    ]

    operations = [
        migrations.AlterField(
            model_name="trace",
            name="policy_version",
            field=models.CharField(default="fifo-2", max_length=20),
        ),
    ]
