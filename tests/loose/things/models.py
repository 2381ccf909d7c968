"""Children of people in another database, and children of theirs."""

from __future__ import annotations

from django.db import models

import outgrow


class Note(models.Model):
    person = outgrow.LooseForeignKey("people.Person", on_delete=outgrow.CASCADE, related_name="notes")
    text = models.CharField(max_length=40, blank=True)


class Remark(models.Model):
    """An ordinary child of a loose child."""

    note = models.ForeignKey(Note, models.CASCADE, related_name="remarks")


class Seal(models.Model):
    """What keeps a note from being deleted."""

    note = models.ForeignKey(Note, models.PROTECT)


class Task(models.Model):
    person = outgrow.LooseForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True)


class Bill(models.Model):
    person = outgrow.LooseForeignKey("people.Person", on_delete="CASCADE", to_field="number", related_name="+")


class Badge(models.Model):
    team = outgrow.LooseForeignKey("people.Team", on_delete=models.CASCADE)


class Login(models.Model):
    device = outgrow.LooseForeignKey("people.Device", on_delete=outgrow.SET_NULL, null=True)
