"""What every shared item carries: marking, owner, author, audience."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from incidents.choices import Marking
from incidents.models.fenced import Fenced
from incidents.models.organization import Organization
from incidents.models.person import Person


class Marked(Fenced):
    """A shared item. access.py alone reads these fields to decide who sees it.

    An audience narrows at any marking; null means "no narrowing". A null marking reads as RED to
    the author only.
    """

    marking = models.CharField(max_length=20, choices=Marking, null=True)
    owner = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    audience_organizations: Any = ArrayField(models.BigIntegerField(), null=True)
    audience_people: Any = ArrayField(models.BigIntegerField(), null=True)

    class Meta(Fenced.Meta):
        abstract = True
