"""Profile: what a user of Django's own table shows to others; Address: where he is written to; Login: who is in;
TwoFactor: what he needs for that besides his password; Export: what he asked to have of his own.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from plaza.api.records import KnownRequest, OutboxMessage


def new_salt() -> str:
    return secrets.token_hex(16)


class Version(models.DateTimeField):
    """The moment of a row's last change, and later than the one before whatever this machine's clock says: by it the
    other databases tell which of two messages is the newer. To migrations it is a DateTimeField."""

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        before = getattr(model_instance, self.attname)
        moment = super().pre_save(model_instance, add)
        if before is not None and moment <= before:
            moment = before + timedelta(microseconds=1)
            setattr(model_instance, self.attname, moment)
        return moment


class Profile(models.Model):
    class Status(models.TextChoices):
        VALID = "valid"
        SUSPENDED = "suspended"
        DELETED = "deleted"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    nickname = models.CharField(max_length=40, unique=True)
    bio = models.TextField(blank=True)
    image = models.FileField(upload_to="profiles/", blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.VALID)
    is_private = models.BooleanField(default=False)
    birth_date = models.DateField(null=True, blank=True)
    preferences = models.JSONField(default=dict, blank=True)
    last_ip = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = Version(auto_now=True)

    def __str__(self) -> str:
        return self.nickname


class Address(models.Model):
    """A user's e-mail address, in lower case; Django's own column is not unique. The next one is no address yet: it may
    be another's, until whoever asked for it has proved it (see plaza.accounts.changing)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="address")
    email = models.EmailField(max_length=191, unique=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    wanted = models.EmailField(max_length=191, null=True, blank=True, editable=False)  # the next one
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)  # the version of what is wanted

    class Meta:
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return self.email


class Login(models.Model):
    """One signed-in client. Its refresh token is good once: what comes a second time was stolen, and ends the login."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="logins")
    refresh_id = models.UUIDField(default=uuid.uuid4)
    client = models.TextField(blank=True)  # as it names itself: User-Agent
    ip = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    used_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} by {self.client}"


class TwoFactor(models.Model):
    """A user's authenticator. Its secret is in no table: it is made of the salt and the service's own key, so that a
    copy of the database logs nobody in (see plaza.accounts.two_factor). No login wants it before `confirmed_at`."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="two_factor")
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    last_step = models.BigIntegerField(default=0, editable=False)  # the time step of the last code that was taken
    recovery = models.JSONField(default=list, blank=True, editable=False)  # SHA-256 of each code that is left
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = "second factor"

    def __str__(self) -> str:
        return f"{self.user_id}, {'on' if self.confirmed_at else 'not confirmed'}"


class Export(models.Model):
    """All that the service holds of a user, as he ordered it; its file has no name until it is made."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    due_at = models.DateTimeField(default=now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["name", "due_at"], name="accounts_export_due")]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.name or 'ordered'}"


class AccountsRequest(KnownRequest):
    """What was posted to /auth and /me with an Idempotency-Key."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="accounts_request_once")]


class AccountsMessage(OutboxMessage):
    """What the other databases have yet to learn of accounts."""
