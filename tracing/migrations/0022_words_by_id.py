import uuid

from django.db import migrations, models


def name_words(apps, schema_editor):
    """Labels that parties said; those of the directory need no name."""
    labels = apps.get_model("tracing", "Label").objects.using(schema_editor.connection.alias)
    for row in labels.filter(incident__isnull=False).only("pk"):
        row.public_id = uuid.uuid4()
        row.save(update_fields=["public_id"])


class Migration(migrations.Migration):
    dependencies = [
        ("tracing", "0021_beside_a_block"),
    ]

    operations = [
        migrations.AddField(
            model_name="label",
            name="public_id",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.RunPython(name_words, migrations.RunPython.noop, elidable=True),
    ]
