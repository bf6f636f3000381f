"""Calendar feeds: when holds end, for a calendar outside."""

from django.db import models

from incidents.models.incident import Incident
from incidents.models.person import Person


class CalendarFeed(models.Model):
    """A secret address of one person for one room. Only its digest is stored. What it tells is
    what its person may see at that moment."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="calendar_feeds")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    seat = models.CharField(max_length=40, blank=True)  # public id of the one that was taken
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"calendar of {self.person}"
