"""Parents by each kind of key, and one child of a thing."""

from __future__ import annotations

import uuid

from django.db import models

import outgrow


class Firm(models.Model):
    name = models.CharField(max_length=40)


class Person(models.Model):
    name = models.CharField(max_length=40)
    number = models.IntegerField(unique=True, null=True)
    firm = models.ForeignKey(Firm, models.CASCADE, null=True)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    code = models.CharField(max_length=20, primary_key=True)


class Device(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)


class Echo(models.Model):
    """A child, over there, of a child here."""

    note = outgrow.LooseForeignKey("things.Note", outgrow.CASCADE, related_name="echoes")
