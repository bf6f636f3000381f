"""Each test begins with what the migrations wrote, as the application's role."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from incidents.models import Person
from tests import services


@pytest.mark.django_db
def test_tests_connect_as_the_application_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == ("holdfast_app", services.database_name())


@pytest.mark.parametrize("turn", ["first", "second"])
@pytest.mark.django_db(transaction=True)
def test_committed_rows_go_and_migrated_rows_come_back(turn: str) -> None:
    assert ContentType.objects.exists(), turn
    assert not Person.objects.exists()
    Person.objects.create(email="somebody@example.org")
    ContentType.objects.all().delete()
    assert Person.objects.exists()
    assert not ContentType.objects.exists()
