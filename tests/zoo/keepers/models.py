"""A user model of the project's own."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class Keeper(AbstractUser):
    """Replaces auth.User; its key is a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    motto = models.TextField(blank=True)
