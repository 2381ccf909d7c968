"""A club whose members are users; its migrations add, alter and rename keys in every way."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models


class Room(models.Model):
    name = models.CharField(max_length=40)
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)


class Person(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    backer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True)
    leader = models.ForeignKey("self", models.SET_NULL, null=True)
    home = models.ForeignKey(Room, models.SET_NULL, null=True)
    rooms = models.ManyToManyField(Room, related_name="+")
    groups = models.ManyToManyField(Group)

    class Meta:
        unique_together = [("name", "user")]
