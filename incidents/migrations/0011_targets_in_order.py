from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0010_desk_enrolment_codes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="freezetarget",
            options={"ordering": ["pk"]},
        ),
    ]
