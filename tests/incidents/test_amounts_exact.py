"""A uint256 survives the database, sums, expressions, the ledger and JSON to the last digit."""

import json

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F, Sum

from incidents import ports
from incidents.choices import Outcome
from incidents.models import FreezeTarget, LedgerEntry
from incidents.serialized import strip_json
from incidents.services import answers, ledger
from tests import factories
from tests.cast import Cast, organization
from tests.factories import AMBER, UINT256_MAX

pytestmark = pytest.mark.django_db

AMOUNTS = [0, 1, 2**53 + 1, 10**28 + 1, 2**255 + 12345678901234567890, UINT256_MAX]


@pytest.fixture
def target(cast: Cast) -> FreezeTarget:
    return factories.sent_request(
        cast.incident, cast.lead, cast.rival, organization(cast.exchange), amount=UINT256_MAX
    )


@pytest.mark.parametrize("amount", AMOUNTS)
def test_column_gives_back_the_same_int(target: FreezeTarget, amount: int) -> None:
    target.held = amount
    target.save(update_fields=["held"])
    read = FreezeTarget.objects.get(pk=target.pk).held
    assert (type(read), read) == (int, amount)
    assert FreezeTarget.objects.filter(held=amount, held__gte=amount).exists()


def test_sums_and_expressions_are_exact(cast: Cast, target: FreezeTarget) -> None:
    small = factories.target(cast.incident, cast.lead, amount=1, at=factories.address(5))
    total = FreezeTarget.objects.aggregate(total=Sum("requested"))["total"]
    assert (type(total), total) == (int, UINT256_MAX + 1)
    assert FreezeTarget.objects.none().aggregate(total=Sum("requested"))["total"] is None
    FreezeTarget.objects.filter(pk=small.pk).update(requested=F("requested") + (UINT256_MAX - 1))
    assert FreezeTarget.objects.get(pk=small.pk).requested == UINT256_MAX


def test_more_than_the_column_holds_is_an_error_and_no_other_number(target: FreezeTarget) -> None:
    target.held = 10**78
    with pytest.raises(DatabaseError), transaction.atomic():
        target.save(update_fields=["held"])
    assert FreezeTarget.objects.get(pk=target.pk).held == 0


def test_ledger_and_answers_hold_it_as_text(cast: Cast, target: FreezeTarget) -> None:
    answers.answer(target, Outcome.HELD, actor=cast.exchange, marking=AMBER, amount=UINT256_MAX - 1)
    entry = LedgerEntry.objects.get(kind="freeze.answered")
    assert entry.content["amount"] == str(UINT256_MAX - 1)
    held = answers.held_amounts(cast.incident)
    assert list(held.values()) == [UINT256_MAX - 1]
    assert list(ledger.verify(cast.incident)) == []


def test_json_of_a_strip_has_strings(cast: Cast) -> None:
    strip = ports.Strip("asset", "RSX", 18, *[UINT256_MAX] * 2, 0, 0, 0, 0, 0, 0)
    assert json.loads(json.dumps(strip_json(strip)))["stolen"] == str(UINT256_MAX)
