"""The one field that needs Pillow."""

from django.db import models


class Picture(models.Model):
    """An image and the columns that its field fills."""

    image = models.ImageField(upload_to="pictures", width_field="width", height_field="height", blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
