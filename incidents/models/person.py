"""People. They sign in with passkeys only; there is no password to lose."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from incidents.choices import TokenScope


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, name: str = "", **extra: Any) -> "Person":
        """A person without a password; allauth calls this by name."""
        person = self.model(email=self.normalize_email(email).lower(), name=name, **extra)
        person.set_unusable_password()
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(
        default=False
    )  # of the installation; no right to content
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "email"

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's permissions are not used: access.py decides."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


def _read_only() -> list[str]:
    return [TokenScope.READ]


class Enrolment(models.Model):
    """A single-use right to add the first passkey. Only the token's digest is stored.

    With ``code_digest`` the link alone opens nothing: a code is told over another channel, and
    five wrong ones burn it. ``organization``: the person becomes its member with it.
    ``recovery``: the person's old passkeys end with it.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="enrolments")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    code_digest = models.CharField(max_length=64, blank=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    organization = models.ForeignKey(
        "incidents.Organization", null=True, on_delete=models.CASCADE, related_name="+"
    )
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    recovery = models.ForeignKey(
        "incidents.Recovery", null=True, on_delete=models.PROTECT, related_name="enrolments"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"enrolment of {self.person}"


class ApiToken(models.Model):
    """A bearer token of one person. Only its SHA-256 is stored. ``incident``: the only one that it
    reaches; null: all of the person's."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scopes: Any = ArrayField(
        models.CharField(max_length=10, choices=TokenScope), default=_read_only
    )
    incident = models.ForeignKey(
        "incidents.Incident", null=True, on_delete=models.PROTECT, related_name="+"
    )

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} of {self.person}"
