from django.db import migrations, models


class Migration(migrations.Migration):
    """Assets that only a trace's seed or a bridge named; those that are there count as before."""

    dependencies = [("tracing", "0011_fewer_rows_and_indexes")]

    operations = [
        migrations.AddField(
            model_name="asset", name="is_noted", field=models.BooleanField(default=False)
        ),
    ]
