from django.db import models


class Label(models.Model):
    text = models.CharField(max_length=20, unique=True)


class Sheet(models.Model):
    labels = models.ManyToManyField(Label)
