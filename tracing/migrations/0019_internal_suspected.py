"""A lead of its own for balances that nothing explains. Choices alone, no schema."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0018_final_number"),
    ]

    operations = [
        migrations.AlterField(
            model_name="lead",
            name="kind",
            field=models.CharField(
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
    ]
